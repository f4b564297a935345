"""Closing handles of SMB clients. The service closes some of them in a request and says where to go on."""

from __future__ import annotations

from collections.abc import Callable

from azfiles.core import handles
from azfiles.core.operation import Operation
from azfiles.errors import ReplyNotUnderstood
from azfiles.flows.call import call
from azfiles.flows.effects import Flow
from azfiles.flows.targets import Target
from azfiles.models import Handle, HandlesClosed


def close_file_handle(target: Target, handle: Handle | str) -> Flow[HandlesClosed]:
    """Close one handle of this file, given as listed or by its id (Force Close Handles). The SMB client that holds it
    loses what it has not yet written.
    """
    return (yield from _close_file(target, _id(handle)))


def close_all_file_handles(target: Target) -> Flow[HandlesClosed]:
    """Close all handles of this file (Force Close Handles), in as many requests as it takes. SMB clients lose what
    they have not yet written.
    """
    return (yield from _close_file(target, handles.ALL_HANDLES))


def close_directory_handle(target: Target, handle: Handle | str) -> Flow[HandlesClosed]:
    """Close one handle of this directory or of what is in it, given as listed or by its id (Force Close Handles). The
    SMB client that holds it loses what it has not yet written.
    """
    return (yield from _close_directory(target, _id(handle), recursive=True))


def close_all_directory_handles(target: Target, *, recursive: bool = False) -> Flow[HandlesClosed]:
    """Close all handles of this directory, with ``recursive`` those of all that is below it too (Force Close Handles),
    in as many requests as it takes. SMB clients lose what they have not yet written.
    """
    return (yield from _close_directory(target, handles.ALL_HANDLES, recursive=recursive))


def _id(handle: Handle | str) -> str:
    return handle if isinstance(handle, str) else handle.id


def _close_file(target: Target, handle_id: str) -> Flow[HandlesClosed]:
    def describe(marker: str | None) -> Operation[tuple[HandlesClosed, str | None]]:
        return handles.close_file_handles(target.share, target.path, handle_id, marker=marker, snapshot=target.snapshot)

    return (yield from _close(target, describe))


def _close_directory(target: Target, handle_id: str, *, recursive: bool) -> Flow[HandlesClosed]:
    def describe(marker: str | None) -> Operation[tuple[HandlesClosed, str | None]]:
        return handles.close_directory_handles(
            target.share, target.path, handle_id, recursive=recursive, marker=marker, snapshot=target.snapshot
        )

    return (yield from _close(target, describe))


def _close(
    target: Target, describe: Callable[[str | None], Operation[tuple[HandlesClosed, str | None]]]
) -> Flow[HandlesClosed]:
    closed = failed = 0
    marker: str | None = None
    while True:
        count, following = yield from call(target.session, describe(marker))
        closed += count.closed
        failed += count.failed
        if following is None:
            return HandlesClosed(closed, failed)
        if following == marker:
            raise ReplyNotUnderstood("closing handles leads back to where it was; going on would never end")
        marker = following


__all__ = ["close_all_directory_handles", "close_all_file_handles", "close_directory_handle", "close_file_handle"]
