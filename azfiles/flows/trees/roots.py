"""What is known of the two roots of a tree before anything is planned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

from azfiles.core import directories
from azfiles.errors import InvalidArgument, NotFound
from azfiles.flows.call import call
from azfiles.flows.disk import Disk, LocalKind
from azfiles.flows.effects import Flow, on_disk
from azfiles.flows.targets import Target
from azfiles.flows.transfers.sources import LocalPath, is_local_path, local_path
from azfiles.models import DirectoryProperties
from azfiles.records import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """Whether the directory is there. ``is_nfs`` says that its share is an NFS share, ``folds`` that names which differ by
    case only are the same there.
    """

    exists: bool
    folds: bool
    is_nfs: bool = False


def look_at_remote(target: Target) -> Flow[Found]:
    """A directory that need not be there, in a share that must."""
    exists = True
    try:
        found = yield from _properties(target)
    except NotFound:
        if not target.path:
            raise
        exists = False
        found = yield from _properties(replace(target, path=()))
    is_nfs = found.nfs is not None
    return Found(exists, not is_nfs, is_nfs)


def look_at_remote_source(target: Target) -> Flow[Found]:
    """A directory that must be there: what is missing is not an empty tree."""
    is_nfs = (yield from _properties(target)).nfs is not None
    return Found(exists=True, folds=not is_nfs, is_nfs=is_nfs)


def _properties(target: Target) -> Flow[DirectoryProperties]:
    operation = directories.get_directory_properties(target.share, target.path, snapshot=target.snapshot)
    return (yield from call(target.session, operation))


def local_root(given: LocalPath) -> str:
    """The text of a path that a caller gave; ``InvalidArgument`` where it is none."""
    if not is_local_path(given):
        raise InvalidArgument("local: the path of a directory is expected, as pathlib.Path")
    return local_path(given)


def check_local_source(root: str) -> Flow[None]:
    """``InvalidArgument`` or ``FileNotFoundError`` where there is no directory to read."""
    found = yield from on_disk("look", lambda disk: disk.resolve(root))
    if found is None:
        raise FileNotFoundError(f"there is no directory {root}")
    if found[1].kind is not LocalKind.DIRECTORY:
        raise InvalidArgument(f"local: {root} is no directory")


def look_at_local(root: str) -> Flow[Found]:
    """A directory that need not be there."""
    return (yield from on_disk("look", lambda disk: _look(disk, root)))


def _look(disk: Disk, root: str) -> Found:
    found = disk.resolve(root)
    if found is not None and found[1].kind is not LocalKind.DIRECTORY:
        raise InvalidArgument(f"local: {root} is no directory")
    return Found(found is not None, _folds_case(disk, root))


def _folds_case(disk: Disk, root: str) -> bool:
    """What a disk does is seen by the next directory above whose name has letters: is it also there in other ones?"""
    path = PurePath(root)
    for place in (path, *path.parents):
        state = disk.state(str(place))
        if state is None or place.name.swapcase() == place.name:
            continue
        return disk.state(str(place.with_name(place.name.swapcase()))) == state
    return False


__all__ = ["Found", "check_local_source", "local_root", "look_at_local", "look_at_remote", "look_at_remote_source"]
