"""What is done with locks, in the words of a history. A ``token`` is a lock's fencing token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class TakeLock:
    """Get a file's lock; a success tells its token as the value."""

    file: str


@dataclass(frozen=True, slots=True)
class KeepLock:
    """From when the lock was got until the client began to give it back, was killed, or was told that it had lost it.
    ``steady`` is a client that was never held up meanwhile; ``lost`` whether it was told that it had lost the lock.
    """

    file: str
    token: int
    steady: bool
    lost: bool


@dataclass(frozen=True, slots=True)
class CheckLock:
    """The client asked, without any request, whether it certainly still had the lock: done is yes."""

    file: str
    token: int


@dataclass(frozen=True, slots=True)
class Count:
    """Add one to the number in ``thing``, read and written apart, as the holder of ``file``'s lock with this token: in the
    file itself, which the service guards, or in something else, which guards itself by the token. A success tells what
    was written. A share's lock, with no token, guards what is in its metadata.
    """

    thing: str
    file: str
    token: int = 0


@dataclass(frozen=True, slots=True)
class ReadCount:
    """The number in ``thing``."""

    thing: str


@dataclass(frozen=True, slots=True)
class LateBreak:
    """A break of the file's lease was carried out after the time in which its sender might have sent it: it may have ended
    the lease of a holder that came later.
    """

    file: str


@dataclass(frozen=True, slots=True)
class DropCompanion:
    """Somebody who does not know what it is for deleted the companion of the file's lock. Together with a late break that
    takes every sign away of whoever held it.
    """

    file: str


@dataclass(frozen=True, slots=True)
class TakeShareLock:
    """Get a share's lock, which has no token: ``hold`` names the client's try."""

    share: str
    hold: str


@dataclass(frozen=True, slots=True)
class KeepShareLock:
    """As ``KeepLock``, of a share's."""

    share: str
    hold: str
    steady: bool
    lost: bool


@dataclass(frozen=True, slots=True)
class CheckShareLock:
    """As ``CheckLock``, of a share's."""

    share: str
    hold: str


@dataclass(frozen=True, slots=True)
class BreakShareLock:
    """Somebody broke the share's lease, whoever had it: ``at_once``, or so that its time goes by. It may have been refused,
    and been carried out all the same by an earlier try.
    """

    share: str
    at_once: bool


ShareLockAction: TypeAlias = TakeShareLock | KeepShareLock | CheckShareLock | BreakShareLock
LockAction: TypeAlias = (
    TakeLock | KeepLock | CheckLock | Count | ReadCount | LateBreak | DropCompanion | ShareLockAction
)

__all__ = [
    "BreakShareLock",
    "CheckLock",
    "CheckShareLock",
    "Count",
    "DropCompanion",
    "KeepLock",
    "KeepShareLock",
    "LateBreak",
    "LockAction",
    "ReadCount",
    "ShareLockAction",
    "TakeLock",
    "TakeShareLock",
]
