"""Structured bodies, XSM/1.0: content in numbered segments, each followed by its CRC64, and one of all content last.

Follows "Structured body format". All numbers are little endian. A frame is a tuple of buffers: content is not copied.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from azfiles.core.arguments import Pairs, choose
from azfiles.core.checksums import CRC64_BYTES, crc64, crc64_of
from azfiles.errors import ReplyNotUnderstood
from azfiles.messages import Buffer, Headers

CHECKSUMS = ("crc64",)
HEADER = ("x-ms-structured-body", "XSM/1.0; properties=crc64")
LENGTH_HEADER = "x-ms-structured-content-length"
FRAME_ROOM = 4096
"""How many bytes longer than 4 MiB of content its frame may be: the service sends one segment, which takes 39; this is
room for 200 of them.
"""

_VERSION = 1
_CRC64_FLAG = 1
# Version, length of the whole message, flags, number of segments.
_MESSAGE = struct.Struct("<BQHH")
# Number, counted from 1, and length of the content.
_SEGMENT = struct.Struct("<HQ")
_CRC64 = struct.Struct("<Q")


def check_checksum(name: str) -> str:
    """The one kind of checksum that a structured body can have."""
    return choose("checksum", name, CHECKSUMS)


def frame(content: Sequence[Buffer]) -> tuple[Buffer, ...]:
    """``content`` (4 MiB at most) as one segment in its frame."""
    size = sum(len(buffer) for buffer in content)
    length = _MESSAGE.size + _SEGMENT.size + size + 2 * CRC64_BYTES
    head = _MESSAGE.pack(_VERSION, length, _CRC64_FLAG, 1) + _SEGMENT.pack(1, size)
    # Of one segment, its own checksum and that of all content are the same.
    checksum = _CRC64.pack(crc64_of(content))
    return head, *content, checksum * 2


def frame_headers(content_length: int) -> Pairs:
    """What says that a request's body is framed, and how long its content is."""
    return HEADER, (LENGTH_HEADER, str(content_length))


def check_echo(headers: Headers) -> None:
    """The service repeats the header where it has read, or written, a structured body."""
    echo = headers.get(HEADER[0])
    if echo is None or echo.replace(" ", "").lower() != HEADER[1].replace(" ", "").lower():
        raise ReplyNotUnderstood(f"{HEADER[0]} is {echo!r}, so the checksum was not used")


def unframe(message: bytes | memoryview) -> list[memoryview]:
    """The content of each segment, all checksums checked."""
    view = memoryview(message)
    position, count = _header(view)
    segments: list[memoryview] = []
    whole = 0
    for number in range(1, count + 1):
        end = position + _SEGMENT.size
        found, size = _SEGMENT.unpack(_part(view, position, _SEGMENT.size))
        if found != number:
            raise ReplyNotUnderstood(f"segment {found} of the structured body came where {number} was due")
        content = _part(view, end, size)
        checksum = crc64(content)
        if bytes(_part(view, end + size, CRC64_BYTES)) != _CRC64.pack(checksum):
            raise ReplyNotUnderstood(f"segment {number} of the structured body does not have its CRC64")
        # Most messages have one segment, whose checksum is that of all content: nothing to reckon twice.
        whole = checksum if number == 1 else crc64(content, whole)
        segments.append(content)
        position = end + size + CRC64_BYTES
    if bytes(_part(view, position, CRC64_BYTES)) != _CRC64.pack(whole):
        raise ReplyNotUnderstood("the structured body does not have the CRC64 that came with it")
    if position + CRC64_BYTES != len(view):
        raise ReplyNotUnderstood("something follows the end of the structured body")
    return segments


def _header(view: memoryview) -> tuple[int, int]:
    version, length, flags, count = _MESSAGE.unpack(_part(view, 0, _MESSAGE.size))
    if version != _VERSION or flags != _CRC64_FLAG:
        raise ReplyNotUnderstood(f"a structured body of version {version} with flags {flags} came, not 1 with 1")
    if length != len(view):
        raise ReplyNotUnderstood(f"the structured body says {length} bytes, but has {len(view)}")
    return _MESSAGE.size, count


def _part(view: memoryview, start: int, size: int) -> memoryview:
    part = view[start : start + size]
    if len(part) != size:
        raise ReplyNotUnderstood("the structured body ends too early")
    return part
