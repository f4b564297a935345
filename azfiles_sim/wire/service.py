"""Service properties: the document that is sent, of which only what it names is changed, and the one that is answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from azfiles_sim.model.commands import GetServiceProperties, SetServiceProperties
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.results import Done, ServiceResult
from azfiles_sim.model.settings import CorsRule, Metrics, ServiceProperties
from azfiles_sim.wire.api_versions import ENCRYPTION_IN_TRANSIT_SINCE, PROTOCOL_SETTINGS_SINCE
from azfiles_sim.wire.bodies import bad_node, unknown_node
from azfiles_sim.wire.call import Answer, Call
from azfiles_sim.wire.headers import check_body_md5
from azfiles_sim.wire.shares import xml_answer
from azfiles_sim.wire.xml_reader import Element, parse_xml
from azfiles_sim.wire.xml_writer import element

MAX_CORS_RULES: Final = 5
MAX_RETENTION_DAYS: Final = 365
METRICS_VERSION: Final = "1.0"

_BOOLEANS: Final = {"true": True, "false": False}
_METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "MERGE", "PATCH", "POST", "OPTIONS", "PUT"})
_SINCE: Final[Mapping[str, str]] = {
    "ProtocolSettings": PROTOCOL_SETTINGS_SINCE,
    "EncryptionInTransit": ENCRYPTION_IN_TRANSIT_SINCE,
}

# The nodes that each node may have; the other nodes hold text.
_CHILDREN: Final[Mapping[str, frozenset[str]]] = {
    "StorageServiceProperties": frozenset({"HourMetrics", "MinuteMetrics", "Cors", "ProtocolSettings"}),
    "HourMetrics": frozenset({"Version", "Enabled", "IncludeAPIs", "RetentionPolicy"}),
    "MinuteMetrics": frozenset({"Version", "Enabled", "IncludeAPIs", "RetentionPolicy"}),
    "RetentionPolicy": frozenset({"Enabled", "Days"}),
    "Cors": frozenset({"CorsRule"}),
    "CorsRule": frozenset({"AllowedOrigins", "AllowedMethods", "AllowedHeaders", "ExposedHeaders", "MaxAgeInSeconds"}),
    "ProtocolSettings": frozenset({"SMB", "NFS"}),
    "SMB": frozenset({"Multichannel", "EncryptionInTransit"}),
    "NFS": frozenset({"EncryptionInTransit"}),
    "Multichannel": frozenset({"Enabled"}),
    "EncryptionInTransit": frozenset({"Required"}),
}


# --- requests --------------------------------------------------------------------------------------------------


def read_get(call: Call) -> GetServiceProperties:
    return GetServiceProperties(account=call.account, version=call.version)


def read_set(call: Call) -> SetServiceProperties:
    """Set File Service Properties. Raises InvalidXmlDocument, UnsupportedXmlNode, MissingRequiredXmlNode or
    InvalidXmlNodeValue; which of them the service chooses is recorded for too many CORS rules only, and for blobs (u).
    """
    check_body_md5(call)
    root = parse_xml(call.body)
    if root.name != "StorageServiceProperties":
        raise ServiceError(Code.INVALID_XML_DOCUMENT)
    _check_nodes(root, call.version)
    hour, minute, cors = _child(root, "HourMetrics"), _child(root, "MinuteMetrics"), _child(root, "Cors")
    protocols = _child(root, "ProtocolSettings") or Element("")
    smb, nfs = _child(protocols, "SMB") or Element(""), _child(protocols, "NFS") or Element("")
    return SetServiceProperties(
        account=call.account,
        version=call.version,
        hour_metrics=None if hour is None else _read_metrics(hour),
        minute_metrics=None if minute is None else _read_metrics(minute),
        cors=None if cors is None else _read_cors(cors),
        smb_multichannel=_switch(smb, "Multichannel", "Enabled"),
        smb_encryption_required=_switch(smb, "EncryptionInTransit", "Required"),
        nfs_encryption_required=_switch(nfs, "EncryptionInTransit", "Required"),
    )


def _check_nodes(node: Element, version: str) -> None:
    known = _CHILDREN.get(node.name, frozenset())
    for child in node.children:
        since = _SINCE.get(child.name, "")
        if child.name not in known or since > version:
            raise unknown_node(child)
        _check_nodes(child, version)


def _child(node: Element, name: str) -> Element | None:
    return next((child for child in node.children if child.name == name), None)


def _required(node: Element, name: str) -> str:
    text = node.child_text(name)
    if text is None:
        raise ServiceError(Code.MISSING_REQUIRED_XML_NODE, details=(("XmlNodeName", name),))
    return text


def _boolean(name: str, text: str) -> bool:
    value = _BOOLEANS.get(text.lower())
    if value is None:
        raise bad_node(name, text)
    return value


def _number(name: str, text: str, *, minimum: int, maximum: int) -> int:
    if text.isascii() and text.isdigit() and len(text) <= len(str(maximum)) and minimum <= int(text) <= maximum:
        return int(text)
    raise bad_node(name, text)


def _switch(node: Element, name: str, value: str) -> bool | None:
    child = _child(node, name)
    return None if child is None else _boolean(value, _required(child, value))


def _read_metrics(node: Element) -> Metrics:
    version = _required(node, "Version")
    if version != METRICS_VERSION:
        raise bad_node("Version", version)
    enabled = _boolean("Enabled", _required(node, "Enabled"))
    include = node.child_text("IncludeAPIs")
    if enabled and include is None:
        raise ServiceError(Code.MISSING_REQUIRED_XML_NODE, details=(("XmlNodeName", "IncludeAPIs"),))
    policy = _child(node, "RetentionPolicy")
    return Metrics(
        enabled=enabled,
        include_apis=_boolean("IncludeAPIs", include) if enabled and include is not None else None,
        retention_days=None if policy is None else _read_days(policy),
    )


def _read_days(policy: Element) -> int | None:
    if not _boolean("Enabled", _required(policy, "Enabled")):
        return None
    return _number("Days", _required(policy, "Days"), minimum=1, maximum=MAX_RETENTION_DAYS)


def _read_cors(node: Element) -> tuple[CorsRule, ...]:
    if len(node.children) > MAX_CORS_RULES:
        raise ServiceError(Code.INVALID_XML_DOCUMENT)
    return tuple(_read_rule(child) for child in node.children)


def _read_rule(node: Element) -> CorsRule:
    origins, methods = _words(_required(node, "AllowedOrigins")), _words(_required(node, "AllowedMethods"))
    if not origins:
        raise bad_node("AllowedOrigins", "")
    if not methods or not _METHODS.issuperset(methods):
        raise bad_node("AllowedMethods", ",".join(methods))
    return CorsRule(
        origins,
        methods,
        _words(_required(node, "AllowedHeaders")),
        _words(_required(node, "ExposedHeaders")),
        _number("MaxAgeInSeconds", _required(node, "MaxAgeInSeconds"), minimum=0, maximum=2**31 - 1),
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for piece in text.split(",") if (word := piece.strip()))


# --- replies ---------------------------------------------------------------------------------------------------


def render_set(_call: Call, _result: Done) -> Answer:
    return Answer(202)


def render_properties(call: Call, result: ServiceResult) -> Answer:
    properties = result.properties
    rules = "".join(map(_rule_element, properties.cors))
    content = (
        _metrics_element("HourMetrics", properties.hour_metrics)
        + _metrics_element("MinuteMetrics", properties.minute_metrics)
        + (f"<Cors>{rules}</Cors>" if rules else "<Cors />")
        + _protocols_element(properties, call.version, shown=result.shows_protocols)
    )
    return xml_answer(f"<StorageServiceProperties>{content}</StorageServiceProperties>")


def _boolean_element(name: str, value: bool) -> str:
    return element(name, "true" if value else "false")


def _metrics_element(name: str, metrics: Metrics) -> str:
    days = metrics.retention_days
    policy = _boolean_element("Enabled", days is not None) + (element("Days", str(days)) if days is not None else "")
    apis = _boolean_element("IncludeAPIs", metrics.include_apis) if metrics.include_apis is not None else ""
    return (
        f"<{name}>{element('Version', metrics.version)}{_boolean_element('Enabled', metrics.enabled)}{apis}"
        f"<RetentionPolicy>{policy}</RetentionPolicy></{name}>"
    )


def _rule_element(rule: CorsRule) -> str:
    return (
        f"<CorsRule>{element('AllowedMethods', ','.join(rule.methods))}"
        f"{element('AllowedOrigins', ','.join(rule.origins))}{element('AllowedHeaders', ','.join(rule.allowed_headers))}"
        f"{element('ExposedHeaders', ','.join(rule.exposed_headers))}{element('MaxAgeInSeconds', str(rule.max_age_s))}"
        "</CorsRule>"
    )


def _protocols_element(properties: ServiceProperties, version: str, *, shown: bool) -> str:
    if version < PROTOCOL_SETTINGS_SINCE or not shown:
        return ""
    multichannel = f"<Multichannel>{_boolean_element('Enabled', properties.smb_multichannel)}</Multichannel>"
    smb = f"<SMB>{multichannel}{_encryption_element(properties.smb_encryption_required, version)}</SMB>"
    nfs = _encryption_element(properties.nfs_encryption_required, version)
    return f"<ProtocolSettings>{smb}{f'<NFS>{nfs}</NFS>' if nfs else ''}</ProtocolSettings>"


def _encryption_element(required: bool | None, version: str) -> str:
    if required is None or version < ENCRYPTION_IN_TRANSIT_SINCE:
        return ""
    return f"<EncryptionInTransit>{_boolean_element('Required', required)}</EncryptionInTransit>"


__all__ = ["read_get", "read_set", "render_properties", "render_set"]
