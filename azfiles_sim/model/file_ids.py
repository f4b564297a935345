"""File ids: a counter with its bits reversed, around one bit that every recorded id has."""

from __future__ import annotations

from typing import Final

_ID_BITS: Final = 64
_COUNTER_LOW_BITS: Final = 16  # of the counter lie on one side of the constant bit, all others on the other side


def file_id(number: int) -> int:
    """The id of the share's ``number``-th directory or file, counted from 1.

    The first seven agree with recordings of fresh shares (``0xC000400000000000``, ``0xA000...``, ``0xE000...`` and so
    on). How the service goes on after 65,535 is unverified; here ids stay different for every number.
    """
    low = number & ((1 << _COUNTER_LOW_BITS) - 1)
    high = number >> _COUNTER_LOW_BITS
    bits = 1 | low << 1 | 1 << (_COUNTER_LOW_BITS + 1) | high << (_COUNTER_LOW_BITS + 2)
    return int(f"{bits:0{_ID_BITS}b}"[::-1], 2)


__all__ = ["file_id"]
