"""The bytes of a file: read, write, clear and list ranges."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from azfiles_sim.model.changes import Change, PutAccount
from azfiles_sim.model.commands import ClearRange, GetFile, ListRanges, PutRange, PutRangeFromUrl
from azfiles_sim.model.content import EMPTY_CONTENT, Content
from azfiles_sim.model.copy_sources import read_source
from azfiles_sim.model.crc64 import crc64, crc64_bytes
from azfiles_sim.model.deciding import Context, Decision, Place, file_to_read, find_place, take_stamp
from azfiles_sim.model.entities import File, SmbProperties, Ticks
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.files import file_to_write
from azfiles_sim.model.lease import guard_file, lease_after_write
from azfiles_sim.model.limits import page_size, store_bytes
from azfiles_sim.model.nfs import put_file
from azfiles_sim.model.range_diff import Difference, differing_ranges
from azfiles_sim.model.results import FileContent, RangeCopied, RangesResult, RangeWritten
from azfiles_sim.model.sharing import READ, WRITE, guard_handles

WRONG_SOURCE_CHECKSUM: Final = Code.CRC64_MISMATCH
SOURCE_CONDITION_FAILED: Final = Code.CONDITION_NOT_MET
"""What checksums of a source that do not hold are refused with (both unverified; the latter is 412)."""


def get_file(context: Context, command: GetFile) -> Decision:
    """Get File, whole or a range, as views of the stored buffers. That a hash is asked only of a range of at most
    4 MiB is seen to where the request is read, because the refusal names the header.
    """
    place = find_place(context.view, command)
    file = file_to_read(place)
    guard_file(file.lease, command.lease_id, writing=False)
    start, after = _clip(file, command.start, command.end)
    guard_handles(context, place, file.file_id, READ, (start, after - 1))
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
    """Put Range, update: never beyond the end of the file. More than 4 MiB are refused where the request is read."""
    place, file = file_to_write(context, command, WRITE, (command.start, command.end))
    _refuse_beyond_end(file, command.end)
    if command.content_md5 is not None and command.content_md5 != command.data_md5:
        raise ServiceError(Code.MD5_MISMATCH)
    content = file.content.write(command.start, command.data)
    written, changes = _written(context, place, file, content, command)
    return Decision(RangeWritten(written, command.data_md5), changes)


def put_range_from_url(context: Context, command: PutRangeFromUrl) -> Decision:
    """Put Range from URL: at most 4 MiB of another file, in buffers of their own, so that it counts as a write of its own.

    A source shorter than asked for is 409 CannotVerifyCopySource (recorded).
    """
    place, file = file_to_write(context, command, WRITE, (command.start, command.end))
    _refuse_beyond_end(file, command.end)
    source = read_source(context, command.source, command.version)
    source_end = command.source_start + command.end - command.start
    if source_end >= source.size:
        raise ServiceError(Code.CANNOT_VERIFY_COPY_SOURCE, variant="short")
    views = source.content.read(command.source_start, source_end + 1)
    _check_source(command, views)
    content = file.content.write(command.start, [bytes(view) for view in views])
    written, changes = _written(context, place, file, content, command)
    return Decision(RangeCopied(written, views), changes)


def _check_source(command: PutRangeFromUrl, views: Sequence[memoryview]) -> None:
    if command.source_crc64 is None and command.if_match_crc64 is None and command.if_none_match_crc64 is None:
        return
    checksum = crc64_bytes(crc64(views))
    if command.source_crc64 not in {None, checksum}:
        raise ServiceError(WRONG_SOURCE_CHECKSUM)
    if command.if_match_crc64 not in {None, checksum} or command.if_none_match_crc64 == checksum:
        raise ServiceError(SOURCE_CONDITION_FAILED)


def clear_range(context: Context, command: ClearRange) -> Decision:
    """Put Range, clear: of any length within the file; whole pages are given back, others filled with zeros."""
    place, file = file_to_write(context, command, WRITE, (command.start, command.end))
    _refuse_beyond_end(file, command.end)
    content = file.content.clear(command.start, command.end + 1)
    written, changes = _written(context, place, file, content, command)
    return Decision(RangeWritten(written, b""), changes)


def list_ranges(context: Context, command: ListRanges) -> Decision:
    """List Ranges, whole or by pages, of what is there or of what changed since a snapshot.

    A start beyond the end of the file is refused like a read of it (unverified).
    """
    limit = None if command.max_results is None and command.marker is None else page_size(command.max_results)
    place = find_place(context.view, command)
    file = file_to_read(place)
    guard_file(file.lease, command.lease_id, writing=False)
    guard_handles(context, place, file.file_id, READ)
    start, after = _clip(file, command.start, command.end)
    start = max(start, command.marker or 0)
    if command.previous is None:
        listed = Difference(file.content.listed_ranges(start, after), ())
    else:
        base = _base_of(context, command, place, file)
        # (u) a copy shares the extents of its source, and yet is a write of all of them
        copied = file.copy is not None and (base is None or base.copy is None or base.copy.copy_id != file.copy.copy_id)
        held = EMPTY_CONTENT if base is None else base.content
        listed = differing_ranges(held, file.content, start, after, all_written=copied)
    written, cleared = listed
    order = sorted((*written, *cleared))
    if limit is None or len(order) <= limit:
        return Decision(RangesResult(file, written, cleared))
    page = set(order[:limit])
    return Decision(
        RangesResult(
            file,
            tuple(found for found in written if found in page),
            tuple(found for found in cleared if found in page),
            order[limit][0],
        )
    )


def _base_of(context: Context, command: ListRanges, place: Place, file: File) -> File | None:
    """The file in the base snapshot; None where it was not there yet, and then held nothing (unverified).

    Renamed since: PreviousSnapshotNotFound unless the request copes with that; another file of its name then:
    FileGenerationMismatch. A base that is missing or not older than what is listed is not found (both unverified).
    """
    previous = command.previous
    snapshot = None if previous is None else context.view.snapshot(place.share.account, place.share.name, previous)
    if snapshot is None or (command.snapshot is not None and snapshot.snapshot >= command.snapshot):
        raise ServiceError(Code.PREVIOUS_SNAPSHOT_NOT_FOUND)
    there = context.view.child(snapshot.tree, place.parent_id, place.key)
    if there is not None and there.file_id == file.file_id and isinstance(there, File):
        return there
    for node in context.view.nodes(snapshot.tree):
        if node.file_id == file.file_id and isinstance(node, File):
            if command.support_rename:
                return node
            raise ServiceError(Code.PREVIOUS_SNAPSHOT_NOT_FOUND)
    if there is not None:
        raise ServiceError(Code.FILE_GENERATION_MISMATCH)
    return None


def _written(
    context: Context, place: Place, file: File, content: Content, command: PutRange | PutRangeFromUrl | ClearRange
) -> tuple[File, tuple[Change, ...]]:
    """The file with other content, and the changes that store it."""
    counted = store_bytes(place.share, content.written - file.content.written)
    account = take_stamp(place.account, context.now)
    written = file.evolved(
        stamp=account.last_stamp,
        smb=_times_after_write(context, file.smb, account.last_stamp, keep_last_write=command.keep_last_write),
        content=content,
        lease=lease_after_write(file.lease),
    )
    return written, (PutAccount(account), *counted, *put_file(place.tree, written))


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


__all__ = ["clear_range", "get_file", "list_ranges", "put_range", "put_range_from_url"]
