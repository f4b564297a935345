"""A refusal read into the right exception. The table is the only place that knows which code is which class."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from azfiles.core.documents import parse_xml
from azfiles.errors import (
    AlreadyExists,
    AuthenticationFailed,
    Conflict,
    InvalidRange,
    LeaseConflict,
    NotFound,
    PreconditionFailed,
    ReplyNotUnderstood,
    ServerFault,
    ServiceError,
    Throttled,
)
from azfiles.messages import Response
from azfiles.redaction import REDACTED, is_secret_name, redact_text

# Codes that say more than their status, with the statuses that they come with.
_BY_CODE: dict[tuple[int, str], type[ServiceError]] = {
    (409, "ResourceAlreadyExists"): AlreadyExists,
    (409, "ShareAlreadyExists"): AlreadyExists,
    (409, "DeleteShareWhenSnapshotLeased"): LeaseConflict,
    (503, "ServerBusy"): Throttled,
}
_BY_STATUS: dict[int, type[ServiceError]] = {
    401: AuthenticationFailed,
    403: AuthenticationFailed,
    404: NotFound,
    409: Conflict,
    412: PreconditionFailed,
    416: InvalidRange,
    429: Throttled,
}
# Every lease code of the service begins so: LeaseIdMissing, LeaseAlreadyPresent, LeaseLost, ...
_LEASE_CODES = "Lease"


def failure(response: Response, *, request: str) -> ServiceError:
    """The exception for a response that is not a success. ``request`` is the redacted request."""
    header_code = response.headers.get("x-ms-error-code") or ""
    document = _error_document(response)
    code = header_code or (document.findtext("Code") or "" if document is not None else "")
    text = document.findtext("Message") if document is not None else None
    lines = (text or response.reason).strip().splitlines()
    return error_class(response.status, code)(
        response.status,
        code,
        redact_text(lines[0].strip() if lines else "no message came"),
        request_id=response.headers.get("x-ms-request-id") or "",
        request=request,
        details=_details(document) if document is not None else (),
    )


def error_class(status: int, code: str) -> type[ServiceError]:
    """The class of a status and code."""
    if status in {409, 412} and code.startswith(_LEASE_CODES):
        return LeaseConflict
    found = _BY_CODE.get((status, code)) or _BY_STATUS.get(status)
    if found is not None:
        return found
    return ServerFault if status >= 500 else ServiceError


def _error_document(response: Response) -> ET.Element | None:
    """HEAD has none, and what stands between us and the service answers in HTML: both are no reason to fail."""
    if not len(response.body):
        return None
    try:
        return parse_xml(response.body, "Error")
    except ReplyNotUnderstood:
        return None


def _details(document: ET.Element) -> tuple[tuple[str, str], ...]:
    """Everything beside code and message. The service quotes headers and signed text: secrets are taken out."""
    found = {element.tag: (element.text or "").strip() for element in document}
    for name, value in (("HeaderName", "HeaderValue"), ("QueryParameterName", "QueryParameterValue")):
        if value in found and is_secret_name(found.get(name, "")):
            found[value] = REDACTED
    return tuple((name, redact_text(text)) for name, text in found.items() if name not in {"Code", "Message"})
