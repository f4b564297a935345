"""File operations on whole files: from headers to commands, and the replies of reads. Ranges are in ``ranges``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from azfiles_sim.messages import Buffer
from azfiles_sim.model.commands import (
    CreateFile,
    DeleteFile,
    GetFileProperties,
    HttpHeadersRequest,
    LeaseFile,
    SetFileMetadata,
    SetFileProperties,
)
from azfiles_sim.model.results import FileDeleted, FileResult
from azfiles_sim.wire import gaps
from azfiles_sim.wire.api_versions import CREATE_WITH_DATA_SINCE, NFS_SINCE
from azfiles_sim.wire.call import Answer, Call
from azfiles_sim.wire.headers import (
    MAX_INT64,
    choice_header,
    content_md5,
    guid_header,
    int_header,
    own_body,
    read_metadata,
    required,
    snapshot_query,
    written_md5,
)
from azfiles_sim.wire.leases import read_lease_file
from azfiles_sim.wire.paths import is_restored, read_headers, target_path
from azfiles_sim.wire.refusals import bad_header, missing_header, not_built
from azfiles_sim.wire.smb import CREATE_WORDS, FILE_TYPE, LINK_COUNT, SET_WORDS, read_http_headers, read_nfs, read_smb
from azfiles_sim.wire.structured import read_payload

SIZE: Final = "x-ms-content-length"
FILE_TYPES: Final = ("Regular", "Directory", "SymLink")


def read_create(call: Call) -> CreateFile:
    """Create File. A plain ``Content-Type`` becomes the file's type where no ``x-ms-content-type`` says another."""
    headers = call.headers
    required(call, "x-ms-type")
    choice_header(call, "x-ms-type", ("file",))
    if FILE_TYPE in headers and choice_header(call, FILE_TYPE, FILE_TYPES) != FILE_TYPES[0]:
        raise not_built(gaps.FILE_TYPE, call.operation)
    size = int_header(call, SIZE, maximum=MAX_INT64)
    if size is None:
        raise missing_header(SIZE)
    data, md5 = _read_data(call)
    http = read_http_headers(call)
    plain_type = headers.get("content-type")
    if plain_type and http.content_type is None:
        http = HttpHeadersRequest(
            content_type=plain_type,
            content_encoding=http.content_encoding,
            content_language=http.content_language,
            content_md5=http.content_md5,
            content_disposition=http.content_disposition,
            cache_control=http.cache_control,
        )
    return CreateFile(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        lease_id=guid_header(call, "x-ms-lease-id"),
        size=size,
        metadata=read_metadata(call) or (),
        smb=read_smb(call, CREATE_WORDS, mandatory=True),
        http=http,
        data=data,
        data_md5=md5,
        content_md5=content_md5(call) if data else None,
        nfs=read_nfs(call),
        exact=is_restored(call),
    )


def _read_data(call: Call) -> tuple[Sequence[Buffer], bytes | None]:
    """The data that a file is created with, and its hash. (u) what an older version says to a body."""
    if not call.body_size:
        return (), None
    if call.version < CREATE_WITH_DATA_SINCE:
        raise bad_header("Content-Length", str(call.body_size))
    payload = read_payload(call, own_body(call))
    return payload.buffers, written_md5(call, payload.buffers)


def read_get_properties(call: Call) -> GetFileProperties:
    return GetFileProperties(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        snapshot=snapshot_query(call),
        lease_id=guid_header(call, "x-ms-lease-id"),
    )


def read_delete(call: Call) -> DeleteFile:
    return DeleteFile(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        lease_id=guid_header(call, "x-ms-lease-id"),
    )


def read_set_properties(call: Call) -> SetFileProperties:
    return SetFileProperties(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        lease_id=guid_header(call, "x-ms-lease-id"),
        size=int_header(call, SIZE, maximum=MAX_INT64),
        http=read_http_headers(call),
        smb=read_smb(call, SET_WORDS, mandatory=True),
        nfs=read_nfs(call),
    )


def read_set_metadata(call: Call) -> SetFileMetadata:
    return SetFileMetadata(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        lease_id=guid_header(call, "x-ms-lease-id"),
        metadata=read_metadata(call) or (),
    )


def read_lease(call: Call) -> LeaseFile:
    return read_lease_file(call, target_path(call))


def render_deleted(call: Call, result: FileDeleted) -> Answer:
    """202; on an NFS share with the number of names that the file has left ((u) that it is what is left)."""
    if result.links_left is None or call.version < NFS_SINCE:
        return Answer(202)
    return Answer(202, [(LINK_COUNT, str(result.links_left))])


def render_properties(call: Call, result: FileResult) -> Answer:
    """HEAD: as GET without a body, the length being the file's."""
    file = result.file
    return Answer(200, [("Content-Length", str(file.size)), *read_headers(call, file)])


__all__ = [
    "read_create",
    "read_delete",
    "read_get_properties",
    "read_lease",
    "read_set_metadata",
    "read_set_properties",
    "render_deleted",
    "render_properties",
]
