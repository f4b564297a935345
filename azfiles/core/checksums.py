"""CRC-64/NVME, the checksum that the service knows as CRC64.

The extra ``checksums`` (awscrt) computes it in hardware. Without it, the same arithmetic is done on Python's long
integers: the first part of a message is multiplied by the remainder of the power of x that it stands before, and added
to the rest, which halves the message and keeps its checksum. That is some ten times faster than a table byte by byte.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import Any

from azfiles.messages import Buffer

CRC64_BYTES = 8

# The polynomial, its lowest power first, as all numbers here: bit 0 of the first byte is the highest power.
_POLYNOMIAL = 0x9A6C9329AC4BC9B5
_ONES = 0xFFFFFFFFFFFFFFFF
_ONE = 1 << 63
_SHORT_BYTES = 256


def crc64(data: Buffer, previous: int = 0) -> int:
    """The checksum of ``data`` after data whose checksum was ``previous``."""
    return _implementation()(data, previous)


def crc64_of(buffers: Iterable[Buffer]) -> int:
    """The checksum of several buffers, one after another."""
    value = 0
    for buffer in buffers:
        value = crc64(buffer, value)
    return value


def is_fast() -> bool:
    """Whether a library computes it, so that it costs next to nothing."""
    return _implementation() is not pure_crc64


@cache
def _implementation() -> Callable[[Buffer, int], int]:
    try:
        library: Any = importlib.import_module("awscrt.checksums")
    except ImportError:
        return pure_crc64

    def native(data: Buffer, previous: int) -> int:
        value: int = library.crc64nvme(data, previous)
        return value

    return native


def pure_crc64(data: Buffer, previous: int = 0) -> int:
    """The same as ``crc64``, without any library."""
    size = len(data)
    state = previous ^ _ONES
    if size >= _SHORT_BYTES:
        message = int.from_bytes(data, "little") ^ state
        while size >= _SHORT_BYTES:
            first = (size - CRC64_BYTES) // 2
            rest = size - first
            # Both are written with as many bits as the rest has, so the product moves up where it is shorter.
            product = _multiply(message & ((1 << 8 * first) - 1), _power(8 * rest))
            message = (message >> 8 * first) ^ (product << 8 * (rest - first - CRC64_BYTES))
            size = rest
        data, state = message.to_bytes(size, "little"), 0
    table = _table()
    for byte in data:
        state = table[(state ^ byte) & 0xFF] ^ (state >> 8)
    return state ^ _ONES


def _multiply(long: int, factor: int) -> int:
    """A long polynomial times one of 64 bits, with 64 bits more than the long one."""
    product = 0
    while factor:
        lowest = factor & -factor
        product ^= long << lowest.bit_length()
        factor ^= lowest
    return product


@lru_cache(maxsize=1024)
def _power(exponent: int) -> int:
    """The remainder of x to this power."""
    result, square = _ONE, _ONE >> 1
    while exponent:
        if exponent & 1:
            result = _times(result, square)
        square = _times(square, square)
        exponent >>= 1
    return result


def _times(left: int, right: int) -> int:
    """The product of two remainders, itself reduced."""
    product = 0
    while left:
        if left & _ONE:
            product ^= right
        left = (left << 1) & _ONES
        right = (right >> 1) ^ (_POLYNOMIAL if right & 1 else 0)
    return product


@cache
def _table() -> tuple[int, ...]:
    def entry(value: int) -> int:
        for _ in range(8):
            value = (value >> 1) ^ (_POLYNOMIAL if value & 1 else 0)
        return value

    return tuple(entry(byte) for byte in range(256))


__all__ = ["CRC64_BYTES", "crc64", "crc64_of", "is_fast", "pure_crc64"]
