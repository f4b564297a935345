"""What transfers that were killed have left behind in a whole tree."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from azfiles.core import files
from azfiles.errors import LeaseConflict, NotFound
from azfiles.flows.call import call, refuse_snapshot
from azfiles.flows.effects import Flow, wall_clock
from azfiles.flows.targets import Target
from azfiles.flows.transfers.temporary import is_older, is_temporary
from azfiles.flows.trees.handling import below
from azfiles.flows.trees.names import path_of
from azfiles.flows.trees.walking import walk
from azfiles.models import TreeEntry

_A_DAY: Final = timedelta(days=1)


def find_all_temporary(directory: Target, *, older_than: timedelta | None = None) -> Flow[tuple[TreeEntry, ...]]:
    """The temporary files in this directory and all those below it: left by uploads that were killed, or in use.

    With ``older_than`` only those that were last written that long ago, by this machine's clock; an upload that is under
    way writes all the time. Takes a list of each directory.
    """
    now = yield from wall_clock()
    walked = walk(directory, include="Timestamps")
    found: list[TreeEntry] = []
    while (entries := (yield from walked.following())) is not None:
        found += [one for one in entries if not one.is_directory and is_temporary(one.entry.name)]
    return tuple(one for one in found if older_than is None or is_older(one.entry, now - older_than))


def remove_all_temporary(directory: Target, *, older_than: timedelta = _A_DAY) -> Flow[tuple[TreeEntry, ...]]:
    """Delete the temporary files in this directory and all those below it that were last written ``older_than`` ago, a day
    unless said otherwise. Returns those that are gone. Those under a lease are left.
    """
    refuse_snapshot(directory)
    removed: list[TreeEntry] = []
    for one in (yield from find_all_temporary(directory, older_than=older_than)):
        place = below(directory, path_of(one.path))
        try:
            yield from call(place.session, files.delete_file(place.share, place.path))
        except (NotFound, LeaseConflict):
            continue
        removed.append(one)
    return tuple(removed)


__all__ = ["find_all_temporary", "remove_all_temporary"]
