"""Files as a whole: create, read properties, change, delete. What happens inside them is in ``ranges``."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from azfiles_sim.model.changes import Change, PutAccount
from azfiles_sim.model.commands import (
    CreateFile,
    DeleteFile,
    GetFileProperties,
    HttpHeadersRequest,
    PathCommand,
    SetFileMetadata,
    SetFileProperties,
)
from azfiles_sim.model.content import EMPTY_CONTENT, Content
from azfiles_sim.model.deciding import (
    Context,
    Decision,
    Place,
    file_to_change,
    file_to_read,
    find_place,
    take_stamp,
)
from azfiles_sim.model.entities import AVAILABLE, Attributes, Directory, File, HttpHeaders, Sharing
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.file_ids import file_id
from azfiles_sim.model.lease import guard_file, lease_after_write
from azfiles_sim.model.limits import check_file_size, check_metadata, store_bytes
from azfiles_sim.model.lost_sources import fail_copies
from azfiles_sim.model.nfs import FILE_MODE, change_nfs, create_nfs, drop_name, freed_bytes, link_count, put_file
from azfiles_sim.model.pending import refuse_pending_copy
from azfiles_sim.model.results import FileDeleted, FileResult
from azfiles_sim.model.sharing import DELETE, LOOK, REPLACE, WRITE, guard_handles, mark_for_deletion
from azfiles_sim.model.smb import change_smb, create_smb

_READ_ONLY: Final = int(Attributes.READ_ONLY)  # whole numbers are combined some thirty times as fast as flags
_NO_HEADERS_GIVEN: Final = HttpHeaders()


def create_file(context: Context, command: CreateFile) -> Decision:
    """Create File. Over an existing file it keeps the id, the lease and the spelling of the name (the last is
    unverified); content, metadata, headers, times and the copy record start anew.
    """
    check_metadata(command.metadata)
    check_file_size(command.size)
    place = find_place(context.view, command)
    old = existing_file(place)
    guard_file(AVAILABLE if old is None else old.lease, command.lease_id, writing=True)
    if old is not None:
        guard_handles(context, place, old.file_id, REPLACE)
        refuse_pending_copy(old, context.now)
        refuse_read_only(old)
    nfs = create_nfs(place, command.smb, command.nfs, FILE_MODE)
    account = take_stamp(place.account, context.now)
    created = create_smb(context, place, command.smb, account.last_stamp, directory=False, exact=command.exact)
    file = File(
        name=place.name if old is None else old.name,
        file_id=file_id(place.share.files_made + 1) if old is None else old.file_id,
        parent_id=place.parent_id,
        stamp=created.stamp,
        smb=created.smb,
        size=command.size,
        metadata=command.metadata,
        http=_created_headers(command.http),
        content=_first_content(command),
        lease=AVAILABLE if old is None else lease_after_write(old.lease),
        nfs=nfs,
        links=() if old is None else old.links,
    )
    freed = 0 if old is None else old.content.written
    counted = store_bytes(place.share, file.content.written - freed, files_added=1 if old is None else 0)
    changes: tuple[Change, ...] = (PutAccount(account), *created.changes, *counted, *put_file(place.tree, file))
    return Decision(FileResult(file, command.data_md5), changes)


def _first_content(command: CreateFile) -> Content:
    """What a file is created with. (u) more data than the file has room for is refused as a write beyond its end."""
    if not command.data:
        return EMPTY_CONTENT
    if sum(map(len, command.data)) > command.size:
        raise ServiceError(Code.INVALID_RANGE, size=command.size)
    if command.content_md5 not in {None, command.data_md5}:
        raise ServiceError(Code.MD5_MISMATCH)
    return EMPTY_CONTENT.write(0, command.data)


def get_file_properties(context: Context, command: GetFileProperties) -> Decision:
    """Get File Properties and Get File Metadata."""
    place = find_place(context.view, command)
    file = file_to_read(place)
    guard_file(file.lease, command.lease_id, writing=False)
    guard_handles(context, place, file.file_id, LOOK)
    return Decision(FileResult(file))


def delete_file(context: Context, command: DeleteFile) -> Decision:
    """Delete File: at once and for good, its lease with it; of a file with several names only this one.

    A file that SMB clients have open (and let others delete) is marked, and goes when the last of them closes it.
    """
    place, file = file_to_write(context, command, DELETE)
    marked = () if file.links else mark_for_deletion(context, place, file.file_id)
    if marked:
        return Decision(FileDeleted(None if file.nfs is None else 0), marked)
    failed = () if file.links else fail_copies(context, command.account, [(place.tree, file.file_id)])
    changes = (*store_bytes(place.share, -freed_bytes(file)), *drop_name(place.tree, file), *failed)
    return Decision(FileDeleted(None if file.nfs is None else link_count(file) - 1), changes)


def set_file_properties(context: Context, command: SetFileProperties) -> Decision:
    """Set File Properties: size, HTTP headers and SMB properties, each kept where nothing of its kind is given.

    Allowed on a read-only file, or its attribute could never be taken off. A new size moves the last-write time.
    """
    if command.size is not None:
        check_file_size(command.size)
    place = find_place(context.view, command)
    file = file_to_change(place)
    guard_file(file.lease, command.lease_id, writing=True)
    guard_handles(context, place, file.file_id, WRITE)
    refuse_pending_copy(file, context.now)
    nfs = change_nfs(place, command.smb, command.nfs, file.nfs)
    account = take_stamp(place.account, context.now)
    resized = command.size is not None
    changed = change_smb(context, place, file.smb, command.smb, account.last_stamp, data_changed=resized)
    content = file.content if command.size is None else file.content.truncate(command.size)
    counted = store_bytes(place.share, content.written - file.content.written)
    file = replace(
        file,
        stamp=account.last_stamp,
        smb=changed.smb,
        nfs=nfs,
        size=file.size if command.size is None else command.size,
        http=file.http if command.http.is_empty else _replaced_headers(command.http),
        content=content,
        lease=lease_after_write(file.lease),
    )
    changes: tuple[Change, ...] = (PutAccount(account), *changed.changes, *counted, *put_file(place.tree, file))
    return Decision(FileResult(file), changes)


def set_file_metadata(context: Context, command: SetFileMetadata) -> Decision:
    """Set File Metadata: replaces all of it; of the times only change time moves."""
    check_metadata(command.metadata)
    place, file = file_to_write(context, command)
    account = take_stamp(place.account, context.now)
    file = file.evolved(
        stamp=account.last_stamp,
        smb=replace(file.smb, change=account.last_stamp),
        metadata=command.metadata,
        lease=lease_after_write(file.lease),
    )
    return Decision(FileResult(file), (PutAccount(account), *put_file(place.tree, file)))


def existing_file(place: Place) -> File | None:
    """The file that a command would replace; ResourceTypeMismatch where a directory is (unverified) or a symbolic link
    (which azcopy relies on).
    """
    if isinstance(place.node, Directory) or (place.node is not None and place.node.link_text is not None):
        raise ServiceError(Code.RESOURCE_TYPE_MISMATCH)
    return place.node


def file_to_write(
    context: Context,
    command: PathCommand,
    needed: frozenset[Sharing] = WRITE,
    span: tuple[int, int] | None = None,
) -> tuple[Place, File]:
    """The file that a command writes to, past its lease, what SMB clients do with it and its ReadOnly attribute (for
    metadata the last is unverified).
    """
    place = find_place(context.view, command)
    file = file_to_change(place)
    guard_file(file.lease, command.lease_id, writing=True)
    guard_handles(context, place, file.file_id, needed, span)
    refuse_pending_copy(file, context.now)
    refuse_read_only(file)
    return place, file


def refuse_read_only(file: File) -> None:
    """Raise ReadOnlyAttribute if the file has that attribute."""
    if int(file.smb.attributes) & _READ_ONLY:
        raise ServiceError(Code.READ_ONLY_ATTRIBUTE)


def _created_headers(asked: HttpHeadersRequest) -> HttpHeaders:
    if asked.is_empty:
        return _NO_HEADERS_GIVEN
    headers = _replaced_headers(asked)
    return (
        headers if headers.content_type is not None else replace(headers, content_type=_NO_HEADERS_GIVEN.content_type)
    )


def _replaced_headers(asked: HttpHeadersRequest) -> HttpHeaders:
    """Headers are set as a whole: what is not given is gone, the content type too."""
    return HttpHeaders(
        content_type=asked.content_type,
        content_encoding=asked.content_encoding,
        content_language=asked.content_language,
        content_md5=asked.content_md5,
        content_disposition=asked.content_disposition,
        cache_control=asked.cache_control,
    )


__all__ = [
    "create_file",
    "delete_file",
    "existing_file",
    "file_to_write",
    "get_file_properties",
    "refuse_read_only",
    "set_file_metadata",
    "set_file_properties",
]
