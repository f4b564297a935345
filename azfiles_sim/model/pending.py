"""Copies that take their time: how far one is at an instant, and what it keeps others from doing.

The destination has its bytes from the start; what is pending is only told. (u) what a read meanwhile returns, and that
the ETag does not move when the copy ends.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from azfiles_sim.model.entities import TICKS_PER_SECOND, CopyRecord, File, Ticks, TreeKey
from azfiles_sim.model.errors import Code, ServiceError

SUCCESS: Final = "success"
PENDING: Final = "pending"
ABORTED: Final = "aborted"
FAILED: Final = "failed"


def begin_copy(
    copy_id: str,
    source: str,
    size: int,
    *,
    started: Ticks,
    stamp: Ticks,
    bytes_per_s: int | None,
    source_tree: TreeKey,
    source_id: int,
) -> CopyRecord:
    """The record of a copy that begins: done at ``stamp`` without a speed, else pending as long as the bytes take."""
    if bytes_per_s is None:
        return CopyRecord(copy_id, source, SUCCESS, size, size, stamp)
    ends = started + -(-size * TICKS_PER_SECOND // bytes_per_s)
    return CopyRecord(copy_id, source, PENDING, 0, size, None, None, started, ends, source_tree, source_id)


def settle_copy(record: CopyRecord, now: Ticks) -> CopyRecord:
    """The record as it is at ``now``."""
    if record.status != PENDING or record.started is None or record.ends is None:
        return record
    if record.ends <= now:
        return replace(record, status=SUCCESS, copied=record.total, completed=record.ends)
    elapsed = max(0, now - record.started)  # the clock may have been set back
    return replace(record, copied=record.total * elapsed // (record.ends - record.started))


def refuse_pending_copy(file: File, now: Ticks) -> None:
    """Raise PendingCopyOperation where a copy onto the file is under way (unverified)."""
    if file.copy is not None and settle_copy(file.copy, now).status == PENDING:
        raise ServiceError(Code.PENDING_COPY_OPERATION)


__all__ = ["ABORTED", "FAILED", "PENDING", "SUCCESS", "begin_copy", "refuse_pending_copy", "settle_copy"]
