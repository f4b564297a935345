"""How a transfer yields to a busy service: the value first, then a transfer through a service that bears only so much."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import azfiles
from azfiles.core import ranges
from azfiles.flows.call import call
from azfiles.flows.effects import Gather, Send, Sleep, through
from azfiles.flows.health import Health
from azfiles.flows.throttling import UNLIMITED, Congestion, answered, has_room, throttled
from azfiles.flows.uploading import upload
from azfiles_sim import ManualClock, Simulator
from azfiles_sim.messages import Reply
from tests.flows.feeding import NOW, target
from tests.proof import some


def test_nothing_is_limited_before_the_service_is_first_busy():
    assert answered(Congestion()) == Congestion()
    assert has_room(Congestion(), 0)
    assert not has_room(Congestion(), int(UNLIMITED))


def test_the_first_refusal_halves_what_was_under_way_and_a_burst_of_them_does_so_once():
    busy = throttled(Congestion(), 16, sent_at_s=1.0, now_s=2.0)
    assert busy.limit == 8
    assert throttled(busy, 16, sent_at_s=1.5, now_s=2.1) == busy
    assert throttled(busy, 16, sent_at_s=2.0, now_s=3.0).limit == 4


def test_a_round_of_good_answers_adds_about_one_and_in_the_end_nothing_is_limited():
    congestion = Congestion(limit=8.0)
    for _ in range(8):
        congestion = answered(congestion)
    assert congestion.limit == pytest.approx(9.0, abs=0.1)
    congestion = Congestion(limit=UNLIMITED - 1)
    for _ in range(int(UNLIMITED)):
        congestion = answered(congestion)
    assert congestion.limit == UNLIMITED


@given(st.lists(st.sampled_from(["enter", "leave", "answered", "throttled"]), max_size=200))
def test_one_may_always_be_under_way_and_never_more_than_the_limit_when_it_entered(steps):
    congestion, under_way, now_s = Congestion(limit=4.0), 0, 0.0
    for step in steps:
        now_s += 1.0
        if step == "enter":
            admitted = has_room(congestion, under_way)
            assert admitted == (under_way < max(1, int(congestion.limit)))
            under_way += admitted
        elif step == "leave" and under_way:
            under_way -= 1
        elif step == "answered":
            congestion = answered(congestion)
        elif step == "throttled":
            congestion = throttled(congestion, under_way, sent_at_s=now_s, now_s=now_s)
        assert 1 <= congestion.limit <= UNLIMITED


TAKES_S = 1.0


def slowly(flow):
    """The flow with each of its requests, and those of its branches, taking a time before it goes on."""

    def perform(effect):
        if isinstance(effect, Gather):
            effect = Gather([slowly(each) for each in effect.flows], effect.limit)
        try:
            return (yield effect)
        finally:
            if isinstance(effect, Send):
                yield Sleep(TAKES_S)

    return through(flow, perform)


class Narrow:
    """A service that takes ``TAKES_S`` for each request that it answers, and is busy where more than ``bears`` overlap."""

    def __init__(self, bears, seed):
        self.clock = ManualClock()
        self.simulator = Simulator(clock=self.clock)
        self.bears = bears
        self.recent = []
        self.refused = self.answered = 0
        self.client = azfiles.connect(self.handle, clock=self.clock, seed=seed, retry=azfiles.RetryPolicy(attempts=30))

    def handle(self, request):
        now = self.clock.time()
        self.recent = [when for when in self.recent if when > now - TAKES_S]
        if len(self.recent) >= self.bears:
            self.refused += 1
            return Reply(503, "Busy", (("x-ms-error-code", "ServerBusy"),))
        self.recent.append(now)
        self.answered += 1
        return self.simulator.handle(request)


@pytest.mark.parametrize("seed", some(range(3), 1))
def test_a_transfer_through_a_busy_service_comes_to_its_end_with_few_refusals(seed):
    narrow = Narrow(4, seed)
    share = narrow.client.share("data")
    share.create()
    data = bytes(range(256)) * 32
    target = share.file("f").target
    narrow.client.runner.run(slowly(upload(target, data, range_size=64, concurrency=32)))
    state = narrow.client.target.session.health.state
    assert state.under_way == 0
    assert state.congestion.limit < 32
    assert narrow.answered >= 128
    assert narrow.refused < narrow.answered / 2
    narrow.clock.advance(10)
    assert bytes(share.file("f").get().content) == data


def test_a_request_for_which_no_room_comes_up_in_time_is_not_sent():
    narrow = Narrow(1, 1)
    share = narrow.client.share("data")
    share.create()
    share.file("f").create(1)
    health = narrow.client.target.session.health
    assert health.enter()
    health.throttled(sent_at_s=0.0, now_s=1.0)
    before, answered_before = narrow.clock.time(), narrow.answered
    file = share.file("f").with_retry(azfiles.RetryPolicy(deadline_s=30.0))
    with pytest.raises(azfiles.TransportError, match="busy") as caught:
        file.put_range(0, b"x")
    assert not caught.value.sent
    assert narrow.answered == answered_before
    assert narrow.clock.time() - before == pytest.approx(30.0, abs=1.0)


def test_a_request_that_is_cancelled_gives_its_room_back():
    health = Health(nullcontext())
    session = replace(target().session, health=health)
    flow = call(session, ranges.put_range("data", ("f",), 0, b"x"))
    answers = {"Monotonic": 0.0, "WallClock": NOW, "NewId": "00000000-0000-4000-8000-000000000000"}
    effect = next(flow)
    while not isinstance(effect, Send):
        effect = flow.send(answers[type(effect).__name__])
    assert health.state.under_way == 1
    flow.close()
    assert health.state.under_way == 0
