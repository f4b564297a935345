"""Take secrets out of text before it is shown: used by every repr, error, log event and recorder.

What counts as a secret: the signature of a shared access signature, account keys, bearer tokens, the Authorization
header, and lease ids (whoever holds one may act for the lease's owner). This module imports nothing of ours.
"""

from __future__ import annotations

import re

REDACTED = "REDACTED"

# Whole values that are secrets.
_SECRET_HEADERS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "x-ms-copy-source-authorization",
        "x-ms-destination-lease-id",
        "x-ms-lease-id",
        "x-ms-proposed-lease-id",
        "x-ms-source-lease-id",
    }
)
_SECRET_PARAMETERS = frozenset({"sig", "signature"})

# Free text: an error document may quote a URL, a header or the string that was signed. `%253D` is `=` encoded twice,
# as it is where a URL travels inside the query of another.
_EQUALS = r"(?:=|%(?:25)*3[Dd])"
_START = r"(?:(?<![A-Za-z])|(?<=3[Ff]))"  # "design=" is no signature, but "%3Fsig=" is one
_VALUE_END = r"\s&\"'<>;,#\\"
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(rf"{_START}(sig(?:nature)?{_EQUALS})(?:(?!%(?:25)*26)[^{_VALUE_END}])+", re.IGNORECASE),
        rf"\1{REDACTED}",
    ),
    (re.compile(r"\b((?:AccountKey|SharedAccessSignature)\s*=)[^;\s]+", re.IGNORECASE), rf"\1{REDACTED}"),
    (re.compile(r"\b(SharedKey(?:Lite)?\s+[\w-]+:)[\w+/=-]+"), rf"\1{REDACTED}"),
    (re.compile(r"\b(Bearer\s+)[\w.~+/=-]{8,}", re.IGNORECASE), rf"\1{REDACTED}"),
    (re.compile(r"(x-ms-(?:[a-z]+-)?lease-id\s*[:=]\s*)[^\s,;]+", re.IGNORECASE), rf"\1{REDACTED}"),
    (re.compile(r"(x-ms-copy-source-authorization\s*[:=]\s*)[^\r\n]+", re.IGNORECASE), rf"\1{REDACTED}"),
    (
        re.compile(
            r"\b((?:proxy-)?authorization|(?:set-)?cookie|api-key|x-ms-encryption-key)(\s*:\s*)[^\r\n]+", re.IGNORECASE
        ),
        rf"\1\2{REDACTED}",
    ),
    (re.compile(r"(signature found in the HTTP request ')[^']+", re.IGNORECASE), rf"\1{REDACTED}"),
    # What people put into metadata is theirs: the service quotes it where a signature does not fit.
    (re.compile(r"(x-ms-meta-[\w-]+\s*:\s*)[^\r\n]+", re.IGNORECASE), rf"\1{REDACTED}"),
)
_USER_INFO = re.compile(r"\A([a-z][a-z0-9+.-]*://)[^/?#@]*@", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")


def redact_text(text: str) -> str:
    """``text`` without the secrets that can be told from their surroundings (``sig=``, ``AccountKey=``, ...)."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def redact_target(target: str) -> str:
    """A path and query without signatures. ``sig`` is found however its name is escaped or capitalised."""
    path, mark, query = target.partition("?")
    if not mark:
        return redact_text(target)
    return redact_text(path) + mark + "&".join(_redact_pair(pair) for pair in query.split("&"))


def redact_url(url: str) -> str:
    """A URL without signatures and without user information. Never fails: any text is taken."""
    return redact_target(_USER_INFO.sub(rf"\1{REDACTED}@", url))


def redact_header(name: str, value: str) -> str:
    """The value of one header, or ``REDACTED`` where all of it is a secret. URLs of copy and rename sources lose their
    signatures.
    """
    return REDACTED if name.lower() in _SECRET_HEADERS else redact_url(value)


def is_secret_name(name: str) -> bool:
    """Whether the value of a header or query parameter of this name is a secret as a whole."""
    lowered = name.lower()
    return lowered in _SECRET_HEADERS or lowered in _SECRET_PARAMETERS


def _redact_pair(pair: str) -> str:
    name, mark, value = pair.partition("=")
    plain = _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), name).strip().lower()
    if plain in _SECRET_PARAMETERS:
        return f"{name}{mark}{REDACTED}" if value else pair
    return redact_text(pair)


__all__ = [
    "REDACTED",
    "is_secret_name",
    "redact_header",
    "redact_target",
    "redact_text",
    "redact_url",
]
