"""Shared Key: the text that is signed, and the signature. Follows "Authorize with Shared Key".

The canonical resource is ``/`` + account + the path exactly as it travels, so a path-style address names the account
twice; query values are signed decoded.
"""

from __future__ import annotations

import base64
import functools
import hmac
from collections.abc import Sequence
from urllib.parse import unquote

from azfiles.credentials import SharedKey

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

# The service sorts by a collation, not by code points: hyphens count only between names that are otherwise equal, and
# an underscore comes before digits.
_COLLATION = str.maketrans({"-": None, "_": " "})


def string_to_sign(method: str, target: str, headers: Sequence[tuple[str, str]], account: str) -> str:
    """The text that Shared Key signs. ``target`` is the raw path and query, ``headers`` everything that is sent."""
    lowered = {name.lower(): value for name, value in headers}
    if lowered.get("content-length") == "0":
        del lowered["content-length"]
    if "x-ms-date" in lowered:
        lowered.pop("date", None)
    lines = [method, *(lowered.get(name, "") for name in SIGNED_HEADERS)]
    service_headers = sorted((name for name in lowered if name.startswith("x-ms-")), key=_collation_key)
    lines += [f"{name}:{lowered[name].strip()}" for name in service_headers]
    return "\n".join(lines) + "\n" + _canonical_resource(target, account)


def sign(credential: SharedKey, text: str) -> str:
    """HMAC-SHA256 of ``text`` under the account key, as base64."""
    return base64.b64encode(hmac.digest(credential.secret, text.encode("utf-8"), "sha256")).decode("ascii")


def authorization(credential: SharedKey, *, method: str, target: str, headers: Sequence[tuple[str, str]]) -> str:
    """The value of the Authorization header."""
    signature = sign(credential, string_to_sign(method, target, headers, credential.account))
    return f"SharedKey {credential.account}:{signature}"


@functools.lru_cache(maxsize=1024)
def _collation_key(name: str) -> tuple[str, tuple[bool, ...]]:
    return name.translate(_COLLATION), tuple(character == "-" for character in name)


def _canonical_resource(target: str, account: str) -> str:
    path, _, query = target.partition("?")
    values: dict[str, list[str]] = {}
    for pair in query.split("&") if query else ():
        name, _, value = pair.partition("=")
        values.setdefault(unquote(name).lower(), []).append(unquote(value))
    lines = [f"{name}:{','.join(sorted(values[name]))}" for name in sorted(values)]
    return "\n".join((f"/{account}{path}", *lines))
