"""Put Range from URL."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from azfiles.address import ResourceAddress
from azfiles.core.from_url import put_range_from_url
from azfiles.core.requests import build
from azfiles.credentials import Sas, Token
from azfiles.errors import InvalidArgument, RequestNotSent

from .builders import GUID, KEY, SNAPSHOT, answer, context, headers_of, request_of, response

F = ("d", "f")
CRC = "EZA9hgZaRrQ="
URL = "https://other.file.core.windows.net/s/f?sv=1&sig=x"
HERE = ResourceAddress("share", ("a b",), SNAPSHOT)
SOURCE = "https://acct.file.core.windows.net/share/a%20b?sharesnapshot=2019-05-09T01%3A34%3A04.0000000Z"
TOKEN = Token(type("Tokens", (), {"get_token": print})())
PLAIN = {
    "x-ms-range": "bytes=512-1023",
    "x-ms-source-range": "bytes=0-511",
    "x-ms-write": "update",
    "x-ms-copy-source": URL,
    "Content-Length": "0",
}


def test_a_range_from_a_url_says_exactly_this_on_the_wire():
    operation = put_range_from_url("share", F, 512, 512, URL, 0)
    request = request_of(operation)
    assert (request.method, request.target, operation.success) == ("PUT", "/share/d/f?comp=range", (201,))
    assert headers_of(request) == PLAIN
    full = put_range_from_url(
        "share",
        F,
        512,
        512,
        URL,
        0,
        source_crc64=CRC,
        if_source_crc64=bytes(8),
        if_source_crc64_not=CRC,
        source_token="t",
        lease_id=GUID,
        keep_last_write=True,
    )
    assert headers_of(request_of(full)) == {
        **PLAIN,
        "x-ms-source-content-crc64": CRC,
        "x-ms-source-if-match-crc64": "AAAAAAAAAAA=",
        "x-ms-source-if-none-match-crc64": CRC,
        "x-ms-copy-source-authorization": "Bearer t",
        "x-ms-file-last-write-time": "Preserve",
        "x-ms-lease-id": GUID,
    }
    with pytest.raises(RequestNotSent, match="2019-02-02"):
        request_of(operation, api_version="2018-11-09")


def test_a_source_of_the_same_account_is_read_with_the_clients_own_credential():
    operation = put_range_from_url("share", F, 0, 1, HERE, 5)
    sent = {
        name: dict(build(operation, context(credential=credential, token="t")).headers)
        for name, credential in (("key", KEY), ("sas", Sas("sv=1&sig=x")), ("token", TOKEN))
    }
    assert sent["key"]["x-ms-copy-source"] == sent["token"]["x-ms-copy-source"] == SOURCE
    assert sent["sas"]["x-ms-copy-source"] == f"{SOURCE}&sv=1&sig=x"
    assert sent["token"]["x-ms-copy-source-authorization"] == sent["token"]["Authorization"] == "Bearer t"
    assert "x-ms-copy-source-authorization" not in {**sent["key"], **sent["sas"]}


def test_a_token_given_for_the_source_goes_before_the_clients_own():
    operation = put_range_from_url("share", F, 0, 1, HERE, 5, source_token="other")
    request = build(operation, context(credential=TOKEN, token="t"))
    assert [value for name, value in request.headers if name == "x-ms-copy-source-authorization"] == ["Bearer other"]
    assert "other" not in repr(operation) + repr(request)


def test_names_that_end_with_a_dot_are_kept_on_both_sides():
    sent = headers_of(request_of(put_range_from_url("share", ("f.",), 0, 1, ResourceAddress("share", ("g.",)), 0)))
    assert sent["x-ms-allow-trailing-dot"] == sent["x-ms-source-allow-trailing-dot"] == "true"


def test_the_service_answers_with_the_checksum_of_what_it_read():
    operation = put_range_from_url("share", F, 0, 1, URL, 0)
    written = answer(operation, response(201, ("x-ms-content-crc64", CRC), ("x-ms-request-server-encrypted", "true")))
    assert (written.content_crc64, written.content_md5, written.server_encrypted) == (CRC, None, True)


def test_a_hash_and_a_time_that_the_service_adds_are_told_too():
    when = ("x-ms-file-last-write-time", "2019-05-09T01:34:42.1234560Z")
    reply = response(201, ("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg=="), when)
    written = answer(put_range_from_url("share", F, 0, 1, URL, 0), reply)
    assert written.content_md5 == "1B2M2Y8AsgTpgAmY7PhCfg=="
    assert written.last_write_time == datetime(2019, 5, 9, 1, 34, 42, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("arguments", "options", "word"),
    [
        ((0, 0, URL, 0), {}, "length"),
        ((0, 4 * 2**20 + 1, URL, 0), {}, "length"),
        ((-1, 1, URL, 0), {}, "offset"),
        ((0, 1, URL, -1), {}, "offset"),
        ((0, 1, "s/f", 0), {}, "absolute"),
        ((0, 1, URL, 0), {"source_crc64": "abc"}, "source_crc64"),
        ((0, 1, URL, 0), {"if_source_crc64": bytes(7)}, "8 bytes"),
        ((0, 1, URL, 0), {"source_token": "a\nb"}, "source_token"),
    ],
)
def test_what_the_service_cannot_take_is_refused(arguments, options, word):
    with pytest.raises(InvalidArgument, match=word):
        put_range_from_url("share", F, *arguments, **options)
