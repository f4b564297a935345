"""User delegation keys: the request, the answer, and the key itself, made from the simulator's secret.

A key is a hash of everything that it names, so it needs no store: a signature names all of that again.
"""

from __future__ import annotations

import base64
from typing import Final

from azfiles_sim.model.commands import GetUserDelegationKey
from azfiles_sim.model.entities import TICKS_PER_SECOND
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.results import DelegationKey
from azfiles_sim.wire.api_versions import DELEGATED_TENANT_SINCE
from azfiles_sim.wire.bodies import bad_node, unknown_node
from azfiles_sim.wire.call import Answer, Call
from azfiles_sim.wire.dates import iso_time, parse_iso_time
from azfiles_sim.wire.headers import check_body_md5, parse_guid
from azfiles_sim.wire.identity import key_value
from azfiles_sim.wire.refusals import authentication_failed
from azfiles_sim.wire.shares import xml_answer
from azfiles_sim.wire.xml_reader import Element, parse_xml
from azfiles_sim.wire.xml_writer import element

SERVICE: Final = "f"
_NODES: Final = frozenset({"Start", "Expiry", "DelegatedUserTid"})


def read_key_request(call: Call) -> GetUserDelegationKey:
    """Get User Delegation Key: for the user of a bearer token only. (u) without ``Start`` the key holds from now."""
    caller = call.caller
    if caller is None:
        raise authentication_failed("Only authentication scheme Bearer is supported")
    check_body_md5(call)
    root = parse_xml(call.body)
    if root.name != "KeyInfo":
        raise ServiceError(Code.INVALID_XML_DOCUMENT)
    for child in root.children:
        if child.name not in _NODES or (child.name == "DelegatedUserTid" and call.version < DELEGATED_TENANT_SINCE):
            raise unknown_node(child)
    tenant = root.child_text("DelegatedUserTid")
    delegated = parse_guid(tenant) if tenant else None
    if tenant and delegated is None:
        raise bad_node("DelegatedUserTid", tenant)
    expiry = _time(root, "Expiry")
    if expiry is None:
        raise ServiceError(Code.MISSING_REQUIRED_XML_NODE, details=(("XmlNodeName", "Expiry"),))
    start = _time(root, "Start")
    return GetUserDelegationKey(
        account=call.account,
        version=call.version,
        object_id=caller.object_id,
        tenant=caller.tenant,
        delegated_tenant=delegated,
        start=call.now - call.now % TICKS_PER_SECOND if start is None else start,
        expiry=expiry,
    )


def _time(root: Element, name: str) -> int | None:
    text = root.child_text(name)
    if not text:
        return None
    instant = parse_iso_time(text)
    if instant is None:
        raise bad_node(name, text)
    return instant


def render_key(call: Call, result: DelegationKey) -> Answer:
    """The key's document. Its times have whole seconds, as signatures repeat them."""
    fields = {
        "SignedOid": result.object_id,
        "SignedTid": result.tenant,
        "SignedStart": _whole(result.start),
        "SignedExpiry": _whole(result.expiry),
        "SignedService": SERVICE,
        "SignedVersion": call.asked_version,
    }
    if result.delegated_tenant is not None:
        fields["SignedDelegatedUserTid"] = result.delegated_tenant
    key = key_value(call.tokens.secret, call.account, *fields.values())
    value = base64.b64encode(key).decode("ascii")
    content = "".join(element(name, text) for name, text in (*fields.items(), ("Value", value)))
    return xml_answer(f"<UserDelegationKey>{content}</UserDelegationKey>")


def _whole(instant: int) -> str:
    return f"{iso_time(instant)[:19]}Z"


__all__ = ["read_key_request", "render_key"]
