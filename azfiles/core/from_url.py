"""Put Range from URL: the service itself reads what is to be written, from a file, or from anywhere it may read."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from azfiles.address import ResourceAddress
from azfiles.core import replies, versions
from azfiles.core.arguments import (
    MAX_RANGE_BYTES,
    Pairs,
    check_whole,
    file_path,
    header_text,
    lease_header,
    trailing_dots,
)
from azfiles.core.copying import source_headers
from azfiles.core.operation import Kind, Operation
from azfiles.core.ranges import inside_file
from azfiles.errors import InvalidArgument
from azfiles.messages import Response
from azfiles.models import RangeWritten


def put_range_from_url(
    share: str,
    path: Sequence[str],
    offset: int,
    length: int,
    source: str | ResourceAddress,
    source_offset: int,
    *,
    source_crc64: bytes | str | None = None,
    if_source_crc64: bytes | str | None = None,
    if_source_crc64_not: bytes | str | None = None,
    source_token: str | None = None,
    lease_id: str | None = None,
    keep_last_write: bool = False,
) -> Operation[RangeWritten]:
    """Write ``length`` bytes (4 MiB at most) at ``offset`` from ``source_offset`` of ``source`` (Put Range from URL).

    ``source`` is an absolute URL, with a signature where it needs one, or the address of a file in this account.
    ``source_token`` is the text of a bearer token to read it with. A CRC64 is 8 bytes, the lowest first, or their
    base64: of the bytes that are read, which ``source_crc64`` guards on their way, and which the two conditions
    compare before anything is written.
    """
    components = file_path(share, path)
    check_whole("length", length, 1, MAX_RANGE_BYTES)
    location, same_account, source_dots, source_needs = source_headers(source, authorize=source_token is None)
    dots, dot_needs = trailing_dots(components)
    sums = (
        ("x-ms-source-content-crc64", "source_crc64", source_crc64),
        ("x-ms-source-if-match-crc64", "if_source_crc64", if_source_crc64),
        ("x-ms-source-if-none-match-crc64", "if_source_crc64_not", if_source_crc64_not),
    )
    token: Pairs = ()
    if source_token is not None:
        token = (("x-ms-copy-source-authorization", f"Bearer {header_text('source_token', source_token)}"),)
    return Operation(
        name="Put Range from URL",
        kind=Kind.DATA,
        method="PUT",
        path=components,
        success=(201,),
        parse=_range_written,
        query=(("comp", "range"),),
        headers=(
            ("x-ms-range", inside_file(offset, length)),
            ("x-ms-source-range", inside_file(source_offset, length)),
            ("x-ms-write", "update"),
            *location,
            *((header, _crc64_text(name, value)) for header, name, value in sums if value is not None),
            *token,
            *((("x-ms-file-last-write-time", "Preserve"),) if keep_last_write else ()),
            *lease_header(lease_id),
            *dots,
            *source_dots,
        ),
        since=versions.PUT_RANGE_FROM_URL,
        needs=(*((versions.LAST_WRITE_MODE,) if keep_last_write else ()), *dot_needs, *source_needs),
        source=same_account,
    )


def _crc64_text(name: str, value: bytes | str) -> str:
    try:
        raw = value if isinstance(value, bytes) else base64.b64decode(value, validate=True)
    except ValueError:
        raw = b""
    if len(raw) != 8:
        raise InvalidArgument(f"{name}: 8 bytes, or the base64 of 8 bytes, are expected")
    return base64.b64encode(raw).decode("ascii")


def _range_written(response: Response) -> RangeWritten:
    headers = response.headers
    return RangeWritten(
        etag=replies.etag(headers),
        last_modified=replies.last_modified(headers),
        content_md5=headers.get("content-md5"),
        last_write_time=replies.optional_iso(headers, "x-ms-file-last-write-time"),
        server_encrypted=replies.optional_flag(headers, "x-ms-request-server-encrypted"),
        content_crc64=headers.get("x-ms-content-crc64"),
    )


__all__ = ["put_range_from_url"]
