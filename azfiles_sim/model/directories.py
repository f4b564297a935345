"""Directories: create, read, change, list, delete."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice, takewhile

from azfiles_sim.model.changes import Change, DropNode, PutAccount, PutNode
from azfiles_sim.model.commands import (
    CreateDirectory,
    DeleteDirectory,
    GetDirectory,
    ListDirectory,
    SetDirectoryMetadata,
    SetDirectoryProperties,
)
from azfiles_sim.model.deciding import (
    Context,
    Decision,
    directory_to_change,
    directory_to_read,
    find_place,
    take_stamp,
)
from azfiles_sim.model.entities import Directory
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.file_ids import file_id
from azfiles_sim.model.limits import check_metadata, page_size, store_bytes
from azfiles_sim.model.names import name_key, node_key
from azfiles_sim.model.nfs import DIRECTORY_MODE, change_nfs, create_nfs
from azfiles_sim.model.results import DirectoryResult, Done, Listing
from azfiles_sim.model.sharing import DELETE, guard_handles
from azfiles_sim.model.smb import change_smb, create_smb


def create_directory(context: Context, command: CreateDirectory) -> Decision:
    """Create Directory; ResourceAlreadyExists over anything (over a file that is unverified), refused for the root."""
    check_metadata(command.metadata)
    place = find_place(context.view, command)
    if place.is_root:
        raise ServiceError(Code.UNSUPPORTED_HTTP_VERB)
    if place.node is not None:
        raise ServiceError(Code.RESOURCE_ALREADY_EXISTS)
    nfs = create_nfs(place, command.smb, command.nfs, DIRECTORY_MODE)
    account = take_stamp(place.account, context.now)
    created = create_smb(context, place, command.smb, account.last_stamp, directory=True, exact=command.exact)
    directory = Directory(
        name=place.name,
        file_id=file_id(place.share.files_made + 1),
        parent_id=place.parent_id,
        stamp=created.stamp,
        smb=created.smb,
        metadata=command.metadata,
        nfs=nfs,
    )
    changes: tuple[Change, ...] = (
        PutAccount(account),
        *created.changes,
        *store_bytes(place.share, 0, files_added=1),
        PutNode(place.tree, directory),
    )
    return Decision(DirectoryResult(directory), changes)


def get_directory(context: Context, command: GetDirectory) -> Decision:
    """Get Directory Properties and Get Directory Metadata."""
    return Decision(DirectoryResult(directory_to_read(find_place(context.view, command))))


def delete_directory(context: Context, command: DeleteDirectory) -> Decision:
    """Delete Directory, if it is empty; the root cannot be deleted (the code for that is unverified)."""
    place = find_place(context.view, command)
    if place.is_root:
        raise ServiceError(Code.UNSUPPORTED_HTTP_VERB)
    directory = directory_to_change(place)
    guard_handles(context, place, directory.file_id, DELETE)
    if next(iter(context.view.children(place.tree, directory.file_id)), None) is not None:
        raise ServiceError(Code.DIRECTORY_NOT_EMPTY)
    return Decision(Done(), (DropNode(place.tree, place.parent_id, place.key),))


def set_directory_properties(context: Context, command: SetDirectoryProperties) -> Decision:
    """Set Directory Properties; with nothing given the ETag and the change time still move."""
    place = find_place(context.view, command)
    directory = directory_to_change(place)
    nfs = change_nfs(place, command.smb, command.nfs, directory.nfs)
    account = take_stamp(place.account, context.now)
    changed = change_smb(context, place, directory.smb, command.smb, account.last_stamp, directory=True)
    directory = replace(directory, stamp=account.last_stamp, smb=changed.smb, nfs=nfs)
    return Decision(DirectoryResult(directory), (PutAccount(account), *changed.changes, PutNode(place.tree, directory)))


def set_directory_metadata(context: Context, command: SetDirectoryMetadata) -> Decision:
    """Set Directory Metadata: replaces all of it; of the times only change time moves."""
    check_metadata(command.metadata)
    place = find_place(context.view, command)
    directory = directory_to_change(place)
    account = take_stamp(place.account, context.now)
    smb = replace(directory.smb, change=account.last_stamp)
    directory = replace(directory, stamp=account.last_stamp, smb=smb, metadata=command.metadata)
    return Decision(DirectoryResult(directory), (PutAccount(account), PutNode(place.tree, directory)))


def list_directory(context: Context, command: ListDirectory) -> Decision:
    """List Directories and Files: one level, both kinds in one order of names.

    The prefix is compared as names are: on SMB shares without regard to case (unverified).
    """
    limit = page_size(command.max_results)
    place = find_place(context.view, command)
    directory = directory_to_read(place)
    prefix = name_key(place.share, command.prefix)
    start_key = max(prefix, name_key(place.share, command.marker or ""))
    found = context.view.children(place.tree, directory.file_id, start_key)
    if prefix:
        found = takewhile(lambda node: node_key(node).startswith(prefix), found)
    entries = tuple(islice(found, limit))
    following = next(found, None)
    listing = Listing(
        share=command.share,
        snapshot=command.snapshot,
        path=command.path,
        directory=directory,
        entries=entries,
        next_name=None if following is None else following.name,
    )
    return Decision(listing)


__all__ = [
    "create_directory",
    "delete_directory",
    "get_directory",
    "list_directory",
    "set_directory_metadata",
    "set_directory_properties",
]
