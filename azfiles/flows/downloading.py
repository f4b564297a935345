"""A file, or a range of it, into memory, a local file, a file object, or a walk through its parts: one version of it, or
``FileChanged``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import islice
from typing import Final, TypeVar, cast

from azfiles.core.arguments import MAX_RANGE_BYTES, check_whole
from azfiles.errors import FileChanged, InvalidArgument
from azfiles.flows.effects import Flow, Writable, gather, write_all
from azfiles.flows.reading import writable_view
from azfiles.flows.targets import Target
from azfiles.flows.transfers.checking import AUTO, WholeHash, chosen_checksum
from azfiles.flows.transfers.fetching import Part, Remote, Take, Version, Wanted, fetch
from azfiles.flows.transfers.filling import DEFAULT_CONCURRENCY, Pace, Progress
from azfiles.flows.transfers.landing import into_local_file
from azfiles.flows.transfers.sources import LocalPath, is_local_path, local_path
from azfiles.flows.transfers.spans import cut
from azfiles.records import dataclass

T = TypeVar("T")

MAX_RESTARTS: Final = 100
PART_BYTES: Final = MAX_RANGE_BYTES // 2
"""Of a walk through a file the caller holds one part, while the next ones come: so they are smaller."""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file, or ``size`` bytes of it, was read; ``etag`` and ``last_modified`` are those of the version that was read."""

    size: int
    etag: str
    last_modified: datetime


def download(
    target: Target,
    *,
    into: bytearray | memoryview | None = None,
    offset: int = 0,
    length: int | None = None,
    lease_id: str | None = None,
    checksum: str | None = AUTO,
    check_md5: bool = False,
    sparse: bool | None = None,
    restarts: int = 0,
    range_size: int = MAX_RANGE_BYTES,
    concurrency: int = DEFAULT_CONCURRENCY,
    progress: Progress | None = None,
) -> Flow[bytes | memoryview]:
    """Read a file, or ``length`` bytes of it from ``offset`` on, into memory (Get File, by ranges) and return them.

    With ``into``, a writable buffer with room for them, they land there and a view of it is returned; until then, what
    the buffer holds is undefined. It is read in ranges of ``range_size`` bytes (4 MiB at most), ``concurrency`` at once;
    ``progress`` is called with the bytes of each. With ``sparse`` the service is asked first which ranges hold data, and
    only those are read; unless said otherwise that is done for what has 16 ranges or more.

    Where the file is changed while it is read, ``FileChanged`` is raised, or reading begins anew, up to ``restarts`` times.
    ``checksum`` as for ``upload``. ``check_md5=True`` compares the whole file with the MD5 that is stored with it, and
    raises ``ContentMismatch``. Fewer bytes than ``length`` come only where the file ends; where ``offset`` lies behind
    its end, ``InvalidRange`` is raised.
    """
    wanted = Wanted(offset, length, check_md5)
    room = None if into is None else writable_view(into)
    told = target.session.watch.transfer("download", length)
    remote = _remote(target, range_size, concurrency, told.also(progress), checksum, lease_id)
    with told:
        return (yield from _restarting(restarts, lambda: _into_memory(remote, wanted, room, sparse)))


def download_to(
    target: Target,
    destination: LocalPath | Writable,
    *,
    offset: int = 0,
    length: int | None = None,
    lease_id: str | None = None,
    checksum: str | None = AUTO,
    check_md5: bool = False,
    sparse: bool | None = None,
    restarts: int = 0,
    resume: bool = False,
    range_size: int = MAX_RANGE_BYTES,
    concurrency: int = DEFAULT_CONCURRENCY,
    progress: Progress | None = None,
) -> Flow[Downloaded]:
    """Read a file, or a range of it, into a local file or a file object; takes ``concurrency`` buffers of ``range_size``.

    A path (``pathlib.Path``) gets its file in one step: it is written under another name in the same directory, forced to
    the disk, and renamed; what holds no data becomes a hole. A file that is there is replaced, also one that is a link.
    A file object is written to in order, from where it stands.

    With ``resume=True`` a download to a path that was interrupted goes on where it stopped, if the file is still the same;
    what is needed for that is noted beside it. ``restarts`` is for paths only: what a file object was given cannot be
    taken back. The rest as for ``download``. Local files raise ``OSError``.
    """
    wanted = Wanted(offset, length, check_md5)
    told = target.session.watch.transfer("download", length)
    remote = _remote(target, range_size, concurrency, told.also(progress), checksum, lease_id)
    if is_local_path(destination):
        path = local_path(destination)
        if resume and not wanted.is_whole:
            raise InvalidArgument("resume: only the download of a whole file can be resumed")
        with told:
            version = yield from _restarting(
                restarts, lambda: into_local_file(remote, wanted, path, sparse=sparse, resume=resume)
            )
        return _downloaded(version, wanted)
    if resume or restarts:
        raise InvalidArgument("resume and restarts are for paths: what a file object was given cannot be taken back")
    if not hasattr(destination, "write"):
        raise InvalidArgument("destination: a pathlib.Path, or a file object opened for writing, is expected")
    with told:
        return (yield from _into_file_object(remote, wanted, cast("Writable", destination), sparse))


@dataclass(frozen=True, slots=True)
class ContentPage:
    """Parts of a file one after another; ``next_marker`` asks for those that follow and is ``None`` at the end."""

    parts: tuple[memoryview, ...]
    next_marker: str | None


def get_parts(
    target: Target,
    *,
    offset: int = 0,
    length: int | None = None,
    lease_id: str | None = None,
    checksum: str | None = AUTO,
    range_size: int = PART_BYTES,
    concurrency: int = DEFAULT_CONCURRENCY,
    marker: str | None = None,
) -> Flow[ContentPage]:
    """The next ``concurrency`` parts of a file, or of ``length`` bytes of it from ``offset`` on, in their order.

    Each has ``range_size`` bytes (2 MiB, 4 at most), the last one fewer, and memory of its own; they are read side by
    side, the first one alone. Whoever takes one after another holds one more than ``concurrency``. Raises ``FileChanged`` where the file is not what it was when the first one was read. ``checksum`` as for
    ``upload``.
    """
    remote = _remote(target, range_size, concurrency, None, checksum, lease_id)
    with target.session.watch.transfer("download", length):
        if marker is None:
            wanted = Wanted(offset, length)
            version, first = yield from remote.begin(offset, wanted.first(range_size))
            etag, position, end = version.etag, offset + len(first), wanted.end(version.size)
            parts = [first] if first else []
        else:
            position, end, etag = _read_marker(marker)
            spans = list(islice(cut([(position, end)], range_size), concurrency))
            parts = yield from gather(
                [remote.part(etag, start, end, remote.room(end - start)) for start, end in spans], concurrency
            )
            position = spans[-1][1]
    return ContentPage(tuple(parts), f"{position}-{end}-{etag}" if position < end else None)


def opened(target: Target, *, lease_id: str | None = None, checksum: str | None = AUTO) -> Flow[tuple[Remote, Version]]:
    """A file, and the version of it that there is now, to be read from it part by part."""
    remote = _remote(target, MAX_RANGE_BYTES, 1, None, checksum, lease_id)
    return remote, (yield from remote.look())


def _read_marker(marker: str) -> tuple[int, int, str]:
    try:
        position, end, etag = marker.split("-", 2)
        found = int(position), int(end), etag
    except ValueError:
        found = 0, 0, ""
    if not 0 <= found[0] < found[1]:
        raise InvalidArgument("marker: one that an earlier page named is expected")
    return found


def _remote(
    target: Target,
    range_size: int,
    concurrency: int,
    progress: Progress | None,
    checksum: str | None,
    lease_id: str | None,
) -> Remote:
    pace = Pace(range_size, concurrency, progress)
    return Remote(target, pace, chosen_checksum(target.session, checksum), lease_id)


def _restarting(restarts: int, read: Callable[[], Flow[T]]) -> Flow[T]:
    """Read, and begin anew where the file was changed meanwhile."""
    left = check_whole("restarts", restarts, 0, MAX_RESTARTS)
    while True:
        try:
            return (yield from read())
        except FileChanged:
            if not left:
                raise
        left -= 1


def _into_memory(
    remote: Remote, wanted: Wanted, room: memoryview | None, sparse: bool | None
) -> Flow[bytes | memoryview]:
    pace = remote.pace
    length = wanted.first(pace.range_size)
    if room is None:
        version, first = yield from remote.begin(wanted.offset, length)
    else:
        length = min(length, len(room))
        version, first = yield from remote.begin(wanted.offset, length, room[:length])
    begin, end = wanted.offset, wanted.end(version.size)
    size, done = max(0, end - begin), len(first)
    if room is not None and size > len(room):
        raise InvalidArgument(f"into: there are {size} bytes to read, the buffer has {len(room)}")
    pace.advance(done)
    whole_hash = WholeHash()
    take = _hashing(whole_hash) if wanted.check_md5 else _nothing
    yield from take(begin, first)
    if done == size:
        wanted.check(version, whole_hash.text, remote.target.url)
        return first
    if room is None:
        room = memoryview(bytearray(size))
        room[:done] = first
    whole = room[:size]
    del first

    def land(part: Part) -> memoryview:
        return whole[part.start - begin : part.end - begin]

    def take_landed(offset: int, data: memoryview) -> Flow[None]:
        if data.obj is not whole.obj:  # the zeros of a hole
            whole[offset - begin : offset - begin + len(data)] = data
        yield from take(offset, data)

    parts = yield from remote.parts(version, [(begin + done, end)], sparse)
    rooms = [remote.room(pace.range_size) for _ in range(pace.workers_for(size - done))]
    yield from fetch(remote, version, parts, rooms, take_landed, in_order=wanted.check_md5, land=land)
    wanted.check(version, whole_hash.text, remote.target.url)
    return whole


def _into_file_object(remote: Remote, wanted: Wanted, destination: Writable, sparse: bool | None) -> Flow[Downloaded]:
    pace, whole_hash = remote.pace, WholeHash()

    def take(_offset: int, data: memoryview) -> Flow[None]:
        if wanted.check_md5:
            yield from whole_hash.take(data)
        yield from write_all(destination, data)

    version, first = yield from remote.begin(wanted.offset, wanted.first(pace.range_size))
    position, end = wanted.offset + len(first), wanted.end(version.size)
    yield from take(wanted.offset, first)
    pace.advance(len(first))
    del first
    if position < end:
        parts = yield from remote.parts(version, [(position, end)], sparse)
        rooms = [remote.room(pace.range_size) for _ in range(pace.workers_for(end - position))]
        yield from fetch(remote, version, parts, rooms, take, in_order=True)
    wanted.check(version, whole_hash.text, remote.target.url)
    return _downloaded(version, wanted)


def _downloaded(version: Version, wanted: Wanted) -> Downloaded:
    return Downloaded(max(0, wanted.end(version.size) - wanted.offset), version.etag, version.last_modified)


def _hashing(whole_hash: WholeHash) -> Take:
    return lambda _, data: whole_hash.take(data)


def _nothing(_offset: int, _data: memoryview) -> Flow[None]:
    yield from ()


__all__ = ["ContentPage", "Downloaded", "download", "download_to", "get_parts", "opened"]
