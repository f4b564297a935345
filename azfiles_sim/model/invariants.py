"""What must hold of every stored state, whatever was asked of it. For tests: ``check`` reads everything."""

from __future__ import annotations

from dataclasses import replace

from azfiles_sim.model.entities import (
    TICKS_PER_SECOND,
    Account,
    Attributes,
    Available,
    Broken,
    Directory,
    File,
    Leased,
    Share,
    Snapshot,
    TreeKey,
)
from azfiles_sim.model.names import node_key
from azfiles_sim.model.permissions import DEFAULT_PERMISSIONS
from azfiles_sim.model.view import View


class InvariantBroken(AssertionError):
    """The stored state contradicts itself. The message says what and where."""


def check(view: View, *, explicit_stamps: bool = False) -> None:
    """Raise InvariantBroken if anything in the state is wrong.

    ``explicit_stamps`` allows ETags that requests chose, as under the quirk ``etag_follows_explicit_times``.
    """
    for account in view.accounts():
        generations: set[int] = set()
        for share in view.shares(account.name):
            where = f"share {account.name}/{share.name}"
            _require(share.account == account.name, where, "belongs to another account")
            _require(share.tree.generation <= account.shares_made, where, "has a generation that was not given out")
            _require(share.tree.generation not in generations, where, "has another share's generation")
            _require(share.tree.snapshot is None, where, "stores its live tree as a snapshot")
            _require(share.created <= share.stamp <= account.last_stamp, where, "has a stamp out of order")
            generations.add(share.tree.generation)
            newest = None if explicit_stamps else account.last_stamp
            written = _check_tree(view, share, share.tree, where, newest)
            _require(written == share.written, where, f"counts {share.written} written bytes, has {written}")
            _check_snapshots(view, account, share, where, newest)
            _check_handles(view, share, where)
        _check_deleted(view, account, generations, explicit_stamps=explicit_stamps)


def _check_deleted(view: View, account: Account, generations: set[int], *, explicit_stamps: bool) -> None:
    last = 0
    for kept in account.deleted_shares:
        where = f"deleted share {account.name}/{kept.share.name}"
        _require(kept.share.tree.generation not in generations, where, "has another share's generation")
        _require(last < kept.deleted <= kept.gone, where, "is out of order")
        generations.add(kept.share.tree.generation)
        newest = None if explicit_stamps else account.last_stamp
        for tree in (kept.share.tree, *(snapshot.tree for snapshot in kept.snapshots)):
            _check_tree(view, kept.share, tree, where, newest)
        last = kept.deleted


def _check_snapshots(view: View, account: Account, share: Share, where: str, newest: int | None) -> None:
    last = 0
    for snapshot in view.snapshots(account.name, share.name):
        there = f"{where} snapshot {snapshot.snapshot}"
        _check_snapshot(share, snapshot, last, there)
        _check_tree(view, share, snapshot.tree, there, newest)
        last = snapshot.snapshot


def _check_snapshot(share: Share, snapshot: Snapshot, last: int, there: str) -> None:
    _require(snapshot.share == share.name, there, "belongs to another share")
    _require(last < snapshot.snapshot <= share.last_snapshot, there, "is out of order")
    _require(snapshot.snapshot % TICKS_PER_SECOND == 0, there, "is not at a whole second")
    _require(snapshot.tree.snapshot == snapshot.snapshot, there, "names the tree of another instant")
    _require(snapshot.tree.generation == share.tree.generation, there, "names the tree of another generation")
    _require(snapshot.stamp <= max(share.stamp, snapshot.snapshot), there, "has a stamp later than its share's")


def _check_tree(view: View, share: Share, tree: TreeKey, where: str, newest: int | None) -> int:
    """Check every node and return the bytes that its files hold."""
    root = view.child(tree, 0, "")
    _require(isinstance(root, Directory) and root.file_id == 0 and not root.name, where, "has no root")
    directories: set[int] = set()
    ids: set[int] = set()
    files: set[int] = set()
    written = names = 0
    nodes = list(view.nodes(tree))
    for node in nodes:
        there = f"{where} node {node.name!r}"
        ids.add(node.file_id)
        _require(view.child(tree, node.parent_id, node_key(node)) == node, there, "is not under its own name")
        _require(newest is None or node.stamp <= newest, there, "has a stamp that was not given out")
        _require(
            bool(node.smb.attributes & Attributes.DIRECTORY) == isinstance(node, Directory), there, "has a wrong kind"
        )
        key = node.smb.permission_key
        known = key in DEFAULT_PERMISSIONS or view.permission(share.tree, key) is not None
        _require(known, there, "has a permission key that the share does not know")
        if isinstance(node, Directory):
            directories.add(node.file_id)
        else:
            written += 0 if node.file_id in files else node.content.written
            files.add(node.file_id)
            names += len(node.links) > 1 and node.links[0] != (node.parent_id, node.name)
            _check_file(node, there)
            _check_names(view, tree, node, there)
    for node in nodes:
        _require(node.parent_id in directories, f"{where} node {node.name!r}", "has no parent")
    _require(len(ids) + names == len(nodes), where, "gives one file id twice")
    _require(len(ids) - 1 <= share.files_made, where, "has more nodes than were made")
    return written


def _check_names(view: View, tree: TreeKey, file: File, where: str) -> None:
    """A file with several names is stored under each of them, alike."""
    _require(len(file.links) != 1 and len(set(file.links)) == len(file.links), where, "has names that are no several")
    for parent_id, name in file.links:
        other = view.child(tree, parent_id, node_key(replace(file, name=name)))
        _require(other == replace(file, parent_id=parent_id, name=name), where, "differs under another of its names")
    _require(not file.links or (file.parent_id, file.name) in file.links, where, "is not among its own names")


def _check_file(file: File, where: str) -> None:
    position = written = 0
    for offset, view in file.content.extents.items():
        _require(len(view) > 0, where, "has an empty extent")
        _require(offset >= position, where, "has extents that overlap")
        _require(view.readonly, where, "has an extent that can be changed")
        position = offset + len(view)
        written += len(view)
    _require(position <= file.size, where, "has bytes beyond its size")
    _require(written == file.content.written, where, f"counts {file.content.written} written bytes, has {written}")
    infinite = isinstance(file.lease, (Available, Broken)) or (
        isinstance(file.lease, Leased) and file.lease.until is None
    )
    _require(infinite, where, "has a lease that a file cannot have")


def _check_handles(view: View, share: Share, where: str) -> None:
    ids = [handle.handle_id for handle in view.handles(share.account, share.name)]
    _require(ids == sorted(set(ids)), where, "has handles out of order")


def _require(holds: bool, where: str, what: str) -> None:
    if not holds:
        raise InvariantBroken(f"{where} {what}")


__all__ = ["InvariantBroken", "check"]
