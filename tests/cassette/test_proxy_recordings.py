"""Recordings in the JSON of the Azure SDKs' test proxy are read and replayed like vcrpy's.

The format is known from the proxy's public source; no recording of Azure Files in it was at hand.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from azfiles.cassette.document import read_cassette
from azfiles.cassette.interactions import RecordedResponse
from azfiles.errors import CassetteError
from azfiles.messages import Request
from azfiles.transports.replaying import replaying

XML = {"Content-Type": "application/xml; charset=utf-8"}
DATA = {"Content-Type": ["application/octet-stream"]}


def entry(
    method: str, target: str, body: Any, answer: Any, *, sent: Any = None, received: Any = None
) -> dict[str, Any]:
    return {
        "RequestUri": f"https://fakestorage.file.core.windows.net{target}",
        "RequestMethod": method,
        "RequestHeaders": sent or {},
        "RequestBody": body,
        "StatusCode": 201,
        "ResponseHeaders": received or {},
        "ResponseBody": answer,
    }


def write(path: Path, *entries: Any) -> Path:
    path.write_text(json.dumps({"Entries": entries, "Variables": {"name": "x"}}, indent=2))
    return path


@pytest.mark.parametrize(
    ("recorded", "headers", "body"),
    [
        (None, {}, b""),
        (base64.b64encode(b"\x00\xff").decode(), DATA, b"\x00\xff"),
        ("aGVsbG8=", {}, b"hello"),
        ("", DATA, b""),
        ("\ufeff<a/>", XML, b"\xef\xbb\xbf<a/>"),
        (["<a>\n", "</a>"], XML, b"<a>\n</a>"),
        ({"a": [1, "é"]}, {"content-type": "application/json"}, '{"a":[1,"é"]}'.encode()),
        ("a=b", {"Content-Type": "application/x-www-form-urlencoded"}, b"a=b"),
        ("Sanitized!", DATA, b"Sanitized!"),
    ],
)
def test_bodies_are_read_as_the_proxy_wrote_them(tmp_path: Path, recorded: Any, headers: Any, body: bytes):
    path = write(tmp_path / "a.json", entry("PUT", "/s/f", recorded, recorded, sent=headers, received=headers))
    (found,) = read_cassette(path)
    assert isinstance(found.response, RecordedResponse)
    assert (found.request.body, found.response.body) == (body, body)
    assert (found.request.method, found.response.status) == ("PUT", 201)


def test_it_replays_with_the_matching_of_every_cassette(tmp_path: Path):
    path = write(
        tmp_path / "a.json",
        entry("GET", "/s/f", None, base64.b64encode(b"abcd").decode(), sent={"x-ms-range": "bytes=0-3"}, received=DATA),
        entry("GET", "/s/f", None, base64.b64encode(b"efgh").decode(), sent={"x-ms-range": "bytes=4-7"}, received=DATA),
    )
    with replaying(path) as replayer:
        for span, body in (("bytes=4-7", b"efgh"), ("bytes=0-3", b"abcd")):
            asked = Request("GET", "/s/f", (("x-ms-range", span),), (), "https://mine.file.core.windows.net")
            assert replayer.send(asked, 1.0).body == body


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [
        ([1], "interaction 1: it is a number"),
        ([{"RequestMethod": "GET"}], "request uri is nothing"),
        ([{**entry("GET", "/", None, None), "StatusCode": "x"}], "status code is text"),
    ],
)
def test_a_damaged_one_is_refused(tmp_path: Path, entries: list[Any], complaint: str):
    with pytest.raises(CassetteError, match=complaint):
        read_cassette(write(tmp_path / "a.json", *entries))
