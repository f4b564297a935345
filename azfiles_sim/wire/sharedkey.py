"""Shared Key and Shared Key Lite: the server's own string-to-sign, the check, and hints where it fails."""

from __future__ import annotations

import binascii
import hmac
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from azfiles_sim.model.entities import TICKS_PER_SECOND
from azfiles_sim.wire.call import Call
from azfiles_sim.wire.dates import parse_http_date
from azfiles_sim.wire.refusals import authentication_failed

CLOCK_SKEW_S: Final = 15 * 60
SCHEMES: Final = {"sharedkey": False, "sharedkeylite": True}

# The header slots of Shared Key before the x-ms-* headers; Content-Length and Date have rules of their own.
_SLOTS_AFTER_DATE: Final = ("if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range")
_SIGNED_SLOTS: Final = frozenset(_SLOTS_AFTER_DATE)
_EMPTY_SLOTS: Final = "\n" * len(_SLOTS_AFTER_DATE)

# Header orders in which clients sign. The service's collation looks at a dash last and puts an underscore before
# digits and letters; many clients sort by plain ASCII instead.
_COLLATION: Final = str.maketrans({"-": None, "_": "!"})
_DASHLESS: Final = str.maketrans({"-": None})
_ORDERS: Final[tuple[Callable[[str], tuple[str, str]], ...]] = (
    lambda name: (name.translate(_DASHLESS), name),
    lambda name: (name.translate(_COLLATION), name),
)


def check_shared_key(call: Call, scheme: str, credential: str) -> None:
    """Check the ``Authorization`` of a request against every key of its account, or raise AuthenticationFailed."""
    account, colon, signature = credential.strip().partition(":")
    if not colon or not account or not signature:
        raise authentication_failed("The Authorization header is not of the form 'SharedKey account:signature'.")
    if account != call.account:
        raise authentication_failed(
            f"The account named in the Authorization header, {account!r}, is not the account addressed, {call.account!r}."
        )
    _check_date(call)
    lite = SCHEMES[scheme]
    presented = signature.encode("utf-8", "replace")
    keys = call.keys
    names = sorted(call.service_headers)
    signed = string_to_sign(call, lite=lite, names=names)
    if matches(signed, keys[0], presented):
        return  # nearly always
    for text in candidates(call, lite=lite):
        if any(matches(text, key, presented) for key in keys):
            return
    raise authentication_failed(
        "The MAC signature found in the HTTP request is not the same as any computed signature. Server used following "
        f"string to sign: '{string_to_sign(call, lite=lite)}'.{_hint(call, keys, presented, lite=lite)}"
    )


def matches(text: str, key: bytes, presented: bytes) -> bool:
    """Whether ``presented`` is the signature of ``text``; a text that came over a socket is tried as the bytes
    that it was there (latin-1), too.
    """
    if hmac.compare_digest(sign(text.encode("utf-8", "replace"), key), presented):
        return True
    if text.isascii():
        return False
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return hmac.compare_digest(sign(raw, key), presented)


def sign(text: bytes, key: bytes) -> bytes:
    """HMAC-SHA256 in base64."""
    code = _begun(key).copy()
    code.update(text)
    return binascii.b2a_base64(code.digest(), newline=False)


@lru_cache(maxsize=64)
def _begun(key: bytes) -> hmac.HMAC:
    """The code of an empty text, to copy and go on with: looking the algorithm up again each time costs more."""
    return hmac.new(key, digestmod="sha256")


def candidates(call: Call, *, lite: bool) -> Iterator[str]:
    """The strings that a well-behaved client may have signed: one, or more where header orders differ."""
    names = sorted(call.service_headers)
    yield string_to_sign(call, lite=lite, names=names)
    seen = [names]
    for order in _ORDERS:
        other = sorted(names, key=order)
        if other not in seen:
            seen.append(other)
            yield string_to_sign(call, lite=lite, names=other)


def string_to_sign(call: Call, *, lite: bool, names: list[str] | None = None, resource: str | None = None) -> str:
    """The string-to-sign of a request. ``names`` is the order of its x-ms-* headers, by default plain ASCII."""
    headers = call.headers
    if names is None:
        names = sorted(call.service_headers)
    # A date in x-ms-date empties the slot.
    date = "" if "x-ms-date" in headers else headers.get("date", "")
    get = headers.get
    slots = f"{get('content-md5', '')}\n{get('content-type', '')}\n{date}\n"
    if not lite:
        length = get("content-length", "")
        if length == "0":
            length = ""
        before = f"{get('content-encoding', '')}\n{get('content-language', '')}\n{length}\n"
        slots = f"{before}{slots}{_EMPTY_SLOTS if _SIGNED_SLOTS.isdisjoint(headers) else _slots_after_date(headers)}"
    own = "\n".join([f"{name}:{headers[name]}" for name in names])
    shown = canonical_resource(call, lite=lite) if resource is None else resource
    return f"{call.method}\n{slots}{own}\n{shown}" if names else f"{call.method}\n{slots}{shown}"


def _slots_after_date(headers: Mapping[str, str]) -> str:
    return "".join([f"{headers.get(name, '')}\n" for name in _SLOTS_AFTER_DATE])


def canonical_resource(call: Call, *, lite: bool, path: str | None = None) -> str:
    """``/account`` and the path as on the wire (in path style it names the account again), then the query."""
    resource = f"/{call.account}{call.raw_path if path is None else path}"
    if lite:
        comp = call.query.get("comp")
        return resource if comp is None else f"{resource}?comp={comp}"
    if not call.query.pairs:
        return resource
    if len(call.query.pairs) == 1:
        return f"{resource}\n{call.query.pairs[0][0]}:{call.query.pairs[0][1]}"
    values: dict[str, list[str]] = {}
    for name, value in call.query.pairs:
        values.setdefault(name, []).append(value)
    lines = [f"\n{name}:{','.join(sorted(values[name]))}" for name in sorted(values)]
    return resource + "".join(lines)


def _check_date(call: Call) -> None:
    name = "x-ms-date" if "x-ms-date" in call.headers else "date"
    text = call.headers.get(name)
    if not text:
        raise authentication_failed("The request has neither an x-ms-date nor a Date header.")
    instant = parse_http_date(text)
    if instant is None:
        raise authentication_failed(f"The date in the header {name} is not in the format of RFC 1123: '{text}'.")
    if abs(call.now - instant) > CLOCK_SKEW_S * TICKS_PER_SECOND:
        # (u) the text; it is the one that is quoted in reports.
        age = "old" if instant < call.now else "new"
        raise authentication_failed(f"Request date header too {age}: '{text}'.")


def _hint(call: Call, keys: tuple[bytes, ...], presented: bytes, *, lite: bool) -> str:
    """One more sentence where the signature is right for a slightly different string or key."""
    names = sorted(call.service_headers)
    for sentence, text in _near_misses(call, names, lite=lite):
        if any(matches(text, key, presented) for key in keys):
            return f" Hint: {sentence}"
    text = string_to_sign(call, lite=lite, names=names)
    for other in call.view.accounts():
        if other.name != call.account and any(matches(text, key, presented) for key in other.keys):
            return f" Hint: the signature was made with a key of the account {other.name!r}."
    return ""


def _near_misses(call: Call, names: list[str], *, lite: bool) -> Iterator[tuple[str, str]]:
    def text(resource: str) -> str:
        return string_to_sign(call, lite=lite, names=names, resource=resource)

    path, doubled = call.raw_path, f"/{call.account}"
    if call.path_style and path.startswith(doubled):
        yield (
            (
                "the signature is right for a canonical resource with the account once; for a path-style URL it stands there "
                "twice."
            ),
            text(canonical_resource(call, lite=lite, path=path[len(doubled) :])),
        )
    else:
        yield (
            "the signature is right for a canonical resource with the account twice; for this URL it stands there once.",
            text(canonical_resource(call, lite=lite, path=doubled + path)),
        )
    if "%" in path:
        yield (
            "the signature is right for the decoded path; the path is signed as it is on the wire.",
            text(canonical_resource(call, lite=lite, path=unquote(path))),
        )
    if call.query.pairs and not lite:
        yield (
            "the signature is right without the query parameters; they are part of the canonical resource.",
            text(f"/{call.account}{path}"),
        )
    yield (
        f"the signature is right for the scheme {'SharedKey' if lite else 'SharedKeyLite'}.",
        string_to_sign(call, lite=not lite, names=names),
    )
    yield from _header_misses(call, names, lite=lite)


def _header_misses(call: Call, names: list[str], *, lite: bool) -> Iterator[tuple[str, str]]:
    lines = string_to_sign(call, lite=lite, names=names).split("\n")
    if not lite:
        length = call.headers.get("content-length", "")
        other = str(call.body_size) if length in {"", "0"} else ""
        yield (
            f"the signature is right with {other or 'an empty text'!r} in the slot of Content-Length.",
            "\n".join([*lines[:3], other, *lines[4:]]),
        )
        yield (
            "the signature is right with x-ms-range in the slot of Range; that slot is for the Range header only.",
            "\n".join([*lines[:11], call.headers.get("x-ms-range", ""), *lines[12:]]),
        )
    for name in names:
        yield (
            f"the signature is right without the header {name}; every x-ms-* header is signed.",
            string_to_sign(call, lite=lite, names=[one for one in names if one != name]),
        )


__all__ = ["SCHEMES", "candidates", "canonical_resource", "check_shared_key", "matches", "sign", "string_to_sign"]
