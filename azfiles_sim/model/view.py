"""What rules may ask of the stored state. A view is one moment: it never changes while a rule looks at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from azfiles_sim.model.entities import Account, Handle, Node, Share, Snapshot, Ticks, TreeKey


class View(Protocol):
    """Read access to everything that is stored."""

    def account(self, name: str) -> Account | None: ...

    def accounts(self) -> Iterator[Account]:
        """All accounts in name order."""
        ...

    def share(self, account: str, name: str) -> Share | None: ...

    def shares(self, account: str, start: str = "") -> Iterator[Share]:
        """The account's shares in name order, from ``start`` on."""
        ...

    def snapshot(self, account: str, share: str, at: Ticks) -> Snapshot | None: ...

    def snapshots(self, account: str, share: str) -> Sequence[Snapshot]:
        """The share's snapshots, oldest first."""
        ...

    def child(self, tree: TreeKey, parent_id: int, key: str) -> Node | None:
        """The node named ``key`` (a folded name) in the directory ``parent_id``; the root is ``child(tree, 0, "")``."""
        ...

    def children(self, tree: TreeKey, parent_id: int, start_key: str = "") -> Iterator[Node]:
        """The nodes of a directory in the order of their folded names, from ``start_key`` on; never the root."""
        ...

    def nodes(self, tree: TreeKey) -> Iterator[Node]:
        """All nodes of a tree, the root too, whether they can be reached or not."""
        ...

    def permission(self, tree: TreeKey, key: str) -> str | None:
        """The security descriptor that the share generation of ``tree`` stored under ``key``."""
        ...

    def handles(self, account: str, share: str) -> Sequence[Handle]:
        """Open handles of the share and its snapshots, by ascending id."""
        ...

    def name_held_until(self, account: str, share: str) -> Ticks:
        """Until when the name of a deleted share cannot be used again; 0 if it never was held."""
        ...


__all__ = ["View"]
