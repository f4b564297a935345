"""Names of request headers, read from their bytes. The same few come again and again, so what they are is kept."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

LONGEST_KEPT: Final = 256
"""Bytes of a name that ``header_name_once`` may be asked for: what is kept stays small, whatever a client sends."""

_FOR_SERVERS: Final = frozenset({"content-length", "transfer-encoding", "expect", "host"})


def header_name(name: bytes) -> tuple[str, str]:
    """The name as text, and in lower case if it is for the server itself, else empty."""
    text = name.decode("latin-1")
    return text, text.lower() if text.lower() in _FOR_SERVERS else ""


header_name_once: Final = lru_cache(maxsize=1024)(header_name)

__all__ = ["LONGEST_KEPT", "header_name", "header_name_once"]
