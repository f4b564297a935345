"""One file of a tree to another place of the service, which copies it itself (Copy File).

Inside an account a copy is over at once. One from another account may take its time; it is made under a temporary name,
looked at until it is done, and then renamed, so that nobody sees a part of it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from azfiles.core import copying, files
from azfiles.errors import AzureFilesError, InvalidArgument, OutcomeUnknown
from azfiles.flows.call import call
from azfiles.flows.copying import FileLike, start_copy
from azfiles.flows.effects import Flow, sleep
from azfiles.flows.targets import Target
from azfiles.flows.transfers.temporary import Made, Renaming, beside, discard, hasty, new_name, nothing_made, rename
from azfiles.flows.trees.handling import Handling
from azfiles.models import CopyStarted, FileProperties, SmbSettings, TreeAction, TreeStep
from azfiles.records import dataclass

_FIRST_WAIT_S: Final = 0.5
_LONGEST_WAIT_S: Final = 30.0
_FROM_SOURCE: Final = "source"


@dataclass(frozen=True, slots=True)
class _At:
    """A file as ``start_copy`` takes it."""

    target: Target


def copy_to(
    target: Target,
    destination: FileLike,
    *,
    keep_times: bool = True,
    keep_attributes: bool = True,
    keep_mode: bool = False,
) -> Flow[int]:
    """Copy this file, also one in a share snapshot, onto another one, which is made or replaced (Copy File), and wait until
    it is there. The service copies; no content passes through here. Returns how many bytes the file has.

    ``destination`` is the client of a file, of any share. Where it is of another account, the source's client needs a
    signature for its credential, and the copy is made under a temporary name beside ``destination`` and renamed.
    ``keep_times`` keeps when it was created and last written, ``keep_attributes`` the SMB attributes, ``keep_mode`` on NFS
    shares mode, owner and group.
    """
    place = destination.target
    if place.url == target.url:
        raise InvalidArgument(f"destination: {place.url} is the source itself")
    operation = files.get_file_properties(target.share, target.path, snapshot=target.snapshot)
    found = yield from call(target.session, operation)
    step = TreeStep(TreeAction.TRANSFER, "", size=found.size)
    handling = Handling(keep_times=keep_times, keep_attributes=keep_attributes, keep_mode=keep_mode)
    return (yield from copy_file(target, place, step, handling, is_nfs=found.nfs is not None))


def copy_file(source: Target, target: Target, step: TreeStep, handling: Handling, *, is_nfs: bool) -> Flow[int]:
    """Copy one file; returns its size as it was listed."""
    if source.session.endpoint == target.session.endpoint:
        started = yield from _start(source, target, handling, is_nfs=is_nfs)
        if started.status != "success":
            yield from _ended(target, started.id)
        return step.size
    made = Made(beside(target, (yield from new_name())))
    try:
        made.file_id = yield from nothing_made(_made_aside(source, made.place, handling, is_nfs=is_nfs))
        yield from rename(made, target, Renaming(replaces=True))
    except GeneratorExit:
        raise  # whoever closes a flow performs no effects any more
    except BaseException as error:
        yield from discard(made, error)
        raise
    return step.size


def _made_aside(source: Target, place: Target, handling: Handling, *, is_nfs: bool) -> Flow[str | None]:
    """Copy, wait until that is over, and return the id of the file."""
    started = yield from _start(source, place, handling, is_nfs=is_nfs)
    return (yield from _ended(place, started.id)).smb.file_id


def _start(source: Target, target: Target, handling: Handling, *, is_nfs: bool) -> Flow[CopyStarted]:
    times = _FROM_SOURCE if handling.keep_times else None
    smb = SmbSettings(
        attributes=_FROM_SOURCE if handling.keep_attributes and not is_nfs else None,
        creation_time=times,
        last_write_time=times,
    )
    mode = _FROM_SOURCE if handling.keep_mode and is_nfs else None
    smb_given = None if smb == SmbSettings() else smb
    return (yield from start_copy(target, _At(source), smb=smb_given, mode_copy_mode=mode, owner_copy_mode=mode))


def _ended(place: Target, copy_id: str) -> Flow[FileProperties]:
    """Wait until the copy is done; one that is waited for no more is aborted, for until then nobody can delete the file."""
    wait_s = _FIRST_WAIT_S
    try:
        while (found := (yield from _under_way(place, copy_id))) is None:
            yield from sleep(wait_s)
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
    except (GeneratorExit, OutcomeUnknown):
        raise
    except BaseException:
        with suppress(AzureFilesError):
            yield from call(hasty(place.session), copying.abort_copy(place.share, place.path, copy_id))
        raise
    return found


def _under_way(place: Target, copy_id: str) -> Flow[FileProperties | None]:
    """The properties of a file that was copied; ``None`` where that is not over yet."""
    found = yield from call(place.session, files.get_file_properties(place.share, place.path))
    copy = found.copy
    if copy is not None and copy.id == copy_id and copy.status in {"pending", "success"}:
        return found if copy.status == "success" else None
    why = "nothing is known of it" if copy is None else copy.description or copy.status
    raise OutcomeUnknown(f"{place.url} could not be copied, and may hold nothing now: {why}")


__all__ = ["copy_file", "copy_to"]
