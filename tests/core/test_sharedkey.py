"""Shared Key, with the official client library's own signing code as the referee."""

from __future__ import annotations

import pytest
from azure.core.pipeline import PipelineContext, PipelineRequest
from azure.core.pipeline.transport import HttpRequest
from azure.storage.fileshare._shared.authentication import SharedKeyCredentialPolicy
from hypothesis import given
from hypothesis import strategies as st

from azfiles.core.operation import Kind, Operation
from azfiles.core.requests import build
from azfiles.core.sharedkey import authorization, sign, string_to_sign
from azfiles.messages import Request

from .builders import ENDPOINT, KEY, PATH_STYLE, context


def _referees_signature(request: Request) -> str:
    headers = {name: value for name, value in request.headers if name not in {"Authorization", "Host"}}
    http = HttpRequest(request.method, request.origin + request.target, headers=headers)
    SharedKeyCredentialPolicy(KEY.account, KEY.key).on_request(PipelineRequest(http, PipelineContext(None)))
    signature = http.headers["Authorization"]
    assert isinstance(signature, str)
    return signature


def _authorization(request: Request) -> str:
    return next(value for name, value in request.headers if name == "Authorization")


_components = st.text(
    st.characters(exclude_characters="/", exclude_categories=("Cs", "Cc")), min_size=1, max_size=8
).filter(lambda name: name not in {".", ".."})
_query_names = st.sampled_from(["restype", "comp", "prefix", "marker", "maxresults", "sharesnapshot", "include"])
_query_values = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=10)
_metadata_names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
_header_values = st.from_regex(r"[!-~]([ -~]{0,10}[!-~])?", fullmatch=True)
_service_headers = st.sampled_from(
    [
        "x-ms-type",
        "x-ms-write",
        "x-ms-range",
        "x-ms-lease-id",
        "x-ms-lease-action",
        "x-ms-enabled-protocols",
        "x-ms-enable-snapshot-virtual-directory-access",
        "x-ms-file-permission",
        "x-ms-file-permission-key",
        "x-ms-content-type",
        "x-ms-content-length",
    ]
)


@given(
    method=st.sampled_from(["GET", "HEAD", "PUT", "DELETE"]),
    path=st.lists(_components, max_size=3),
    query=st.dictionaries(_query_names, _query_values, max_size=4),
    metadata=st.dictionaries(_metadata_names, _header_values, max_size=4),
    headers=st.dictionaries(_service_headers, _header_values, max_size=5),
    plain=st.dictionaries(st.sampled_from(["Content-Type", "Content-MD5"]), _header_values, max_size=2),
    body=st.binary(max_size=20),
    endpoint=st.sampled_from([ENDPOINT, PATH_STYLE]),
)
def test_every_request_is_signed_as_the_official_client_signs_it(
    method, path, query, metadata, headers, plain, body, endpoint
):
    unique = {name.lower(): (f"x-ms-meta-{name}", value) for name, value in metadata.items()}
    operation = Operation(
        name="Anything",
        kind=Kind.DATA,
        method=method,
        path=tuple(path),
        success=(200,),
        parse=lambda _: None,
        query=tuple(query.items()),
        headers=(*headers.items(), *plain.items(), *unique.values()),
        body=(body,) if method == "PUT" and body else (),
    )
    request = build(operation, context(endpoint=endpoint, credential=KEY))
    assert _authorization(request) == _referees_signature(request)


def test_the_string_to_sign_has_its_lines_in_order():
    text = string_to_sign(
        "PUT",
        "/acct/s/a%20b?Comp=range&x=2&x=1",
        [
            ("Host", "h"),
            ("x-ms-date", "Thu, 09 May 2019 01:34:42 GMT"),
            ("Date", "never signed beside x-ms-date"),
            ("x-ms-version", "2025-11-05"),
            ("X-Ms-Meta-B", "  padded  "),
            ("Content-Length", "3"),
            ("Content-MD5", "md5"),
            ("Range", "bytes=0-2"),
            ("Content-Type", "t"),
        ],
        "acct",
    )
    assert text.split("\n") == [
        *("PUT", "", "", "3", "md5", "t", "", "", "", "", "", "bytes=0-2"),
        "x-ms-date:Thu, 09 May 2019 01:34:42 GMT",
        "x-ms-meta-b:padded",
        "x-ms-version:2025-11-05",
        "/acct/acct/s/a%20b",
        "comp:range",
        "x:1,2",
    ]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (1, "Content-Encoding"),
        (2, "Content-Language"),
        (3, "Content-Length"),
        (4, "Content-MD5"),
        (5, "Content-Type"),
        (6, "Date"),
        (7, "If-Modified-Since"),
        (8, "If-Match"),
        (9, "If-None-Match"),
        (10, "If-Unmodified-Since"),
        (11, "Range"),
    ],
)
def test_each_standard_header_that_is_signed_has_its_own_line(line: int, name: str):
    lines = string_to_sign("GET", "/s", [(name, "17")], "acct").split("\n")
    assert lines == ["GET", *[""] * (line - 1), "17", *[""] * (11 - line), "/acct/s"]


@pytest.mark.parametrize("length", ["0", None])
def test_no_length_and_a_length_of_zero_are_signed_alike(length: str | None):
    headers = [] if length is None else [("Content-Length", length)]
    assert string_to_sign("PUT", "/s", headers, "acct").split("\n")[3] == ""


def test_headers_are_sorted_by_the_services_collation():
    names = ["x-ms-meta-a1", "x-ms-meta-a_", "x-ms-meta-ab", "x-ms-enabled-protocols", "x-ms-enable-snapshot-x"]
    text = string_to_sign("GET", "/s", [(name, "v") for name in names], "acct")
    assert [line.partition(":")[0] for line in text.split("\n") if line.startswith("x-ms-")] == [
        "x-ms-enabled-protocols",
        "x-ms-enable-snapshot-x",
        "x-ms-meta-a_",
        "x-ms-meta-a1",
        "x-ms-meta-ab",
    ]


def test_names_that_differ_by_their_hyphens_alone_are_sorted_as_the_official_client_sorts_them():
    operation = Operation(
        name="Anything",
        kind=Kind.DATA,
        method="GET",
        path=("s",),
        success=(200,),
        parse=lambda _: None,
        headers=(("x-ms-a-bc", "1"), ("x-ms-abc", "2"), ("x-ms-ab-c", "3")),
    )
    request = build(operation, context(credential=KEY))
    assert _authorization(request) == _referees_signature(request)


def test_the_header_names_scheme_account_and_signature():
    value = authorization(KEY, method="GET", target="/s?restype=share", headers=[("x-ms-date", "d")])
    assert (
        value == f"SharedKey acct:{sign(KEY, string_to_sign('GET', '/s?restype=share', [('x-ms-date', 'd')], 'acct'))}"
    )
