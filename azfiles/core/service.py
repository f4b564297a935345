"""Operations on the account's file service: its shares, its properties, preflight requests, user delegation keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, replace
from datetime import datetime, timedelta

from azfiles.core import replies, versions
from azfiles.core.arguments import check_guid, check_whole, choose, choose_several, file_path, header_text, page_query
from azfiles.core.documents import parse_share_page
from azfiles.core.operation import Kind, Operation
from azfiles.core.service_documents import (
    build_key_info,
    build_service_properties,
    parse_service_properties,
    parse_user_delegation_key,
)
from azfiles.core.versions import DELETED_SHARES, Feature
from azfiles.errors import InvalidArgument
from azfiles.messages import Response
from azfiles.models import (
    CorsAllowed,
    CorsRule,
    Metrics,
    ProtocolSettings,
    ServiceProperties,
    SharePage,
    UserDelegationKey,
)

SHARE_INCLUDES = ("snapshots", "metadata", "deleted")
CORS_METHODS = ("DELETE", "GET", "HEAD", "MERGE", "POST", "OPTIONS", "PUT", "PATCH")
MAX_CORS_RULES = 5
MAX_RETENTION_DAYS = 365
MAX_KEY_LIFETIME = timedelta(days=7)

_PROPERTIES = (("restype", "service"), ("comp", "properties"))
_XML = ("Content-Type", "application/xml")


def list_shares(
    *,
    prefix: str | None = None,
    marker: str | None = None,
    page_size: int | None = None,
    include: str | Iterable[str] = (),
) -> Operation[SharePage]:
    """One page of the account's shares, by name (List Shares).

    ``page_size`` is at most 5000, the service's default; ``include`` any of ``snapshots``, ``metadata`` and
    ``deleted``. A page may be short: go on with ``next_marker`` until it is ``None``.
    """
    included = choose_several("include", include, SHARE_INCLUDES)
    query = (("comp", "list"), *page_query(prefix=prefix, marker=marker, page_size=page_size))
    if included:
        query = (*query, ("include", ",".join(included)))
    return Operation(
        name="List Shares",
        kind=Kind.LISTING,
        method="GET",
        path=(),
        success=(200,),
        parse=lambda response: parse_share_page(response.body),
        query=query,
        needs=(DELETED_SHARES,) if "deleted" in included else (),
    )


def get_service_properties() -> Operation[ServiceProperties]:
    """Metrics, CORS rules and protocol settings of the account's file service (Get File Service Properties)."""
    return Operation(
        name="Get File Service Properties",
        kind=Kind.METADATA,
        method="GET",
        path=(),
        success=(200,),
        parse=lambda response: parse_service_properties(response.body),
        query=_PROPERTIES,
    )


def set_service_properties(
    *,
    hour_metrics: Metrics | None = None,
    minute_metrics: Metrics | None = None,
    cors: Sequence[CorsRule] | None = None,
    protocols: ProtocolSettings | None = None,
) -> Operation[None]:
    """Change what is given and keep the rest (Set File Service Properties).

    ``cors`` replaces all rules, five at most; an empty sequence removes them. Of ``protocols`` too only what is given
    is sent.
    """
    needs: list[Feature] = []
    for metrics in (hour_metrics, minute_metrics):
        if metrics is not None:
            _check_metrics(metrics)
    if cors is not None:
        cors = _checked_rules(cors)
    if protocols is not None:
        if all(value is None for value in astuple(protocols)):
            raise InvalidArgument("protocols: at least one setting is expected")
        if protocols.smb_multichannel is not None:
            needs.append(versions.MULTICHANNEL)
        if protocols.smb_encryption_required is not None or protocols.nfs_encryption_required is not None:
            needs.append(versions.ENCRYPTION_IN_TRANSIT)
    if hour_metrics is None and minute_metrics is None and cors is None and protocols is None:
        raise InvalidArgument("set_service_properties: at least one property is expected")
    return Operation(
        name="Set File Service Properties",
        kind=Kind.METADATA,
        method="PUT",
        path=(),
        success=(202,),
        parse=replies.nothing,
        query=_PROPERTIES,
        headers=(_XML,),
        body=(build_service_properties(hour_metrics, minute_metrics, cors, protocols),),
        needs=tuple(needs),
    )


def preflight_service(origin: str, method: str, *, headers: str | Iterable[str] = ()) -> Operation[CorsAllowed]:
    """Ask as a browser does whether a page of ``origin`` may send ``method`` with ``headers`` (Preflight File Request).

    Travels without any credential. A no is ``AuthenticationFailed`` with status 403. The account's CORS rules are the
    same for all that is in it.
    """
    return _preflight((), origin, method, headers)


def _preflight(path: tuple[str, ...], origin: str, method: str, headers: str | Iterable[str]) -> Operation[CorsAllowed]:
    names = [headers] if isinstance(headers, str) else list(headers)
    asked = ",".join(header_text("headers", name) for name in names)
    return Operation(
        name="Preflight File Request",
        kind=Kind.METADATA,
        method="OPTIONS",
        path=path,
        success=(200,),
        parse=_cors_allowed,
        headers=(
            ("Origin", header_text("origin", origin)),
            ("Access-Control-Request-Method", choose("method", method, CORS_METHODS)),
            *((("Access-Control-Request-Headers", asked),) if asked else ()),
        ),
        unsigned=True,
    )


def preflight_file(
    share: str, path: Sequence[str], origin: str, method: str, *, headers: str | Iterable[str] = ()
) -> Operation[CorsAllowed]:
    """Ask as a browser does whether a page of ``origin`` may send ``method`` with ``headers`` to this file (Preflight
    File Request). Travels without any credential. A no is ``AuthenticationFailed`` with status 403.
    """
    return _preflight(file_path(share, path), origin, method, headers)


def get_user_delegation_key(
    starts_at: datetime, expires_at: datetime, *, delegated_tenant_id: str | None = None
) -> Operation[UserDelegationKey]:
    """A key to sign with in the name of whoever the bearer token stands for (Get User Delegation Key).

    Valid for seven days at most. ``delegated_tenant_id`` is the tenant of the user who alone may use the signatures.
    """
    if not timedelta(0) < expires_at - starts_at <= MAX_KEY_LIFETIME:
        raise InvalidArgument("expires_at: a moment after the start, seven days later at most, is expected")
    if delegated_tenant_id is not None:
        check_guid("delegated_tenant_id", delegated_tenant_id)
    return Operation(
        name="Get User Delegation Key",
        kind=Kind.METADATA,
        method="POST",
        path=(),
        success=(200,),
        parse=lambda response: parse_user_delegation_key(response.body),
        query=(("restype", "service"), ("comp", "userdelegationkey")),
        headers=(_XML,),
        body=(build_key_info(starts_at, expires_at, delegated_tenant_id),),
        since=versions.USER_DELEGATION_KEY,
        needs=() if delegated_tenant_id is None else (versions.DELEGATED_TENANT,),
    )


def _check_metrics(metrics: Metrics) -> None:
    if metrics.include_apis and not metrics.enabled:
        raise InvalidArgument("metrics: include_apis only means something together with enabled=True")
    retention = metrics.retention
    if retention.enabled != (retention.days is not None):
        raise InvalidArgument("retention: days are expected where it is enabled, and only there")
    if retention.days is not None:
        check_whole("days", retention.days, 1, MAX_RETENTION_DAYS)


def _checked_rules(rules: Sequence[CorsRule]) -> list[CorsRule]:
    if len(rules) > MAX_CORS_RULES:
        raise InvalidArgument(f"cors: {len(rules)} rules, {MAX_CORS_RULES} at most")
    for rule in rules:
        if not rule.allowed_origins or not rule.allowed_methods:
            raise InvalidArgument("cors: a rule names at least one origin and one method")
        for texts in (rule.allowed_origins, rule.allowed_methods, rule.allowed_headers, rule.exposed_headers):
            if any("," in text for text in texts):
                raise InvalidArgument("cors: origins, methods and headers are expected one by one, without commas")
        check_whole("max_age_s", rule.max_age_s, 0, 2**31 - 1)
    return [
        replace(
            rule, allowed_methods=tuple(choose("allowed_methods", each, CORS_METHODS) for each in rule.allowed_methods)
        )
        for rule in rules
    ]


def _cors_allowed(response: Response) -> CorsAllowed:
    headers = response.headers
    return CorsAllowed(
        origin=replies.required(headers, "Access-Control-Allow-Origin"),
        methods=_names(headers.get("access-control-allow-methods")),
        headers=_names(headers.get("access-control-allow-headers")),
        max_age_s=replies.optional_number(headers, "access-control-max-age"),
        allows_credentials=replies.optional_flag(headers, "access-control-allow-credentials"),
    )


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())
