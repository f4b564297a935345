"""Dates, ETags, markers and redaction, each against another implementation."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from azfiles_sim.model.errors import ServiceError
from azfiles_sim.model.stamps import ticks_from_datetime
from azfiles_sim.wire.addressing import Located
from azfiles_sim.wire.dates import etag, http_date, iso_time, parse_full_iso_time, parse_http_date, parse_iso_time
from azfiles_sim.wire.headers import parse_guid
from azfiles_sim.wire.markers import decode_marker, encode_marker
from azfiles_sim.wire.query import parse_query
from azfiles_sim.wire.redaction import redact_target, redact_text
from azfiles_sim.wire.xml_writer import attribute, element

instants = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds


@given(instants)
def test_dates_are_those_of_the_standard_library_and_read_back(instant: datetime) -> None:
    ticks = ticks_from_datetime(instant)
    assert http_date(ticks) == format_datetime(instant.replace(microsecond=0), usegmt=True)
    assert parse_http_date(http_date(ticks)) == ticks - ticks % 10_000_000
    assert (
        iso_time(ticks)
        == instant.strftime("%Y").rjust(4, "0") + instant.strftime("-%m-%dT%H:%M:%S.") + f"{instant.microsecond:06d}0Z"
    )
    assert parse_full_iso_time(iso_time(ticks)) == ticks


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-04", datetime(2026, 5, 4, tzinfo=UTC)),
        ("2026-05-04T03:02Z", datetime(2026, 5, 4, 3, 2, tzinfo=UTC)),
        ("2026-05-04T03:02:01Z", datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)),
        ("2026-05-04T03:02:01.5Z", datetime(2026, 5, 4, 3, 2, 1, 500_000, tzinfo=UTC)),
        ("2026-05-04T03:02:01", None),
        ("2026-05-04T03:02:61Z", None),
        ("0000-01-01", None),
        ("", None),
    ],
)
def test_iso_times_may_be_shorter(text: str, expected: datetime | None) -> None:
    assert parse_iso_time(text) == (None if expected is None else ticks_from_datetime(expected))


@pytest.mark.parametrize(
    "text", ["", "Mon, 31 Feb 2026 00:00:00 GMT", "Mon, 04 Mai 2026 00:00:00 GMT", "Mon, 04 May 2026 00:00:00"]
)
def test_what_is_no_http_date_is_none(text: str) -> None:
    assert parse_http_date(text) is None


def test_an_etag_is_the_recorded_form() -> None:
    assert etag(ticks_from_datetime(datetime(2025, 8, 11, 5, 36, 39, 730212, UTC)) + 2) == '"0x8DDD8990BDFF96A"'


@given(st.text(min_size=1))
@example("filea2")
def test_a_marker_is_base64_with_its_length_and_reads_back(name: str) -> None:
    marker = encode_marker(name)
    one, length, encoded = marker.split("!")
    assert (one, int(length)) == ("1", len(encoded))
    assert base64.b64decode(encoded.replace("-", "=")) == name.encode()
    assert decode_marker(marker) == name


def test_a_marker_of_bytes_that_are_no_text_is_refused() -> None:
    with pytest.raises(ServiceError):
        decode_marker("1!4!/w--")


@pytest.mark.parametrize(
    "text", ["", "abc", "8f5b6f33-0b6d-4f0e-9a4e-3c1a2b3c4d5", "{8f5b6f330b6d4f0e9a4e3c1a2b3c4d5e}"]
)
def test_what_is_no_guid_is_none(text: str) -> None:
    assert parse_guid(text) is None


@given(st.text(), st.from_regex(r"[A-Za-z0-9+/]{20}", fullmatch=True))
def test_a_signature_does_not_survive_redaction_wherever_it_stands(noise: str, secret: str) -> None:
    for text in (
        f"https://a/b?{noise}&sig={secret}",
        f"?sig={secret}",
        f"sig={secret} {noise}",
        f"x\nsig:{secret}\n{noise}",
    ):
        assert secret not in redact_text(text)
    assert secret not in redact_target(f"/a?x=1&SIG={secret}&s%69g={secret}")
    assert redact_target("/a/b") == "/a/b"


def test_a_located_source_does_not_show_its_query() -> None:
    assert "SECRET" not in repr(Located("a", (b"SECRET",), ("b",), parse_query("sig=SECRET")))


def test_xml_text_is_escaped_and_what_xml_cannot_hold_is_replaced() -> None:
    assert element("a", 'x<&>"') == '<a>x&lt;&amp;&gt;"</a>'
    assert element("a", "\x01\ud800\ufffe") == "<a>\ufffd\ufffd\ufffd</a>"
    assert element("a", "") == "<a />"
    assert attribute('"<') == "&quot;&lt;"
