"""File operations on whole files: from headers to commands, and the replies of reads. Ranges are in ``ranges``."""

from __future__ import annotations

from typing import Final

from azfiles_sim.model.commands import (
    CreateFile,
    DeleteFile,
    GetFileProperties,
    HttpHeadersRequest,
    LeaseFile,
    SetFileMetadata,
    SetFileProperties,
)
from azfiles_sim.model.results import FileResult
from azfiles_sim.wire.call import Answer, Call
from azfiles_sim.wire.headers import (
    MAX_INT64,
    choice_header,
    guid_header,
    int_header,
    read_metadata,
    required,
    snapshot_query,
)
from azfiles_sim.wire.leases import read_lease_file
from azfiles_sim.wire.paths import read_headers, target_path
from azfiles_sim.wire.refusals import missing_header, not_built
from azfiles_sim.wire.smb import CREATE_WORDS, SET_WORDS, read_http_headers, read_smb

SIZE: Final = "x-ms-content-length"
_FILE_TYPE: Final = "x-ms-file-file-type"


def read_create(call: Call) -> CreateFile:
    """Create File. A plain ``Content-Type`` becomes the file's type where no ``x-ms-content-type`` says another."""
    required(call, "x-ms-type")
    choice_header(call, "x-ms-type", ("file",))
    if call.body_size:
        raise not_built("A body (data on creation)", call.operation)
    kind = call.headers.get(_FILE_TYPE, "regular")
    if kind.lower() != "regular":
        raise not_built(f"The value {kind[:16]!a} of the header {_FILE_TYPE}", call.operation)
    size = int_header(call, SIZE, maximum=MAX_INT64)
    if size is None:
        raise missing_header(SIZE)
    http = read_http_headers(call)
    plain_type = call.headers.get("content-type")
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
    )


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
    "render_properties",
]
