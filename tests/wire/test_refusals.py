"""Every header, query parameter and body that is malformed is refused by name, before anything is looked up."""

from __future__ import annotations

import ast
import base64
import hashlib
from pathlib import Path

import pytest

import azfiles_sim
from azfiles_sim import Connection, Request
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.wire.errors import TEXTS, describe
from azfiles_sim.wire.refusals import HEADER_OF, QUERY_OF

from .asking import ACCOUNT, CREATE, NEWEST, UPDATE, Asker, code, content, header, service_sas, xml

MEBIBYTE = 1024 * 1024
RENAME = ("x-ms-file-rename-source", f"http://127.0.0.1/{ACCOUNT}/data/d/f")
ACQUIRE = ("x-ms-lease-action", "acquire")
GUID = "8f5b6f33-0b6d-4f0e-9a4e-3c1a2b3c4d5e"

# Method, target, headers, what the refusal names: its code, then the header.
BAD_HEADERS = [
    ("PUT", "/data/g", [("x-ms-content-length", "1")], "MissingRequiredHeader", "x-ms-type"),
    ("PUT", "/data/g", [("x-ms-type", "blob"), ("x-ms-content-length", "1")], "InvalidHeaderValue", "x-ms-type"),
    ("PUT", "/data/g", [("x-ms-type", "file")], "MissingRequiredHeader", "x-ms-content-length"),
    ("PUT", "/data/g", [("x-ms-type", "file"), ("x-ms-content-length", "-1")], "InvalidHeaderValue", "x-ms-content-length"),
    ("PUT", "/data/g", [("x-ms-type", "file"), ("x-ms-content-length", "1e3")], "InvalidHeaderValue", "x-ms-content-length"),
    ("PUT", "/data/g", [("x-ms-type", "file"), ("x-ms-content-length", "9" * 19)], "InvalidHeaderValue", "x-ms-content-length"),
    ("PUT", "/data/g", [*CREATE, ("x-ms-file-attributes", "Shiny")], "InvalidHeaderValue", "x-ms-file-attributes"),
    ("PUT", "/data/g", [*CREATE, ("x-ms-file-attributes", "Preserve")], "InvalidHeaderValue", "x-ms-file-attributes"),
    ("PUT", "/data/g", [*CREATE, ("x-ms-file-creation-time", "soon")], "InvalidHeaderValue", "x-ms-file-creation-time"),
    ("PUT", "/data/g", [*CREATE, ("x-ms-file-change-time", "2026-02-30T00:00:00Z")], "InvalidHeaderValue", "x-ms-file-change-time"),
    ("PUT", "/data/g", [*CREATE, ("x-ms-file-change-time", "2026-02-03T24:00:00Z")], "InvalidHeaderValue", "x-ms-file-change-time"),
    ("PUT", "/data/g", [*CREATE, ("x-ms-file-last-write-time", "2026-02-03T10:00Z")], "InvalidHeaderValue", "x-ms-file-last-write-time"),
    ("PUT", "/data/g", [*CREATE, ("x-ms-file-permission", "x"), ("x-ms-file-permission-key", "1*1")], "InvalidHeaderValue", "x-ms-file-permission-key"),
    ("PUT", "/data/g", [*CREATE, ("x-ms-file-permission", "x" * 8193)], "InvalidHeaderValue", "x-ms-file-permission"),
    ("PUT", "/data/g", [*CREATE, ("x-ms-file-permission-format", "xml")], "InvalidHeaderValue", "x-ms-file-permission-format"),
    ("PUT", "/data/g", [*CREATE, ("x-ms-lease-id", "abc")], "InvalidHeaderValue", "x-ms-lease-id"),
    ("PUT", "/data/g.", [*CREATE, ("x-ms-allow-trailing-dot", "perhaps")], "InvalidHeaderValue", "x-ms-allow-trailing-dot"),
    ("PUT", "/data/d/f?comp=range", [("x-ms-range", "bytes=0-3")], "MissingRequiredHeader", "x-ms-write"),
    ("PUT", "/data/d/f?comp=range", [("x-ms-range", "bytes=0-3"), ("x-ms-write", "delete")], "InvalidHeaderValue", "x-ms-write"),
    ("PUT", "/data/d/f?comp=range", [("x-ms-write", "update")], "MissingRequiredHeader", "x-ms-range"),
    ("PUT", "/data/d/f?comp=range", [("x-ms-write", "update"), ("x-ms-range", "bytes=0-")], "InvalidHeaderValue", "x-ms-range"),
    ("PUT", "/data/d/f?comp=range", [("x-ms-write", "update"), ("Range", "bytes=0-")], "InvalidHeaderValue", "Range"),
    ("PUT", "/data/d/f?comp=range", [("x-ms-write", "update"), ("x-ms-range", "bytes=3-0")], "InvalidHeaderValue", "x-ms-range"),
    ("PUT", "/data/d/f?comp=range", [("x-ms-write", "clear"), ("x-ms-range", "0-3")], "InvalidHeaderValue", "x-ms-range"),
    ("PUT", "/data/d/f?comp=range", [("x-ms-write", "clear"), ("x-ms-range", "bytes=0-3"), ("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA==")], "InvalidHeaderValue", "Content-MD5"),
    ("PUT", "/data/d/f?comp=range", [("x-ms-write", "update"), ("x-ms-range", "bytes=0-4194304")], "InvalidHeaderValue", "x-ms-range"),
    ("PUT", "/data/d/f?comp=range", [("x-ms-write", "update"), ("x-ms-range", "bytes=0-9")], "InvalidHeaderValue", "Content-Length"),
    ("PUT", "/data/d/f?comp=range", [*UPDATE, ("Content-Length", "x")], "InvalidHeaderValue", "content-length"),
    ("PUT", "/data/d/f?comp=range", [*UPDATE, ("Content-Length", "3")], "InvalidHeaderValue", "Content-Length"),
    ("PUT", "/data/d/f?comp=range", [*UPDATE, ("x-ms-file-last-write-time", "yesterday")], "InvalidHeaderValue", "x-ms-file-last-write-time"),
    ("GET", "/data/d/f", [("Range", "bytes=-5")], "InvalidHeaderValue", "Range"),
    ("GET", "/data/d/f", [("x-ms-range", "bytes=0-1,4-5")], "InvalidHeaderValue", "x-ms-range"),
    ("GET", "/data/d/f", [("x-ms-range", f"bytes={2**63}-")], "InvalidHeaderValue", "x-ms-range"),
    ("GET", "/data/d/f", [("x-ms-range-get-content-md5", "true")], "MissingRequiredHeader", "x-ms-range"),
    ("GET", "/data/d/f", [("x-ms-range", "bytes=0-"), ("x-ms-range-get-content-md5", "true")], "InvalidHeaderValue", "x-ms-range-get-content-md5"),
    ("GET", "/data/d/f", [("x-ms-range", "bytes=0-4194304"), ("x-ms-range-get-content-md5", "True")], "InvalidHeaderValue", "x-ms-range-get-content-md5"),
    ("PUT", "/data?restype=share&comp=lease", [], "MissingRequiredHeader", "x-ms-lease-action"),
    ("PUT", "/data?restype=share&comp=lease", [("x-ms-lease-action", "steal")], "InvalidHeaderValue", "x-ms-lease-action"),
    ("PUT", "/data?restype=share&comp=lease", [ACQUIRE], "MissingRequiredHeader", "x-ms-lease-duration"),
    ("PUT", "/gone?restype=share&comp=lease", [ACQUIRE, ("x-ms-lease-duration", "10")], "InvalidHeaderValue", "x-ms-lease-duration"),
    ("PUT", "/data?restype=share&comp=lease", [ACQUIRE, ("x-ms-lease-duration", "61")], "InvalidHeaderValue", "x-ms-lease-duration"),
    ("PUT", "/data?restype=share&comp=lease", [ACQUIRE, ("x-ms-lease-duration", "-2")], "InvalidHeaderValue", "x-ms-lease-duration"),
    ("PUT", "/data?restype=share&comp=lease", [ACQUIRE, ("x-ms-lease-duration", "-1"), ("x-ms-proposed-lease-id", "me")], "InvalidHeaderValue", "x-ms-proposed-lease-id"),
    ("PUT", "/data?restype=share&comp=lease", [("x-ms-lease-action", "renew")], "MissingRequiredHeader", "x-ms-lease-id"),
    ("PUT", "/data?restype=share&comp=lease", [("x-ms-lease-action", "change"), ("x-ms-lease-id", GUID)], "MissingRequiredHeader", "x-ms-proposed-lease-id"),
    ("PUT", "/data?restype=share&comp=lease", [("x-ms-lease-action", "break"), ("x-ms-lease-break-period", "61")], "InvalidHeaderValue", "x-ms-lease-break-period"),
    ("PUT", "/data/d/f?comp=lease", [("x-ms-lease-action", "release")], "MissingRequiredHeader", "x-ms-lease-id"),
    ("PUT", "/data/d/f?comp=lease", [("x-ms-lease-action", "renew"), ("x-ms-lease-id", GUID)], "InvalidHeaderValue", "x-ms-lease-action"),
    ("PUT", "/data/d/f?comp=lease", [ACQUIRE, ("x-ms-lease-duration", "15")], "InvalidHeaderValue", "x-ms-lease-duration"),
    ("PUT", "/data?restype=share", [("x-ms-share-quota", "0")], "InvalidHeaderValue", "x-ms-share-quota"),
    ("PUT", "/data?restype=share", [("x-ms-access-tier", "Lukewarm")], "InvalidHeaderValue", "x-ms-access-tier"),
    ("PUT", "/data?restype=share", [("x-ms-enabled-protocols", "FTP")], "InvalidHeaderValue", "x-ms-enabled-protocols"),
    ("DELETE", "/data?restype=share", [("x-ms-delete-snapshots", "some")], "InvalidHeaderValue", "x-ms-delete-snapshots"),
    ("GET", "/data?restype=share&comp=filepermission", [], "MissingRequiredHeader", "x-ms-file-permission-key"),
    ("GET", "/data?restype=share&comp=filepermission", [("x-ms-file-permission-key", "1*1"), ("x-ms-file-permission-format", "xml")], "InvalidHeaderValue", "x-ms-file-permission-format"),
    ("PUT", "/data/g?comp=rename", [], "MissingRequiredHeader", "x-ms-file-rename-source"),
    ("PUT", "/data/g?comp=rename", [("x-ms-file-rename-source", "http://127.0.0.1/otheraccount/data/d/f")], "InvalidHeaderValue", "x-ms-file-rename-source"),
    ("PUT", "/data/g?comp=rename", [("x-ms-file-rename-source", f"http://127.0.0.1/{ACCOUNT}/data")], "InvalidHeaderValue", "x-ms-file-rename-source"),
    ("PUT", "/data/g?comp=rename", [("x-ms-file-rename-source", "data/d/f")], "InvalidHeaderValue", "x-ms-file-rename-source"),
    ("PUT", "/data/g?comp=rename", [RENAME, ("x-ms-file-rename-replace-if-exists", "maybe")], "InvalidHeaderValue", "x-ms-file-rename-replace-if-exists"),
    ("PUT", "/data/g", [("x-ms-copy-source", RENAME[1]), ("x-ms-file-permission-copy-mode", "guess")], "InvalidHeaderValue", "x-ms-file-permission-copy-mode"),
    ("PUT", "/data/g", [("x-ms-copy-source", RENAME[1]), ("x-ms-file-permission-copy-mode", "source"), ("x-ms-file-permission-key", "1*1")], "InvalidHeaderValue", "x-ms-file-permission-copy-mode"),
    ("PUT", f"/data/d/f?comp=copy&copyid={GUID}", [], "MissingRequiredHeader", "x-ms-copy-action"),
    ("PUT", f"/data/d/f?comp=copy&copyid={GUID}", [("x-ms-copy-action", "stop")], "InvalidHeaderValue", "x-ms-copy-action"),
    ("PUT", "/data?comp=forceclosehandles", [], "MissingRequiredHeader", "x-ms-handle-id"),
    ("PUT", "/data?comp=forceclosehandles", [("x-ms-handle-id", "all")], "InvalidHeaderValue", "x-ms-handle-id"),
    ("GET", "/data?comp=listhandles", [("x-ms-recursive", "deep")], "InvalidHeaderValue", "x-ms-recursive"),
]  # fmt: skip

LISTING = "/data?restype=directory&comp=list"
BAD_QUERIES = [
    (f"{LISTING}&maxresults=0", "OutOfRangeQueryParameterValue", "maxresults"),
    (f"{LISTING}&maxresults=-3", "OutOfRangeQueryParameterValue", "maxresults"),
    (f"{LISTING}&maxresults=many", "InvalidQueryParameterValue", "maxresults"),
    (f"{LISTING}&marker=a", "InvalidQueryParameterValue", "marker"),
    (f"{LISTING}&marker=1!9!ZmlsZWEy", "InvalidQueryParameterValue", "marker"),
    (f"{LISTING}&marker=1!3!abc", "InvalidQueryParameterValue", "marker"),
    (f"{LISTING}&marker=1!4!____", "InvalidQueryParameterValue", "marker"),
    (f"{LISTING}&include=colour", "InvalidQueryParameterValue", "include"),
    (f"{LISTING}&timeout=long", "InvalidQueryParameterValue", "timeout"),
    (f"{LISTING}&sharesnapshot=2026-05-04", "InvalidQueryParameterValue", "sharesnapshot"),
    ("/?comp=list&marker=data", "InvalidQueryParameterValue", "marker"),
    ("/?comp=list&marker=/otheraccount/data", "InvalidQueryParameterValue", "marker"),
    (f"/?comp=list&marker=/{ACCOUNT}/", "InvalidQueryParameterValue", "marker"),
    ("/?comp=list&include=colour", "InvalidQueryParameterValue", "include"),
    ("/data?comp=listhandles&marker=1!8!ZmlsZWEy", "InvalidQueryParameterValue", "marker"),
]


@pytest.mark.parametrize(("method", "target", "headers", "expected", "name"), BAD_HEADERS)
def test_a_bad_header_is_named(
    method: str, target: str, headers: list[tuple[str, str]], expected: str, name: str
) -> None:
    asker = Asker().with_share()
    before = asker.simulator.fork()
    length = [value for given, value in headers if given == "Content-Length"]
    body = (
        b"abcd"
        if length or (any(value == "bytes=0-3" for _, value in headers) and ("x-ms-write", "clear") not in headers)
        else b""
    )
    reply = asker.ask(method, target, *headers, body=body)
    assert (reply.status, code(reply)) == (400, expected), content(reply)
    assert xml(reply).findtext("HeaderName") == name
    assert asker.simulator._service.store.view() is before._service.store.view()


@pytest.mark.parametrize(("target", "expected", "name"), BAD_QUERIES)
def test_a_bad_query_parameter_is_named(target: str, expected: str, name: str) -> None:
    reply = Asker().with_share().ask("GET", target)
    assert (reply.status, code(reply)) == (400, expected)
    assert xml(reply).findtext("QueryParameterName") == name


def test_out_of_range_says_the_range() -> None:
    document = xml(Asker().with_share().ask("GET", f"{LISTING}&maxresults=0"))
    assert (document.findtext("MinimumAllowed"), document.findtext("MaximumAllowed")) == ("1", "5000")
    assert Asker().with_share().ask("GET", f"{LISTING}&maxresults=70000").status == 200


def test_a_copy_id_that_is_no_guid_is_refused_before_the_file_is_looked_for() -> None:
    asker = Asker()
    reply = asker.ask("PUT", "/gone/f?comp=copy&copyid=1", ("x-ms-copy-action", "abort"))
    assert (code(reply), xml(reply).findtext("Reason")) == (
        "InvalidQueryParameterValue",
        "copyid needs to be valid Guid.",
    )
    assert code(asker.ask("PUT", "/gone/f?comp=copy", ("x-ms-copy-action", "abort"))) == "MissingRequiredQueryParameter"


@pytest.mark.parametrize("name", ["If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_condition_headers_are_refused_before_existence(name: str, method: str) -> None:
    reply = Asker().ask(method, "/gone/f", (name, "x"))
    assert (reply.status, code(reply)) == (400, "ConditionHeadersNotSupported")


def test_a_body_over_4_mib_is_413_and_4_mib_is_not() -> None:
    asker = Asker().with_share()
    big = (("x-ms-type", "file"), ("x-ms-content-length", str(8 * MEBIBYTE)))
    assert asker.ask("PUT", "/data/big", *big).status == 201
    write = ("x-ms-write", "update")
    data = bytes(4 * MEBIBYTE)
    assert (
        asker.ask("PUT", "/data/big?comp=range", write, ("Range", f"bytes=0-{len(data) - 1}"), body=data).status == 201
    )
    reply = asker.ask("PUT", "/data/big?comp=range", write, ("Range", f"bytes=0-{len(data)}"), body=data + b"x")
    assert (reply.status, code(reply)) == (413, "RequestBodyTooLarge")
    assert asker.ask("PUT", "/data/big?comp=range", ("x-ms-write", "clear"), ("Range", "bytes=0-8388607")).status == 201


def test_a_hash_is_of_the_right_form_and_of_the_right_data() -> None:
    asker = Asker().with_share()
    for text in ("abc", "AAAA", "äöü"):
        assert (
            code(asker.ask("PUT", "/data/d/f?comp=range", *UPDATE, ("Content-MD5", text), body=b"abcd")) == "InvalidMd5"
        )
    right, wrong = (base64.b64encode(hashlib.md5(data).digest()).decode() for data in (b"abcd", b"abce"))
    assert (
        code(asker.ask("PUT", "/data/d/f?comp=range", *UPDATE, ("Content-MD5", wrong), body=b"abcd")) == "Md5Mismatch"
    )
    reply = asker.ask("PUT", "/data/d/f?comp=range", *UPDATE, ("Content-MD5", right), body=b"abcd")
    assert (reply.status, header(reply, "Content-MD5")) == (201, right)
    acl = "/data?restype=share&comp=acl"
    assert code(asker.ask("PUT", acl, ("Content-MD5", wrong), body=b"<SignedIdentifiers />")) == "Md5Mismatch"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([("x-ms-meta-", "v")], "EmptyMetadataKey"),
        ([("x-ms-meta-a-b", "v")], "InvalidMetadata"),
        ([("x-ms-meta-1a", "v")], "InvalidMetadata"),
        ([("x-ms-meta-a", "v" * 8192)], "MetadataTooLarge"),
    ],
)
def test_bad_metadata_has_codes_of_its_own(headers: list[tuple[str, str]], expected: str) -> None:
    reply = Asker().ask("PUT", "/data?restype=share", *headers)
    assert (reply.status, code(reply)) == (400, expected)


def test_metadata_keeps_order_and_case_joins_doubles_and_ignores_the_bare_prefix() -> None:
    asker = Asker()
    asker.ask("PUT", "/data?restype=share", ("x-ms-meta-Zulu", " 1 "), ("x-ms-meta-alpha", "2"), ("x-ms-meta", "{}"))
    reply = asker.ask("GET", "/data?restype=share&comp=metadata")
    assert [pair for pair in reply.headers if pair[0].startswith("x-ms-meta")] == [
        ("x-ms-meta-Zulu", "1"),
        ("x-ms-meta-alpha", "2"),
    ]
    from azfiles_sim import Request

    from .asking import KEY, NEWEST, sign, string_to_sign

    target = f"/{ACCOUNT}/twice?restype=share"
    pairs = [("x-ms-date", asker.date()), ("x-ms-version", NEWEST)]
    signature = sign(string_to_sign("PUT", target, [*pairs, ("x-ms-meta-a", "1,2")], ACCOUNT), KEY)
    doubled = [
        *pairs,
        ("x-ms-meta-a", "1"),
        ("X-Ms-Meta-A", "2"),
        ("Authorization", f"SharedKey {ACCOUNT}:{signature}"),
    ]
    assert asker.send(Request("PUT", target, doubled)).status == 201
    assert header(asker.ask("GET", "/twice?restype=share"), "x-ms-meta-a") == "1,2"


def test_a_lease_id_is_any_spelling_of_a_guid() -> None:
    asker = Asker().with_share()
    lease = "/data/d/f?comp=lease"
    reply = asker.ask(
        "PUT", lease, ACQUIRE, ("x-ms-lease-duration", "-1"), ("x-ms-proposed-lease-id", f"{{{GUID.upper()}}}")
    )
    assert (reply.status, header(reply, "x-ms-lease-id")) == (201, GUID)
    for spelling in (GUID.replace("-", ""), f"({GUID})", GUID.upper()):
        assert asker.ask("PUT", "/data/d/f?comp=metadata", ("x-ms-lease-id", spelling)).status == 200
    assert (
        code(asker.ask("PUT", "/data/d/f?comp=metadata", ("x-ms-lease-id", "{" + GUID + ")"))) == "InvalidHeaderValue"
    )


def test_every_code_has_a_status_and_a_text_of_one_line() -> None:
    for one in Code:
        status, text = describe(ServiceError(one))
        assert 400 <= status <= 599
        assert "\n" not in text
        assert "{" not in text
    assert set(TEXTS) == set(Code)


def test_lease_texts_speak_of_a_file_or_of_a_file_share() -> None:
    for variant, thing in (("file", "the file "), ("share", "the file share "), ("", "the file ")):
        assert thing in describe(ServiceError(Code.LEASE_ID_MISSING, variant=variant))[1]


def test_a_quoted_header_value_is_escaped_and_has_no_signature() -> None:
    source = f"http://127.0.0.1/{ACCOUNT}/data?sig=SECRET&x=<&>"
    reply = Asker().ask("PUT", "/data/g?comp=rename", ("x-ms-file-rename-source", source))
    assert xml(reply).findtext("HeaderValue") == f"http://127.0.0.1/{ACCOUNT}/data?sig=REDACTED&x=<&>"


def test_a_line_break_in_a_header_value_is_refused() -> None:
    reply = Asker().ask("PUT", "/data?restype=share", ("x-ms-meta-a", "1\r\nx: 2"))
    assert (reply.status, code(reply)) == (400, "InvalidHeaderValue")
    assert xml(reply).findtext("HeaderName") == "x-ms-meta-a"


def test_a_write_over_a_network_says_its_length() -> None:
    asker = Asker().with_share()
    network = Connection("127.0.0.1")
    for extra, expected in ((), "MissingContentLengthHeader"), ((("Transfer-Encoding", "chunked"),), None):
        pairs = [("x-ms-version", NEWEST), *UPDATE, *extra]
        target = f"/{ACCOUNT}/data/d/f?comp=range&{service_sas('data/d/f', sp='w')}"
        reply = asker.send(Request("PUT", target, pairs, (b"abcd",)), network)
        assert code(reply) == expected


def test_include_leased_needs_its_version() -> None:
    reply = (
        Asker()
        .with_share()
        .ask("DELETE", "/data?restype=share", ("x-ms-delete-snapshots", "include-leased"), version="2019-12-12")
    )
    assert (reply.status, code(reply)) == (400, "InvalidHeaderValue")


def test_a_permission_key_alone_satisfies_the_versions_that_insist_on_a_permission() -> None:
    asker = Asker().with_share()
    own = header(asker.ask("HEAD", "/data/d/f"), "x-ms-file-permission-key") or ""
    smb = (
        ("x-ms-file-attributes", "None"),
        ("x-ms-file-creation-time", "now"),
        ("x-ms-file-last-write-time", "2026-05-04T03:02:01.1234567Z"),
        ("x-ms-file-permission-key", own),
    )
    reply = asker.ask("PUT", "/data/g", *CREATE, *smb, version="2021-04-10")
    assert reply.status == 201
    assert header(reply, "x-ms-file-last-write-time") == "2026-05-04T03:02:01.1234567Z"


def test_a_clear_has_no_body() -> None:
    reply = (
        Asker()
        .with_share()
        .ask("PUT", "/data/d/f?comp=range", ("x-ms-write", "clear"), ("x-ms-range", "bytes=0-3"), body=b"abcd")
    )
    assert xml(reply).findtext("HeaderName") == "Content-Length"


def test_empty_pieces_of_a_query_are_passed_over() -> None:
    asker = Asker().with_share()
    assert asker.ask("GET", "/data?restype=directory&&comp=list&&prefix=%64").status == 200


# What the rules refuse, not the reading of the request: method, target, headers, code, and the two elements that name it.
BY_RULES = [
    ("PUT", "/data/g", [*CREATE, ("x-ms-file-permission", "Inherit"), ("x-ms-mode", "0644")], "UnsupportedHeader", ("HeaderName", "x-ms-mode"), None),
    ("PUT", "/data/d?restype=directory&comp=properties", [("x-ms-owner", "1")], "UnsupportedHeader", ("HeaderName", "x-ms-owner"), None),
    ("PUT", "/data/d/f?comp=properties", [("x-ms-group", "1")], "UnsupportedHeader", ("HeaderName", "x-ms-group"), None),
    ("PUT", "/other/g?comp=rename", [RENAME], "InvalidHeaderValue", ("HeaderName", RENAME[0]), ("HeaderValue", RENAME[1])),
    ("PUT", "/data/s?restype=symboliclink", [("x-ms-link-text", "f")], "UnsupportedQueryParameter", ("QueryParameterName", "restype"), ("QueryParameterValue", "symboliclink")),
    ("DELETE", "/data?restype=share&sharesnapshot=2026-05-04T03:02:01.0000000Z", [("x-ms-delete-snapshots", "include")],
     "InvalidQueryParameterValue", ("QueryParameterName", "sharesnapshot"), ("QueryParameterValue", "2026-05-04T03:02:01.0000000Z")),
]  # fmt: skip


@pytest.mark.parametrize(("method", "target", "headers", "error", "name", "value"), BY_RULES)
def test_what_a_rule_refuses_is_named_too(
    method: str,
    target: str,
    headers: list[tuple[str, str]],
    error: str,
    name: tuple[str, str],
    value: tuple[str, str] | None,
) -> None:
    asker = Asker().with_share()
    assert asker.ask("PUT", "/other?restype=share").status == 201
    reply = asker.ask(method, target, *headers)
    assert (reply.status, code(reply)) == (400, error)
    told = [(element.tag, element.text) for element in xml(reply)][2:]
    assert told == [pair for pair in (name, value) if pair is not None]


NAMING = {
    "INVALID_HEADER_VALUE": HEADER_OF,
    "UNSUPPORTED_HEADER": HEADER_OF,
    "WRONG_PROTOCOL": HEADER_OF,
    "IMPOSSIBLE_RENAME": HEADER_OF,
    "INVALID_QUERY_PARAMETER_VALUE": QUERY_OF,
    "UNSUPPORTED_QUERY_PARAMETER": QUERY_OF,
    "NO_LINKS_HERE": QUERY_OF,
}


def test_every_rule_that_refuses_a_header_or_parameter_says_which() -> None:
    found = 0
    for path in Path(azfiles_sim.__file__).parent.joinpath("model").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "ServiceError" and node.args):
                continue
            names = NAMING.get(ast.unparse(node.args[0]).rpartition(".")[2])
            if names is not None:
                said = [keyword.value for keyword in node.keywords if keyword.arg == "field"]
                assert len(said) == 1, f"{path.name}:{node.lineno}"
                assert not isinstance(said[0], ast.Constant) or said[0].value in names, f"{path.name}:{node.lineno}"
                found += 1
    assert found > 10
