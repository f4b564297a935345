"""What files that SMB clients have open do to REST operations: share modes, pending deletion, byte-range locks.

A REST operation opens a file for a moment, shares everything itself, and needs that every open handle shares what it
does. What each one needs follows the documents on file locks, and is not recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from azfiles_sim.model.changes import Change, PutHandles
from azfiles_sim.model.deciding import Context, Place
from azfiles_sim.model.entities import Handle, Sharing
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.names import name_key

LOOK: Final[frozenset[Sharing]] = frozenset()
"""Reading properties meets only a pending deletion."""
READ: Final = frozenset({Sharing.READ})
WRITE: Final = frozenset({Sharing.WRITE})
REPLACE: Final = frozenset({Sharing.WRITE, Sharing.DELETE})
DELETE: Final = frozenset({Sharing.DELETE})


def guard_handles(
    context: Context, place: Place, file_id: int, needed: frozenset[Sharing], span: tuple[int, int] | None = None
) -> None:
    """Raise DeletePending, SharingViolation, or for the bytes of ``span`` (inclusive) FileLockConflict.

    A shared lock lets others read; an exclusive one nothing.
    """
    share = place.share
    if not context.view.handles(share.account, share.name):
        return  # nearly always, and this is asked by every request for a file's bytes
    for handle in handles_of(context, place, file_id):
        if handle.delete_pending:
            raise ServiceError(Code.DELETE_PENDING)
        if not needed.issubset(handle.share_mode):
            raise ServiceError(Code.SHARING_VIOLATION)
        for lock in handle.locks if span else ():
            overlaps = span is not None and lock.start <= span[1] and span[0] <= lock.end
            if overlaps and (lock.exclusive or Sharing.WRITE in needed):
                raise ServiceError(Code.FILE_LOCK_CONFLICT)


def guard_tree(context: Context, place: Place, path: str) -> None:
    """Raise SharingViolation where a handle is open on ``path`` or anywhere below it."""
    above = f"{name_key(place.share, path)}/"
    for handle in _live(context, place):
        if f"{name_key(place.share, handle.path)}/".startswith(above):
            raise ServiceError(Code.SHARING_VIOLATION)


def handles_of(context: Context, place: Place, file_id: int) -> Iterator[Handle]:
    """The live share's handles on one file; none for a place in a snapshot."""
    if place.tree.snapshot is not None:
        return iter(())
    return (handle for handle in _live(context, place) if handle.file_id == file_id)


def mark_for_deletion(context: Context, place: Place, file_id: int) -> tuple[Change, ...]:
    """Let the file go with the last of its handles; no change where none is open."""
    marked = [replace(handle, delete_pending=True) for handle in handles_of(context, place, file_id)]
    return _replaced(context, place, marked)


def follow_rename(context: Context, place: Place, file_id: int, path: str) -> tuple[Change, ...]:
    """Let the handles of a renamed file show its new path."""
    moved = [replace(handle, path=path, parent_id=place.parent_id) for handle in handles_of(context, place, file_id)]
    return _replaced(context, place, moved)


def _live(context: Context, place: Place) -> Iterable[Handle]:
    handles = context.view.handles(place.share.account, place.share.name)
    return (handle for handle in handles if handle.snapshot is None)


def _replaced(context: Context, place: Place, handles: list[Handle]) -> tuple[Change, ...]:
    if not handles:
        return ()
    account, share = place.share.account, place.share.name
    by_id = {handle.handle_id: handle for handle in handles}
    return (
        PutHandles(
            account, share, tuple(by_id.get(old.handle_id, old) for old in context.view.handles(account, share))
        ),
    )


__all__ = [
    "DELETE",
    "LOOK",
    "READ",
    "REPLACE",
    "WRITE",
    "follow_rename",
    "guard_handles",
    "guard_tree",
    "handles_of",
    "mark_for_deletion",
]
