"""Whose time it is, and what a seed decides."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from freezegun import freeze_time

import azfiles
from azfiles_sim import ManualClock, Reply, Request, Simulator
from azfiles_sim.ids import SeededIds


def test_a_test_that_freezes_time_freezes_the_default_clock_too() -> None:
    with freeze_time("2024-02-29 12:00:00"), azfiles.connect(Simulator().handle) as client:
        share = client.share("data")
        share.create()
        first = share.get_properties()
        second = share.set_metadata({"a": "1"})
        assert first.last_modified == second.last_modified == datetime(2024, 2, 29, 12, tzinfo=UTC)
        assert first.etag != second.etag


def test_time_that_freezegun_moves_ends_a_lease() -> None:
    with freeze_time("2024-02-29 12:00:00") as frozen, azfiles.connect(Simulator().handle) as client:
        share = client.share("data")
        share.create()
        share.acquire_lease(15)
        frozen.tick(15)
        lease = share.get_properties().lease
        assert lease is not None
        assert lease.state == "expired"


def test_etags_differ_while_the_clock_stands_still() -> None:
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    with azfiles.connect(Simulator(clock=clock).handle, clock=clock) as client:
        share = client.share("data")
        tags = [share.create().etag, *(share.set_metadata({"n": str(n)}).etag for n in range(5))]
        assert len(set(tags)) == len(tags)


def session(seed: int) -> list[tuple[int, str, tuple[tuple[str, str], ...], bytes]]:
    """Everything that a simulator with this seed answers to one fixed program."""
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    simulator = Simulator(clock=clock, seed=seed)
    answers: list[tuple[int, str, tuple[tuple[str, str], ...], bytes]] = []

    def handle(request: Request) -> Reply:
        reply = simulator.handle(request)
        assert isinstance(reply, Reply)
        answers.append((reply.status, reply.reason, tuple(reply.headers), b"".join(reply.body)))
        return reply

    with azfiles.connect(handle, clock=clock, seed=7) as client:
        share = client.share("data")
        share.create()
        share.file("f").upload(b"x" * 5000)
        share.file("f").acquire_lease()
        share.create_snapshot()
        list(client.list_shares(include=("snapshots", "metadata")))
        share.file("f").get_properties()
    return answers


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert session(3) == session(3)


def test_another_seed_gives_other_ids() -> None:
    assert session(3) != session(4)


def test_a_fork_goes_its_own_way() -> None:
    simulator = Simulator()
    azfiles.connect(simulator.handle).share("data").create()
    other = simulator.fork()
    azfiles.connect(other.handle).share("more").create()
    azfiles.connect(simulator.handle).share("data").delete()
    assert [item.name for item in azfiles.connect(other.handle).list_shares()] == ["data", "more"]
    assert list(azfiles.connect(simulator.handle).list_shares()) == []


def test_a_reset_empties_the_simulator_and_begins_its_ids_again() -> None:
    simulator = Simulator()
    first = azfiles.connect(simulator.handle).share("data").create
    first()
    simulator.reset()
    assert list(azfiles.connect(simulator.handle).list_shares()) == []


def test_ids_go_on_where_they_were_whenever_they_are_copied() -> None:
    """Request ids are made some at a time; neither that nor GUIDs in between show in them."""
    ids, copies = SeededIds(5), []
    given: list[str] = []
    for number in range(100):
        copies.append(ids.copy())
        given.append(ids.request_id())
        if number % 7 == 0:
            ids.guid()
    assert len(set(given)) == len(given)
    for number, copy in enumerate(copies):
        assert [copy.request_id() for _ in range(100 - number)] == given[number:]
    assert [SeededIds(5, requests=number).request_id() for number in range(100)] == given


def test_no_id_is_given_twice_to_threads() -> None:
    ids = SeededIds()
    with ThreadPoolExecutor(4) as threads:
        given = [
            one for some in threads.map(lambda _: [ids.request_id() for _ in range(200)], range(8)) for one in some
        ]
    assert sorted(given) == sorted(SeededIds(requests=number).request_id() for number in range(len(given)))
