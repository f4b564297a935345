"""Copy File and Abort Copy. A copy is over before it is answered, as it is inside one account of the service; from
another account it may be pending (see ``quirks``), and its owner has allowed reading it, which the caller has checked.
"""

from __future__ import annotations

from dataclasses import replace

from azfiles_sim.model.changes import PutAccount
from azfiles_sim.model.commands import AbortCopy, CopyFile, SmbRequest
from azfiles_sim.model.content import EMPTY_CONTENT
from azfiles_sim.model.copy_sources import find_source, verify_source
from azfiles_sim.model.deciding import (
    Context,
    Decision,
    Place,
    file_to_change,
    file_to_read,
    find_place,
    take_stamp,
)
from azfiles_sim.model.entities import AVAILABLE, File
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.file_ids import file_id
from azfiles_sim.model.files import existing_file, refuse_read_only
from azfiles_sim.model.lease import guard_file, lease_after_write
from azfiles_sim.model.limits import check_metadata, store_bytes
from azfiles_sim.model.nfs import copy_nfs, put_file
from azfiles_sim.model.pending import ABORTED, PENDING, begin_copy, refuse_pending_copy, settle_copy
from azfiles_sim.model.permissions import Granted, permission_of_new, permission_text, store_permission
from azfiles_sim.model.results import CopyStarted, Done
from azfiles_sim.model.sharing import REPLACE, guard_handles
from azfiles_sim.model.smb import copy_smb


def copy_file(context: Context, command: CopyFile) -> Decision:
    """Copy File onto a missing or an existing file, which keeps its id, its lease and the spelling of its name.

    Headers come from the source; metadata too, unless any is given; SMB properties are a new file's, except for what is
    given or asked to be the source's.
    """
    check_metadata(command.metadata or ())
    place = find_place(context.view, command)
    old = existing_file(place)
    guard_file(AVAILABLE if old is None else old.lease, command.lease_id, writing=True)
    if old is not None:
        guard_handles(context, place, old.file_id, REPLACE)
        refuse_pending_copy(old, context.now)
        if not command.ignore_read_only:
            refuse_read_only(old)
    source_place = _find_source(context, command)
    source = file_to_read(source_place)
    before = 0 if old is None else old.content.written
    counted = store_bytes(place.share, source.content.written - before, files_added=1 if old is None else 0)
    granted = _permission(context, command, place, source_place, source)
    account = take_stamp(place.account, context.now)
    nfs = copy_nfs(
        place,
        command.smb,
        command.nfs,
        source.nfs,
        mode_from_source=command.mode_from_source,
        owner_from_source=command.owner_from_source,
    )
    file = File(
        name=place.name if old is None else old.name,
        file_id=file_id(place.share.files_made + 1) if old is None else old.file_id,
        parent_id=place.parent_id,
        stamp=account.last_stamp,
        smb=copy_smb(command.smb, source.smb, account.last_stamp, granted.key, set_archive=command.set_archive),
        size=source.size,
        metadata=command.metadata or source.metadata,
        http=source.http,
        content=source.content,
        lease=AVAILABLE if old is None else lease_after_write(old.lease),
        copy=begin_copy(
            context.ids.guid(),
            command.source_url,
            source.size,
            started=context.now,
            stamp=account.last_stamp,
            bytes_per_s=_speed(context, command),
            source_tree=source_place.tree,
            source_id=source.file_id,
        ),
        nfs=nfs,
        links=() if old is None else old.links,
    )
    return Decision(CopyStarted(file), (PutAccount(account), *granted.changes, *counted, *put_file(place.tree, file)))


def abort_copy(context: Context, command: AbortCopy) -> Decision:
    """Abort Copy of a copy that is pending: the file is then empty."""
    place = find_place(context.view, command)
    file = file_to_change(place)
    guard_file(file.lease, command.lease_id, writing=True)
    record = None if file.copy is None else settle_copy(file.copy, context.now)
    if record is None or record.status != PENDING:
        raise ServiceError(Code.NO_PENDING_COPY_OPERATION)
    if record.copy_id != command.copy_id:
        raise ServiceError(Code.COPY_ID_MISMATCH)  # unverified
    account = take_stamp(place.account, context.now)
    aborted = replace(
        file,
        stamp=account.last_stamp,
        smb=replace(file.smb, last_write=account.last_stamp, change=account.last_stamp),
        size=0,
        content=EMPTY_CONTENT,
        lease=lease_after_write(file.lease),
        copy=replace(record, status=ABORTED, completed=account.last_stamp),
    )
    counted = store_bytes(place.share, -file.content.written)
    return Decision(Done(), (PutAccount(account), *counted, *put_file(place.tree, aborted)))


def _speed(context: Context, command: CopyFile) -> int | None:
    """How many bytes a copy does in a second; None: all at once."""
    same_account = command.source.account == command.account
    return None if same_account else context.quirks.pending_copy_bytes_per_s


def _find_source(context: Context, command: CopyFile) -> Place:
    """Where a copy reads. A source that is not there is told as a read of it would be, and as CannotVerifyCopySource
    if it is in another account (recorded for a source without credentials; for a missing one unverified).
    """
    if command.source.account == command.account:
        return find_source(context, command.source)
    return verify_source(context, command.source, command.version)


def _permission(context: Context, command: CopyFile, place: Place, source_place: Place, source: File) -> Granted:
    if not command.permission_from_source:
        return permission_of_new(context.view, place, command.smb, directory=False)
    smb: SmbRequest = command.smb
    if smb.permission is not None or smb.permission_key is not None:
        # the source's or one that is given (the code is unverified)
        field = "permission" if smb.permission is not None else "permission_key"
        raise ServiceError(Code.INVALID_HEADER_VALUE, field=field)
    text = permission_text(context.view, source_place.share.tree, source.smb.permission_key)
    return store_permission(context.view, place.share.tree, text)


__all__ = ["abort_copy", "copy_file"]
