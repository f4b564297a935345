"""Files under a name of their own beside the place they are made for: named, renamed, cleaned up, found again.

A name is ``.azfiles-<32 hexadecimal digits>.new``, so 45 characters whatever it is made for, and recognised by that alone.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

from azfiles.core import directories, files
from azfiles.core.versions import RENAME
from azfiles.credentials import Sas
from azfiles.errors import (
    AlreadyExists,
    AzureFilesError,
    InvalidArgument,
    LeaseConflict,
    NotFound,
    OutcomeUnknown,
    RequestNotSent,
    ServerFault,
    TransportError,
)
from azfiles.flows.call import call, refuse_snapshot
from azfiles.flows.effects import Flow, new_id, wall_clock
from azfiles.flows.policies import RetryPolicy
from azfiles.flows.targets import Session, Target
from azfiles.models import DirectoryEntry, FileEntry, FileProperties, SmbSettings, Written
from azfiles.records import dataclass

T = TypeVar("T")

PREFIX: Final = ".azfiles-"
_NAME: Final = re.compile(r"\.azfiles-[0-9a-f]{32}\.new")
_ONE_FILE: Final = re.compile(r"(?:^|&)sr=f(?:&|$)")
_RENAMES: Final = 3
_WHILE_CLEANING_UP: Final = RetryPolicy(attempts=4, deadline_s=10.0)
_A_DAY: Final = timedelta(days=1)


def is_temporary(name: str) -> bool:
    """Whether a file of this name was left by a transfer, or belongs to one that is under way."""
    return _NAME.fullmatch(name) is not None


def new_name() -> Flow[str]:
    """A name that nobody else has."""
    return f"{PREFIX}{(yield from new_id()).replace('-', '')}.new"


def beside(target: Target, name: str) -> Target:
    """The file of this name in the same directory."""
    return replace(target, path=(*target.path[:-1], name))


def refuse_without_second_name(target: Target, advice: str) -> None:
    """``RequestNotSent`` or ``InvalidArgument`` where no file can be made under another name and renamed."""
    refuse_snapshot(target)
    if not target.path:
        raise InvalidArgument("the root of a share is no file")
    session = target.session
    if session.api_version < RENAME:
        raise RequestNotSent(
            f"a file is made under another name and then renamed, which needs service version {RENAME} or later, but "
            f"api_version is {session.api_version}{advice}"
        )
    if isinstance(session.credential, Sas) and _ONE_FILE.search(session.credential.token):
        raise InvalidArgument(
            "a file is made under another name in its directory and then renamed, but this signature is for one file "
            f"and allows no second name{advice}"
        )


@dataclass(slots=True)
class Made:
    """A file under a temporary name: ``created`` says whether it is there, ``file_id`` is what it is known by, ``lease_id``
    the lease that it is under.
    """

    place: Target
    created: bool = False
    file_id: str | None = None
    lease_id: str | None = None


@dataclass(frozen=True, slots=True)
class Renaming:
    """What is said when a file gets its name. With ``replaces`` it may take that of another one, whose lease, if it has
    one, is ``lease_id``.
    """

    replaces: bool = False
    smb: SmbSettings | None = None
    lease_id: str | None = None


def rename(made: Made, target: Target, renaming: Renaming) -> Flow[Written]:
    """Give the file its name. A file keeps its id through a rename: by it a lost reply is seen through."""
    operation = files.rename_file(
        made.place.share,
        made.place.path,
        target.path,
        replace=renaming.replaces,
        smb=renaming.smb,
        source_lease_id=made.lease_id,
        destination_lease_id=renaming.lease_id,
    )
    for attempts_left in reversed(range(_RENAMES)):
        try:
            renamed = yield from call(target.session, operation)
        except (TransportError, ServerFault) as lost:
            try:
                there = yield from _found(target)
                here = yield from _found(made.place)
            except AzureFilesError as blind:
                raise _maybe_made(target, lost) from blind
            if there is not None and _is(there.smb.file_id, made):
                return Written(there.etag, there.last_modified, there.smb)
            if here is None or not attempts_left:
                raise _maybe_made(target, lost) from lost
            continue
        if renamed.smb.file_id is None or _is(renamed.smb.file_id, made):
            return renamed
        break  # a look took another's file, made at the same time, for this one
    if renaming.replaces:
        raise OutcomeUnknown(f"{target.url} may have been made, and replaced by somebody else")
    raise AlreadyExists(409, "ResourceAlreadyExists", f"{target.url} was made by somebody else")


def _is(file_id: str | None, made: Made) -> bool:
    return file_id is not None and file_id == made.file_id


def _maybe_made(target: Target, lost: AzureFilesError) -> OutcomeUnknown:
    return OutcomeUnknown(f"{target.url} may have been made: {lost}")


def _found(target: Target) -> Flow[FileProperties | None]:
    try:
        return (yield from call(target.session, files.get_file_properties(target.share, target.path)))
    except NotFound:
        return None


def nothing_made(flow: Flow[T]) -> Flow[T]:
    """Carry out ``flow``, which makes a temporary file. Whatever goes wrong with it, nothing was made of what was asked
    for, and the error says so.
    """
    try:
        return (yield from flow)
    except AzureFilesError as error:
        if not error.may_have_acted:
            raise
        raise TransportError(f"nothing was made, for its content could not be written: {error}", sent=False) from error


def discard(made: Made, error: BaseException) -> Flow[None]:
    """Delete the temporary file, if it is there. That this fails too is a note of ``error``, which is not to be hidden."""
    place = made.place
    session = hasty(place.session)
    try:
        try:
            yield from call(session, files.delete_file(place.share, place.path, lease_id=made.lease_id))
        except LeaseConflict:  # the lease was asked for, but not taken
            yield from call(session, files.delete_file(place.share, place.path))
    except NotFound:
        return
    except AzureFilesError:
        error.add_note(f"{place.url} may have been left behind")


def hasty(session: Session) -> Session:
    """For cleaning up, which nobody waits for gladly, least of all whoever cancelled."""
    return session if session.retry is None else replace(session, retry=_WHILE_CLEANING_UP)


# --- those that were left behind -------------------------------------------------------------------------------------


def find_temporary(directory: Target, *, older_than: timedelta | None = None) -> Flow[tuple[FileEntry, ...]]:
    """The temporary files in this directory, not in those below: left by uploads that were killed, or in use.

    With ``older_than`` only those that were last written that long ago, by this machine's clock; an upload that is under
    way writes all the time.
    """
    now = yield from wall_clock()
    found: list[FileEntry] = []
    marker: str | None = None
    while True:
        page = yield from call(
            directory.session,
            directories.list_directory(
                directory.share,
                directory.path,
                prefix=PREFIX,
                include="Timestamps",
                marker=marker,
                snapshot=directory.snapshot,
            ),
        )
        found += [entry for entry in page.entries if isinstance(entry, FileEntry) and is_temporary(entry.name)]
        marker = page.next_marker
        if marker is None:
            break
    return tuple(entry for entry in found if older_than is None or is_older(entry, now - older_than))


def remove_temporary(directory: Target, *, older_than: timedelta = _A_DAY) -> Flow[tuple[str, ...]]:
    """Delete the temporary files in this directory that were last written ``older_than`` ago, a day unless said otherwise.

    Returns the names of those that are gone. Those under a lease are left.
    """
    refuse_snapshot(directory)
    removed: list[str] = []
    for entry in (yield from find_temporary(directory, older_than=older_than)):
        try:
            yield from call(directory.session, files.delete_file(directory.share, (*directory.path, entry.name)))
        except (NotFound, LeaseConflict):
            continue
        removed.append(entry.name)
    return tuple(removed)


def is_older(entry: DirectoryEntry | FileEntry, moment: datetime) -> bool:
    """Whether a file that was listed with its times was last written then or before."""
    times = entry.times
    return times is not None and max(times.last_write, times.last_modified) <= moment


__all__ = [
    "PREFIX",
    "Made",
    "Renaming",
    "beside",
    "discard",
    "find_temporary",
    "hasty",
    "is_older",
    "is_temporary",
    "new_name",
    "nothing_made",
    "refuse_without_second_name",
    "remove_temporary",
    "rename",
]
