from __future__ import annotations

import contextvars
import itertools
import signal
import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from azfiles.errors import InvalidArgument, RequestNotSent, TransportError
from azfiles.flows.effects import (
    Effect,
    Flow,
    Gather,
    Item,
    Sleep,
    gather,
    monotonic,
    new_id,
    sleep,
    token,
    wall_clock,
)
from azfiles.runners.blocking import BlockingRunner
from tests.runners.scripted import Book, ask, ask_then_tidy, failing


class Bearer:
    def __init__(self, text):
        self.token = text


class Credential:
    def __init__(self, text="abc"):
        self.scopes = []
        self.text = text

    def get_token(self, *scopes, **_):
        self.scopes.extend(scopes)
        return Bearer(self.text)


class AsyncCredential:
    async def get_token(self, *scopes, **_):
        return Bearer("abc")


def run(flow, transport=None):
    return BlockingRunner(transport or Book()).run(flow)


def test_a_flow_gets_the_answer_to_its_request_and_returns_its_own_result():
    assert run(ask("a")) == "a"


def test_a_transport_error_is_thrown_into_the_flow_that_can_go_on():
    def flow() -> Flow[str]:
        try:
            return (yield from ask("bad"))
        except TransportError:
            return (yield from ask("good"))

    assert run(flow(), Book(failing)) == "good"


def test_an_error_that_no_flow_catches_reaches_the_caller():
    with pytest.raises(TransportError):
        run(ask("bad"), Book(failing))


def test_time_and_ids_come_from_the_machine():
    def flow():
        first, second = (yield from new_id()), (yield from new_id())
        before = yield from monotonic()
        yield from sleep(0.0)
        after = yield from monotonic()
        return first, second, before, after, (yield from wall_clock())

    first, second, before, after, now = run(flow())
    assert first != second
    assert str(uuid.UUID(first)) == first
    assert after >= before
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)


def test_a_token_is_asked_of_the_credential_with_its_scope():
    credential = Credential()
    assert run(token(credential, "scope")) == "abc"
    assert credential.scopes == ["scope"]


def test_an_async_credential_is_refused_and_not_left_waiting():
    with pytest.raises(InvalidArgument, match="connect_async"):
        run(token(AsyncCredential(), "scope"))


@pytest.mark.parametrize("text", [None, ""])
def test_a_credential_without_a_token_is_refused(text):
    with pytest.raises(RequestNotSent, match="without a token"):
        run(token(Credential(text), "scope"))


def one(effect: Effect):
    return (yield effect)


def test_items_of_one_iterable_come_one_after_another_and_then_none():
    source = [1, 2]

    def flow():
        return [(yield Item(source)), (yield Item(source)), (yield Item(source))]

    assert run(flow()) == [1, 2, None]


def test_branches_share_one_iterator_of_a_generator():
    source = (number for number in range(20))

    def branch():
        taken = []
        while (item := (yield Item(source))) is not None:
            taken.append(item)
        return taken

    taken = run(gather([branch() for _ in range(4)], 4))
    assert sorted(itertools.chain.from_iterable(taken)) == list(range(20))


def test_an_async_iterable_is_refused():
    async def items():
        yield 1

    with pytest.raises(InvalidArgument, match="connect_async"):
        run(one(Item(items())))


def test_an_unknown_effect_is_an_error_that_names_it():
    with pytest.raises(TypeError, match="blocking runner does not know the effect str"):
        run(one("nonsense"))  # type: ignore[arg-type]


def test_gathered_results_come_in_the_order_of_the_flows():
    assert run(gather([ask(str(number)) for number in range(20)], 4)) == [str(number) for number in range(20)]


def test_gathering_nothing_gives_nothing():
    assert run(gather([], 4)) == []


def test_a_limit_below_one_is_refused():
    with pytest.raises(InvalidArgument, match="at least 1"):
        run(gather([ask("a")], 0))


def test_branches_run_side_by_side_up_to_the_limit():
    together = threading.Barrier(3, timeout=10)
    inside, most, lock = [0], [0], threading.Lock()

    def answer(name):
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        together.wait()  # nobody gets past it unless three are here at once
        with lock:
            inside[0] -= 1
        return name

    run(gather([ask(str(number)) for number in range(9)], 3), Book(answer))
    assert most[0] == 3


def test_flows_of_one_run_never_advance_at_the_same_time():
    advancing, overlaps = threading.Lock(), []

    def branch():
        for _ in range(50):
            if not advancing.acquire(blocking=False):
                overlaps.append(True)
            else:
                advancing.release()
            yield from ask("x")

    run(gather([branch() for _ in range(4)], 4))
    assert overlaps == []


def test_the_first_error_ends_the_other_branches_and_is_the_one_that_is_raised():
    book = Book(failing)

    def endless():
        while True:
            yield Sleep(3600)

    with pytest.raises(TransportError, match="gone"):
        run(gather([endless(), ask("bad"), ask("never")], 2), book)
    assert book.names == ["bad"]


def test_a_cancelled_branch_still_carries_out_its_cleanup():
    book = Book(failing)
    holding = threading.Event()

    def holder():
        try:
            holding.set()
            yield Sleep(3600)
        finally:
            yield Sleep(0.0)
            yield Gather([ask("released")], 1)

    def failer():
        yield Item(iter(holding.wait, True))
        yield from ask("bad")

    with pytest.raises(TransportError):
        run(gather([holder(), failer()], 2), book)
    assert book.names == ["bad", "released"]


def test_the_end_of_an_outer_gathering_reaches_the_branches_of_inner_ones():
    book = Book(failing)
    asleep = threading.Semaphore(0)

    def sleeper(name):
        try:
            asleep.release()
            yield Sleep(3600)
        finally:
            yield from ask(name)

    def inner():
        yield Gather([sleeper("one"), sleeper("two")], 2)

    def failer():
        yield Item(_Waiting(asleep, 2))
        yield from ask("bad")

    with pytest.raises(TransportError):
        run(gather([inner(), failer()], 2), book)
    assert sorted(book.names) == ["bad", "one", "two"]


class _Waiting:
    """An iterable whose only item comes when ``count`` others have released the semaphore."""

    def __init__(self, semaphore, count):
        self.semaphore, self.count = semaphore, count

    def __iter__(self):
        for _ in range(self.count):
            assert self.semaphore.acquire(timeout=10)
        yield 1


def test_an_interrupt_in_the_callers_thread_ends_all_branches():
    book = Book(lambda name: KeyboardInterrupt() if name == "interrupt" else name)
    with pytest.raises(KeyboardInterrupt):
        run(gather([ask("interrupt"), ask_then_tidy("interrupt", "tidy")], 1), book)
    assert "tidy" not in book.names


@pytest.fixture
def interruptible():
    """SIGINT raises KeyboardInterrupt, also where the tests were started in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_while_waiting_for_worker_threads_ends_them_too():
    in_worker = threading.Event()
    ended = []

    def answer(name):
        if threading.current_thread() is threading.main_thread():
            in_worker.wait(10)
        else:
            in_worker.set()
        return name

    def branch():
        yield from ask("begin")
        if threading.current_thread() is threading.main_thread():
            return
        try:
            # A real signal to the main thread, as Ctrl-C sends it: it also ends a wait for a lock.
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            while True:
                yield from ask("again")
        finally:
            ended.append(True)

    with pytest.raises(KeyboardInterrupt):
        run(gather([branch(), branch()], 2), Book(answer))
    assert ended == [True]


def test_branches_see_the_callers_context_variables():
    variable = contextvars.ContextVar("variable", default="unset")
    seen = []
    book = Book(lambda name: seen.append(variable.get()))
    variable.set("set")
    run(gather([ask(str(number)) for number in range(4)], 4), book)
    assert set(seen) == {"set"}


class Hand:
    """A clock that is moved by hand."""

    def __init__(self):
        self.seconds = 1000.0

    def time(self):
        return self.seconds

    def advance(self, seconds):
        self.seconds += seconds


def test_with_a_clock_of_ones_own_time_is_read_there_and_waiting_moves_it():
    def flow():
        before = yield from monotonic()
        yield from sleep(3600.0)
        return before, (yield from monotonic()), (yield from wall_clock())

    before, after, now = BlockingRunner(Book(), clock=Hand()).run(flow())
    assert (before, after) == (1000.0, 4600.0)
    assert now == datetime(1970, 1, 1, 1, 16, 40, tzinfo=UTC)


def test_closing_a_runner_closes_its_transport():
    book = Book()
    runner = BlockingRunner(book)
    runner.close()
    assert book.closed
    assert "Book" in repr(runner)
