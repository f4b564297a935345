"""CRC-64 as Azure Storage computes it (the one known as CRC-64/NVME): reflected, all ones before and after.

On the wire it is eight bytes, the lowest first. Where the extra ``checksums`` (awscrt) is installed, the processor computes
it; else it is done here, which is slow for large data.
"""

from __future__ import annotations

import importlib
import struct
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Final

from azfiles_sim.messages import Buffer

CRC64_BYTES: Final = 8
LANE_BYTES: Final = 4096
MANY_BYTES: Final = 256 << 10
"""From this length on the data is taken in lanes, which is several times as fast."""
_POLYNOMIAL: Final = 0x9A6C9329AC4BC9B5
_ONES: Final = (1 << 64) - 1


def _tables() -> tuple[tuple[int, ...], ...]:
    """Eight tables: the n-th says what a byte does to the register after n more bytes."""
    first: list[int] = []
    for byte in range(256):
        register = byte
        for _ in range(8):
            register = (register >> 1) ^ (_POLYNOMIAL if register & 1 else 0)
        first.append(register)
    tables = [tuple(first)]
    for _ in range(7):
        tables.append(tuple([first[register & 0xFF] ^ (register >> 8) for register in tables[-1]]))
    return tuple(tables)


_TABLES: Final = _tables()
_ROWS: Final = tuple(bytes([value >> shift & 0xFF for value in _TABLES[0]]) for shift in range(0, 64, 8))


def crc64(buffers: Iterable[Buffer], before: int = 0) -> int:
    """The checksum of the buffers one after another; ``before`` is that of what precedes them."""
    return _implementation()(buffers, before)


@cache
def _implementation() -> Callable[[Iterable[Buffer], int], int]:
    try:
        library: Any = importlib.import_module("awscrt.checksums")
    except ImportError:
        return pure_crc64

    def native(buffers: Iterable[Buffer], before: int) -> int:
        for buffer in buffers:
            before = library.crc64nvme(buffer, before)
        return before

    return native


def pure_crc64(buffers: Iterable[Buffer], before: int = 0) -> int:
    """The same as ``crc64``, without any library."""
    register = before ^ _ONES
    for buffer in buffers:
        view = memoryview(buffer)
        side_by_side = len(view) // LANE_BYTES * LANE_BYTES if len(view) >= MANY_BYTES else 0
        if side_by_side:
            register = _advance_lanes(register, bytes(view[:side_by_side]))
        register = _advance(register, view[side_by_side:])
    return register ^ _ONES


def crc64_bytes(checksum: int) -> bytes:
    """A checksum as it is sent."""
    return checksum.to_bytes(CRC64_BYTES, "little")


def _advance(register: int, view: memoryview) -> int:
    t0, t1, t2, t3, t4, t5, t6, t7 = _TABLES
    whole = len(view) & ~7
    for (word,) in struct.iter_unpack("<Q", view[:whole]):
        register ^= word
        register = (
            t7[register & 0xFF]
            ^ t6[register >> 8 & 0xFF]
            ^ t5[register >> 16 & 0xFF]
            ^ t4[register >> 24 & 0xFF]
            ^ t3[register >> 32 & 0xFF]
            ^ t2[register >> 40 & 0xFF]
            ^ t1[register >> 48 & 0xFF]
            ^ t0[register >> 56]
        )
    for byte in view[whole:]:
        register = t0[(register ^ byte) & 0xFF] ^ (register >> 8)
    return register


def _advance_lanes(register: int, data: bytes) -> int:
    """The same for many lanes of data side by side, each step being eight table look-ups of all lanes in C.

    The register's bytes lie in eight planes, one byte for each lane. Only the first lane starts with the register; the
    others start at zero, and are put together at the end.
    """
    lanes = len(data) // LANE_BYTES
    planes = [register >> shift & 0xFF for shift in range(0, 64, 8)]
    look_up, read = bytes.translate, int.from_bytes
    for step in range(LANE_BYTES):
        index = (planes[0] ^ read(data[step::LANE_BYTES], "little")).to_bytes(lanes, "little")
        planes = [
            above ^ read(look_up(index, row), "little") for above, row in zip((*planes[1:], 0), _ROWS, strict=True)
        ]
    columns = [plane.to_bytes(lanes, "little") for plane in planes]
    tables = _skip_tables()
    whole = 0
    for lane in zip(*columns, strict=True):
        skipped = 0
        for table, byte in zip(tables, whole.to_bytes(CRC64_BYTES, "little"), strict=True):
            skipped ^= table[byte]
        whole = skipped ^ read(bytes(lane), "little")
    return whole


@cache
def _skip_tables() -> tuple[tuple[int, ...], ...]:
    """For each byte of the register, what becomes of it after a lane of zeros."""
    zeros = memoryview(bytes(LANE_BYTES))
    bits = [_advance(1 << bit, zeros) for bit in range(64)]
    tables: list[tuple[int, ...]] = []
    for first in range(0, 64, 8):
        table = [0]
        for bit in bits[first : first + 8]:
            table += [value ^ bit for value in table]
        tables.append(tuple(table))
    return tuple(tables)


__all__ = ["CRC64_BYTES", "LANE_BYTES", "MANY_BYTES", "crc64", "crc64_bytes", "pure_crc64"]
