"""Rename File and Rename Directory: a PUT on the destination that names its source in a header."""

from __future__ import annotations

from collections.abc import Mapping

from azfiles.address import ResourceAddress
from azfiles.core import replies, settings
from azfiles.core.arguments import Pairs, lease_header, metadata_headers, source_trailing_dots, trailing_dots
from azfiles.core.operation import Kind, Operation, Source
from azfiles.core.versions import RENAME
from azfiles.errors import InvalidArgument
from azfiles.models import SmbSettings, Written


def rename(
    name: str,
    source: tuple[str, ...],
    destination: tuple[str, ...],
    *,
    query: Pairs,
    replace: bool,
    ignore_readonly: bool,
    smb: SmbSettings | None,
    metadata: Mapping[str, str] | None,
    source_lease_id: str | None,
    destination_lease_id: str | None,
    more: Pairs = (),
) -> Operation[Written]:
    """``source`` and ``destination`` are request paths of the same share."""
    if ignore_readonly and not replace:
        raise InvalidArgument("ignore_readonly: it only means something together with replace=True")
    pairs, needs = settings.smb_headers(smb, settings.RENAME)
    dots, dot_needs = trailing_dots(destination)
    source_dots, source_needs = source_trailing_dots(source)
    flags = (("x-ms-file-rename-replace-if-exists", replace), ("x-ms-file-rename-ignore-readonly", ignore_readonly))
    return Operation(
        name=name,
        kind=Kind.METADATA,
        method="PUT",
        path=destination,
        success=(200,),
        parse=replies.written,
        query=query,
        headers=(
            *((header, "true") for header, wanted in flags if wanted),
            *lease_header(source_lease_id, "x-ms-source-lease-id"),
            *lease_header(destination_lease_id, "x-ms-destination-lease-id"),
            *pairs,
            *metadata_headers(metadata),
            *more,
            *dots,
            *source_dots,
        ),
        since=RENAME,
        needs=(*needs, *dot_needs, *source_needs),
        source=Source("x-ms-file-rename-source", ResourceAddress(source[0], source[1:])),
    )
