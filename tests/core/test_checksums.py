"""CRC64 and structured bodies, against the published check value, a naive reckoning and the official library's frames."""

from __future__ import annotations

import io
import struct
import sys
import types

import pytest
from azure.storage.fileshare._shared import streams
from hypothesis import example, given
from hypothesis import strategies as st

from azfiles.core import checksums, files, ranges, reading, structured
from azfiles.core.checksums import crc64, crc64_of, pure_crc64
from azfiles.errors import InvalidArgument, ReplyNotUnderstood, RequestNotSent
from azfiles.models import Range

from .builders import answer, headers_of, request_of, response

NEWEST = "2026-10-06"
F = ("d", "f")
ECHO = ("x-ms-structured-body", "XSM/1.0; properties=crc64")
CHECK = 0xAE8B14860A799888  # published for CRC-64/NVME of "123456789"


def bit_by_bit(data: bytes, previous: int = 0) -> int:
    state = previous ^ (2**64 - 1)
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = (state >> 1) ^ (0x9A6C9329AC4BC9B5 if state & 1 else 0)
    return state ^ (2**64 - 1)


def framed(*segments: bytes) -> bytes:
    """A structured body, made by hand."""
    parts = [
        struct.pack("<HQ", number, len(segment)) + segment + struct.pack("<Q", bit_by_bit(segment))
        for number, segment in enumerate(segments, 1)
    ]
    tail = struct.pack("<Q", bit_by_bit(b"".join(segments)))
    length = 13 + sum(map(len, parts)) + 8
    return struct.pack("<BQHH", 1, length, 1, len(segments)) + b"".join(parts) + tail


def test_the_published_check_value_comes_out():
    assert crc64(b"123456789") == pure_crc64(b"123456789") == CHECK
    assert pure_crc64(b"") == 0


@given(st.binary(max_size=2000), st.integers(0, 2**64 - 1))
@example(bytes(255), 0)
@example(bytes(256), 0)
@example(bytes(257), 1)
@example(bytes(range(256)) * 20, 5)
def test_the_checksum_is_that_of_a_reckoning_bit_by_bit(data, previous):
    assert pure_crc64(data, previous) == bit_by_bit(data, previous)


@given(st.lists(st.binary(max_size=600), max_size=4))
def test_a_checksum_goes_on_from_buffer_to_buffer(parts):
    assert crc64_of(map(memoryview, parts)) == bit_by_bit(b"".join(parts))


def test_the_library_is_used_where_it_is_installed(monkeypatch):
    library = types.ModuleType("awscrt.checksums")
    library.crc64nvme = lambda data, previous: 7
    monkeypatch.setitem(sys.modules, "awscrt", types.ModuleType("awscrt"))
    monkeypatch.setitem(sys.modules, "awscrt.checksums", library)
    checksums._implementation.cache_clear()
    try:
        assert crc64(b"x") == 7
    finally:
        checksums._implementation.cache_clear()


def test_the_checksum_without_the_library_is_the_pure_one(monkeypatch):
    monkeypatch.setitem(sys.modules, "awscrt.checksums", None)
    checksums._implementation.cache_clear()
    try:
        assert checksums._implementation() is pure_crc64
    finally:
        checksums._implementation.cache_clear()


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=3))
def test_a_frame_is_what_the_format_says(content):
    assert b"".join(structured.frame(content)) == framed(b"".join(content))


def test_the_official_librarys_frame_is_the_same(monkeypatch):
    monkeypatch.setattr(streams, "calculate_crc64", pure_crc64)
    content = bytes(range(256)) * 8
    theirs = streams.StructuredMessageEncodeStream(
        io.BytesIO(content), len(content), streams.StructuredMessageProperties.CRC64
    )
    assert b"".join(structured.frame([content])) == theirs.read()


@given(st.lists(st.binary(max_size=300), max_size=4))
def test_what_is_framed_is_read_back(segments):
    assert [bytes(part) for part in structured.unframe(framed(*segments))] == segments


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=3), st.data())
def test_no_changed_bit_and_no_cut_goes_unseen(segments, data):
    message = bytearray(framed(*segments))
    place = data.draw(st.integers(0, len(message) * 8 - 1))
    message[place // 8] ^= 1 << place % 8
    with pytest.raises(ReplyNotUnderstood):
        structured.unframe(bytes(message))
    whole = framed(*segments)
    for wrong in (whole[: data.draw(st.integers(0, len(whole) - 1))], whole + b"x"):
        with pytest.raises(ReplyNotUnderstood):
            structured.unframe(wrong)


def test_a_body_that_goes_on_after_its_end_is_not_understood():
    whole = framed(b"abc")
    longer = struct.pack("<BQHH", 1, len(whole) + 1, 1, 1) + whole[13:] + b"x"
    with pytest.raises(ReplyNotUnderstood, match="follows the end"):
        structured.unframe(longer)


def test_a_range_is_written_in_a_frame_and_its_content_is_not_copied():
    data = b"hello, world"
    operation = ranges.put_range("share", F, 8, data, checksum="CRC64")
    assert headers_of(request_of(operation)) == {
        "x-ms-range": "bytes=8-19",
        "x-ms-write": "update",
        ECHO[0]: ECHO[1],
        "x-ms-structured-content-length": "12",
        "Content-Length": str(12 + 39),
    }
    assert operation.body[1] is data
    assert b"".join(operation.body) == framed(data)
    assert answer(operation, response(201, ECHO)).etag
    for echo in ((), (("x-ms-structured-body", "XSM/2.0"),)):
        with pytest.raises(ReplyNotUnderstood, match="was not used"):
            answer(operation, response(201, *echo))
    with pytest.raises(RequestNotSent, match="structured body"):
        request_of(operation, api_version="2024-11-04")


def test_a_file_is_created_with_framed_data():
    operation = files.create_file("share", F, 3, data=b"abc", checksum="crc64")
    sent = headers_of(request_of(operation, api_version=NEWEST))
    assert sent["x-ms-content-length"] == sent["x-ms-structured-content-length"] == "3"
    assert b"".join(operation.body) == framed(b"abc")
    assert answer(operation, response(201, ECHO)).etag
    with pytest.raises(ReplyNotUnderstood, match="was not used"):
        answer(operation, response(201))


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: ranges.put_range("share", F, 0, b"x", checksum="md5"), "crc64"),
        (lambda: ranges.put_range("share", F, 0, b"x", checksum="crc64", content_md5=True), "one of the two"),
        (lambda: files.create_file("share", F, 1, checksum="crc64"), "none was given"),
        (
            lambda: files.create_file("share", F, 1, data=b"x", checksum="crc64", content_md5=bytes(16)),
            "one of the two",
        ),
        (lambda: reading.get_file("share", F, 0, 1, checksum="crc64", range_md5=True), "one of the two"),
    ],
)
def test_two_guards_or_an_unknown_one_are_refused(make, word):
    with pytest.raises(InvalidArgument, match=word):
        make()


def test_a_range_is_read_from_its_frame_and_lands_in_the_buffer():
    sink = bytearray(8)
    operation = reading.get_file("share", F, 4, 8, sink=sink, checksum="crc64")
    request = request_of(operation)
    assert headers_of(request) == {"x-ms-range": "bytes=4-11", ECHO[0]: ECHO[1]}
    assert request.sink is None
    place = ("Content-Range", "bytes 4-9/10")
    length = ("x-ms-structured-content-length", "6")
    found = answer(operation, response(206, ECHO, place, length, body=framed(b"ab", b"", b"cdef")))
    assert (bytes(found.content), bytes(sink), found.range) == (b"abcdef", b"abcdef\0\0", Range(4, 6))
    for reply in (
        response(206, place, body=framed(b"abcdef")),
        response(206, ECHO, place, ("x-ms-structured-content-length", "7"), body=framed(b"abcdef")),
        response(206, ECHO, place, body=framed(b"abcdefghi")),
        response(206, ECHO, place, body=b"abcdef"),
    ):
        with pytest.raises(ReplyNotUnderstood):
            answer(operation, reply)


@pytest.mark.parametrize("segments", [(), (b"",), (b"abc",), (b"ab", b"c")])
def test_a_whole_file_is_read_from_its_frame(segments):
    operation = reading.get_file("share", F, checksum="crc64")
    found = answer(operation, response(200, ECHO, body=framed(*segments)))
    assert bytes(found.content) == b"".join(segments)
    assert found.properties.size == len(b"".join(segments))
