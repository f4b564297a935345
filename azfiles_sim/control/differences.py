"""What changed between two states: accounts, shares, snapshots, directories, files and handles, by name and path.

Only what a client could see counts. Counters that the simulator keeps for itself do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Final, TypeAlias

from azfiles_sim.model.entities import Directory, File, Node, TreeKey
from azfiles_sim.model.names import fold_name
from azfiles_sim.model.view import View
from azfiles_sim.wire.dates import iso_time

Path: TypeAlias = tuple[str, ...]

_BOOKKEEPING: Final = frozenset(
    ("deleted_shares", "files_made", "last_snapshot", "last_stamp", "parent_id", "shares_made", "written")
)
_SHOWN_AS: Final = {"stamp": "etag", "tree": "created_anew", "file_id": "created_anew"}
_OPENED: Final = frozenset(("smb", "http"))  # their parts are told apart


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One thing that was ``added``, ``removed`` or ``changed``. ``kind`` is ``account``, ``share``, ``snapshot``,
    ``deleted_share``, ``directory``, ``file``, another kind of node, or ``handle``. ``name`` is the instant of a
    snapshot or a deletion, or a handle's number; ``what`` names the fields that differ, never their values.
    """

    account: str
    share: str = ""
    path: str = ""
    kind: str = ""
    name: str = ""
    change: str = ""
    what: tuple[str, ...] = ()


def differences(before: View, after: View) -> tuple[Difference, ...]:
    """All differences, in the order of accounts, shares and paths. On SMB shares a name that only its
    letters' case tells from another is the same one.
    """
    old, new = _indexed(before), _indexed(after)
    found: list[Difference] = []
    for key in old.keys() | new.keys():
        if key not in old:
            found.append(replace(new[key][0], change="added"))
        elif key not in new:
            found.append(replace(old[key][0], change="removed"))
        else:
            what = changed_fields(old[key][1], new[key][1])
            if what:
                found.append(replace(new[key][0], change="changed", what=what))
    return tuple(sorted(found))


def nodes_by_path(view: View, tree: TreeKey) -> dict[Path, Node]:
    """Every node of a tree but its root by its path, parents before what is in them."""
    found: dict[Path, Node] = {}
    waiting: list[tuple[Path, int]] = [((), 0)]
    for directory, directory_id in waiting:
        for node in view.children(tree, directory_id):
            path = (*directory, node.name)
            found[path] = node
            if isinstance(node, Directory):
                waiting.append((path, node.file_id))
    return found


def changed_fields(before: object, after: object) -> tuple[str, ...]:
    """The names of the fields in which two values of one class differ, as a user knows them."""
    return () if before is after else tuple(sorted(set(_changed(before, after))))


def _changed(before: Any, after: Any) -> Iterator[str]:
    for field in fields(after):
        name = field.name
        old, new = getattr(before, name), getattr(after, name)
        if name in _BOOKKEEPING or old is new or old == new:
            continue
        if name in _OPENED and is_dataclass(new) and type(old) is type(new):
            yield from _changed(old, new)
        else:
            yield _SHOWN_AS.get(name, name)


def _indexed(view: View) -> dict[tuple[str, ...], tuple[Difference, object]]:
    """Everything in a state under a key that two states can share."""
    return {
        (thing.account, thing.share, _compared(thing.path, value), thing.kind, thing.name): (thing, value)
        for thing, value in _things(view)
    }


def _compared(path: str, value: object) -> str:
    """What is on an NFS share has its very letters for a name."""
    return path if isinstance(value, (Directory, File)) and value.nfs is not None else fold_name(path)


def _things(view: View) -> Iterator[tuple[Difference, object]]:
    for account in view.accounts():
        yield Difference(account.name, kind="account"), account
        for gone in account.deleted_shares:
            yield Difference(account.name, gone.share.name, "", "deleted_share", iso_time(gone.deleted)), gone
        for share in view.shares(account.name):
            yield Difference(account.name, share.name, kind="share"), share
            for snapshot in view.snapshots(account.name, share.name):
                yield Difference(account.name, share.name, "", "snapshot", iso_time(snapshot.snapshot)), snapshot
            for path, node in nodes_by_path(view, share.tree).items():
                yield Difference(account.name, share.name, "/".join(path), type(node).__name__.lower()), node
            for handle in view.handles(account.name, share.name):
                yield Difference(account.name, share.name, handle.path, "handle", str(handle.handle_id)), handle


__all__ = ["Difference", "changed_fields", "differences", "nodes_by_path"]
