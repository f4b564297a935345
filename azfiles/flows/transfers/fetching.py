"""Reading one version of a file in ranges side by side, in bounded memory: each worker has one buffer, gets a range into
it, hands it on (in the order of the file where that matters), and gets the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from azfiles.core import files, ranges
from azfiles.core.arguments import MAX_FILE_BYTES, check_offset, check_whole
from azfiles.core.structured import FRAME_ROOM
from azfiles.errors import ContentMismatch, FileChanged, InvalidArgument, InvalidRange
from azfiles.flows.call import call
from azfiles.flows.effects import Flow, gather
from azfiles.flows.targets import Target
from azfiles.flows.transfers.filling import Pace
from azfiles.flows.transfers.sources import Room
from azfiles.flows.transfers.spans import Span, Spans, cut
from azfiles.flows.turns import Order
from azfiles.models import FileContent, FileProperties
from azfiles.records import dataclass

_WORTH_LISTING_PARTS: Final = 16
"""From so many parts on one more request, for a list of the ranges that hold data, is worth what it may save."""

_ZEROS: Final = memoryview(bytes(64 * 1024))

Take = Callable[[int, memoryview], Flow[None]]
"""What is done with the bytes at an offset."""


@dataclass(frozen=True, slots=True)
class Version:
    """What a file was when its reading began: all ranges must be of it. ``content_md5`` is the hash stored with it."""

    size: int
    etag: str
    last_modified: datetime
    content_md5: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes to get; those of a ``hole`` are zero, and nobody needs to ask for them."""

    start: int
    end: int
    hole: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be read of a file: ``length`` bytes from ``offset`` on, all from there if it is ``None``; with
    ``check_md5``, which takes the whole file, compared with the hash that is stored with it.
    """

    offset: int = 0
    length: int | None = None
    check_md5: bool = False

    def __post_init__(self) -> None:
        check_offset("offset", self.offset)
        if self.length is not None:
            check_whole("length", self.length, 0, MAX_FILE_BYTES)
        if self.check_md5 and not self.is_whole:
            raise InvalidArgument(
                "check_md5: the hash is that of the whole file, so offset and length must be left out"
            )

    @property
    def is_whole(self) -> bool:
        return not self.offset and self.length is None

    def end(self, size: int) -> int:
        """Where it ends in a file of ``size`` bytes."""
        return size if self.length is None else min(size, self.offset + self.length)

    def first(self, range_size: int) -> int:
        """How long its first part is at most."""
        return range_size if self.length is None else min(range_size, self.length)

    def check(self, version: Version, found: str, url: str) -> None:
        """Compare with the stored hash, if asked for."""
        if self.check_md5 and found != version.content_md5:
            stored = "no MD5" if version.content_md5 is None else "another MD5"
            raise ContentMismatch(f"{stored} is stored with {url}; that of its content is {found}")


@dataclass(frozen=True, slots=True)
class Remote:
    """A file to read: where it is, at what pace, and how its ranges are checked (``crc64``, ``md5`` or ``None``)."""

    target: Target
    pace: Pace
    checksum: str | None = None
    lease_id: str | None = None

    def room(self, size: int) -> Room:
        """A buffer for parts of ``size`` bytes at most, and for their frame."""
        return Room(size + (FRAME_ROOM if self.checksum == "crc64" else 0))

    def look(self) -> Flow[Version]:
        """Size and ETag."""
        target = self.target
        operation = files.get_file_properties(
            target.share, target.path, lease_id=self.lease_id, snapshot=target.snapshot
        )
        return _version((yield from call(target.session, operation)))

    def begin(self, offset: int, length: int, sink: memoryview | None = None) -> Flow[tuple[Version, memoryview]]:
        """The first part, in ``sink`` or in memory of its own, which also tells size and ETag; an empty file has none, so
        it is asked in another way.
        """
        if length:
            try:
                content = yield from self._get(offset, length, None, sink)
            except InvalidRange:
                if offset:
                    raise
            else:
                return _version(content.properties), memoryview(content.content)
        version = yield from self.look()
        if length and version.size:
            raise self.changed()
        return version, memoryview(b"")

    def part(
        self, etag: str, start: int, end: int, room: Room | None, sink: memoryview | None = None
    ) -> Flow[memoryview]:
        """The bytes from ``start`` up to ``end`` of the version with this ETag: in ``sink``, or else in ``room``, or else in
        memory of their own. Raises ``FileChanged``.
        """
        try:
            content = yield from self._get(start, end - start, room, sink)
        except InvalidRange:
            raise self.changed() from None
        if content.properties.etag != etag or len(content.content) != end - start:
            raise self.changed()
        return memoryview(content.content)

    def holding_data(self, version: Version, start: int, end: int) -> Flow[Spans]:
        """Which bytes from ``start`` up to ``end`` hold data (List Ranges); all others are zero."""
        target, marker, found = self.target, None, Spans()
        while True:
            page = yield from call(
                target.session,
                ranges.list_ranges(
                    target.share,
                    target.path,
                    offset=start,
                    length=end - start,
                    snapshot=target.snapshot,
                    lease_id=self.lease_id,
                    marker=marker,
                ),
            )
            if page.etag != version.etag:
                raise self.changed()
            for each in page.ranges:
                found.add(max(each.offset, start), min(each.end, end))
            marker = page.next_marker
            if marker is None:
                return found

    def parts(self, version: Version, spans: Sequence[Span], sparse: bool | None) -> Flow[Iterator[Part]]:
        """Spans in parts of one request each; with ``sparse`` (or, if that is ``None``, where there are many) those that
        hold no data as holes.
        """
        size = self.pace.range_size
        if sparse is None:
            sparse = sum(end - start for start, end in spans) >= _WORTH_LISTING_PARTS * size
        if not sparse or not spans:
            return (Part(start, end) for start, end in cut(spans, size))
        data = yield from self.holding_data(version, spans[0][0], spans[-1][1])
        return _with_holes(spans, data, size)

    def _get(self, offset: int, length: int, room: Room | None, sink: memoryview | None) -> Flow[FileContent]:
        framed, frame = self.checksum == "crc64", None
        if room is not None:
            if framed:
                frame = room.view(length + FRAME_ROOM)
            elif sink is None:
                sink = room.view(length)
        target = self.target
        operation = files.get_file(
            target.share,
            target.path,
            offset=offset,
            length=length,
            sink=sink,
            frame_sink=frame,
            range_md5=self.checksum == "md5",
            checksum="crc64" if framed else None,
            lease_id=self.lease_id,
            snapshot=target.snapshot,
        )
        return (yield from call(target.session, operation))

    def changed(self) -> FileChanged:
        return FileChanged(
            f"{self.target.url} was changed while it was read; what was read of it does not belong together"
        )


def fetch(
    remote: Remote,
    version: Version,
    parts: Iterable[Part],
    rooms: Sequence[Room],
    take: Take,
    *,
    in_order: bool,
    skip_holes: bool = False,
    land: Callable[[Part], memoryview] | None = None,
) -> Flow[None]:
    """Get all parts, one worker for each room, and ``take`` each, one after another where ``in_order``; the zeros of holes
    too, unless ``skip_holes``. ``land`` says in which memory a part is to land, if not in a room.
    """
    numbered = enumerate(parts)
    order = Order()

    def work(room: Room) -> Flow[None]:
        for number, part in numbered:
            if part.hole:
                taking = _nothing() if skip_holes else _take_zeros(part, take)
            else:
                sink = None if land is None else land(part)
                data = yield from remote.part(version.etag, part.start, part.end, room, sink)
                taking = take(part.start, data)
            yield from (order.turn(number, taking) if in_order else taking)
            remote.pace.advance(part.end - part.start)

    yield from gather([work(room) for room in rooms], len(rooms))


def _nothing() -> Flow[None]:
    yield from ()


def _take_zeros(part: Part, take: Take) -> Flow[None]:
    for start, end in cut([(part.start, part.end)], len(_ZEROS)):
        yield from take(start, _ZEROS[: end - start])


def _with_holes(spans: Sequence[Span], data: Spans, size: int) -> Iterator[Part]:
    for start, end in spans:
        position = start
        for data_start, data_end in data:
            first, last = max(data_start, position), min(data_end, end)
            if first >= last:
                continue
            if position < first:
                yield Part(position, first, hole=True)
            for each in cut([(first, last)], size):
                yield Part(*each)
            position = last
        if position < end:
            yield Part(position, end, hole=True)


def _version(properties: FileProperties) -> Version:
    return Version(properties.size, properties.etag, properties.last_modified, properties.http.content_md5)


__all__ = ["Part", "Remote", "Take", "Version", "Wanted", "fetch"]
