"""File contents outside of memory: a blob is one received buffer, an extent of a file a piece of a blob.

Blobs never change. One lives for as long as any view, fork, snapshot or reply still refers to it, which Python's own
reference counts know: when the last extent goes, ``Shelf.released`` gets the blob's number, and the next transaction
deletes it. So nothing is counted twice, and a copy or a snapshot of a file costs no contents.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable
from threading import Event
from typing import Final

from azfiles_sim.model.content import Extent
from azfiles_sim.storage.errors import StoreClosed

_ADDRESS: Final = ("blobs", "data")


class Shelf:
    """Where blobs are read from. Safe to use from several threads; each read takes a connection of its own."""

    __slots__ = ("_closed", "_connect", "_free", "released")

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._free: list[sqlite3.Connection] = []
        self._closed = Event()
        self.released: deque[int] = deque()

    def read(self, number: int, start: int, size: int) -> bytes:
        """A part of a blob. Raises StoreClosed."""
        if self._closed.is_set():
            raise StoreClosed("the store was closed, and what a fork of it still held there with it")
        try:
            connection = self._free.pop()
        except IndexError:
            connection = self._connect()
        with connection.blobopen(*_ADDRESS, number, readonly=True) as blob:
            blob.seek(start)
            data = blob.read(size)
        self._free.append(connection)
        if self._closed.is_set():  # meanwhile
            self.close()
        return data

    def close(self) -> None:
        self._closed.set()
        while self._free:
            self._free.pop().close()


class Blob:
    """One stored buffer. ``data`` is there until it is committed, and is read from the database from then on."""

    __slots__ = ("data", "number", "shelf")

    def __init__(self, shelf: Shelf, number: int, data: memoryview | None) -> None:
        self.shelf = shelf
        self.number = number
        self.data = data

    def __del__(self) -> None:
        self.shelf.released.append(self.number)


class StoredExtent:
    """A piece of a blob, which a file's content maps an offset to (``model.content.Extent``)."""

    __slots__ = ("blob", "size", "start")

    def __init__(self, blob: Blob, start: int, size: int) -> None:
        self.blob = blob
        self.start = start
        self.size = size

    @property
    def readonly(self) -> bool:
        return True

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, part: slice, /) -> StoredExtent:
        start, stop, _ = part.indices(self.size)
        return StoredExtent(self.blob, self.start + start, max(0, stop - start))

    def __eq__(self, other: object) -> bool:
        """Whether both are the same piece of one stored buffer; nothing is read for it."""
        if not isinstance(other, StoredExtent):
            return NotImplemented
        return self.is_of_write(other) and (self.start, self.size) == (other.start, other.size)

    def __hash__(self) -> int:
        return hash((self.blob.number, self.start, self.size))

    def is_of_write(self, other: Extent, /) -> bool:
        if not isinstance(other, StoredExtent):
            return False
        return self.blob.shelf is other.blob.shelf and self.blob.number == other.blob.number

    def load(self) -> memoryview:
        """The bytes, from memory where they are not committed yet."""
        data = self.blob.data
        if data is not None:
            return data[self.start : self.start + self.size]
        return memoryview(self.blob.shelf.read(self.blob.number, self.start, self.size))

    def __repr__(self) -> str:
        return f"StoredExtent({self.size} bytes of blob {self.blob.number})"


__all__ = ["Blob", "Shelf", "StoredExtent"]
