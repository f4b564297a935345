"""Shared Key, written a third time: the referee signs with neither package's code."""

from __future__ import annotations

import base64
import hashlib
import hmac

from .sessions import Headers, header, parse_query

_SLOTS = (
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-MD5",
    "Content-Type",
    "Date",
    "If-Modified-Since",
    "If-Match",
    "If-None-Match",
    "If-Unmodified-Since",
    "Range",
)


def authorization(account: str, key: bytes, method: str, target: str, headers: Headers) -> str:
    """The Authorization header's value for a request in host style that carries ``x-ms-date``."""
    slots = [header(headers, name) or "" for name in _SLOTS]
    slots[2] = "" if slots[2] == "0" else slots[2]
    own = sorted((name.lower(), value) for name, value in headers if name.lower().startswith("x-ms-"))
    asked = sorted((name.lower(), value) for name, value in parse_query(target).items())
    resource = f"/{account}{target.partition('?')[0]}"
    text = "\n".join([method, *slots, *map(":".join, own), resource, *map(":".join, asked)])
    digest = hmac.new(key, text.encode(), hashlib.sha256).digest()
    return f"SharedKey {account}:{base64.b64encode(digest).decode()}"
