"""Makes a share of a folder, one that was exported or any other (``folders`` says what an exported one has).

A folder may come from anywhere. So no symbolic link in it is followed: every place is looked at component by component,
and a link is imported as such into an NFS share, and refused for any other.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final, cast
from urllib.parse import quote, unquote_to_bytes

from azfiles_sim.control.folders import (
    CONTENT,
    DIRECTORY,
    FILE,
    FORMAT,
    HARD_LINK,
    KINDS,
    LONG_NAMES,
    MANIFEST,
    READ_VERSIONS,
    SYMBOLIC_LINK,
    FolderError,
    http_asked,
    metadata_asked,
    nfs_asked,
    smb_asked,
)
from azfiles_sim.control.planting import Planting
from azfiles_sim.model.commands import HttpHeadersRequest, NfsRequest, ShareRequest, SmbRequest
from azfiles_sim.model.entities import Metadata

BLOCK_BYTES: Final = 1024 * 1024

_NO_SMB: Final = SmbRequest()
_NO_HTTP: Final = HttpHeadersRequest()
_NO_NFS: Final = NfsRequest()
_LONG_NAME: Final = re.compile(rf"{LONG_NAMES}/[0-9]+")
_NO_SPECIAL_BITS: Final = 0o777


@dataclass(frozen=True, slots=True)
class _Entry:
    """One thing to import. ``source`` is where a file's bytes lie; ``target`` the path that a hard link is another name
    of; ``link_text`` where a symbolic link leads, percent-encoded.
    """

    path: tuple[str, ...]
    kind: str
    source: Path | None = None
    target: tuple[str, ...] = ()
    link_text: str = ""
    metadata: Metadata = ()
    smb: SmbRequest = _NO_SMB
    nfs: NfsRequest = _NO_NFS
    http: HttpHeadersRequest = _NO_HTTP
    ranges: tuple[tuple[int, int], ...] = ()


def import_folder(planting: Planting, folder: Path, *, replace: bool) -> int:
    """Make a share of ``folder`` and return the number of entries. Without a manifest every file in it is taken; with
    one, also what was put into ``content/`` since. Links are taken where the share is an NFS share.

    Raises FolderError where the folder cannot be used, FileExistsError where the share is there and may not be
    replaced, ServiceError where the service's rules refuse something in it.
    """
    if not folder.is_dir():
        raise FolderError(f"{folder} is not a folder")
    manifest = _read_manifest(folder)
    protocol = _protocol(planting, manifest)
    entries = _listed_entries(folder, manifest)
    known = {entry.path for entry in entries}
    found = _walk(_content_of(folder) if manifest else folder, links=protocol == "NFS")
    entries += [entry for entry in found if entry.path not in known]
    planting.share_itself(
        quota_gib=manifest.get("quota_gib"),
        metadata=metadata_asked(manifest),
        settings=ShareRequest(
            protocol=protocol,
            root_squash=manifest.get("root_squash"),
            snapshot_directory=manifest.get("snapshot_directory"),
        ),
        replace=replace,
    )
    for entry in sorted(entries, key=lambda entry: entry.kind == HARD_LINK):  # when there is what they are names of
        _plant(planting, entry)
    for entry in entries:  # when all is in place: what is read-only could not be written any more
        if entry.kind in {DIRECTORY, FILE} and (entry.smb, entry.nfs) != (_NO_SMB, _NO_NFS):
            planting.properties(entry.path, entry.smb, entry.nfs, directory=entry.kind == DIRECTORY)
    if root := manifest.get("root"):
        planting.properties((), _NO_SMB, nfs_asked(root), directory=True)
    return len(entries)


def _plant(planting: Planting, entry: _Entry) -> None:
    if entry.kind == DIRECTORY:
        planting.directory(entry.path, metadata=entry.metadata)
        return
    planting.directory(entry.path[:-1])
    if entry.kind == HARD_LINK:
        planting.hard_link(entry.path, entry.target)
    elif entry.kind == SYMBOLIC_LINK:
        planting.symbolic_link(entry.path, entry.link_text, metadata=entry.metadata, smb=entry.smb, nfs=entry.nfs)
    else:
        with _open(cast("Path", entry.source)) as file:
            size = os.fstat(file.fileno()).st_size
            pieces = _written_pieces(file, size, entry.ranges)
            planting.file(entry.path, size, pieces, metadata=entry.metadata, http=entry.http)


def _open(place: Path) -> BinaryIO:
    """A file that was seen to be no link, and is not one now."""
    return os.fdopen(os.open(place, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)), "rb")


def _protocol(planting: Planting, manifest: Mapping[str, Any]) -> str:
    """The protocol of the share that is there, or of the one to be made."""
    told = str(manifest.get("protocol", "SMB"))
    there = planting.protocol()
    if there is not None and manifest and there != told:
        raise FolderError(f"it was exported from an {told} share, and {planting.share} is an {there} share")
    return there or told


# --- the manifest --------------------------------------------------------------------------------------------------


def _read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest, empty where there is none."""
    place = folder / MANIFEST
    if place.is_symlink() or not place.is_file():
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
    if told.get("version") not in READ_VERSIONS:
        raise FolderError(f"{place} has version {told.get('version')}, and {READ_VERSIONS[-1]} is read here")
    return told


def _listed_entries(folder: Path, manifest: Mapping[str, Any]) -> list[_Entry]:
    entries: list[_Entry] = []
    for number, told in enumerate(manifest.get("entries", ())):
        try:
            entries.append(_listed_entry(folder, told))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise FolderError(f"entry {number} of {folder / MANIFEST} cannot be read: {error}") from None
    files = {entry.path for entry in entries if entry.kind == FILE}
    for entry in entries:
        if entry.kind == HARD_LINK and entry.target not in files:
            raise FolderError(f"{'/'.join(entry.path)} is another name of no file: {'/'.join(entry.target)}")
    return entries


def _listed_entry(folder: Path, told: Mapping[str, Any]) -> _Entry:
    path, kind, stored = _path(told["path"]), told["kind"], told["stored"]
    if kind not in KINDS:
        raise FolderError(f"it is of no kind that is known: {kind}")
    if stored is not None and stored != "/".join((CONTENT, *path)) and not _LONG_NAME.fullmatch(stored):
        raise FolderError(f"it says to be stored outside: {stored}")
    entry = _Entry(
        path,
        kind,
        metadata=metadata_asked(told),
        smb=smb_asked(told.get("smb", {})),
        nfs=nfs_asked(told.get("nfs", {})),
        ranges=tuple((int(start), int(end)) for start, end in told.get("ranges", ())),
    )
    if kind == FILE:
        if stored is None or not _is(stat.S_ISREG, folder, stored):
            raise FolderError(f"its file is not there: {stored}")
        return replace(entry, source=folder / stored, http=http_asked(told.get("http", {})))
    if kind == HARD_LINK:  # whether the folder still has it as such or as a copy: the file's bytes are the first name's
        return replace(entry, target=_path(told["target"]))
    if kind == SYMBOLIC_LINK:
        return replace(entry, link_text=_link_text(folder, stored, str(told["link"])))
    return entry


def _path(text: str) -> tuple[str, ...]:
    path = tuple(text.split("/"))
    if not set(path).isdisjoint({"", ".", ".."}):
        raise FolderError(f"its path leads elsewhere: {text}")
    return path


def _link_text(folder: Path, stored: str | None, told: str) -> str:
    """Where a link leads now: as the manifest spells it, unless it was changed in the folder."""
    if stored is None:
        return told
    if not _is(stat.S_ISLNK, folder, stored):
        raise FolderError(f"its link is not there: {stored}")
    present = _leads_to(folder / stored)
    return told if present == unquote_to_bytes(told) else quote(present, safe="")


def _leads_to(link: Path) -> bytes:
    return os.readlink(os.fsencode(link))  # noqa: PTH115 - a Path would tidy up what it says


# --- the folder ----------------------------------------------------------------------------------------------------


def _is(kind: Any, folder: Path, stored: str) -> bool:
    """Whether there is something of a kind (one of ``stat.S_IS...``), reached through folders alone and no link."""
    *above, last = Path(stored).parts
    place = folder
    for part in above:
        place /= part
        if not _mode_is(stat.S_ISDIR, place):
            return False
    return _mode_is(kind, place / last)


def _mode_is(kind: Any, place: Path) -> bool:
    try:
        return bool(kind(place.lstat().st_mode))
    except (FileNotFoundError, NotADirectoryError):
        return False


def _content_of(folder: Path) -> Path:
    content = folder / CONTENT
    if content.is_symlink():
        raise FolderError(f"{content} is a symbolic link, and none is followed")
    return content


def _walk(folder: Path, *, links: bool) -> list[_Entry]:
    """Everything in a folder, parents first, in the order of names. With ``links``, what a file system of Unix has:
    symbolic links, several names of one file, mode, owner and group.
    """
    entries: list[_Entry] = []
    first_names: dict[tuple[int, int], tuple[str, ...]] = {}
    for root, directories, files in os.walk(folder):
        directories.sort()
        above = Path(root).relative_to(folder).parts
        for name in (*directories, *sorted(files)):
            place, path = Path(root, name), (*above, name)
            status = place.lstat()
            entry = _found(place, path, status, links=links)
            if links and entry.kind == FILE and status.st_nlink > 1:
                first = first_names.setdefault((status.st_dev, status.st_ino), path)
                entry = entry if first == path else _Entry(path, HARD_LINK, target=first)
            entries.append(entry)
    return entries


def _found(place: Path, path: tuple[str, ...], status: os.stat_result, *, links: bool) -> _Entry:
    mode = status.st_mode
    nfs = NfsRequest(mode & _NO_SPECIAL_BITS, str(status.st_uid), str(status.st_gid)) if links else _NO_NFS
    if links and stat.S_ISLNK(mode):
        return _Entry(path, SYMBOLIC_LINK, link_text=quote(_leads_to(place), safe=""), nfs=replace(nfs, mode=None))
    if stat.S_ISDIR(mode):
        return _Entry(path, DIRECTORY, nfs=nfs)
    if stat.S_ISREG(mode):
        return _Entry(path, FILE, source=place, nfs=nfs)
    raise FolderError(f"{place} is neither a file nor a folder: take it out")


def _written_pieces(file: BinaryIO, size: int, ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, bytes]]:
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


__all__ = ["import_folder"]
