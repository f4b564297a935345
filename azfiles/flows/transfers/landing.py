"""A download into a local file: written under another name in the same directory, forced to the disk, and renamed."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath
from typing import Final

from azfiles.errors import FileChanged
from azfiles.flows.disk import Disk, LocalFile
from azfiles.flows.effects import Flow, on_disk
from azfiles.flows.transfers import manifests
from azfiles.flows.transfers.checking import WholeHash
from azfiles.flows.transfers.fetching import Remote, Version, Wanted, fetch
from azfiles.flows.transfers.manifests import Manifest
from azfiles.flows.transfers.sources import Room
from azfiles.flows.transfers.spans import Spans, cut
from azfiles.flows.transfers.temporary import is_temporary, new_name

_PARTS_A_NOTE: Final = 16
"""After so many parts they are forced to the disk and written down as done: what the note says must be there."""


def into_local_file(remote: Remote, wanted: Wanted, path: str, *, sparse: bool | None, resume: bool) -> Flow[Version]:
    """Read what is wanted into the file at ``path``, which appears when it is whole."""
    if resume:
        version, manifest, is_new = yield from _note_of(remote, path)
        first = memoryview(b"")
        name = manifest.temporary
    else:
        version, first = yield from remote.begin(wanted.offset, wanted.first(remote.pace.range_size))
        manifest, is_new = None, True
        name = yield from new_name()
    landing = _Landing(_beside(path, name), max(0, wanted.end(version.size) - wanted.offset), manifest)
    try:
        file = yield from landing.open(is_new=is_new)
        yield from landing.take(0, first)
        remote.pace.advance(landing.done.total)
        del first
        yield from _fetch_rest(remote, wanted, version, landing, sparse)
        if wanted.check_md5:
            wanted.check(version, (yield from _hash_of(file, landing.size, remote)), remote.target.url)
        yield from on_disk("sync", lambda _: file.sync())
        landing.close()
        yield from on_disk("rename", lambda disk: disk.rename(landing.path, path))
        if manifest is not None:
            yield from manifest.remove()
    except GeneratorExit:
        raise  # whoever closes a flow performs no effects any more
    except BaseException as error:
        yield from landing.give_up(error)
        raise
    finally:
        landing.close()
    return version


class _Landing:
    """The local file that is being written, ``size`` bytes long."""

    def __init__(self, path: str, size: int, manifest: Manifest | None) -> None:
        self.path = path
        self.size = size
        self.done = Spans() if manifest is None else manifest.done
        self._manifest = manifest
        self._file: LocalFile | None = None
        self._parts = 0

    def open(self, *, is_new: bool) -> Flow[LocalFile]:
        """Make it, as long as it will be and holding nothing, or go on with the one that is there."""
        file = self._file = yield from on_disk("open", lambda disk: disk.open_to_write(self.path, new=is_new))
        if is_new:
            yield from on_disk("resize", lambda _: file.resize(self.size))
            yield from self._note()
        return file

    def take(self, place: int, data: memoryview) -> Flow[None]:
        """Write what belongs at ``place``."""
        file = self._file
        if not data or file is None:
            return
        held, size = [data], len(data)
        del data  # a thread that waits for work may keep its last job, but need not keep the bytes
        yield from on_disk("write", lambda _: file.write_at(place, held.pop()))
        self.done.add(place, place + size)
        self._parts += 1
        if self._parts % _PARTS_A_NOTE == 0:
            yield from self._note()

    def give_up(self, error: BaseException) -> Flow[None]:
        """Leave nothing behind, unless another run can go on with it."""
        if self._manifest is not None and not isinstance(error, FileChanged):
            yield from self._note()
            error.add_note(f"the same call again goes on where this one stopped, by the note at {self._manifest.path}")
            return
        self.close()
        yield from on_disk("remove", lambda disk: disk.remove(self.path))
        if self._manifest is not None:
            yield from self._manifest.remove()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _note(self) -> Flow[None]:
        """Write down what is done, once it is on the disk."""
        manifest, file = self._manifest, self._file
        if manifest is not None and file is not None:
            yield from manifest.save(on_disk("sync", lambda _: file.sync()))


def _fetch_rest(remote: Remote, wanted: Wanted, version: Version, landing: _Landing, sparse: bool | None) -> Flow[None]:
    """What is not there yet. Holes are there: the file was made of nothing else."""
    begin = wanted.offset
    gaps = [(begin + start, begin + end) for start, end in landing.done.gaps(landing.size)]
    if not gaps:
        return
    parts = yield from remote.parts(version, gaps, sparse)
    rooms = [remote.room(remote.pace.range_size) for _ in range(remote.pace.workers_for(landing.size))]

    def take(offset: int, data: memoryview) -> Flow[None]:
        yield from landing.take(offset - begin, data)

    yield from fetch(remote, version, parts, rooms, take, in_order=False, skip_holes=True)


def _hash_of(file: LocalFile, size: int, remote: Remote) -> Flow[str]:
    """The MD5 of what was written, as it is read again."""
    whole, room = WholeHash(), Room(remote.pace.range_size)
    for start, end in cut([(0, size)], remote.pace.range_size):
        view = room.view(end - start)
        yield from on_disk("read", partial(_read, file, start, view))
        yield from whole.take(view)
    return whole.text


def _read(file: LocalFile, offset: int, view: memoryview, _disk: Disk) -> None:
    file.read_at(offset, view)


def _note_of(remote: Remote, path: str) -> Flow[tuple[Version, Manifest, bool]]:
    """The version to read, the note of an earlier run or a new one, and whether it is new."""
    version = yield from remote.look()
    facts: dict[str, str | int] = {"url": remote.target.url, "etag": version.etag, "size": version.size}
    place = manifests.manifest_path(path, remote.target.url, "download")
    kept = yield from manifests.load(place)
    if kept is not None and is_temporary(kept.temporary):
        aside = _beside(path, kept.temporary)
        state = yield from on_disk("look", lambda disk: disk.state(aside))
        if kept.facts == facts and state is not None and state.size == version.size:
            return version, kept, False
        if kept.facts.get("url") == facts["url"]:
            yield from on_disk("remove", lambda disk: disk.remove(aside))
    return version, Manifest(place, facts, (yield from new_name())), True


def _beside(path: str, name: str) -> str:
    return str(PurePath(path).with_name(name))


__all__ = ["into_local_file"]
