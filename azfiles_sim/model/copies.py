"""Copy File and Abort Copy. A copy within the simulator is over before it is answered, as it is inside one account of
the service; a source in another account is read as if its owner had allowed it, which the caller has checked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from azfiles_sim.model.changes import PutNode
from azfiles_sim.model.commands import AbortCopy, CopyFile, CopySource, SmbRequest
from azfiles_sim.model.content import EMPTY_CONTENT
from azfiles_sim.model.deciding import (
    Context,
    Decision,
    Place,
    file_to_change,
    file_to_read,
    find_place,
    find_share,
    find_snapshot,
    take_stamp,
    walk,
)
from azfiles_sim.model.entities import AVAILABLE, CopyRecord, File
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.file_ids import file_id
from azfiles_sim.model.files import existing_file, refuse_read_only
from azfiles_sim.model.lease import guard_file, lease_after_write
from azfiles_sim.model.limits import check_metadata, store_bytes
from azfiles_sim.model.permissions import Granted, permission_of_new, permission_text, store_permission
from azfiles_sim.model.results import CopyStarted, Done
from azfiles_sim.model.smb import copy_smb

SUCCESS: Final = "success"
PENDING: Final = "pending"
ABORTED: Final = "aborted"


def copy_file(context: Context, command: CopyFile) -> Decision:
    """Copy File onto a missing or an existing file, which keeps its id, its lease and the spelling of its name.

    Headers come from the source; metadata too, unless any is given; SMB properties are a new file's, except for what is
    given or asked to be the source's.
    """
    check_metadata(command.metadata or ())
    place = find_place(context.view, command)
    old = existing_file(place)
    guard_file(AVAILABLE if old is None else old.lease, command.lease_id, writing=True)
    if old is not None and not command.ignore_read_only:
        refuse_read_only(old)
    source_place = _find_source(context, command.account, command.source)
    source = file_to_read(source_place)
    before = 0 if old is None else old.content.written
    counted = store_bytes(place.share, source.content.written - before, files_added=1 if old is None else 0)
    granted = _permission(context, command, place, source_place, source)
    stamped = take_stamp(place.account, context.now)
    file = File(
        name=place.name if old is None else old.name,
        file_id=file_id(place.share.files_made + 1) if old is None else old.file_id,
        parent_id=place.parent_id,
        stamp=stamped.stamp,
        smb=copy_smb(command.smb, source.smb, stamped.stamp, granted.key, set_archive=command.set_archive),
        size=source.size,
        metadata=command.metadata or source.metadata,
        http=source.http,
        content=source.content,
        lease=AVAILABLE if old is None else lease_after_write(old.lease),
        copy=CopyRecord(
            copy_id=context.ids.guid(),
            source=command.source_url,
            status=SUCCESS,
            copied=source.size,
            total=source.size,
            completed=stamped.stamp,
        ),
    )
    return Decision(CopyStarted(file), (stamped.change, *granted.changes, *counted, PutNode(place.tree, file)))


def abort_copy(context: Context, command: AbortCopy) -> Decision:
    """Abort Copy of a copy that is pending: the file is then empty. No copy made here is ever pending, so this meets
    one only where a test stored it.
    """
    place = find_place(context.view, command)
    file = file_to_change(place)
    guard_file(file.lease, command.lease_id, writing=True)
    record = file.copy
    if record is None or record.status != PENDING:
        raise ServiceError(Code.NO_PENDING_COPY_OPERATION)
    if record.copy_id != command.copy_id:
        raise ServiceError(Code.COPY_ID_MISMATCH)  # unverified
    stamped = take_stamp(place.account, context.now)
    aborted = replace(
        file,
        stamp=stamped.stamp,
        smb=replace(file.smb, last_write=stamped.stamp, change=stamped.stamp),
        size=0,
        content=EMPTY_CONTENT,
        lease=lease_after_write(file.lease),
        copy=replace(record, status=ABORTED, completed=stamped.stamp),
    )
    counted = store_bytes(place.share, -file.content.written)
    return Decision(Done(), (stamped.change, *counted, PutNode(place.tree, aborted)))


def _find_source(context: Context, account_name: str, source: CopySource) -> Place:
    """Where a copy reads. A source that is not there is told as a read of it would be, and as CannotVerifyCopySource
    if it is in another account (recorded for a source without credentials; for a missing one unverified).
    """
    try:
        return _walk_to_source(context, source)
    except ServiceError:
        if source.account == account_name:
            raise
        raise ServiceError(Code.CANNOT_VERIFY_COPY_SOURCE) from None


def _walk_to_source(context: Context, source: CopySource) -> Place:
    account = context.view.account(source.account)
    if account is None:
        raise ServiceError(Code.CANNOT_VERIFY_COPY_SOURCE)
    share = find_share(context.view, source.account, source.share)
    tree = share.tree if source.snapshot is None else find_snapshot(context.view, share, source.snapshot).tree
    place = walk(context.view, account, share, tree, source.path)
    file_to_read(place)
    return place


def _permission(context: Context, command: CopyFile, place: Place, source_place: Place, source: File) -> Granted:
    if not command.permission_from_source:
        return permission_of_new(context.view, place, command.smb, directory=False)
    smb: SmbRequest = command.smb
    if smb.permission is not None or smb.permission_key is not None:
        raise ServiceError(Code.INVALID_HEADER_VALUE)  # one or the other (the code is unverified)
    text = permission_text(context.view, source_place.share.tree, source.smb.permission_key)
    return store_permission(context.view, place.share.tree, text)


__all__ = ["ABORTED", "PENDING", "SUCCESS", "abort_copy", "copy_file"]
