"""Locks of files: an infinite lease on the file itself, and beside it a companion with the heartbeat and the token.

The record in the companion says who holds the lock; the lease makes the service refuse everybody else. Who takes the lock
first writes the record, then leases the file, then shows once more that the record is still its own: that is its first
beat, and before it the lock is not held. A lease whose record says ``held`` may be one of a dead holder, and is broken by
whoever took the record over after a full time to live without a sign of life. A lease beside a record that says ``free`` is
none of ours. ``docs/locks.md`` has the argument. What the holder does from then on is in ``file_holding``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import field
from typing import Final, TypeVar

from azfiles.core import leases
from azfiles.core.arguments import header_text
from azfiles.errors import (
    AzureFilesError,
    ForeignCompanion,
    InvalidArgument,
    LeaseConflict,
    LockNotAcquired,
    NotFound,
    ServerFault,
    Throttled,
    TransportError,
)
from azfiles.flows.call import call
from azfiles.flows.effects import Flow, monotonic, new_id, random_fraction, sleep
from azfiles.flows.locking.companion import (
    Seen,
    companion_of,
    create,
    look,
    may_be_entering,
    may_be_leased,
    next_token,
    once,
    within,
    write,
)
from azfiles.flows.locking.file_holding import (
    BEATS_PER_TTL,
    FileHold,
    heartbeat,
    leave,
    release,
    sign,
    sign_and_look,
)
from azfiles.flows.locking.guarding import break_lease, is_leased, let_go, take_guard
from azfiles.flows.locking.holding import Patience, check_wait
from azfiles.flows.retrying import backoff_s
from azfiles.flows.targets import Target
from azfiles.models import LockRecord
from azfiles.records import dataclass

T = TypeVar("T")

DEFAULT_TTL_S: Final = 30.0
DEFAULT_WAIT_S: Final = 60.0
MAX_TTL_S: Final = 86_400.0
_LEAST_S: Final = 15.0
"""How long a call may take at least while the lock is not ours yet. If it takes longer than the time to live, that shows."""
_FASTER: Final = "somebody else was faster"


@dataclass(slots=True)
class Watch:
    """For how long a companion has not changed, by the watcher's own clock."""

    etag: str | None = None
    since_s: float = 0.0

    def silent_s(self, etag: str, now_s: float) -> float:
        """Seconds since this version was first seen; ``now_s`` is when the answer that showed it had arrived."""
        if etag != self.etag:
            self.etag, self.since_s = etag, now_s
        return now_s - self.since_s


@dataclass(slots=True)
class Contender:
    """One attempt to get the lock: what it wants, and what it has watched so far."""

    target: Target
    companion: Target
    ttl_s: float
    owner: str
    watch: Watch = field(default_factory=Watch)


@dataclass(frozen=True, slots=True)
class NotYet:
    """Why the lock is not to be had now; ``sooner_s`` is when that may change by itself."""

    why: str
    sooner_s: float = math.inf


def acquire(
    target: Target, *, ttl: float = DEFAULT_TTL_S, wait_s: float = DEFAULT_WAIT_S, owner: str = ""
) -> Flow[FileHold]:
    """Take the file's lock, waiting up to ``wait_s`` seconds for it. It must be kept by ``heartbeat`` and given back by
    ``release``.

    Raises ``LockNotAcquired`` after that time, ``NotFound`` where there is no such file, ``ForeignCompanion`` where the
    companion's place is taken. After any error nothing is held, or what may be is taken over after ``ttl`` seconds.
    """
    if not 1 <= ttl <= MAX_TTL_S:
        raise InvalidArgument(f"ttl is {ttl}: 1 to {MAX_TTL_S:.0f} seconds are expected")
    check_wait(wait_s)
    header_text("owner", owner)
    bounded = within(target, max(ttl, _LEAST_S))
    contender = Contender(bounded, companion_of(bounded), float(ttl), owner)
    patience = Patience((yield from monotonic()), wait_s, longest_s=ttl / 4)
    while True:
        came = yield from _try(contender)
        if isinstance(came, FileHold):
            came.target, came.companion = target, companion_of(target)
            return came
        if not (yield from patience.pause(came.sooner_s)):
            raise LockNotAcquired(f"the lock of {target.url} was not to be had within {wait_s:g} s: {came.why}")


def _try(contender: Contender) -> Flow[FileHold | NotYet]:
    """Look who has the lock, and take it where nobody has, or has had without a sign of life for too long."""
    seen = yield from look(contender.companion)
    if seen is None:
        if (yield from is_leased(contender.target)):
            return NotYet("the file is leased, and there is no companion that could tell by whom")
        yield from create(contender.companion)
        seen = yield from look(contender.companion)
        if seen is None:
            return NotYet("its companion was deleted again")
    record = seen.record
    if record is None:
        raise ForeignCompanion(f"{contender.companion.url} is no companion of a lock that this version knows")
    silent_s = contender.watch.silent_s(seen.etag, (yield from monotonic()))
    if record.held:
        left_s = record.ttl_s - silent_s
        if left_s > 0:
            owner = record.owner or "somebody"
            return NotYet(f"held by {owner} with token {record.token}", sooner_s=left_s)
    elif (yield from is_leased(contender.target)):
        if not record.unsettled:
            return NotYet("the file is leased, and not by a lock")
        left_s = record.ttl_s - silent_s
        if left_s > 0:
            return NotYet("the file is leased, perhaps by a late request of its last holder", sooner_s=left_s)
    elif seen.leased and silent_s < contender.ttl_s:
        return NotYet("somebody is taking it", sooner_s=contender.ttl_s - silent_s)
    return (yield from claim(contender, seen))


def claim(contender: Contender, seen: Seen) -> Flow[FileHold | NotYet]:
    """Take the lock, if its companion is still as it was ``seen``."""
    guard, lease_id = (yield from new_id()), (yield from new_id())
    return (yield from _Claim(contender, seen, guard, lease_id).carry_out())


class _Displaced(Exception):
    """Somebody took the record over, or may have, before we had the lock."""


class _Claim:
    """Taking the lock from the state in which its companion was ``seen``. Undoes what it did where it does not succeed."""

    def __init__(self, contender: Contender, seen: Seen, guard: str, lease_id: str) -> None:
        self._contender = contender
        self._seen = seen
        self._guard = guard
        self._lease_id = lease_id
        self._hold: FileHold | None = None
        self._dead_lease = seen.record is not None and may_be_leased(seen.record)
        """Whether the file may still have a lease of a former holder: then the record must go on saying so."""

    def carry_out(self) -> Flow[FileHold | NotYet]:
        try:
            why = yield from self._take()
        except GeneratorExit:
            raise  # whoever closes a flow performs no effects any more
        except BaseException:
            yield from self._undo()
            raise
        if why is None and self._hold is not None:
            return self._hold
        yield from self._undo()
        return NotYet(why or "")

    def _take(self) -> Flow[str | None]:
        """``None`` where the lock is ours now, else why it is not."""
        contender, guard = self._contender, self._guard
        companion = contender.companion
        try:
            yield from take_guard(companion, guard, tries=1, breaking=self._seen.leased)
            found = yield from look(companion, guard=guard)
            if found is None or found.etag != self._seen.etag:
                return _FASTER
            record = LockRecord(next_token(found), held=True, ttl_s=contender.ttl_s, owner=contender.owner)
            sent_s = yield from monotonic()
            self._hold = FileHold(contender.target, companion, self._lease_id, guard, record)
            if found.record is not None and may_be_entering(found.record):
                self._hold.unsettle(sent_s, max(found.record.ttl_s, contender.ttl_s))
            yield from write(companion, record, guard)
            self._hold.confirm(sent_s)
        except (LeaseConflict, NotFound):
            return _FASTER
        try:
            return (yield from self._enter(self._hold))
        except (_Displaced, LeaseConflict):
            return _FASTER

    def _enter(self, hold: FileHold) -> Flow[str | None]:
        """Lease the file, which the record says we may, and see that the record is still ours after that."""
        if not (yield from _lease(hold)):
            if not self._dead_lease:
                return "somebody leased the file who has no lock"
            # Right before the break: who was held up until here must not break its successor's lease.
            if not (yield from sign(hold, hold.lasts_s, entering=True)):
                return _FASTER
            yield from _in_time(hold, break_lease)
            self._dead_lease = False
            if not (yield from _lease(hold)):
                return "somebody leased the file who has no lock"
        self._dead_lease = False
        ours = yield from sign(hold, hold.lasts_s)
        return None if ours and hold.left_s((yield from monotonic())) > 0 else _FASTER

    def _undo(self) -> Flow[None]:
        contender = self._contender
        if self._hold is not None:
            yield from leave(self._hold, may_be_leased=self._dead_lease)
        else:
            yield from let_go(contender.companion, self._guard)


def _lease(hold: FileHold) -> Flow[bool]:
    """Lease the file; false where somebody else has. A try that is not answered is remembered: it may still lease the file
    when the lock has long been given back.
    """

    def lease(target: Target) -> Flow[bool]:
        before = hold.unsettled_until_s
        hold.unsettle((yield from monotonic()), hold.record.ttl_s)  # and so it stays where this is cancelled
        operation = leases.acquire_file_lease(target.share, target.path, proposed_id=hold.lease_id)
        try:
            yield from call(target.session, operation)
        except AzureFilesError as error:
            if not error.may_have_acted:
                hold.unsettled_until_s = before
            if isinstance(error, LeaseConflict):
                return False
            raise
        hold.unsettled_until_s = before
        return True

    return (yield from _in_time(hold, lease))


def _in_time(hold: FileHold, step: Callable[[Target], Flow[T]]) -> Flow[T]:
    """Carry out a step with the file that would do harm after somebody took the record over. So each try of it is one
    request, takes no longer than it is certain that nobody has, and before each further one the record is written again.
    However long the service asks to wait, the record would not bear it. Raises ``_Displaced`` where it is not ours.
    """
    retry = hold.target.session.retry
    tries = 0
    while True:
        tries += 1
        left_s = hold.left_s((yield from monotonic()))
        if left_s <= 0:
            raise _Displaced
        try:
            return (yield from step(once(hold.target, left_s)))
        except (TransportError, ServerFault, Throttled):
            if retry is None or tries >= retry.attempts:
                raise
            pause_s = backoff_s(retry, tries) * (yield from random_fraction())
        yield from sleep(min(pause_s, hold.lasts_s / BEATS_PER_TTL))
        if not (yield from sign(hold, hold.lasts_s, entering=True)):
            raise _Displaced


__all__ = [
    "DEFAULT_TTL_S",
    "DEFAULT_WAIT_S",
    "Contender",
    "FileHold",
    "NotYet",
    "Watch",
    "acquire",
    "claim",
    "heartbeat",
    "leave",
    "release",
    "sign",
    "sign_and_look",
]
