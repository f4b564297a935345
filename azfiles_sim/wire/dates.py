"""Instants as HTTP writes them: RFC 1123 dates, ISO times of seven digits, ETags. All from and to ticks.

A tick is 100 ns since 0001-01-01 UTC. Texts of whole seconds are cached, because a busy second asks for the same
text thousands of times.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Final

from azfiles_sim.model.entities import TICKS_PER_SECOND, Ticks

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_NUMBERS: Final = {name.lower(): number for number, name in enumerate(_MONTHS, start=1)}
_SECONDS_PER_DAY: Final = 86_400
_FILE_TIME_EPOCH: Final = (date(1601, 1, 1).toordinal() - 1) * _SECONDS_PER_DAY * TICKS_PER_SECOND
_FILE_TIME: Final = re.compile(r"[0-9A-Fa-f]{16}", re.ASCII)

_RFC_1123: Final = re.compile(
    r"[A-Za-z]{3}, ([0-9]{1,2}) ([A-Za-z]{3}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT", re.ASCII
)
_ISO: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,7}))?)?Z)?", re.ASCII
)


@lru_cache(maxsize=4096)
def _http_date_of_second(second: int) -> str:
    days, rest = divmod(second, _SECONDS_PER_DAY)
    day = date.fromordinal(days + 1)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    name, month = _DAYS[day.weekday()], _MONTHS[day.month - 1]
    return f"{name}, {day.day:02d} {month} {day.year:04d} {hours:02d}:{minutes:02d}:{seconds:02d} GMT"


@lru_cache(maxsize=4096)
def _iso_of_second(second: int) -> str:
    days, rest = divmod(second, _SECONDS_PER_DAY)
    day = date.fromordinal(days + 1)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{day.year:04d}-{day.month:02d}-{day.day:02d}T{hours:02d}:{minutes:02d}:{seconds:02d}"


def http_date(ticks: Ticks) -> str:
    """``Thu, 09 May 2019 01:34:42 GMT``: cut down to whole seconds, as ``Last-Modified`` is."""
    return _http_date_of_second(ticks // TICKS_PER_SECOND)


@lru_cache(maxsize=4096)
def iso_time(ticks: Ticks) -> str:
    """``2019-05-09T01:34:04.1234567Z``: always seven digits."""
    second, fraction = divmod(ticks, TICKS_PER_SECOND)
    return f"{_iso_of_second(second)}.{fraction:07d}Z"


def etag(stamp: Ticks) -> str:
    """The ETag of what was last changed at ``stamp``, its quotes included."""
    return f'"0x{stamp:X}"'


@lru_cache(maxsize=1024)
def parse_http_date(text: str) -> Ticks | None:
    """The instant of an RFC 1123 date, or ``None`` where the text is none. The day's name is not checked."""
    match = _RFC_1123.fullmatch(text)
    if match is None:
        return None
    day, month, year, hours, minutes, seconds = match.groups()
    number = _MONTH_NUMBERS.get(month.lower())
    if number is None:
        return None
    return _ticks(int(year), number, int(day), int(hours), int(minutes), int(seconds), 0)


@lru_cache(maxsize=1024)
def parse_iso_time(text: str) -> Ticks | None:
    """The instant of ``YYYY-MM-DD[Thh:mm[:ss[.fffffff]]Z]``, or ``None`` where the text is none."""
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hours, minutes, seconds, fraction = match.groups()
    return _ticks(
        int(year),
        int(month),
        int(day),
        int(hours or 0),
        int(minutes or 0),
        int(seconds or 0),
        int((fraction or "").ljust(7, "0")),
    )


def parse_full_iso_time(text: str) -> Ticks | None:
    """As ``parse_iso_time``, but the seconds must be there: the form of time headers and snapshots."""
    return parse_iso_time(text) if text.count(":") == 2 else None


def file_time(ticks: Ticks) -> str:
    """A Windows file time (100 ns since 1601) in 16 hexadecimal digits: the version of a deleted share."""
    return f"{ticks - _FILE_TIME_EPOCH:016X}"


def parse_file_time(text: str) -> Ticks | None:
    """The instant of a file time in 16 hexadecimal digits, or ``None`` where the text is none."""
    return int(text, 16) + _FILE_TIME_EPOCH if _FILE_TIME.fullmatch(text) else None


def _ticks(year: int, month: int, day: int, hours: int, minutes: int, seconds: int, fraction: int) -> Ticks | None:
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    try:
        days = date(year, month, day).toordinal() - 1
    except ValueError:
        return None
    second = days * _SECONDS_PER_DAY + hours * 3600 + minutes * 60 + seconds
    return second * TICKS_PER_SECOND + fraction


__all__ = [
    "etag",
    "file_time",
    "http_date",
    "iso_time",
    "parse_file_time",
    "parse_full_iso_time",
    "parse_http_date",
    "parse_iso_time",
]
