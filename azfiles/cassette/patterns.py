"""What a secret looks like in text and in data: one table for the scrubber, the matcher and the scanner.

Each pattern keeps a group in front, by which the secret is known, and the rest of its match is the secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

MASK: Final = "REDACTED"

LEASE_HEADERS: Final = (
    "x-ms-lease-id",
    "x-ms-proposed-lease-id",
    "x-ms-source-lease-id",
    "x-ms-destination-lease-id",
)
URL_HEADERS: Final = ("x-ms-copy-source", "x-ms-file-rename-source", "x-ms-rename-source")
CREDENTIAL_HEADERS: Final = frozenset({"authorization", "proxy-authorization", "x-ms-copy-source-authorization"})
SECRET_HEADERS: Final = CREDENTIAL_HEADERS | {
    "api-key",
    "cookie",
    "metadata-secret",
    "ocp-apim-subscription-key",
    "secret",
    "set-cookie",
    "x-api-key",
    "x-auth-token",
    "x-functions-key",
    "x-identity-header",
    "x-ms-authorization-auxiliary",
    "x-ms-encryption-key",
    "x-ms-file-rename-source-authorization",
    "x-ms-source-authorization",
}
"""Headers whose whole value is a secret, and says nothing about an answer."""
CLIENT_ADDRESS_HEADERS: Final = frozenset({"forwarded", "x-forwarded-for", "x-real-ip", "client-ip", "x-ms-client-ip"})

# The name starts a pair: nothing before it, or a delimiter, plain, as an entity, percent-encoded (once or twice) or
# JSON-escaped.
_START = r"(?:(?<![\w-])|(?<=%26)|(?<=%3f)|(?<=%2526)|(?<=%253f)|(?<=\\u0026))"
_EQUALS = r"(?:=|%3d|%253d|&#0*61;|&#x0*3d;|\\u003d)"
# Of entities those of base64 and of a percent sign belong to the value.
_IN_VALUE = r"&#0*(?:37|43|47|61);|&#x0*(?:25|2b|2f|3d);|\\u00(?:2b|2f|3d)"
_VALUE = rf"(?:(?!%26|%2526|\\u0026)[^&\s\"'<>\\]|{_IN_VALUE})+"
_NAMES = (
    r"(?:account|primary|secondary|shared|access|api|private|shared_?access|storage(?:_?account)?|(?:user_?)?delegation)_?key"
    r"|(?:access|refresh|id|auth|bearer)_?token|client_?(?:secret|assertion)|assertion|password|secret(?:_?value)?"
    r"|connection_?string|sharedaccesssignature|sas_?token|access_?sas"
)
_NAME_HINTS = ("key", "token", "secret", "password", "string", "signature", "assertion", "sas")
_IN_FORM = r"client_secret|client_assertion|assertion|refresh_token|access_token|id_token|password"


class Pattern(NamedTuple):
    """``kind`` is what the secret is called; ``mask`` what stands for it; ``hints`` are texts (lower case) of which one
    is in every match, so that most texts are passed over at the cost of a look.
    """

    kind: str
    pattern: re.Pattern[str]
    hints: tuple[str, ...]
    mask: str = MASK


def _pattern(kind: str, keep: str, secret: str, *hints: str, mask: str = MASK) -> Pattern:
    return Pattern(kind, re.compile(f"({keep})(?:{secret})", re.IGNORECASE), hints, mask)


IN_TEXT: Final = (
    _pattern("signature", rf"{_START}sig{_EQUALS}", _VALUE, "sig"),
    _pattern("account key", rf"{_START}(?:account|shared|access)-?key(?:=|%3d)", r"[^;&\s\"'<>]+", "key"),
    _pattern("shared access signature", rf"{_START}SharedAccessSignature=", r"[^;\s\"'<>]+", "sharedaccess"),
    _pattern("user and password in a URL", r"(?<=:)//", r"[^/\s@\"'<>?#]+@", "//", mask=""),
    _pattern("Shared Key signature", r"\bSharedKey(?:Lite)? [^:\s]+:", r"[\w+/=%-]+", "sharedkey"),
    _pattern("bearer token", r"\bBearer ", r"[\w.~+/=-]{24,}", "bearer"),
    _pattern("token", r"\b", r"eyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*", "eyj"),
    _pattern("secret in JSON", rf'"(?:{_NAMES})"\s*:\s*"', r'(?:[^"\\]|\\.)+', *_NAME_HINTS),
    _pattern("secret in XML", rf"<(?:[\w.-]+:)?(?:{_NAMES})(?:\s[^<>]*)?>\s*", r"[^<\s][^<]*", *_NAME_HINTS),
    _pattern("secret in a form", rf"{_START}(?:{_IN_FORM})=", r"[^&\s\"'<>]+", "client_", "_token", "assertion", "password"),
    _pattern("account key", r"(?<![\w+/=])", r"[A-Za-z0-9+/]{86}==(?![\w+/=])", "=="),
    _pattern("user delegation key", r"<Value>", r"[A-Za-z0-9+/]{43}=(?=</Value>)", "<value>"),
)  # fmt: skip

# A hint that holds another one is found with that.
_HINTS: Final = tuple(
    hint
    for hint in sorted({hint for one in IN_TEXT for hint in one.hints})
    if not any(other in hint for one in IN_TEXT for other in one.hints if other != hint)
)

LONE_SIGNATURE: Final = re.compile(r"(?<![\w+/=])[A-Za-z0-9+/]{43}=(?![\w+/=])")
"""32 bytes in base64: in an error's text the signature that was found or expected."""

# In a name only what can be nothing else, escaped as a name may be: 32 bytes of base64 as a signature, 64 as an account key.
_BASE64 = rf"(?:[A-Za-z0-9+/]|%(?:25)?2[bf]|{_IN_VALUE})"
_PADDING = r"(?:=|%(?:25)?3d|&#0*61;|&#x0*3d;)"
IN_NAMES: Final = (
    _pattern("signature", rf"{_START}sig{_EQUALS}", rf"{_BASE64}{{43}}{_PADDING}", "sig"),
    _pattern("account key", rf"{_START}account-?key{_EQUALS}", rf"{_BASE64}{{86}}{_PADDING}{{2}}", "key"),
)

# In a file's content only what can be nothing else: 32 bytes of base64 as a signature, 64 as an account key.
SIGNATURE_IN_DATA: Final = re.compile(rb"(?<=\bsig=)(?:[A-Za-z0-9+/]|%2[BbFf]){43}(?:=|%3[Dd])")
ACCOUNT_KEY_IN_DATA: Final = re.compile(rb"(?<=\bAccountKey=)[A-Za-z0-9+/]{86}==")
MARKS_IN_DATA: Final = (b"sig=", b"AccountKey=")

SIGNED_ADDRESS: Final = re.compile(r"((?:[?&]|%3f|%26)sip(?:=|%3d))([\d.]+)(-[\d.]+)?", re.IGNORECASE)
"""Which addresses a signature is good for: one, or from the first to the last, which follows a dash."""
NO_CLIENTS_ADDRESS: Final = ("127.", "0.0.0.0", "192.0.2.", "198.51.100.", "203.0.113.")  # noqa: S104 - nothing is bound
"""How addresses begin that are this machine's, or documented to be nobody's: a pseudonym is one of the latter."""
CLIENT_ADDRESS_IN_XML: Final = re.compile(r"(?<=<ClientIp>)([^<:]+|\[[^\]]+\])")
IPV4: Final = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]\d)")

GUID: Final = re.compile(r"\b[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b", re.IGNORECASE)
WHOLE_GUID: Final = re.compile(r"[{(]?[0-9a-f]{8}(-?)(?:[0-9a-f]{4}\1){3}[0-9a-f]{12}[)}]?", re.IGNORECASE)


def mask_text(text: str) -> str:
    """Text with everything masked that shows by itself to be a signature, a key, a token or a password."""
    lowered = text.lower()
    for hint in _HINTS:
        if hint in lowered:
            return _masked(IN_TEXT, text, lowered)
    return text  # as nearly all are, and there are many


def mask_name(text: str) -> str:
    """A name with signatures and account keys masked."""
    return _masked(IN_NAMES, text, text.lower())


def secrets_in_text(text: str) -> Iterator[tuple[str, str]]:
    """(kind, secret) of all that ``mask_text`` would mask and is not masked."""
    return _found(IN_TEXT, text)


def secrets_in_name(text: str) -> Iterator[tuple[str, str]]:
    """(kind, secret) of all that ``mask_name`` would mask."""
    return _found(IN_NAMES, text)


def _masked(patterns: Iterable[Pattern], text: str, lowered: str) -> str:
    for one in patterns:
        if any(hint in lowered for hint in one.hints):
            text = one.pattern.sub(rf"\g<1>{one.mask}", text)
    return text


def _found(patterns: Iterable[Pattern], text: str) -> Iterator[tuple[str, str]]:
    lowered = text.lower()
    for one in patterns:
        if any(hint in lowered for hint in one.hints):
            for found in one.pattern.finditer(text):
                yield one.kind, found[0][len(found[1]) :]


def mask_data(data: bytes) -> bytes:
    """A file's content with signatures and account keys overwritten, as long as before."""
    if b"sig=" in data:
        data = SIGNATURE_IN_DATA.sub(_overwrite, data)
    if b"AccountKey=" in data:
        data = ACCOUNT_KEY_IN_DATA.sub(_overwrite, data)
    return data


def _overwrite(found: re.Match[bytes]) -> bytes:
    return b"X" * len(found[0])


__all__ = [
    "ACCOUNT_KEY_IN_DATA",
    "CLIENT_ADDRESS_HEADERS",
    "CLIENT_ADDRESS_IN_XML",
    "CREDENTIAL_HEADERS",
    "GUID",
    "IN_NAMES",
    "IN_TEXT",
    "IPV4",
    "LEASE_HEADERS",
    "LONE_SIGNATURE",
    "MARKS_IN_DATA",
    "MASK",
    "NO_CLIENTS_ADDRESS",
    "SECRET_HEADERS",
    "SIGNATURE_IN_DATA",
    "SIGNED_ADDRESS",
    "URL_HEADERS",
    "WHOLE_GUID",
    "Pattern",
    "mask_data",
    "mask_name",
    "mask_text",
    "secrets_in_name",
    "secrets_in_text",
]
