"""Times on the wire."""

from __future__ import annotations

import email.utils
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azfiles.core.dates import format_http_date, format_seconds, format_ticks, is_iso, parse_http_date, parse_iso
from azfiles.errors import InvalidArgument, ReplyNotUnderstood

moments = st.datetimes(timezones=st.just(UTC))


@given(moments)
def test_an_http_date_is_what_the_standard_library_writes_and_reads_back(moment: datetime):
    whole = moment.replace(microsecond=0)
    if moment.year > 999:
        assert format_http_date(moment) == email.utils.format_datetime(whole, usegmt=True)
    assert parse_http_date(format_http_date(moment), "Date") == whole


@given(moments)
def test_a_time_with_seven_digits_reads_back(moment: datetime):
    text = format_ticks(moment)
    assert len(text) == len("2019-05-09T01:34:42.1234567Z")
    assert is_iso(text)
    assert parse_iso(text, "x") == moment
    assert parse_iso(format_seconds(moment), "x") == moment.replace(microsecond=0)


def test_the_seventh_digit_is_cut_off_not_rounded():
    assert parse_iso("2019-05-09T01:34:42.1234569Z", "x").microsecond == 123456
    assert parse_iso("2019-05-09T01:34:42.5Z", "x").microsecond == 500000


def test_other_zones_are_turned_into_utc_and_no_zone_is_refused():
    there = datetime(2019, 5, 9, 3, 34, 42, tzinfo=timezone(timedelta(hours=2)))
    assert format_http_date(there) == "Thu, 09 May 2019 01:34:42 GMT"
    assert format_seconds(there) == "2019-05-09T01:34:42Z"
    with pytest.raises(InvalidArgument, match="time zone"):
        format_seconds(there.replace(tzinfo=None))


@pytest.mark.parametrize(
    "text", ["", "2019", "Thu, 31 Feb 2019 01:34:42 GMT", "thu, 09 May 2019 01:34:42 GMT", "Thu, 09 May 2019 01:34:42"]
)
def test_what_is_no_http_date_is_not_understood(text: str):
    with pytest.raises(ReplyNotUnderstood, match="Last-Modified"):
        parse_http_date(text, "Last-Modified")


@pytest.mark.parametrize(
    "text", ["", "2019-02-30T00:00:00Z", "2019-05-09T01:34:42", "2019-05-09T01:34:42.12345678Z", "2019-05-09 01:34:42Z"]
)
def test_what_is_no_time_is_not_understood(text: str):
    assert not is_iso(text)
    with pytest.raises(ReplyNotUnderstood, match="CreationTime"):
        parse_iso(text, "CreationTime")
