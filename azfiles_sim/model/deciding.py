"""What every rule is given, what it returns, and how the thing that a command names is found.

The order of the checks is the service's, as far as it is known: names, share, snapshot, parent, target, its type;
the caller then checks the lease, and last of all state, quota and range.
"""

from __future__ import annotations

from typing import Final, NamedTuple, Protocol

from azfiles_sim.model.changes import Change
from azfiles_sim.model.commands import Command, PathCommand, ShareCommand
from azfiles_sim.model.entities import (
    AVAILABLE,
    Account,
    Directory,
    File,
    Node,
    Share,
    Snapshot,
    Ticks,
    TreeKey,
)
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.names import check_path, check_share_name, name_key
from azfiles_sim.model.quirks import Quirks
from azfiles_sim.model.results import Result
from azfiles_sim.model.stamps import next_stamp
from azfiles_sim.model.view import View
from azfiles_sim.quick import dataclass, quick

ROOT_ID: Final = 0


class Ids(Protocol):
    """Where fresh identifiers come from."""

    def guid(self) -> str:
        """A GUID that was not given out before, in lower case with hyphens."""
        ...


@quick
@dataclass(frozen=True, slots=True)
class Decision:
    """What a command answers and what it does. A command that only reads has no changes."""

    result: Result
    changes: tuple[Change, ...] = ()


class Context(NamedTuple):
    """All that a rule may look at beside the command."""

    view: View
    now: Ticks
    ids: Ids
    quirks: Quirks


class Place(NamedTuple):
    """Where a path leads: an existing directory and a name in it. The root is its own parent, under the empty name.

    ``parent`` is None where the parent is the root.
    """

    account: Account
    share: Share
    tree: TreeKey
    parent: Directory | None
    parent_id: int
    name: str
    key: str
    node: Node | None

    @property
    def is_root(self) -> bool:
        return not self.key


def find_account(view: View, command: Command) -> Account:
    """The command's account. The request was authenticated as one of its; if it was deleted since, AuthenticationFailed."""
    account = view.account(command.account)
    if account is None:
        raise ServiceError(Code.AUTHENTICATION_FAILED)
    return account


def find_share(view: View, account: str, name: str) -> Share:
    """The share, or ShareNotFound."""
    share = view.share(account, name)
    if share is None:
        raise ServiceError(Code.SHARE_NOT_FOUND)
    return share


def find_share_or_snapshot(view: View, command: ShareCommand) -> Share | Snapshot:
    """What a share command names, or ShareNotFound (for a missing snapshot too)."""
    check_share_name(command.share)
    share = find_share(view, command.account, command.share)
    if command.snapshot is None:
        return share
    return find_snapshot(view, share, command.snapshot)


def find_snapshot(view: View, share: Share, at: Ticks) -> Snapshot:
    """The share's snapshot, or ShareNotFound."""
    snapshot = view.snapshot(share.account, share.name, at)
    if snapshot is None:
        raise ServiceError(Code.SHARE_NOT_FOUND)
    return snapshot


def find_place(view: View, command: PathCommand) -> Place:
    """Where the command's path leads; the target itself may be missing. Raises for names, share and parents."""
    check_share_name(command.share)
    check_path(command.path)
    account = find_account(view, command)
    share = find_share(view, command.account, command.share)
    tree = share.tree if command.snapshot is None else find_snapshot(view, share, command.snapshot).tree
    return walk(view, account, share, tree, command.path)


def walk(view: View, account: Account, share: Share, tree: TreeKey, path: tuple[str, ...]) -> Place:
    """Follow a path. Raises ParentNotFound where a component before the last is missing or is a file (unverified)."""
    if not path:
        return Place(account, share, tree, None, ROOT_ID, "", "", view.child(tree, ROOT_ID, ""))
    parent: Directory | None = None
    parent_id = ROOT_ID
    for component in path[:-1]:
        node = view.child(tree, parent_id, name_key(share, component))
        if not isinstance(node, Directory):
            raise ServiceError(Code.PARENT_NOT_FOUND)
        parent, parent_id = node, node.file_id
    key = name_key(share, path[-1])
    node = view.child(tree, parent_id, key)
    if tree.snapshot is not None and isinstance(node, File) and node.lease is not AVAILABLE:
        node = node.evolved(lease=AVAILABLE)  # a file in a share snapshot has no lease (unverified)
    return Place(account, share, tree, parent, parent_id, path[-1], key, node)


def file_to_read(place: Place) -> File:
    """The file at a place that a command reads, or ResourceNotFound (of the other type too: unverified)."""
    if not isinstance(place.node, File):
        raise ServiceError(Code.RESOURCE_NOT_FOUND)
    return place.node


def directory_to_read(place: Place) -> Directory:
    """The directory at a place that a command reads, or ResourceNotFound (of the other type too: unverified)."""
    if not isinstance(place.node, Directory):
        raise ServiceError(Code.RESOURCE_NOT_FOUND)
    return place.node


def file_to_change(place: Place) -> File:
    """The file at a place that a command changes, or ResourceNotFound, or ResourceTypeMismatch."""
    if place.node is None:
        raise ServiceError(Code.RESOURCE_NOT_FOUND)
    if not isinstance(place.node, File):
        raise ServiceError(Code.RESOURCE_TYPE_MISMATCH)
    return place.node


def directory_to_change(place: Place) -> Directory:
    """The directory at a place that a command changes, or ResourceNotFound, or ResourceTypeMismatch."""
    if place.node is None:
        raise ServiceError(Code.RESOURCE_NOT_FOUND)
    if not isinstance(place.node, Directory):
        raise ServiceError(Code.RESOURCE_TYPE_MISMATCH)
    return place.node


def take_stamp(account: Account, now: Ticks) -> Account:
    """The account with its next ETag instant as its ``last_stamp``; who gives the ETag out has to put that account."""
    return Account(
        account.name,
        account.kind,
        account.keys,
        next_stamp(account, now),
        account.shares_made,
        account.settings,
        account.deleted_shares,
    )


__all__ = [
    "ROOT_ID",
    "Context",
    "Decision",
    "Ids",
    "Place",
    "directory_to_change",
    "directory_to_read",
    "file_to_change",
    "file_to_read",
    "find_account",
    "find_place",
    "find_share",
    "find_share_or_snapshot",
    "find_snapshot",
    "take_stamp",
    "walk",
]
