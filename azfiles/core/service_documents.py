"""XML bodies of the account's file service: its properties and user delegation keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from xml.etree import ElementTree as ET

from azfiles.core.dates import format_seconds, parse_iso
from azfiles.core.documents import child_text, optional_flag, parse_xml
from azfiles.core.replies import whole_number
from azfiles.errors import ReplyNotUnderstood
from azfiles.models import CorsRule, Metrics, ProtocolSettings, RetentionPolicy, ServiceProperties, UserDelegationKey


def build_service_properties(
    hour_metrics: Metrics | None,
    minute_metrics: Metrics | None,
    cors: Sequence[CorsRule] | None,
    protocols: ProtocolSettings | None,
) -> bytes:
    """The document with what is given; what is left out stays as it is."""
    root = ET.Element("StorageServiceProperties")
    for name, metrics in (("HourMetrics", hour_metrics), ("MinuteMetrics", minute_metrics)):
        if metrics is not None:
            _add_metrics(ET.SubElement(root, name), metrics)
    if cors is not None:
        rules = ET.SubElement(root, "Cors")
        for rule in cors:
            _add_rule(ET.SubElement(rules, "CorsRule"), rule)
    if protocols is not None:
        _add_protocols(root, protocols)
    return _document(root)


def parse_service_properties(body: bytes | memoryview) -> ServiceProperties:
    root = parse_xml(body, "StorageServiceProperties")
    protocols = root.find("ProtocolSettings")
    return ServiceProperties(
        hour_metrics=_metrics(root.find("HourMetrics")),
        minute_metrics=_metrics(root.find("MinuteMetrics")),
        cors=tuple(_rule(rule) for rule in root.iterfind("Cors/CorsRule")),
        protocols=None if protocols is None else _protocols(protocols),
    )


def build_key_info(starts_at: datetime, expires_at: datetime, delegated_tenant_id: str | None) -> bytes:
    root = ET.Element("KeyInfo")
    _add(root, "Start", format_seconds(starts_at))
    _add(root, "Expiry", format_seconds(expires_at))
    if delegated_tenant_id is not None:
        _add(root, "DelegatedUserTid", delegated_tenant_id)
    return _document(root)


def parse_user_delegation_key(body: bytes | memoryview) -> UserDelegationKey:
    root = parse_xml(body, "UserDelegationKey")
    return UserDelegationKey(
        object_id=child_text(root, "SignedOid"),
        tenant_id=child_text(root, "SignedTid"),
        starts_at=parse_iso(child_text(root, "SignedStart"), "SignedStart"),
        expires_at=parse_iso(child_text(root, "SignedExpiry"), "SignedExpiry"),
        service=child_text(root, "SignedService"),
        version=child_text(root, "SignedVersion"),
        value=child_text(root, "Value"),
        delegated_tenant_id=root.findtext("SignedDelegatedUserTid") or None,
    )


def _document(root: ET.Element) -> bytes:
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _add_metrics(element: ET.Element, metrics: Metrics) -> None:
    _add(element, "Version", metrics.version)
    _add(element, "Enabled", _flag(metrics.enabled))
    if metrics.enabled:
        # The service demands the element where metrics are on, and refuses it where they are off.
        _add(element, "IncludeAPIs", _flag(bool(metrics.include_apis)))
    retention = ET.SubElement(element, "RetentionPolicy")
    _add(retention, "Enabled", _flag(metrics.retention.enabled))
    if metrics.retention.days is not None:
        _add(retention, "Days", str(metrics.retention.days))


def _add_rule(element: ET.Element, rule: CorsRule) -> None:
    _add(element, "AllowedOrigins", ",".join(rule.allowed_origins))
    _add(element, "AllowedMethods", ",".join(rule.allowed_methods))
    _add(element, "AllowedHeaders", ",".join(rule.allowed_headers))
    _add(element, "ExposedHeaders", ",".join(rule.exposed_headers))
    _add(element, "MaxAgeInSeconds", str(rule.max_age_s))


# Field, then where it stands below <ProtocolSettings>.
_PROTOCOLS = (
    ("smb_multichannel", ("SMB", "Multichannel", "Enabled")),
    ("smb_encryption_required", ("SMB", "EncryptionInTransit", "Required")),
    ("nfs_encryption_required", ("NFS", "EncryptionInTransit", "Required")),
)


def _add_protocols(root: ET.Element, protocols: ProtocolSettings) -> None:
    settings = ET.SubElement(root, "ProtocolSettings")
    for field, (protocol, setting, name) in _PROTOCOLS:
        value: bool | None = getattr(protocols, field)
        if value is None:
            continue
        parent = settings.find(protocol)
        if parent is None:
            parent = ET.SubElement(settings, protocol)
        _add(ET.SubElement(parent, setting), name, _flag(value))


def _protocols(element: ET.Element) -> ProtocolSettings:
    return ProtocolSettings(**{field: optional_flag(element, "/".join(way)) for field, way in _PROTOCOLS})


def _metrics(element: ET.Element | None) -> Metrics:
    if element is None:
        raise ReplyNotUnderstood("the body lacks <HourMetrics> or <MinuteMetrics>")
    days = element.findtext("RetentionPolicy/Days") or None
    return Metrics(
        enabled=_required_flag(element, "Enabled"),
        include_apis=optional_flag(element, "IncludeAPIs"),
        retention=RetentionPolicy(
            enabled=_required_flag(element, "RetentionPolicy/Enabled"),
            days=None if days is None else whole_number(days, "Days"),
        ),
        version=child_text(element, "Version"),
    )


def _rule(element: ET.Element) -> CorsRule:
    return CorsRule(
        allowed_origins=_list(element, "AllowedOrigins"),
        allowed_methods=_list(element, "AllowedMethods"),
        allowed_headers=_list(element, "AllowedHeaders"),
        exposed_headers=_list(element, "ExposedHeaders"),
        max_age_s=whole_number(child_text(element, "MaxAgeInSeconds"), "MaxAgeInSeconds"),
    )


def _list(element: ET.Element, name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in (element.findtext(name) or "").split(",") if part.strip())


def _required_flag(element: ET.Element, name: str) -> bool:
    value = optional_flag(element, name)
    if value is None:
        raise ReplyNotUnderstood(f"the body lacks <{name}> in <{element.tag}>")
    return value
