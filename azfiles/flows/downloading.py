"""A whole file into memory, in ranges side by side, each landing in its place; one ETag for all of them."""

from __future__ import annotations

from collections.abc import Callable

from azfiles.core import files
from azfiles.core.arguments import MAX_RANGE_BYTES, check_whole
from azfiles.errors import FileChanged, InvalidArgument, InvalidRange
from azfiles.flows.call import call
from azfiles.flows.effects import Flow, gather
from azfiles.flows.reading import writable_view
from azfiles.flows.targets import Target
from azfiles.flows.uploading import DEFAULT_CONCURRENCY, MAX_CONCURRENCY
from azfiles.models import FileContent, FileProperties


def download(
    target: Target,
    *,
    into: bytearray | memoryview | None = None,
    lease_id: str | None = None,
    checksum: str | None = None,
    range_size: int = MAX_RANGE_BYTES,
    concurrency: int = DEFAULT_CONCURRENCY,
    progress: Callable[[int], object] | None = None,
) -> Flow[bytes | memoryview]:
    """Read a whole file (Get File, by ranges) and return its content.

    With ``into``, a writable buffer at least as long as the file, the content lands there and a view of it is returned;
    until then, what the buffer holds is undefined. ``range_size``, ``concurrency``, ``progress`` and ``checksum`` as in
    ``upload``. Raises ``FileChanged`` where the file is changed while it is read.
    """
    check_whole("range_size", range_size, 1, MAX_RANGE_BYTES)
    check_whole("concurrency", concurrency, 1, MAX_CONCURRENCY)
    room = None if into is None else writable_view(into)
    first = yield from _first_range(target, range_size, room, lease_id, checksum)
    size, etag = first.properties.size, first.properties.etag
    done = len(first.content)
    if room is not None and size > len(room):
        raise InvalidArgument(f"into: the file has {size} bytes, the buffer {len(room)}")
    if progress is not None and done:
        progress(done)
    if done == size:
        return first.content
    if room is None:
        room = memoryview(bytearray(size))
        room[:done] = first.content
    whole = room[:size]

    def get(offset: int) -> Flow[None]:
        part = whole[offset : offset + range_size]
        operation = files.get_file(
            target.share,
            target.path,
            offset=offset,
            length=len(part),
            sink=part,
            checksum=checksum,
            lease_id=lease_id,
            snapshot=target.snapshot,
        )
        try:
            content = yield from call(target.session, operation)
        except InvalidRange:
            raise _changed(target) from None
        if content.properties.etag != etag or len(content.content) != len(part):
            raise _changed(target)
        if progress is not None:
            progress(len(part))

    yield from gather([get(offset) for offset in range(done, size, range_size)], concurrency)
    return whole


def _first_range(
    target: Target, range_size: int, room: memoryview | None, lease_id: str | None, checksum: str | None
) -> Flow[FileContent]:
    """The first range, which also tells size and ETag; an empty file has no range, so it is asked in another way."""
    length = range_size if room is None else min(range_size, len(room))
    if length:
        operation = files.get_file(
            target.share,
            target.path,
            offset=0,
            length=length,
            sink=None if room is None else room[:length],
            checksum=checksum,
            lease_id=lease_id,
            snapshot=target.snapshot,
        )
        try:
            return (yield from call(target.session, operation))
        except InvalidRange:
            pass
    properties: FileProperties = yield from call(
        target.session,
        files.get_file_properties(target.share, target.path, lease_id=lease_id, snapshot=target.snapshot),
    )
    if length and properties.size:
        raise _changed(target)
    return FileContent(properties, b"" if room is None else room[:0])


def _changed(target: Target) -> FileChanged:
    return FileChanged(f"{target.url} was changed while it was read; what was read of it does not belong together")


__all__ = ["download"]
