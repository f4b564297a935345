"""The refusals that reading a request can end in, each made in one place. All return a ``ServiceError`` to raise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.wire.gaps import Gap
from azfiles_sim.wire.redaction import redact_text

HEADER_OF: Final = {
    "access_tier": "x-ms-access-tier",
    "action": "x-ms-lease-action",
    "attributes": "x-ms-file-attributes",
    "bandwidth_mibps": "x-ms-share-provisioned-bandwidth-mibps",
    "bursting": "x-ms-share-paid-bursting-enabled",
    "bursting_bandwidth_mibps": "x-ms-share-paid-bursting-max-bandwidth-mibps",
    "bursting_iops": "x-ms-share-paid-bursting-max-iops",
    "change": "x-ms-file-change-time",
    "creation": "x-ms-file-creation-time",
    "group": "x-ms-group",
    "iops": "x-ms-share-provisioned-iops",
    "last_write": "x-ms-file-last-write-time",
    "mode": "x-ms-mode",
    "owner": "x-ms-owner",
    "permission": "x-ms-file-permission",
    "permission_key": "x-ms-file-permission-key",
    "protocol": "x-ms-enabled-protocols",
    "quota_gib": "x-ms-share-quota",
    "root_squash": "x-ms-root-squash",
    "smb_directory_lease": "x-ms-enable-smb-directory-lease",
    "snapshot_directory": "x-ms-enable-snapshot-virtual-directory-access",
    "source": "x-ms-file-rename-source",
}
"""The header that says each field that a rule may refuse."""

QUERY_OF: Final = {"link": "restype", "snapshot": "sharesnapshot"}
"""The same for query parameters."""


def named(refusal: ServiceError, headers: Mapping[str, str], query: Mapping[str, str]) -> ServiceError:
    """A rule's refusal with the header or query parameter that it is about, and what the request said there.

    ``headers`` and ``query`` have lower-case names. A code that names no header, or a field that was not said, is left.
    """
    header, parameter = HEADER_OF.get(refusal.field, ""), QUERY_OF.get(refusal.field, "")
    if header in headers:
        if refusal.code is Code.INVALID_HEADER_VALUE:
            return bad_header(header, headers[header])
        if refusal.code is Code.UNSUPPORTED_HEADER:
            return unsupported_header(header)
    if parameter in query:
        if refusal.code is Code.INVALID_QUERY_PARAMETER_VALUE:
            return bad_query(parameter, query[parameter])
        if refusal.code is Code.UNSUPPORTED_QUERY_PARAMETER:
            return unsupported_query(parameter, query[parameter])
    return refusal


def bad_header(name: str, value: str) -> ServiceError:
    """400 InvalidHeaderValue with the header's name and value, credentials in it blotted out."""
    return ServiceError(Code.INVALID_HEADER_VALUE, details=(("HeaderName", name), ("HeaderValue", redact_text(value))))


def missing_header(name: str) -> ServiceError:
    return ServiceError(Code.MISSING_REQUIRED_HEADER, details=(("HeaderName", name),))


def unsupported_header(name: str) -> ServiceError:
    return ServiceError(Code.UNSUPPORTED_HEADER, details=(("HeaderName", name),))


def bad_query(name: str, value: str, reason: str = "") -> ServiceError:
    details = (("QueryParameterName", name), ("QueryParameterValue", redact_text(value)))
    return ServiceError(
        Code.INVALID_QUERY_PARAMETER_VALUE, details=(*details, ("Reason", reason)) if reason else details
    )


def query_out_of_range(name: str, value: str, *, minimum: int, maximum: int) -> ServiceError:
    return ServiceError(
        Code.OUT_OF_RANGE_QUERY_PARAMETER_VALUE,
        details=(
            ("QueryParameterName", name),
            ("QueryParameterValue", value),
            ("MinimumAllowed", str(minimum)),
            ("MaximumAllowed", str(maximum)),
        ),
    )


def missing_query(name: str) -> ServiceError:
    return ServiceError(Code.MISSING_REQUIRED_QUERY_PARAMETER, details=(("QueryParameterName", name),))


def unsupported_query(name: str, value: str) -> ServiceError:
    return ServiceError(
        Code.UNSUPPORTED_QUERY_PARAMETER, details=(("QueryParameterName", name), ("QueryParameterValue", value))
    )


def not_built(gap: Gap, operation: str) -> ServiceError:
    """501: a documented thing that this simulator does not do, named. A declared gap, never a silent success."""
    return ServiceError(Code.NOT_IMPLEMENTED, details=(("NotImplemented", f"{gap.what} of {operation}"),))


def authentication_failed(detail: str) -> ServiceError:
    return ServiceError(Code.AUTHENTICATION_FAILED, details=(("AuthenticationErrorDetail", redact_text(detail)),))


__all__ = [
    "HEADER_OF",
    "QUERY_OF",
    "authentication_failed",
    "bad_header",
    "bad_query",
    "missing_header",
    "missing_query",
    "named",
    "not_built",
    "query_out_of_range",
    "unsupported_header",
    "unsupported_query",
]
