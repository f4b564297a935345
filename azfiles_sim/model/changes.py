"""What a decision does to the stored state: frozen records that a store applies in order, all or none."""

from __future__ import annotations

from typing import TypeAlias

from azfiles_sim.model.entities import Account, Handle, Node, Share, Snapshot, Ticks, TreeKey
from azfiles_sim.quick import dataclass, quick


@quick
@dataclass(frozen=True, slots=True)
class PutAccount:
    """Store an account under its name."""

    account: Account


@dataclass(frozen=True, slots=True)
class DropAccount:
    """Forget an account. Its shares and all that belongs to them are dropped by changes of their own."""

    name: str


@quick
@dataclass(frozen=True, slots=True)
class PutShare:
    """Store a share under its account and name."""

    share: Share


@dataclass(frozen=True, slots=True)
class DropShare:
    """Forget a share, with its handles. Its trees, permissions and snapshots are dropped by changes of their own."""

    account: str
    name: str


@dataclass(frozen=True, slots=True)
class HoldName:
    """Keep a deleted share's name from being used before ``until``."""

    account: str
    name: str
    until: Ticks


@dataclass(frozen=True, slots=True)
class PutSnapshot:
    """Store a snapshot under its share and instant."""

    account: str
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class DropSnapshot:
    """Forget a snapshot; its tree is dropped by a change of its own."""

    account: str
    share: str
    at: Ticks


@dataclass(frozen=True, slots=True)
class ForkTree:
    """Let ``target`` be what ``source`` is now. Both live on apart."""

    source: TreeKey
    target: TreeKey


@dataclass(frozen=True, slots=True)
class DropTree:
    """Forget a tree with all its nodes."""

    tree: TreeKey


@quick
@dataclass(frozen=True, slots=True)
class PutNode:
    """Store a node under its parent's id and its folded name; the root under 0 and the empty name."""

    tree: TreeKey
    node: Node


@dataclass(frozen=True, slots=True)
class DropNode:
    """Forget one node; ``key`` is its folded name."""

    tree: TreeKey
    parent_id: int
    key: str


@dataclass(frozen=True, slots=True)
class PutPermission:
    """Store a security descriptor in a share generation (the live tree's key stands for it)."""

    tree: TreeKey
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class DropPermissions:
    """Forget all security descriptors of a share generation."""

    tree: TreeKey


@dataclass(frozen=True, slots=True)
class PutHandles:
    """Replace the open handles of a share; they come by ascending id."""

    account: str
    share: str
    handles: tuple[Handle, ...]


Change: TypeAlias = (
    PutAccount
    | DropAccount
    | PutShare
    | DropShare
    | HoldName
    | PutSnapshot
    | DropSnapshot
    | ForkTree
    | DropTree
    | PutNode
    | DropNode
    | PutPermission
    | DropPermissions
    | PutHandles
)

__all__ = [
    "Change",
    "DropAccount",
    "DropNode",
    "DropPermissions",
    "DropShare",
    "DropSnapshot",
    "DropTree",
    "ForkTree",
    "HoldName",
    "PutAccount",
    "PutHandles",
    "PutNode",
    "PutPermission",
    "PutShare",
    "PutSnapshot",
]
