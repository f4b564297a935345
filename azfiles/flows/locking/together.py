"""A lock around a body that is a flow: the heartbeat runs in a branch beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from azfiles.flows.effects import Flow, gather
from azfiles.flows.locking import file_locks, share_locks
from azfiles.flows.locking.file_locks import DEFAULT_TTL_S, DEFAULT_WAIT_S, FileHold
from azfiles.flows.locking.holding import Hold
from azfiles.flows.locking.share_locks import ShareHold
from azfiles.flows.targets import Target

T = TypeVar("T")
H = TypeVar("H", bound=Hold)


def locked(
    target: Target,
    body: Callable[[FileHold], Flow[T]],
    *,
    ttl: float = DEFAULT_TTL_S,
    wait_s: float = DEFAULT_WAIT_S,
    owner: str = "",
) -> Flow[T]:
    """Carry out ``body`` while holding the file's lock, and return its result.

    Raises what ``acquire`` raises, what ``body`` raises, and ``LockLost`` where the body came to its end but the lock was
    lost meanwhile. The body is not ended for it: it checks when it matters to it.
    """
    hold = yield from file_locks.acquire(target, ttl=ttl, wait_s=wait_s, owner=owner)
    return (yield from _kept(hold, file_locks.heartbeat, file_locks.release, body))


def locked_share(
    target: Target,
    body: Callable[[ShareHold], Flow[T]],
    *,
    duration_s: int = share_locks.DEFAULT_DURATION_S,
    wait_s: float = share_locks.DEFAULT_WAIT_S,
) -> Flow[T]:
    """Carry out ``body`` while holding the share's lock; all else as ``locked`` has it."""
    hold = yield from share_locks.acquire(target, duration_s=duration_s, wait_s=wait_s)
    return (yield from _kept(hold, share_locks.heartbeat, share_locks.release, body))


def _kept(
    hold: H, heartbeat: Callable[[H], Flow[None]], release: Callable[[H], Flow[None]], body: Callable[[H], Flow[T]]
) -> Flow[T]:
    try:
        result = yield from _beside(heartbeat(hold), body(hold))
    except GeneratorExit:
        raise  # whoever closes a flow performs no effects any more
    except BaseException as error:
        yield from release(hold)
        note_loss(hold, error)
        raise
    yield from release(hold)
    if hold.lost is not None:
        raise hold.lost
    return result


def note_loss(hold: Hold, error: BaseException) -> None:
    """Say of the error that ended a body that the lock was lost as well."""
    if hold.lost is not None and error is not hold.lost:
        error.add_note(str(hold.lost))


class _Done(Exception):
    """No error: it ends the branches of a ``Gather``."""

    def __init__(self, result: Any) -> None:
        self.result = result


def _beside(heartbeat: Flow[None], body: Flow[T]) -> Flow[T]:
    """The body's result; the heartbeat ends with it."""

    def to_its_end() -> Flow[None]:
        raise _Done((yield from body))

    try:
        yield from gather([to_its_end(), heartbeat], 2)
    except _Done as done:
        result: T = done.result
        return result
    raise AssertionError("a body ends its branch, in one way or the other")


__all__ = ["locked", "locked_share", "note_loss"]
