"""What can be seen of locks: the record in a lock's companion file, and leases found in a tree."""

from __future__ import annotations

from datetime import datetime

from azfiles.records import dataclass


@dataclass(frozen=True, slots=True)
class LockRecord:
    """What a lock's companion file says. ``token`` is the newest fencing token; ``held`` whether its holder has not yet
    given the lock back, so that a lease of the file may be of a lock.

    ``unsettled`` is a lock that was given back while a request of its holder to lease the file, which was never answered,
    might still arrive: so a lease of the file may be of a lock then, too.

    ``ttl_s`` is how long that holder may give no sign of life before another one takes over; ``beat`` counts the signs;
    ``owner`` is what the holder calls itself, for people to read.
    """

    token: int
    held: bool
    ttl_s: float
    beat: int = 0
    owner: str = ""
    unsettled: bool = False


@dataclass(frozen=True, slots=True)
class FoundLease:
    """A file or share that is leased. ``path`` is empty for a share.

    ``lock`` is the record beside a file that a lock holds, and ``last_sign`` when its holder gave the last sign of life,
    by the service's clock and in whole seconds; both are ``None`` where the lease is of no lock that can be known.
    ``duration`` is ``"infinite"``, or ``"fixed"`` for a share's lease that has an end.
    """

    share: str
    path: str
    duration: str | None
    lock: LockRecord | None = None
    last_sign: datetime | None = None


__all__ = ["FoundLease", "LockRecord"]
