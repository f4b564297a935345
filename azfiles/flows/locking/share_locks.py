"""Locks of shares: a share's lease with an end, which is renewed before it comes. Nothing else is needed for a lock that
ends by itself, but there is nothing to count tokens in either.
"""

from __future__ import annotations

from typing import Final

from azfiles.core import leases
from azfiles.core.arguments import check_whole
from azfiles.errors import AzureFilesError, InvalidArgument, LeaseConflict, LockNotAcquired, NotFound
from azfiles.flows.call import call, refuse_snapshot
from azfiles.flows.effects import Flow, monotonic, new_id
from azfiles.flows.locking.companion import before_lost, urgent, within
from azfiles.flows.locking.holding import LEAVING_S, Hold, Patience, check_wait, keep
from azfiles.flows.targets import Target

DEFAULT_DURATION_S: Final = 60
DEFAULT_WAIT_S: Final = 120.0
_RENEWED_AT: Final = 2 / 3
_BUSY: Final = frozenset({"LeaseAlreadyPresent", "LeaseIsBreakingAndCannotBeAcquired"})


class ShareHold(Hold):
    """A share's lock that is held."""

    def __init__(self, target: Target, lease_id: str, duration_s: int) -> None:
        super().__init__(target.url, lease_id, lasts_s=duration_s)
        self.target = target
        self.tell(target)


def acquire(target: Target, *, duration_s: int = DEFAULT_DURATION_S, wait_s: float = DEFAULT_WAIT_S) -> Flow[ShareHold]:
    """Take the share's lock: its lease for ``duration_s`` seconds (15 to 60), waiting up to ``wait_s`` seconds for it. It
    must be kept by ``heartbeat`` and given back by ``release``.

    Raises ``LockNotAcquired`` after that time, ``NotFound`` where there is no such share. After any error nothing is held
    for longer than ``duration_s``.
    """
    refuse_snapshot(target)
    if target.path:
        raise InvalidArgument("a share is locked here, not what is in it")
    check_whole("duration_s", duration_s, 15, 60)
    check_wait(wait_s)
    hold = ShareHold(target, (yield from new_id()), duration_s)
    try:
        yield from _acquire(hold, duration_s, wait_s)
    except GeneratorExit:
        raise  # whoever closes a flow performs no effects any more
    except BaseException as error:
        if not isinstance(error, LockNotAcquired):
            yield from _give_back(hold)
        raise
    return hold


def _acquire(hold: ShareHold, duration_s: int, wait_s: float) -> Flow[None]:
    target = within(hold.target, duration_s)
    patience = Patience((yield from monotonic()), wait_s, longest_s=duration_s / 4)
    while True:
        sent_s = yield from monotonic()
        try:
            yield from call(
                target.session, leases.acquire_share_lease(target.share, duration_s, proposed_id=hold.lease_id)
            )
        except LeaseConflict as conflict:
            if conflict.code not in _BUSY:
                raise
            if not (yield from patience.pause()):
                raise LockNotAcquired(
                    f"the lock of {target.url} was not to be had within {wait_s:g} s: it is leased"
                ) from conflict
        else:
            hold.confirm(sent_s)
            # Where a busy service asked to wait so long that the lease would have to be renewed already, or is over by
            # now, it is asked once more: with its own id it begins anew.
            due_s = sent_s + duration_s * _RENEWED_AT
            if (yield from monotonic()) < due_s or not (yield from patience.pause()):
                return


def heartbeat(hold: ShareHold) -> Flow[None]:
    """Renew the lease until it is lost; whoever gives it back ends this flow before."""
    return (yield from keep(hold, hold.lasts_s * _RENEWED_AT, lambda left_s: renew(hold, left_s)))


def renew(hold: ShareHold, left_s: float) -> Flow[bool]:
    """Renew the lease once and confirm the hold; false where it is not ours any more."""
    sent_s = yield from monotonic()
    target = before_lost(hold.target, left_s)
    try:
        yield from call(target.session, leases.renew_share_lease(target.share, hold.lease_id))
    except (LeaseConflict, NotFound):
        return False
    hold.confirm(sent_s)
    return True


def release(hold: ShareHold) -> Flow[None]:
    """Give the lock back. Whatever goes wrong with that is no error: the lease ends by itself. ``hold.released`` tells."""
    try:
        yield from _give_back(hold)
    except GeneratorExit:
        raise
    except BaseException:
        yield from _give_back(hold)
        raise


def _give_back(hold: ShareHold) -> Flow[None]:
    target = urgent(hold.target, LEAVING_S)
    try:
        yield from call(target.session, leases.release_share_lease(target.share, hold.lease_id))
    except (LeaseConflict, NotFound):
        hold.released = True  # it is not ours any more
    except AzureFilesError:
        return
    else:
        hold.released = True


__all__ = ["DEFAULT_DURATION_S", "DEFAULT_WAIT_S", "ShareHold", "acquire", "heartbeat", "release", "renew"]
