"""Structured bodies: both ways, against an own reading of the layout and the official SDK's coder."""

from __future__ import annotations

import struct
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azfiles_sim.model.crc64 import crc64
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.wire import structured
from azfiles_sim.wire.structured import LongMessage, decode_message, encode_message, message_size

from .asking import CREATE, UPDATE, Asker, code, content, header

FORM = ("x-ms-structured-body", "XSM/1.0; properties=crc64")
TARGET = "/data/d/f?comp=range"


def message(*segments: bytes, flags: int = 1) -> bytes:
    """The layout written out from its description."""

    def checksum(data: bytes) -> bytes:
        return struct.pack("<Q", crc64([data])) if flags else b""

    body = b"".join(
        struct.pack("<HQ", number, len(data)) + data + checksum(data) for number, data in enumerate(segments, 1)
    )
    body += checksum(b"".join(segments))
    return struct.pack("<BQHH", 1, 13 + len(body), flags, len(segments)) + body


def put(asker: Asker, body: bytes, size: int, *more: tuple[str, str], version: str = "2026-10-06"):
    headers = (("x-ms-write", "update"), ("x-ms-range", f"bytes=0-{size - 1}"), FORM, *more)
    length = ("x-ms-structured-content-length", str(size))
    return asker.ask("PUT", TARGET, *headers, length, body=body, version=version)


@pytest.fixture
def asker() -> Asker:
    return Asker().with_share()


def test_the_payload_is_stored_and_hashed_and_the_form_echoed(asker: Asker) -> None:
    reply = put(asker, message(b"hello", b" world"), 11)
    assert reply.status == 201
    assert header(reply, "Content-MD5") == "XrY7u+Ae7tCTyyK7j1rNww=="
    assert header(reply, "x-ms-structured-body") == FORM[1]
    assert content(asker.ask("GET", "/data/d/f"))[:11] == b"hello world"


def test_a_message_without_checksums_is_read_too(asker: Asker) -> None:
    assert put(asker, message(b"plain", flags=0), 5).status == 201


def test_a_full_range_has_room_for_its_frame(asker: Asker) -> None:
    size = 4 << 20
    asker.ask("PUT", "/data/d/f", ("x-ms-type", "file"), ("x-ms-content-length", str(size)))
    assert put(asker, message(bytes(size)), size).status == 201


@pytest.mark.parametrize(
    ("body", "size", "expected"),
    [
        (message(b"hello")[:-1] + b"\0", 5, "Crc64Mismatch"),
        (message(b"hello").replace(b"hello", b"jello"), 5, "Crc64Mismatch"),
        (message(b"hello")[:-1], 5, "InvalidInput"),
        (message(b"hello") + b"\0", 5, "InvalidInput"),
        (b"\1", 5, "InvalidInput"),
        (b"\2" + message(b"hello")[1:], 5, "InvalidInput"),
        (message(b"hello"), 6, "InvalidHeaderValue"),
        (struct.pack("<BQHH", 1, 13, 1, 1), 5, "InvalidInput"),
        (struct.pack("<BQHHHQ", 1, 23, 0, 1, 2, 0), 5, "InvalidInput"),
        (struct.pack("<BQHHHQ", 1, 23, 0, 1, 1, 9), 5, "InvalidInput"),
        (struct.pack("<BQHHHQ", 1, 23, 1, 0, 1, 9), 5, "InvalidInput"),
    ],
)
def test_a_message_that_is_damaged_or_none_is_refused(asker: Asker, body: bytes, size: int, expected: str) -> None:
    assert code(put(asker, body, size)) == expected
    assert content(asker.ask("GET", "/data/d/f"))[:4] == b"abcd"


def test_another_form_and_a_missing_length_are_refused(asker: Asker) -> None:
    headers = (("x-ms-write", "update"), ("x-ms-range", "bytes=0-4"))
    other = ("x-ms-structured-body", "XSM/2.0")
    assert code(asker.ask("PUT", TARGET, *headers, other, body=b"hello")) == "InvalidHeaderValue"
    assert code(asker.ask("PUT", TARGET, *headers, FORM, body=message(b"hello"))) == "MissingRequiredHeader"


def test_the_form_needs_2025_01_05(asker: Asker) -> None:
    assert put(asker, message(b"hello"), 5, version="2025-01-05").status == 201
    assert code(put(asker, message(b"hello"), 5, version="2024-11-04")) == "UnsupportedHeader"


def test_a_reply_is_put_in_the_form_when_asked_for(asker: Asker) -> None:
    reply = asker.ask("GET", "/data/d/f", FORM, ("x-ms-range", "bytes=0-3"))
    assert reply.status == 206
    assert header(reply, "x-ms-structured-body") == FORM[1]
    assert header(reply, "x-ms-structured-content-length") == "4"
    assert header(reply, "Content-Range") == "bytes 0-3/1024"
    assert content(reply) == message(b"abcd")
    assert header(reply, "Content-Length") == str(len(content(reply)))
    whole = asker.ask("GET", "/data/d/f", FORM)
    assert (whole.status, content(whole)) == (200, message(b"abcd" + bytes(1020)))


def test_an_empty_file_is_one_empty_segment(asker: Asker) -> None:
    asker.ask("PUT", "/data/d/e", ("x-ms-type", "file"), ("x-ms-content-length", "0"))
    assert content(asker.ask("GET", "/data/d/e", FORM)) == message(b"")


def test_a_long_reply_is_made_segment_by_segment(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(structured, "SEGMENT_BYTES", 4 << 10)  # the real ones take half a minute
    monkeypatch.setattr(structured, "MAX_AT_ONCE", 32 << 10)
    size = structured.MAX_AT_ONCE + 5
    asker.ask("PUT", "/data/d/e", ("x-ms-type", "file"), ("x-ms-content-length", str(size)))
    asker.ask("PUT", "/data/d/e?comp=range", *UPDATE, body=b"abcd")
    reply = asker.ask("GET", "/data/d/e", FORM)
    assert isinstance(reply.body, LongMessage)
    assert header(reply, "Content-Length") == str(sum(map(len, reply.body)))
    assert len(reply.body) == len(list(reply.body)) == 11
    assert b"".join(decode_message(list(reply.body))) == b"abcd" + bytes(size - 4)
    assert reply.body[0] == reply.body[-11] == next(iter(reply.body))
    assert list(reply.body[9:]) == list(reply.body)[9:]
    with pytest.raises(IndexError):
        reply.body[11]


def test_a_reply_longer_than_can_be_framed_is_a_named_gap(asker: Asker) -> None:
    asker.ask("PUT", "/data/d/e", ("x-ms-type", "file"), ("x-ms-content-length", str(1 << 40)))
    assert asker.ask("GET", "/data/d/e", FORM).status == 501


def test_a_file_is_created_with_a_structured_body(asker: Asker) -> None:
    body = message(b"hello")
    length = ("x-ms-structured-content-length", "5")
    reply = asker.ask("PUT", "/data/d/g", *CREATE, FORM, length, body=body)
    assert (reply.status, header(reply, "x-ms-structured-body")) == (201, FORM[1])
    assert content(asker.ask("GET", "/data/d/g"))[:6] == b"hello\0"


@given(pieces=st.lists(st.binary(max_size=30), max_size=5), segment=st.integers(1, 16))
def test_what_is_encoded_reads_back(pieces: list[bytes], segment: int) -> None:
    data = b"".join(pieces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structured, "SEGMENT_BYTES", segment)
        encoded = b"".join(encode_message([memoryview(piece) for piece in pieces], len(data)))
        assert len(encoded) == message_size(len(data))
    cut = [data[at : at + segment] for at in range(0, len(data), segment)] or [b""]
    assert encoded == message(*cut)
    assert b"".join(decode_message([encoded[:7], encoded[7:]])) == data


@given(data=st.binary(max_size=64))
def test_arbitrary_bytes_are_a_refusal_and_nothing_else(data: bytes) -> None:
    with pytest.raises(ServiceError) as caught:
        decode_message([data])
    assert caught.value.code in {Code.INVALID_INPUT, Code.CRC64_MISMATCH}


def test_the_official_sdks_own_coder_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    streams = pytest.importorskip("azure.storage.fileshare._shared.streams")
    monkeypatch.setattr(streams, "calculate_crc64", lambda data, before: crc64([data], before))
    data = bytes(range(256)) * 5
    flags = streams.StructuredMessageProperties.CRC64
    theirs = streams.StructuredMessageEncodeStream(BytesIO(data), len(data), flags, segment_size=500).read()
    assert b"".join(decode_message([theirs])) == data
    ours = b"".join(encode_message([memoryview(data)], len(data)))
    assert streams.StructuredMessageDecoder(iter([ours]), len(ours)).read() == data
