"""What the page may show of a request and a reply: no credential, no signature, no key, no lease id.

A lease id becomes a short name that is the same for the same lease, so that one can see who holds what; it is made with
a key that nobody keeps, and leads back to nothing.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, Final

from azfiles_sim.inspector.exchanges import Excerpt, Exchange
from azfiles_sim.messages import HeaderPairs
from azfiles_sim.wire.headers import parse_guid
from azfiles_sim.wire.redaction import REDACTED, names_secret, redact_target, redact_text

LEASE_HEADERS: Final = frozenset(
    {"x-ms-lease-id", "x-ms-proposed-lease-id", "x-ms-source-lease-id", "x-ms-destination-lease-id"}
)
HEX_BYTES: Final = 256
"""So much of a body that is no text is shown."""

# What stands between a name and its value: in a header, a query, one that was escaped once or more often, JSON.
_IS: Final = r"[\"']?\s*(?:[=:]|%(?:25)*3d)\s*[\"']?"
_SIG: Final = (
    r"(?:(?<![a-z0-9])|(?<=%26)|(?<=%3f)|(?<=%2526)|(?<=%253f))(?:s|%73|%53)(?:i|%69|%49)(?:g|%67|%47)(?:nature)?"
)
# In texts: error documents quote what was signed, files hold what their owners put there.
_IN_TEXT: Final = tuple(
    # ASCII, for a body's bytes are letters here: in latin-1 parts of others would be spaces.
    re.compile(pattern, re.IGNORECASE | re.ASCII)
    for pattern in (
        rf"((?:account|shared|access)[-_]?key{_IS})[^;&\s\"'<>]+",
        rf"(SharedAccessSignature{_IS})[^;\s\"'<>]+",
        rf"({_SIG}{_IS})[^;&\s\"'<>]+",
        r"(\bSharedKey(?:Lite)? [^:\s]+:)[\w+/=%-]+",
        r"(\bBearer )[\w.~+/=-]{8,}",
        r"()\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*",  # a token that is signed (JWT)
        r"(x-ms-(?:[a-z]+-)?lease-id\s*[:=]\s*)[^\s,;]+",
        r"(x-ms-copy-source-authorization\s*[:=]\s*)[^\r\n]+",
        r"(signature found in the HTTP request ')[^']+",
        r"(<Value>)[A-Za-z0-9+/]{43}=(?=</Value>)",  # a user delegation key
        r"()(?<![\w+/=])[A-Za-z0-9+/]{86}==(?![\w+/=])",  # what looks like an account key
    )
)
_KEY_THAT_IS_CUT: Final = re.compile(r"(?<![\w+/=])[A-Za-z0-9+/]{30,86}=?\Z", re.ASCII)
_READABLE: Final = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*")


class Scrubber:
    """Tells exchanges without their secrets."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def lease_name(self, lease_id: str) -> str:
        """A short name for a lease's id, however that is spelled; another one in each run."""
        known = parse_guid(lease_id) or lease_id.strip().lower()
        return f"lease {blake2b(known.encode(), digest_size=3, key=self._key).hexdigest()}"

    def text(self, text: str) -> str:
        """A text without what shows by itself to be a secret."""
        text = redact_text(text)
        for pattern in _IN_TEXT:
            text = pattern.sub(rf"\1{REDACTED}", text)
        return text

    def target(self, target: str) -> str:
        """A path and query, or a URL."""
        return self.text(redact_target(target))

    def pairs(self, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Names and values that somebody gave to what he stored."""
        return [(name, REDACTED if names_secret(name) else self.text(value)) for name, value in pairs]

    def headers(self, headers: HeaderPairs) -> list[tuple[str, str]]:
        return [(name, self._value(name.lower(), value)) for name, value in headers]

    def body(self, excerpt: Excerpt) -> dict[str, Any]:
        """A body as text, or in hexadecimal where it is none; ``size`` is the whole body's, None where nobody knows."""
        data, size = excerpt
        whole = size == len(data)
        # Masked as latin-1 first: a byte is a letter there, and no secret hides between bytes that are no text.
        letters = self.text(data.decode("latin-1"))
        masked = (letters if whole else _KEY_THAT_IS_CUT.sub(REDACTED, letters)).encode("latin-1")
        try:
            text = masked.decode("utf-8") if whole else _cut(masked)
        except UnicodeDecodeError:
            text = "\0"
        if not _READABLE.fullmatch(text):
            shown = masked[:HEX_BYTES]
            return {"size": size, "hex": shown.hex(), "whole": whole and len(shown) == len(masked)}
        return {"size": size, "text": text, "whole": whole}

    def exchange(self, exchange: Exchange) -> dict[str, Any]:
        """Both messages, as JSON."""
        return {
            "took_ms": round(exchange.took_s * 1000, 3),
            "request": {
                "method": exchange.method,
                "target": self.target(exchange.target),
                "headers": self.headers(exchange.headers),
                "body": self.body(exchange.request_body),
            },
            "reply": {
                "status": exchange.status,
                "reason": self.text(exchange.reason),
                "headers": self.headers(exchange.reply_headers),
                "body": self.body(exchange.reply_body),
            },
        }

    def _value(self, name: str, value: str) -> str:
        if name in LEASE_HEADERS:
            return self.lease_name(value)
        if names_secret(name):
            return REDACTED
        return self.target(value)


def _cut(data: bytes) -> str:
    """The text of bytes that may end in the middle of a letter."""
    for missing in range(4):
        try:
            return data[: len(data) - missing].decode("utf-8")
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8")


__all__ = ["HEX_BYTES", "Scrubber"]
