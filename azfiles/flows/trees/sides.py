"""The two sides between which trees go, the service and the local disk, as listings of one directory at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import Enum
from pathlib import PurePath
from typing import Final, Protocol

from azfiles.core import directories
from azfiles.errors import AzureFilesError
from azfiles.flows.call import call
from azfiles.flows.disk import Disk, LocalEntry, LocalKind, LocalState
from azfiles.flows.effects import Flow, gather, on_disk
from azfiles.flows.paging import Pages
from azfiles.flows.targets import Target
from azfiles.flows.transfers.manifests import is_manifest
from azfiles.flows.transfers.temporary import is_temporary
from azfiles.flows.trees.names import Path, as_it_is, folded
from azfiles.flows.trees.slots import Slots
from azfiles.flows.trees.times import NS_PER_TICK, ticks_of
from azfiles.models import Entry, FileEntry, ListingPage
from azfiles.records import dataclass

Key = Callable[[str], str]
"""By what names are told apart."""

_TEMPORARY: Final = "a temporary file of a transfer"


class Kind(Enum):
    """What a name in a tree stands for. ``LEFT`` is what no tree has a use for, and is left alone."""

    FILE = "file"
    DIRECTORY = "directory"
    TEMPORARY = "temporary"
    LEFT = "left"


class Links(Enum):
    """What becomes of local symbolic links: left alone, followed where they stay inside the tree, or all followed."""

    SKIP = "skip"
    INSIDE = "inside"
    FOLLOW = "follow"


@dataclass(frozen=True, slots=True)
class Item:
    """A name in a directory; ``ticks`` is when a file was last written. ``why`` says why it is left alone, and ``broken``
    that it should not be so.
    """

    name: str
    kind: Kind
    size: int = 0
    ticks: int | None = None
    why: str = ""
    broken: bool = False


class Side(Protocol):
    """One of the two trees. ``key`` is by what it tells names apart."""

    key: Key

    def list(self, path: Path, /) -> Flow[Sequence[Item]]:
        """What a directory holds, in an order of its own that is always the same. Raises what reading it raised."""
        ...

    def foresee(self, parent: Path, names: Sequence[str], /) -> None:
        """These directories will be listed next, in this order."""
        ...


class RemoteSide:
    """A tree on the service. Directories that are known to come are listed ahead while there are connections to spare, at
    most ``ahead`` of them.
    """

    def __init__(self, root: Target, slots: Slots, *, times: bool, folds: bool, ahead: int) -> None:
        self.key: Key = folded if folds else as_it_is
        self._root = root
        self._slots = slots
        self._include = ("Timestamps",) if times else ()
        self._ahead = ahead
        self._coming: dict[Path, deque[str]] = {}
        self._listed: dict[Path, Sequence[Item] | AzureFilesError] = {}

    def foresee(self, parent: Path, names: Sequence[str], /) -> None:
        if names:
            self._coming[parent] = deque(names)

    def list(self, path: Path, /) -> Flow[Sequence[Item]]:
        if path not in self._listed:
            yield from self._slots.holding(1, self._fetch(path))
        found = self._listed.pop(path)
        if isinstance(found, AzureFilesError):
            raise found
        return found

    def _fetch(self, path: Path) -> Flow[None]:
        """This directory, and some of those that come next."""
        coming = self._coming.get(path[:-1], deque()) if path else deque[str]()
        while coming and path[-1] in coming:
            if coming.popleft() == path[-1]:
                break
        spare = self._slots.take_spare(min(len(coming), self._ahead - len(self._listed)))
        try:
            batch = [path, *((*path[:-1], coming.popleft()) for _ in range(spare))]
            if not coming and path:
                self._coming.pop(path[:-1], None)
            pages = yield from gather([self._all_pages(each) for each in batch], len(batch))
        finally:
            self._slots.give_back(spare)
        self._listed.update(zip(batch, pages, strict=True))

    def _all_pages(self, path: Path) -> Flow[Sequence[Item] | AzureFilesError]:
        target = replace(self._root, path=(*self._root.path, *path))

        def fetch(marker: str | None) -> Flow[ListingPage]:
            operation = directories.list_directory(
                target.share, target.path, marker=marker, include=self._include, snapshot=target.snapshot
            )
            return (yield from call(target.session, operation))

        items: list[Item] = []
        pages = Pages(fetch)
        try:
            while (page := (yield from pages.following())) is not None:
                items += map(_of_the_service, page.entries)
        except AzureFilesError as error:
            return error
        return items


def _of_the_service(entry: Entry) -> Item:
    if not isinstance(entry, FileEntry):
        return Item(entry.name, Kind.DIRECTORY)
    ticks = None if entry.times is None else ticks_of(entry.times.exact.last_write)
    if is_temporary(entry.name):
        return Item(entry.name, Kind.TEMPORARY, entry.size, ticks, _TEMPORARY)
    return Item(entry.name, Kind.FILE, entry.size, ticks)


class LocalSide:
    """A tree on the local disk. ``folds`` says that the disk does not tell the case of names apart."""

    def __init__(self, root: str, *, links: Links = Links.SKIP, folds: bool = False) -> None:
        self.key: Key = folded if folds else as_it_is
        self._root = root
        self._links = links

    def foresee(self, parent: Path, names: Sequence[str], /) -> None:
        """Local directories are not worth it."""

    def list(self, path: Path, /) -> Flow[Sequence[Item]]:
        root, links = self._root, self._links
        return (yield from on_disk("list", lambda disk: _list_local(disk, root, path, links)))


def local_path(root: str, path: Path) -> str:
    """Where something of a tree is on the disk."""
    return str(PurePath(root, *path))


def _list_local(disk: Disk, root: str, path: Path, links: Links) -> list[Item]:
    here = local_path(root, path)
    entries = disk.list(here)
    following = None if links is Links.SKIP else _Following(disk, root, path, links)
    return [_of_the_disk(entry, str(PurePath(here, entry.name)), following) for entry in entries]


def _of_the_disk(entry: LocalEntry, place: str, following: _Following | None) -> Item:
    name, state = entry.name, entry.state
    if following is not None and state.kind in {LocalKind.LINK, LocalKind.DIRECTORY}:
        found = following.state(place)
        if isinstance(found, Item):
            return replace(found, name=name)
        state = found
    match state.kind:
        case LocalKind.DIRECTORY:
            return Item(name, Kind.DIRECTORY)
        case LocalKind.LINK:
            return Item(name, Kind.LEFT, why="a symbolic link, which is not followed")
        case LocalKind.OTHER:
            return Item(name, Kind.LEFT, why="neither a file nor a directory")
        case LocalKind.FILE:
            temporary = is_temporary(name) or is_manifest(name)
            kind = Kind.TEMPORARY if temporary else Kind.FILE
            return Item(name, kind, state.size, state.modified_ns // NS_PER_TICK, _TEMPORARY if temporary else "")


class _Following:
    """Where links in one directory of a tree lead to. None is followed into a directory that is on the way there already,
    for that would never end.
    """

    def __init__(self, disk: Disk, root: str, path: Path, links: Links) -> None:
        self._disk = disk
        self._links = links
        above = [disk.resolve(local_path(root, path[:depth])) for depth in range(len(path) + 1)]
        self._way = [found[0] for found in above if found is not None]

    def state(self, place: str) -> LocalState | Item:
        found = self._disk.resolve(place)
        if found is None:
            return Item("", Kind.LEFT, why="a symbolic link that leads nowhere", broken=True)
        real, state = found
        if self._links is Links.INSIDE and not PurePath(real).is_relative_to(self._way[0]):
            return Item("", Kind.LEFT, why="a symbolic link that leads out of the tree")
        if state.kind is LocalKind.DIRECTORY and real in self._way:
            return Item("", Kind.LEFT, why="a symbolic link that leads back to where it is in", broken=True)
        return state


__all__ = ["Item", "Key", "Kind", "Links", "LocalSide", "RemoteSide", "Side", "local_path"]
