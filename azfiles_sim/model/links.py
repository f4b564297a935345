"""Hard and symbolic links on NFS shares. Links never overwrite anything."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from azfiles_sim.model.changes import PutAccount
from azfiles_sim.model.commands import CreateHardLink, CreateSymbolicLink, GetSymbolicLink
from azfiles_sim.model.deciding import (
    Context,
    Decision,
    Place,
    file_to_change,
    file_to_read,
    find_place,
    take_stamp,
    walk,
)
from azfiles_sim.model.entities import File
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.file_ids import file_id
from azfiles_sim.model.lease import guard_file, lease_after_write
from azfiles_sim.model.limits import check_metadata, store_bytes
from azfiles_sim.model.names import check_path
from azfiles_sim.model.nfs import LINK_MODE, create_nfs, put_file, refuse_links_on_smb
from azfiles_sim.model.results import FileResult
from azfiles_sim.model.smb import create_smb

NOT_A_SYMBOLIC_LINK: Final = Code.RESOURCE_TYPE_MISMATCH
"""What Get Symbolic Link of something else, and a hard link to a symbolic one, are refused with (unverified)."""


def create_hard_link(context: Context, command: CreateHardLink) -> Decision:
    """Create Hard Link: one more name for a file, whose change time and ETag are new.

    ResourceAlreadyExists where the name is taken; ResourceTypeMismatch for a target that is a directory (unverified).
    """
    place = _free_place(context, command)
    check_path(command.target)
    target = file_to_change(walk(context.view, place.account, place.share, place.tree, command.target))
    if target.link_text is not None:
        raise ServiceError(NOT_A_SYMBOLIC_LINK)
    guard_file(target.lease, command.lease_id, writing=True)
    account = take_stamp(place.account, context.now)
    links = target.links or ((target.parent_id, target.name),)
    linked = replace(
        target,
        name=place.name,
        parent_id=place.parent_id,
        stamp=account.last_stamp,
        smb=replace(target.smb, change=account.last_stamp),
        links=(*links, (place.parent_id, place.name)),
        lease=lease_after_write(target.lease),
    )
    return Decision(FileResult(linked), (PutAccount(account), *put_file(place.tree, linked)))


def create_symbolic_link(context: Context, command: CreateSymbolicLink) -> Decision:
    """Create Symbolic Link: its text need not lead anywhere. (u) its size is told as 0."""
    check_metadata(command.metadata)
    place = _free_place(context, command)
    nfs = create_nfs(place, command.smb, command.nfs, LINK_MODE)
    account = take_stamp(place.account, context.now)
    created = create_smb(context, place, command.smb, account.last_stamp, directory=False)
    link = File(
        name=place.name,
        file_id=file_id(place.share.files_made + 1),
        parent_id=place.parent_id,
        stamp=created.stamp,
        smb=created.smb,
        size=0,
        metadata=command.metadata,
        nfs=nfs,
        link_text=command.link_text,
    )
    counted = store_bytes(place.share, 0, files_added=1)
    return Decision(FileResult(link), (PutAccount(account), *created.changes, *counted, *put_file(place.tree, link)))


def get_symbolic_link(context: Context, command: GetSymbolicLink) -> Decision:
    """Get Symbolic Link: the text as it was given."""
    file = file_to_read(find_place(context.view, command))
    if file.link_text is None:
        raise ServiceError(NOT_A_SYMBOLIC_LINK)
    return Decision(FileResult(file))


def _free_place(context: Context, command: CreateHardLink | CreateSymbolicLink) -> Place:
    place = find_place(context.view, command)
    refuse_links_on_smb(place.share)
    if place.node is not None:
        raise ServiceError(Code.RESOURCE_ALREADY_EXISTS)
    return place


__all__ = ["NOT_A_SYMBOLIC_LINK", "create_hard_link", "create_symbolic_link", "get_symbolic_link"]
