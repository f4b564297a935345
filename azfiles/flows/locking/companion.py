"""The companion file beside a locked file: where it is, what it says, and the requests that make, read and write it.

It is an empty file whose metadata is the record of the lock, so that reading it with its ETag, and replacing the record,
are one request each. Whoever writes the record holds the companion's own lease, which is a guard for writes
and no more: whoever gets it first compares the record with what it knows. The format is in ``docs/locks.md``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from azfiles.core import files
from azfiles.core.arguments import MAX_COMPONENT_CHARACTERS
from azfiles.errors import AlreadyExists, InvalidArgument, LeaseConflict, NotFound
from azfiles.flows.call import call, refuse_snapshot
from azfiles.flows.effects import Flow
from azfiles.flows.policies import RetryPolicy
from azfiles.flows.targets import Session, Target
from azfiles.flows.transfers.temporary import (
    Made,
    Renaming,
    beside,
    discard,
    new_name,
    refuse_without_second_name,
    rename,
)
from azfiles.models import FileProperties, LockRecord, SmbSettings
from azfiles.records import dataclass

PREFIX: Final = "."
SUFFIX: Final = ".azfiles-lock"
FORMAT: Final = "1"
FRESH: Final = LockRecord(0, held=False, ttl_s=1.0)
"""What a companion says that was just made: no token was given out by it yet."""

_LEAST_S: Final = 0.001
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_STATES: Final = {"held": (True, False), "free": (False, False), "left": (False, True)}
"""The words for ``held`` and ``unsettled``."""
_WORDS: Final = {state: word for word, state in _STATES.items()}


@dataclass(frozen=True, slots=True)
class Seen:
    """A companion as it was found. Each change of it, whoever made it, gave it another ``etag``; ``record`` is ``None``
    where it is none of this format, ``leased`` whether somebody holds the guard.
    """

    etag: str
    record: LockRecord | None
    leased: bool
    created: datetime
    changed: datetime


def companion_of(target: Target) -> Target:
    """The companion of a file: ``.name.azfiles-lock`` beside it, in any spelling of the name that the service takes for
    the same.
    """
    refuse_snapshot(target)
    if not target.path:
        raise InvalidArgument("a file is locked, or a share; the root of a share is neither")
    name = f"{PREFIX}{target.path[-1]}{SUFFIX}"
    if len(name) > MAX_COMPONENT_CHARACTERS:
        room = MAX_COMPONENT_CHARACTERS - len(PREFIX) - len(SUFFIX)
        raise InvalidArgument(f"{target.url}: the name of a file to lock has {room} characters at most")
    return replace(target, path=(*target.path[:-1], name))


def locked_name(name: str) -> str | None:
    """The name of the file whose companion ``name`` is, or ``None``."""
    found = name.removeprefix(PREFIX).removesuffix(SUFFIX)
    return found if found and len(name) == len(found) + len(PREFIX) + len(SUFFIX) else None


def to_metadata(record: LockRecord) -> dict[str, str]:
    """The record as the companion's metadata."""
    return {
        "azfiles_lock": FORMAT,
        "azfiles_state": _WORDS[record.held, record.unsettled],
        "azfiles_token": str(record.token),
        "azfiles_ttl_s": repr(float(record.ttl_s)),
        "azfiles_beat": str(record.beat),
        **({"azfiles_owner": record.owner} if record.owner else {}),
    }


def from_metadata(metadata: Mapping[str, str]) -> LockRecord | None:
    """The record that metadata holds; ``None`` where it is anything else, or of another format."""
    found = {name.lower(): value for name, value in metadata.items()}
    try:
        ttl_s = float(found["azfiles_ttl_s"])
        held, unsettled = _STATES[found["azfiles_state"]]
        token, beat = _number(found["azfiles_token"]), _number(found["azfiles_beat"])
    except (KeyError, ValueError):
        return None
    if found.get("azfiles_lock") != FORMAT or not (math.isfinite(ttl_s) and ttl_s > 0):
        return None
    return LockRecord(token, held, ttl_s, beat, found.get("azfiles_owner", ""), unsettled)


def may_be_leased(record: LockRecord) -> bool:
    """Whether a lease of the file may be one of a lock: of its holder, or by a late request of its last one."""
    return record.held or record.unsettled


def may_be_entering(record: LockRecord) -> bool:
    """Whether a request to lease the file may still be on its way, by the holder or one before. A holder's is not that has
    given a sign of life after its lease was answered.
    """
    return record.unsettled or (record.held and not record.beat)


def next_token(seen: Seen) -> int:
    """The fencing token that follows: greater than the record's, and than any that another companion gave out before this
    one was made. Those were counted up from their companion's own beginning in microseconds, and giving one out takes
    longer than a microsecond.
    """
    record = FRESH if seen.record is None else seen.record
    return max(record.token, (seen.created - _EPOCH) // _MICROSECOND) + 1


def look(companion: Target, *, guard: str | None = None) -> Flow[Seen | None]:
    """The companion as it is now, ``None`` where there is none. With ``guard`` it is refused unless that holds it."""
    operation = files.get_file_properties(companion.share, companion.path, lease_id=guard)
    try:
        found = yield from call(companion.session, operation)
    except NotFound as missing:
        if missing.code == "ShareNotFound":
            raise
        return None
    return seen_in(found)


def seen_in(found: FileProperties) -> Seen:
    """What the properties of a companion say."""
    # Where the service tells no exact time of creation, there is at least the second in which it was last changed.
    created = found.smb.creation_time or found.last_modified + timedelta(seconds=1)
    return Seen(
        found.etag,
        from_metadata(found.metadata),
        found.lease is not None and found.lease.state == "leased",
        created,
        found.last_modified,
    )


def create(companion: Target) -> Flow[None]:
    """Make the companion, unless one is there by now: it gets its name by a rename that replaces nothing. For Create File
    replaces whatever it finds, and one that comes late, or again, would find the record of a lock.

    Its time of creation is that of the rename, or a companion that was deleted meanwhile could be the younger one.
    """
    refuse_without_second_name(companion, "")
    made = Made(beside(companion, (yield from new_name())))
    operation = files.create_file(made.place.share, made.place.path, 0, metadata=to_metadata(FRESH))
    try:
        made.file_id = (yield from call(companion.session, operation)).smb.file_id
        yield from rename(made, companion, Renaming(smb=SmbSettings(creation_time="Now")))
    except GeneratorExit:
        raise  # whoever closes a flow performs no effects any more
    except BaseException as error:
        yield from discard(made, error)
        if not isinstance(error, (AlreadyExists, LeaseConflict)):
            raise


def write(companion: Target, record: LockRecord, guard: str) -> Flow[None]:
    """Replace the record, as the holder of the guard."""
    operation = files.set_file_metadata(companion.share, companion.path, to_metadata(record), lease_id=guard)
    yield from call(companion.session, operation)


def urgent(target: Target, seconds: float) -> Target:
    """As ``within``, and also while the endpoint's circuit is open: it is a request or two, and without them a lock that is
    held would be lost, or stay for longer than it has to.
    """
    target = within(target, seconds)
    return replace(target, session=replace(target.session, health=None))


def before_lost(target: Target, left_s: float) -> Target:
    """As ``urgent``, for what is to be done within ``left_s`` seconds, or a lock is lost. A call takes no longer than half
    of that, however long the service asks to wait, so that there is always time for another one.
    """
    target = urgent(target, left_s)
    retry = target.session.retry
    if retry is None:
        return target
    retry = replace(retry, deadline_s=min(retry.deadline_s, max(left_s / 2, _LEAST_S)))
    return replace(target, session=replace(target.session, retry=retry))


def within(target: Target, seconds: float) -> Target:
    """The same resource, whose calls give up after so many seconds, and after a third of them try again."""
    retry = target.session.retry
    if retry is not None:
        retry = replace(retry, deadline_s=min(retry.deadline_s, max(seconds, _LEAST_S)))
    return _hurried(target, seconds / 3, retry)


def once(target: Target, seconds: float) -> Target:
    """The same resource, whose calls give up after so many seconds, and try once."""
    return _hurried(target, seconds, None)


def _hurried(target: Target, seconds: float, retry: RetryPolicy | None) -> Target:
    session, seconds = target.session, max(seconds, _LEAST_S)
    timeouts = replace(
        session.timeouts,
        metadata_s=min(session.timeouts.metadata_s, seconds),
        lease_s=min(session.timeouts.lease_s, seconds),
    )
    hurried: Session = replace(session, timeouts=timeouts, retry=retry)
    return replace(target, session=hurried)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError("not a whole number")
    return int(text)


__all__ = [
    "FRESH",
    "Seen",
    "before_lost",
    "companion_of",
    "create",
    "from_metadata",
    "locked_name",
    "look",
    "may_be_entering",
    "may_be_leased",
    "next_token",
    "once",
    "seen_in",
    "to_metadata",
    "urgent",
    "within",
    "write",
]
