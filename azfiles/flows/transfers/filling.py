"""Writing a source's bytes into a file that holds nothing but zeros yet: ranges side by side, in bounded memory.

As many workers as there are connections each take the next chunk of the source, write it, and take the next. What is all
zero is there already. A file whose length nobody knows grows in steps, and is cut in the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from azfiles.core import checksums, files, ranges
from azfiles.core.arguments import MAX_FILE_BYTES, MAX_RANGE_BYTES, check_whole
from azfiles.core.operation import Operation
from azfiles.errors import FileChanged, InvalidArgument
from azfiles.flows.call import call
from azfiles.flows.effects import Flow, gather, on_disk
from azfiles.flows.targets import Target
from azfiles.flows.transfers.checking import WholeHash, is_zero, range_md5
from azfiles.flows.transfers.manifests import Manifest
from azfiles.flows.transfers.sources import Room, Source
from azfiles.flows.transfers.spans import Span, Spans, cut
from azfiles.flows.turns import Mutex
from azfiles.models import RangeWritten
from azfiles.records import dataclass

DEFAULT_CONCURRENCY: Final = 2
MAX_CONCURRENCY: Final = 1024  # more than any transport has connections
_FIRST_RANGES: Final = 16
_MOST_RANGES_A_STEP: Final = 256

Progress = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Pace:
    """In how large pieces a transfer goes, and how many of them at once; raises ``InvalidArgument``."""

    range_size: int = MAX_RANGE_BYTES
    concurrency: int = DEFAULT_CONCURRENCY
    progress: Progress | None = None

    def __post_init__(self) -> None:
        check_whole("range_size", self.range_size, 1, MAX_RANGE_BYTES)
        check_whole("concurrency", self.concurrency, 1, MAX_CONCURRENCY)

    def advance(self, count: int) -> None:
        """So many bytes more are done."""
        if self.progress is not None and count:
            self.progress(count)

    def workers_for(self, size: int | None) -> int:
        """How many workers have something to do."""
        return self.concurrency if size is None else max(1, min(self.concurrency, -(-size // self.range_size)))


@dataclass(frozen=True, slots=True)
class Filled:
    """``size`` is how many bytes the source had; ``requests`` how many it took to write them, and ``only`` the answer to
    the only one, where it wrote a range.
    """

    size: int
    requests: int
    only: RangeWritten | None


class Filling:
    """``capacity`` is how long the file is. What ``manifest`` calls done is hashed but not sent."""

    def __init__(
        self,
        place: Target,
        source: Source,
        pace: Pace,
        *,
        capacity: int,
        checksum: str | None = None,
        lease_id: str | None = None,
        whole_hash: WholeHash | None = None,
        manifest: Manifest | None = None,
    ) -> None:
        self._place = place
        self._source = source
        self._pace = pace
        self._capacity = capacity
        self._checksum = checksum
        self._lease_id = lease_id
        self._whole_hash = whole_hash
        self._manifest = manifest
        self._mutex = Mutex()
        self._position = 0
        self._ended = False
        self._parts = self._cut()
        self._written: list[RangeWritten] = []
        self._requests = 0

    def run(self) -> Flow[Filled]:
        """Write all that the source has."""
        if self._manifest is not None:
            self._pace.advance(self._manifest.done.total)
        workers = self._pace.workers_for(self._source.size)
        if workers == 1:
            yield from self._work()
        else:
            yield from gather([self._work() for _ in range(workers)], workers)
        size = self._source.size
        if size is None:
            size = self._position
            if size != self._capacity:
                yield from self._resize(size)
        only = self._written[0] if self._written and self._requests == 1 else None
        return Filled(size, self._requests, only)

    def _cut(self) -> Iterator[Span]:
        """The parts of a source whose size is known."""
        size = self._source.size or 0
        done = Spans() if self._manifest is None or self._whole_hash is not None else self._manifest.done
        return cut(list(done.gaps(size)), self._pace.range_size)

    def _work(self) -> Flow[None]:
        size = self._source.size
        room = Room(self._pace.range_size if size is None else min(size, self._pace.range_size))
        one_by_one = self._source.in_turn or self._whole_hash is not None
        while True:
            part = yield from (self._mutex.holding(self._take(room)) if one_by_one else self._take(room))
            if part is None:
                return
            yield from self._write(*part)

    def _take(self, room: Room) -> Flow[tuple[int, memoryview] | None]:
        """The next part, and where it belongs."""
        if self._source.size is None:
            part = yield from self._take_more(room)
        else:
            part = yield from self._take_known(room)
        if part is not None and self._whole_hash is not None:
            yield from self._whole_hash.take(part[1])
        return part

    def _take_known(self, room: Room) -> Flow[tuple[int, memoryview] | None]:
        span = next(self._parts, None)
        if span is None:
            if self._source.in_turn and not self._ended:
                self._ended = True
                if (yield from self._source.chunk(self._position, 1, Room(1))):
                    raise InvalidArgument(f"size is {self._source.size}, but the source has more bytes")
            return None
        start, end = span
        data = yield from self._source.chunk(start, end - start, room)
        if len(data) != end - start:
            found = start + len(data)
            if self._source.in_turn:
                raise InvalidArgument(f"size is {self._source.size}, but the source ended after {found} bytes")
            raise FileChanged(f"the local file ended after {found} bytes, while it was uploaded")
        self._position = max(self._position, end)
        return start, data

    def _take_more(self, room: Room) -> Flow[tuple[int, memoryview] | None]:
        if self._ended:
            return None
        offset = self._position
        data = yield from self._source.chunk(offset, self._pace.range_size, room)
        if not data:
            self._ended = True
            return None
        self._position += len(data)
        if self._position > self._capacity:
            yield from self._resize(self._more())
        return offset, data

    def _more(self) -> int:
        """A file that outgrew its length gets twice that, and no more than a step at once."""
        step = min(self._capacity, _MOST_RANGES_A_STEP * self._pace.range_size)
        wanted = max(self._capacity + step, self._position)
        return max(min(wanted, MAX_FILE_BYTES), self._position)

    def _resize(self, size: int) -> Flow[None]:
        place = self._place
        yield from call(place.session, files.resize_file(place.share, place.path, size, lease_id=self._lease_id))
        self._capacity = size
        self._requests += 1

    def _write(self, offset: int, data: memoryview) -> Flow[None]:
        if self._manifest is not None and self._manifest.done.has(offset, offset + len(data)):
            return  # done by an earlier run, and read only for the hash
        if not is_zero(data):
            self._requests += 1
            written = yield from put(self._place, offset, data, self._checksum, self._lease_id)
            if not self._written:
                self._written.append(written)
        if self._manifest is None:
            self._pace.advance(len(data))
            return
        done = self._manifest.done
        before = done.total
        done.add(offset, offset + len(data))
        self._pace.advance(done.total - before)
        yield from self._manifest.save()


def put(place: Target, offset: int, data: memoryview, checksum: str | None, lease_id: str | None) -> Flow[RangeWritten]:
    """Write one range, guarded by ``crc64``, ``md5`` or nothing."""
    md5 = (yield from range_md5(data)) if checksum == "md5" else None
    framed = checksum if checksum == "crc64" else None

    def described() -> Operation[RangeWritten]:
        return ranges.put_range(
            place.share, place.path, offset, data, content_md5=md5, checksum=framed, lease_id=lease_id
        )

    slow = framed is not None and not checksums.is_fast()
    operation = (yield from on_disk("checksum", lambda _: described())) if slow else described()
    return (yield from call(place.session, operation))


def first_capacity(pace: Pace) -> int:
    """How long a file is made whose length nobody knows."""
    return _FIRST_RANGES * pace.range_size


__all__ = [
    "DEFAULT_CONCURRENCY",
    "MAX_CONCURRENCY",
    "Filled",
    "Filling",
    "Pace",
    "Progress",
    "first_capacity",
    "put",
]
