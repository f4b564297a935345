"""Locks of files and shares as context managers, blocking and async: taken, kept by a heartbeat beside the body, and
given back. ``docs/locks.md`` says what they promise.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from typing import Final, Generic, Protocol, TypeVar

from azfiles.clients.descriptors import AwaitedRunner, Awaiting, Blocking, Runner
from azfiles.errors import LockLost
from azfiles.flows.effects import Flow
from azfiles.flows.locking import file_locks, share_locks
from azfiles.flows.locking.file_locks import FileHold
from azfiles.flows.locking.holding import Hold
from azfiles.flows.locking.share_locks import ShareHold
from azfiles.flows.locking.together import note_loss
from azfiles.flows.targets import Target

T = TypeVar("T")
H = TypeVar("H", bound=Hold)
L = TypeVar("L")
OnLost = Callable[[LockLost], object]

_log: Final = logging.getLogger("azfiles.locks")


class _Clock(Protocol):
    def monotonic(self) -> float: ...


class HeldShareLock:
    """A share's lock that is held, as the body of its ``with`` statement sees it."""

    __slots__ = ("_clock", "_hold")

    def __init__(self, hold: Hold, clock: _Clock) -> None:
        self._hold = hold
        self._clock = clock

    @property
    def lease_id(self) -> str:
        """What requests must send that need the lease. Whoever has it may act for the holder, so ``repr`` hides it."""
        return self._hold.lease_id

    @property
    def lost(self) -> bool:
        """Whether it is known that the lock was lost. Nothing is sent; ``check`` tells more."""
        return self._hold.lost is not None

    @property
    def released(self) -> bool:
        """After the ``with`` statement: whether the lease was given back, or was not ours any more. Else it ends by itself,
        after the lock's time to live.
        """
        return self._hold.released

    def check(self) -> None:
        """Raise ``LockLost`` unless the lock is certainly held now, by this machine's clock; nothing is sent."""
        self._hold.check(self._clock.monotonic())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._hold.url}>"


class HeldFileLock(HeldShareLock):
    """A file's lock that is held, as the body of its ``with`` statement sees it."""

    __slots__ = ()

    @property
    def token(self) -> int:
        """The fencing token: greater than that of any holder before. Whatever the lock guards beside the file itself has
        to be shown it, and has to refuse one that is smaller than it has seen.
        """
        return self._hold.token or 0

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._hold.url}, token {self.token}>"


class _Kind(Generic[H, L]):
    """What the locks of files and of shares do each in its own way."""

    def __init__(
        self, heartbeat: Callable[[H], Flow[None]], release: Callable[[H], Flow[None]], held: Callable[[H, _Clock], L]
    ) -> None:
        self._heartbeat = heartbeat
        self._release = release
        self._held = held

    @contextmanager
    def blocking(self, runner: Runner, acquiring: Flow[H], on_lost: OnLost | None) -> Generator[L]:
        hold = runner.run(acquiring)
        try:
            _listen(hold, on_lost)
            with runner.beside(self._heartbeat(hold)):
                yield self._held(hold, runner)
        except BaseException as error:
            runner.run(self._release(hold))
            note_loss(hold, error)
            raise
        runner.run(self._release(hold))
        _raise_loss(hold)

    @asynccontextmanager
    async def awaiting(self, runner: AwaitedRunner, acquiring: Flow[H], on_lost: OnLost | None) -> AsyncGenerator[L]:
        hold = await runner.run(acquiring)
        try:
            _listen(hold, on_lost)
            async with runner.beside(self._heartbeat(hold)):
                yield self._held(hold, runner)
        except GeneratorExit:
            raise  # there is no event loop left to give it back in
        except BaseException as error:
            try:
                await runner.run(self._release(hold))
            finally:
                note_loss(hold, error)
            raise
        await runner.run(self._release(hold))
        _raise_loss(hold)


def _listen(hold: Hold, on_lost: OnLost | None) -> None:
    """Call ``on_lost`` when the lock is lost. What it raises is logged: it must hide the loss from nobody."""
    if on_lost is None:
        return

    def tell(lost: LockLost) -> None:
        try:
            on_lost(lost)
        except Exception:  # noqa: BLE001 - whatever it was, it is the caller's and not the lock's
            _log.exception("on_lost failed when the lock of %s was lost", hold.url)

    hold.listeners.append(tell)


def _raise_loss(hold: Hold) -> None:
    if hold.lost is not None:
        raise hold.lost


_FILES: _Kind[FileHold, HeldFileLock] = _Kind(file_locks.heartbeat, file_locks.release, HeldFileLock)
_SHARES: _Kind[ShareHold, HeldShareLock] = _Kind(share_locks.heartbeat, share_locks.release, HeldShareLock)


class FileLocking(Blocking[Target]):
    """Locking of a file."""

    __slots__ = ()

    def lock(
        self,
        *,
        ttl: float = file_locks.DEFAULT_TTL_S,
        wait_s: float = file_locks.DEFAULT_WAIT_S,
        owner: str = "",
        on_lost: OnLost | None = None,
    ) -> AbstractContextManager[HeldFileLock]:
        """Hold this file's lock during a ``with`` statement: ``with file.lock(ttl=30) as held: ...``.

        The file must exist. While the lock is held the service refuses all who write to the file by REST without
        ``held.lease_id``, also a former holder. A thread gives signs of life beside the body, so that a holder who died
        is followed by another one after ``ttl`` seconds (1 to 86400) and not before. ``owner`` is for people who wonder
        who has the lock. Waits ``wait_s`` seconds at most, then raises ``LockNotAcquired``.

        Where the lock was lost meanwhile, ``LockLost`` is raised at the end, unless the body raised something, which then
        has a note of it. The body learns of it earlier by ``held.lost`` and ``held.check()``, or by ``on_lost``, which is
        called once with the error, from the heartbeat's thread or from ``check``; what it raises is logged.
        """
        acquiring = file_locks.acquire(self.target, ttl=ttl, wait_s=wait_s, owner=owner)
        return _FILES.blocking(self.runner, acquiring, on_lost)

    def with_lock(
        self,
        function: Callable[[HeldFileLock], T],
        *,
        ttl: float = file_locks.DEFAULT_TTL_S,
        wait_s: float = file_locks.DEFAULT_WAIT_S,
        owner: str = "",
        on_lost: OnLost | None = None,
    ) -> T:
        """Call ``function`` while holding this file's lock, and return its result; all else as ``lock`` has it."""
        with self.lock(ttl=ttl, wait_s=wait_s, owner=owner, on_lost=on_lost) as held:
            return function(held)


class ShareLocking(Blocking[Target]):
    """Locking of a share."""

    __slots__ = ()

    def lock(
        self,
        *,
        duration_s: int = share_locks.DEFAULT_DURATION_S,
        wait_s: float = share_locks.DEFAULT_WAIT_S,
        on_lost: OnLost | None = None,
    ) -> AbstractContextManager[HeldShareLock]:
        """Hold this share's lock during a ``with`` statement: its lease for ``duration_s`` seconds (15 to 60), which a
        thread renews beside the body. Waiting, the loss of the lock and ``on_lost`` are as for a file's lock; there is no
        token.
        """
        acquiring = share_locks.acquire(self.target, duration_s=duration_s, wait_s=wait_s)
        return _SHARES.blocking(self.runner, acquiring, on_lost)

    def with_lock(
        self,
        function: Callable[[HeldShareLock], T],
        *,
        duration_s: int = share_locks.DEFAULT_DURATION_S,
        wait_s: float = share_locks.DEFAULT_WAIT_S,
        on_lost: OnLost | None = None,
    ) -> T:
        """Call ``function`` while holding this share's lock, and return its result; all else as ``lock`` has it."""
        with self.lock(duration_s=duration_s, wait_s=wait_s, on_lost=on_lost) as held:
            return function(held)


class AsyncFileLocking(Awaiting[Target]):
    """Locking of a file."""

    __slots__ = ()

    def lock(
        self,
        *,
        ttl: float = file_locks.DEFAULT_TTL_S,
        wait_s: float = file_locks.DEFAULT_WAIT_S,
        owner: str = "",
        on_lost: OnLost | None = None,
    ) -> AbstractAsyncContextManager[HeldFileLock]:
        """Hold this file's lock during an ``async with`` statement; all as the blocking ``lock`` has it, but that a task
        gives the signs of life.
        """
        acquiring = file_locks.acquire(self.target, ttl=ttl, wait_s=wait_s, owner=owner)
        return _FILES.awaiting(self.runner, acquiring, on_lost)

    async def with_lock(
        self,
        function: Callable[[HeldFileLock], Awaitable[T]],
        *,
        ttl: float = file_locks.DEFAULT_TTL_S,
        wait_s: float = file_locks.DEFAULT_WAIT_S,
        owner: str = "",
        on_lost: OnLost | None = None,
    ) -> T:
        """Await ``function`` while holding this file's lock, and return its result; all else as ``lock`` has it."""
        async with self.lock(ttl=ttl, wait_s=wait_s, owner=owner, on_lost=on_lost) as held:
            return await function(held)


class AsyncShareLocking(Awaiting[Target]):
    """Locking of a share."""

    __slots__ = ()

    def lock(
        self,
        *,
        duration_s: int = share_locks.DEFAULT_DURATION_S,
        wait_s: float = share_locks.DEFAULT_WAIT_S,
        on_lost: OnLost | None = None,
    ) -> AbstractAsyncContextManager[HeldShareLock]:
        """Hold this share's lock during an ``async with`` statement; all as the blocking ``lock`` has it."""
        acquiring = share_locks.acquire(self.target, duration_s=duration_s, wait_s=wait_s)
        return _SHARES.awaiting(self.runner, acquiring, on_lost)

    async def with_lock(
        self,
        function: Callable[[HeldShareLock], Awaitable[T]],
        *,
        duration_s: int = share_locks.DEFAULT_DURATION_S,
        wait_s: float = share_locks.DEFAULT_WAIT_S,
        on_lost: OnLost | None = None,
    ) -> T:
        """Await ``function`` while holding this share's lock, and return its result; all else as ``lock`` has it."""
        async with self.lock(duration_s=duration_s, wait_s=wait_s, on_lost=on_lost) as held:
            return await function(held)


__all__ = ["AsyncFileLocking", "AsyncShareLocking", "FileLocking", "HeldFileLock", "HeldShareLock", "ShareLocking"]
