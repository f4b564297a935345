"""Shared access signatures: the server's own strings-to-sign, and every check in order.

The signature comes first, then time, protocol and address, then what it is good for: service and resource type,
then the permission. What an operation needs is its ``Access``.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

from azfiles_sim.model.entities import AccessPolicy, Ticks
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.quick import dataclass
from azfiles_sim.wire.api_versions import ACCOUNT_EXTRA_LINE_SINCE, DELEGATION_SAS_SINCE, OLDEST_SIGNED_VERSION, is_date
from azfiles_sim.wire.call import Call
from azfiles_sim.wire.dates import http_date, parse_iso_time
from azfiles_sim.wire.identity import key_value
from azfiles_sim.wire.query import Query
from azfiles_sim.wire.refusals import authentication_failed, bad_query
from azfiles_sim.wire.sharedkey import sign

_LONGEST_KEPT: Final = 4096  # characters of what was signed
SERVICE_ORDER: Final = "rcwdl"
NO_OVERRIDES: Final[Mapping[str, str]] = {}
_NO_HEADER: Final = re.compile(r"[\x00-\x1f\x7f]")

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
DELEGATION_KEY: Final = ("skoid", "sktid", "skt", "ske", "sks", "skv", "skdutid")
"""What a user delegation SAS repeats of its key, in the order of the key's document; only the last is optional."""
PARAMETERS: Final = frozenset({*ACCOUNT_FIELDS, *OVERRIDES, *DELEGATION_KEY, "sduoid", "sr", "si", "sig", "ses", "sdd"})
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


class Signed(Protocol):
    """What a SAS is on: what a request addresses, or the source that it names."""

    @property
    def account(self) -> str: ...
    @property
    def keys(self) -> tuple[bytes, ...]: ...
    @property
    def segments(self) -> tuple[str, ...]: ...


class Granted(NamedTuple):
    """A SAS that holds: its letters, and the response headers that it replaces."""

    letters: str
    overrides: Mapping[str, str]


def check_sas(query: Query, access: Access, call: Call, on: Signed) -> Granted:
    """Check a SAS ``on`` something for one operation, under the circumstances of the request ``call``. Raises the
    service's refusal where it does not hold.
    """
    if "skoid" in query:
        return _check_delegation_sas(query, access, call, on)
    if "ss" in query or "srt" in query:
        return _check_account_sas(query, access, call, on)
    if "sr" in query:
        return _check_service_sas(query, access, call, on)
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


def delegation_string_to_sign(account: str, resource: tuple[str, ...], query: Mapping[str, str]) -> str:
    """The twenty lines of a user delegation SAS; those of ``skdutid`` and ``sduoid`` may be empty but are there."""
    lines = [query.get(name, "") for name in ("sp", "st", "se")]
    lines.append("/".join(("/file", account, *resource)))
    lines += [query.get(name, "") for name in (*DELEGATION_KEY, "sduoid", "sip", "spr", "sv", *OVERRIDES)]
    return "\n".join(lines)


def _is_signed(text: str, signature: str, keys: tuple[bytes, ...]) -> bool:
    """Whether one of the keys made the signature."""
    presented, signed = signature.encode("utf-8", "replace"), text.encode("utf-8", "replace")
    return any(hmac.compare_digest(sign(signed, key), presented) for key in keys)


_is_signed_once: Final = lru_cache(maxsize=256)(_is_signed)  # one SAS is sent again and again


def _check_signature(text: str, query: Mapping[str, str], keys: tuple[bytes, ...]) -> None:
    signature = query.get("sig", "")
    check = _is_signed_once if len(text) + len(signature) <= _LONGEST_KEPT else _is_signed
    if not check(text, signature, keys):
        raise authentication_failed(f"Signature did not match. String to sign used was {text}")


# --- the two kinds ---------------------------------------------------------------------------------------------


def _check_account_sas(query: Query, access: Access, call: Call, on: Signed) -> Granted:
    signer = on.account, on.keys
    if query.signed_by != signer:
        _check_mandatory(query, "sp", "ss", "srt", "se", "sv", "sig")
        _check_signed_version(query)
        _check_signature(account_string_to_sign(on.account, query), query, on.keys)
        query.signed_by = signer
    _check_times(query.get("st"), query["se"], call.now)
    _check_circumstances(query, call)
    if "f" not in query["ss"]:
        raise ServiceError(Code.AUTHORIZATION_SERVICE_MISMATCH)
    if not access.account:
        raise ServiceError(Code.AUTHORIZATION_FAILURE)
    if access.resource not in query["srt"]:
        raise ServiceError(Code.AUTHORIZATION_RESOURCE_TYPE_MISMATCH)
    letters = query["sp"]
    _check_letters(letters, access.account)
    return Granted(letters, NO_OVERRIDES)


def _check_service_sas(query: Query, access: Access, call: Call, on: Signed) -> Granted:
    _check_mandatory(query, "sv", "sig")
    _check_signed_version(query)
    resource = _resource(query, on)
    signer = on.account, on.keys, resource
    if query.signed_by != signer:
        _check_signature(service_string_to_sign(on.account, resource, query), query, on.keys)
        query.signed_by = signer
    policy = _stored_policy(query, call, on)
    letters = _one_of("sp", query.get("sp"), policy.permission if policy else None)
    expiry = _one_of("se", query.get("se"), policy.expiry if policy else None)
    start = query.get("st") or (policy.start if policy else None)
    if not letters or not expiry:
        raise authentication_failed(f"{'se' if letters else 'sp'} is mandatory. Cannot be empty")
    if query.get("st") and policy and policy.start:
        raise authentication_failed("st must be in the signature or in the stored access policy, not in both.")
    _check_order(letters)
    _check_times(start, expiry, call.now)
    _check_circumstances(query, call)
    return _grant(query, access, letters)


def _resource(query: Mapping[str, str], on: Signed) -> tuple[str, ...]:
    """The share or file that ``sr`` says the signature is for."""
    kind = query.get("sr", "")
    if kind not in {"s", "f"}:
        raise authentication_failed(f"sr is invalid: {kind!r} is neither 's' (share) nor 'f' (file).")
    return on.segments[:1] if kind == "s" else on.segments


def _check_order(letters: str) -> None:
    if "".join(letter for letter in SERVICE_ORDER if letter in letters) != letters:
        raise authentication_failed(f"sp is invalid: the permissions are written in the order {SERVICE_ORDER}.")


def _grant(query: Mapping[str, str], access: Access, letters: str) -> Granted:
    # A SAS of this kind never reaches the share itself or the account, and a file's reaches no directory.
    if not access.service or (query["sr"] == "f" and access.level is not Level.FILE):
        raise ServiceError(Code.AUTHORIZATION_FAILURE)
    _check_letters(letters, access.service)
    return Granted(letters, _read_overrides(query))


def _check_delegation_sas(query: Mapping[str, str], access: Access, call: Call, on: Signed) -> Granted:
    _check_mandatory(query, "sp", "se", "sv", "sig", *DELEGATION_KEY[:6])
    _check_signed_version(query)
    if query["sv"] < DELEGATION_SAS_SINCE or "si" in query:
        raise authentication_failed(
            f"A user delegation SAS for files needs the signed version {DELEGATION_SAS_SINCE} or newer, and no policy."
        )
    resource = _resource(query, on)
    fields = (query.get(name, "") for name in DELEGATION_KEY)
    key = key_value(call.tokens.secret, on.account, *fields)
    _check_signature(delegation_string_to_sign(on.account, resource, query), query, (key,))
    _check_order(query["sp"])
    _check_times(query.get("st"), query["se"], call.now)
    _check_key(query, call)
    _check_circumstances(query, call)
    return _grant(query, access, query["sp"])


def _check_key(query: Mapping[str, str], call: Call) -> None:
    """The key must hold now, and be used by the user that the signature is for. (u) the texts."""
    starts, ends = parse_iso_time(query["skt"]), parse_iso_time(query["ske"])
    if starts is None or ends is None or not starts <= call.now < ends:
        raise authentication_failed("The user delegation key is not valid in the specified time frame.")
    user = query.get("sduoid")
    if user:
        tenant = query.get("skdutid") or query["sktid"]
        caller = call.caller
        if caller is None or (caller.object_id, caller.tenant) != (user.lower(), tenant.lower()):
            raise authentication_failed("The request does not carry the bearer token of the user that sduoid names.")
    elif query.get("skdutid"):
        raise authentication_failed("skdutid is of no use without sduoid.")


def _read_overrides(query: Mapping[str, str]) -> dict[str, str]:
    """The reply headers that the signature fixes. (u) one that no header can hold: 400 InvalidQueryParameterValue."""
    overrides: dict[str, str] = {}
    for name, header in OVERRIDES.items():
        if name in query:
            if _NO_HEADER.search(query[name]):
                raise bad_query(name, query[name])
            overrides[header] = query[name]
    return overrides


def _stored_policy(query: Mapping[str, str], call: Call, on: Signed) -> AccessPolicy | None:
    identifier = query.get("si")
    if not identifier:
        return None
    share = call.view.share(on.account, on.segments[0]) if on.segments else None
    for policy in share.policies if share is not None else ():
        if policy.policy_id == identifier:
            return policy
    raise authentication_failed("The stored access policy that si names does not exist on the share.")


def _one_of(name: str, signed: str | None, stored: str | None) -> str | None:
    if signed and stored:
        raise authentication_failed(f"{name} must be in the signature or in the stored access policy, not in both.")
    return signed or stored


# --- the checks that both share --------------------------------------------------------------------------------


def _check_mandatory(query: Mapping[str, str], *names: str) -> None:
    for name in names:
        if not query.get(name):
            raise authentication_failed(f"{name} is mandatory. Cannot be empty")


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


def _check_circumstances(query: Mapping[str, str], call: Call) -> None:
    protocol = query.get("spr")
    if protocol and protocol not in {"https", "https,http"}:
        raise authentication_failed(f"spr is invalid: {protocol!r} is neither 'https' nor 'https,http'.")
    if protocol == "https" and not call.https:
        raise ServiceError(Code.AUTHORIZATION_PROTOCOL_MISMATCH)
    addresses = query.get("sip")
    if addresses and not _is_within(call.connection.peer or "127.0.0.1", addresses):
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
    for letter in needed:
        if letter in letters:
            return
    raise ServiceError(LACKS_PERMISSION)
