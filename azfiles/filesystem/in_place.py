"""Files opened to be changed where they are: appended to, or read and written here and there."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from azfiles.core import files
from azfiles.core.arguments import MAX_RANGE_BYTES
from azfiles.filesystem.bases import sync
from azfiles.filesystem.looking import ReadableFileSystem
from azfiles.flows.call import call
from azfiles.flows.effects import Flow, gather
from azfiles.flows.targets import Target
from azfiles.flows.transfers.checking import AUTO, chosen_checksum
from azfiles.flows.transfers.filling import put
from azfiles.flows.transfers.spans import cut


def write_at(target: Target, offset: int, data: memoryview, size: int, connections: int) -> Flow[int]:
    """Write into a file of ``size`` bytes, which grows where it has to; returns its size afterwards."""
    end = offset + len(data)
    if end > size:
        yield from resize(target, end)
    checksum = chosen_checksum(target.session, AUTO)
    writes = [
        put(target, start, data[start - offset : stop - offset], checksum, None)
        for start, stop in cut([(offset, end)], MAX_RANGE_BYTES)
    ]
    yield from gather(writes, connections)
    return max(size, end)


def resize(target: Target, size: int) -> Flow[None]:
    """Cut a file, or let it grow with zeros."""
    yield from call(target.session, files.resize_file(target.share, target.path, size))


class InPlaceFile(io.RawIOBase):
    """An unbuffered file that can be read and written; each call is a request. What is written is seen by others at once,
    and nothing is taken back where something goes wrong. Positions are by the size that the file had when it was opened
    and by what was written here since. One that ``appends`` writes at its end wherever its position is, and reads nothing.
    """

    def __init__(self, fs: ReadableFileSystem, path: str, size: int, *, appends: bool = False) -> None:
        self._fs = fs
        self._path = path
        self._size = size
        self._appends = appends
        self._position = size if appends else 0

    def readable(self) -> bool:
        return not self._appends

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError(f"the position {base + offset} lies before the file")
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer).cast("B")
        end = min(self._position + len(view), self._size)
        if end <= self._position:
            return 0
        data = sync(self._fs.loop, self._fs.read_range, self._path, self._position, end)
        view[: len(data)] = data
        self._position += len(data)
        return len(data)

    def write(self, data: Any, /) -> int:
        view = memoryview(data).cast("B")
        if view:
            if self._appends:
                self._position = self._size
            self._run(lambda target: write_at(target, self._position, view, self._size, self._fs.connections))
            self._position += len(view)
            self._size = max(self._size, self._position)
        return len(view)

    def truncate(self, size: int | None = None, /) -> int:
        wanted = self._position if size is None else size
        self._run(lambda target: resize(target, wanted))
        self._size = wanted
        return wanted

    def _run(self, change: Callable[[Target], Flow[Any]]) -> None:
        try:
            sync(self._fs.loop, self._fs.run_at, self._path, change)
        finally:
            self._fs.invalidate_cache(self._path)


__all__ = ["InPlaceFile", "resize", "write_at"]
