"""Takes credentials out of text that leaves the simulator: error details, journal entries, log lines.

A text (an error's detail) is shown with the secret's own letters replaced. A target is somebody's whole URL, in which a
secret may have been escaped once or more often: a piece of it that shows one when it is decoded is replaced as a whole.
Every pattern here takes time in proportion to the text, whoever wrote it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import takewhile
from typing import Final
from urllib.parse import unquote

REDACTED: Final = "REDACTED"
LONGEST_TOLD: Final = 1024
"""Characters of a target that are kept and shown."""

_LONGEST_CACHED: Final = 2048  # characters of a query that is looked at once, because it comes again and again
_MOST_ESCAPES: Final = 8  # so often may a piece be escaped; what was escaped more often is not shown at all

_SIGNATURE: Final = re.compile(r"(?i)((?:^|[?&\s;:])(?:s|%73)(?:i|%69)(?:g|%67)(?:=|:|%3d))[^&\s'\"]+")
_SECRET_HEADER: Final = re.compile(r"(?im)((?:^|\s)(?:authorization|x-ms-copy-source-authorization)\s*[:=])[^\n]*")

# Names of parameters, headers and metadata whose values are secrets. A permission's key and a lease's action are none.
_NAME: Final = (
    r"(?:(?<![a-z0-9])sig(?:nature)?|sharedaccesssignature|authorization|cookie|passw[a-z]{0,8}|(?<![a-z0-9])pwd"
    r"|secret|token|connection[-_]?string|lease[-_]?id|(?<![a-z0-9_-])key"
    r"|(?:account|access|api|encryption|shared|subscription)[-_]?key)"
)
_SECRET_NAME: Final = re.compile(
    rf"{_NAME}[\s+]*\Z|authorization|cookie|passw|secret|connection[-_]?string", re.IGNORECASE
)
_SHOWS_SECRET: Final = re.compile(
    rf"{_NAME}[\"']?[\s+]*[=:]"
    r"|SharedKey(?:Lite)?[\s+]+[^:\s]{1,64}:"
    r"|\bBearer[\s+]+[\w.~+/=-]{8}"
    r"|(?<![a-z0-9])(?-i:eyJ)[\w-]{8}"  # a token that is signed (JWT)
    r"|(?<![a-z0-9+/])[a-z0-9+/]{86}=="  # what looks like an account key
    r"|//[^/\s]*@",  # a URL's user and password
    re.IGNORECASE,
)
_USER_INFO: Final = re.compile(r"//[^/]*@")


def redact_text(text: str) -> str:
    """``text`` without the value of any ``sig`` parameter and of any authorization header line."""
    return _SECRET_HEADER.sub(rf"\1{REDACTED}", _SIGNATURE.sub(rf"\1{REDACTED}", text))


def names_secret(name: str) -> bool:
    """Whether what has this name is a secret: a signature, a key, a token, a password, a lease's id."""
    return _SECRET_NAME.search(name) is not None


def redact_target(target: str) -> str:
    """A request target or URL without signatures, keys, tokens, passwords and lease ids, however they are escaped and
    however deep they stand in other URLs.
    """
    path, mark, query = target.partition("?")
    if "%" in path or _may_show_secret(path):
        path = _redact_path(path)
    if not mark:
        return path
    return f"{path}?{_redact_query_once(query) if len(query) <= _LONGEST_CACHED else _redact_query(query)}"


def tell_target(target: str) -> str:
    """``redact_target`` in at most ``LONGEST_TOLD`` characters, for what is kept of every request."""
    told = redact_target(target)
    return told if len(told) <= LONGEST_TOLD else f"{told[: LONGEST_TOLD - 1]}…"


def _redact_path(path: str) -> str:
    """What stands behind a segment that shows a secret may belong to it: keys and signatures have slashes, too."""
    if not _shows_secret(path):
        return path
    path = _USER_INFO.sub("//", path)
    kept = list(takewhile(lambda segment: not _shows_secret(segment), path.split("/")))
    if _shows_secret("/".join(kept)):
        return REDACTED
    return path if len(kept) == path.count("/") + 1 else "/".join([*kept, REDACTED])


def _redact_query(query: str) -> str:
    return "&".join(map(_redact_parameter, query.split("&")))


_redact_query_once: Final = lru_cache(maxsize=1024)(_redact_query)


def _redact_parameter(piece: str) -> str:
    name, equals, value = piece.partition("=")
    if _shows_secret(name):
        return REDACTED
    if value and (_shows_secret(value) or names_secret(_decoded(name) or "")):
        return f"{name}{equals}{REDACTED}"
    return piece


def _shows_secret(piece: str) -> bool:
    """Whether a secret can be read in a piece of a URL, or so many escapes that nobody knows."""
    plain = _decoded(piece)
    return plain is None or (_may_show_secret(plain) and _SHOWS_SECRET.search(plain) is not None)


def _may_show_secret(plain: str) -> bool:
    """False where ``_SHOWS_SECRET`` cannot fit: nearly every path, at a hundredth of the pattern's cost."""
    return "=" in plain or ":" in plain or "@" in plain or "eyJ" in plain or "bearer" in plain.lower()


def _decoded(piece: str) -> str | None:
    """What was escaped, None where it was escaped too often."""
    for _ in range(_MOST_ESCAPES):
        if "%" not in piece:
            return piece
        plain = unquote(piece)
        if plain == piece:
            return piece
        piece = plain
    return None


__all__ = ["LONGEST_TOLD", "REDACTED", "names_secret", "redact_target", "redact_text", "tell_target"]
