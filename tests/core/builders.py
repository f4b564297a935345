"""What the tests of the core start from: a context, a response, an operation sent and answered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

from azfiles.address import Endpoint
from azfiles.core.operation import Operation
from azfiles.core.requests import DEFAULT_API_VERSION, Context, build, parse
from azfiles.credentials import Anonymous, Credential, SharedKey
from azfiles.messages import Headers, Request, Response

T = TypeVar("T")

KEY = SharedKey("acct", "a2V5LW9mLXRoZS10ZXN0cw==")
ENDPOINT = Endpoint("https://acct.file.core.windows.net", "acct")
PATH_STYLE = Endpoint("http://127.0.0.1:10004", "acct", ("acct",))
NOW = datetime(2025, 3, 9, 7, 5, 3, 250_000, tzinfo=UTC)
GUID = "0123abcd-4567-89ab-cdef-0123456789ab"
OTHER_GUID = "fedcba98-7654-3210-fedc-ba9876543210"
SNAPSHOT = "2019-05-09T01:34:04.0000000Z"
STAMP = (("ETag", '"0x8D6D41E834AB"'), ("Last-Modified", "Thu, 09 May 2019 01:34:42 GMT"))
MODIFIED = datetime(2019, 5, 9, 1, 34, 42, tzinfo=UTC)


def context(
    *,
    endpoint: Endpoint = ENDPOINT,
    credential: Credential | None = None,
    api_version: str = DEFAULT_API_VERSION,
    token: str | None = None,
    backup_intent: bool = False,
) -> Context:
    return Context(
        endpoint=endpoint,
        credential=Anonymous() if credential is None else credential,
        now=NOW,
        client_request_id=GUID,
        api_version=api_version,
        token=token,
        backup_intent=backup_intent,
    )


def response(
    status: int = 200,
    *headers: tuple[str, str],
    body: bytes | memoryview = b"",
    reason: str = "OK",
    stamped: bool = True,
) -> Response:
    return Response(status, reason, Headers((*(STAMP if stamped else ()), *headers)), body)


def request_of(operation: Operation[T], **options) -> Request:
    return build(operation, context(**options))


def answer(operation: Operation[T], reply: Response, *, api_version: str = "2026-10-06") -> T:
    """The result of ``operation`` where the service answers ``reply``."""
    return parse(operation, request_of(operation, api_version=api_version), reply)


def headers_of(request: Request) -> dict[str, str]:
    """The headers that belong to the operation itself."""
    common = {"host", "x-ms-version", "x-ms-date", "x-ms-client-request-id"}
    return {name: value for name, value in request.headers if name.lower() not in common}
