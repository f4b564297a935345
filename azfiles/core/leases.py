"""Leases of shares (15 to 60 seconds, or infinite) and of files (always infinite)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from azfiles.core import replies
from azfiles.core.arguments import (
    INFINITE_LEASE,
    Pairs,
    check_guid,
    check_share_name,
    check_whole,
    file_path,
    lease_header,
    snapshot_query,
    trailing_dots,
)
from azfiles.core.operation import Kind, Operation
from azfiles.core.versions import FILE_LEASES, SHARE_LEASES
from azfiles.errors import InvalidArgument
from azfiles.messages import Response
from azfiles.models import LeaseBroken, LeaseHeld, LeaseReleased

R = TypeVar("R")

MIN_LEASE_S, MAX_LEASE_S = 15, 60
MAX_BREAK_PERIOD_S = 60

_SHARE_LEASE = (("restype", "share"), ("comp", "lease"))
_FILE_LEASE = (("comp", "lease"),)


def acquire_share_lease(
    share: str, duration_s: int = INFINITE_LEASE, *, proposed_id: str | None = None, snapshot: str | None = None
) -> Operation[LeaseHeld]:
    """Lease a share, so that only the holder can delete it (Lease Share, acquire).

    ``duration_s``: 15 to 60 seconds, or -1 for a lease that lasts until it is released or broken.
    """
    if type(duration_s) is not int or (duration_s != INFINITE_LEASE and not MIN_LEASE_S <= duration_s <= MAX_LEASE_S):
        raise InvalidArgument(
            f"duration_s {duration_s!r}: {MIN_LEASE_S} to {MAX_LEASE_S} seconds, or {INFINITE_LEASE} for a lease "
            "without end, is expected"
        )
    headers = (("x-ms-lease-duration", str(duration_s)), *lease_header(proposed_id, "x-ms-proposed-lease-id"))
    return _on_share(share, "acquire", snapshot, headers, success=201, parse=_held)


def renew_share_lease(share: str, lease_id: str, *, snapshot: str | None = None) -> Operation[LeaseHeld]:
    """Start the lease's time afresh (Lease Share, renew)."""
    return _on_share(share, "renew", snapshot, _holder(lease_id), success=200, parse=_held)


def change_share_lease(
    share: str, lease_id: str, proposed_id: str, *, snapshot: str | None = None
) -> Operation[LeaseHeld]:
    """Give the lease another id (Lease Share, change)."""
    headers = (*_holder(lease_id), *lease_header(proposed_id, "x-ms-proposed-lease-id"))
    return _on_share(share, "change", snapshot, headers, success=200, parse=_held)


def release_share_lease(share: str, lease_id: str, *, snapshot: str | None = None) -> Operation[LeaseReleased]:
    """End the lease at once (Lease Share, release)."""
    return _on_share(share, "release", snapshot, _holder(lease_id), success=200, parse=_released)


def break_share_lease(
    share: str, *, period_s: int | None = None, lease_id: str | None = None, snapshot: str | None = None
) -> Operation[LeaseBroken]:
    """End somebody's lease, after ``period_s`` seconds (0 to 60) or the rest of its time, whichever is shorter; an
    infinite one ends at once where no period is given (Lease Share, break).
    """
    headers = lease_header(lease_id)
    if period_s is not None:
        check_whole("period_s", period_s, 0, MAX_BREAK_PERIOD_S)
        headers = (("x-ms-lease-break-period", str(period_s)), *headers)
    return _on_share(share, "break", snapshot, headers, success=202, parse=_broken)


def acquire_file_lease(share: str, path: Sequence[str], *, proposed_id: str | None = None) -> Operation[LeaseHeld]:
    """Lease a file until it is released or broken: only the holder can write or delete it (Lease File, acquire)."""
    headers = (
        ("x-ms-lease-duration", str(INFINITE_LEASE)),
        *lease_header(proposed_id, "x-ms-proposed-lease-id"),
    )
    return _on_file(share, path, "acquire", headers, success=201, parse=_held)


def change_file_lease(share: str, path: Sequence[str], lease_id: str, proposed_id: str) -> Operation[LeaseHeld]:
    """Give the lease another id (Lease File, change)."""
    headers = (*_holder(lease_id), *lease_header(proposed_id, "x-ms-proposed-lease-id"))
    return _on_file(share, path, "change", headers, success=200, parse=_held)


def release_file_lease(share: str, path: Sequence[str], lease_id: str) -> Operation[LeaseReleased]:
    """End the lease at once (Lease File, release)."""
    return _on_file(share, path, "release", _holder(lease_id), success=200, parse=_released)


def break_file_lease(share: str, path: Sequence[str], *, lease_id: str | None = None) -> Operation[LeaseBroken]:
    """End somebody's lease at once (Lease File, break)."""
    return _on_file(share, path, "break", lease_header(lease_id), success=202, parse=_broken)


def _on_share(
    share: str, action: str, snapshot: str | None, headers: Pairs, *, success: int, parse: Callable[[Response], R]
) -> Operation[R]:
    return Operation(
        name=f"Lease Share ({action})",
        kind=Kind.LEASE,
        method="PUT",
        path=(check_share_name(share),),
        success=(success,),
        parse=parse,
        query=(*_SHARE_LEASE, *snapshot_query(snapshot)),
        headers=(("x-ms-lease-action", action), *headers),
        since=SHARE_LEASES,
    )


def _on_file(
    share: str, path: Sequence[str], action: str, headers: Pairs, *, success: int, parse: Callable[[Response], R]
) -> Operation[R]:
    components = file_path(share, path)
    dots, needs = trailing_dots(components)
    return Operation(
        name=f"Lease File ({action})",
        kind=Kind.LEASE,
        method="PUT",
        path=components,
        success=(success,),
        parse=parse,
        query=_FILE_LEASE,
        headers=(("x-ms-lease-action", action), *headers, *dots),
        since=FILE_LEASES,
        needs=needs,
    )


def _holder(lease_id: str) -> Pairs:
    return (("x-ms-lease-id", check_guid("lease_id", lease_id)),)


def _held(response: Response) -> LeaseHeld:
    headers = response.headers
    return LeaseHeld(replies.required(headers, "x-ms-lease-id"), replies.etag(headers), replies.last_modified(headers))


def _released(response: Response) -> LeaseReleased:
    return LeaseReleased(replies.etag(response.headers), replies.last_modified(response.headers))


def _broken(response: Response) -> LeaseBroken:
    headers = response.headers
    remaining_s = replies.required_number(headers, "x-ms-lease-time")
    return LeaseBroken(replies.etag(headers), replies.last_modified(headers), remaining_s)
