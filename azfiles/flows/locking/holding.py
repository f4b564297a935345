"""What a holder knows of its lock, and giving signs of life until it is lost: for locks of files and of shares alike."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from azfiles.errors import AzureFilesError, InvalidArgument, LockLost
from azfiles.flows.effects import Flow, monotonic, random_fraction, sleep
from azfiles.flows.targets import Target

RELIED_ON: Final = 0.9
"""The part of its time to live that a holder relies on. The rest is for clocks that run at different rates."""
LEAVING_S: Final = 10.0
"""How long giving something back may take, which nobody waits for gladly."""
_JITTER: Final = 0.2
_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 2.0
_PAUSE_S: Final = 0.5
_TRIES_LEFT: Final = 10
"""The longest pause after a sign of life that failed, as a part of the time that is left: for a service may be too busy. Of
a long time to live it is ``_LONGEST_RETRY_S`` at most.
"""
_LONGEST_RETRY_S: Final = 20.0


def check_wait(wait_s: float) -> None:
    if not wait_s >= 0:
        raise InvalidArgument(f"wait_s is {wait_s}: 0 seconds or more are expected")


class Patience:
    """Waiting for a lock, with pauses that grow. Half of each is by chance, so that of those who wait none is always the
    first to ask.
    """

    def __init__(self, began_s: float, wait_s: float, *, longest_s: float) -> None:
        self._until_s = began_s + wait_s
        self._longest_s = min(longest_s, _LONGEST_PAUSE_S)
        self._next_s = _FIRST_PAUSE_S

    def pause(self, sooner_s: float = math.inf) -> Flow[bool]:
        """Wait for a while, ``sooner_s`` seconds at most; false where the time is up."""
        left_s = self._until_s - (yield from monotonic())
        if left_s <= 0:
            return False
        pause_s = self._next_s * (1 + (yield from random_fraction())) / 2
        self._next_s = min(2 * self._next_s, self._longest_s)
        yield from sleep(min(pause_s, left_s, sooner_s))
        return True


class Hold:
    """A lock that is held: the state that its heartbeat and its body share. Times are of the holder's monotonic clock.

    It is lost when a sign of life was refused, or none went through in time; once lost it stays so.
    """

    def __init__(self, url: str, lease_id: str, *, lasts_s: float, token: int | None = None) -> None:
        self.url = url
        self.lease_id = lease_id
        self.token = token
        self.lasts_s = lasts_s
        self.confirmed_s = 0.0
        self.lost: LockLost | None = None
        self.released = False
        self.listeners: list[Callable[[LockLost], object]] = []
        """Called once when the lock is lost, by whoever finds it out: the heartbeat, or the body with ``check``."""

    def tell(self, target: Target) -> None:
        """Let the observers of ``target``'s client know when the lease of it is lost."""
        place, watch = (target.share, *target.path), target.session.watch
        self.listeners.append(lambda _: watch.lease_lost(place, self.lease_id, "lock lost"))

    def confirm(self, sent_s: float) -> None:
        """The lock was ours when a request that left at ``sent_s`` was carried out."""
        self.confirmed_s = max(self.confirmed_s, sent_s)

    def left_s(self, now_s: float) -> float:
        """For how long it is certain that nobody else holds the lock."""
        return self.confirmed_s + self.lasts_s * RELIED_ON - now_s

    def lose(self, reason: str) -> LockLost:
        """The lock is not ours any more; the first reason stays."""
        if self.lost is None:
            self.lost = LockLost(f"the lock of {self.url} was lost: {reason}", token=self.token)
        while self.listeners:
            try:
                listener = self.listeners.pop()
            except IndexError:  # the other one of the two was faster
                break
            listener(self.lost)
        return self.lost

    def check(self, now_s: float) -> None:
        """Raise ``LockLost`` unless the lock is certainly held now."""
        if self.lost is None and self.left_s(now_s) <= 0:
            self.lose("no sign of life went through in time, so somebody may have taken it over")
        if self.lost is not None:
            raise _again(self.lost)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.url}{'' if self.token is None else f', token {self.token}'}>"


def _again(lost: LockLost) -> LockLost:
    """The same error anew, for each raise of one adds to its traceback."""
    return LockLost(*lost.args, token=lost.token)


def check(hold: Hold) -> Flow[None]:
    """Raise ``LockLost`` unless the lock is certainly held now, by the runner's clock."""
    hold.check((yield from monotonic()))


def keep(hold: Hold, every_s: float, sign: Callable[[float], Flow[bool]]) -> Flow[None]:
    """Give a sign of life every ``every_s`` seconds, somewhat earlier by chance, until the lock is lost.

    ``sign`` is given the seconds that are left for it, confirms the hold and returns whether the lock is still ours. One
    that fails for other reasons is repeated as long as there is time.
    """
    while hold.lost is None:
        due_s = hold.confirmed_s + every_s * (1 - _JITTER * (yield from random_fraction()))
        yield from sleep(max(0.0, due_s - (yield from monotonic())))
        yield from _sign_in_time(hold, sign)


def _sign_in_time(hold: Hold, sign: Callable[[float], Flow[bool]]) -> Flow[None]:
    failure = ""
    while hold.lost is None:
        left_s = hold.left_s((yield from monotonic()))
        if left_s <= 0:
            hold.lose(f"no sign of life went through in time, so somebody may have taken it over{failure}")
            return
        try:
            ours = yield from sign(left_s)
        except AzureFilesError as error:
            failure = f" ({error})"
        else:
            if not ours:
                hold.lose("it was taken over, or its lease was broken")
            return
        left_s = max(0.0, hold.left_s((yield from monotonic())))
        longest_s = min(max(_PAUSE_S, left_s / _TRIES_LEFT), _LONGEST_RETRY_S)
        yield from sleep(min(longest_s * (yield from random_fraction()), left_s))


__all__ = ["LEAVING_S", "RELIED_ON", "Hold", "Patience", "check", "check_wait", "keep"]
