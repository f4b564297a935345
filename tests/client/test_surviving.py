"""Retries and swaps through both colours of the client, threads and event loops included."""

from __future__ import annotations

import threading

import anyio
import pytest

import azfiles
from azfiles_sim.faults import Faulty, SeededPlan

RETRY = azfiles.RetryPolicy(attempts=30, budget=1e6)


@pytest.fixture
def lossy(simulator):
    return Faulty(simulator.handle, SeededPlan(11, 0.1, 0.1)).handle


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_async_client_swaps_over_a_lossy_line_under_any_event_loop(share, lossy, clock, backend):
    async def use():
        client = azfiles.connect_async(lossy, clock=clock, retry=RETRY, circuit=None)
        file = client.share("data").file("f")
        made = await file.create_new(b"0")

        async def add_one():
            await file.update(lambda content: str(int(content) + 1).encode(), wait_s=1e6)

        async with anyio.create_task_group() as group:
            for _ in range(6):
                group.start_soon(add_one)
        with pytest.raises(azfiles.EtagMismatch):
            await file.write_if(b"x", etag=made.etag)
        with pytest.raises(azfiles.AlreadyExists):
            await file.create_new(b"x")

    anyio.run(use, backend=backend)
    assert bytes(share.file("f").download()) == b"6"
    assert share.file("f").get_properties().lease.state == "available"
    assert [entry.name for entry in share.root.list()] == ["f"]


class Stuck(azfiles.InProcessTransport):
    """Waits for ever at the n-th request, which is performed before that."""

    def __init__(self, handler, at):
        super().__init__(handler)
        self.at = at
        self.sent = 0
        self.stuck = anyio.Event()

    async def send_async(self, request, timeout_s):
        self.sent += 1
        response = self.send(request, timeout_s)
        if self.sent == self.at:
            self.stuck.set()
            await anyio.sleep_forever()
        return response


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_a_task_that_is_cancelled_in_the_middle_of_a_swap_gives_its_lease_back(share, simulator, clock, backend, at):
    share.file("f").upload(b"old")

    async def use():
        transport = Stuck(simulator.handle, at)
        client = azfiles.connect_async("UseDevelopmentStorage=true", transport=transport, clock=clock)
        async with anyio.create_task_group() as group:
            group.start_soon(client.share("data").file("f").update, bytes.upper)
            await transport.stuck.wait()
            group.cancel_scope.cancel()

    anyio.run(use, backend=backend)
    assert share.file("f").get_properties().lease.state == "available"
    assert bytes(share.file("f").download()) in {b"old", b"OLD"}


def test_threads_that_share_a_client_share_its_budget_and_circuit_and_lose_no_update(share, lossy, clock):
    share.file("f").upload(b"0")
    client = azfiles.connect(lossy, clock=clock, retry=RETRY, circuit=azfiles.CircuitPolicy(failure_rate=1.0))
    file = client.share("data").file("f")

    def work():
        for _ in range(10):
            file.update(lambda content: str(int(content) + 1).encode(), wait_s=1e9)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bytes(share.file("f").download()) == b"40"
    state = client.target.session.health.state
    assert state.under_way == 0
    assert state.spent > 0


def test_a_client_that_is_told_nothing_tries_again_and_has_a_circuit(simulator, clock):
    client = azfiles.connect(simulator.handle, clock=clock)
    assert client.target.session.retry == azfiles.RetryPolicy()
    assert client.target.session.health.ask(0.0) is not None
    assert azfiles.connect_async(simulator.handle).target.session.retry == azfiles.RetryPolicy()
    without = azfiles.connect(simulator.handle, clock=clock, circuit=None)
    assert without.target.session.health.ask(0.0) is None


@pytest.mark.parametrize("connect", [azfiles.connect, azfiles.connect_async])
def test_with_retry_gives_the_same_kind_of_client_and_is_handed_on(simulator, connect):
    client = connect(simulator.handle).with_retry(None)
    share = client.share("data")
    for each in (client, share, share.root, share.directory("d").file("f"), share.snapshot("s")):
        assert each.target.session.retry is None
        again = each.with_retry(azfiles.RetryPolicy(attempts=2))
        assert type(again) is type(each)
        assert again.url == each.url
        assert again.target.session.retry.attempts == 2
    lease = share.lease("aaaaaaaa-0000-4000-8000-000000000001")
    assert lease.target.target.session.retry is None
    assert lease.with_retry(azfiles.RetryPolicy(attempts=2)).target.target.session.retry.attempts == 2


def test_a_recorded_session_with_retries_replays_the_same(simulator, clock, share, lossy, tmp_path):
    path = tmp_path / "lossy.yaml"

    def work(client):
        told = []
        for number in range(12):
            file = client.share("data").file(f"f{number}")
            told.append(file.upload(b"0123456789", range_size=4, concurrency=1).size)
            held = file.acquire_lease()
            told.append(file.put_range(0, b"x", lease_id=held.id).content_md5)
            told.append(bool(file.lease(held.id).release().etag))
            told.append(bytes(file.download()))
        return told

    known = "UseDevelopmentStorage=true"
    taped = azfiles.recording(azfiles.InProcessTransport(lossy), path, clock=clock)
    with azfiles.connect(known, transport=taped, clock=clock, retry=RETRY, circuit=None) as client:
        first = work(client)
    assert taped.unanswered
    played = azfiles.replaying(path)
    with azfiles.connect(known, transport=played, clock=played.clock, retry=RETRY, circuit=None) as client:
        assert work(client) == first


def test_errors_survive_being_pickled():
    import copy

    for error in (
        azfiles.OutcomeUnknown("who knows"),
        azfiles.CircuitOpen("open", retry_after_s=3.0),
        azfiles.EtagMismatch("another", expected='"1"', found='"2"'),
    ):
        again = copy.copy(error)
        assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
        assert again.may_have_acted == isinstance(error, azfiles.OutcomeUnknown)
