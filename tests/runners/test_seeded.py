from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azfiles.errors import InvalidArgument, TransportError
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
from azfiles.messages import Request
from azfiles.runners.answers import FlowCancelled
from azfiles.runners.seeded import SeededRunner
from tests.runners.scripted import Book, ask, ask_then_tidy, failing


class Hand:
    def __init__(self, seconds=1_000_000.0):
        self.seconds = seconds

    def time(self):
        return self.seconds

    def advance(self, seconds):
        self.seconds += seconds


class Coarse(Hand):
    """A clock that drops what is smaller than a millisecond."""

    def advance(self, seconds):
        self.seconds += int(seconds * 1000) / 1000


class Bearer:
    token = "abc"


class Credential:
    def get_token(self, *scopes, **_):
        return Bearer()


def run(flow, transport=None, seed=0, clock=None):
    return SeededRunner(transport or Book(), seed=seed, clock=clock or Hand()).run(flow)


def one(effect):
    return (yield effect)


def test_a_flow_gets_the_answers_to_its_effects():
    source = [7]

    def flow():
        return (
            (yield from ask("a")),
            (yield from token(Credential(), "scope")),
            (yield Item(source)),
            (yield Item(source)),
        )

    assert run(flow()) == ("a", "abc", 7, None)


def test_time_is_the_virtual_clocks_and_sleeping_moves_it():
    def flow():
        before = yield from monotonic()
        yield from sleep(3600.0)
        return before, (yield from monotonic()), (yield from wall_clock())

    assert run(flow()) == (1_000_000.0, 1_003_600.0, datetime(1970, 1, 12, 14, 46, 40, tzinfo=UTC))


def test_a_clock_that_cannot_stop_exactly_where_asked_still_wakes_the_sleeper():
    clock = Coarse()

    def flow():
        yield from sleep(0.0005)
        return "awake"

    assert run(flow(), clock=clock) == "awake"


def test_sleepers_wake_in_the_order_of_their_time_whatever_the_seed():
    for seed in range(20):
        order = []

        def sleeper(seconds):
            yield from sleep(seconds)
            order.append(seconds)  # noqa: B023 - every seed has its own list

        run(gather([sleeper(30.0), sleeper(10.0), sleeper(20.0)], 3), seed=seed)
        assert order == [10.0, 20.0, 30.0]


def test_time_that_passes_for_one_branch_passes_for_all():
    def flow():
        yield from sleep(10.0)
        return (yield from monotonic())

    assert run(gather([flow(), flow(), flow()], 3)) == [1_000_010.0] * 3


def test_ids_come_from_the_seed_and_are_random_guids():
    first, second = run(new_id(), seed=5), run(new_id(), seed=5)
    assert first == second != run(new_id(), seed=6)
    assert uuid.UUID(first).version == 4


@given(st.integers())
def test_the_same_seed_gives_the_same_trace(seed):
    def branch(name):
        for number in range(3):
            yield from ask(f"{name}{number}")
            yield from sleep(number * 0.1)

    def traced():
        runner = SeededRunner(Book(), seed=seed, clock=Hand())
        runner.run(gather([branch("a"), branch("b"), branch("c")], 2))
        return list(runner.trace)

    first = traced()
    assert first == traced()
    assert len(first) == 19


def test_seeds_reach_every_interleaving_of_two_branches():
    def branch(name):
        yield from ask(name)
        yield from ask(name)

    seen = set()
    for seed in range(200):
        book = Book()
        run(gather([branch("a"), branch("b")], 2), book, seed)
        seen.add("".join(book.names))
    assert seen == {"aabb", "abab", "abba", "baab", "baba", "bbaa"}


@given(st.integers(), st.integers(1, 5))
def test_no_more_branches_run_at_once_than_the_limit_and_results_keep_their_order(seed, limit):
    inside, most = [0], [0]

    def branch(number):
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        yield from ask("x")
        inside[0] -= 1
        return number

    assert run(gather([branch(number) for number in range(8)], limit), seed=seed) == list(range(8))
    assert most[0] <= limit


def test_gathering_nothing_gives_nothing():
    assert run(gather([], 4)) == []


def test_a_limit_below_one_is_refused():
    with pytest.raises(InvalidArgument, match="at least 1"):
        run(gather([ask("a")], 0))


def test_an_unknown_effect_is_an_error_that_names_it():
    with pytest.raises(TypeError, match="seeded runner does not know the effect str"):
        run(one("nonsense"))


@given(st.integers())
def test_the_first_error_ends_the_other_branches_and_their_cleanup_is_carried_out(seed):
    book = Book(failing)

    def endless(name):
        try:
            while True:
                yield Sleep(1.0)
        finally:
            yield Sleep(5.0)
            yield Gather([ask(name), ask(name)], 1)

    def failer():
        yield Sleep(2.5)
        yield from ask("bad")

    flows = [endless("one"), failer(), endless("two"), ask("never")]
    with pytest.raises(TransportError, match="gone"):
        run(gather(flows, 3), book, seed)
    assert sorted(book.names) == ["bad", "one", "one", "two", "two"]


@given(st.integers())
def test_the_end_of_an_outer_gathering_reaches_the_branches_of_inner_ones(seed):
    book = Book(failing)

    def sleeper(name):
        try:
            yield Sleep(3600.0)
        finally:
            yield from ask(name)

    def inner():
        try:
            yield Gather([sleeper("one"), sleeper("two")], 2)
        finally:
            yield from ask("after")

    def failer():
        yield Sleep(1.0)
        yield from ask("bad")

    with pytest.raises(TransportError, match="gone"):
        run(gather([inner(), failer()], 2), book, seed)
    assert book.names[0] == "bad"
    assert sorted(book.names[1:3]) == ["one", "two"]
    assert book.names[3:] == ["after"]


@given(st.integers())
def test_an_inner_gathering_that_is_failing_already_does_not_save_its_owner(seed):
    book = Book(failing)

    def slow_to_tidy():
        try:
            yield Sleep(3600.0)
        finally:
            yield Sleep(100.0)

    def failer_inside():
        yield Sleep(1.0)
        yield from ask("bad inner")

    def inner():
        try:
            yield Gather([slow_to_tidy(), failer_inside()], 2)
        except TransportError:
            yield from ask("carried on")

    def failer():
        yield Sleep(50.0)
        yield from ask("bad outer")

    with pytest.raises(TransportError, match="gone"):
        run(gather([inner(), failer()], 2), book, seed)
    assert "carried on" not in book.names


@given(st.integers())
def test_errors_of_the_flow_itself_reach_the_caller(seed):
    with pytest.raises(TransportError, match="gone"):
        run(ask_then_tidy("bad", "tidy"), Book(failing), seed)


def test_a_request_in_flight_when_its_branch_is_ended_may_or_may_not_arrive():
    endings = set()
    for seed in range(60):
        book = Book(failing)

        def slow():
            yield from ask("early")
            yield from ask("bad late")

        with pytest.raises(TransportError, match="gone"):
            run(gather([slow(), ask("bad")], 2), book, seed)
        endings.add(tuple(book.names))
    never, cut, arrived = ("bad",), ("early", "bad"), ("early", "bad", "bad late")
    assert {never, cut, arrived} <= endings


def test_a_branch_that_swallows_its_cancellation_changes_nothing():
    def stubborn():
        try:
            yield Sleep(3600.0)
        except FlowCancelled:
            return "fine"

    with pytest.raises(TransportError, match="gone"):
        run(gather([stubborn(), ask("bad")], 2), Book(failing))


def test_the_trace_tells_what_was_done_and_shows_no_secret():
    runner = SeededRunner(Book(), seed=1, clock=Hand())

    def flow() -> Flow[None]:
        yield Send(Request("GET", "/data/f?sv=1&sig=SECRET"), 1.0)

    runner.run(flow())
    assert [step.effect for step in runner.trace] == ["Send GET /data/f?sv=1&sig=REDACTED"]


def test_closing_a_runner_closes_its_transport():
    book = Book()
    runner = SeededRunner(book, seed=3, clock=Hand())
    runner.close()
    assert book.closed
    assert "seed=3" in repr(runner)
