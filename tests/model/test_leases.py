"""Leases: every state with every action, and every state with every guarded operation. The expectations are written
out here once more, in words; they are not read from the tables under test.
"""

from __future__ import annotations

import pytest

from azfiles_sim.model import commands as c
from azfiles_sim.model.commands import LeaseAction
from azfiles_sim.model.entities import AVAILABLE, Available, Breaking, Broken, Expired, Leased
from azfiles_sim.model.errors import Code
from azfiles_sim.model.lease import FILE_GUARDS, FILE_LEASES, SHARE_GUARDS, SHARE_LEASES, age_lease
from tests.model.world import SECOND, A, B, World

PRESENT = Code.LEASE_ALREADY_PRESENT
MISMATCH = Code.LEASE_ID_MISMATCH_WITH_LEASE_OPERATION
NONE = Code.LEASE_NOT_PRESENT_WITH_LEASE_OPERATION
BREAKING = Code.LEASE_IS_BREAKING_AND_CANNOT_BE_ACQUIRED
BREAKING_CHANGE = Code.LEASE_IS_BREAKING_AND_CANNOT_BE_CHANGED
BROKEN = Code.LEASE_IS_BROKEN_AND_CANNOT_BE_RENEWED


def lease(world: World, action: str, *, share: str = "data", **fields):
    return world.do(c.LeaseShare, share=share, action=LeaseAction(action), **fields)


def in_state(state: str) -> World:
    """A world whose share is in the state; the id is A, and 10 seconds are left of a breaking one."""
    world = World()
    world.make_share()
    world.make_file("f")
    if state == "fixed":
        lease(world, "acquire", proposed_id=A, duration_s=30)
    elif state == "infinite":
        lease(world, "acquire", proposed_id=A)
    elif state in {"breaking", "broken"}:
        lease(world, "acquire", proposed_id=A)
        lease(world, "break", break_period_s=10 if state == "breaking" else 0)
    elif state == "expired":
        lease(world, "acquire", proposed_id=A, duration_s=15)
        world.clock.advance(15)
    return world


STATES = ["available", "fixed", "infinite", "breaking", "broken", "expired"]
# action, id, then what each of STATES answers: a lease state, or a code
SHARE_ACTIONS = [
    ("acquire", A, "leased", "leased", "leased", BREAKING, "leased", "leased"),
    ("acquire", B, "leased", PRESENT, PRESENT, PRESENT, "leased", "leased"),
    ("acquire", None, "leased", PRESENT, PRESENT, PRESENT, "leased", "leased"),
    ("renew", A, MISMATCH, "leased", "leased", BROKEN, BROKEN, "leased"),
    ("renew", B, MISMATCH, MISMATCH, MISMATCH, MISMATCH, MISMATCH, MISMATCH),
    ("change", A, NONE, "leased", "leased", BREAKING_CHANGE, NONE, NONE),
    ("change", B, NONE, MISMATCH, MISMATCH, MISMATCH, NONE, NONE),
    ("release", A, MISMATCH, "available", "available", "available", "available", "available"),
    ("release", B, MISMATCH, MISMATCH, MISMATCH, MISMATCH, MISMATCH, MISMATCH),
    ("break", None, NONE, "breaking", "broken", "breaking", "broken", "broken"),
    ("break", B, NONE, "breaking", "broken", "breaking", "broken", "broken"),
]
C = "33333333-3333-3333-3333-333333333333"


@pytest.mark.parametrize(
    ("action", "given", "state", "expected"),
    [(action, given, state, row[n]) for action, given, *row in SHARE_ACTIONS for n, state in enumerate(STATES)],
)
def test_share_lease_actions_in_every_state(action, given, state, expected):
    world = in_state(state)
    stamp = world.share().stamp
    fields = {"proposed_id": given} if action == "acquire" else {"lease_id": given}
    if action == "change":
        fields["proposed_id"] = C
    if isinstance(expected, Code):
        before = world.share().lease
        refusal = world.refused(expected, c.LeaseShare, share="data", action=LeaseAction(action), **fields)
        assert refusal.variant == "share"
        assert world.share().lease == before
    else:
        result = lease(world, action, **fields)
        assert type(result.lease).__name__.lower() == expected
        assert world.share().lease == result.lease
        assert result.stamp == world.share().stamp == stamp
        if expected == "leased":
            wanted = C if action == "change" else given or result.lease_id
            assert (result.lease_id, result.lease.lease_id, result.lease_time_s) == (wanted, wanted, None)
        else:
            assert result.lease_id is None
            assert result.lease_time_s is not None


@pytest.mark.parametrize(
    ("state", "period_s", "time_s"),
    [
        ("fixed", None, 30),
        ("fixed", 0, 0),
        ("fixed", 5, 5),
        ("fixed", 60, 30),
        ("infinite", None, 0),
        ("infinite", 20, 20),
        ("infinite", 60, 60),
        ("breaking", None, 10),
        ("breaking", 3, 3),
        ("breaking", 20, 10),
        ("breaking", 0, 0),
        ("broken", 20, 0),
        ("expired", 60, 0),
    ],
)
def test_a_break_waits_for_the_shorter_of_the_period_and_what_is_left(state, period_s, time_s):
    world = in_state(state)
    result = lease(world, "break", break_period_s=period_s)
    assert result.lease_time_s == time_s
    assert isinstance(world.share().lease, Breaking if time_s else Broken)
    world.clock.advance(time_s)
    assert world.share().lease == Broken(A)


def test_a_lease_ends_at_its_instant_and_not_a_tick_earlier():
    assert age_lease(Leased(A, 100, 15), 99) == Leased(A, 100, 15)
    assert age_lease(Leased(A, 100, 15), 100) == Expired(A, 15)
    assert age_lease(Breaking(A, 100), 99) == Breaking(A, 100)
    assert age_lease(Breaking(A, 100), 100) == Broken(A)
    assert age_lease(Leased(A), 10**18) == Leased(A)


def test_renewing_an_expired_lease_restarts_its_old_duration():
    world = in_state("expired")
    renewed = lease(world, "renew", lease_id=A).lease
    assert renewed == Leased(A, world.clock.now() + 15 * SECOND, 15)


def test_renewing_an_infinite_lease_leaves_it_infinite():
    assert lease(in_state("infinite"), "renew", lease_id=A).lease == Leased(A)


def test_acquiring_again_with_the_same_id_may_change_the_duration():
    world = in_state("fixed")
    assert lease(world, "acquire", proposed_id=A).lease == Leased(A)
    assert lease(world, "acquire", proposed_id=A, duration_s=15).lease.duration_s == 15


def test_a_change_can_be_repeated_after_it_took_effect():
    world = in_state("fixed")
    first = lease(world, "change", lease_id=A, proposed_id=B)
    assert first == lease(world, "change", lease_id=A, proposed_id=B)
    assert first.lease.until == world.clock.now() + 30 * SECOND


def test_a_change_is_not_repeated_of_a_lease_that_is_breaking():
    """Whatever is proposed, another id than the lease's is a mismatch there, as for blobs."""
    world = in_state("breaking")
    world.refused(MISMATCH, c.LeaseShare, share="data", action=LeaseAction.CHANGE, lease_id=B, proposed_id=A)


def test_an_expired_lease_can_be_taken_by_another():
    world = in_state("expired")
    assert lease(world, "acquire", proposed_id=B, duration_s=15).lease_id == B
    world.refused(MISMATCH, c.LeaseShare, share="data", action=LeaseAction.RENEW, lease_id=A)


def test_without_a_proposed_id_the_service_makes_one(world):
    made = lease(world, "acquire")
    assert made.lease_id == "aaaaaaaa-0000-4000-8000-000000000001"


MISSING = Code.LEASE_ID_MISSING
WRONG = Code.LEASE_ID_MISMATCH_WITH_CONTAINER_OPERATION
NOT_THERE = Code.LEASE_NOT_PRESENT_WITH_CONTAINER_OPERATION
LOST = Code.LEASE_LOST
SHARE_USES = [
    (c.DeleteShare, None, None, MISSING, MISSING, MISSING, None, None),
    (c.DeleteShare, A, NOT_THERE, None, None, None, LOST, LOST),
    (c.DeleteShare, B, NOT_THERE, WRONG, WRONG, WRONG, LOST, LOST),
    *(
        row
        for kind in (
            c.GetShare,
            c.SetShareProperties,
            c.SetShareMetadata,
            c.GetShareStatistics,
            c.GetShareAccessPolicy,
            c.SetShareAccessPolicy,
        )
        for row in (
            (kind, None, None, None, None, None, None, None),
            (kind, A, NOT_THERE, None, None, None, LOST, LOST),
            (kind, B, NOT_THERE, WRONG, WRONG, WRONG, LOST, LOST),
        )
    ),
]


@pytest.mark.parametrize(
    ("kind", "given", "state", "expected"),
    [(kind, given, state, row[n]) for kind, given, *row in SHARE_USES for n, state in enumerate(STATES)],
)
def test_share_operations_under_every_lease_state(kind, given, state, expected):
    world = in_state(state)
    if expected is None:
        world.do(kind, share="data", lease_id=given)
    else:
        assert world.refused(expected, kind, share="data", lease_id=given).variant == "share"


def test_a_share_lease_does_not_guard_what_is_in_the_share():
    world = in_state("infinite")
    world.make_directory("d")
    world.make_file("d/f", data=b"x")
    world.do(c.DeleteFile, share="data", path="d/f")


def test_a_snapshot_has_a_lease_of_its_own():
    world = in_state("infinite")
    at = world.snapshot().snapshot
    assert world.share(snapshot=at).lease == AVAILABLE
    lease(world, "acquire", snapshot=at, proposed_id=B)
    assert world.share(lease_id=A).lease == Leased(A)
    assert world.share(lease_id=B, snapshot=at).lease == Leased(B)
    world.refused(WRONG, c.GetShare, share="data", lease_id=B)
    world.refused(WRONG, c.GetShare, share="data", lease_id=A, snapshot=at)
    world.refused(MISSING, c.DeleteShare, share="data", snapshot=at)
    world.do(c.DeleteShare, share="data", snapshot=at, lease_id=B)


def test_a_leased_snapshot_keeps_its_share_from_being_deleted_unless_leased_ones_are_included(world):
    at = world.snapshot().snapshot
    lease(world, "acquire", snapshot=at, proposed_id=B, duration_s=15)
    world.refused(Code.DELETE_SHARE_WHEN_SNAPSHOT_LEASED, c.DeleteShare, share="data", delete_snapshots="include")
    fork = world.store.fork()
    world.do(c.DeleteShare, share="data", delete_snapshots="include-leased")
    world.store = fork
    world.clock.advance(15)
    world.do(c.DeleteShare, share="data", delete_snapshots="include")


def test_including_snapshots_does_not_pass_the_shares_own_lease():
    world = in_state("infinite")
    world.snapshot()
    world.refused(MISSING, c.DeleteShare, share="data", delete_snapshots="include-leased")


def test_leasing_what_is_missing(world):
    world.refused(Code.SHARE_NOT_FOUND, c.LeaseShare, share="missing", action=LeaseAction.ACQUIRE)
    world.refused(Code.SHARE_NOT_FOUND, c.LeaseShare, share="data", snapshot=1, action=LeaseAction.ACQUIRE)
    world.refused(Code.RESOURCE_NOT_FOUND, c.LeaseFile, share="data", path="f", action=LeaseAction.ACQUIRE)


# --- files ---------------------------------------------------------------------------------------------------------


def lease_file(world: World, action: str, **fields):
    return world.do(c.LeaseFile, share="data", path="f", action=LeaseAction(action), **fields)


def file_in_state(state: str) -> World:
    world = World()
    world.make_share()
    world.make_file("f", 1024, b"content")
    if state != "available":
        lease_file(world, "acquire", proposed_id=A)
    if state == "broken":
        lease_file(world, "break")
    return world


FILE_STATES = ["available", "leased", "broken"]
FILE_ACTIONS = [
    ("acquire", A, "leased", "leased", "leased"),
    ("acquire", B, "leased", PRESENT, "leased"),
    ("acquire", None, "leased", PRESENT, "leased"),
    ("change", A, NONE, "leased", NONE),
    ("change", B, NONE, MISMATCH, NONE),
    ("release", A, MISMATCH, "available", "available"),
    ("release", B, MISMATCH, MISMATCH, MISMATCH),
    ("break", None, NONE, "broken", "broken"),
    ("break", B, NONE, "broken", "broken"),
    ("renew", A, *[Code.INVALID_HEADER_VALUE] * 3),
]


@pytest.mark.parametrize(
    ("action", "given", "state", "expected"),
    [(action, given, state, row[n]) for action, given, *row in FILE_ACTIONS for n, state in enumerate(FILE_STATES)],
)
def test_file_lease_actions_in_every_state(action, given, state, expected):
    world = file_in_state(state)
    stamp = world.file("f").stamp
    fields = {"proposed_id": given} if action == "acquire" else {"lease_id": given}
    if action == "change":
        fields["proposed_id"] = C
    if isinstance(expected, Code):
        world.refused(expected, c.LeaseFile, share="data", path="f", action=LeaseAction(action), **fields)
    else:
        result = lease_file(world, action, **fields)
        assert type(result.lease).__name__.lower() == expected
        assert world.file("f").lease == result.lease
        assert result.stamp == world.file("f").stamp == stamp
        assert result.lease_time_s == (0 if action == "break" else None)


def test_a_file_lease_is_never_renewed(world):
    world.make_file("f")
    world.refused(Code.INVALID_HEADER_VALUE, c.LeaseFile, share="data", path="f", action=LeaseAction.RENEW, lease_id=A)


NO_FILE_LEASE = Code.LEASE_NOT_PRESENT_WITH_FILE_OPERATION
WRONG_FILE = Code.LEASE_ID_MISMATCH_WITH_FILE_OPERATION
READS = [(c.GetFile, {}), (c.GetFileProperties, {}), (c.ListRanges, {})]
WRITES = [
    (c.CreateFile, {"size": 5}),
    (c.PutRange, {"start": 0, "end": 0, "data": (b"x",), "data_md5": b""}),
    (c.ClearRange, {"start": 0, "end": 0}),
    (c.SetFileProperties, {"size": 7}),
    (c.SetFileMetadata, {"metadata": (("a", "b"),)}),
    (c.DeleteFile, {}),
    (c.CopyFile, {"source": c.CopySource(account="acct", share="data", path=("f",)), "source_url": "u"}),
]
FILE_USES = [
    *((kind, fields, None, None, None, None) for kind, fields in READS),
    *((kind, fields, A, NO_FILE_LEASE, None, NO_FILE_LEASE) for kind, fields in [*READS, *WRITES]),
    *((kind, fields, B, NO_FILE_LEASE, WRONG_FILE, NO_FILE_LEASE) for kind, fields in [*READS, *WRITES]),
    *((kind, fields, None, None, MISSING, None) for kind, fields in WRITES),
]


@pytest.mark.parametrize(
    ("kind", "fields", "given", "state", "expected"),
    [
        (kind, fields, given, state, row[n])
        for kind, fields, given, *row in FILE_USES
        for n, state in enumerate(FILE_STATES)
    ],
)
def test_file_operations_under_every_lease_state(kind, fields, given, state, expected):
    world = file_in_state(state)
    if expected is not None:
        assert world.refused(expected, kind, share="data", path="f", lease_id=given, **fields).variant == "file"
        return
    world.do(kind, share="data", path="f", lease_id=given, **fields)
    if kind is c.DeleteFile:
        world.make_file("f")
        assert world.file("f").lease == AVAILABLE
    elif state == "broken" and (kind, fields) in WRITES:
        assert world.file("f").lease == AVAILABLE  # the next successful write makes a broken lease available
    else:
        assert type(world.file("f").lease).__name__.lower() == state


def test_a_file_that_is_missing_cannot_be_created_with_a_lease_id(world):
    refusal = world.refused(NO_FILE_LEASE, c.CreateFile, share="data", path="new", size=1, lease_id=A)
    assert refusal.variant == "file"


def test_a_lease_is_checked_before_state_and_range():
    world = file_in_state("leased")
    world.refused(MISSING, c.PutRange, share="data", **world.range_of("f", b"x", 4096))
    world.refused(WRONG_FILE, c.GetFile, share="data", path="f", lease_id=B, start=4096)


def test_reading_another_file_or_copying_from_a_leased_one_needs_no_id():
    world = file_in_state("leased")
    source = c.CopySource(account="acct", share="data", path=("f",))
    copied = world.do(c.CopyFile, share="data", path="g", source=source, source_url="u").file
    assert copied.lease == AVAILABLE


def test_a_snapshot_shows_no_file_lease():
    world = file_in_state("leased")
    at = world.snapshot().snapshot
    assert world.file("f", snapshot=at).lease == AVAILABLE
    assert world.file("f").lease == Leased(A)
    world.refused(NO_FILE_LEASE, c.GetFile, share="data", path="f", snapshot=at, lease_id=A)


def test_the_tables_are_complete():
    states = {Available, Leased, Breaking, Broken, Expired}
    assert set(SHARE_LEASES) == {(state, action) for state in states for action in LeaseAction}
    file_states = {Available, Leased, Broken}
    file_actions = set(LeaseAction) - {LeaseAction.RENEW}
    assert set(FILE_LEASES) == {(state, action) for state in file_states for action in file_actions}
    assert (set(SHARE_GUARDS), set(FILE_GUARDS)) == (states, file_states)
