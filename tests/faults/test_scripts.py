"""Rules pick calls by what they ask for, by count, by chance and by time; the same calls meet the same faults."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import azfiles
from azfiles_sim import ManualClock, Request, Simulator
from azfiles_sim.faults import Call, Faulty, LoseReply, LoseRequest, Refuse, Reset, Rule, Script
from azfiles_sim.faults.recognizing import recognize
from azfiles_sim.wire.operations import OPERATIONS
from tests.faults.ground import ACCOUNT, Ground, error_of
from tests.flows.worlds import ACTS, start

LOST = LoseReply()


def call(number=1, operation="F8", path="data/f", name="", **more):
    title = OPERATIONS[operation].name
    return Call(number, name, Request("PUT", f"/{path}"), operation, title, more.pop("account", ACCOUNT), path, **more)


def outcomes(script, calls):
    """What each of the calls meets."""
    progress, found = script.begin(), []
    for one in calls:
        outcome, progress = progress.step(one)
        found.append(outcome)
    return found


def met(rule, calls, **options):
    """The numbers of the calls that meet the rule's outcome."""
    return [
        one.number for one, outcome in zip(calls, outcomes(Script((rule,), **options), calls), strict=True) if outcome
    ]


@pytest.mark.parametrize("act", ACTS, ids=str)
def test_every_operation_of_the_57_is_recognized_as_what_the_service_takes_it_for(act):
    """By the request alone, in both styles of address, with and without the service's accounts."""
    world = start().fork()
    calls = []

    def spy(one):
        calls.append(one)

    world.simulator.faults.plan = spy
    with (
        act.connect(world, world.simulator.handle, retry=None) as service,
        contextlib.suppress(azfiles.AzureFilesError),
    ):
        act.do(service, world)
    told = [entry.operation for entry in world.simulator.journal.entries()][-len(calls) :]
    known = {one.name: one.number for one in OPERATIONS.values()}
    for one, operation in zip(calls, told, strict=True):
        assert one.operation == known[operation]
        assert recognize(one.request).operation == one.operation
        styled = Request(one.request.method, f"/{act.account}{one.request.target}", _by_address(one.request.headers))
        assert recognize(styled)[:3] == (one.operation, one.title, act.account)
        assert recognize(styled).path == one.path
    assert act.number in {one.operation for one in calls}


def _by_address(headers):
    return [(name, "127.0.0.1:10004" if name.lower() == "host" else value) for name, value in headers]


@pytest.mark.parametrize("target", ["/%ff", "*", "", "/a//b"])
def test_what_cannot_be_read_is_no_operation_and_meets_only_rules_about_all(target):
    request = Request("GET", target, (("Host", "a.blob.core.windows.net"),))
    assert recognize(request).operation == ""
    unread = Call(1, "", request)
    assert met(Rule(LOST), [unread]) == [1]
    assert met(Rule(LOST, ("*",)), [unread]) == [1]
    assert met(Rule(LOST, ("F*",)), [unread]) == []


@pytest.mark.parametrize(
    ("patterns", "numbers"),
    [
        (("F8",), {"F8"}),
        (("f8", "H1"), {"F8", "H1"}),
        (("Put Range*",), {"F8", "F10"}),
        (("put range", "List Ranges"), {"F8", "F11", "F12"}),
        (("List Handles",), {"D8", "F15"}),
        (("List Handles, of a file",), {"F15"}),
        (("Lease File (break)",), {"F20"}),
        (("lease *",), {"H14", "H15", "H16", "H17", "H18", "F17", "F18", "F19", "F20"}),
        (("F1?",), {f"F1{digit}" for digit in range(10)}),
        ((), set(OPERATIONS)),
    ],
)
def test_operations_are_named_by_number_by_name_or_by_a_pattern_of_either(patterns, numbers):
    calls = [call(place, number) for place, number in enumerate(OPERATIONS)]
    assert {calls[place].operation for place in met(Rule(LOST, patterns), calls)} == numbers


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("data/f", ["data/f"]),
        ("data/*", ["data/f", "data/F.txt"]),
        ("data/**", ["data/f", "data/F.txt", "data/d/f"]),
        ("**/f", ["data/f", "data/d/f", "other/f"]),
        ("DATA/f.?xt", ["data/F.txt"]),
        ("/data/f/", ["data/f"]),
        ("data", ["data"]),
        ("", [""]),
        ("**", ["", "data", "data/f", "data/F.txt", "data/d/f", "other/f", "other/a+b[1]"]),
        ("other/a+b[1]", ["other/a+b[1]"]),
    ],
)
def test_a_path_is_a_pattern_whose_single_star_stops_at_a_slash(pattern, fits):
    paths = ["", "data", "data/f", "data/F.txt", "data/d/f", "other/f", "other/a+b[1]"]
    calls = [call(number, path=path) for number, path in enumerate(paths)]
    assert [paths[number] for number in met(Rule(LOST, path=pattern), calls)] == fits


def test_a_rule_may_be_about_one_account():
    calls = [call(1), call(2, account="other")]
    assert met(Rule(LOST, account="other"), calls) == [2]


def test_nth_counts_the_calls_that_fit():
    calls = [call(number, "F8" if number % 2 else "F2") for number in range(1, 20)]
    assert met(Rule(LOST, ("F8",), nth=(1, 3)), calls) == [1, 5]


def test_no_more_than_so_many_meet_it():
    calls = [call(number) for number in range(1, 200)]
    assert met(Rule(LOST, times=3), calls) == [1, 2, 3]
    drawn = met(Rule(LOST, times=3, probability=0.1), calls)
    assert len(drawn) == 3
    assert drawn == met(Rule(LOST, probability=0.1), calls)[:3]


def test_a_window_of_time_is_half_open():
    calls = [call(number, at_s=float(number)) for number in range(10)]
    assert met(Rule(LOST, after_s=3, until_s=6), calls) == [3, 4, 5]
    assert met(Rule(LOST, after_s=7), calls) == [7, 8, 9]


def test_the_first_rule_that_fires_decides_and_the_others_count_on():
    script = Script((Rule(LoseRequest(), nth=(2,)), Rule(LOST, nth=(2, 3))))
    assert outcomes(script, [call(number) for number in range(1, 5)]) == [None, LoseRequest(), LOST, None]


@pytest.mark.parametrize("by_name", [True, False])
def test_chance_holds_its_rates_and_rules_draw_apart(by_name):
    calls = [call(number, name=str(number)) for number in range(4000)]
    script = Script((Rule(LoseRequest(), probability=0.2), Rule(LOST, probability=0.5)), seed=7, by_name=by_name)
    counts = Counter(outcomes(script, calls))
    assert 0.18 < counts[LoseRequest()] / 4000 < 0.22
    assert 0.37 < counts[LOST] / 4000 < 0.43


def test_by_name_a_call_keeps_its_fate_whatever_came_before():
    script = Script((Rule(LOST, probability=0.5),), seed=7, by_name=True)
    first = {name: outcomes(script, [call(1, name=name)])[0] for name in map(str, range(50))}
    later = outcomes(script, [call(100 + number, name=name) for number, name in enumerate(reversed(first))])
    assert dict(zip(reversed(first), later, strict=True)) == first
    assert len(set(first.values())) == 2


RULES = st.builds(
    Rule,
    outcome=st.sampled_from([LOST, LoseRequest(), Reset(), Refuse("ServerBusy")]),
    operations=st.sampled_from([(), ("F8",), ("F*",)]),
    path=st.sampled_from([None, "data/**"]),
    nth=st.lists(st.integers(1, 5), max_size=2).map(tuple),
    probability=st.floats(0, 1),
    times=st.none() | st.integers(1, 3),
)
CALLS = st.lists(st.builds(call, operation=st.sampled_from(["F8", "F2", "H1"]), path=st.sampled_from(["data/f", "x"])))


@given(st.builds(Script, st.lists(RULES, max_size=4).map(tuple), st.integers(0, 99)), CALLS)
def test_the_same_calls_meet_the_same_and_every_bound_holds(script, made):
    calls = [replace(one, number=number) for number, one in enumerate(made, 1)]
    found = outcomes(script, calls)
    assert outcomes(script, calls) == found
    for cut in range(len(calls)):
        assert outcomes(script, calls[:cut]) == found[:cut]
    for rule in script.rules:
        if rule.times is not None and [one.outcome for one in script.rules].count(rule.outcome) == 1:
            assert found.count(rule.outcome) <= rule.times
    for one, outcome in zip(calls, found, strict=True):
        assert outcome is None or any(rule.outcome == outcome and rule.fits(one) for rule in script.rules)


@pytest.mark.parametrize(
    "options",
    [{"probability": 1.1}, {"nth": (0,)}, {"times": 0}, {"after_s": -1}, {"after_s": 5, "until_s": 5}],
    ids=str,
)
def test_a_rule_that_could_never_be_meant_is_refused(options):
    with pytest.raises(ValueError, match=next(reversed(options))):
        Rule(LOST, **options)


# --- in a simulator --------------------------------------------------------------------------------------------------


def test_time_counts_from_when_the_plan_was_set_by_the_services_clock():
    ground = Ground()
    ground.clock.advance(1000)
    ground.faults.plan = Script((Rule(LOST, after_s=10, until_s=20),))
    assert ground.file.get().content
    ground.clock.advance(10)
    assert isinstance(error_of(ground.file.get), azfiles.TransportError)
    ground.clock.advance(10)
    assert ground.file.get().content


def worked(seed, simulator, faults):
    """Do the same work under a script, and return the diary."""
    faults.plan = Script((Rule(LOST, probability=0.2), Rule(Refuse("ServerBusy"), probability=0.2)), seed=seed)
    service = azfiles.connect(simulator.handle, clock=simulator.clock, retry=None)
    for number in range(30):
        with contextlib.suppress(azfiles.AzureFilesError):
            service.share(f"data{number}").create()
    return faults.diary_text


def test_the_same_seed_gives_the_same_diary_in_bytes_and_another_one_another():
    """Though the client's request ids are others each time."""
    diaries = []
    for seed in (1, 1, 2):
        simulator = Simulator(clock=ManualClock())
        diaries.append(worked(seed, simulator, simulator.faults).encode())
    assert diaries[0] == diaries[1] != diaries[2]
    assert diaries[0].count(b"\n") > 5


def test_a_reset_begins_the_plan_anew_and_a_fork_goes_on_with_it_apart():
    simulator = Simulator(clock=ManualClock(), faults=Script((Rule(LOST, nth=(2, 3)),)))
    ask = Request("GET", "/")
    simulator.handle(ask)
    simulator.handle(ask)
    forked = simulator.fork()
    assert forked.faults.diary == simulator.faults.diary
    forked.handle(ask)
    assert [entry.number for entry in forked.faults.diary] == [2, 3]
    assert [entry.number for entry in simulator.faults.diary] == [2]
    simulator.reset()
    assert (simulator.faults.calls, simulator.faults.diary) == (0, ())
    simulator.handle(ask)
    assert simulator.faults.diary == ()


def test_without_a_plan_nothing_is_counted_and_everything_goes_through():
    simulator = Simulator()
    simulator.handle(Request("GET", "/"))
    assert (simulator.faults.calls, simulator.faults.plan) == (0, None)
    simulator.faults.plan = lambda _: LoseRequest()
    simulator.handle(Request("GET", "/"))
    simulator.faults.plan = None
    assert simulator.handle(Request("GET", "/")).status == 400
    assert simulator.faults.diary == ()


def test_a_script_needs_no_simulator():
    faulty = Faulty(Simulator().handle, Script((Rule(LoseRequest(), ("V1",)),)), clock=ManualClock())
    faulty.handle(Request("GET", f"/{ACCOUNT}?comp=list"))
    assert faulty.diary_text == f"#1 GET /{ACCOUNT} comp=list: request lost\n"


def test_a_rule_for_an_operation_that_there_is_not_is_refused_and_the_nearest_is_told():
    with pytest.raises(ValueError, match=r"Lease File \(acquire\)"):
        Rule(LOST, ("Lease File acquire",))
    with pytest.raises(ValueError, match=r"pattern: Lease File \(acquire\), not"):
        Rule(LOST, ("File Acquire Lease",))
    with pytest.raises(ValueError, match="'F99'"):
        Rule(LOST, ("F8", "F99"))


@pytest.mark.parametrize("wait", [-1, 1.5, 7.0])
def test_a_wait_that_no_header_can_tell_is_refused(wait):
    with pytest.raises(ValueError, match="whole number of seconds"):
        Refuse("ServerBusy", retry_after_s=wait)
