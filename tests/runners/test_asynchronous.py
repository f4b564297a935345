from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import anyio
import pytest
import trio

from azfiles.errors import InvalidArgument, RequestNotSent, TransportError
from azfiles.flows.effects import (
    Flow,
    Gather,
    Item,
    Send,
    Sleep,
    gather,
    monotonic,
    new_id,
    sleep,
    token,
    wall_clock,
)
from azfiles.runners.asynchronous import AsyncRunner
from tests.runners.scripted import Book, ask, failing, request

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param


class Bearer:
    token = "abc"


class AsyncCredential:
    async def get_token(self, *scopes, **_):
        await anyio.lowlevel.checkpoint()
        return Bearer()


class BlockingCredential:
    def get_token(self, *scopes, **_):
        return Bearer()


class AwaitableCredential:
    """Its method is a plain function that returns something to await."""

    def get_token(self, *scopes, **_):
        return AsyncCredential().get_token(*scopes)


class Nothing:
    def get_token(self, *scopes, **_):
        return None


async def run(flow, transport=None):
    return await AsyncRunner(transport or Book()).run(flow)


def one(effect):
    return (yield effect)


async def test_a_flow_gets_the_answer_to_its_request_and_returns_its_own_result():
    assert await run(ask("a")) == "a"


async def test_a_transport_error_is_thrown_into_the_flow_that_can_go_on():
    def flow() -> Flow[str]:
        try:
            return (yield from ask("bad"))
        except TransportError:
            return (yield from ask("good"))

    assert await run(flow(), Book(failing)) == "good"


async def test_time_and_ids_come_from_the_machine():
    def flow():
        before = yield from monotonic()
        yield from sleep(0.0)
        return (yield from new_id()), before, (yield from monotonic()), (yield from wall_clock())

    guid, before, after, now = await run(flow())
    assert str(uuid.UUID(guid)) == guid
    assert after >= before
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)


@pytest.mark.parametrize("credential", [AsyncCredential(), BlockingCredential(), AwaitableCredential()])
async def test_a_token_comes_from_an_async_credential_as_from_a_blocking_one(credential):
    assert await run(token(credential, "scope")) == "abc"


async def test_a_credential_without_a_token_is_refused():
    with pytest.raises(RequestNotSent, match="without a token"):
        await run(token(Nothing(), "scope"))


async def numbers():
    for number in (1, 2):
        yield number


@pytest.mark.parametrize("source", [lambda: [1, 2], lambda: iter([1, 2]), lambda: (n for n in (1, 2)), numbers])
async def test_items_of_any_iterable_come_one_after_another_and_then_none(source):
    source = source()

    def flow():
        return [(yield Item(source)), (yield Item(source)), (yield Item(source))]

    assert await run(flow()) == [1, 2, None]


async def test_something_that_is_no_iterable_is_refused():
    with pytest.raises(InvalidArgument, match="neither"):
        await run(one(Item(7)))


async def test_an_unknown_effect_is_an_error_that_names_it():
    with pytest.raises(TypeError, match="async runner does not know the effect str"):
        await run(one("nonsense"))


async def test_gathered_results_come_in_the_order_of_the_flows():
    assert await run(gather([ask(str(number)) for number in range(20)], 4)) == [str(number) for number in range(20)]
    assert await run(gather([], 4)) == []


async def test_a_limit_below_one_is_refused():
    with pytest.raises(InvalidArgument, match="at least 1"):
        await run(gather([ask("a")], 0))


class Meeting(Book):
    """Answers when ``count`` requests are here at once."""

    def __init__(self, count):
        super().__init__()
        self.count, self.inside, self.most, self.event = count, 0, 0, anyio.Event()

    async def send_async(self, request, timeout_s):
        self.inside += 1
        self.most = max(self.most, self.inside)
        if self.inside == self.count:
            self.event.set()
        with anyio.fail_after(10):
            await self.event.wait()
        self.inside -= 1
        return self.send(request, timeout_s)


async def test_branches_run_side_by_side_up_to_the_limit():
    meeting = Meeting(3)
    await run(gather([ask(str(number)) for number in range(3)], 3), meeting)
    assert meeting.most == 3
    alone = Meeting(1)
    await run(gather([ask(str(number)) for number in range(3)], 1), alone)
    assert alone.most == 1


class Hanging(Book):
    """Never answers requests named ``hang``, and says when it has one."""

    def __init__(self):
        super().__init__(failing)
        self.hanging = anyio.Event()

    async def send_async(self, request, timeout_s):
        if request.target == "/hang":
            self.names.append("hang")
            self.hanging.set()
            await anyio.sleep_forever()
        elif request.target.startswith("/bad"):
            await self.hanging.wait()
        else:
            await anyio.lowlevel.checkpoint()  # where a cancellation would be noticed
        return self.send(request, timeout_s)


def hold(tidy: str) -> Flow[None]:
    """Hangs, and gives back what it holds when it is told to end."""
    try:
        yield Send(request("hang"), 1.0)
    finally:
        yield Sleep(0.0)
        yield Gather([ask(tidy)], 1)


async def test_the_first_error_ends_the_other_branches_and_their_cleanup_is_carried_out():
    transport = Hanging()
    with pytest.raises(TransportError, match="gone"):
        await run(gather([hold("released"), ask("bad"), ask("never")], 2), transport)
    assert transport.names == ["hang", "bad", "released"]


async def test_the_end_of_an_outer_gathering_reaches_the_branches_of_inner_ones():
    transport = Hanging()

    def inner():
        yield Gather([hold("one"), hold("two")], 2)

    with pytest.raises(TransportError, match="gone"):
        await run(gather([inner(), ask("bad")], 2), transport)
    assert sorted(transport.names) == ["bad", "hang", "hang", "one", "two"]


async def test_a_cancelled_scope_ends_the_flow_after_its_cleanup():
    transport = Hanging()
    async with anyio.create_task_group() as group:
        group.start_soon(AsyncRunner(transport).run, hold("released"))
        await transport.hanging.wait()
        group.cancel_scope.cancel()
    assert transport.names == ["hang", "released"]


async def test_a_flow_that_swallows_its_cancellation_is_ended_all_the_same():
    transport = Hanging()
    went_on = []

    def stubborn():
        try:
            yield Send(request("hang"), 1.0)
        except BaseException:  # noqa: BLE001 - a flow that does what it must not
            return "not yet"

    async def task():
        await AsyncRunner(transport).run(stubborn())
        went_on.append(True)

    async with anyio.create_task_group() as group:
        group.start_soon(task)
        await transport.hanging.wait()
        group.cancel_scope.cancel()
    assert went_on == []


async def test_a_task_cancelled_by_the_event_loop_itself_gives_back_what_it_holds(anyio_backend):
    if anyio_backend == "trio":
        transport = Hanging()
        with trio.CancelScope() as scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(AsyncRunner(transport).run, hold("released"))
                await transport.hanging.wait()
                scope.cancel()
        assert scope.cancelled_caught
    else:
        transport = Hanging()
        task = asyncio.create_task(AsyncRunner(transport).run(hold("released")))
        await transport.hanging.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert transport.names == ["hang", "released"]


async def test_closing_the_coroutine_closes_the_flow():
    closed = []

    def flow():
        try:
            yield Send(request("hang"), 1.0)
        finally:
            closed.append(True)

    coroutine = AsyncRunner(Hanging()).run(flow())
    coroutine.send(None)
    coroutine.close()
    assert closed == [True]


class Hand:
    seconds = 1000.0

    def time(self):
        return self.seconds

    def advance(self, seconds):
        self.seconds += seconds


async def test_with_a_clock_of_ones_own_time_is_read_there_and_waiting_moves_it():
    def flow():
        before = yield from monotonic()
        yield from sleep(3600.0)
        return before, (yield from monotonic()), (yield from wall_clock())

    before, after, now = await AsyncRunner(Book(), clock=Hand()).run(flow())
    assert (before, after) == (1000.0, 4600.0)
    assert now == datetime(1970, 1, 1, 1, 16, 40, tzinfo=UTC)


async def test_closing_a_runner_closes_its_transport():
    book = Book()
    runner = AsyncRunner(book)
    await runner.aclose()
    assert book.closed
    assert "Book" in repr(runner)
