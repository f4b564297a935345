"""Writes the tree of a share or snapshot into a folder (``folders`` says what such a folder has).

Links come last: as long as anything is written, there is no symbolic link that it could be written through.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes

from azfiles_sim.control.differences import nodes_by_path
from azfiles_sim.control.folders import (
    CONTENT,
    DIRECTORY,
    FILE,
    FORMAT,
    HARD_LINK,
    LONG_NAMES,
    MANIFEST,
    SYMBOLIC_LINK,
    VERSION,
    Told,
    http_told,
    nfs_told,
    smb_told,
    times_told,
)
from azfiles_sim.model.entities import File, NfsProperties, Node, Share, Snapshot
from azfiles_sim.model.view import View

MAX_STORED_NAME_BYTES: Final = 255  # of one component, on the file systems that there are
MAX_STORED_PATH_BYTES: Final = 3000  # leaves room for the folder's own path below the 4096 of Linux
MAX_LINK_BYTES: Final = 4095
_NO_SPECIAL_BITS: Final = 0o777  # a file that runs as its owner is not for a folder that others may reach
_READABLE: Final = {DIRECTORY: 0o700, FILE: 0o400}  # for whoever exported it, or it could not be imported
_LARGEST_ID: Final = 2**32 - 2  # the one above stands for no change


def export_tree(view: View, source: Share | Snapshot, share: str, folder: Path) -> int:
    """Write the tree of ``source`` into ``folder`` and return the number of entries. It appears whole or not at all.

    Raises FileExistsError where something is in the folder, OSError where it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} is not an empty folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        nodes = nodes_by_path(view, source.tree)
        entries = list(_told(view, source, nodes))
        _write(draft, nodes, entries)
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "share": share,
            "quota_gib": source.quota_gib,
            "metadata": dict(source.metadata),
            **_protocol_told(view, source),
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


# --- what the manifest tells ---------------------------------------------------------------------------------------


def _protocol_told(view: View, source: Share | Snapshot) -> Told:
    settings = source.settings
    if settings.protocol == "SMB":
        return {}
    root = view.child(source.tree, 0, "")
    return {
        "protocol": settings.protocol,
        "root_squash": settings.root_squash,
        "snapshot_directory": settings.snapshot_directory,
        "root": {} if root is None or root.nfs is None else nfs_told(root.nfs),
    }


def _told(view: View, source: Share | Snapshot, nodes: dict[tuple[str, ...], Node]) -> Iterator[Told]:
    """The entry of each node. Of a file with several names the first has its content, the others name that one."""
    first_names: dict[int, str] = {}
    for path, node in nodes.items():
        text, stored = "/".join(path), _stored_as(path, node)
        first = first_names.setdefault(node.file_id, text)
        if first != text:
            place = stored if stored.startswith(f"{CONTENT}/") else None  # a long name is the manifest's alone
            yield {"path": text, "kind": HARD_LINK, "stored": place, "target": first}
            continue
        told: Told = {"path": text, "kind": DIRECTORY, "stored": stored, "metadata": dict(node.metadata)}
        if node.nfs is None:
            told["smb"] = smb_told(node.smb, view.permission(source.tree, node.smb.permission_key))
        else:
            told |= {"smb": times_told(node.smb), "nfs": nfs_told(node.nfs)}
        if isinstance(node, File) and node.link_text is not None:
            told |= {"kind": SYMBOLIC_LINK, "link": node.link_text}
            if not _can_be_stored(node.link_text):
                told["stored"] = None
        elif isinstance(node, File):
            ranges = node.content.listed_ranges(0, node.size)
            told |= {"kind": FILE, "size": node.size, "http": http_told(node)}
            told["ranges"] = [[first, last + 1] for first, last in ranges]
        yield told


def _stored_as(path: tuple[str, ...], node: Node) -> str:
    """The place in the folder; another one than the path where the file system could not have it."""
    sizes = [len(name.encode("utf-8")) for name in path]
    if max(sizes) <= MAX_STORED_NAME_BYTES and sum(sizes) + len(sizes) <= MAX_STORED_PATH_BYTES:
        return "/".join((CONTENT, *path))
    return f"{LONG_NAMES}/{node.file_id}"


def _can_be_stored(link_text: str) -> bool:
    target = unquote_to_bytes(link_text)
    return 0 < len(target) <= MAX_LINK_BYTES and b"\0" not in target


# --- what the folder has -------------------------------------------------------------------------------------------


def _write(draft: Path, nodes: dict[tuple[str, ...], Node], entries: list[Told]) -> None:
    (draft / CONTENT).mkdir()
    places = {told["path"]: draft / told["stored"] for told in entries if told["stored"] is not None}
    links: list[tuple[Path, Node, Told]] = []
    own: list[tuple[Path, Node, Told]] = []
    for node, told in zip(nodes.values(), entries, strict=True):
        place = places.get(told["path"])
        if place is None:
            continue
        (links if told["kind"] == SYMBOLIC_LINK else own).append((place, node, told))
        if told["kind"] == DIRECTORY:
            place.mkdir(parents=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
        if told["kind"] == HARD_LINK:
            os.link(places[told["target"]], place, follow_symlinks=False)
        elif isinstance(node, File) and told["kind"] == FILE:
            _write_file(place, node)
    for place, node, told in reversed(own):  # what is in a directory before the directory itself
        if node.nfs is not None and told["kind"] != HARD_LINK:
            _set_owner(place, node.nfs)
            place.chmod(node.nfs.mode & _NO_SPECIAL_BITS | _READABLE[told["kind"]])
    for place, node, told in links:
        place.symlink_to(os.fsdecode(unquote_to_bytes(told["link"])))
        if node.nfs is not None:
            _set_owner(place, node.nfs)


def _write_file(place: Path, node: File) -> None:
    with place.open("xb") as file:
        for first, last in node.content.listed_ranges(0, node.size):
            file.seek(first)
            for view in node.content.read(first, last + 1):
                file.write(view)
        file.truncate(node.size)


def _set_owner(place: Path, nfs: NfsProperties) -> None:
    """Give the place its owner and group where this process may, which is seldom; the manifest has them anyway."""
    owner, group = int(nfs.owner), int(nfs.group)
    if max(owner, group) <= _LARGEST_ID:
        with contextlib.suppress(PermissionError):
            os.chown(place, owner, group, follow_symlinks=False)


__all__ = ["export_tree"]
