"""Lost requests and lost replies: what happens to the service, what the caller is told, and what the diary says."""

from __future__ import annotations

import contextlib

import pytest

import azfiles
from azfiles_sim import Dropped, ManualClock, Reply, Request, Simulator
from azfiles_sim.faults import Call, Faulty, FixedPlan, LoseReply, LoseRequest, SeededPlan


def call(number, name=""):
    return Call(number, name, Request("GET", "/"))


def connect(simulator, plan):
    faulty = Faulty(simulator.handle, plan)
    return azfiles.connect(faulty.handle, clock=ManualClock(), seed=1, retry=None), faulty


def only(number, outcome):
    return lambda one: outcome if one.number == number else None


@pytest.mark.parametrize(("outcome", "there"), [(LoseRequest(), False), (LoseReply(), True)])
def test_a_lost_request_never_arrives_and_a_lost_reply_hides_what_was_done(outcome, there):
    simulator = Simulator(clock=ManualClock())
    service, faulty = connect(simulator, only(1, outcome))
    with pytest.raises(azfiles.TransportError) as caught:
        service.share("data").create()
    assert caught.value.sent
    names = [share.name for share in service.list_shares()]
    assert names == (["data"] if there else [])
    assert faulty.calls == 2
    (entry,) = faulty.diary
    assert (entry.number, entry.request, entry.outcome) == (1, "PUT /data restype=share", outcome)
    assert str(entry).endswith(f"PUT /data restype=share: {outcome}")


def test_a_drop_says_whether_the_command_took_effect():
    simulator = Simulator()
    for outcome in (LoseRequest(), LoseReply()):
        answer = Faulty(simulator.handle, lambda _, each=outcome: each).handle(Request("GET", "/"))
        assert answer == Dropped(applied=False)  # refused: nobody signed it
    made = Faulty(lambda *_: Reply(201, "Created"), lambda _: LoseReply()).handle(Request("PUT", "/"))
    assert made == Dropped(applied=True)


def test_the_diary_tells_no_signature():
    faulty = Faulty(Simulator().handle, lambda _: LoseRequest())
    faulty.handle(Request("GET", "/data/f?comp=range&sv=2026&sig=secret", (("X-Ms-Client-Request-Id", "me"),)))
    assert str(faulty.diary[0]) == "#1 (me) GET /data/f comp=range: request lost"


def test_the_same_seed_keeps_the_same_diary_and_another_one_another():
    def diary(seed):
        service, faulty = connect(Simulator(clock=ManualClock()), SeededPlan(seed, 0.2, 0.2))
        for number in range(40):
            with contextlib.suppress(azfiles.TransportError):
                service.share(f"data{number}").create()
        return [str(entry).partition(") ")[2] for entry in faulty.diary]

    assert diary(1) == diary(1)
    assert diary(1) != diary(2)


@pytest.mark.parametrize("by_name", [True, False])
def test_a_seeded_plan_holds_its_rates(by_name):
    plan = SeededPlan(7, lost_requests=0.3, lost_replies=0.1, by_name=by_name)
    drawn = [plan(call(number, str(number))) for number in range(4000)]
    assert 0.27 < drawn.count(LoseRequest()) / 4000 < 0.33
    assert 0.08 < drawn.count(LoseReply()) / 4000 < 0.12


def test_by_name_a_request_keeps_its_fate_whatever_came_before():
    plan = SeededPlan(7, 0.5, 0.2, by_name=True)
    assert [plan(call(number, "2.1.1")) for number in range(20)] == [plan(call(99, "2.1.1"))] * 20
    assert len({plan(call(1, str(name))) for name in range(20)}) > 1


def test_a_fixed_plan_names_exactly_its_calls():
    plan = FixedPlan({"2.1.1": LoseReply()})
    assert [plan(call(1, name)) for name in ("2.1.1", "2.1.2", "")] == [LoseReply(), None, None]


@pytest.mark.parametrize("rates", [(-0.1, 0.5), (0.6, 0.5)])
def test_rates_that_are_none_are_refused(rates):
    with pytest.raises(ValueError, match="rates are from 0 to 1"):
        SeededPlan(1, *rates)
