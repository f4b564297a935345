"""Copying inside the service: Copy File and Abort Copy File. How far a copy is, its file's properties say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from azfiles.address import ResourceAddress
from azfiles.core import replies, settings, versions
from azfiles.core.arguments import (
    Pairs,
    check_address,
    check_guid,
    check_source_url,
    choose,
    file_path,
    lease_header,
    metadata_headers,
    source_trailing_dots,
    trailing_dots,
)
from azfiles.core.operation import Kind, Operation, Source
from azfiles.core.versions import Feature
from azfiles.errors import InvalidArgument
from azfiles.messages import Response
from azfiles.models import CopyStarted, NfsSettings, SmbSettings

COPY_MODES = ("source", "override")


def start_copy(
    share: str,
    path: Sequence[str],
    source: str | ResourceAddress,
    *,
    metadata: Mapping[str, str] | None = None,
    smb: SmbSettings | None = None,
    permission_copy_mode: str | None = None,
    ignore_readonly: bool = False,
    set_archive: bool = False,
    nfs: NfsSettings | None = None,
    mode_copy_mode: str | None = None,
    owner_copy_mode: str | None = None,
    lease_id: str | None = None,
) -> Operation[CopyStarted]:
    """Copy a file or blob onto ``path``, which is overwritten (Copy File).

    ``source`` is an absolute URL, with a signature where the source needs one, or the address of a file in this
    account. Metadata is copied unless it is given. In ``smb`` attributes and times may be ``"source"``;
    ``permission_copy_mode`` is ``source`` or ``override`` (then with a permission in ``smb``). On NFS shares
    ``mode_copy_mode`` and ``owner_copy_mode`` (for owner and group) say whether these come from the source or, with
    ``override``, from ``nfs``. ``ignore_readonly`` overwrites a read-only file; ``set_archive`` sets its attribute
    whatever the source has.
    """
    components = file_path(share, path)
    dots, dot_needs = trailing_dots(components)
    pairs, needs = settings.smb_headers(smb, settings.COPY)
    options: list[tuple[str, str]] = []
    if permission_copy_mode is not None:
        chosen = choose("permission_copy_mode", permission_copy_mode, COPY_MODES)
        given = smb is not None and (smb.permission is not None or smb.permission_key is not None)
        if given != (chosen == "override"):
            raise InvalidArgument(
                "permission_copy_mode: override goes with a permission or permission_key, source with none"
            )
        options.append(("x-ms-file-permission-copy-mode", chosen))
    flags = (("x-ms-file-copy-ignore-readonly", ignore_readonly), ("x-ms-file-copy-set-archive", set_archive))
    options += [(header, "true") for header, wanted in flags if wanted]
    if options:
        needs = (*needs, versions.COPY_SMB)
    nfs_pairs, nfs_needs = _nfs(nfs, mode_copy_mode, owner_copy_mode)
    location, same_account, source_dots, source_needs = source_headers(source)
    return Operation(
        name="Copy File",
        kind=Kind.METADATA,
        method="PUT",
        path=components,
        success=(202,),
        parse=_copy_started,
        headers=(
            *location,
            *options,
            *pairs,
            *nfs_pairs,
            *metadata_headers(metadata),
            *lease_header(lease_id),
            *dots,
            *source_dots,
        ),
        needs=(*needs, *nfs_needs, *dot_needs, *source_needs),
        source=same_account,
    )


def abort_copy(share: str, path: Sequence[str], copy_id: str, *, lease_id: str | None = None) -> Operation[None]:
    """Stop a pending copy; the destination stays, empty (Abort Copy File). A copy that has ended is a ``Conflict``."""
    components = file_path(share, path)
    dots, needs = trailing_dots(components)
    return Operation(
        name="Abort Copy File",
        kind=Kind.METADATA,
        method="PUT",
        path=components,
        success=(204,),
        parse=replies.nothing,
        query=(("comp", "copy"), ("copyid", check_guid("copy_id", copy_id))),
        headers=(("x-ms-copy-action", "abort"), *lease_header(lease_id), *dots),
        needs=needs,
    )


def _nfs(
    nfs: NfsSettings | None, mode_copy_mode: str | None, owner_copy_mode: str | None
) -> tuple[Pairs, tuple[Feature, ...]]:
    given = nfs or NfsSettings()
    rows = (
        ("mode_copy_mode", "x-ms-file-mode-copy-mode", mode_copy_mode, "mode", given.mode is not None),
        (
            "owner_copy_mode",
            "x-ms-file-owner-copy-mode",
            owner_copy_mode,
            "owner or group",
            given.owner is not None or given.group is not None,
        ),
    )
    pairs, needs = settings.nfs_headers(nfs)
    for name, header, value, what, has_value in rows:
        if value is None:
            continue
        chosen = choose(name, value, COPY_MODES)
        if has_value != (chosen == "override"):
            raise InvalidArgument(f"{name}: override goes with {what} in nfs, source with none")
        pairs = (*pairs, (header, chosen))
        needs = (versions.NFS_PROPERTIES,)
    return pairs, needs


def source_headers(
    source: str | ResourceAddress, *, authorize: bool = False
) -> tuple[Pairs, Source | None, Pairs, tuple[Feature, ...]]:
    """How a source is named: by a header with its URL, or as a file of this account; and headers for its dots."""
    if isinstance(source, str):
        return (("x-ms-copy-source", check_source_url(source)),), None, (), ()
    dots, needs = source_trailing_dots(check_address(source).path)
    return (), Source("x-ms-copy-source", source, authorize), dots, needs


def _copy_started(response: Response) -> CopyStarted:
    headers = response.headers
    return CopyStarted(
        id=replies.required(headers, "x-ms-copy-id"),
        status=replies.required(headers, "x-ms-copy-status"),
        etag=replies.etag(headers),
        last_modified=replies.last_modified(headers),
    )
