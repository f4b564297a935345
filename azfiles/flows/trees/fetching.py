"""One file of a tree from the service to the local disk. It appears there when it is whole."""

from __future__ import annotations

from pathlib import PurePath

from azfiles.core import files
from azfiles.errors import InvalidArgument
from azfiles.flows.call import call
from azfiles.flows.disk import Disk
from azfiles.flows.downloading import download_to
from azfiles.flows.effects import Flow, on_disk
from azfiles.flows.targets import Target
from azfiles.flows.transfers.checking import chosen_checksum
from azfiles.flows.transfers.fetching import Remote
from azfiles.flows.transfers.filling import Pace
from azfiles.flows.transfers.temporary import new_name
from azfiles.flows.trees.handling import Handling
from azfiles.flows.trees.times import NS_PER_TICK
from azfiles.models import TreeStep


def fetch_file(source: Target, path: str, step: TreeStep, handling: Handling, *, is_nfs: bool) -> Flow[int]:
    """Download one file; returns its size.

    A small one comes in one request, and is not forced to the disk: a machine that stops just then may lose it, and it is
    fetched again when the tree is.
    """
    mode = (yield from _look_at_nfs(source, handling)) if is_nfs else None
    modified_ns = step.ticks * NS_PER_TICK if handling.keep_times and step.ticks is not None else None
    content = (yield from _small(source, step, handling)) if step.size <= handling.range_size else None
    if content is not None:
        aside = str(PurePath(path).with_name((yield from new_name())))
        yield from on_disk("write", lambda disk: _put(disk, path, aside, content, modified_ns, mode))
        return len(content)
    downloaded = yield from download_to(
        source,
        PurePath(path),
        checksum=handling.checksum,
        range_size=handling.range_size,
        concurrency=handling.connections,
    )
    yield from on_disk("set", lambda disk: _set(disk, path, modified_ns, mode))
    return downloaded.size


def _small(source: Target, step: TreeStep, handling: Handling) -> Flow[memoryview | None]:
    """All of a small file; ``None`` where it has grown and is none any more."""
    remote = Remote(source, Pace(handling.range_size, 1), chosen_checksum(source.session, handling.checksum))
    version, content = yield from remote.begin(0, handling.range_size if step.size else 0)
    return content if len(content) == version.size else None


def _look_at_nfs(source: Target, handling: Handling) -> Flow[int | None]:
    """Listings do not tell links from files, and nobody knows what reading one gives: so it is asked for each file."""
    operation = files.get_file_properties(source.share, source.path, snapshot=source.snapshot)
    found = yield from call(source.session, operation)
    if found.nfs is None:
        return None
    if found.nfs.file_type == "SymLink":
        raise InvalidArgument("a symbolic link, which is not fetched: get_symbolic_link tells where it leads")
    return int(found.nfs.mode, 8) if handling.keep_mode and found.nfs.mode else None


def _put(disk: Disk, path: str, aside: str, content: memoryview, modified_ns: int | None, mode: int | None) -> None:
    file = disk.open_to_write(aside, new=True)
    try:
        try:
            if content:
                file.write_at(0, content)
        finally:
            file.close()
        _set(disk, aside, modified_ns, mode)
        disk.rename(aside, path, durable=False)
    except BaseException:
        disk.remove(aside)
        raise


def _set(disk: Disk, path: str, modified_ns: int | None, mode: int | None) -> None:
    if mode is not None:
        disk.set_mode(path, mode)
    if modified_ns is not None:
        disk.set_modified(path, modified_ns)


__all__ = ["fetch_file"]
