"""A store in memory, of persistent ordered maps: a view, a fork and a snapshot of a tree copy nothing."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final, TypeAlias

from azfiles_sim.model import changes as change
from azfiles_sim.model.changes import Change
from azfiles_sim.model.entities import Account, Handle, Node, Share, Snapshot, Ticks, TreeKey
from azfiles_sim.model.names import node_key
from azfiles_sim.ordered_map import EMPTY_MAP, OrderedMap
from azfiles_sim.storage.store import Store

Tree: TypeAlias = OrderedMap[tuple[int, str], Node]
"""One tree: a node by its parent's id and its folded name, so that the children of a directory lie side by side."""

LIVE: Final = -1  # stands for a tree that is no snapshot, where the key needs a number
_FIRST_CHILD: Final = "\0"  # above the root's empty name, below every name that a node can have


class MemoryView:
    """One state. It is changed only while nobody else has it (see ``MemoryStore.apply``)."""

    __slots__ = ("_accounts", "_handles", "_held_names", "_permissions", "_shares", "_snapshots", "_trees")

    def __init__(self) -> None:
        self._accounts: OrderedMap[str, Account] = EMPTY_MAP
        self._shares: OrderedMap[tuple[str, str], Share] = EMPTY_MAP
        self._held_names: OrderedMap[tuple[str, str], Ticks] = EMPTY_MAP
        self._snapshots: OrderedMap[tuple[str, str, Ticks], Snapshot] = EMPTY_MAP
        self._trees: OrderedMap[tuple[str, int, Ticks], Tree] = EMPTY_MAP
        self._permissions: OrderedMap[tuple[str, int, str], str] = EMPTY_MAP
        self._handles: OrderedMap[tuple[str, str], tuple[Handle, ...]] = EMPTY_MAP

    # --- reading -----------------------------------------------------------------------------------------------

    def account(self, name: str) -> Account | None:
        return self._accounts.get(name)

    def accounts(self) -> Iterator[Account]:
        return (account for _, account in self._accounts.items())

    def share(self, account: str, name: str) -> Share | None:
        return self._shares.get((account, name))

    def shares(self, account: str, start: str = "") -> Iterator[Share]:
        for (owner, _), share in self._shares.items((account, start)):
            if owner != account:
                return
            yield share

    def snapshot(self, account: str, share: str, at: Ticks) -> Snapshot | None:
        return self._snapshots.get((account, share, at))

    def snapshots(self, account: str, share: str) -> Sequence[Snapshot]:
        found: list[Snapshot] = []
        for (owner, name, _), snapshot in self._snapshots.items((account, share, 0)):
            if (owner, name) != (account, share):
                break
            found.append(snapshot)
        return found

    def child(self, tree: TreeKey, parent_id: int, key: str) -> Node | None:
        nodes = self._trees.get(_tree_key(tree))
        return None if nodes is None else nodes.get((parent_id, key))

    def children(self, tree: TreeKey, parent_id: int, start_key: str = "") -> Iterator[Node]:
        return chain.from_iterable(self._runs_of_children(tree, parent_id, start_key or _FIRST_CHILD))

    def _runs_of_children(self, tree: TreeKey, parent_id: int, start_key: str) -> Iterator[tuple[Node, ...]]:
        for keys, nodes in self._tree(tree).runs((parent_id, start_key)):
            if keys[-1][0] != parent_id:
                yield nodes[: bisect_left(keys, (parent_id + 1, ""))]
                return
            yield nodes

    def nodes(self, tree: TreeKey) -> Iterator[Node]:
        return (node for _, node in self._tree(tree).items())

    def permission(self, tree: TreeKey, key: str) -> str | None:
        return self._permissions.get((tree.account, tree.generation, key))

    def handles(self, account: str, share: str) -> Sequence[Handle]:
        if self._handles is EMPTY_MAP:
            return ()  # nearly always, and every request for a file asks
        return self._handles.get((account, share), ())

    def name_held_until(self, account: str, share: str) -> Ticks:
        return self._held_names.get((account, share), 0)

    @property
    def trees(self) -> OrderedMap[Any, Tree]:
        """All trees, by the keys that they are stored under."""
        return self._trees

    def maps(self) -> dict[str, OrderedMap[Any, Any]]:
        """Everything, as the maps that it is stored in, by name: of ``trees`` every value is itself a map of nodes."""
        return {name.removeprefix("_"): getattr(self, name) for name in MemoryView.__slots__}

    @classmethod
    def of(cls, maps: Mapping[str, OrderedMap[Any, Any]]) -> MemoryView:
        """The view that has these ``maps``; one that is not named is empty."""
        view = cls()
        for name, entries in maps.items():
            setattr(view, f"_{name}", entries)
        return view

    # --- changing, before it is published ----------------------------------------------------------------------

    def copy(self) -> MemoryView:
        """Another view of the same state."""
        other = MemoryView.__new__(MemoryView)  # of this very class, and field by field: each change makes one
        other._accounts = self._accounts  # noqa: SLF001 - of its own class
        other._shares = self._shares  # noqa: SLF001 - of its own class
        other._held_names = self._held_names  # noqa: SLF001 - of its own class
        other._snapshots = self._snapshots  # noqa: SLF001 - of its own class
        other._trees = self._trees  # noqa: SLF001 - of its own class
        other._permissions = self._permissions  # noqa: SLF001 - of its own class
        other._handles = self._handles  # noqa: SLF001 - of its own class
        return other

    def with_trees(self, trees: OrderedMap[Any, Tree]) -> MemoryView:
        """A view that differs from this one by its trees alone."""
        other = self.copy()
        other._trees = trees  # noqa: SLF001 - of its own class
        return other

    def put_account(self, record: change.PutAccount) -> None:
        self._accounts = self._accounts.set(record.account.name, record.account)

    def drop_account(self, record: change.DropAccount) -> None:
        self._accounts = self._accounts.delete(record.name)

    def put_share(self, record: change.PutShare) -> None:
        share = record.share
        self._shares = self._shares.set((share.account, share.name), share)

    def drop_share(self, record: change.DropShare) -> None:
        self._shares = self._shares.delete((record.account, record.name))
        self._put_handles(record.account, record.name, ())

    def hold_name(self, record: change.HoldName) -> None:
        self._held_names = self._held_names.set((record.account, record.name), record.until)

    def put_snapshot(self, record: change.PutSnapshot) -> None:
        snapshot = record.snapshot
        self._snapshots = self._snapshots.set((record.account, snapshot.share, snapshot.snapshot), snapshot)

    def drop_snapshot(self, record: change.DropSnapshot) -> None:
        self._snapshots = self._snapshots.delete((record.account, record.share, record.at))

    def fork_tree(self, record: change.ForkTree) -> None:
        self._trees = self._trees.set(_tree_key(record.target), self._tree(record.source))

    def drop_tree(self, record: change.DropTree) -> None:
        self._trees = self._trees.delete(_tree_key(record.tree))

    def put_node(self, record: change.PutNode) -> None:
        node, key = record.node, _tree_key(record.tree)
        tree = self._trees.get(key, EMPTY_MAP).set((node.parent_id, node_key(node)), node)
        self._trees = self._trees.set(key, tree)

    def drop_node(self, record: change.DropNode) -> None:
        tree = self._tree(record.tree).delete((record.parent_id, record.key))
        self._trees = self._trees.set(_tree_key(record.tree), tree)

    def put_permission(self, record: change.PutPermission) -> None:
        key = (record.tree.account, record.tree.generation, record.key)
        self._permissions = self._permissions.set(key, record.text)

    def drop_permissions(self, record: change.DropPermissions) -> None:
        owner = (record.tree.account, record.tree.generation)
        for key, _ in self._permissions.items((*owner, "")):
            if key[:2] != owner:
                break
            self._permissions = self._permissions.delete(key)

    def put_handles(self, record: change.PutHandles) -> None:
        self._put_handles(record.account, record.share, record.handles)

    def _put_handles(self, account: str, share: str, handles: tuple[Handle, ...]) -> None:
        if handles:
            self._handles = self._handles.set((account, share), handles)
        elif (account, share) in self._handles:
            self._handles = self._handles.delete((account, share))

    def _tree(self, tree: TreeKey) -> Tree:
        return self._trees.get(_tree_key(tree), EMPTY_MAP)


def _tree_key(tree: TreeKey) -> tuple[str, int, Ticks]:
    return tree.account, tree.generation, LIVE if tree.snapshot is None else tree.snapshot


_APPLIERS: Final[dict[type, Callable[[MemoryView, Any], None]]] = {
    change.PutAccount: MemoryView.put_account,
    change.DropAccount: MemoryView.drop_account,
    change.PutShare: MemoryView.put_share,
    change.DropShare: MemoryView.drop_share,
    change.HoldName: MemoryView.hold_name,
    change.PutSnapshot: MemoryView.put_snapshot,
    change.DropSnapshot: MemoryView.drop_snapshot,
    change.ForkTree: MemoryView.fork_tree,
    change.DropTree: MemoryView.drop_tree,
    change.PutNode: MemoryView.put_node,
    change.DropNode: MemoryView.drop_node,
    change.PutPermission: MemoryView.put_permission,
    change.DropPermissions: MemoryView.drop_permissions,
    change.PutHandles: MemoryView.put_handles,
}


def changed(view: MemoryView, changes: Iterable[Change]) -> MemoryView:
    """Another view, with all the changes made. Raises KeyError if one drops what is not there."""
    draft = view.copy()
    for record in changes:
        _APPLIERS[type(record)](draft, record)
    return draft


class MemoryStore:
    """Holds the current view and replaces it by the next one; whoever reads an older one keeps it."""

    def __init__(self, view: MemoryView | None = None) -> None:
        self._view = MemoryView() if view is None else view

    def view(self) -> MemoryView:
        """The state as it is now."""
        return self._view

    def apply(self, changes: Iterable[Change]) -> None:
        """Make all the changes, or none if one fails (KeyError: it drops what is not there)."""
        self._view = changed(self._view, changes)

    def pending(self) -> None:
        """Nothing outlives the process, so there is nothing to wait for."""

    @property
    def ids_begin(self) -> int:
        return 0

    def fork(self) -> MemoryStore:
        """A store with the same state; takes no time and no space."""
        return MemoryStore(self._view)

    def restore(self, forked: Store) -> None:
        """Become what ``forked`` is now; takes no time. Raises TypeError where it is no store in memory."""
        if not isinstance(forked, MemoryStore):
            raise TypeError("a store in memory is restored from one of its forks")
        self._view = forked.view()


__all__ = ["LIVE", "MemoryStore", "MemoryView", "Tree", "changed"]
