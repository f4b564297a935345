"""The refusals that reading a request can end in, each made in one place. All return a ``ServiceError`` to raise."""

from __future__ import annotations

from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.wire.redaction import redact_text


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


def not_built(what: str, operation: str) -> ServiceError:
    """501: a documented thing that this simulator does not do yet, named. A declared gap, never a silent success."""
    return ServiceError(Code.NOT_IMPLEMENTED, details=(("NotImplemented", f"{what} of {operation}"),))


def authentication_failed(detail: str) -> ServiceError:
    return ServiceError(Code.AUTHENTICATION_FAILED, details=(("AuthenticationErrorDetail", redact_text(detail)),))


__all__ = [
    "authentication_failed",
    "bad_header",
    "bad_query",
    "missing_header",
    "missing_query",
    "not_built",
    "query_out_of_range",
    "unsupported_header",
    "unsupported_query",
]
