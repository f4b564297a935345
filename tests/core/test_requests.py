"""From an operation and its context to the request on the wire, and back from the response to the result."""

from __future__ import annotations

import pytest

from azfiles.address import Endpoint, ResourceAddress
from azfiles.core import copying, directories, files, ranges, service, shares
from azfiles.core.requests import Context, build, describe
from azfiles.credentials import Sas, Token
from azfiles.errors import InvalidArgument, ReplyNotUnderstood, RequestNotSent, ServiceError
from azfiles.messages import Request
from azfiles.models import HttpHeaders, SmbSettings

from .builders import ENDPOINT, GUID, KEY, PATH_STYLE, answer, context, headers_of, request_of, response

SAS = Sas("sv=2025-11-05&sp=rw&sig=hush123%3D")


class Tokens:
    def get_token(self, *scopes: str, **kwargs: object) -> object:
        return self


def test_a_request_begins_with_host_version_date_and_id():
    request = request_of(ranges.put_range("share", ("d", "f"), 0, b"abc"), credential=KEY)
    assert request.method == "PUT"
    assert request.origin == "https://acct.file.core.windows.net"
    assert request.target == "/share/d/f?comp=range"
    assert request.body == (b"abc",)
    assert request.headers[:7] == (
        ("Host", "acct.file.core.windows.net"),
        ("x-ms-version", "2025-11-05"),
        ("x-ms-date", "Sun, 09 Mar 2025 07:05:03 GMT"),
        ("x-ms-client-request-id", GUID),
        ("x-ms-range", "bytes=0-2"),
        ("x-ms-write", "update"),
        ("Content-Length", "3"),
    )
    assert [name for name, _ in request.headers[7:]] == ["Authorization"]


def test_content_length_is_the_sum_of_the_buffers_and_comes_with_every_write():
    assert (
        headers_of(request_of(ranges.put_range("share", ("f",), 5, [b"ab", bytearray(b"c"), memoryview(b"de")])))[
            "Content-Length"
        ]
        == "5"
    )
    assert headers_of(request_of(files.delete_file("share", ("f",)))) == {"Content-Length": "0"}
    assert headers_of(request_of(files.get_file("share", ("f",)))) == {}


def test_a_signature_joins_the_query_whether_there_is_one_or_not():
    assert request_of(files.get_file("share", ("f",)), credential=SAS).target == f"/share/f?{SAS.token}"
    assert request_of(service.list_shares(), credential=SAS).target == f"/?comp=list&{SAS.token}"


def test_path_style_puts_the_account_first():
    assert request_of(service.list_shares(), endpoint=PATH_STYLE).target == "/acct/?comp=list"
    request = request_of(files.get_file("share", ("f",)), endpoint=PATH_STYLE)
    assert (request.target, request.headers[0]) == ("/acct/share/f", ("Host", "127.0.0.1:10004"))


def test_a_bearer_token_comes_with_the_intent_to_back_up():
    request = request_of(files.get_file("share", ("f",)), credential=Token(Tokens()), token="aaa.bbb")
    assert headers_of(request) == {"x-ms-file-request-intent": "backup", "Authorization": "Bearer aaa.bbb"}


@pytest.mark.parametrize("endpoint", [PATH_STYLE, Endpoint("http://acct.file.example.org", "acct")])
def test_a_bearer_token_never_travels_over_plain_http(endpoint: Endpoint):
    with pytest.raises(RequestNotSent, match="https only") as caught:
        request_of(files.get_file("share", ("f",)), credential=Token(Tokens()), token="hush123", endpoint=endpoint)
    assert "hush123" not in str(caught.value)


@pytest.mark.parametrize("token", [None, ""])
def test_no_token_is_no_request(token: str | None):
    with pytest.raises(RequestNotSent, match="no bearer token"):
        request_of(files.get_file("share", ("f",)), credential=Token(Tokens()), token=token)


def test_a_token_that_would_break_the_header_is_refused_without_being_repeated():
    with pytest.raises(InvalidArgument, match="bearer token") as caught:
        request_of(files.get_file("share", ("f",)), credential=Token(Tokens()), token="hush123\r\nX: y")
    assert "hush123" not in str(caught.value)


@pytest.mark.parametrize(
    ("operation", "version", "complaint"),
    [
        (files.rename_file("share", ("f",), ("g",)), "2021-02-12", "Rename File needs service version 2021-04-10"),
        (service.list_shares(), "2018-03-28", "List Shares needs service version 2018-11-09"),
        (ranges.put_range("share", ("f",), 0, b"x", keep_last_write=True), "2021-04-10", "keeping the last write time"),
        (directories.list_directory("share", (), include="etag"), "2020-08-04", "extended information"),
        (files.create_file("share", ("f",), 1, data=b"x"), "2025-11-05", "together with data needs service version"),
        (files.get_file("share", ("f.",)), "2021-12-02", "names that end with a dot"),
        (ranges.list_ranges("share", ("f",), page_size=1), "2025-11-05", "pages of ranges"),
        (shares.delete_share("share", delete_snapshots="include-leased"), "2019-12-12", "leased snapshots"),
    ],
)
def test_what_the_service_version_lacks_is_not_sent_and_named(operation, version: str, complaint: str):
    with pytest.raises(RequestNotSent, match=complaint) as caught:
        request_of(operation, api_version=version)
    assert f"api_version is {version}" in str(caught.value)


@pytest.mark.parametrize(
    ("operation", "version"),
    [
        (files.get_file("share", ("f",)), "2022-11-02"),
        (directories.list_directory("share", ()), "2022-11-02"),
        (shares.get_share_properties("share"), "2024-11-04"),
        (service.list_shares(), "2024-11-04"),
    ],
)
def test_bearer_tokens_have_a_first_version_by_kind_of_resource(operation, version: str):
    credential = Token(Tokens())
    assert request_of(operation, credential=credential, token="t", api_version=version).headers
    with pytest.raises(RequestNotSent, match="a bearer token for"):
        request_of(operation, credential=credential, token="t", api_version="2021-12-02")


@pytest.mark.parametrize("version", ["", "2025", "2025-13-01", "2025-11-05-preview", "latest"])
def test_a_version_that_is_no_date_is_refused(version: str):
    with pytest.raises(InvalidArgument, match="api_version"):
        request_of(service.list_shares(), api_version=version)


def test_a_rename_names_its_source_by_url_and_with_the_clients_signature():
    operation = files.rename_file("share", ("d", "old \u00e4"), ("d", "new"))
    url = "https://acct.file.core.windows.net/share/d/old%20%C3%A4"
    assert headers_of(request_of(operation))["x-ms-file-rename-source"] == url
    assert headers_of(request_of(operation, credential=SAS))["x-ms-file-rename-source"] == f"{url}?{SAS.token}"


def test_a_copy_inside_the_account_is_signed_like_the_request():
    source = ResourceAddress("share", ("f",), "2019-05-09T01:34:04.0000000Z")
    request = request_of(copying.start_copy("share", ("g",), source), credential=SAS)
    assert headers_of(request)["x-ms-copy-source"] == (
        f"https://acct.file.core.windows.net/share/f?sharesnapshot=2019-05-09T01%3A34%3A04.0000000Z&{SAS.token}"
    )


def test_a_sink_goes_with_the_request_and_not_into_its_repr():
    sink = bytearray(b"hush123!")
    request = request_of(files.get_file("share", ("f",), 0, 4, sink=sink))
    assert request.sink is not None
    assert len(request.sink) == 4
    assert "hush123" not in repr(request)


def test_a_status_that_was_not_promised_is_not_understood():
    operation = files.delete_file("share", ("f",))
    with pytest.raises(ReplyNotUnderstood, match="Delete File: status 200 came where 202 was due"):
        answer(operation, response(200))


@pytest.mark.parametrize(("status", "expected"), [(299, ReplyNotUnderstood), (300, ServiceError), (308, ServiceError)])
def test_a_success_that_was_not_promised_is_not_understood_and_a_redirection_is_no_success(status: int, expected: type):
    with pytest.raises(expected):
        answer(files.delete_file("share", ("f",)), response(status))


def test_what_is_missing_in_a_reply_is_told_with_operation_request_and_id():
    with pytest.raises(ReplyNotUnderstood) as caught:
        answer(shares.create_share("share"), response(201, ("x-ms-request-id", "id-1"), stamped=False))
    assert str(caught.value) == (
        "Create Share: the reply lacks the header ETag [PUT /share?restype=share, request id id-1]"
    )
    with pytest.raises(ReplyNotUnderstood, match="request id none"):
        answer(shares.create_share("share"), response(201, stamped=False))


def test_a_request_is_described_without_its_signature():
    assert describe(Request("PUT", "/s/f?comp=range&sig=hush123")) == "PUT /s/f?comp=range&sig=REDACTED"


def test_a_context_shows_no_secret():
    shown = repr(context(credential=SAS, token="hush123"))
    assert "hush123" not in shown
    assert isinstance(context(), Context)
    assert build(service.list_shares(), context(endpoint=ENDPOINT)).origin == ENDPOINT.origin


@pytest.mark.parametrize("credential", [KEY, Sas("sv=1&sig=x"), Token(Tokens())])
def test_the_intent_of_a_request_is_said_once_where_it_was_asked_for(credential):
    operation = files.get_file("share", ("f",))
    request = request_of(operation, credential=credential, token="t", backup_intent=True)
    assert [value for name, value in request.headers if name == "x-ms-file-request-intent"] == ["backup"]
    with pytest.raises(RequestNotSent, match="2022-11-02"):
        request_of(operation, credential=KEY, backup_intent=True, api_version="2021-12-02")
    assert "x-ms-file-request-intent" not in dict(request_of(operation, credential=KEY).headers)
    unsigned = request_of(service.preflight_service("https://a.example", "GET"), backup_intent=True)
    assert "x-ms-file-request-intent" not in dict(unsigned.headers)


CREATED = {
    "x-ms-file-attributes": "None",
    "x-ms-file-creation-time": "Now",
    "x-ms-file-last-write-time": "Now",
    "x-ms-file-permission": "Inherit",
}
KEPT = dict.fromkeys(CREATED, "Preserve")
DEMANDING = [
    (lambda smb: files.create_file("share", ("f",), 1, smb=smb), CREATED),
    (lambda smb: directories.create_directory("share", ("d",), smb=smb), CREATED),
    (lambda smb: files.set_file_smb_properties("share", ("f",), smb or SmbSettings(attributes="Preserve")), KEPT),
    (lambda smb: directories.set_directory_smb_properties("share", (), smb or SmbSettings("Preserve")), KEPT),
    (lambda _: files.set_file_http_headers("share", ("f",), HttpHeaders(content_type="a/b")), KEPT),
    (lambda _: files.resize_file("share", ("f",), 1), {**KEPT, "x-ms-file-last-write-time": "Now"}),
]


def smb_headers_of(request: Request) -> dict[str, str]:
    return {name: value for name, value in request.headers if name.startswith("x-ms-file-")}


@pytest.mark.parametrize(("make", "demanded"), DEMANDING)
@pytest.mark.parametrize("version", ["2019-02-02", "2021-04-10"])
def test_versions_that_insist_on_smb_properties_are_told_the_defaults(make, demanded: dict[str, str], version: str):
    assert smb_headers_of(request_of(make(None), api_version=version)) == demanded


@pytest.mark.parametrize(("make", "demanded"), DEMANDING)
@pytest.mark.parametrize("version", ["2021-06-08", "2025-11-05"])
def test_other_versions_are_told_no_more_than_was_given(make, demanded: dict[str, str], version: str):
    assert len(smb_headers_of(request_of(make(None), api_version=version))) < len(demanded)


def test_the_oldest_version_knows_no_smb_properties_and_is_told_none():
    request = request_of(files.create_file("share", ("f",), 1), api_version="2018-11-09")
    assert smb_headers_of(request) == {}


def test_what_was_given_stands_and_a_permission_key_stands_for_a_permission():
    smb = SmbSettings(attributes="ReadOnly", permission_key="1*2")
    request = request_of(files.create_file("share", ("f",), 1, smb=smb), api_version="2019-02-02")
    assert smb_headers_of(request) == {
        "x-ms-file-attributes": "ReadOnly",
        "x-ms-file-creation-time": "Now",
        "x-ms-file-last-write-time": "Now",
        "x-ms-file-permission-key": "1*2",
    }
