"""Bodies of requests that carry a document: the access policies of a share, and a permission."""

from __future__ import annotations

import json
from typing import Any, Final, cast

from azfiles_sim.model.entities import AccessPolicy
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.wire.api_versions import BINARY_PERMISSION_SINCE
from azfiles_sim.wire.call import Call
from azfiles_sim.wire.dates import iso_time, parse_iso_time
from azfiles_sim.wire.headers import check_body_md5
from azfiles_sim.wire.permission_format import read_binary, read_sddl
from azfiles_sim.wire.sas import SERVICE_ORDER
from azfiles_sim.wire.xml_reader import Element, parse_xml

_POLICY_NODES: Final = frozenset({"Start", "Expiry", "Permission"})


def read_policies(call: Call) -> tuple[AccessPolicy, ...]:
    """The policies of a Set Share ACL; no body at all is no policies. The model says how many, and which ids."""
    check_body_md5(call)
    if not call.body_size:
        return ()
    root = parse_xml(call.body)
    if root.name != "SignedIdentifiers":
        raise ServiceError(Code.INVALID_XML_DOCUMENT)
    return tuple(_read_policy(child) for child in root.children)


def _read_policy(node: Element) -> AccessPolicy:
    if node.name != "SignedIdentifier":
        raise ServiceError(Code.INVALID_XML_DOCUMENT)
    policy_id: str | None = None
    policy = Element("AccessPolicy")
    for child in node.children:
        if child.name == "Id":
            policy_id = child.text.strip()
        elif child.name == "AccessPolicy":
            policy = child
        else:
            raise unknown_node(child)
    if policy_id is None:
        raise ServiceError(Code.MISSING_REQUIRED_XML_NODE, details=(("XmlNodeName", "Id"),))
    for child in policy.children:
        if child.name not in _POLICY_NODES:
            raise unknown_node(child)
    return AccessPolicy(
        policy_id,
        start=_policy_time(policy, "Start"),
        expiry=_policy_time(policy, "Expiry"),
        permission=_policy_permission(policy),
    )


def unknown_node(node: Element) -> ServiceError:
    return ServiceError(Code.UNSUPPORTED_XML_NODE, details=(("XmlNodeName", node.name),))


def bad_node(name: str, value: str) -> ServiceError:
    return ServiceError(Code.INVALID_XML_NODE_VALUE, details=(("XmlNodeName", name), ("XmlNodeValue", value)))


def _policy_time(policy: Element, name: str) -> str | None:
    text = policy.child_text(name)
    if not text:
        return None
    instant = parse_iso_time(text)
    if instant is None:
        raise bad_node(name, text)
    return iso_time(instant)


def _policy_permission(policy: Element) -> str | None:
    text = policy.child_text("Permission")
    if not text:
        return None
    if any(letter not in SERVICE_ORDER for letter in text):
        raise bad_node("Permission", text)
    return text


def read_permission(call: Call) -> str:
    """The security descriptor of a Create Permission. (u) a body that is no such JSON: 400 InvalidInput."""
    check_body_md5(call)
    try:
        loaded: Any = json.loads(b"".join(call.body))
    except (ValueError, RecursionError):
        raise ServiceError(Code.INVALID_INPUT) from None
    if not isinstance(loaded, dict):
        raise ServiceError(Code.INVALID_INPUT)
    content = cast("dict[str, Any]", loaded)
    form, binary = content.get("format", "sddl"), False
    if isinstance(form, str) and form.lower() == "binary" and call.version >= BINARY_PERMISSION_SINCE:
        binary = True
    permission = content.get("permission")
    if not isinstance(permission, str) or not permission:
        raise ServiceError(Code.INVALID_INPUT)
    return read_binary(permission) if binary else read_sddl(permission)


def permission_document(permission: str, form: str = "") -> bytes:
    """The answer of Get Permission. (u) that it names a format other than SDDL."""
    content = {"permission": permission, **({"format": form} if form else {})}
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


__all__ = ["bad_node", "permission_document", "read_permission", "read_policies", "unknown_node"]
