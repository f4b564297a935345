"""Handles of SMB clients, listed and closed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from azfiles.core import handles
from azfiles.core.requests import build
from azfiles.credentials import Token
from azfiles.errors import InvalidArgument, ReplyNotUnderstood, RequestNotSent
from azfiles.models import Handle, HandlesClosed

from .builders import SNAPSHOT, answer, context, headers_of, request_of, response

SNAP = "sharesnapshot=2019-05-09T01%3A34%3A04.0000000Z"
RECORDED = (
    b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Entries><Handle><HandleId>21123954401'
    b"</HandleId><Path /><FileId>0</FileId><ParentId>0</ParentId><SessionId>9385737614310506553</SessionId><ClientIp>"
    b"167.220.2.92:27553</ClientIp><OpenTime>Fri, 03 May 2019 05:59:43 GMT</OpenTime></Handle></Entries>"
    b"<NextMarker /></EnumerationResults>"
)
ROOT = Handle(
    id="21123954401",
    path="",
    file_id="0",
    session_id="9385737614310506553",
    client_ip="167.220.2.92:27553",
    opened_at=datetime(2019, 5, 3, 5, 59, 43, tzinfo=UTC),
    parent_id="0",
)

ROWS = [
    (handles.list_file_handles("share", ("d", "f")), "GET /share/d/f?comp=listhandles", {}),
    (
        handles.list_file_handles("share", ("f.",), marker="m", page_size=7, snapshot=SNAPSHOT),
        f"GET /share/f.?comp=listhandles&marker=m&maxresults=7&{SNAP}",
        {"x-ms-allow-trailing-dot": "true"},
    ),
    (handles.list_directory_handles("share", ()), "GET /share?comp=listhandles", {"x-ms-recursive": "false"}),
    (
        handles.list_directory_handles("share", ("d",), recursive=True),
        "GET /share/d?comp=listhandles",
        {"x-ms-recursive": "true"},
    ),
    (
        handles.close_file_handles("share", ("f",), "17"),
        "PUT /share/f?comp=forceclosehandles",
        {"x-ms-handle-id": "17", "Content-Length": "0"},
    ),
    (
        handles.close_directory_handles("share", (), "*", recursive=True, marker="m", snapshot=SNAPSHOT),
        f"PUT /share?comp=forceclosehandles&marker=m&{SNAP}",
        {"x-ms-handle-id": "*", "x-ms-recursive": "true", "Content-Length": "0"},
    ),
]


@pytest.mark.parametrize(("operation", "line", "headers"), ROWS, ids=[row[1] for row in ROWS])
def test_an_operation_on_handles_says_exactly_this_on_the_wire(operation, line, headers):
    request = request_of(operation)
    assert f"{request.method} {request.target}" == line
    assert headers_of(request) == headers
    assert operation.success == (200,)


def test_a_recorded_list_of_handles_is_understood():
    page = answer(handles.list_directory_handles("share", ()), response(200, body=RECORDED))
    assert (page.handles, page.next_marker) == ((ROOT,), None)


def test_a_newer_service_says_more_of_a_handle_and_encodes_what_xml_cannot_hold():
    more = (
        RECORDED.replace(b"<Path />", b'<Path Encoded="true">a/%EF%BF%BF</Path>')
        .replace(
            b"</OpenTime>",
            b"</OpenTime><LastReconnectTime>Fri, 03 May 2019 06:00:00 GMT</LastReconnectTime><ClientName>host"
            b"</ClientName><AccessRightList><AccessRight>Read</AccessRight><AccessRight>Write</AccessRight>"
            b"</AccessRightList>",
        )
        .replace(b"<NextMarker />", b"<NextMarker>1!4!eA--</NextMarker>")
    )
    page = answer(handles.list_file_handles("share", ("f",)), response(200, body=more))
    handle = page.handles[0]
    assert (handle.path, handle.client_name, handle.access_rights) == ("a/\uffff", "host", ("Read", "Write"))
    assert handle.last_reconnected_at == datetime(2019, 5, 3, 6, tzinfo=UTC)
    assert page.next_marker == "1!4!eA--"


def test_a_handle_without_an_id_is_not_understood():
    with pytest.raises(ReplyNotUnderstood, match="HandleId"):
        answer(
            handles.list_file_handles("share", ("f",)),
            response(200, body=RECORDED.replace(b"21123954401", b"")),
        )


def test_closing_says_how_many_and_where_to_go_on():
    operation = handles.close_file_handles("share", ("f",), "*")
    closed = ("x-ms-number-of-handles-closed", "3")
    assert answer(operation, response(200, closed)) == (HandlesClosed(3), None)
    more = (closed, ("x-ms-number-of-handles-failed", "1"), ("x-ms-marker", "m"))
    assert answer(operation, response(200, *more)) == (HandlesClosed(3, 1), "m")
    with pytest.raises(ReplyNotUnderstood, match="handles-closed"):
        answer(operation, response(200))


def test_a_handle_is_closed_by_an_id():
    with pytest.raises(InvalidArgument, match="handle_id"):
        handles.close_file_handles("share", ("f",), "")


def test_the_handles_of_a_shares_root_count_as_those_of_a_directory_for_bearer_tokens():
    operation = handles.list_directory_handles("share", ())
    token = Token(type("Tokens", (), {"get_token": print})())
    request = build(operation, context(credential=token, token="t", api_version="2022-11-02"))
    assert dict(request.headers)["x-ms-file-request-intent"] == "backup"
    with pytest.raises(RequestNotSent, match="2022-11-02"):
        build(operation, context(credential=token, token="t", api_version="2021-12-02"))
