"""Every operation under every fault: it ends as without the fault, or says that it may have acted. Never twice."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import fields, is_dataclass
from itertools import product
from pathlib import Path

import pytest

import azfiles
from azfiles.flows import repeating
from azfiles.flows.repeating import TABLE, Ask, CheckThenRepeat, Read, Repeat, RepeatThenCheck, row_of
from azfiles_sim.faults import (
    CutBody,
    DelayReply,
    DelayRequest,
    Faulty,
    LoseReply,
    LoseRequest,
    Refuse,
    Reset,
    Restart,
    WrongLength,
)
from azfiles_sim.wire.operations import OPERATIONS as SIMULATED
from tests.client.test_every_operation import ROWS
from tests.flows.worlds import ACTS, Act, World, start
from tests.proof import FOLDER, PROVING, THOROUGH, Count

FAULTS = {
    "none": None,
    "request lost": LoseRequest(),
    "reply lost": LoseReply(),
    "500 instead": Refuse("InternalError"),
    "500 after all": Refuse("OperationTimedOut", acts=True),
    "503 instead": Refuse("ServerBusy"),
}
"""The kinds of trouble that differ for a client, one of each."""

FURTHER = {
    "503 with Retry-After": Refuse("ServerBusy", retry_after_s=3),
    "504 after all": Refuse("", status=504, acts=True),
    "reset instead": Reset(),
    "reset after all": Reset(acts=True),
    "reply cut": CutBody(after_bytes=1),
    "length too large": WrongLength(by=2),
    "restart": Restart(down_s=0.05),
    "request late": DelayRequest(40),
    "reply late": DelayReply(40),
}
"""Others, which ought to come to the same."""

ALL_FAULTS = {**FAULTS, **FURTHER}
ALONE = [
    name
    for name in FURTHER
    if THOROUGH or name not in {"reset instead", "reset after all", "request late", "reply late"}
]
"""What meets one request of an act alone. In process a reset is a loss."""

NOT_ACTED = {"503 instead", "503 with Retry-After"}
"""After these it is certain that nothing was done."""

ACTED = {"500 after all", "504 after all"}
"""These come instead of a success only."""

HARMLESS = {"request late", "reply late"}
SPOILING = {"reply cut", "length too large"}
"""These need a body."""
RETRY = azfiles.RetryPolicy()
TOGETHER = [
    *(product(ALL_FAULTS, repeat=2) if THOROUGH else [*product(FAULTS, repeat=2)][::5]),
    *(product(FAULTS, repeat=3) if PROVING else ()),
]
"""What meets the first requests of an act; those after them meet nothing."""


_NAMES = {"Put Range, update": "Put Range", "Put Range, clear": "Clear Range", "List Ranges, paged": "List Ranges"}
OPERATIONS = {
    number: re.sub(r"^(Lease \w+), (\w+)$", r"\1 (\2)", _NAMES.get(name.strip(), name.strip()))
    for number, name, *_ in ROWS
}
"""What the table calls each of the 57."""
UNTOLD = (
    {
        "etag",
        "last_modified",
        "last_write_time",
        "smb",
        "copy",
        "snapshot",
    }  # new with every request that changes something
    | {
        "content_md5",
        "server_encrypted",
        "nfs",
        "quota_gib",
        "provisioning",
    }  # a look does not tell them, or tells more
    | {"closed"}  # counts what the last request closed
    | {"remaining_s"}  # grows less with time
    | {"id"}  # a repeated copy has another
)
GONE = {"H3", "F4", "H17", "F19"}
"""Operations that have reached their end where there is nothing for them to do."""


class Trouble:
    """The way to a world on which the n-th request meets the n-th fault, a name in ``ALL_FAULTS`` or an outcome."""

    def __init__(self, world: World, faults):
        self.faults = [ALL_FAULTS[one] if isinstance(one, str) else one for one in faults]
        self.faulty = Faulty(world.simulator.handle, self.plan, clock=world.clock)
        self.requests = 0

    def plan(self, _call):
        return self.faults[self.requests - 1] if self.requests <= len(self.faults) else None

    def handle(self, request):
        self.requests += 1
        return self.faulty.handle(request)


def told(value):
    """A result without what moves with time, and without what only the operation's own answer tells."""
    if is_dataclass(value):
        return type(value).__name__, [
            (field.name, told(getattr(value, field.name))) for field in fields(value) if field.name not in UNTOLD
        ]
    if isinstance(value, (list, tuple)):
        return [told(item) for item in value]
    return value


def carry_out(act: Act, faults=(), retry: azfiles.RetryPolicy | None = RETRY, seed=7):
    """The result or the error of an act under these faults, the state after it, and how many requests it took."""
    world = start().fork()
    trouble = Trouble(world, faults)
    with act.connect(world, trouble.handle, seed=seed, retry=retry) as service:
        try:
            result = act.do(service, world)
        except azfiles.AzureFilesError as error:
            return error, world.state(), trouble.requests
    return told(result), world.state(), trouble.requests


class Judge:
    """Compares what came of an act under faults with what comes of it without any."""

    def __init__(self, act: Act):
        self.act = act
        self.before = start().fork().state()
        self.result, self.after, self.requests = carry_out(act, retry=None)
        self.refused = isinstance(self.result, azfiles.AzureFilesError)
        if self.refused:
            assert self.after == self.before

    def verdict(self, result, state):
        """One word for what came of it, or an AssertionError."""
        if not isinstance(result, azfiles.AzureFilesError):
            assert state == self.after, "it returned, but the state is another"
            if self.refused:
                # What was to be gone is gone; that it never was there nobody can tell any more.
                assert self.act.number in GONE, f"it returned where {self.result!r} was due"
                return "gone already"
            assert result == self.result, "it returned something else"
            return "done"
        if result.may_have_acted:
            assert isinstance(result, (azfiles.TransportError, azfiles.ServerFault, azfiles.ReplyNotUnderstood))
            assert state in (self.before, self.after), "it acted twice, or in part"
            return "may have acted"
        assert state == self.before, f"{result!r} says that nothing was done, but something was"
        assert self.refused, f"{result!r} refuses what nothing forbids"
        assert (type(result), result.code) == (type(self.result), self.result.code)
        return "refused"


@pytest.fixture(scope="module")
def counted():
    """How many runs of which kind ended how; printed at the end (``pytest -s``), and kept by ``make proof``."""
    counts = Count("faults", 0, folder=FOLDER if PROVING else None)
    counts.figures.clear()
    yield counts.figures
    print(f"\nacts under faults: {dict(counts.figures)}")
    counts.save()


def judged(judge, faults, counts):
    """The verdict on an act under these faults, counted."""
    result, state, _ = carry_out(judge.act, faults)
    try:
        verdict = judge.verdict(result, state)
    except AssertionError as error:
        raise AssertionError(f"{judge.act} under {faults}: {error}") from (
            result if isinstance(result, Exception) else None
        )
    counts["runs"] += 1
    counts[verdict] += 1
    return verdict, result


@pytest.mark.parametrize("act", ACTS, ids=str)
def test_an_act_under_any_faults_ends_as_without_or_says_that_it_may_have_acted(act, counted):
    judge, counts = Judge(act), Counter()
    for faults in TOGETHER:
        verdict, result = judged(judge, faults, counts)
        if not judge.refused and not may_stop(act, faults):
            assert verdict == "done", f"{act} under {faults}: {result!r}"
    assert counts["runs"] == len(TOGETHER)
    assert counts["refused" if judge.refused else "done"]
    counted.update(counts)


@pytest.mark.parametrize("act", ACTS, ids=str)
def test_each_request_of_an_act_may_meet_each_fault(act, counted):
    judge = Judge(act)
    for fault, place in product(ALONE, range(judge.requests)):
        verdict, result = judged(judge, ["none"] * place + [fault], counted)
        if not judge.refused and not may_stop(act, [fault]):
            assert verdict == "done", f"{act} under {fault} at {place}: {result!r}"


@pytest.mark.parametrize("act", ACTS, ids=str)
def test_without_retries_an_error_tells_the_truth_of_whether_it_may_have_acted(act, counted):
    judge = Judge(act)
    for fault, place in product(ALL_FAULTS if THOROUGH else ALONE, range(judge.requests)):
        result, state, _ = carry_out(act, ["none"] * place + [fault], retry=None)
        if fault in NOT_ACTED:
            assert isinstance(result, azfiles.Throttled)
            assert (result.may_have_acted, state) == (False, judge.before)
            verdict = "not done"
        else:
            verdict = judge.verdict(result, state)
        counted["runs"] += 1
        counted[verdict] += 1


def may_stop(act: Act, faults):
    """Whether an act need not come to its end where the service would have let it."""
    too_long_for_its_buffer = "buffer" in act.title and "length too large" in faults  # an answer, though a wrong one
    return too_long_for_its_buffer or isinstance(TABLE[OPERATIONS[act.number]], (Ask, CheckThenRepeat))


@pytest.mark.parametrize("act", ACTS, ids=str)
def test_an_endpoint_that_never_gets_well_ends_an_act_in_a_typed_error_after_some_attempts(act, counted):
    judge = Judge(act)
    for fault in ALL_FAULTS if THOROUGH else ("reply lost", "500 after all", "503 instead"):
        if fault != "none":
            never_well(judge, fault)
            counted["runs"] += 1
            counted["never well"] += 1


def never_well(judge, fault):
    """The claim above for one fault that meets every request."""
    result, state, requests = carry_out(judge.act, [fault] * 50)
    assert requests <= RETRY.attempts**2
    if fault in ACTED and judge.refused:
        assert judge.verdict(result, state) == "refused"
    elif fault in HARMLESS or not isinstance(result, azfiles.AzureFilesError):
        # The service refuses before it comes to the point where it fails: what it acted on is gone. Or there is no body
        # that could be cut, and no length that could be wrong.
        assert fault in HARMLESS | ACTED | SPOILING
        assert judge.verdict(result, state) in {"done", "refused", "gone already"}
    elif not (fault in SPOILING and judge.refused and is_refused_alike(judge, result)):
        assert result.may_have_acted == (fault not in NOT_ACTED)
        assert state in (judge.before, judge.after)
        assert result.may_have_acted or state == judge.before


def is_refused_alike(judge, error):
    """Whether an error is the one that there is without any fault."""
    return (type(error), error.code if hasattr(error, "code") else "") == (type(judge.result), judge.result.code)


def test_every_one_of_the_57_operations_has_a_row_in_the_table_and_an_act_here():
    assert {act.number for act in ACTS} == set(OPERATIONS)
    assert set(OPERATIONS.values()) == set(TABLE)
    assert len(OPERATIONS) == 57
    assert row_of("Something New") == Ask()


def test_fault_plans_and_documents_call_each_operation_as_events_and_metrics_do():
    """The halves know nothing of each other, so each has a table; what a user reads and writes is one vocabulary."""
    assert {number: one.name.partition(",")[0] for number, one in SIMULATED.items()} == OPERATIONS
    assert len({one.name for one in SIMULATED.values()}) == 57


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("H1", "reply lost"),
        ("H10", "reply lost"),
        ("F21", "500 after all"),
        ("F4", "reply lost"),
        ("F19", "reply lost"),
    ],
)
def test_an_operation_that_is_repeated_blindly_is_found(number, fault, monkeypatch):
    """With another row in the table the judge above finds a second snapshot, or a conflict of our own making."""
    act = next(act for act in ACTS if act.number == number)
    judge = Judge(act)
    assert judge.verdict(*carry_out(act, [fault])[:2]) in {"done", "may have acted"}
    monkeypatch.setattr(repeating, "TABLE", {**TABLE, OPERATIONS[number]: Repeat()})
    result, state, _ = carry_out(act, [fault])
    if number == "H10":
        with pytest.raises(AssertionError, match="the state is another"):
            judge.verdict(result, state)
    else:
        assert judge.verdict(result, state) == "may have acted"
        assert isinstance(result, azfiles.OutcomeUnknown)


def test_a_conflict_that_the_client_made_itself_is_found(monkeypatch):
    """A client that forgets its lost reply says that somebody else was first."""
    act = next(act for act in ACTS if act.title == "create share")
    monkeypatch.setattr(repeating, "TABLE", {**TABLE, "Create Share": Read()})
    with pytest.raises(AssertionError, match="something was"):
        Judge(act).verdict(*carry_out(act, ["reply lost"])[:2])


def test_the_documents_have_the_same_table():
    words = {Read: "read", Repeat: "repeat", RepeatThenCheck: "repeat, then check"}
    words |= {CheckThenRepeat: "check, then repeat", Ask: "ask"}
    text = (Path(__file__).parents[2] / "docs" / "retries.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([A-Z][^|]+) \| ([a-z, ]+) \|", text, re.MULTILINE)
    assert rows == [(name, words[type(row)]) for name, row in TABLE.items()]


@pytest.mark.parametrize(
    "title",
    [
        "create a share that is there",
        "create a directory that is there",
        "symbolic link over one",
        "hard link over a file",
        "rename file onto another",
        "acquire a held file lease",
    ],
)
@pytest.mark.parametrize("fault", ["request lost", "reply lost", "500 instead"])
def test_what_was_there_before_the_call_is_a_conflict_and_no_doubt(title, fault):
    act = next(act for act in ACTS if act.title == title)
    result, _, _ = carry_out(act, [fault])
    assert isinstance(result, azfiles.Conflict | azfiles.AlreadyExists)
    assert not result.may_have_acted
