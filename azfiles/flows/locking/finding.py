"""Looking for leases in a tree, and ending the locks of those who have died."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from azfiles.core import directories, files, shares
from azfiles.errors import InvalidArgument, NotFound
from azfiles.flows.call import call, refuse_snapshot
from azfiles.flows.effects import Flow, gather, monotonic, sleep
from azfiles.flows.locking.companion import Seen, companion_of, locked_name, look, may_be_leased
from azfiles.flows.locking.file_locks import Contender, FileHold, claim, leave
from azfiles.flows.paging import Pages
from azfiles.flows.targets import Target
from azfiles.models import FileEntry, FoundLease, LeaseProperties, ListingPage
from azfiles.records import dataclass

_AT_ONCE: Final = 8
_OWNER: Final = "break_stale"


def find_leases(target: Target) -> Flow[tuple[FoundLease, ...]]:
    """The leases of all files of this share or below this directory, of the share itself first, in the order of their
    paths. Takes a request for each file: lists do not tell.

    A file that a lock holds is shown with what its companion says. Companions themselves are left out.
    """
    refuse_snapshot(target)
    found: list[FoundLease] = []
    if not target.path:
        properties = yield from call(target.session, shares.get_share_properties(target.share))
        found.extend(_leased(target, properties.lease))
    yield from _walk(target, found)
    return tuple(found)


def find_file_lease(target: Target) -> Flow[FoundLease | None]:
    """The lease of this file, and what is known of its lock."""
    refuse_snapshot(target)
    properties = yield from call(target.session, files.get_file_properties(target.share, target.path))
    for found in _leased(target, properties.lease):
        try:
            seen = yield from look(companion_of(target))
        except InvalidArgument:  # no file of that name can have one
            return found
        if seen is None or seen.record is None or not may_be_leased(seen.record):
            return found
        return replace(found, lock=seen.record, last_sign=seen.changed)
    return None


def _leased(target: Target, lease: LeaseProperties | None) -> Iterator[FoundLease]:
    """One, where there is a lease."""
    if lease is not None and lease.status == "locked":
        yield FoundLease(target.share, "/".join(target.path), lease.duration)


def _walk(directory: Target, found: list[FoundLease]) -> Flow[None]:
    below: list[Target] = []

    def fetch(marker: str | None) -> Flow[ListingPage]:
        operation = directories.list_directory(directory.share, directory.path, marker=marker)
        return (yield from call(directory.session, operation))

    pages = Pages(fetch)
    while (page := (yield from pages.following())) is not None:
        names = [entry.name for entry in page.entries if isinstance(entry, FileEntry) and not locked_name(entry.name)]
        looks = [_find_if_there(directory.child(name)) for name in names]
        found.extend(one for one in (yield from gather(looks, _AT_ONCE)) if one is not None)
        below.extend(directory.child(entry.name) for entry in page.entries if not isinstance(entry, FileEntry))
    for child in below:
        try:
            yield from _walk(child, found)
        except NotFound:
            continue  # deleted meanwhile


def _find_if_there(target: Target) -> Flow[FoundLease | None]:
    try:
        return (yield from find_file_lease(target))
    except NotFound:
        return None


@dataclass(frozen=True, slots=True)
class _Suspect:
    """A lock that is watched: since when, and when it will have been silent for a full time to live."""

    found: FoundLease
    contender: Contender
    seen: Seen
    due_s: float


def break_stale(target: Target, *, dry_run: bool = False) -> Flow[tuple[FoundLease, ...]]:
    """End the locks of files of this share or below this directory whose holders are dead: that give no sign of life for
    a full time to live while this watches them, which is how long it takes. Returns the locks that it ended, or with
    ``dry_run`` would have.

    Leases that are of no lock are left alone, for nobody knows what a sign of life of theirs would be; so are the leases
    of shares.
    """
    return (yield from _break_silent(target, (yield from find_leases(target)), dry_run=dry_run))


def break_stale_file(target: Target, *, dry_run: bool = False) -> Flow[FoundLease | None]:
    """End the lock of this file if its holder is dead: if it gives no sign of life for a full time to live while this
    watches. Returns the lock that it ended, or with ``dry_run`` would have; else ``None``.
    """
    found = yield from find_file_lease(target)
    ended = yield from _break_silent(target, () if found is None else (found,), dry_run=dry_run)
    return ended[0] if ended else None


def _break_silent(target: Target, leases: tuple[FoundLease, ...], *, dry_run: bool) -> Flow[tuple[FoundLease, ...]]:
    suspects: list[_Suspect] = []
    for found in leases:
        if found.lock is not None:
            suspects.extend((yield from _suspect(replace(target, path=tuple(found.path.split("/"))), found)))
    ended: list[FoundLease] = []
    for suspect in sorted(suspects, key=lambda one: one.due_s):
        yield from sleep(max(0.0, suspect.due_s - (yield from monotonic())))
        seen = yield from look(suspect.contender.companion)
        if seen is None or seen.etag != suspect.seen.etag:
            continue
        if not dry_run:
            hold = yield from claim(suspect.contender, seen)
            if not isinstance(hold, FileHold):
                continue
            yield from leave(hold)
        ended.append(suspect.found)
    return tuple(ended)


def _suspect(target: Target, found: FoundLease) -> Flow[list[_Suspect]]:
    companion = companion_of(target)
    seen = yield from look(companion)
    if seen is None or seen.record is None or not may_be_leased(seen.record):
        return []
    due_s = (yield from monotonic()) + seen.record.ttl_s
    contender = Contender(target, companion, seen.record.ttl_s, _OWNER)
    return [_Suspect(found, contender, seen, due_s)]


__all__ = ["break_stale", "break_stale_file", "find_file_lease", "find_leases"]
