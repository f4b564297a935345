"""File objects, work that takes its time, and branches that wait for each other: alike in every runner."""

from __future__ import annotations

import io
import threading

import anyio
import pytest

from azfiles.errors import InvalidArgument, TransportError
from azfiles.flows.effects import (
    Gather,
    Item,
    Sleep,
    Until,
    Work,
    gather,
    on_disk,
    read_into,
    sleep,
    until,
    write_all,
)
from azfiles.flows.turns import Mutex, Order
from azfiles.runners.asynchronous import AsyncRunner
from azfiles.runners.blocking import BlockingRunner
from azfiles.runners.disk import LOCAL_DISK
from azfiles.runners.seeded import SeededRunner
from tests.runners.scripted import Book, ask, failing


class Hand:
    seconds = 0.0

    def time(self):
        return self.seconds

    def advance(self, seconds):
        self.seconds += seconds


def blocking(flow, transport=None, **options):
    return BlockingRunner(transport or Book(), **options).run(flow)


def seeded(flow, transport=None, seed=0, **options):
    return SeededRunner(transport or Book(), seed=seed, clock=Hand(), **options).run(flow)


def under(backend):
    def run(flow, transport=None, **options):
        async def main():
            with anyio.fail_after(30):
                return await AsyncRunner(transport or Book(), **options).run(flow)

        return anyio.run(main, backend=backend)

    return run


RUNNERS = {"blocking": blocking, "seeded": seeded, "asyncio": under("asyncio"), "trio": under("trio")}
AWAITED = {name: RUNNERS[name] for name in ("asyncio", "trio")}


@pytest.fixture(params=RUNNERS)
def run(request):
    return RUNNERS[request.param]


@pytest.fixture(params=AWAITED)
def run_awaited(request):
    return AWAITED[request.param]


@pytest.fixture(params=["blocking", "seeded"])
def run_blocking(request):
    return RUNNERS[request.param]


# --- file objects ----------------------------------------------------------------------------------------------------


class OnlyReads:
    """A file object that cannot fill a buffer itself."""

    def __init__(self, data):
        self.source = io.BytesIO(data)

    def read(self, size):
        return self.source.read(size)


class Awaited:
    """An async file object; ``readinto`` only where asked for."""

    def __init__(self, data, *, fills):
        self.source, self.taken = io.BytesIO(data), []
        if fills:
            self.readinto = self._readinto

    async def read(self, size):
        await anyio.lowlevel.checkpoint()
        return self.source.read(size)

    async def _readinto(self, buffer):
        await anyio.lowlevel.checkpoint()
        return self.source.readinto(buffer)

    async def write(self, data):
        await anyio.lowlevel.checkpoint()
        self.taken.append(bytes(data[:2]))
        return len(data[:2])


def read_all(source, size=2):
    buffer, parts = bytearray(size), []
    while count := (yield from read_into(source, memoryview(buffer))):
        parts.append(bytes(buffer[:count]))
    return parts


@pytest.mark.parametrize("source", [io.BytesIO, OnlyReads, lambda data: io.BufferedReader(io.BytesIO(data))])
def test_a_file_object_is_read_into_the_flows_buffer_until_nothing_comes(run, source):
    assert run(read_all(source(b"abc"))) == [b"ab", b"c"]


@pytest.mark.parametrize("fills", [True, False])
def test_an_async_file_object_is_awaited(run_awaited, fills):
    assert run_awaited(read_all(Awaited(b"abc", fills=fills))) == [b"ab", b"c"]


def test_an_async_file_object_is_refused_where_nobody_can_await_it(run_blocking):
    for flow in (read_all(Awaited(b"abc", fills=False)), write_all(Awaited(b"", fills=False), b"abc")):
        with pytest.raises(InvalidArgument, match="connect_async"):
            run_blocking(flow)


class Greedy:
    def read(self, size):
        return bytes(size + 1)


@pytest.mark.parametrize(
    ("source", "match"), [(io.StringIO("abc"), "for reading bytes"), (Greedy(), "3 bytes where 2")]
)
def test_what_gives_text_or_more_than_was_asked_for_is_refused(run, source, match):
    with pytest.raises(InvalidArgument, match=match):
        run(read_all(source))


class Slow:
    """Takes two bytes at a time, as a raw file may; and says nothing at all where it is ``silent``."""

    def __init__(self, *, silent=False):
        self.taken, self.silent = [], silent

    def write(self, data):
        self.taken.append(bytes(data if self.silent else data[:2]))
        return None if self.silent else len(data[:2])


def test_all_is_written_however_little_a_file_object_takes_at_once(run):
    slow, silent = Slow(), Slow(silent=True)
    run(write_all(slow, b"abcde"))
    run(write_all(silent, memoryview(b"abc")))
    assert (slow.taken, silent.taken) == ([b"ab", b"cd", b"e"], [b"abc"])


def test_an_async_file_object_is_written_to(run_awaited):
    target = Awaited(b"", fills=False)
    run_awaited(write_all(target, b"abc"))
    assert target.taken == [b"ab", b"c"]


# --- work ------------------------------------------------------------------------------------------------------------


def test_work_is_called_with_the_runners_disk_and_its_result_comes_back(run):
    assert run(on_disk("look", lambda disk: disk)) is LOCAL_DISK
    disk = object()
    assert run(on_disk("look", lambda found: found), disk=disk) is disk


def test_the_error_of_work_is_thrown_into_the_flow(run):
    def flow():
        try:
            yield Work("open", lambda disk: disk.open_to_read("/nowhere/at/all"))
        except FileNotFoundError:
            return "not there"

    assert run(flow()) == "not there"


def test_work_does_not_hold_up_the_event_loop(run_awaited):
    let_go = threading.Event()

    def branch():
        yield from sleep(0.0)
        let_go.set()

    assert run_awaited(gather([on_disk("wait", lambda _: let_go.wait(10)), branch()], 2)) == [True, None]


def test_a_trace_names_the_work():
    runner = SeededRunner(Book(), seed=0, clock=Hand())
    runner.run(on_disk("open", lambda _: None))
    assert [step.effect for step in runner.trace] == ["Work open"]


# --- waiting for each other ------------------------------------------------------------------------------------------


def test_a_branch_waits_until_what_another_does_makes_its_condition_hold(run):
    state = []

    def first():
        yield from until(lambda: len(state) == 2)
        return list(state)

    def second():
        for name in "ab":
            yield from ask(name)
            state.append(name)

    assert run(gather([first(), second()], 2)) == [["a", "b"], None]


def test_the_last_step_of_a_branch_counts_too(run):
    done = []

    def first():
        yield from until(lambda: bool(done))
        return "seen"

    def second():
        yield from ask("a")
        done.append(True)
        raise StopAsyncIteration  # whichever way it ends

    def guarded():
        try:
            yield Gather([second()], 1)
        except StopAsyncIteration:
            return "ended"

    assert run(gather([first(), guarded()], 2)) == ["seen", "ended"]


def test_a_condition_that_holds_already_is_no_wait(run):
    assert run(until(lambda: True)) is None


def test_an_error_in_a_condition_is_the_waiting_flows(run):
    with pytest.raises(ZeroDivisionError):
        run(until(lambda: 1 // 0))


def test_a_branch_that_waits_is_ended_by_the_error_of_another(run):
    book, tidied = Book(failing), []

    def waiting():
        try:
            yield Until(lambda: False)
        finally:
            yield from ask("tidy")
            tidied.append(True)

    def failer():
        yield Item(iter(["a moment"]))
        yield from ask("bad")

    with pytest.raises(TransportError, match="gone"):
        run(gather([waiting(), failer()], 2), book)
    assert tidied == [True]
    assert book.names == ["bad", "tidy"]


def test_branches_that_all_wait_for_each_other_are_found_by_the_seeded_runner():
    with pytest.raises(RuntimeError, match="wait for each other"):
        seeded(gather([until(lambda: False), until(lambda: False)], 2))


def test_a_mutex_lets_one_through_at_a_time(run):
    mutex, inside, most = Mutex(), [0], [0]

    def careful():
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        yield from ask("x")
        yield Sleep(0.0)
        inside[0] -= 1
        return "done"

    assert run(gather([mutex.holding(careful()) for _ in range(8)], 8)) == ["done"] * 8
    assert most == [1]


def test_an_error_gives_the_mutex_back(run):
    mutex = Mutex()

    def flow():
        try:
            yield from mutex.holding(ask("bad"))
        except TransportError:
            return (yield from mutex.holding(ask("good")))

    assert run(flow(), Book(failing)) == "good"


def test_turns_come_in_the_order_of_their_numbers_whatever_the_order_of_arrival(run):
    order, came = Order(), []

    def note(number):
        came.append(number)
        yield from ask(str(number))

    def branch(number):
        for _ in range(5 - number):
            yield from ask("first something else")
        yield from order.turn(number, note(number))

    run(gather([branch(number) for number in range(5)], 5))
    assert came == [0, 1, 2, 3, 4]
