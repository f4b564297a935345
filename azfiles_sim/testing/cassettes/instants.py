"""Instants as the service writes them, and as counts of 100 ns since 0001-01-01 UTC.

Written here once more, apart from client and simulator, so that the referee trusts neither.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

SECOND = 10_000_000
_ZERO = datetime(1, 1, 1, tzinfo=UTC)
UNIX_EPOCH = (datetime(1970, 1, 1, tzinfo=UTC) - _ZERO) // timedelta(microseconds=1) * 10
_ETAG = re.compile(r'"0x([0-9A-F]{15})"')
_FILE_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{7})Z")
_GIVEN_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,7}))?Z")
_SNAPSHOT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.0000000Z")
_HTTP_DATE = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")


def _ticks(moment: datetime) -> int:
    return (moment - _ZERO) // timedelta(microseconds=1) * 10


def from_etag(text: str) -> int:
    if not (match := _ETAG.fullmatch(text)):
        raise ValueError(f"not an ETag of the service: {text}")
    return int(match[1], 16)


def from_file_time(text: str) -> int:
    if not (match := _FILE_TIME.fullmatch(text)):
        raise ValueError(f"not a time with seven digits: {text}")
    return _ticks(datetime.fromisoformat(match[1] + "+00:00")) + int(match[2])


def from_given_time(text: str) -> int | None:
    """A time as a client may write it, with up to seven digits; ``None`` for a word like ``Now``."""
    if not (match := _GIVEN_TIME.fullmatch(text)):
        return None
    return told(from_file_time, f"{match[1]}.{(match[2] or '').ljust(7, '0')}Z")


def from_snapshot(text: str) -> int:
    if not _SNAPSHOT.fullmatch(text):
        raise ValueError(f"not a snapshot of a whole second: {text}")
    return from_file_time(text)


def from_http_date(text: str) -> int:
    if not _HTTP_DATE.fullmatch(text):
        raise ValueError(f"not an HTTP date: {text}")
    return _ticks(parsedate_to_datetime(text))


def to_http_date(ticks: int) -> str:
    return format_datetime(_ZERO + timedelta(microseconds=ticks // SECOND * 1_000_000), usegmt=True)


def to_file_time(ticks: int) -> str:
    whole = _ZERO + timedelta(microseconds=ticks // SECOND * 1_000_000)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{ticks % SECOND:07}Z"


def told(read: Callable[[str], int], text: str | None) -> int | None:
    """The instant that a text says, ``None`` where it says none: comparing will report what is wrong with its form."""
    try:
        return read(text) if text else None
    except ValueError:
        return None
