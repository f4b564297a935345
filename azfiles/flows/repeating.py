"""What a lost reply means, operation by operation: the only place that knows.

A try that brought no answer, or a 5xx, may have acted. Whether it may be made again depends on what doing it twice does;
``docs/retries.md`` shows the same table with the reasons.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from azfiles.errors import ServiceError
from azfiles.flows import looking
from azfiles.flows.looking import Look
from azfiles.records import dataclass

Sign: TypeAlias = tuple[int, str]
"""A status and code that an operation is refused with because it has been done already."""


@dataclass(frozen=True, slots=True)
class Read:
    """It changes nothing: try again."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Done twice it is done: try again. A refusal then says nothing about the first try."""


@dataclass(frozen=True, slots=True)
class RepeatThenCheck:
    """Try again; a refusal that has one of the ``signs`` may be our own doing, and ``look`` finds out."""

    look: Look
    signs: frozenset[Sign]

    def is_sign(self, refusal: ServiceError) -> bool:
        return (refusal.status, refusal.code) in self.signs


@dataclass(frozen=True, slots=True)
class CheckThenRepeat:
    """Done twice it may do harm: ``look`` first, and try again only where nothing was done."""

    look: Look


@dataclass(frozen=True, slots=True)
class Ask:
    """Done twice it is done twice, and no look tells: only the caller can decide."""


Row: TypeAlias = Read | Repeat | RepeatThenCheck | CheckThenRepeat | Ask


def _check(look: Look, *signs: Sign) -> RepeatThenCheck:
    return RepeatThenCheck(look, frozenset(signs))


_SHARE_EXISTS: Final = (409, "ShareAlreadyExists")
_EXISTS: Final = (409, "ResourceAlreadyExists")
_NO_SHARE: Final = (404, "ShareNotFound")
_NO_RESOURCE: Final = (404, "ResourceNotFound")
_HELD: Final = (409, "LeaseAlreadyPresent")
_NOT_THIS_LEASE: Final = (409, "LeaseIdMismatchWithLeaseOperation")
_NO_LEASE: Final = (409, "LeaseNotPresentWithLeaseOperation")

TABLE: Final[Mapping[str, Row]] = {
    "List Shares": Read(),
    "Get File Service Properties": Read(),
    "Set File Service Properties": Repeat(),
    "Get User Delegation Key": Read(),
    "Preflight File Request": Read(),
    "Create Share": _check(looking.share_created, _SHARE_EXISTS),
    "Get Share Properties": Read(),
    "Delete Share": _check(looking.SHARE_GONE, _NO_SHARE, (404, "ShareSnapshotNotFound"), (409, "ShareBeingDeleted")),
    "Set Share Properties": Repeat(),
    "Set Share Metadata": Repeat(),
    "Get Share Metadata": Read(),
    "Get Share ACL": Read(),
    "Set Share ACL": Repeat(),
    "Get Share Stats": Read(),
    "Snapshot Share": Ask(),  # a second one would be made
    "Restore Share": _check(looking.share_restored, _SHARE_EXISTS, _NO_SHARE),
    "Create Permission": Repeat(),  # the same descriptor has the same key
    "Get Permission": Read(),
    # Always with a proposed id, by which the service knows a repeat again.
    "Lease Share (acquire)": _check(looking.another_holds_it, _HELD),
    "Lease Share (renew)": Repeat(),
    "Lease Share (change)": Repeat(),  # the service takes a change that has been made for made
    "Lease Share (release)": _check(looking.share_lease_released, _NOT_THIS_LEASE, _NO_LEASE),
    "Lease Share (break)": CheckThenRepeat(looking.share_lease_broken),
    "Create Directory": _check(looking.directory_created, _EXISTS),
    "Get Directory Properties": Read(),
    "Delete Directory": _check(looking.DIRECTORY_GONE, _NO_RESOURCE),
    "Set Directory Properties": Repeat(),
    "Set Directory Metadata": Repeat(),
    "Get Directory Metadata": Read(),
    "List Directories and Files": Read(),
    "List Handles": Read(),
    "Force Close Handles": Repeat(),  # what was closed before is not counted again
    "Rename Directory": _check(looking.directory_renamed, _NO_RESOURCE, _EXISTS),
    "Create File": Repeat(),  # the service overwrites
    "Get File": Read(),
    "Get File Properties": Read(),
    "Delete File": _check(looking.FILE_GONE, _NO_RESOURCE),
    "Set File Properties": Repeat(),  # sizes are absolute
    "Set File Metadata": Repeat(),
    "Get File Metadata": Read(),
    "Put Range": Repeat(),  # offsets are absolute; nothing is appended
    "Clear Range": Repeat(),
    "Put Range from URL": Repeat(),
    "List Ranges": Read(),
    "Copy File": _check(looking.copy_started, (409, "PendingCopyOperation")),
    "Abort Copy File": _check(looking.copy_aborted, (409, "NoPendingCopyOperation")),
    "Lease File (acquire)": _check(looking.another_holds_it, _HELD),
    "Lease File (change)": Repeat(),
    "Lease File (release)": _check(looking.file_lease_released, _NOT_THIS_LEASE, _NO_LEASE),
    "Lease File (break)": CheckThenRepeat(looking.file_lease_broken),
    "Rename File": _check(looking.file_renamed, _NO_RESOURCE, _EXISTS),
    "Create Hard Link": _check(looking.hard_link_created, _EXISTS),
    "Create Symbolic Link": _check(looking.symbolic_link_created, _EXISTS),
    "Get Symbolic Link": Read(),
}


_UNKNOWN: Final = Ask()


def row_of(name: str) -> Row:
    """What a lost reply means for the operation of this name; one that nobody has thought about is not repeated."""
    return TABLE.get(name, _UNKNOWN)


__all__ = ["TABLE", "Ask", "CheckThenRepeat", "Read", "Repeat", "RepeatThenCheck", "Row", "row_of"]
