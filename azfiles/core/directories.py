"""Operations on a directory: create, delete, properties, metadata, list, rename. No components mean the share's root."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from azfiles.core import replies, settings
from azfiles.core.arguments import (
    Pairs,
    choose_several,
    directory_path,
    metadata_headers,
    page_query,
    snapshot_query,
    trailing_dots,
)
from azfiles.core.documents import parse_listing_page
from azfiles.core.operation import Kind, Operation
from azfiles.core.renaming import rename
from azfiles.core.versions import EXTENDED_INFO, SMB_PROPERTIES, Feature
from azfiles.errors import InvalidArgument
from azfiles.messages import Response
from azfiles.models import DirectoryProperties, ListingPage, NfsSettings, ResourceMetadata, SmbSettings, Written

LISTING_INCLUDES = ("Timestamps", "Etag", "Attributes", "PermissionKey")

_DIRECTORY = ("restype", "directory")


def create_directory(
    share: str,
    path: Sequence[str],
    *,
    metadata: Mapping[str, str] | None = None,
    smb: SmbSettings | None = None,
    nfs: NfsSettings | None = None,
    property_semantics: str | None = None,
) -> Operation[Written]:
    """Create one directory; its parent must exist (Create Directory). Raises ``AlreadyExists`` where it exists.

    ``nfs`` belongs to NFS shares, ``smb`` to the others. ``property_semantics`` is ``New``, the service's default, or
    ``Restore``, for which what is set is what is stored, without defaults of its own.
    """
    components = _below_root(share, path)
    dots, dot_needs = trailing_dots(components)
    pairs, needs = settings.combined(
        settings.smb_headers(smb, settings.CREATE),
        settings.nfs_headers(nfs),
        settings.property_semantics(property_semantics),
    )
    return Operation(
        name="Create Directory",
        kind=Kind.METADATA,
        method="PUT",
        path=components,
        success=(201,),
        parse=replies.written,
        query=(_DIRECTORY,),
        headers=(*pairs, *metadata_headers(metadata), *dots),
        needs=(*needs, *dot_needs),
        demanded=settings.CREATE_DEFAULTS,
    )


def delete_directory(share: str, path: Sequence[str]) -> Operation[None]:
    """Delete an empty directory (Delete Directory)."""
    components = _below_root(share, path)
    dots, needs = trailing_dots(components)
    return Operation(
        name="Delete Directory",
        kind=Kind.METADATA,
        method="DELETE",
        path=components,
        success=(202,),
        parse=replies.nothing,
        query=(_DIRECTORY,),
        headers=dots,
        needs=needs,
    )


def get_directory_properties(
    share: str, path: Sequence[str], *, snapshot: str | None = None
) -> Operation[DirectoryProperties]:
    """ETag, metadata and SMB properties (Get Directory Properties)."""
    components = directory_path(share, path)
    dots, needs = trailing_dots(components)
    return Operation(
        name="Get Directory Properties",
        kind=Kind.METADATA,
        method="GET",
        path=components,
        success=(200,),
        parse=_directory_properties,
        query=(_DIRECTORY, *snapshot_query(snapshot)),
        headers=dots,
        needs=needs,
    )


def set_directory_metadata(share: str, path: Sequence[str], metadata: Mapping[str, str]) -> Operation[Written]:
    """Replace all metadata; an empty mapping clears it (Set Directory Metadata)."""
    components = directory_path(share, path)
    dots, needs = trailing_dots(components)
    return Operation(
        name="Set Directory Metadata",
        kind=Kind.METADATA,
        method="PUT",
        path=components,
        success=(200,),
        parse=replies.written,
        query=(_DIRECTORY, ("comp", "metadata")),
        headers=(*metadata_headers(metadata), *dots),
        needs=needs,
    )


def get_directory_metadata(
    share: str, path: Sequence[str], *, snapshot: str | None = None
) -> Operation[ResourceMetadata]:
    """Metadata and ETag (Get Directory Metadata)."""
    components = directory_path(share, path)
    dots, needs = trailing_dots(components)
    return Operation(
        name="Get Directory Metadata",
        kind=Kind.METADATA,
        method="GET",
        path=components,
        success=(200,),
        parse=replies.resource_metadata,
        query=(_DIRECTORY, ("comp", "metadata"), *snapshot_query(snapshot)),
        headers=dots,
        needs=needs,
    )


def set_directory_smb_properties(share: str, path: Sequence[str], smb: SmbSettings) -> Operation[Written]:
    """Set what is given of attributes, times and permission, and keep the rest (Set Directory Properties)."""
    pairs, needs = settings.smb_headers(smb, settings.SET)
    if not pairs:
        raise InvalidArgument("smb: at least one property is expected")
    return _set_properties(share, path, pairs, needs)


def set_directory_nfs_properties(share: str, path: Sequence[str], nfs: NfsSettings) -> Operation[Written]:
    """Set what is given of mode, owner and group, and keep the rest (Set Directory Properties); on NFS shares only."""
    pairs, needs = settings.nfs_headers(nfs)
    if not pairs:
        raise InvalidArgument("nfs: at least one property is expected")
    return _set_properties(share, path, pairs, needs)


def _set_properties(share: str, path: Sequence[str], pairs: Pairs, needs: tuple[Feature, ...]) -> Operation[Written]:
    components = directory_path(share, path)
    dots, dot_needs = trailing_dots(components)
    return Operation(
        name="Set Directory Properties",
        kind=Kind.METADATA,
        method="PUT",
        path=components,
        success=(200,),
        parse=replies.written,
        query=(_DIRECTORY, ("comp", "properties")),
        headers=(*pairs, *dots),
        since=SMB_PROPERTIES[1],
        needs=(*needs, *dot_needs),
        demanded=settings.SET_DEFAULTS,
    )


def list_directory(
    share: str,
    path: Sequence[str],
    *,
    prefix: str | None = None,
    marker: str | None = None,
    page_size: int | None = None,
    include: str | Iterable[str] = (),
    extended_info: bool = False,
    snapshot: str | None = None,
) -> Operation[ListingPage]:
    """One page of one directory, directories and files in one order (List Directories and Files).

    ``include`` is any of ``Timestamps``, ``Etag``, ``Attributes`` and ``PermissionKey``; ``extended_info`` asks for
    ids. A page may be short, even empty: go on with ``next_marker`` until it is ``None``.
    """
    components = directory_path(share, path)
    included = choose_several("include", include, LISTING_INCLUDES)
    if prefix and "/" in prefix:
        raise InvalidArgument(f"prefix {prefix!r}: the start of a name is expected; list the directory itself instead")
    query: Pairs = (
        _DIRECTORY,
        ("comp", "list"),
        *page_query(prefix=prefix, marker=marker, page_size=page_size),
        *snapshot_query(snapshot),
    )
    if included:
        query = (*query, ("include", ",".join(included)))
    dots, needs = trailing_dots(components)
    return Operation(
        name="List Directories and Files",
        kind=Kind.LISTING,
        method="GET",
        path=components,
        success=(200,),
        parse=lambda response: parse_listing_page(response.body),
        query=query,
        headers=(*((("x-ms-file-extended-info", "true"),) if extended_info else ()), *dots),
        needs=(*needs, EXTENDED_INFO) if included or extended_info else needs,
    )


def rename_directory(
    share: str,
    path: Sequence[str],
    new_path: Sequence[str],
    *,
    replace: bool = False,
    ignore_readonly: bool = False,
    smb: SmbSettings | None = None,
    metadata: Mapping[str, str] | None = None,
    destination_lease_id: str | None = None,
) -> Operation[Written]:
    """Move a directory and all in it to ``new_path`` in the same share (Rename Directory).

    ``replace`` lets it take the place of a file, never of a directory; ``destination_lease_id`` is that file's lease.
    Metadata is kept unless it is given.
    """
    return rename(
        "Rename Directory",
        _below_root(share, path),
        _below_root(share, new_path),
        query=(_DIRECTORY, ("comp", "rename")),
        replace=replace,
        ignore_readonly=ignore_readonly,
        smb=smb,
        metadata=metadata,
        source_lease_id=None,
        destination_lease_id=destination_lease_id,
    )


def _below_root(share: str, path: Sequence[str]) -> tuple[str, ...]:
    components = directory_path(share, path)
    if len(components) == 1:
        raise InvalidArgument(f"the root of share {share!r} cannot be created, deleted or renamed; give a path")
    return components


def _directory_properties(response: Response) -> DirectoryProperties:
    headers = response.headers
    return DirectoryProperties(
        etag=replies.etag(headers),
        last_modified=replies.last_modified(headers),
        metadata=replies.metadata(headers),
        smb=replies.smb_properties(headers),
        server_encrypted=replies.optional_flag(headers, "x-ms-server-encrypted"),
        nfs=replies.nfs_properties(headers),
    )
