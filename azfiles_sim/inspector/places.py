"""Where one may look: the accounts, an account's shares, a share's snapshots and root, directories; and pages of these.

A page is asked for by its place in the order, as a list that scrolls needs it. The maps are ordered but do not count, so
every so many-th name of a large directory is remembered for as long as the state stays what it is.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from azfiles_sim.model.deciding import ROOT_ID, Place, walk
from azfiles_sim.model.entities import Account, Directory, File, Leased, Node, Share, Snapshot, TreeKey
from azfiles_sim.model.errors import ServiceError
from azfiles_sim.model.names import name_key, node_key
from azfiles_sim.model.view import View
from azfiles_sim.wire.dates import iso_time, parse_full_iso_time

MOST_ITEMS: Final = 500
"""So many entries are told at once."""

MARK_EVERY: Final = 256
_MOST_INDEXES: Final = 64


class Spot(NamedTuple):
    """A place as the page names it; what is empty is not said."""

    account: str = ""
    share: str = ""
    snapshot: str = ""
    path: str = ""


class Found(NamedTuple):
    """What is at a spot in a share: the share or the snapshot of it, and where the path leads."""

    account: Account
    share: Share
    snapshot: Snapshot | None
    place: Place

    @property
    def holder(self) -> Share | Snapshot:
        return self.share if self.snapshot is None else self.snapshot

    @property
    def directory_id(self) -> int | None:
        """The id that children go by, None where a file is."""
        if not self.place.name:
            return ROOT_ID
        return self.place.node.file_id if isinstance(self.place.node, Directory) else None


def find_account(view: View, name: str) -> Account:
    """Raises LookupError."""
    account = view.account(name)
    if account is None:
        raise LookupError(f"there is no account named {name}")
    return account


def find(view: View, spot: Spot) -> Found:
    """What is at a spot. Raises LookupError where nothing is."""
    account = find_account(view, spot.account)
    share = view.share(spot.account, spot.share)
    if share is None:
        raise LookupError(f"the account {spot.account} has no share named {spot.share}")
    snapshot = None
    if spot.snapshot:
        taken_at = parse_full_iso_time(spot.snapshot)
        snapshot = None if taken_at is None else view.snapshot(spot.account, spot.share, taken_at)
        if snapshot is None:
            raise LookupError(f"the share {spot.share} has no snapshot of {spot.snapshot}")
    tree = share.tree if snapshot is None else snapshot.tree
    try:
        place = walk(view, account, share, tree, tuple(part for part in spot.path.split("/") if part))
    except ServiceError:
        place = None
    if place is None or (place.name and place.node is None):
        raise LookupError(f"nothing is at {spot.path} any more")
    return Found(account, share, snapshot, place)


class _Index(NamedTuple):
    """How many entries a directory has, and the key of every so many-th one."""

    view: View
    total: int
    marks: Sequence[str]


class Places:
    """Tells pages. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._indexes: OrderedDict[tuple[TreeKey, int], _Index] = OrderedDict()

    def page(self, view: View, spot: Spot, start: int, count: int) -> dict[str, Any]:
        """Entries number ``start`` (from 0 on) and those after it, at most ``count``, and how many there are in all.

        Raises LookupError where there is no such place.
        """
        count = min(count, MOST_ITEMS)
        if not spot.account:
            return _sliced([_account_told(view, one) for one in view.accounts()], start, count)
        if not spot.share:
            account = find_account(view, spot.account)
            return _sliced([_share_told(view, one) for one in view.shares(account.name)], start, count)
        found = find(view, spot)
        directory = found.directory_id
        if directory is None:
            return {"total": 0, "start": start, "items": []}
        before: Sequence[Snapshot] = ()
        if not spot.snapshot and not found.place.name:
            before = view.snapshots(spot.account, spot.share)
        total, nodes = self._nodes(view, found.place.tree, directory, max(0, start - len(before)))
        items = [{"kind": "snapshot", "name": iso_time(one.snapshot)} for one in before[start : start + count]]
        items += [_node_told(node) for node in islice(nodes, count - len(items))]
        return {"total": len(before) + total, "start": start, "items": items}

    def position(self, view: View, spot: Spot, name: str) -> tuple[int, bool]:
        """Where in the order of a place's children a name stands, or would: the place of the first one that is not
        before it. And whether that one has this very name.

        Raises LookupError where there is no such place.
        """
        if not spot.account:
            return _position([one.name for one in view.accounts()], name)
        if not spot.share:
            return _position([one.name for one in view.shares(find_account(view, spot.account).name)], name)
        found = find(view, spot)
        directory = found.directory_id
        if directory is None:
            return 0, False
        before: list[str] = []
        if not spot.snapshot and not found.place.name:
            before = [iso_time(one.snapshot) for one in view.snapshots(spot.account, spot.share)]
            if name in before:
                return before.index(name), True
        key = name_key(found.share, name)
        index = self._index(view, found.place.tree, directory)
        if not index.total:
            return len(before), False
        mark = max(0, bisect_right(index.marks, key) - 1)
        for skipped, node in enumerate(view.children(found.place.tree, directory, index.marks[mark])):
            if node_key(node) >= key:
                return len(before) + mark * MARK_EVERY + skipped, node_key(node) == key
        return len(before) + index.total - 1, False

    def _nodes(self, view: View, tree: TreeKey, directory: int, skip: int) -> tuple[int, Iterator[Node]]:
        index = self._index(view, tree, directory)
        if skip >= index.total:
            return index.total, iter(())
        nodes = view.children(tree, directory, index.marks[skip // MARK_EVERY])
        return index.total, islice(nodes, skip % MARK_EVERY, None)

    def _index(self, view: View, tree: TreeKey, directory: int) -> _Index:
        key = tree, directory
        with self._lock:
            kept = self._indexes.get(key)
            if kept is not None and kept.view is view:
                self._indexes.move_to_end(key)
                return kept
            marks: list[str] = []
            total = 0
            for node in view.children(tree, directory):
                if total % MARK_EVERY == 0:
                    marks.append(node_key(node))
                total += 1
            index = self._indexes[key] = _Index(view, total, marks)
            self._indexes.move_to_end(key)
            while len(self._indexes) > _MOST_INDEXES:
                self._indexes.popitem(last=False)
            return index


def _sliced(items: Sequence[dict[str, Any]], start: int, count: int) -> dict[str, Any]:
    return {"total": len(items), "start": start, "items": items[start : start + count]}


def _position(names: list[str], name: str) -> tuple[int, bool]:
    at = bisect_left(names, name)
    return min(at, max(0, len(names) - 1)), at < len(names) and names[at] == name


def _account_told(view: View, account: Account) -> dict[str, Any]:
    return {"kind": "account", "name": account.name, "shares": sum(1 for _ in view.shares(account.name))}


def _share_told(view: View, share: Share) -> dict[str, Any]:
    return {
        "kind": "share",
        "name": share.name,
        "leased": isinstance(share.lease, Leased),
        "snapshots": len(view.snapshots(share.account, share.name)),
    }


def _node_told(node: Node) -> dict[str, Any]:
    if not isinstance(node, File):
        return {"kind": "directory", "name": node.name}
    kind = "file" if node.link_text is None else "link"
    return {"kind": kind, "name": node.name, "size": node.size, "leased": isinstance(node.lease, Leased)}


__all__ = ["MOST_ITEMS", "Found", "Places", "Spot", "find", "find_account"]
