"""Get File, whole or by range. A reply that is not exactly what was asked for is refused."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence

from azfiles.core import replies, structured
from azfiles.core.arguments import (
    MAX_RANGE_BYTES,
    Pairs,
    check_offset,
    file_path,
    lease_header,
    range_text,
    snapshot_query,
    trailing_dots,
)
from azfiles.core.operation import Kind, Operation
from azfiles.core.versions import STRUCTURED_BODY
from azfiles.errors import InvalidArgument, ReplyNotUnderstood
from azfiles.messages import Headers, Response
from azfiles.models import FileContent, Range
from azfiles.records import dataclass

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a Get File asked for; ``offset`` is ``None`` for the whole file, ``length`` for all from there on."""

    offset: int | None
    length: int | None
    md5: bool
    framed: bool = False
    sink: memoryview | None = None


def get_file(
    share: str,
    path: Sequence[str],
    offset: int | None = None,
    length: int | None = None,
    *,
    sink: bytearray | memoryview | None = None,
    frame_sink: bytearray | memoryview | None = None,
    range_md5: bool = False,
    checksum: str | None = None,
    snapshot: str | None = None,
    lease_id: str | None = None,
) -> Operation[FileContent]:
    """Read a file, or ``length`` bytes of it from ``offset`` on, or all from ``offset`` on (Get File).

    ``sink`` is a writable buffer that the bytes land in; it must hold ``length``. A range that reaches past the end is
    answered as far as the file goes; one that starts at or after the end is ``InvalidRange``, on an empty file any.
    ``range_md5`` asks for the range's hash (4 MiB at most) and checks it; ``checksum="crc64"`` for checksums all
    along, of any length. What travels then is the content in a frame: ``frame_sink``, longer than the content by
    ``structured.FRAME_ROOM`` bytes, is where that lands, and without a ``sink`` the content is a view of it.
    """
    components = file_path(share, path)
    if offset is None and length is not None:
        offset = 0
    headers: Pairs = ()
    if offset is not None:
        text = f"bytes={check_offset('offset', offset)}-" if length is None else range_text(offset, length)
        headers = (("x-ms-range", text),)
    if range_md5:
        if length is None or length > MAX_RANGE_BYTES:
            raise InvalidArgument(f"range_md5: a length of {MAX_RANGE_BYTES} bytes at most is expected with it")
        headers = (*headers, ("x-ms-range-get-content-md5", "true"))
    dots, needs = trailing_dots(components)
    room = None if sink is None else _writable(sink, length)
    asked = _Asked(offset, length, range_md5)
    if checksum is not None:
        structured.check_checksum(checksum)
        if range_md5:
            raise InvalidArgument("checksum and range_md5: one of the two is enough")
        headers, needs = (*headers, structured.HEADER), (*needs, STRUCTURED_BODY)
        # What travels is longer than the content, so it cannot land in the sink itself.
        asked = _Asked(offset, length, md5=False, framed=True, sink=room)
        room = None if frame_sink is None else _writable(frame_sink, None)
    return Operation(
        name="Get File",
        kind=Kind.DATA,
        method="GET",
        path=components,
        success=(200, 206),
        parse=lambda response: _file_content(response, asked),
        query=snapshot_query(snapshot),
        headers=(*headers, *lease_header(lease_id), *dots),
        needs=needs,
        sink=room,
    )


def _writable(sink: bytearray | memoryview, length: int | None) -> memoryview:
    view = memoryview(sink)
    if view.readonly or not view.c_contiguous:
        raise InvalidArgument("sink: a writable buffer in one piece is expected")
    view = view.cast("B")
    if length is not None and len(view) < length:
        raise InvalidArgument(f"sink of {len(view)} bytes: room for length={length} bytes is expected")
    return view if length is None else view[:length]


def _file_content(response: Response, asked: _Asked) -> FileContent:
    headers, body = response.headers, response.body
    _check_length(headers, "Content-Length", len(body))
    if asked.framed:
        structured.check_echo(headers)
        body = _landed(structured.unframe(body), asked.sink)
        _check_length(headers, structured.LENGTH_HEADER, len(body))
    if asked.offset is None:
        if response.status != 200:
            raise ReplyNotUnderstood("a part of the file came, but the whole was asked for")
        properties = replies.file_properties(headers, size=len(body), stored_md5=headers.get("content-md5"))
        return FileContent(properties, body)
    if response.status != 206:
        raise ReplyNotUnderstood("the whole file came, but a range was asked for")
    got, size = _content_range(replies.required(headers, "Content-Range"))
    _check_range(got, size, asked.offset, asked.length, received=len(body))
    # In answer to a range Content-MD5 is the range's own hash; the stored one has a header of its own.
    properties = replies.file_properties(headers, size=size, stored_md5=headers.get("x-ms-content-md5"))
    return FileContent(properties, body, got, _checked_md5(response) if asked.md5 else None)


def _check_length(headers: Headers, name: str, length: int) -> None:
    declared = headers.get(name.lower())
    if declared is not None and replies.whole_number(declared, name) != length:
        raise ReplyNotUnderstood(f"{length} bytes came, but {name} says {declared}")


def _landed(parts: Sequence[memoryview], sink: memoryview | None) -> bytes | memoryview:
    """The content in one piece, in ``sink`` where there is one."""
    if sink is None:
        return parts[0] if len(parts) == 1 else b"".join(parts)
    position = 0
    for part in parts:
        end = position + len(part)
        if end > len(sink):
            raise ReplyNotUnderstood(f"the answer has {end} bytes or more, the buffer for it {len(sink)}")
        sink[position:end] = part
        position = end
    return sink[:position]


def _content_range(text: str) -> tuple[Range, int]:
    match = _CONTENT_RANGE.fullmatch(text)
    if not match:
        raise ReplyNotUnderstood(f"Content-Range is {text!r}, not bytes first-last/size")
    first, last, size = map(int, match.groups())
    if not first <= last < size:
        raise ReplyNotUnderstood(f"Content-Range {text!r} does not fit together")
    return Range(first, last - first + 1), size


def _check_range(got: Range, size: int, offset: int, length: int | None, *, received: int) -> None:
    end = size if length is None else min(offset + length, size)
    if (got.offset, got.end) != (offset, end):
        raise ReplyNotUnderstood(
            f"bytes {got.offset} to {got.end - 1} of {size} came, but {offset} to {end - 1} were asked for"
        )
    if received != got.length:
        raise ReplyNotUnderstood(f"{received} bytes came, but Content-Range says {got.length}")


def _checked_md5(response: Response) -> str:
    claimed = replies.required(response.headers, "Content-MD5")
    digest = hashlib.md5(response.body, usedforsecurity=False).digest()
    if claimed != base64.b64encode(digest).decode("ascii"):
        raise ReplyNotUnderstood("the bytes do not have the MD5 that came with them")
    return claimed
