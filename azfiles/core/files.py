"""Operations on a file: create, properties, metadata, resize, delete, rename. Reading is in ``reading``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from azfiles.core import replies, settings, structured, versions
from azfiles.core.arguments import (
    MAX_RANGE_BYTES,
    Pairs,
    body_buffers,
    check_size,
    choose,
    file_path,
    header_text,
    lease_header,
    metadata_headers,
    snapshot_query,
    trailing_dots,
)
from azfiles.core.operation import Kind, Operation
from azfiles.core.reading import get_file
from azfiles.core.renaming import rename
from azfiles.core.versions import Feature
from azfiles.errors import InvalidArgument
from azfiles.messages import Buffer, Response
from azfiles.models import FileDeleted, FileProperties, HttpHeaders, NfsSettings, ResourceMetadata, SmbSettings, Written

R = TypeVar("R")

FILE_TYPES = ("Regular", "Directory", "SymLink")


def create_file(
    share: str,
    path: Sequence[str],
    size: int,
    *,
    http: HttpHeaders | None = None,
    metadata: Mapping[str, str] | None = None,
    smb: SmbSettings | None = None,
    lease_id: str | None = None,
    data: Buffer | Sequence[Buffer] | None = None,
    content_md5: bytes | str | None = None,
    checksum: str | None = None,
    property_semantics: str | None = None,
    nfs: NfsSettings | None = None,
    file_type: str | None = None,
) -> Operation[Written]:
    """Create a file of ``size`` bytes, all zero, or make an existing one so: the service overwrites (Create File).

    The parent directory must exist. ``data`` are the whole file's bytes, at most 4 MiB, where the service version
    takes them along; ``content_md5`` or ``checksum="crc64"`` then guards their way and is not stored. ``property_semantics`` is ``New``, the
    service's default, or ``Restore``, for which what is set is what is stored. ``nfs`` and ``file_type`` (``Regular``
    unless said otherwise) belong to NFS shares, ``smb`` to the others.
    """
    components = file_path(share, path)
    dots, dot_needs = trailing_dots(components)
    pairs, needs = settings.combined(
        settings.smb_headers(smb, settings.CREATE),
        settings.nfs_headers(nfs),
        _file_type(file_type),
        settings.property_semantics(property_semantics),
    )
    body, body_headers, body_needs = _creation_data(size, data, content_md5, checksum)
    return Operation(
        name="Create File",
        kind=Kind.DATA if body else Kind.METADATA,
        method="PUT",
        path=components,
        success=(201,),
        parse=replies.written if checksum is None else _written_framed,
        headers=(
            ("x-ms-type", "file"),
            ("x-ms-content-length", str(check_size(size))),
            *settings.http_headers(http),
            *pairs,
            *metadata_headers(metadata),
            *lease_header(lease_id),
            *body_headers,
            *dots,
        ),
        body=body,
        needs=(*needs, *dot_needs, *body_needs),
        demanded=settings.CREATE_DEFAULTS,
    )


def get_file_properties(
    share: str, path: Sequence[str], *, snapshot: str | None = None, lease_id: str | None = None
) -> Operation[FileProperties]:
    """Size, ETag, HTTP headers, metadata, SMB properties, lease and last copy (Get File Properties)."""
    return _on_file(
        "Get File Properties",
        "HEAD",
        file_path(share, path),
        query=snapshot_query(snapshot),
        headers=lease_header(lease_id),
        success=200,
        parse=_file_properties,
    )


def delete_file(share: str, path: Sequence[str], *, lease_id: str | None = None) -> Operation[FileDeleted]:
    """Delete a file, at once and for good (Delete File). Of an NFS file with several names only this one goes."""
    return _on_file(
        "Delete File",
        "DELETE",
        file_path(share, path),
        headers=lease_header(lease_id),
        success=202,
        parse=_file_deleted,
    )


def set_file_http_headers(
    share: str, path: Sequence[str], http: HttpHeaders, *, lease_id: str | None = None
) -> Operation[Written]:
    """Replace all HTTP headers stored with a file: those that are not given are cleared (Set File Properties)."""
    pairs = settings.http_headers(http)
    if not pairs:
        raise InvalidArgument("http: at least one header is expected; where none is given the service keeps them all")
    return _set_properties(share, path, pairs, (), lease_id=lease_id)


def resize_file(share: str, path: Sequence[str], size: int, *, lease_id: str | None = None) -> Operation[Written]:
    """Cut a file, or let it grow with zeros (Set File Properties)."""
    pairs = (("x-ms-content-length", str(check_size(size))),)
    return _set_properties(share, path, pairs, (), lease_id=lease_id, demanded=settings.RESIZE_DEFAULTS)


def set_file_smb_properties(
    share: str, path: Sequence[str], smb: SmbSettings, *, lease_id: str | None = None
) -> Operation[Written]:
    """Set what is given of attributes, times and permission, and keep the rest (Set File Properties)."""
    pairs, needs = settings.smb_headers(smb, settings.SET)
    if not pairs:
        raise InvalidArgument("smb: at least one property is expected")
    return _set_properties(share, path, pairs, needs, lease_id=lease_id)


def set_file_nfs_properties(
    share: str, path: Sequence[str], nfs: NfsSettings, *, lease_id: str | None = None
) -> Operation[Written]:
    """Set what is given of mode, owner and group, and keep the rest (Set File Properties); on NFS shares only."""
    pairs, needs = settings.nfs_headers(nfs)
    if not pairs:
        raise InvalidArgument("nfs: at least one property is expected")
    return _set_properties(share, path, pairs, needs, lease_id=lease_id)


def set_file_metadata(
    share: str, path: Sequence[str], metadata: Mapping[str, str], *, lease_id: str | None = None
) -> Operation[Written]:
    """Replace all metadata; an empty mapping clears it (Set File Metadata)."""
    return _on_file(
        "Set File Metadata",
        "PUT",
        file_path(share, path),
        query=(("comp", "metadata"),),
        headers=(*metadata_headers(metadata), *lease_header(lease_id)),
        success=200,
        parse=replies.written,
    )


def get_file_metadata(
    share: str, path: Sequence[str], *, snapshot: str | None = None, lease_id: str | None = None
) -> Operation[ResourceMetadata]:
    """Metadata and ETag (Get File Metadata)."""
    return _on_file(
        "Get File Metadata",
        "GET",
        file_path(share, path),
        query=(("comp", "metadata"), *snapshot_query(snapshot)),
        headers=lease_header(lease_id),
        success=200,
        parse=replies.resource_metadata,
    )


def rename_file(
    share: str,
    path: Sequence[str],
    new_path: Sequence[str],
    *,
    replace: bool = False,
    ignore_readonly: bool = False,
    content_type: str | None = None,
    smb: SmbSettings | None = None,
    metadata: Mapping[str, str] | None = None,
    source_lease_id: str | None = None,
    destination_lease_id: str | None = None,
) -> Operation[Written]:
    """Move a file to ``new_path`` in the same share; it keeps its id, content and times (Rename File).

    Where ``new_path`` exists: ``AlreadyExists`` and nothing changes, unless ``replace``; a read-only file is replaced
    only with ``ignore_readonly`` too. Metadata is kept unless it is given.
    """
    more = () if content_type is None else (("x-ms-content-type", header_text("content_type", content_type)),)
    return rename(
        "Rename File",
        file_path(share, path),
        file_path(share, new_path),
        query=(("comp", "rename"),),
        replace=replace,
        ignore_readonly=ignore_readonly,
        smb=smb,
        metadata=metadata,
        source_lease_id=source_lease_id,
        destination_lease_id=destination_lease_id,
        more=more,
    )


def _set_properties(
    share: str,
    path: Sequence[str],
    pairs: Pairs,
    needs: tuple[Feature, ...],
    *,
    lease_id: str | None,
    demanded: Pairs = settings.SET_DEFAULTS,
) -> Operation[Written]:
    return _on_file(
        "Set File Properties",
        "PUT",
        file_path(share, path),
        query=(("comp", "properties"),),
        headers=(*pairs, *lease_header(lease_id)),
        success=200,
        parse=replies.written,
        needs=needs,
        demanded=demanded,
    )


def _on_file(
    name: str,
    method: str,
    path: tuple[str, ...],
    *,
    success: int,
    parse: Callable[[Response], R],
    query: Pairs = (),
    headers: Pairs = (),
    needs: tuple[Feature, ...] = (),
    demanded: Pairs = (),
) -> Operation[R]:
    dots, dot_needs = trailing_dots(path)
    return Operation(
        name=name,
        kind=Kind.METADATA,
        method=method,
        path=path,
        success=(success,),
        parse=parse,
        query=query,
        headers=(*headers, *dots),
        needs=(*needs, *dot_needs),
        demanded=demanded,
    )


def _file_type(file_type: str | None) -> tuple[Pairs, tuple[Feature, ...]]:
    if file_type is None:
        return (), ()
    return (("x-ms-file-file-type", choose("file_type", file_type, FILE_TYPES)),), (versions.NFS_PROPERTIES,)


def _creation_data(
    size: int, data: Buffer | Sequence[Buffer] | None, content_md5: bytes | str | None, checksum: str | None
) -> tuple[tuple[Buffer, ...], Pairs, tuple[Feature, ...]]:
    if data is None:
        if checksum is not None:
            raise InvalidArgument("checksum: it guards data on its way; none was given")
        if content_md5 is not None:
            raise InvalidArgument("content_md5: it guards data on its way; to store a hash use HttpHeaders.content_md5")
        return (), (), ()
    body, length = body_buffers(data)
    if length != size or length > MAX_RANGE_BYTES:
        raise InvalidArgument(
            f"data of {length} bytes: the whole file is expected, here {size} bytes, and {MAX_RANGE_BYTES} at most"
        )
    if checksum is not None:
        structured.check_checksum(checksum)
        if content_md5 is not None:
            raise InvalidArgument("checksum and content_md5: one of the two is enough")
        framed = structured.frame(body)
        return framed, structured.frame_headers(length), (versions.CREATE_WITH_DATA, versions.STRUCTURED_BODY)
    headers = () if content_md5 is None else (("Content-MD5", settings.md5_text(content_md5)),)
    return body, headers, (versions.CREATE_WITH_DATA,)


def _written_framed(response: Response) -> Written:
    structured.check_echo(response.headers)
    return replies.written(response)


def _file_deleted(response: Response) -> FileDeleted:
    return FileDeleted(replies.optional_number(response.headers, "x-ms-link-count"))


def _file_properties(response: Response) -> FileProperties:
    headers = response.headers
    return replies.file_properties(
        headers, size=replies.required_number(headers, "Content-Length"), stored_md5=headers.get("content-md5")
    )


__all__ = [
    "create_file",
    "delete_file",
    "get_file",
    "get_file_metadata",
    "get_file_properties",
    "rename_file",
    "resize_file",
    "set_file_http_headers",
    "set_file_metadata",
    "set_file_nfs_properties",
    "set_file_smb_properties",
]
