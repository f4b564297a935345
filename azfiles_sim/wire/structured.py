"""Structured bodies: content cut into segments with a CRC64 each and one over all of it (``XSM/1.0``).

Little endian: a header (version, length of the whole message, flags, number of segments), then for each segment its
number from 1, its length, the content and its checksum, and at the end the checksum of all content.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple, overload

from azfiles_sim.messages import Buffer, is_kept_as_it_is
from azfiles_sim.model.crc64 import CRC64_BYTES, crc64, crc64_bytes
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.limits import MAX_RANGE_BYTES
from azfiles_sim.wire import gaps
from azfiles_sim.wire.call import Call
from azfiles_sim.wire.headers import int_header
from azfiles_sim.wire.refusals import bad_header, missing_header, not_built

STRUCTURED: Final = "x-ms-structured-body"
STRUCTURED_LENGTH: Final = "x-ms-structured-content-length"
FORM: Final = "XSM/1.0; properties=crc64"
SEGMENT_BYTES: Final = 4 << 20
MAX_SEGMENTS: Final = 0xFFFF  # the header has 16 bits for their number
MAX_AT_ONCE: Final = 32 << 20
"""Up to this size a reply is put together at once; a longer one segment by segment, as it is sent."""

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
    if _segments(size) > MAX_SEGMENTS:
        raise not_built(gaps.STRUCTURED_SIZE, call.operation)
    return encode_message(views, size) if size <= MAX_AT_ONCE else LongMessage(views, size)


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
    return [piece for part in _parts(views, size) for piece in part]


def _parts(views: Sequence[memoryview], size: int) -> Iterator[list[memoryview]]:
    """The header, the segments one after another, and the checksum at the end, each in pieces."""
    yield [memoryview(_HEADER.pack(_VERSION, message_size(size), _HAS_CRC64, _segments(size)))]
    rest = _Reader(views)
    whole = 0
    for number in range(1, _segments(size) + 1):
        length = min(SEGMENT_BYTES, size - (number - 1) * SEGMENT_BYTES)
        content = rest.take(length)
        own = crc64(content)
        whole = own if number == 1 else crc64(content, whole)
        yield [memoryview(_SEGMENT.pack(number, length)), *content, memoryview(crc64_bytes(own))]
    yield [memoryview(crc64_bytes(whole))]


class LongMessage(Sequence[memoryview]):
    """A message that is made while it is read: its items are the header, the segments, and the checksum at the end."""

    __slots__ = ("_size", "_views")

    def __init__(self, views: Sequence[memoryview], size: int) -> None:
        self._views = views
        self._size = size

    def __len__(self) -> int:
        return _segments(self._size) + 2

    def __iter__(self) -> Iterator[memoryview]:
        return (part[0] if len(part) == 1 else memoryview(b"".join(part)) for part in _parts(self._views, self._size))

    @overload
    def __getitem__(self, index: int) -> memoryview: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[memoryview]: ...
    def __getitem__(self, index: int | slice) -> memoryview | Sequence[memoryview]:
        """Reads from the beginning up to there: a message is for reading in its order."""
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return next(islice(iter(self), index % len(self), None))


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
    kept = len(buffers) == 1 and is_kept_as_it_is(buffers[0])
    message = memoryview(buffers[0] if kept else b"".join(buffers))
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
    "MAX_AT_ONCE",
    "STRUCTURED",
    "STRUCTURED_LENGTH",
    "LongMessage",
    "decode_message",
    "encode_message",
    "message_size",
    "read_payload",
    "structured_reply",
]
