"""Shared Key: the text that is signed, and the signature. Follows "Authorize with Shared Key".

The canonical resource is ``/`` + account + the path exactly as it travels, so a path-style address names the account
twice; query values are signed decoded.
"""

from __future__ import annotations

import binascii
import functools
import hmac
from collections.abc import Sequence
from operator import itemgetter
from urllib.parse import unquote

from azfiles.credentials import SharedKey
from azfiles.records import dataclass

# In this order, one line each, empty where absent. The sixth, Date, stays empty because we send x-ms-date.
SIGNED_HEADERS = (
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
)

_NAME = itemgetter(0)
_NO_HEADERS = ("",) * len(SIGNED_HEADERS)
_LENGTH_LINE = 1 + SIGNED_HEADERS.index("content-length")

# The service sorts by a collation, not by code points: hyphens count only between names that are otherwise equal, and
# an underscore comes before digits.
_COLLATION = str.maketrans({"-": None, "_": " "})


def string_to_sign(method: str, target: str, headers: Sequence[tuple[str, str]], account: str) -> str:
    """The text that Shared Key signs. ``target`` is the raw path and query, ``headers`` everything that is sent."""
    layout = _layout_of(tuple(map(_NAME, headers)))
    lines = [method, *_NO_HEADERS]
    for line, place in layout.standard:
        lines[line] = headers[place][1]
    if lines[_LENGTH_LINE] == "0":
        lines[_LENGTH_LINE] = ""
    for name, place in layout.service:
        lines.append(f"{name}:{headers[place][1].strip()}")
    path, _, query = target.partition("?")
    lines.append(f"/{account}{path}{_canonical_query(query)}")
    return "\n".join(lines)


def sign(credential: SharedKey, text: str) -> str:
    """HMAC-SHA256 of ``text`` under the account key, as base64."""
    keyed = _keyed(credential.secret).copy()
    keyed.update(text.encode("utf-8"))
    return binascii.b2a_base64(keyed.digest(), newline=False).decode("ascii")


@functools.lru_cache(maxsize=8)
def _keyed(secret: bytes) -> hmac.HMAC:
    """What has hashed the key already: doing so afresh for each signature costs more than hashing the text."""
    return hmac.new(secret, digestmod="sha256")


def authorization(credential: SharedKey, *, method: str, target: str, headers: Sequence[tuple[str, str]]) -> str:
    """The value of the Authorization header."""
    signature = sign(credential, string_to_sign(method, target, headers, credential.account))
    return f"SharedKey {credential.account}:{signature}"


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where in a request's headers stands what is signed: of ``standard`` headers the line and the place, of ``service``
    headers (``x-ms-``) the name and the place, in their order.
    """

    standard: tuple[tuple[int, int], ...]
    service: tuple[tuple[str, int], ...]


@functools.lru_cache(maxsize=256)
def _layout_of(names: tuple[str, ...]) -> _Layout:
    """The layout for headers of these names; there are as many as there are kinds of request. Of headers of one name the
    last counts.
    """
    places = {name.lower(): place for place, name in enumerate(names)}
    if "x-ms-date" in places:
        places.pop("date", None)
    service = sorted((name for name in places if name.startswith("x-ms-")), key=_collation_key)
    return _Layout(
        tuple((line, places[name]) for line, name in enumerate(SIGNED_HEADERS, 1) if name in places),
        tuple((name, places[name]) for name in service),
    )


def _collation_key(name: str) -> tuple[str, tuple[bool, ...]]:
    return name.translate(_COLLATION), tuple(character == "-" for character in name)


@functools.lru_cache(maxsize=256)
def _canonical_query(query: str) -> str:
    """The lines for a raw query, each with the line break before it."""
    values: dict[str, list[str]] = {}
    for pair in query.split("&") if query else ():
        name, _, value = pair.partition("=")
        values.setdefault(unquote(name).lower(), []).append(unquote(value))
    return "".join(f"\n{name}:{','.join(sorted(values[name]))}" for name in sorted(values))
