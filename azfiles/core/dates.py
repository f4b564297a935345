"""Times on the wire: RFC 1123 in HTTP headers, ISO 8601 with seven fractional digits everywhere else. Always UTC.

Written by hand because ``strftime`` and its reverse follow the locale and know six digits.
"""

from __future__ import annotations

import functools
import re
from datetime import UTC, date, datetime

from azfiles.errors import InvalidArgument, ReplyNotUnderstood

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_RFC1123 = re.compile(
    rf"(?:{'|'.join(_DAYS)}), (\d\d) ({'|'.join(_MONTHS)}) (\d{{4}}) (\d\d):(\d\d):(\d\d) GMT", re.ASCII
)
_ISO = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{1,7})?Z", re.ASCII)


def format_http_date(moment: datetime) -> str:
    """``Thu, 09 May 2019 01:34:42 GMT``"""
    at = _in_utc(moment)
    return f"{_http_minute(at.year, at.month, at.day, at.hour, at.minute)}:{at.second:02} GMT"


@functools.lru_cache(maxsize=16)  # all requests of a minute say the same
def _http_minute(year: int, month: int, day: int, hour: int, minute: int) -> str:
    weekday = _DAYS[date(year, month, day).weekday()]
    return f"{weekday}, {day:02} {_MONTHS[month - 1]} {year:04} {hour:02}:{minute:02}"


def format_seconds(moment: datetime) -> str:
    """``2019-05-09T01:34:42Z``: what signatures and policies hold; parts of a second are cut off."""
    at = _in_utc(moment)
    return f"{at.year:04}-{at.month:02}-{at.day:02}T{at.hour:02}:{at.minute:02}:{at.second:02}Z"


def format_ticks(moment: datetime) -> str:
    """``2019-05-09T01:34:42.1234560Z``: seven digits, the last one always 0."""
    return f"{format_seconds(moment)[:-1]}.{moment.microsecond:06}0Z"


def is_iso(text: str) -> bool:
    """Whether ``text`` is a moment as the service writes it, up to seven fractional digits and ``Z``."""
    return _from_iso(text) is not None


def parse_http_date(text: str, name: str) -> datetime:
    moment = _from_http_date(text)
    if moment is None:
        raise ReplyNotUnderstood(f"{name} is {text!r}, not an HTTP date")
    return moment


@functools.lru_cache(maxsize=256)  # in lists and under load the same seconds come again and again
def _from_http_date(text: str) -> datetime | None:
    match = _RFC1123.fullmatch(text)
    if not match:
        return None
    day, month, year, hour, minute, second = match.groups()
    try:
        return datetime(int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    except ValueError:
        return None


def parse_iso(text: str, name: str) -> datetime:
    """A moment with up to seven fractional digits; the seventh is cut off, because a datetime holds six."""
    moment = _from_iso(text)
    if moment is None:
        raise ReplyNotUnderstood(f"{name} is {text!r}, not a time like 2019-05-09T01:34:42.1234567Z")
    return moment


@functools.lru_cache(maxsize=256)  # a file that was not changed since it was made has one time three times
def _from_iso(text: str) -> datetime | None:
    """Python knows many more forms of ISO 8601, and is asked only about this one."""
    try:
        return datetime.fromisoformat(text) if _ISO.fullmatch(text) else None
    except ValueError:
        return None


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is UTC:
        return moment
    if moment.utcoffset() is None:
        raise InvalidArgument(f"time {moment.isoformat()} has no time zone; give an aware datetime")
    return moment.astimezone(UTC)
