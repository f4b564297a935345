"""Rename File and Rename Directory. Children are stored under their parent's id, so a directory takes its whole tree
with it at the cost of one node.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from azfiles_sim.model.changes import Change, DropNode, PutAccount, PutNode
from azfiles_sim.model.commands import Rename
from azfiles_sim.model.deciding import (
    ROOT_ID,
    Context,
    Decision,
    Place,
    directory_to_change,
    file_to_change,
    find_place,
    take_stamp,
    walk,
)
from azfiles_sim.model.entities import AVAILABLE, Directory, File, Node
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.files import refuse_read_only
from azfiles_sim.model.lease import guard_file, lease_after_write
from azfiles_sim.model.limits import check_metadata, store_bytes
from azfiles_sim.model.lost_sources import fail_copies
from azfiles_sim.model.names import check_path, name_key
from azfiles_sim.model.nfs import drop_name, freed_bytes, put_file, renamed
from azfiles_sim.model.results import DirectoryResult, FileResult
from azfiles_sim.model.sharing import DELETE, follow_rename, guard_handles, guard_tree
from azfiles_sim.model.smb import change_smb

IMPOSSIBLE_RENAME: Final = Code.INVALID_HEADER_VALUE
"""The refusal of a rename across shares, of the root, and of a directory into its own subtree (unverified)."""


def rename(context: Context, command: Rename) -> Decision:
    """Rename within one share, onto a free name or, if so told, onto a file.

    Id, creation and last-write time, content, metadata and headers stay unless given; ETag and change time are new.
    The source's lease stays with it; that of a replaced file ends with it (unverified).
    """
    check_metadata(command.metadata or ())
    check_path(command.source)
    if command.source_share != command.share or not command.source or not command.path:
        raise ServiceError(IMPOSSIBLE_RENAME, field="source")
    place = find_place(context.view, command)
    source = walk(context.view, place.account, place.share, place.tree, command.source)
    node = directory_to_change(source) if command.directory else file_to_change(source)
    replaced = _replaced(place, node, command)
    if isinstance(node, File):
        guard_file(node.lease, command.source_lease_id, writing=True)
    elif _leads_into(context, place, command, node):
        raise ServiceError(IMPOSSIBLE_RENAME, field="source")
    guard_file(AVAILABLE if replaced is None else replaced.lease, command.destination_lease_id, writing=True)
    if isinstance(node, File):
        guard_handles(context, source, node.file_id, DELETE)
    else:
        guard_tree(context, source, "/".join(command.source))
    if replaced is not None:
        guard_handles(context, place, replaced.file_id, DELETE)
        if not command.ignore_read_only:
            refuse_read_only(replaced)
    account = take_stamp(place.account, context.now)
    changed = change_smb(context, place, node.smb, command.smb, account.last_stamp, directory=command.directory)
    moved = replace(
        node,
        name=place.name,
        parent_id=place.parent_id,
        stamp=account.last_stamp,
        smb=changed.smb,
        metadata=command.metadata or node.metadata,
    )
    changes: list[Change] = [PutAccount(account), *changed.changes]
    if replaced is not None:
        changes += (*store_bytes(place.share, -freed_bytes(replaced)), *drop_name(place.tree, replaced))
        if not replaced.links:
            changes += fail_copies(context, command.account, [(place.tree, replaced.file_id)])
    changes.append(DropNode(source.tree, source.parent_id, source.key))
    if isinstance(moved, Directory):
        return Decision(DirectoryResult(moved), (*changes, PutNode(place.tree, moved)))
    moved = replace(moved, lease=lease_after_write(moved.lease))
    if command.content_type is not None:
        moved = replace(moved, http=replace(moved.http, content_type=command.content_type))
    if isinstance(node, File):
        moved = renamed(moved, node)
    changes += follow_rename(context, place, moved.file_id, "/".join(command.path))
    return Decision(FileResult(moved), (*changes, *put_file(place.tree, moved)))


def _replaced(place: Place, node: Node, command: Rename) -> File | None:
    """The file that the rename replaces. A name may be respelled in place; a directory is never replaced."""
    there = place.node
    if there is None:
        return None
    if there.file_id == node.file_id:
        if there.name == place.name and not command.replace:
            raise ServiceError(Code.RESOURCE_ALREADY_EXISTS)
        return None
    if not command.replace or isinstance(there, Directory):
        raise ServiceError(Code.RESOURCE_ALREADY_EXISTS)
    return there


def _leads_into(context: Context, place: Place, command: Rename, directory: Directory) -> bool:
    """Whether the destination lies inside the directory."""
    parent_id = ROOT_ID
    for component in command.path[:-1]:
        parent = context.view.child(place.tree, parent_id, name_key(place.share, component))
        parent_id = parent_id if parent is None else parent.file_id
        if parent_id == directory.file_id:
            return True
    return False


__all__ = ["IMPOSSIBLE_RENAME", "rename"]
