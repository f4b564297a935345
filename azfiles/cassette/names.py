"""Where names of files and directories stand, in URIs and in listings.

A name is its owner's, as a content is: it may look like a secret and be none (``sig=1.txt``), and a replay has to tell it
from another one. So a name is recorded as it is, but for what can be nothing else than a signature or an account key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# The last group of a match is the name.
_QUERY = re.compile(r"[?&](?:prefix|marker)=([^&]+)", re.IGNORECASE)
_IN_DOCUMENT = re.compile(
    r'<(?:Name|Path|Prefix|Marker|NextMarker|DirectoryPath)(?:\s[^<>]*)?>([^<]+)|\sDirectoryPath="([^"]+)'
)


class Part(NamedTuple):
    """A piece of a text: a name, or what stands between names."""

    text: str
    is_name: bool


def parts_of_uri(uri: str) -> Iterator[Part]:
    """A URI of a storage service in pieces: its path is a name, and so is what a listing is asked for."""
    start = uri.find("://")
    path = uri.find("/", start + 3) if start >= 0 else -1
    if path < 0:
        yield Part(uri, is_name=False)
        return
    end = uri.find("?", path)
    end = len(uri) if end < 0 else end
    yield Part(uri[:path], is_name=False)
    yield Part(uri[path:end], is_name=True)
    if end < len(uri):
        yield from _split(_QUERY, uri[end:])


def parts_of_document(text: str) -> Iterator[Part]:
    """A document of a storage service in pieces."""
    return _split(_IN_DOCUMENT, text)


def _split(pattern: re.Pattern[str], text: str) -> Iterator[Part]:
    end = 0
    for found in pattern.finditer(text):
        start = found.start(found.lastindex or 0)
        yield Part(text[end:start], is_name=False)
        end = found.end()
        yield Part(text[start:end], is_name=True)
    if end < len(text):
        yield Part(text[end:], is_name=False)


__all__ = ["Part", "parts_of_document", "parts_of_uri"]
