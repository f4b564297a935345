"""Put Range from URL: what it writes, who may read the source, and what each refusal says."""

from __future__ import annotations

import pytest

from azfiles_sim import Reply

from .asking import ACCOUNT, CREATE, KEY, OTHER, OTHER_KEY, Asker, code, content, header, service_sas, xml
from .test_bearer import token

DATA = b"abcdefghijklmnop" * 32
CHECKSUM = "EZA9hgZaRrQ="  # recorded
WRONG = "AAAAAAAAAAA="
TARGET = "/data/d/f?comp=range"


def url(path: str = "data/d/source", account: str = ACCOUNT, query: str = "") -> str:
    return f"https://{account}.file.core.windows.net/{path}{query}"


@pytest.fixture
def asker() -> Asker:
    asker = Asker().with_share()
    assert asker.ask("PUT", "/data/d/source", *CREATE).status == 201
    written = [("x-ms-write", "update"), ("x-ms-range", "bytes=0-511")]
    assert asker.ask("PUT", "/data/d/source?comp=range", *written, body=DATA).status == 201
    return asker


def copied(
    asker: Asker, source: str, *more: tuple[str, str], ranges: tuple[str, str] = ("0-511", "0-511"), **how: str
) -> Reply:
    headers = [
        ("x-ms-write", "update"),
        ("x-ms-copy-source", source),
        ("x-ms-range", f"bytes={ranges[0]}"),
        ("x-ms-source-range", f"bytes={ranges[1]}"),
        *more,
    ]
    return asker.ask("PUT", TARGET, *headers, **how)  # type: ignore[arg-type]


def test_the_sources_bytes_are_written_and_their_checksum_is_told(asker: Asker) -> None:
    reply = copied(asker, url(), ranges=("0-511", "0-511"))
    assert reply.status == 201
    assert header(reply, "x-ms-content-crc64") == CHECKSUM
    assert header(reply, "Content-MD5") is None
    assert header(reply, "x-ms-request-server-encrypted") == "true"
    assert header(reply, "x-ms-file-last-write-time")
    assert content(asker.ask("GET", "/data/d/f"))[:512] == DATA


def test_a_range_may_be_taken_from_elsewhere_in_the_source(asker: Asker) -> None:
    assert copied(asker, url(), ranges=("100-103", "1-4")).status == 201
    assert content(asker.ask("GET", "/data/d/f"))[100:104] == b"bcde"


def test_last_write_time_is_told_from_2021_06_08_on(asker: Asker) -> None:
    assert header(copied(asker, url(), version="2021-04-10"), "x-ms-file-last-write-time") is None
    assert header(copied(asker, url(), version="2021-06-08"), "x-ms-file-last-write-time") is not None


def test_it_needs_2019_02_02(asker: Asker) -> None:
    assert code(copied(asker, url(), version="2018-11-09")) == "InvalidQueryParameterValue"
    assert copied(asker, url(), version="2019-02-02").status == 201


@pytest.mark.parametrize(
    ("name", "value", "status", "expected"),
    [
        ("x-ms-source-content-crc64", CHECKSUM, 201, None),
        ("x-ms-source-content-crc64", WRONG, 400, "Crc64Mismatch"),
        ("x-ms-source-if-match-crc64", CHECKSUM, 201, None),
        ("x-ms-source-if-match-crc64", WRONG, 412, "ConditionNotMet"),
        ("x-ms-source-if-none-match-crc64", WRONG, 201, None),
        ("x-ms-source-if-none-match-crc64", CHECKSUM, 412, "ConditionNotMet"),
        ("x-ms-source-if-match-crc64", "short", 400, "InvalidHeaderValue"),
        ("x-ms-source-if-match-crc64", "AAAA", 400, "InvalidHeaderValue"),
    ],
)
def test_checksums_of_the_source_decide(asker: Asker, name: str, value: str, status: int, expected: str | None) -> None:
    reply = copied(asker, url(), (name, value))
    assert reply.status == status
    assert header(reply, "x-ms-error-code") == expected
    assert (content(asker.ask("GET", "/data/d/f"))[:512] == DATA) == (status == 201)


def test_a_source_that_is_too_short_is_told_as_recorded(asker: Asker) -> None:
    reply = copied(asker, url(), ranges=("0-511", "600-1111"))
    assert (reply.status, code(reply)) == (409, "CannotVerifyCopySource")
    assert "does not match requested length" in reply.reason


@pytest.mark.parametrize("ranges", [("0-511", "0-510"), ("0-511", "0-"), ("0-4194304", "0-4194304")])
def test_ranges_of_different_length_open_or_too_long_are_refused(asker: Asker, ranges: tuple[str, str]) -> None:
    assert code(copied(asker, url(), ranges=ranges)) == "InvalidHeaderValue"


def test_a_range_beyond_the_end_of_the_file_is_416(asker: Asker) -> None:
    assert copied(asker, url(), ranges=("600-1111", "0-511")).status == 416


def test_a_body_a_missing_word_and_another_word_are_refused(asker: Asker) -> None:
    headers = [("x-ms-copy-source", url()), ("x-ms-range", "bytes=0-3"), ("x-ms-source-range", "bytes=0-3")]
    assert code(asker.ask("PUT", TARGET, *headers)) == "MissingRequiredHeader"
    assert code(asker.ask("PUT", TARGET, *headers, ("x-ms-write", "clear"))) == "InvalidHeaderValue"
    assert code(asker.ask("PUT", TARGET, *headers, ("x-ms-write", "update"), body=b"abcd")) == "InvalidHeaderValue"


def test_a_missing_source_is_404_and_newer_versions_tell_the_sources_own_answer(asker: Asker) -> None:
    reply = copied(asker, url("data/d/none"))
    assert (reply.status, code(reply)) == (404, "CannotVerifyCopySource")
    assert header(reply, "x-ms-copy-source-status-code") == "404"
    assert header(reply, "x-ms-copy-source-error-code") == "ResourceNotFound"
    assert [child.tag for child in xml(reply)][2:] == [
        "CopySourceStatusCode",
        "CopySourceErrorCode",
        "CopySourceErrorMessage",
    ]
    older = copied(asker, url("data/d/none"), version="2025-07-05")
    assert (older.status, header(older, "x-ms-copy-source-status-code")) == (404, None)


def test_a_source_in_another_account_needs_a_sas(asker: Asker) -> None:
    asker.ask("PUT", "/theirs?restype=share", account=OTHER, key=OTHER_KEY)
    asker.ask("PUT", "/theirs/s", *CREATE, account=OTHER, key=OTHER_KEY)
    reply = copied(asker, url("theirs/s", OTHER))
    assert (reply.status, code(reply)) == (401, "CannotVerifyCopySource")
    assert header(reply, "x-ms-copy-source-error-code") == "NoAuthenticationInformation"
    assert copied(asker, url("theirs/s", OTHER), version="2025-07-05").status == 404
    assert code(copied(asker, url("theirs/s", "nobody"))) == "CannotVerifyCopySource"


def test_a_sas_in_the_sources_url_must_be_good_and_may_read(asker: Asker) -> None:
    good = service_sas("data/d/source", sr="f", sp="r")
    assert copied(asker, url(query=f"?{good}")).status == 201
    forged = copied(asker, url(query=f"?{service_sas('data/d/source', sr='f', sp='r', key=b'wrong')}"))
    assert (forged.status, code(forged)) == (403, "CannotVerifyCopySource")
    assert header(forged, "x-ms-copy-source-error-code") == "AuthenticationFailed"
    writing = copied(asker, url(query=f"?{service_sas('data/d/source', sr='f', sp='w', key=KEY)}"))
    assert (writing.status, header(writing, "x-ms-copy-source-status-code")) == (403, "403")


def test_a_bearer_token_for_the_source_is_checked_where_tokens_are_taken() -> None:
    for options, bearer, status in (
        ({"bearer": "development"}, f"Bearer {token()}", 201),
        ({"bearer": "development"}, f"Bearer {token(aud='elsewhere')}", 401),
        ({"bearer": "development"}, "Basic x", 401),
        ({}, f"Bearer {token()}", 401),
    ):
        asker = Asker(**options).with_share()
        headers = ("x-ms-copy-source-authorization", bearer)
        reply = copied(asker, url("data/d/f"), headers, ranges=("10-13", "0-3"))
        assert reply.status == status
        if status == 401:
            assert header(reply, "x-ms-copy-source-error-code") == "InvalidAuthenticationInfo"
            assert bearer.encode() not in content(reply)


def test_a_bearer_token_for_the_source_needs_2022_11_02(asker: Asker) -> None:
    headers = ("x-ms-copy-source-authorization", "Bearer x")
    assert code(copied(asker, url(), headers, version="2021-12-02")) == "UnsupportedHeader"
    assert copied(asker, url(), headers, version="2022-11-02").status == 404


def test_a_snapshot_can_be_the_source(asker: Asker) -> None:
    at = header(asker.ask("PUT", "/data?restype=share&comp=snapshot"), "x-ms-snapshot")
    asker.ask("DELETE", "/data/d/source")
    assert copied(asker, url(query=f"?sharesnapshot={at}")).status == 201
