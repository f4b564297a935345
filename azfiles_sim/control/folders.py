"""A share as a folder: its files as files, and beside them a manifest of all that a folder cannot hold.

``content/`` holds the tree. ``manifest.json`` names every directory and file with metadata, SMB properties, HTTP
headers and the ranges that were written; holes stay holes. A path that is too long for the file system goes to
``long-names/`` under a number. Leases, handles, snapshots and ETags are not exported.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from azfiles_sim.control.differences import nodes_by_path
from azfiles_sim.control.planting import Planting
from azfiles_sim.model.commands import HttpHeadersRequest, SmbRequest
from azfiles_sim.model.entities import Attributes, Directory, File, Metadata, Node, Share, SmbProperties, Snapshot
from azfiles_sim.model.view import View
from azfiles_sim.wire.dates import iso_time, parse_full_iso_time

FORMAT: Final = "azfiles-sim-share"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
CONTENT: Final = "content"
LONG_NAMES: Final = "long-names"
MAX_STORED_NAME_BYTES: Final = 255  # of one component, on the file systems that there are
MAX_STORED_PATH_BYTES: Final = 3000  # leaves room for the folder's own path below the 4096 of Linux
BLOCK_BYTES: Final = 1024 * 1024

_NO_SMB: Final = SmbRequest()
_NO_HTTP: Final = HttpHeadersRequest()
_LONG_NAME: Final = re.compile(rf"{LONG_NAMES}/[0-9]+")


class FolderError(ValueError):
    """The folder cannot be used; the message says what to do."""


# --- export --------------------------------------------------------------------------------------------------------


def export_tree(view: View, source: Share | Snapshot, share: str, folder: Path) -> int:
    """Write the tree of ``source`` into ``folder`` and return the number of entries. It appears whole or not at all.

    Raises FolderError for an NFS share, FileExistsError where something is in the folder, OSError where it cannot be written.
    """
    if source.settings.protocol != "SMB":
        raise FolderError("an NFS share has owners and links that the manifest cannot tell yet: it is not exported")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} is not an empty folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        entries = [
            _export_node(draft, path, node, view.permission(source.tree, node.smb.permission_key))
            for path, node in nodes_by_path(view, source.tree).items()
        ]
        (draft / CONTENT).mkdir(exist_ok=True)
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "share": share,
            "quota_gib": source.quota_gib,
            "metadata": dict(source.metadata),
            "entries": entries,
        }
        (draft / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False), encoding="utf-8")
        if folder.exists():
            folder.rmdir()
        draft.chmod(0o755)
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return len(entries)


def _export_node(draft: Path, path: tuple[str, ...], node: Node, permission: str | None) -> dict[str, Any]:
    stored = _stored_as(path, node)
    told: dict[str, Any] = {"path": "/".join(path), "kind": type(node).__name__.lower(), "stored": stored}
    told |= {"metadata": dict(node.metadata), "smb": _smb_told(node.smb, permission)}
    target = draft / stored
    if isinstance(node, Directory):
        target.mkdir(parents=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        ranges = node.content.listed_ranges(0, node.size)
        told |= {"size": node.size, "http": _http_told(node), "ranges": [[first, last + 1] for first, last in ranges]}
        with target.open("xb") as file:
            for first, last in ranges:
                file.seek(first)
                for view in node.content.read(first, last + 1):
                    file.write(view)
            file.truncate(node.size)
    return told


def _stored_as(path: tuple[str, ...], node: Node) -> str:
    """The place in the folder; another one than the path where the file system could not have it."""
    sizes = [len(name.encode("utf-8")) for name in path]
    if max(sizes) <= MAX_STORED_NAME_BYTES and sum(sizes) + len(sizes) <= MAX_STORED_PATH_BYTES:
        return "/".join((CONTENT, *path))
    return f"{LONG_NAMES}/{node.file_id}"


def _smb_told(smb: SmbProperties, permission: str | None) -> dict[str, Any]:
    return {
        "permission": permission,
        "attributes": int(smb.attributes),
        "creation": iso_time(smb.creation),
        "last_write": iso_time(smb.last_write),
        "change": iso_time(smb.change),
    }


def _http_told(file: File) -> dict[str, str]:
    return {name: value for name, value in asdict(file.http).items() if value is not None}


# --- import --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Entry:
    """One directory or file to import, and where it lies."""

    path: tuple[str, ...]
    directory: bool
    source: Path | None
    metadata: Metadata = ()
    smb: SmbRequest = _NO_SMB
    http: HttpHeadersRequest = _NO_HTTP
    ranges: tuple[tuple[int, int], ...] = ()


def import_folder(planting: Planting, folder: Path, *, replace: bool) -> int:
    """Make a share of ``folder`` and return the number of entries. Without a manifest every file in it is taken; with
    one, also what was put into ``content/`` since.

    Raises FolderError where the folder cannot be used, FileExistsError where the share is there and may not be
    replaced, ServiceError where the service's rules refuse something in it.
    """
    if not folder.is_dir():
        raise FolderError(f"{folder} is not a folder")
    manifest = _read_manifest(folder)
    entries = _listed_entries(folder, manifest)
    known = {entry.path for entry in entries}
    found = _walk(folder / CONTENT if manifest else folder)
    entries += [entry for entry in found if entry.path not in known]
    quota = manifest.get("quota_gib")
    planting.share_itself(quota_gib=quota, metadata=_metadata(manifest), replace=replace)
    for entry in entries:
        _plant(planting, entry)
    for entry in entries:  # when all is in place: what is read-only could not be written any more
        if entry.smb != _NO_SMB:
            planting.properties(entry.path, entry.smb, directory=entry.directory)
    return len(entries)


def _plant(planting: Planting, entry: _Entry) -> None:
    if entry.directory:
        planting.directory(entry.path, metadata=entry.metadata)
        return
    planting.directory(entry.path[:-1])
    source = cast("Path", entry.source)
    with source.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        pieces = _written_pieces(file, size, entry.ranges)
        planting.file(entry.path, size, pieces, metadata=entry.metadata, http=entry.http)


def _read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest, empty where there is none."""
    place = folder / MANIFEST
    if not place.is_file():
        return {}
    try:
        manifest = json.loads(place.read_text(encoding="utf-8"))
    except ValueError as error:
        raise FolderError(f"{place} is not JSON: {error}") from None
    if not isinstance(manifest, dict):
        return {}
    told = cast("dict[str, Any]", manifest)
    if told.get("format") != FORMAT:
        return {}  # a file of the user's own that has this name
    if told.get("version") != VERSION:
        raise FolderError(f"{place} has version {told.get('version')}, and {VERSION} is read here")
    return told


def _listed_entries(folder: Path, manifest: Mapping[str, Any]) -> list[_Entry]:
    entries: list[_Entry] = []
    for number, told in enumerate(manifest.get("entries", ())):
        try:
            entries.append(_listed_entry(folder, told))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise FolderError(f"entry {number} of {folder / MANIFEST} cannot be read: {error}") from None
    return entries


def _listed_entry(folder: Path, told: Mapping[str, Any]) -> _Entry:
    path = tuple(told["path"].split("/"))
    directory = told["kind"] == "directory"
    stored = told["stored"]
    if stored != "/".join((CONTENT, *path)) and not _LONG_NAME.fullmatch(stored):
        raise FolderError(f"it says to be stored outside: {stored}")
    if not set(path).isdisjoint({"", ".", ".."}):
        raise FolderError(f"its path leads elsewhere: {told['path']}")
    source = folder / stored
    if not directory and (source.is_symlink() or not source.is_file()):
        raise FolderError(f"its file is not there: {stored}")
    return _Entry(
        path,
        directory,
        None if directory else source,
        metadata=_metadata(told),
        smb=_smb_asked(told.get("smb", {})),
        http=_NO_HTTP if directory else HttpHeadersRequest(**told.get("http", {})),
        ranges=tuple((int(start), int(end)) for start, end in told.get("ranges", ())),
    )


def _metadata(told: Mapping[str, Any]) -> Metadata:
    return tuple((str(name), str(value)) for name, value in told.get("metadata", {}).items())


def _smb_asked(told: Mapping[str, Any]) -> SmbRequest:
    if not told:
        return _NO_SMB
    return SmbRequest(
        attributes=Attributes(told["attributes"]),
        creation=parse_full_iso_time(told["creation"]),
        last_write=parse_full_iso_time(told["last_write"]),
        change=parse_full_iso_time(told["change"]),
        permission=told.get("permission"),
    )


def _walk(folder: Path) -> list[_Entry]:
    """Everything in a folder, parents first, in the order of names."""
    entries: list[_Entry] = []
    for root, directories, files in os.walk(folder):
        directories.sort()
        above = Path(root).relative_to(folder).parts
        for name in (*directories, *sorted(files)):
            place = Path(root, name)
            if place.is_symlink() or not (place.is_file() or place.is_dir()):
                raise FolderError(f"{place} is neither a file nor a folder: take it out")
            entries.append(_Entry((*above, name), place.is_dir(), None if place.is_dir() else place))
    return entries


def _written_pieces(file: BinaryIO, size: int, ranges: Sequence[tuple[int, int]]) -> Iterator[tuple[int, bytes]]:
    """What to write of a file: the listed ranges whole, and from between them the blocks that are not all zero."""
    at = 0
    for start, end in (*ranges, (size, size)):
        yield from _blocks(file, at, min(start, size), sparse=True)
        yield from _blocks(file, max(at, start), min(end, size), sparse=False)
        at = max(at, end)


def _blocks(file: BinaryIO, start: int, end: int, *, sparse: bool) -> Iterator[tuple[int, bytes]]:
    at = start
    while at < end:
        if sparse:
            at = _next_data(file, at, end)
        file.seek(at)
        block = file.read(min(BLOCK_BYTES, end - at))
        if not block:
            return
        if not sparse or block.count(0) != len(block):
            yield at, block
        at += len(block)


def _next_data(file: BinaryIO, at: int, end: int) -> int:
    """Where the next bytes are that take space on the disk; ``end`` where there are none."""
    if not hasattr(os, "SEEK_DATA"):
        return at  # pragma: no cover - a system that does not tell; holes are then read as zeros
    try:
        return min(end, os.lseek(file.fileno(), at, os.SEEK_DATA))
    except OSError:
        return end  # nothing but a hole up to the end


__all__ = ["CONTENT", "LONG_NAMES", "MANIFEST", "FolderError", "export_tree", "import_folder"]
