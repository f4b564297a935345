"""Numbers, times and names as people read them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

_UNITS: Final = ("B", "KiB", "MiB", "GiB", "TiB")
PERMISSIONS: Final[Mapping[str, str]] = {"r": "read", "c": "create", "w": "write", "d": "delete", "l": "list"}
"""What the letters of a shared access signature allow."""
_SPANS: Final = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def size(count: int) -> str:
    """``1536`` as ``1.5 KiB``."""
    amount, unit = float(count), 0
    while amount >= 1024 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    return f"{count} B" if unit == 0 else f"{amount:.1f} {_UNITS[unit]}"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """``1 file``, ``2 files``, ``2 directories``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def span(time: timedelta) -> str:
    """How long something is, in one unit, rounded down: ``3 hours``; ``no time`` where it is less than a second."""
    seconds = int(abs(time.total_seconds()))
    for length, noun in _SPANS:
        if seconds >= length:
            return count(seconds // length, noun)
    return "no time"


def relative(moment: datetime, now: datetime) -> str:
    """``3 hours ago``, ``in 2 days``, ``just now``."""
    if abs(moment - now) < timedelta(seconds=1):
        return "just now"
    return f"in {span(moment - now)}" if moment > now else f"{span(now - moment)} ago"


def local(moment: datetime) -> str:
    """A moment in the viewer's time zone, to the minute."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"


def shown(text: str) -> str:
    """A name that cannot do anything to a terminal: control characters and halves of characters are escaped."""
    if text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if unicodedata.category(character) in {"Cc", "Cf", "Cs"}
        else character
        for character in text
    )


__all__ = ["PERMISSIONS", "count", "local", "relative", "shown", "size", "span"]
