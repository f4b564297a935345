"""A refusal becomes the exception that says what happened, and shows no secret."""

from __future__ import annotations

import copy
import pickle

import pytest

from azfiles.core import files, shares
from azfiles.core.failures import error_class
from azfiles.core.requests import parse
from azfiles.errors import (
    AlreadyExists,
    AuthenticationFailed,
    Conflict,
    InvalidRange,
    LeaseConflict,
    NotFound,
    PreconditionFailed,
    ServerFault,
    ServiceError,
    Throttled,
    TransportError,
)
from azfiles.messages import Headers, Response

from .builders import request_of

BOM = b"\xef\xbb\xbf"


def refusal(status: int, code: str, *, reason: str = "A reason.", body: bytes = b"") -> Response:
    headers = (
        (("x-ms-error-code", code), ("x-ms-request-id", "dff22ea4")) if code else (("x-ms-request-id", "dff22ea4"),)
    )
    return Response(status, reason, Headers(headers), body)


def document(code: str, message: str, extra: str = "") -> bytes:
    return (
        BOM
        + f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{message}</Message>{extra}</Error>'.encode()
    )


def raised(reply: Response, *, lease_id: str | None = None) -> ServiceError:
    operation = files.delete_file("share", ("d", "f"), lease_id=lease_id)
    with pytest.raises(ServiceError) as caught:
        parse(operation, request_of(operation), reply)
    return caught.value


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "InvalidHeaderValue", ServiceError),
        (400, "", ServiceError),
        (401, "NoAuthenticationInformation", AuthenticationFailed),
        (403, "AuthenticationFailed", AuthenticationFailed),
        (403, "AuthorizationPermissionMismatch", AuthenticationFailed),
        (404, "ShareNotFound", NotFound),
        (404, "ParentNotFound", NotFound),
        (404, "", NotFound),
        (405, "UnsupportedHttpVerb", ServiceError),
        (409, "ResourceAlreadyExists", AlreadyExists),
        (409, "ShareAlreadyExists", AlreadyExists),
        (409, "ShareHasSnapshots", Conflict),
        (409, "DirectoryNotEmpty", Conflict),
        (409, "", Conflict),
        (409, "LeaseAlreadyPresent", LeaseConflict),
        (409, "LeaseIdMismatchWithLeaseOperation", LeaseConflict),
        (409, "DeleteShareWhenSnapshotLeased", LeaseConflict),
        (412, "LeaseIdMissing", LeaseConflict),
        (412, "LeaseIdMismatchWithContainerOperation", LeaseConflict),
        (412, "LeaseLost", LeaseConflict),
        (412, "ConditionNotMet", PreconditionFailed),
        (416, "InvalidRange", InvalidRange),
        (429, "", Throttled),
        (503, "ServerBusy", Throttled),
        (503, "", ServerFault),
        (500, "InternalError", ServerFault),
        (501, "NotImplemented", ServerFault),
        (306, "", ServiceError),
    ],
)
def test_status_and_code_decide_the_class(status: int, code: str, expected: type[ServiceError]):
    assert error_class(status, code) is expected
    error = raised(refusal(status, code))
    assert type(error) is expected
    assert (error.status, error.code) == (status, code)


@pytest.mark.parametrize(
    ("status", "code", "builtin"),
    [
        (404, "ShareNotFound", FileNotFoundError),
        (409, "ShareAlreadyExists", FileExistsError),
        (403, "AuthenticationFailed", PermissionError),
    ],
)
def test_the_builtin_exceptions_catch_theirs(status: int, code: str, builtin: type[OSError]):
    assert isinstance(raised(refusal(status, code)), builtin)


def test_message_code_and_details_come_from_the_document():
    body = document(
        "InvalidHeaderValue",
        "The value is wrong.\nRequestId:dff22ea4\nTime:2019-05-09T01:19:09.9754091Z",
        "<HeaderName>x-ms-lease-duration</HeaderName><HeaderValue>10</HeaderValue>",
    )
    error = raised(refusal(400, "", body=body))
    assert error.code == "InvalidHeaderValue"
    assert error.message == "The value is wrong."
    assert error.request_id == "dff22ea4"
    assert error.request == "DELETE /share/d/f"
    assert error.details == {"HeaderName": "x-ms-lease-duration", "HeaderValue": "10"}
    assert str(error) == (
        "400 InvalidHeaderValue: The value is wrong. "
        "[DELETE /share/d/f, request id dff22ea4; HeaderName: x-ms-lease-duration; HeaderValue: 10]"
    )


@pytest.mark.parametrize("body", [b"", b"<html>502</html>", b"not xml", b"\xff", b"<!DOCTYPE x><Error/>", b"<Error/>"])
def test_without_a_readable_document_the_reason_phrase_speaks(body: bytes):
    error = raised(refusal(404, "ResourceNotFound", reason="The specified resource does not exist.", body=body))
    assert (error.code, error.message) == ("ResourceNotFound", "The specified resource does not exist.")


def test_even_nothing_at_all_is_told():
    error = raised(Response(500, "", Headers(), b""))
    assert str(error) == "500 no code: no message came [DELETE /share/d/f, request id none]"


def test_a_body_in_a_view_is_read_too():
    assert raised(Response(404, "", Headers(), memoryview(document("ShareNotFound", "Gone.")))).code == "ShareNotFound"


@pytest.mark.parametrize(
    "extra",
    [
        "<HeaderName>x-ms-lease-id</HeaderName><HeaderValue>hush123</HeaderValue>",
        "<QueryParameterName>sig</QueryParameterName><QueryParameterValue>hush123</QueryParameterValue>",
        "<AuthenticationErrorDetail>String to sign was 'PUT\n\nx-ms-copy-source:https://h/s?sig=hush123&amp;se=1\nx-ms-lease-id:hush123\n'</AuthenticationErrorDetail>",
        "<AuthenticationErrorDetail>Signature did not match. sig=hush123</AuthenticationErrorDetail>",
    ],
)
def test_secrets_that_the_service_quotes_are_not_shown(extra: str):
    error = raised(
        refusal(403, "AuthenticationFailed", body=document("AuthenticationFailed", "No. sig=hush123", extra))
    )
    assert "hush123" not in f"{error!r} {error} {error.details} {error.message} {error.request}"


def test_a_share_may_be_missing_in_answer_to_any_operation():
    operation = shares.get_share_properties("share")
    with pytest.raises(NotFound):
        parse(operation, request_of(operation), refusal(404, "ShareNotFound"))


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_an_error_can_be_copied_and_sent_to_another_process(again):
    error = NotFound(404, "ShareNotFound", "No share.", request_id="1", request="GET /s", details=(("A", "b"),))
    error.add_note("while listing")
    same = again(error)
    assert type(same) is NotFound
    assert (str(same), vars(same)) == (str(error), vars(error))
    lost = again(TransportError("cut off", sent=True))
    assert (type(lost), str(lost), lost.sent) == (TransportError, "cut off", True)
