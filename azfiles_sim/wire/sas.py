"""Shared access signatures: the server's own strings-to-sign, and every check in order.

The signature comes first, then time, protocol and address, then what it is good for: service and resource type,
then the permission. What an operation needs is its ``Access``.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from azfiles_sim.model.entities import AccessPolicy, Ticks
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.view import View
from azfiles_sim.wire.api_versions import OLDEST_SIGNED_VERSION, is_date
from azfiles_sim.wire.dates import http_date, parse_iso_time
from azfiles_sim.wire.refusals import authentication_failed
from azfiles_sim.wire.sharedkey import sign

ACCOUNT_EXTRA_LINE_SINCE: Final = "2020-12-06"
SERVICE_ORDER: Final = "rcwdl"

# (u) Older services answered AuthorizationFailure where a SAS lacks the letter; the border is not recorded, and every
# version known here is taken for new.
LACKS_PERMISSION: Final = Code.AUTHORIZATION_PERMISSION_MISMATCH

ACCOUNT_FIELDS: Final = ("sp", "ss", "srt", "st", "se", "sip", "spr", "sv")
OVERRIDES: Final = {
    "rscc": "Cache-Control",
    "rscd": "Content-Disposition",
    "rsce": "Content-Encoding",
    "rscl": "Content-Language",
    "rsct": "Content-Type",
}
PARAMETERS: Final = frozenset(
    {*ACCOUNT_FIELDS, *OVERRIDES, "sr", "si", "sig", "ses", "sdd"}
    | {"skoid", "sktid", "skt", "ske", "sks", "skv", "skdutid", "sduoid"}
)
"""Every query parameter that belongs to a SAS."""


class Level(Enum):
    """What kind of resource an operation works on."""

    SERVICE = "s"
    SHARE = "c"
    DIRECTORY = "d"
    FILE = "f"


@dataclass(frozen=True, slots=True)
class Access:
    """What a SAS must grant for an operation. ``resource`` is the account SAS's resource type; ``account`` and
    ``service`` are letters of which one suffices, empty where no such SAS may do it.
    """

    level: Level
    resource: str
    account: str
    service: str


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a SAS is checked against beside its own fields."""

    view: View
    account: str
    keys: tuple[bytes, ...] = field(repr=False)
    segments: tuple[str, ...]
    now: Ticks
    https: bool
    peer: str | None


@dataclass(frozen=True, slots=True)
class Granted:
    """A SAS that holds: its letters, and the response headers that it replaces."""

    letters: str
    overrides: dict[str, str]


def check_sas(query: Mapping[str, str], access: Access, where: Circumstances) -> Granted:
    """Check a SAS for one operation. Raises the service's refusal where it does not hold."""
    if "skoid" in query:
        raise ServiceError(
            Code.NOT_IMPLEMENTED, details=(("NotImplemented", "The user delegation SAS (query parameter skoid)"),)
        )
    if "ss" in query or "srt" in query:
        return _check_account_sas(query, access, where)
    if "sr" in query:
        return _check_service_sas(query, access, where)
    raise authentication_failed("The signature has neither the parameters ss and srt nor the parameter sr.")


# --- strings to sign -------------------------------------------------------------------------------------------


def account_string_to_sign(account: str, query: Mapping[str, str]) -> str:
    """The lines of an account SAS, each with a line feed at its end."""
    lines = [account, *(query.get(name, "") for name in ACCOUNT_FIELDS)]
    if query.get("sv", "") >= ACCOUNT_EXTRA_LINE_SINCE:
        lines.append(query.get("ses", ""))
    return "\n".join(lines) + "\n"


def service_string_to_sign(account: str, resource: tuple[str, ...], query: Mapping[str, str]) -> str:
    """The thirteen lines of a service SAS on a share or a file, no line feed at the end."""
    lines = [query.get(name, "") for name in ("sp", "st", "se")]
    lines.append("/".join(("/file", account, *resource)))
    lines += [query.get(name, "") for name in ("si", "sip", "spr", "sv", *OVERRIDES)]
    return "\n".join(lines)


def _check_signature(text: str, query: Mapping[str, str], keys: tuple[bytes, ...]) -> None:
    presented = query.get("sig", "").encode("utf-8", "replace")
    for key in keys:
        if hmac.compare_digest(sign(text.encode("utf-8", "replace"), key), presented):
            return
    raise authentication_failed(f"Signature did not match. String to sign used was {text}")


# --- the two kinds ---------------------------------------------------------------------------------------------


def _check_account_sas(query: Mapping[str, str], access: Access, where: Circumstances) -> Granted:
    for name in ("sp", "ss", "srt", "se", "sv", "sig"):
        if not query.get(name):
            raise authentication_failed(f"{name} is mandatory. Cannot be empty")
    _check_signed_version(query)
    _check_signature(account_string_to_sign(where.account, query), query, where.keys)
    _check_times(query.get("st"), query["se"], where.now)
    _check_circumstances(query, where)
    if "f" not in query["ss"]:
        raise ServiceError(Code.AUTHORIZATION_SERVICE_MISMATCH)
    if not access.account:
        raise ServiceError(Code.AUTHORIZATION_FAILURE)
    if access.resource not in query["srt"]:
        raise ServiceError(Code.AUTHORIZATION_RESOURCE_TYPE_MISMATCH)
    _check_letters(query["sp"], access.account)
    return Granted(query["sp"], {})


def _check_service_sas(query: Mapping[str, str], access: Access, where: Circumstances) -> Granted:
    for name in ("sv", "sig"):
        if not query.get(name):
            raise authentication_failed(f"{name} is mandatory. Cannot be empty")
    _check_signed_version(query)
    kind = query["sr"]
    if kind not in {"s", "f"}:
        raise authentication_failed(f"sr is invalid: {kind!r} is neither 's' (share) nor 'f' (file).")
    resource = where.segments[:1] if kind == "s" else where.segments
    _check_signature(service_string_to_sign(where.account, resource, query), query, where.keys)
    policy = _stored_policy(query, where)
    letters = _one_of("sp", query.get("sp"), policy.permission if policy else None)
    expiry = _one_of("se", query.get("se"), policy.expiry if policy else None)
    start = query.get("st") or (policy.start if policy else None)
    if not letters or not expiry:
        raise authentication_failed(f"{'se' if letters else 'sp'} is mandatory. Cannot be empty")
    if query.get("st") and policy and policy.start:
        raise authentication_failed("st must be in the signature or in the stored access policy, not in both.")
    if "".join(letter for letter in SERVICE_ORDER if letter in letters) != letters:
        raise authentication_failed(f"sp is invalid: the permissions are written in the order {SERVICE_ORDER}.")
    _check_times(start, expiry, where.now)
    _check_circumstances(query, where)
    # A SAS of this kind never reaches the share itself or the account, and a file's reaches no directory.
    if not access.service or (kind == "f" and access.level is not Level.FILE):
        raise ServiceError(Code.AUTHORIZATION_FAILURE)
    _check_letters(letters, access.service)
    return Granted(letters, {header: query[name] for name, header in OVERRIDES.items() if name in query})


def _stored_policy(query: Mapping[str, str], where: Circumstances) -> AccessPolicy | None:
    identifier = query.get("si")
    if not identifier:
        return None
    share = where.view.share(where.account, where.segments[0]) if where.segments else None
    for policy in share.policies if share is not None else ():
        if policy.policy_id == identifier:
            return policy
    raise authentication_failed("The stored access policy that si names does not exist on the share.")


def _one_of(name: str, signed: str | None, stored: str | None) -> str | None:
    if signed and stored:
        raise authentication_failed(f"{name} must be in the signature or in the stored access policy, not in both.")
    return signed or stored


# --- the checks that both share --------------------------------------------------------------------------------


def _check_signed_version(query: Mapping[str, str]) -> None:
    version = query["sv"]
    if not is_date(version) or version < OLDEST_SIGNED_VERSION:
        raise authentication_failed(
            f"sv is invalid: {version!r} is no version with shared access signatures for files."
        )


def _check_times(start: str | None, expiry: str, now: Ticks) -> None:
    ends = parse_iso_time(expiry)
    begins = parse_iso_time(start) if start else now
    if ends is None or begins is None:
        raise authentication_failed(
            f"Signature fields not well formed: {'se' if ends is None else 'st'} is no UTC time."
        )
    if ends <= begins:
        raise authentication_failed(
            f"Signed expiry time [{http_date(ends)}] has to be after signed start time [{http_date(begins)}]"
        )
    if not begins <= now < ends:
        raise authentication_failed(
            f"Signature not valid in the specified time frame: Start [{http_date(begins)}] - Expiry [{http_date(ends)}]"
            f" - Current [{http_date(now)}]"
        )


def _check_circumstances(query: Mapping[str, str], where: Circumstances) -> None:
    protocol = query.get("spr")
    if protocol and protocol not in {"https", "https,http"}:
        raise authentication_failed(f"spr is invalid: {protocol!r} is neither 'https' nor 'https,http'.")
    if protocol == "https" and not where.https:
        raise ServiceError(Code.AUTHORIZATION_PROTOCOL_MISMATCH)
    addresses = query.get("sip")
    if addresses and not _is_within(where.peer or "127.0.0.1", addresses):
        raise ServiceError(Code.AUTHORIZATION_SOURCE_IP_MISMATCH)


def _is_within(peer: str, addresses: str) -> bool:
    first, dash, last = addresses.partition("-")
    try:
        low = ipaddress.IPv4Address(first)
        high = ipaddress.IPv4Address(last) if dash else low
    except ValueError:
        raise authentication_failed("sip is invalid: it is neither an IPv4 address nor a range of two.") from None
    try:
        found = ipaddress.ip_address(peer)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped
        if mapped is None:
            return False
        found = mapped
    return low <= found <= high


def _check_letters(letters: str, needed: str) -> None:
    if not any(letter in letters for letter in needed):
        raise ServiceError(LACKS_PERMISSION)
