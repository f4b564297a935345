"""Shared Key and shared access signatures, written a third time: the referee signs with neither side's code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from urllib.parse import quote, unquote, urlsplit

from azfiles_sim.testing.cassettes.sessions import Headers, header, parse_query

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
_OF_ACCOUNT = ("sp", "ss", "srt", "st", "se", "sip", "spr", "sv")
_OF_SERVICE = (
    "sp", "st", "se", "resource", "si", "sip", "spr", "sv", "rscc", "rscd", "rsce", "rscl", "rsct",
)  # fmt: skip
_OF_USER = frozenset(
    {
        "sp",
        "st",
        "se",
        "sip",
        "spr",
        "sv",
        "sr",
        "sig",
        "skoid",
        "sktid",
        "skt",
        "ske",
        "sks",
        "skv",
        "skdutid",
        "sduoid",
    }
)
_ACCOUNT_EXTRA_LINE_SINCE = "2020-12-06"


def authorization(account: str, key: bytes, method: str, target: str, headers: Headers) -> str:
    """The Authorization header's value for a request in host style that carries ``x-ms-date``."""
    slots = [header(headers, name) or "" for name in _SLOTS]
    slots[2] = "" if slots[2] == "0" else slots[2]
    if header(headers, "x-ms-date") is not None:
        slots[5] = ""
    named = [(name.lower(), value.strip()) for name, value in headers if name.lower().startswith("x-ms-")]
    own = sorted(named, key=lambda pair: pair[0].replace("-", "").replace("_", " "))  # the service's own order
    asked = sorted((name.lower(), value) for name, value in parse_query(target).items())
    resource = f"/{account}{target.partition('?')[0]}"
    text = "\n".join([method, *slots, *map(":".join, own), resource, *map(":".join, asked)])
    return f"SharedKey {account}:{_sign(text, key)}"


def signed_again(account: str, key: bytes, target: str, *, account_in_path: bool = False) -> str:
    """A target or URL whose shared access signature was made with a key that nobody here has, signed with this one. One
    without a signature, or with one in a user's name, is given back as it is.
    """
    asked = parse_query(target)
    if "sig" not in asked or "skoid" in asked:
        return target
    values = {name: asked.get(name, "") for name in (*_OF_ACCOUNT, *_OF_SERVICE)}
    if "ss" in asked:
        newer = [asked.get("ses", "")] if values["sv"] >= _ACCOUNT_EXTRA_LINE_SINCE else []
        text = "\n".join([account, *(values[name] for name in _OF_ACCOUNT), *newer, ""])
    else:
        parts = unquote(urlsplit(target).path).strip("/").split("/")[int(account_in_path) :]
        values["resource"] = "/".join(["/file", account, *(parts if asked.get("sr") == "f" else parts[:1])])
        text = "\n".join(values[name] for name in _OF_SERVICE)
    base, _, query = target.partition("?")
    kept = [part for part in query.split("&") if part.partition("=")[0] != "sig"]
    return f"{base}?{'&'.join(kept)}&sig={quote(_sign(text, key), safe='')}"


def unsigned_token(user: str, tenant: str, issued_s: int) -> str:
    """A bearer token of a user, which a simulator in its development mode takes for a day. No service would."""
    claims = {
        "aud": "https://storage.azure.com/",
        "iss": f"https://sts.windows.net/{tenant}/",
        "tid": tenant,
        "oid": user,
        "exp": issued_s + 86_400,
    }
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "none"}, claims)
    ]
    return ".".join((*parts, ""))


def without_signature(target: str) -> str:
    """A target without the parameters of a shared access signature in a user's name: the key it was made with can be
    asked for by that user alone.
    """
    base, mark, query = target.partition("?")
    kept = [part for part in query.split("&") if part.partition("=")[0].lower() not in _OF_USER]
    return base + mark + "&".join(kept) if kept else base


def _sign(text: str, key: bytes) -> str:
    return base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()
