"""XML and JSON bodies. A byte order mark is tolerated, a document type is refused, order of elements does not matter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree as ET

from azfiles.core.dates import format_seconds, format_ticks, parse_http_date, parse_iso
from azfiles.core.entries import entry_times, plain_entries
from azfiles.core.replies import whole_number
from azfiles.errors import ReplyNotUnderstood
from azfiles.models import (
    AccessPolicy,
    DirectoryEntry,
    Entry,
    EntryTimes,
    FileEntry,
    LeaseProperties,
    ListingPage,
    PaidBursting,
    Provisioning,
    Range,
    ShareItem,
    SharePage,
    SignedIdentifier,
)


def parse_xml(body: bytes | memoryview, root: str) -> ET.Element:
    """The root element of a UTF-8 document, which must be called ``root``."""
    return _root_element(_text(body), root)


def _text(body: bytes | memoryview) -> str:
    try:
        return bytes(body).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ReplyNotUnderstood("the body is not UTF-8") from None


def _root_element(text: str, root: str) -> ET.Element:
    if "<!DOCTYPE" in text:
        raise ReplyNotUnderstood("the body has a document type, which the service never sends")
    try:
        element = ET.fromstring(text)  # noqa: S314 - without a document type there are no entities to expand or fetch
    except (ET.ParseError, ValueError) as error:
        raise ReplyNotUnderstood(f"the body is not XML: {error}") from None
    if element.tag != root:
        raise ReplyNotUnderstood(f"the body is a {element.tag!r} document, not {root!r}")
    return element


def parse_share_page(body: bytes | memoryview) -> SharePage:
    root = parse_xml(body, "EnumerationResults")
    return SharePage(tuple(_share_item(item) for item in _child(root, "Shares")), _next_marker(root))


def parse_listing_page(body: bytes | memoryview) -> ListingPage:
    text = _text(body)
    before, entries, after = plain_entries(text) or (text, None, "")
    root = _root_element(before + after, "EnumerationResults")
    listed = _child(root, "Entries")
    return ListingPage(
        entries=tuple(_entry(item) for item in listed) if entries is None else entries,
        next_marker=_next_marker(root),
        directory_id=root.findtext("DirectoryId") or None,
        snapshot=root.get("ShareSnapshot"),
    )


def parse_ranges(body: bytes | memoryview) -> tuple[tuple[Range, ...], tuple[Range, ...], str | None]:
    """Ranges with data, cleared ranges, and the marker of the next page."""
    root = parse_xml(body, "Ranges")
    ranges = tuple(_range(item) for item in root.iterfind("Range"))
    cleared = tuple(_range(item, cleared=True) for item in root.iterfind("ClearRange"))
    return ranges, cleared, _next_marker(root)


def parse_share_usage(body: bytes | memoryview) -> int:
    return whole_number(child_text(parse_xml(body, "ShareStats"), "ShareUsageBytes"), "ShareUsageBytes")


def parse_signed_identifiers(body: bytes | memoryview) -> tuple[SignedIdentifier, ...]:
    root = parse_xml(body, "SignedIdentifiers")
    return tuple(
        SignedIdentifier(child_text(item, "Id"), _policy(item.find("AccessPolicy")))
        for item in root.iterfind("SignedIdentifier")
    )


def build_signed_identifiers(identifiers: Sequence[SignedIdentifier]) -> bytes:
    root = ET.Element("SignedIdentifiers")
    for identifier in identifiers:
        item = ET.SubElement(root, "SignedIdentifier")
        ET.SubElement(item, "Id").text = identifier.id
        policy = identifier.policy
        parts = (
            ("Start", _moment(policy.starts_at)),
            ("Expiry", _moment(policy.expires_at)),
            ("Permission", policy.permissions),
        )
        element = ET.SubElement(item, "AccessPolicy")
        for name, value in parts:
            if value:
                ET.SubElement(element, name).text = value
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def parse_permission(body: bytes | memoryview) -> str:
    import json  # permissions are the only documents that are no XML

    try:
        document: Any = json.loads(bytes(body).decode("utf-8-sig"))
        permission: Any = document["permission"]
    except (ValueError, TypeError, LookupError):
        permission = None
    if not isinstance(permission, str):
        raise ReplyNotUnderstood("the body is not a JSON object with a 'permission'")
    return permission


def build_permission(permission: str, permission_format: str | None) -> bytes:
    import json  # as above

    document = {"permission": permission}
    if permission_format is not None:
        document = {"format": permission_format.lower(), **document}
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def _moment(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return format_ticks(moment) if moment.microsecond else format_seconds(moment)


def optional_flag(element: ET.Element, name: str) -> bool | None:
    text = element.findtext(name)
    if not text:
        return None
    if text.lower() not in {"true", "false"}:
        raise ReplyNotUnderstood(f"<{name}> in <{element.tag}> is {text!r}, neither true nor false")
    return text.lower() == "true"


def _child(element: ET.Element, name: str) -> ET.Element:
    child = element.find(name)
    if child is None:
        raise ReplyNotUnderstood(f"the body lacks <{name}> in <{element.tag}>")
    return child


def child_text(element: ET.Element, name: str) -> str:
    text = _child(element, name).text
    if text is None:
        raise ReplyNotUnderstood(f"<{name}> in <{element.tag}> is empty")
    return text


def _optional(element: ET.Element, name: str) -> str | None:
    return element.findtext(name) or None


def _next_marker(root: ET.Element) -> str | None:
    """Finished lists send the element empty; the last page of ranges leaves it out."""
    return root.findtext("NextMarker") or None


def child_name(element: ET.Element, name: str) -> str:
    """A name or path, perhaps empty. Those that XML cannot hold come percent-encoded, and say so."""
    child = _child(element, name)
    text = child.text or ""
    if (child.get("Encoded") or "").lower() != "true":
        return text
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError:
        raise ReplyNotUnderstood(f"the encoded name {text!r} is not UTF-8") from None


def _name(element: ET.Element) -> str:
    name = child_name(element, "Name")
    if not name:
        raise ReplyNotUnderstood(f"<Name> in <{element.tag}> is empty")
    return name


def _entry(element: ET.Element) -> Entry:
    properties = _child(element, "Properties")
    name = _name(element)
    file_id = _optional(element, "FileId")
    etag = _optional(properties, "Etag")
    times = _entry_times(properties)
    attributes = _optional(element, "Attributes")
    permission_key = _optional(element, "PermissionKey")
    if element.tag == "Directory":
        return DirectoryEntry(name, file_id, etag, times, attributes, permission_key)
    if element.tag == "File":
        size = whole_number(child_text(properties, "Content-Length"), "Content-Length")
        return FileEntry(name, size, file_id, etag, times, attributes, permission_key)
    raise ReplyNotUnderstood(f"<{element.tag}> in <Entries> is neither a directory nor a file")


def _entry_times(properties: ET.Element) -> EntryTimes | None:
    if properties.find("CreationTime") is None:
        return None
    return entry_times(lambda name: child_text(properties, name))


def _range(element: ET.Element, *, cleared: bool = False) -> Range:
    start = whole_number(child_text(element, "Start"), "Start")
    end = whole_number(child_text(element, "End"), "End")
    if end < start:
        raise ReplyNotUnderstood(f"the range {start} to {end} ends before it starts")
    return Range(start, end - start + 1, cleared)


def _share_item(element: ET.Element) -> ShareItem:
    properties = _child(element, "Properties")
    metadata = element.find("Metadata")
    status, state = _optional(properties, "LeaseStatus"), _optional(properties, "LeaseState")
    return ShareItem(
        name=_name(element),
        etag=child_text(properties, "Etag"),
        last_modified=parse_http_date(child_text(properties, "Last-Modified"), "Last-Modified"),
        quota_gib=whole_number(child_text(properties, "Quota"), "Quota"),
        snapshot=_optional(element, "Snapshot"),
        deleted=(_optional(element, "Deleted") or "").lower() == "true",
        version=_optional(element, "Version"),
        metadata=None if metadata is None else {item.tag: item.text or "" for item in metadata},
        lease=LeaseProperties(status, state, _optional(properties, "LeaseDuration")) if status and state else None,
        access_tier=_optional(properties, "AccessTier"),
        access_tier_changed_at=_optional_http_date(properties, "AccessTierChangeTime"),
        deleted_at=_optional_http_date(properties, "DeletedTime"),
        remaining_retention_days=_optional_number(properties, "RemainingRetentionDays"),
        provisioning=_provisioning(properties),
        enabled_protocols=_optional(properties, "EnabledProtocols"),
        root_squash=_optional(properties, "RootSquash"),
        paid_bursting=PaidBursting(
            enabled=optional_flag(properties, "PaidBurstingEnabled"),
            max_iops=_optional_number(properties, "PaidBurstingMaxIops"),
            max_bandwidth_mibps=_optional_number(properties, "PaidBurstingMaxBandwidthMibps"),
        ),
        snapshot_virtual_directory_access_enabled=optional_flag(properties, "EnableSnapshotVirtualDirectoryAccess"),
        smb_directory_lease_enabled=optional_flag(properties, "EnableSmbDirectoryLease"),
    )


def _provisioning(properties: ET.Element) -> Provisioning:
    return Provisioning(
        iops=_optional_number(properties, "ProvisionedIops"),
        bandwidth_mibps=_optional_number(properties, "ProvisionedBandwidthMiBps"),
        included_burst_iops=_optional_number(properties, "IncludedBurstIops"),
        max_burst_credits_for_iops=_optional_number(properties, "MaxBurstCreditsForIops"),
        next_quota_downgrade_at=_optional_http_date(properties, "NextAllowedQuotaDowngradeTime"),
        next_iops_downgrade_at=_optional_http_date(properties, "NextAllowedProvisionedIopsDowngradeTime"),
        next_bandwidth_downgrade_at=_optional_http_date(properties, "NextAllowedProvisionedBandwidthDowngradeTime"),
        ingress_mbps=_optional_number(properties, "ProvisionedIngressMBps"),
        egress_mbps=_optional_number(properties, "ProvisionedEgressMBps"),
    )


def _optional_number(element: ET.Element, name: str) -> int | None:
    text = _optional(element, name)
    return None if text is None else whole_number(text, name)


def _optional_http_date(element: ET.Element, name: str) -> datetime | None:
    text = _optional(element, name)
    return None if text is None else parse_http_date(text, name)


def _policy(element: ET.Element | None) -> AccessPolicy:
    if element is None:
        return AccessPolicy()
    start, expiry = _optional(element, "Start"), _optional(element, "Expiry")
    return AccessPolicy(
        permissions=_optional(element, "Permission"),
        starts_at=None if start is None else parse_iso(start, "Start"),
        expires_at=None if expiry is None else parse_iso(expiry, "Expiry"),
    )
