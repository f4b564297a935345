"""Times as the service has them: whole ticks of 100 ns, here counted from 1970, so that none is rounded on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from azfiles.core.dates import format_seconds, parse_iso
from azfiles.errors import InvalidArgument

NS_PER_TICK: Final = 100
_TICKS_PER_S: Final = 10_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def ticks_of(text: str) -> int:
    """A time as the service printed it."""
    fraction = text.partition(".")[2].removesuffix("Z").ljust(7, "0")[:7]
    return (parse_iso(text, "a time") - _EPOCH) // timedelta(seconds=1) * _TICKS_PER_S + int(fraction)


def iso_of(ticks: int) -> str:
    """A time as the service takes it; ``InvalidArgument`` for one that no calendar of four digits has."""
    seconds, fraction = divmod(ticks, _TICKS_PER_S)
    try:
        moment = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        raise InvalidArgument(f"a time {seconds} seconds from 1970 cannot be told to the service") from None
    return f"{format_seconds(moment)[:-1]}.{fraction:07}Z"


__all__ = ["NS_PER_TICK", "iso_of", "ticks_of"]
