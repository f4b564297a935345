"""Files opened for reading: all that is read of one is of one version of it."""

from __future__ import annotations

from typing import Any, Final

from azfiles.core.arguments import MAX_RANGE_BYTES
from azfiles.filesystem.bases import AbstractAsyncStreamedFile, AbstractBufferedFile, sync
from azfiles.flows.effects import Flow, gather
from azfiles.flows.targets import Target
from azfiles.flows.transfers.checking import AUTO, chosen_checksum
from azfiles.flows.transfers.fetching import Remote
from azfiles.flows.transfers.filling import Pace
from azfiles.flows.transfers.spans import cut

READ_AHEAD_BYTES: Final = MAX_RANGE_BYTES - 256 * 1024
"""What is read ahead: with a usual small read before it, it goes in one request."""


HEAD_BYTES: Final = 64 * 1024
"""What is read of a file when it is opened: a small file is whole then, and of another the request costs hardly more than
one that only looks at it.
"""


def remote_of(target: Target, connections: int) -> Remote:
    """A file to be read by ranges, so many at once."""
    return Remote(target, Pace(concurrency=connections), chosen_checksum(target.session, AUTO))


def read_span(remote: Remote, etag: str, start: int, end: int) -> Flow[bytes | bytearray]:
    """The bytes from ``start`` up to ``end`` of the version with this ETag; ``FileChanged`` where it is not there any more."""
    if end - start <= MAX_RANGE_BYTES:
        return bytes((yield from remote.part(etag, start, end, None)))
    whole = bytearray(end - start)
    view = memoryview(whole)
    parts = [
        remote.part(etag, first, last, None, view[first - start : last - start])
        for first, last in cut([(start, end)], MAX_RANGE_BYTES)
    ]
    for landed in (yield from gather(parts, remote.pace.concurrency)):
        del landed
    return whole


class ReadFile(AbstractBufferedFile):
    """What ``open(path, "rb")`` returns: buffered, reading ahead. Raises ``FileChanged`` where the file is not any more what
    was opened. It can be pickled, and then goes on reading the same version.
    """

    DEFAULT_BLOCK_SIZE = READ_AHEAD_BYTES

    def __init__(self, fs: Any, path: str, *, etag: str, size: int, head: bytes = b"", **options: Any) -> None:
        self.etag = etag
        self._head = head
        super().__init__(fs, path, mode="rb", size=size, **options)
        self.kwargs = {"etag": etag}

    def _fetch_range(self, start: int, end: int) -> bytes | bytearray:
        end = min(end, self.size)
        if end <= len(self._head):
            return self._head[start:end]
        data: bytes | bytearray = sync(self.fs.loop, self.fs.read_version, self.path, self.etag, start, end)
        return data


class AsyncReadFile(AbstractAsyncStreamedFile):
    """What ``await open_async(path, "rb")`` returns: each ``await read(size)`` is a request, or several at once, but for
    the beginning, which came when it was opened.
    """

    def __init__(self, fs: Any, path: str, *, etag: str, size: int, head: bytes = b"") -> None:
        self.etag = etag
        self._head = head
        super().__init__(fs, path, mode="rb", size=size, cache_type="none")

    def __del__(self) -> None:
        """Nothing is held; and closing, as a blocking file does here, would have to be awaited."""

    async def _fetch_range(self, start: int, end: int) -> bytes | bytearray:
        end = min(end, self.size)
        if end <= len(self._head):
            return self._head[start:end]
        data: bytes | bytearray = await self.fs.read_version(self.path, self.etag, start, end)
        return data


__all__ = ["HEAD_BYTES", "READ_AHEAD_BYTES", "AsyncReadFile", "ReadFile", "read_span", "remote_of"]
