"""The bytes of a file: read, write, clear and list ranges."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from azfiles_sim.model.changes import PutNode
from azfiles_sim.model.commands import ClearRange, GetFile, ListRanges, PutRange
from azfiles_sim.model.content import Content
from azfiles_sim.model.deciding import Context, Decision, Place, file_to_read, find_place, take_stamp
from azfiles_sim.model.entities import File, SmbProperties, Ticks
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.files import file_to_write
from azfiles_sim.model.lease import guard_file, lease_after_write
from azfiles_sim.model.limits import MAX_RANGE_BYTES, store_bytes
from azfiles_sim.model.results import FileContent, RangesResult, RangeWritten


def get_file(context: Context, command: GetFile) -> Decision:
    """Get File, whole or a range, as views of the stored buffers.

    A hash is only given for a range of at most 4 MiB (the code of the refusal is unverified).
    """
    file = file_to_read(find_place(context.view, command))
    guard_file(file.lease, command.lease_id, writing=False)
    start, after = _clip(file, command.start, command.end)
    if command.range_md5 and (command.start is None or after - start > MAX_RANGE_BYTES):
        raise ServiceError(Code.INVALID_HEADER_VALUE)
    views = file.content.read(start, after)
    return Decision(
        FileContent(
            file=file,
            views=views,
            start=command.start,
            end=after - 1,
            range_md5=_md5(views) if command.range_md5 else None,
        )
    )


def put_range(context: Context, command: PutRange) -> Decision:
    """Put Range, update: at most 4 MiB, never beyond the end of the file."""
    if command.end - command.start >= MAX_RANGE_BYTES:
        raise ServiceError(Code.REQUEST_BODY_TOO_LARGE)
    place, file = file_to_write(context, command)
    _refuse_beyond_end(file, command.end)
    if command.content_md5 is not None and command.content_md5 != command.data_md5:
        raise ServiceError(Code.MD5_MISMATCH)
    content = file.content.write(command.start, command.data)
    return _written(context, place, file, content, command)


def clear_range(context: Context, command: ClearRange) -> Decision:
    """Put Range, clear: of any length within the file; whole pages are given back, others filled with zeros."""
    place, file = file_to_write(context, command)
    _refuse_beyond_end(file, command.end)
    return _written(context, place, file, file.content.clear(command.start, command.end + 1), command)


def list_ranges(context: Context, command: ListRanges) -> Decision:
    """List Ranges; a start beyond the end of the file is refused like a read of it (unverified)."""
    file = file_to_read(find_place(context.view, command))
    guard_file(file.lease, command.lease_id, writing=False)
    start, after = _clip(file, command.start, command.end)
    return Decision(RangesResult(file, file.content.listed_ranges(start, after)))


def _written(context: Context, place: Place, file: File, content: Content, command: PutRange | ClearRange) -> Decision:
    counted = store_bytes(place.share, content.written - file.content.written)
    stamped = take_stamp(place.account, context.now)
    written = File(
        file.name,
        file.file_id,
        file.parent_id,
        stamped.stamp,
        _times_after_write(context, file.smb, stamped.stamp, keep_last_write=command.keep_last_write),
        file.size,
        file.metadata,
        file.http,
        content,
        lease_after_write(file.lease),
        file.copy,
    )
    md5 = command.data_md5 if isinstance(command, PutRange) else b""
    return Decision(RangeWritten(written, md5), (stamped.change, *counted, PutNode(place.tree, written)))


def _times_after_write(context: Context, smb: SmbProperties, stamp: Ticks, *, keep_last_write: bool) -> SmbProperties:
    if context.quirks.put_range_keeps_times:
        return smb
    last_write = smb.last_write if keep_last_write else stamp
    return SmbProperties(smb.attributes, smb.creation, last_write, stamp, smb.permission_key)


def _clip(file: File, start: int | None, end: int | None) -> tuple[int, int]:
    """The range asked for within the file: its first byte, and the byte after its last."""
    if start is None:
        return 0, file.size
    if start >= file.size:
        raise ServiceError(Code.INVALID_RANGE, size=file.size)
    return start, file.size if end is None else min(end + 1, file.size)


def _refuse_beyond_end(file: File, end: int) -> None:
    if end >= file.size:
        raise ServiceError(Code.INVALID_RANGE, size=file.size)


def _md5(views: Sequence[memoryview]) -> bytes:
    digest = hashlib.md5(usedforsecurity=False)
    for view in views:
        digest.update(view)
    return digest.digest()


__all__ = ["clear_range", "get_file", "list_ranges", "put_range"]
