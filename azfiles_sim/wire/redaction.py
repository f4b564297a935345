"""Takes credentials out of text that leaves the simulator: error details, journal entries, log lines."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_plus

REDACTED: Final = "REDACTED"
_LONGEST_KEPT: Final = 2048  # characters of a query that is looked at once, because it comes again and again

_SIGNATURE: Final = re.compile(r"(?i)((?:^|[?&\s;:])(?:s|%73)(?:i|%69)(?:g|%67)(?:=|:|%3d))[^&\s'\"]+")
_SECRET_HEADER: Final = re.compile(r"(?im)((?:^|\s)(?:authorization|x-ms-copy-source-authorization)\s*[:=])[^\n]*")


def redact_text(text: str) -> str:
    """``text`` without the value of any ``sig`` parameter and of any authorization header line."""
    return _SECRET_HEADER.sub(rf"\1{REDACTED}", _SIGNATURE.sub(rf"\1{REDACTED}", text))


def redact_target(target: str) -> str:
    """A request target or URL without the value of its ``sig`` parameter, however the name is encoded."""
    path, mark, query = target.partition("?")
    if not mark:
        return target
    return f"{path}?{_redact_query_once(query) if len(query) <= _LONGEST_KEPT else _redact_query(query)}"


def _redact_query(query: str) -> str:
    pieces = query.split("&")
    for position, piece in enumerate(pieces):
        name, equals, _ = piece.partition("=")
        if equals and unquote_plus(name).strip().lower() == "sig":
            pieces[position] = f"{name}={REDACTED}"
    return "&".join(pieces)


_redact_query_once: Final = lru_cache(maxsize=1024)(_redact_query)


__all__ = ["REDACTED", "redact_target", "redact_text"]
