"""An operation and its context to a signed request, and a response back to the operation's result.

``build`` is called afresh for each try: date, request id and signature belong to one try only.
"""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from typing import TypeVar

from azfiles.address import Endpoint
from azfiles.core.arguments import check_source_url, header_text
from azfiles.core.dates import format_http_date
from azfiles.core.failures import failure
from azfiles.core.operation import Operation, Source
from azfiles.core.settings import demanded
from azfiles.core.sharedkey import authorization
from azfiles.core.versions import (
    BACKUP_INTENT,
    BEARER_ON_FILES,
    BEARER_ON_SHARES,
    DEFAULT_API_VERSION,
    check_features,
    check_version,
)
from azfiles.credentials import Anonymous, Credential, Sas, SharedKey, Token
from azfiles.errors import ReplyNotUnderstood, RequestNotSent
from azfiles.messages import Request, Response
from azfiles.records import dataclass
from azfiles.redaction import redact_target

T = TypeVar("T")

# What marks an operation whose path is a share's name alone as one on the share's root directory.
_ON_DIRECTORY = frozenset({("restype", "directory"), ("comp", "listhandles"), ("comp", "forceclosehandles")})
_INTENT = ("x-ms-file-request-intent", "backup")
_METHODS_WITH_LENGTH = frozenset({"PUT", "POST", "DELETE"})


@dataclass(frozen=True, slots=True)
class Context:
    """What one try adds to an operation. ``token`` is the bearer token's text where ``credential`` is a ``Token``;
    ``now`` an aware datetime; ``client_request_id`` comes back in the service's logs. ``backup_intent`` says that a
    request is for backup, which with bearer tokens is always said.
    """

    endpoint: Endpoint
    credential: Credential
    now: datetime
    client_request_id: str
    api_version: str = DEFAULT_API_VERSION
    token: str | None = field(default=None, repr=False)
    backup_intent: bool = False


def build(operation: Operation[T], context: Context) -> Request:
    """The request, signed. Raises ``RequestNotSent`` where the service version lacks the operation or a feature of it,
    or where a bearer token would travel over plain http.
    """
    endpoint = context.endpoint
    credential = Anonymous() if operation.unsigned else context.credential
    version = check_version(context.api_version)
    if operation.needs or version < operation.since:
        check_features(operation.name, version=version, since=operation.since, needs=operation.needs)
    target = endpoint.target(operation.path, operation.query)
    if isinstance(credential, Sas):
        target += ("&" if "?" in target else "?") + credential.token
    headers = [
        ("Host", endpoint.host),
        ("x-ms-version", version),
        ("x-ms-date", format_http_date(context.now)),
        ("x-ms-client-request-id", header_text("client_request_id", context.client_request_id)),
        *operation.headers,
    ]
    if operation.demanded:
        headers += demanded(operation.demanded, operation.headers, version)
    if operation.source is not None:
        headers.append((operation.source.header, _source_url(operation.source, context)))
    if context.backup_intent and not operation.unsigned:
        check_features(operation.name, version=version, since="", needs=(BACKUP_INTENT,))
        headers.append(_INTENT)
    if operation.method in _METHODS_WITH_LENGTH:
        headers.append(("Content-Length", str(sum(map(len, operation.body)))))
    if isinstance(credential, Token):
        headers += _bearer(operation, context)
    elif isinstance(credential, SharedKey):
        signature = authorization(credential, method=operation.method, target=target, headers=headers)
        headers.append(("Authorization", signature))
    return Request(operation.method, target, tuple(headers), operation.body, endpoint.origin, operation.sink)


def parse(operation: Operation[T], request: Request, response: Response) -> T:
    """The operation's result. Raises the ``ServiceError`` that the response stands for, or ``ReplyNotUnderstood``."""
    if response.status in operation.success:
        try:
            return operation.parse(response)
        except ReplyNotUnderstood as error:
            shown = describe(request)
            request_id = response.headers.get("x-ms-request-id") or "none"
            raise ReplyNotUnderstood(f"{operation.name}: {error} [{shown}, request id {request_id}]") from None
    shown = describe(request)
    if response.status < 300:
        expected = " or ".join(str(status) for status in operation.success)
        raise ReplyNotUnderstood(f"{operation.name}: status {response.status} came where {expected} was due [{shown}]")
    raise failure(response, request=shown)


def describe(request: Request) -> str:
    """A request in one line, without secrets: ``PUT /share/file?comp=range``."""
    return f"{request.method} {redact_target(request.target)}"


def _source_url(source: Source, context: Context) -> str:
    """The absolute URL of a resource of the same account, with this client's signature where it has one: the service
    reads the source with what stands in its URL, not with the credential of the request.
    """
    address = source.address
    url = context.endpoint.url_of((address.share, *address.path), snapshot=address.snapshot)
    if isinstance(context.credential, Sas):
        url += ("&" if "?" in url else "?") + context.credential.token
    return check_source_url(url)


def _bearer(operation: Operation[T], context: Context) -> list[tuple[str, str]]:
    if context.endpoint.scheme != "https":
        raise RequestNotSent(
            f"{operation.name}: a bearer token is sent over https only, but the endpoint is {context.endpoint.origin}"
        )
    if not context.token:
        raise RequestNotSent(f"{operation.name}: the credential gave no bearer token")
    on_share = len(operation.path) < 2 and not _ON_DIRECTORY.intersection(operation.query)
    feature = BEARER_ON_SHARES if on_share else BEARER_ON_FILES
    check_features(operation.name, version=context.api_version, since="", needs=(feature,))
    bearer = f"Bearer {header_text('bearer token', context.token)}"
    source = operation.source
    return [
        *([("x-ms-copy-source-authorization", bearer)] if source is not None and source.authorize else []),
        *([] if context.backup_intent else [_INTENT]),
        ("Authorization", bearer),
    ]


__all__ = ["DEFAULT_API_VERSION", "Context", "build", "describe", "parse"]
