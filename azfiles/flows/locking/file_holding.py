"""A file's lock from its holder's side: signs of life, getting back a guard that was broken, and giving the lock back."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from azfiles.core import leases
from azfiles.errors import AzureFilesError, LeaseConflict, NotFound
from azfiles.flows.call import call
from azfiles.flows.effects import Flow, monotonic, new_id
from azfiles.flows.locking.companion import Seen, before_lost, create, look, urgent, write
from azfiles.flows.locking.guarding import is_ours, let_go, take_guard
from azfiles.flows.locking.holding import LEAVING_S, Hold, keep
from azfiles.flows.targets import Target
from azfiles.models import LockRecord

BEATS_PER_TTL: Final = 3
_GUARD_TRIES: Final = 4


class FileHold(Hold):
    """A file's lock that is held. ``guard`` is the id of the companion's lease, ``record`` what was last written there."""

    def __init__(self, target: Target, companion: Target, lease_id: str, guard: str, record: LockRecord) -> None:
        super().__init__(target.url, lease_id, lasts_s=record.ttl_s, token=record.token)
        self.target = target
        self.tell(target)
        self.companion = companion
        self.guard = guard
        self.record = record
        self.unsettled_until_s = -math.inf
        """Until when a request to lease the file may be late, of this holder or one before, that was never answered."""

    @property
    def entered(self) -> bool:
        """Whether the lock was taken: the record was still ours after the file was leased. Its beats count from there."""
        return self.record.beat > 0

    def unsettle(self, sent_s: float, ttl_s: float) -> None:
        """A request that was sent by then may still lease the file for so long."""
        self.unsettled_until_s = max(self.unsettled_until_s, sent_s + ttl_s)


def heartbeat(hold: FileHold) -> Flow[None]:
    """Give signs of life until the lock is lost; whoever gives it back ends this flow before."""
    return (yield from keep(hold, hold.lasts_s / BEATS_PER_TTL, lambda left_s: sign_and_look(hold, left_s)))


def sign_and_look(hold: FileHold, left_s: float) -> Flow[bool]:
    """Give one sign of life, and see that the file's lease is still ours: anybody may break it. The former alone confirms
    the hold, and whether the latter can be asked just now decides nothing.
    """
    if not (yield from sign(hold, left_s)):
        return False
    try:
        return (yield from is_ours(before_lost(hold.target, left_s), hold.lease_id))
    except AzureFilesError:
        return True


def sign(hold: FileHold, left_s: float, *, entering: bool = False) -> Flow[bool]:
    """Give one sign of life in the companion and confirm the hold; false where the record is not ours any more. While
    ``entering`` it counts for no beat: the file's lease is not ours yet.
    """
    sent_s = yield from monotonic()
    companion = before_lost(hold.companion, left_s)
    record = replace(hold.record, beat=hold.record.beat + (not entering))
    try:
        yield from write(companion, record, hold.guard)
    except (LeaseConflict, NotFound):
        # Somebody broke the guard, which everybody may, or deleted the companion. Whether we are displaced the record tells.
        if not (yield from _regain(hold, record, sent_s + left_s)):
            return False
    hold.record = record
    hold.confirm(sent_s)
    return True


def _regain(hold: FileHold, record: LockRecord, until_s: float) -> Flow[bool]:
    """Get the guard back and write the record, unless it is somebody else's by now. Raises ``LeaseConflict`` where others
    have the guard just now.
    """
    if not (yield from is_ours((yield from _until(hold.target, until_s)), hold.lease_id)):
        return False
    found = yield from look((yield from _until(hold.companion, until_s)))
    if found is None and hold.entered:
        yield from create((yield from _until(hold.companion, until_s)))
    elif found is None or not _may_be_of(hold, found):
        return False
    guard = yield from new_id()
    try:
        yield from take_guard((yield from _until(hold.companion, until_s)), guard, tries=_GUARD_TRIES, breaking=True)
        found = yield from look((yield from _until(hold.companion, until_s)), guard=guard)
        if found is not None and _may_be_of(hold, found):
            hold.guard = guard  # and not before: who writes under a guard has compared the record
            yield from write((yield from _until(hold.companion, until_s)), record, guard)
            return True
    except NotFound:  # deleted again, meanwhile
        return False
    except GeneratorExit:
        raise  # whoever closes a flow performs no effects any more
    except BaseException:
        if hold.guard != guard:
            yield from let_go(hold.companion, guard)
        raise
    yield from let_go(hold.companion, guard)
    return False


def _until(target: Target, until_s: float) -> Flow[Target]:
    """The same resource, for a call that has to be over before then."""
    return before_lost(target, until_s - (yield from monotonic()))


def _may_be_of(hold: FileHold, seen: Seen) -> bool:
    """Whether the record is still the holder's, or its companion was made anew and has not given out a token. The latter
    tells nothing to one who has not got the lock yet: others may have had it since, and have left that it can be had.
    """
    record = seen.record
    if record is None:
        return False
    return record.token == hold.token if record.held else record.token == 0 and hold.entered


def release(hold: FileHold) -> Flow[None]:
    """Give the lock back. Whatever goes wrong with that is no error: then it ends by itself, a time to live after the
    last sign of life. ``hold.released`` tells.
    """
    try:
        yield from leave(hold)
    except GeneratorExit:
        raise
    except BaseException:
        yield from leave(hold)
        raise


def leave(hold: FileHold, *, may_be_leased: bool = False) -> Flow[None]:
    """End the file's lease, then write that the lock is free, then give up the guard. The record goes on to say that it
    is held, and keeps its guard, where the file may still be leased: by us, or (``may_be_leased``) by a dead holder
    before us.
    """
    target, companion = urgent(hold.target, LEAVING_S), urgent(hold.companion, LEAVING_S)
    try:
        yield from call(target.session, leases.release_file_lease(target.share, target.path, hold.lease_id))
    except (LeaseConflict, NotFound):
        pass  # it is not ours any more, or never was
    except AzureFilesError:
        may_be_leased = True
    if not may_be_leased:
        unsettled = (yield from monotonic()) < hold.unsettled_until_s
        try:
            yield from write(companion, replace(hold.record, held=False, unsettled=unsettled), hold.guard)
        except (LeaseConflict, NotFound):
            pass  # somebody took the lock over; or broke the guard, and takes it over in a while
        except AzureFilesError:
            may_be_leased = True
    hold.released = not may_be_leased
    if hold.released:
        yield from let_go(companion, hold.guard)


__all__ = ["BEATS_PER_TTL", "FileHold", "heartbeat", "leave", "release", "sign", "sign_and_look"]
