"""File ids: a counter with its bits reversed, around one bit that every recorded id has."""

from __future__ import annotations

from typing import Final

_ID_BITS: Final = 64
_COUNTER_LOW_BITS: Final = 16  # of the counter lie on one side of the constant bit, all others on the other side
_LOW_SHIFT: Final = _ID_BITS - 1 - _COUNTER_LOW_BITS  # below the first bit
_HIGH_BITS: Final = _LOW_SHIFT - 1  # below the constant one
_CONSTANT: Final = 1 << (_ID_BITS - 1) | 1 << _HIGH_BITS
_MIRRORED: Final = tuple(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def file_id(number: int) -> int:
    """The id of the share's ``number``-th directory or file, counted from 1.

    The first seven agree with recordings of fresh shares (``0xC000400000000000``, ``0xA000...``, ``0xE000...`` and so
    on). How the service goes on after 65,535 is unverified; here ids stay different for every number.
    """
    low = _MIRRORED[number & 0xFF] << 8 | _MIRRORED[number >> 8 & 0xFF]
    high = number >> _COUNTER_LOW_BITS
    mirrored_high = int(f"{high:0{_HIGH_BITS}b}"[::-1], 2) if high else 0
    return _CONSTANT | low << _LOW_SHIFT | mirrored_high


__all__ = ["file_id"]
