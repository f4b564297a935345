"""A file opened for reading: Python's own raw file interface, and its async likeness. Each is at one version of the file."""

from __future__ import annotations

import io
from types import TracebackType
from typing import Self

from azfiles.clients.descriptors import AwaitedRunner, Runner
from azfiles.core.arguments import MAX_RANGE_BYTES
from azfiles.flows.effects import Flow
from azfiles.flows.reading import writable_view
from azfiles.flows.transfers.fetching import Remote, Version
from azfiles.messages import Buffer


class _Place:
    """Where one is in a file of known size."""

    def __init__(self, remote: Remote, version: Version) -> None:
        self._remote = remote
        self.version = version
        self.position = 0

    def read_into(self, view: memoryview) -> Flow[int]:
        """One request, for 4 MiB at most; 0 at the end."""
        start = self.position
        end = min(start + len(view), start + MAX_RANGE_BYTES, self.version.size)
        if start >= end:
            return 0
        data = yield from self._remote.part(self.version.etag, start, end, None, view[: end - start])
        self.position = end
        return len(data)

    def read(self, size: int) -> Flow[bytearray]:
        """``size`` bytes, fewer only at the end; all that are left where it is negative."""
        left = max(0, self.version.size - self.position)
        data = bytearray(left if size < 0 else min(size, left))
        view, done = memoryview(data), 0
        while done < len(data):
            done += yield from self.read_into(view[done:])
        return data

    def seek(self, offset: int, whence: int) -> int:
        bases = {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.version.size}
        if whence not in bases:
            raise ValueError(f"whence is {whence}: 0, 1 or 2 is expected")
        position = bases[whence] + offset
        if position < 0:
            raise ValueError(f"the position {position} lies before the file")
        self.position = position
        return position

    def __repr__(self) -> str:
        return f"{self._remote.target.url} at {self.position} of {self.version.size}"


class FileReader(io.RawIOBase):
    """What ``FileClient.open`` returns: seekable, read-only, unbuffered. Each ``readinto`` is one request, so small reads
    want an ``io.BufferedReader`` around it. Raises ``FileChanged`` where the file is not any more what was opened.
    """

    def __init__(self, runner: Runner, remote: Remote, version: Version) -> None:
        self._runner = runner
        self._place = _Place(remote, version)

    @property
    def size(self) -> int:
        """How long the file is, in bytes."""
        return self._place.version.size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:  # type: ignore[override]  # the protocol in typeshed is wider
        self._check_open()
        return self._runner.run(self._place.read_into(writable_view(memoryview(buffer))))

    def readall(self) -> bytes:
        self._check_open()
        return bytes(self._runner.run(self._place.read(-1)))

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._check_open()
        return self._place.seek(offset, whence)

    def tell(self) -> int:
        return self._place.position

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("the file is closed")

    def __repr__(self) -> str:
        return f"<FileReader {self._place!r}>"


class AsyncFileReader:
    """What ``AsyncFileClient.open`` returns: like ``FileReader``, but reading is awaited; used by one task at a time."""

    def __init__(self, runner: AwaitedRunner, remote: Remote, version: Version) -> None:
        self._runner = runner
        self._place = _Place(remote, version)

    @property
    def size(self) -> int:
        """How long the file is, in bytes."""
        return self._place.version.size

    async def read(self, size: int = -1) -> bytes:
        """``size`` bytes, fewer only at the end of the file; all that are left where it is negative."""
        return bytes(await self._runner.run(self._place.read(size)))

    async def readinto(self, buffer: bytearray | memoryview) -> int:
        """Read up to ``len(buffer)`` bytes in one request; 0 at the end."""
        return await self._runner.run(self._place.read_into(writable_view(buffer)))

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; nothing is sent."""
        return self._place.seek(offset, whence)

    def tell(self) -> int:
        """Where the next read begins."""
        return self._place.position

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to close: no connection is kept."""

    def __repr__(self) -> str:
        return f"<AsyncFileReader {self._place!r}>"


__all__ = ["AsyncFileReader", "FileReader"]
