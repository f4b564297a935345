"""Requests about leases that somebody else may have: whose they are, ending them, and the guard of a companion."""

from __future__ import annotations

from typing import Final

from azfiles.core import files, leases
from azfiles.errors import AzureFilesError, LeaseConflict, NotFound, ServerFault, TransportError
from azfiles.flows.call import call
from azfiles.flows.effects import Flow, random_fraction, sleep
from azfiles.flows.locking.companion import urgent
from azfiles.flows.locking.holding import LEAVING_S
from azfiles.flows.targets import Target

_BREAKS: Final = 4
_GUARD_PAUSE_S: Final = 0.2


def take_guard(companion: Target, guard: str, *, tries: int, breaking: bool) -> Flow[None]:
    """Lease the companion, at the last breaking what somebody else has. Raises ``LeaseConflict`` where that failed.

    Breaking it does no harm, for a record is only written by who has read it under the same guard.
    """
    operation = leases.acquire_file_lease(companion.share, companion.path, proposed_id=guard)
    for left in reversed(range(tries)):
        try:
            yield from call(companion.session, operation)
        except LeaseConflict:
            if not left and not breaking:
                raise
        else:
            return
        if left:
            yield from sleep(_GUARD_PAUSE_S * (yield from random_fraction()))
    yield from break_lease(companion)
    yield from call(companion.session, operation)


def break_lease(target: Target) -> Flow[None]:
    """End the lease that somebody has who does not know that we are here. Where no answer comes the client does not repeat
    a break, for it might end somebody else's lease by then; here nobody else has any business to have one.
    """
    for tries_left in reversed(range(1 if target.session.retry is None else _BREAKS)):
        try:
            yield from call(target.session, leases.break_file_lease(target.share, target.path))
        except LeaseConflict:
            return  # it has gone by itself
        except (TransportError, ServerFault):
            if not tries_left:
                raise
            if not (yield from is_leased(target)):
                return
        else:
            return


def let_go(companion: Target, guard: str) -> Flow[None]:
    """Give up the guard, if we have it. Where that fails the next one breaks it."""
    companion = urgent(companion, LEAVING_S)
    try:
        yield from call(companion.session, leases.release_file_lease(companion.share, companion.path, guard))
    except AzureFilesError:
        return


def is_leased(target: Target) -> Flow[bool]:
    found = yield from call(target.session, files.get_file_properties(target.share, target.path))
    return found.lease is not None and found.lease.state == "leased"


def is_ours(target: Target, lease_id: str) -> Flow[bool]:
    """Whether the file still has our lease: a read with the id of another one is refused."""
    operation = files.get_file_properties(target.share, target.path, lease_id=lease_id)
    try:
        yield from call(target.session, operation)
    except (LeaseConflict, NotFound):
        return False
    return True


__all__ = ["break_lease", "is_leased", "is_ours", "let_go", "take_guard"]
