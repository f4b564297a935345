"""Operations on ranges of a file: Put Range (update and clear) and List Ranges."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence

from azfiles.core import replies, settings, structured, versions
from azfiles.core.arguments import (
    MAX_FILE_BYTES,
    MAX_RANGE_BYTES,
    Pairs,
    body_buffers,
    check_offset,
    check_whole,
    file_path,
    lease_header,
    page_query,
    range_text,
    snapshot_query,
    trailing_dots,
)
from azfiles.core.documents import parse_ranges
from azfiles.core.operation import Kind, Operation
from azfiles.core.versions import Feature
from azfiles.errors import InvalidArgument, ReplyNotUnderstood
from azfiles.messages import Buffer, Response
from azfiles.models import RangeList, RangeWritten


def put_range(
    share: str,
    path: Sequence[str],
    offset: int,
    data: Buffer | Sequence[Buffer],
    *,
    content_md5: bytes | str | bool | None = None,
    checksum: str | None = None,
    lease_id: str | None = None,
    keep_last_write: bool = False,
) -> Operation[RangeWritten]:
    """Write 1 byte to 4 MiB at ``offset``; the file must be large enough already (Put Range, update).

    Raises ``InvalidRange`` past the end: nothing is written then. ``content_md5`` lets the service check what it
    receives: a hash (16 bytes or their base64), or ``True`` to compute it here; so does ``checksum="crc64"``, which is
    much faster with the extra ``checksums``. The buffers must not change until the call is over; they are sent as
    they are, without being joined.
    """
    components = file_path(share, path)
    body, length = body_buffers(data)
    if not 1 <= length <= MAX_RANGE_BYTES:
        raise InvalidArgument(f"data of {length} bytes: 1 to {MAX_RANGE_BYTES} bytes are expected in one range")
    md5 = _hash_to_send(content_md5, body)
    hashed: Pairs = () if md5 is None else (("Content-MD5", md5),)
    needs: tuple[Feature, ...] = ()
    if checksum is not None:
        structured.check_checksum(checksum)
        if md5 is not None:
            raise InvalidArgument("checksum and content_md5: one of the two is enough")
        body, hashed = structured.frame(body), structured.frame_headers(length)
        needs = (versions.STRUCTURED_BODY,)
    return _put(
        components,
        "Put Range",
        (("x-ms-range", inside_file(offset, length)), ("x-ms-write", "update"), *hashed),
        body,
        lease_id=lease_id,
        keep_last_write=keep_last_write,
        parse=lambda response: _range_written(response, md5, framed=checksum is not None),
        needs=needs,
    )


def clear_range(
    share: str,
    path: Sequence[str],
    offset: int,
    length: int,
    *,
    lease_id: str | None = None,
    keep_last_write: bool = False,
) -> Operation[RangeWritten]:
    """Make ``length`` bytes from ``offset`` on zero, up to the whole file (Put Range, clear). Space is given back in
    pages of 512 bytes.
    """
    headers = (("x-ms-range", inside_file(offset, length)), ("x-ms-write", "clear"))
    return _put(
        file_path(share, path),
        "Clear Range",
        headers,
        (),
        lease_id=lease_id,
        keep_last_write=keep_last_write,
        parse=lambda response: _range_written(response, None),
    )


def list_ranges(
    share: str,
    path: Sequence[str],
    *,
    offset: int | None = None,
    length: int | None = None,
    snapshot: str | None = None,
    previous_snapshot: str | None = None,
    support_rename: bool = False,
    lease_id: str | None = None,
    marker: str | None = None,
    page_size: int | None = None,
) -> Operation[RangeList]:
    """Which ranges hold data (List Ranges), all or those in ``length`` bytes from ``offset`` on.

    With ``previous_snapshot`` instead: what changed since then; ``support_rename`` follows a file that was renamed
    since.
    """
    components = file_path(share, path)
    headers: Pairs = ()
    needs: tuple[Feature, ...] = ()
    query = (("comp", "rangelist"), *snapshot_query(snapshot))
    if offset is not None or length is not None:
        start = check_offset("offset", offset or 0)
        headers = (("x-ms-range", f"bytes={start}-" if length is None else range_text(start, length)),)
    if previous_snapshot is not None:
        if not previous_snapshot:
            raise InvalidArgument("previous_snapshot: a time stamp as the service gave it is expected")
        query = (*query, ("prevsharesnapshot", previous_snapshot))
        needs = (*needs, versions.RANGE_DIFF)
    if support_rename:
        if previous_snapshot is None:
            raise InvalidArgument("support_rename: it only means something together with previous_snapshot")
        headers = (*headers, ("x-ms-file-support-rename", "true"))
        needs = (*needs, versions.RANGE_DIFF_RENAMES)
    pages = page_query(marker=marker, page_size=page_size)
    if pages:
        query = (*query, *pages)
        needs = (*needs, versions.PAGED_RANGES)
    dots, dot_needs = trailing_dots(components)
    return Operation(
        name="List Ranges",
        kind=Kind.LISTING,
        method="GET",
        path=components,
        success=(200,),
        parse=_range_list,
        query=query,
        headers=(*headers, *lease_header(lease_id), *dots),
        needs=(*needs, *dot_needs),
    )


def _put(
    path: tuple[str, ...],
    name: str,
    headers: Pairs,
    body: tuple[Buffer, ...],
    *,
    lease_id: str | None,
    keep_last_write: bool,
    parse: Callable[[Response], RangeWritten],
    needs: tuple[Feature, ...] = (),
) -> Operation[RangeWritten]:
    dots, dot_needs = trailing_dots(path)
    mode: Pairs = (("x-ms-file-last-write-time", "Preserve"),) if keep_last_write else ()
    return Operation(
        name=name,
        kind=Kind.DATA,
        method="PUT",
        path=path,
        success=(201,),
        parse=parse,
        query=(("comp", "range"),),
        headers=(*headers, *mode, *lease_header(lease_id), *dots),
        body=body,
        needs=(*needs, *((versions.LAST_WRITE_MODE,) if keep_last_write else ()), *dot_needs),
    )


def inside_file(offset: int, length: int) -> str:
    """``bytes=a-b`` for bytes that the largest file could hold."""
    text = range_text(offset, length)
    check_whole("offset + length", offset + length, 1, MAX_FILE_BYTES)
    return text


def _hash_to_send(content_md5: bytes | str | bool | None, body: Sequence[Buffer]) -> str | None:
    if content_md5 is None or content_md5 is False:
        return None
    return _body_md5(body) if content_md5 is True else settings.md5_text(content_md5)


def _body_md5(body: Sequence[Buffer]) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    for buffer in body:
        digest.update(buffer)
    return base64.b64encode(digest.digest()).decode("ascii")


def _range_written(response: Response, sent_md5: str | None, *, framed: bool = False) -> RangeWritten:
    headers = response.headers
    if framed:
        structured.check_echo(headers)
    content_md5 = headers.get("content-md5")
    if sent_md5 is not None and content_md5 is not None and content_md5 != sent_md5:
        raise ReplyNotUnderstood("the service computed another MD5 than was sent with the range")
    return RangeWritten(
        etag=replies.etag(headers),
        last_modified=replies.last_modified(headers),
        content_md5=content_md5,
        last_write_time=replies.optional_iso(headers, "x-ms-file-last-write-time"),
        server_encrypted=replies.optional_flag(headers, "x-ms-request-server-encrypted"),
    )


def _range_list(response: Response) -> RangeList:
    headers = response.headers
    ranges, cleared, next_marker = parse_ranges(response.body)
    return RangeList(
        etag=replies.etag(headers),
        last_modified=replies.last_modified(headers),
        size=replies.required_number(headers, "x-ms-content-length"),
        ranges=ranges,
        cleared=cleared,
        next_marker=next_marker,
    )
