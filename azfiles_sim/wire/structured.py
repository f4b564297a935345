"""Structured bodies: content cut into segments with a CRC64 each and one over all of it (``XSM/1.0``).

Little endian: a header (version, length of the whole message, flags, number of segments), then for each segment its
number from 1, its length, the content and its checksum, and at the end the checksum of all content.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final, NamedTuple

from azfiles_sim.messages import Buffer
from azfiles_sim.model.crc64 import CRC64_BYTES, crc64, crc64_bytes
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.limits import MAX_RANGE_BYTES
from azfiles_sim.wire.call import Call
from azfiles_sim.wire.headers import int_header
from azfiles_sim.wire.refusals import bad_header, missing_header, not_built

STRUCTURED: Final = "x-ms-structured-body"
STRUCTURED_LENGTH: Final = "x-ms-structured-content-length"
FORM: Final = "XSM/1.0; properties=crc64"
SEGMENT_BYTES: Final = 4 << 20
MAX_STRUCTURED_READ: Final = 256 << 20
"""A reply is put together as a whole, so no longer one is made."""

# (u) What a message that is none is refused with, and one whose checksums do not hold.
MALFORMED: Final = Code.INVALID_INPUT
DAMAGED: Final = Code.CRC64_MISMATCH

_HEADER: Final = struct.Struct("<BQHH")
_SEGMENT: Final = struct.Struct("<HQ")
_VERSION: Final = 1
_HAS_CRC64: Final = 1


class Payload(NamedTuple):
    """What a request's body carries: the content, and its length."""

    buffers: Sequence[Buffer]
    size: int


def read_payload(call: Call, plain: Sequence[Buffer]) -> Payload:
    """The content of a request's body, which ``plain`` is: taken out of the structured form where it has that.

    At most 4 MiB of content. Raises InvalidHeaderValue, MALFORMED or DAMAGED.
    """
    if not _is_structured(call):
        return Payload(plain, call.body_size)
    size = int_header(call, STRUCTURED_LENGTH, maximum=MAX_RANGE_BYTES)
    if size is None:
        raise missing_header(STRUCTURED_LENGTH)
    buffers = decode_message(plain)
    if sum(map(len, buffers)) != size:
        raise bad_header(STRUCTURED_LENGTH, call.headers[STRUCTURED_LENGTH])
    return Payload(buffers, size)


def structured_reply(call: Call, views: Sequence[memoryview], size: int) -> Sequence[memoryview] | None:
    """A reply's content in structured form if the request asks for it."""
    if not _is_structured(call):
        return None
    if size > MAX_STRUCTURED_READ:
        raise not_built(f"More than {MAX_STRUCTURED_READ} bytes with the header {STRUCTURED}", call.operation)
    return encode_message(views, size)


def _is_structured(call: Call) -> bool:
    text = call.headers.get(STRUCTURED)
    if text is None:
        return False
    if "".join(text.lower().split()) != FORM.lower().replace(" ", ""):
        raise bad_header(STRUCTURED, text)
    return True


def message_size(size: int) -> int:
    """The length of the message that carries ``size`` bytes."""
    segments = _segments(size)
    return _HEADER.size + segments * (_SEGMENT.size + CRC64_BYTES) + size + CRC64_BYTES


def _segments(size: int) -> int:
    return max(1, -(-size // SEGMENT_BYTES))


def encode_message(views: Sequence[memoryview], size: int) -> list[memoryview]:
    """The message that carries ``views``; they are not copied."""
    pieces = [memoryview(_HEADER.pack(_VERSION, message_size(size), _HAS_CRC64, _segments(size)))]
    rest = _Reader(views)
    whole = 0
    for number in range(1, _segments(size) + 1):
        length = min(SEGMENT_BYTES, size - (number - 1) * SEGMENT_BYTES)
        content = rest.take(length)
        whole = crc64(content, whole)
        checksum = whole if _segments(size) == 1 else crc64(content)
        pieces += (memoryview(_SEGMENT.pack(number, length)), *content, memoryview(crc64_bytes(checksum)))
    pieces.append(memoryview(crc64_bytes(whole)))
    return pieces


class _Reader:
    """Hands out views piece by piece."""

    def __init__(self, views: Sequence[memoryview]) -> None:
        self._views = iter(views)
        self._left = memoryview(b"")

    def take(self, length: int) -> list[memoryview]:
        taken: list[memoryview] = []
        while length:
            if not self._left:
                self._left = next(self._views)
            piece = self._left[:length]
            self._left = self._left[length:]
            length -= len(piece)
            taken.append(piece)
        return taken


def decode_message(buffers: Sequence[Buffer]) -> list[memoryview]:
    """The content of a message, as views of it. Raises MALFORMED or DAMAGED."""
    message = memoryview(buffers[0] if len(buffers) == 1 and type(buffers[0]) is bytes else b"".join(buffers))
    try:
        version, length, flags, segments = _HEADER.unpack_from(message)
    except struct.error:
        raise ServiceError(MALFORMED) from None
    if version != _VERSION or length != len(message) or flags > _HAS_CRC64:
        raise ServiceError(MALFORMED)
    tail = CRC64_BYTES if flags else 0
    content: list[memoryview] = []
    checksum, offset = 0, _HEADER.size
    for expected in range(1, segments + 1):
        if offset + _SEGMENT.size > len(message):
            raise ServiceError(MALFORMED)
        number, size = _SEGMENT.unpack_from(message, offset)
        offset += _SEGMENT.size
        if number != expected or size + tail > len(message) - offset:
            raise ServiceError(MALFORMED)
        piece = message[offset : offset + size]
        offset += size + tail
        content.append(piece)
        if tail:
            own = crc64((piece,))
            if bytes(message[offset - tail : offset]) != crc64_bytes(own):
                raise ServiceError(DAMAGED)
            checksum = own if expected == 1 else crc64((piece,), checksum)
    if offset + tail != len(message):
        raise ServiceError(MALFORMED)
    if tail and bytes(message[offset:]) != crc64_bytes(checksum):
        raise ServiceError(DAMAGED)
    return content


__all__ = [
    "FORM",
    "STRUCTURED",
    "STRUCTURED_LENGTH",
    "decode_message",
    "encode_message",
    "message_size",
    "read_payload",
    "structured_reply",
]
