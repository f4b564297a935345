"""What is uploaded: memory, a local file, a file object, an iterable. Each gives its bytes in chunks, and none copies what
it need not copy.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterable, Iterable
from typing import Any, Protocol, TypeAlias, TypeGuard, cast

from azfiles.errors import FileChanged, InvalidArgument
from azfiles.flows.disk import LocalFile, LocalKind, LocalState
from azfiles.flows.effects import Flow, Item, Readable, on_disk, read_into
from azfiles.messages import Buffer


class LocalPath(Protocol):
    """The path of a local file: a ``pathlib.Path``, or anything else with ``__fspath__``."""

    def __fspath__(self) -> str: ...


Uploadable: TypeAlias = Buffer | LocalPath | Readable | Iterable[Buffer] | AsyncIterable[Buffer]
"""What can be uploaded: bytes, the path of a local file, a file object, or an iterable of bytes; file object and iterable
blocking or, with an async client, async too.
"""


class Room:
    """The buffer of one worker, made when it is first needed and used for each of its chunks."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._view: memoryview | None = None

    def view(self, size: int) -> memoryview:
        """The first ``size`` bytes of it."""
        if self._view is None:
            self._view = memoryview(bytearray(self._size))
        return self._view[:size]

    def take_over(self, other: Room) -> None:
        """Go on with the buffer of another room, which is not used any more."""
        self._view = other._view


class Source(ABC):
    """Bytes to upload. ``size`` is how many there are, ``None`` where only the end will tell. Where ``in_turn``, chunks
    can only be had one after another.
    """

    def __init__(self, size: int | None, *, in_turn: bool) -> None:
        self.size = size
        self.in_turn = in_turn

    @abstractmethod
    def chunk(self, offset: int, size: int, room: Room, /) -> Flow[memoryview]:
        """``size`` bytes from ``offset`` on, fewer only where the source ends. They stay as they are until the same room
        is used again.
        """

    def check(self) -> Flow[None]:
        """Raise ``FileChanged`` where the source is not what it was in the beginning."""
        yield from ()

    def close(self) -> None:  # noqa: B027 - most sources are the caller's to close
        """Let go of what was opened here."""


class Memory(Source):
    """Bytes in memory; chunks are views of them."""

    def __init__(self, view: memoryview) -> None:
        super().__init__(len(view), in_turn=False)
        self._view = view

    def chunk(self, offset: int, size: int, _room: Room, /) -> Flow[memoryview]:
        yield from ()
        return self._view[offset : offset + size]


class LocalSource(Source):
    """A local file, read at several places at once."""

    def __init__(self, path: str, file: LocalFile, state: LocalState) -> None:
        super().__init__(state.size, in_turn=False)
        self.path = path
        self.state = state
        self._file = file

    def chunk(self, offset: int, size: int, room: Room, /) -> Flow[memoryview]:
        view = room.view(size)
        count = yield from on_disk("read", lambda _: self._file.read_at(offset, view))
        return view[:count]

    def check(self) -> Flow[None]:
        if (yield from on_disk("look", lambda _: self._file.state())) != self.state:
            raise FileChanged(f"{self.path} was changed while it was uploaded")

    def close(self) -> None:
        self._file.close()


class FileObject(Source):
    """A file object, from where it stands to its end."""

    def __init__(self, source: Readable, size: int | None) -> None:
        super().__init__(size, in_turn=True)
        self._source = source

    def chunk(self, _offset: int, size: int, room: Room, /) -> Flow[memoryview]:
        view = room.view(size)
        done = 0
        while done < size:
            count = yield from read_into(self._source, view[done:])
            if not count:
                break
            done += count
        return view[:done]


class Items(Source):
    """An iterable of bytes. Items that cannot change any more and fill a chunk are sent from where they lie, others are
    put together; the next one is asked for only when all of the last one is taken, so that it may come in the same buffer.
    """

    def __init__(self, source: Iterable[Buffer] | AsyncIterable[Buffer], size: int | None) -> None:
        super().__init__(size, in_turn=True)
        self._source = source
        self._rest = memoryview(b"")

    def chunk(self, _offset: int, size: int, room: Room, /) -> Flow[memoryview]:
        done = 0
        while done < size:
            if not self._rest:
                item = yield Item(self._source)
                if item is None:
                    break
                self._rest = readable_view(item)
                continue
            if not done and len(self._rest) >= size and isinstance(self._rest.obj, bytes):
                chunk, self._rest = self._rest[:size], self._rest[size:]
                return chunk
            part = self._rest[: size - done]
            room.view(size)[done : done + len(part)] = part
            done += len(part)
            self._rest = self._rest[len(part) :]
        return room.view(size)[:done] if done else memoryview(b"")


class Begun(Source):
    """A source whose first chunk has been read already, into a room of its own."""

    def __init__(self, first: memoryview, room: Room, rest: Source) -> None:
        super().__init__(None, in_turn=True)
        self._first: memoryview | None = first
        self._room = room
        self._rest = rest

    def chunk(self, offset: int, size: int, room: Room, /) -> Flow[memoryview]:
        if offset or self._first is None:
            return (yield from self._rest.chunk(offset, size, room))
        first, self._first = self._first, None
        room.take_over(self._room)
        return first


def open_source(data: Uploadable, size: int | None) -> Flow[Source]:
    """A source of what the caller gave. ``size`` is how many bytes the caller says that there are."""
    source = yield from _open(data, size)
    if size is not None and source.size != size:
        source.close()
        raise InvalidArgument(f"size is {size}, but there are {source.size} bytes to upload")
    return source


def _open(data: Any, size: int | None) -> Flow[Source]:
    if isinstance(data, str):
        raise InvalidArgument(
            "data: text has no contiguous bytes; encode it, or give the path of a file as pathlib.Path"
        )
    if is_local_path(data):
        return (yield from _open_local(data))
    try:
        return Memory(readable_view(data))
    except InvalidArgument:
        if isinstance(data, memoryview):
            raise
    if hasattr(data, "read"):
        return FileObject(data, size)
    if hasattr(data, "__iter__") or hasattr(data, "__aiter__"):
        return Items(data, size)
    raise InvalidArgument(
        f"data: contiguous bytes, the path of a file, a file object, or an iterable of bytes is expected, not "
        f"{type(data).__name__}"
    )


def _open_local(data: LocalPath) -> Flow[Source]:
    path = local_path(data)
    file = yield from on_disk("open", lambda disk: disk.open_to_read(path))
    try:
        state = yield from on_disk("look", lambda _: file.state())
    except BaseException:
        file.close()
        raise
    if state.kind is LocalKind.FILE:
        return LocalSource(path, file, state)
    file.close()
    raise InvalidArgument(f"{path} is no regular file; give it as a file object")


def is_local_path(given: object) -> TypeGuard[LocalPath]:
    """Whether it is the path of a local file. A text is none: it might as well be what is to be written."""
    return hasattr(given, "__fspath__")


def local_path(path: LocalPath) -> str:
    """The text of a local path."""
    text = cast("object", path.__fspath__())  # callers without a type checker may give anything
    if not isinstance(text, str):
        raise InvalidArgument("the path of a local file is expected as text, not as bytes")
    return text


def readable_view(data: Buffer) -> memoryview:
    """A view of single bytes of what is to be sent; ``InvalidArgument`` where it has no contiguous bytes."""
    try:
        return memoryview(data).cast("B")
    except (TypeError, ValueError):
        raise InvalidArgument("data: bytes, or another contiguous buffer, are expected") from None


__all__ = [
    "Begun",
    "FileObject",
    "Items",
    "LocalPath",
    "LocalSource",
    "Memory",
    "Room",
    "Source",
    "Uploadable",
    "is_local_path",
    "local_path",
    "open_source",
    "readable_view",
]
