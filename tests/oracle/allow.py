"""Where Azurite is known not to do what the service does, or does something that nobody knows of the service.

An entry has a reason, and a proof or none: the names of rows of ``tests/evidence/proofs.py``, which the simulator is held
to. ``shows`` is a run at whose last step Azurite still differs; the day that it does not, its test asks to delete the
entry. Entries see what is compared only, never raw text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.oracle import steps as s
from tests.oracle.obs import ANSWER, Difference

UNPROVED: Final = ()


@dataclass(frozen=True, slots=True)
class Situation:
    """What both sides showed before the step."""

    lease: str = ""
    """Lease status, state and duration of what the step is about."""
    size: int = 0
    holder: str = ""
    """The symbol of the lease's last id."""
    left_s: int | None = None
    """How long the step's SAS still holds; ``None`` where it comes with the key."""
    letters: str = ""
    """The permissions of the step's SAS."""


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    explains: Callable[[s.Step, Difference, Situation], bool]
    reason: str
    proof: tuple[str, ...]
    shows: tuple[s.Step, ...]
    ends: bool = False
    """Whether what the two sides hold is not the same any more."""


def _holds(step: s.Step, situation: Situation) -> bool:
    """Whether the step comes with the id that the lease has or last had."""
    return getattr(step, "lease", None) == situation.holder


SHARE = s.Create(s.SHARE)
FILE = s.Create(s.FILE, 1024)
LOST: Final = "412 LeaseLost"
NOT_PRESENT: Final = "412 LeaseNotPresentWithContainerOperation"
BAD_HEADER: Final = "400 InvalidHeaderValue"
LEASED: Final = s.Lease(s.SHARE, "acquire", proposed="A", duration_s=15)


def _is_lost(step: s.Step, difference: Difference, situation: Situation) -> bool:
    ended = situation.lease in {"unlocked broken", "unlocked expired"}
    return ended and difference == Difference(ANSWER, NOT_PRESENT, LOST)


def _is_release_time(step: s.Step, difference: Difference, situation: Situation) -> bool:
    released = isinstance(step, s.Lease) and (step.on, step.action) == (s.SHARE, "release")
    return released and difference == Difference("time", "", "0")


def _is_hash_of_write(step: s.Step, difference: Difference, situation: Situation) -> bool:
    return isinstance(step, s.Write) and difference.name == "md5" and not difference.azurite


def _is_time_of_range_list(step: s.Step, difference: Difference, situation: Situation) -> bool:
    return isinstance(step, s.ListRanges) and difference.name == "modified"


def _is_empty_policy(step: s.Step, difference: Difference, situation: Situation) -> bool:
    empty = isinstance(step, s.SetPolicies) and any(not permission for _, permission in step.policies)
    return empty and difference == Difference(ANSWER, "400", "200")


def _is_at_its_end(step: s.Step, difference: Difference, situation: Situation) -> bool:
    accepted = not difference.azurite.startswith("403")
    return situation.left_s == 0 and accepted and difference.simulator == "403 AuthenticationFailed"


def _is_lease_by_deleter(step: s.Step, difference: Difference, situation: Situation) -> bool:
    deletes = isinstance(step, s.Lease) and "d" in situation.letters and "w" not in situation.letters
    return deletes and difference.azurite == "403 AuthorizationPermissionMismatch"


def _is_refused_otherwise(step: s.Step, difference: Difference, situation: Situation) -> bool:
    return difference == Difference(ANSWER, "403 AuthorizationFailure", "403 AuthenticationFailed")


def _is_foreign_renewal(step: s.Step, difference: Difference, situation: Situation) -> bool:
    renewed = isinstance(step, s.Lease) and step.action == "renew" and not _holds(step, situation)
    expected = Difference(ANSWER, "200", "409 LeaseIdMismatchWithLeaseOperation")
    return renewed and situation.lease == "unlocked expired" and difference == expected


def _is_duration_checked_late(step: s.Step, difference: Difference, situation: Situation) -> bool:
    acquired = isinstance(step, s.Lease) and step.action == "acquire"
    held = situation.lease.startswith("locked")
    refusals = {"409 LeaseAlreadyPresent", "409 LeaseIsBreakingAndCannotBeAcquired"} if held else {"404 ShareNotFound"}
    return acquired and difference.simulator == BAD_HEADER and difference.azurite in refusals


def _is_created_with_lease(step: s.Step, difference: Difference, situation: Situation) -> bool:
    created = isinstance(step, s.Create) and step.lease is not None
    return created and difference == Difference(ANSWER, "201", "412 LeaseNotPresentWithFileOperation")


def _is_period_unchecked(step: s.Step, difference: Difference, situation: Situation) -> bool:
    broken = isinstance(step, s.Lease) and step.action == "break" and (step.period_s or 0) > 60
    return broken and difference == Difference(ANSWER, "202", BAD_HEADER)


def _is_at_the_end(step: s.Step, difference: Difference, situation: Situation) -> bool:
    ranged = isinstance(step, s.Read) and bool(step.form) and step.start == situation.size
    return ranged and difference == Difference(ANSWER, "206", "416 InvalidRange")


def _is_beyond_the_end(step: s.Step, difference: Difference, situation: Situation) -> bool:
    wrote = isinstance(step, (s.Write, s.Clear)) and step.start + step.length > situation.size
    return wrote and difference == Difference(ANSWER, "201", "416 InvalidRange")


def _is_odd_code(step: s.Step, difference: Difference, situation: Situation) -> bool:
    wrote = isinstance(step, (s.Write, s.Clear)) and step.start >= situation.size
    return wrote and difference == Difference(ANSWER, "416 Requested Range Not Satisfiable", "416 InvalidRange")


def _is_open_range_of_all(step: s.Step, difference: Difference, situation: Situation) -> bool:
    whole = isinstance(step, s.Read) and bool(step.form) and step.start == 0 and step.length is None
    return whole and difference == Difference(ANSWER, "200", "206")


def _is_unasked_hash(step: s.Step, difference: Difference, situation: Situation) -> bool:
    return isinstance(step, s.Read) and step.md5 is False and difference.name == "md5" and not difference.simulator


def _is_hash_of_no_range(step: s.Step, difference: Difference, situation: Situation) -> bool:
    whole = isinstance(step, s.Read) and step.md5 is True and not step.form
    return whole and difference == Difference(ANSWER, "200", "400 MissingRequiredHeader")


def _is_metadata_too_large(step: s.Step, difference: Difference, situation: Situation) -> bool:
    return isinstance(step, s.SetMetadata) and difference == Difference(ANSWER, "200", "400 MetadataTooLarge")


_AS_NUMBER: Final = re.compile(r"\d+|\d+e-?\d+|0x[0-9a-f]+|0o[0-7]+|0b[01]+")
"""Names of shares that JavaScript reads as a number."""


def _is_sorted_as_numbers(step: s.Step, difference: Difference, situation: Situation) -> bool:
    listed = isinstance(step, s.ListShares) and difference.name == "page 1"
    here, there = difference.azurite.split(), difference.simulator.split()
    return listed and sorted(here) == there and any(_AS_NUMBER.fullmatch(name) for name in here)


def _is_long_range(step: s.Step, difference: Difference, situation: Situation) -> bool:
    long = isinstance(step, s.Write) and step.length > 4 << 20
    return long and difference.azurite == "201" and difference.simulator.startswith("4")


ENTRIES: Final[tuple[Entry, ...]] = (
    Entry(
        "lease-lost",
        _is_lost,
        "an id that comes after its share lease ended: Azurite says that there is no lease",
        ("share-lease-lost",),
        (SHARE, LEASED, s.Wait(15), s.Show(s.SHARE), s.Show(s.SHARE, "A")),
    ),
    Entry(
        "release-time",
        _is_release_time,
        "releasing a share lease answers x-ms-lease-time: 0; containers have no such header",
        ("share-lease-release",),
        (SHARE, LEASED, s.Lease(s.SHARE, "release", "A")),
    ),
    Entry(
        "hash-of-write",
        _is_hash_of_write,
        "the service answers a write with Content-MD5; Azurite does not",
        ("put-range-md5",),
        (SHARE, FILE, s.Write(0, 512)),
    ),
    Entry(
        "time-of-range-list",
        _is_time_of_range_list,
        "Last-Modified of a list of ranges is the file's; Azurite says now",
        ("range-list-modified",),
        (SHARE, FILE, s.Wait(1), s.ListRanges()),
    ),
    Entry(
        "empty-policy",
        _is_empty_policy,
        "a stored policy may be empty; Azurite refuses it",
        ("acl-empty-identifier",),
        (SHARE, s.SetPolicies((("empty", ""),))),
        ends=True,
    ),
    Entry(
        "break-period-unchecked",
        _is_period_unchecked,
        "Azurite takes a break period over 60 seconds of an infinite or ended lease",
        ("break-period-61",),
        (SHARE, s.Lease(s.SHARE, "acquire", proposed="A", duration_s=-1), s.Lease(s.SHARE, "break", period_s=61)),
        ends=True,
    ),
    Entry(
        "refused-otherwise",
        _is_refused_otherwise,
        "Azurite has one code for every credential that does not hold; documented is AuthenticationFailed",
        UNPROVED,
        (SHARE, s.Signed(s.Show(s.SHARE), "r", "c", -1)),
    ),
    Entry(
        "sas-at-its-end",
        _is_at_its_end,
        "at the very second at which a SAS ends Azurite still takes it; documented is that it is not valid from then on",
        UNPROVED,
        (SHARE, s.Signed(s.Show(s.SHARE), "r", "c", 0)),
        ends=True,
    ),
    Entry(
        "lease-by-deleter",
        _is_lease_by_deleter,
        "Azurite wants the letter w for every lease operation; the simulator takes d as well, which is documented for"
        " breaking the lease of a blob",
        UNPROVED,
        (SHARE, FILE, s.Signed(s.Lease(s.FILE, "acquire", duration_s=-1), "d", "o", 60)),
        ends=True,
    ),
    Entry(
        "foreign-renewal",
        _is_foreign_renewal,
        "Azurite lets any id renew a lease that has run out",
        UNPROVED,
        (SHARE, LEASED, s.Wait(15), s.Show(s.SHARE), s.Lease(s.SHARE, "renew", "B")),
        ends=True,
    ),
    Entry(
        "duration-checked-late",
        _is_duration_checked_late,
        "of a duration that is none Azurite tells only where there is a share, and no lease that is held",
        UNPROVED,
        (SHARE, LEASED, s.Show(s.SHARE), s.Lease(s.SHARE, "acquire", duration_s=14)),
    ),
    Entry(
        "created-with-lease",
        _is_created_with_lease,
        "creating what is not there with a lease id: Azurite creates it",
        UNPROVED,
        (SHARE, s.Create(s.FILE, 512, lease="A")),
        ends=True,
    ),
    Entry(
        "read-at-the-end",
        _is_at_the_end,
        "a range that starts right behind the last byte: Azurite answers 206 without a byte",
        ("read-of-empty-file",),
        (SHARE, FILE, s.Show(s.FILE), s.Read(1024, 10, "x-ms-range")),
    ),
    Entry(
        "write-beyond-the-end",
        _is_beyond_the_end,
        "Azurite writes beyond the end of a blob",
        UNPROVED,
        (SHARE, FILE, s.Show(s.FILE), s.Write(512, 1024)),
        ends=True,
    ),
    Entry(
        "odd-code",
        _is_odd_code,
        "a write that starts behind the end: Azurite answers a phrase in the place of the code",
        UNPROVED,
        (SHARE, FILE, s.Show(s.FILE), s.Write(1024, 512)),
    ),
    Entry(
        "open-range-of-all",
        _is_open_range_of_all,
        "a range from the first byte without an end: Azurite answers 200, though with Content-Range",
        UNPROVED,
        (SHARE, FILE, s.Read(0, None, "x-ms-range")),
    ),
    Entry(
        "unasked-hash",
        _is_unasked_hash,
        "x-ms-range-get-content-md5: false: Azurite sends the hash",
        UNPROVED,
        (SHARE, FILE, s.Read(0, 512, "x-ms-range", md5=False)),
    ),
    Entry(
        "hash-of-no-range",
        _is_hash_of_no_range,
        "a hash is asked for, but no range: documented as refused",
        UNPROVED,
        (SHARE, FILE, s.Read(md5=True)),
    ),
    Entry(
        "metadata-too-large",
        _is_metadata_too_large,
        "metadata over 8 KiB: documented as refused",
        UNPROVED,
        (SHARE, s.SetMetadata(s.SHARE, (("a", "x" * 8000), ("b", "x" * 1000)))),
        ends=True,
    ),
    Entry(
        "range-over-4-mib",
        _is_long_range,
        "a write of more than 4 MiB: documented as refused",
        UNPROVED,
        (SHARE, s.Create(s.FILE, 8 << 20), s.Write(0, (4 << 20) + 512)),
        ends=True,
    ),
    Entry(
        "sorted-as-numbers",
        _is_sorted_as_numbers,
        "the data base below Azurite sorts names that read as numbers by their value, before all others; documented is"
        " the order of the letters",
        UNPROVED,
        (s.Create(s.SHARE, name="000"), s.Create(s.SHARE, name="0-0"), s.ListShares()),
    ),
)

MOST_UNPROVED: Final = 14
"""How many entries have no proof. To add one more is a decision: raise this number with it."""


def find_entry(step: s.Step, difference: Difference, situation: Situation) -> Entry | None:
    """The entry that explains a difference, or ``None``."""
    asked = step.step if isinstance(step, s.Signed) else step
    return next((entry for entry in ENTRIES if entry.explains(asked, difference, situation)), None)
