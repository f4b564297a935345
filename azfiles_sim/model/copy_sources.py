"""Where Copy File and Put Range from URL read: any file or file snapshot of any account of this simulator."""

from __future__ import annotations

from typing import Final

from azfiles_sim.model.commands import CopySource
from azfiles_sim.model.deciding import Context, Place, file_to_read, find_share, find_snapshot, walk
from azfiles_sim.model.entities import File
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.sharing import READ, guard_handles

SOURCE_DETAIL_SINCE: Final = "2025-11-05"
"""From this version on a refusal tells what the source answered (recorded with 2026-02-06)."""


def find_source(context: Context, source: CopySource) -> Place:
    """The place of a source; refused as a read of it would be, and as CannotVerifyCopySource for no such account."""
    account = context.view.account(source.account)
    if account is None:
        raise ServiceError(Code.CANNOT_VERIFY_COPY_SOURCE)
    share = find_share(context.view, source.account, source.share)
    tree = share.tree if source.snapshot is None else find_snapshot(context.view, share, source.snapshot).tree
    place = walk(context.view, account, share, tree, source.path)
    guard_handles(context, place, file_to_read(place).file_id, READ)
    return place


def verify_source(context: Context, source: CopySource, version: str) -> Place:
    """The same, every refusal being CannotVerifyCopySource, which newer versions tell the source's own code with."""
    try:
        return find_source(context, source)
    except ServiceError as refusal:
        told = version >= SOURCE_DETAIL_SINCE and refusal.code is not Code.CANNOT_VERIFY_COPY_SOURCE
        details = (("CopySourceErrorCode", refusal.code.value),) if told else ()
        raise ServiceError(Code.CANNOT_VERIFY_COPY_SOURCE, details=details) from None


def read_source(context: Context, source: CopySource, version: str) -> File:
    """The file that a range is taken from. (u) a missing one in the same account is refused like any other."""
    return file_to_read(verify_source(context, source, version))


__all__ = ["SOURCE_DETAIL_SINCE", "find_source", "read_source", "verify_source"]
