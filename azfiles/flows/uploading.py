"""A whole file from memory: created at its size, then written in ranges side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from azfiles.core import files, ranges
from azfiles.core.arguments import MAX_RANGE_BYTES, check_whole
from azfiles.errors import InvalidArgument
from azfiles.flows.call import call, refuse_snapshot
from azfiles.flows.effects import Flow, gather
from azfiles.flows.targets import Target
from azfiles.messages import Buffer
from azfiles.models import HttpHeaders, RangeWritten, SmbSettings

DEFAULT_CONCURRENCY: Final = 4
MAX_CONCURRENCY: Final = 1024  # more than any transport has connections


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file was written whole; ``etag`` and ``last_modified`` are those after its last range."""

    size: int
    etag: str
    last_modified: datetime


def upload(
    target: Target,
    data: Buffer,
    *,
    http: HttpHeaders | None = None,
    metadata: Mapping[str, str] | None = None,
    smb: SmbSettings | None = None,
    lease_id: str | None = None,
    checksum: str | None = None,
    range_size: int = MAX_RANGE_BYTES,
    concurrency: int = DEFAULT_CONCURRENCY,
    progress: Callable[[int], object] | None = None,
) -> Flow[Uploaded]:
    """Write a whole file (Create File, then Put Range). A file that exists is replaced.

    ``data`` is sent from where it lies, in ranges of ``range_size`` bytes (4 MiB at most), ``concurrency`` at once;
    ``progress`` is called with the bytes of each range once the service has taken it. ``checksum="crc64"`` guards each
    range on its way, best with the extra ``checksums``. An error may leave a file that is only partly written; the
    first one ends the transfer. Where the service says that it is busy, fewer are sent at once until it bears more.
    """
    refuse_snapshot(target)
    view = readable_view(data)
    check_whole("range_size", range_size, 1, MAX_RANGE_BYTES)
    check_whole("concurrency", concurrency, 1, MAX_CONCURRENCY)  # before the file that is there is overwritten
    size = len(view)
    created = yield from call(
        target.session,
        files.create_file(target.share, target.path, size, http=http, metadata=metadata, smb=smb, lease_id=lease_id),
    )

    def put(offset: int) -> Flow[RangeWritten]:
        part = view[offset : offset + range_size]
        operation = ranges.put_range(target.share, target.path, offset, part, checksum=checksum, lease_id=lease_id)
        written = yield from call(target.session, operation)
        if progress is not None:
            progress(len(part))
        return written

    written = yield from gather([put(offset) for offset in range(0, size, range_size)], concurrency)
    if len(written) == 1:
        return Uploaded(size, written[0].etag, written[0].last_modified)
    if not written:
        return Uploaded(size, created.etag, created.last_modified)
    # Ranges end in any order, so no answer of theirs is known to be the last.
    properties = yield from call(target.session, files.get_file_properties(target.share, target.path))
    return Uploaded(size, properties.etag, properties.last_modified)


def readable_view(data: Buffer) -> memoryview:
    """A view of single bytes of what is to be sent; ``InvalidArgument`` where it has no contiguous bytes."""
    try:
        return memoryview(data).cast("B")
    except TypeError:
        raise InvalidArgument("data: bytes, or another contiguous buffer, are expected") from None


__all__ = ["DEFAULT_CONCURRENCY", "MAX_CONCURRENCY", "Uploaded", "readable_view", "upload"]
