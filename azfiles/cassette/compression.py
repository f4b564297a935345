"""Compressed bodies: a secret in one shows in no text, so what is compressed is looked into decompressed."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Final

from azfiles.cassette.bodies import StoredBody
from azfiles.cassette.interactions import Body

LARGEST_BYTES: Final = 64 * 1024 * 1024
"""What decompresses to more than this is left as it is: it may be made to fill the memory."""

_GZIP: Final = 16 + zlib.MAX_WBITS
_WINDOWS: Final = {
    "gzip": (_GZIP,),
    "x-gzip": (_GZIP,),
    # Some servers leave out zlib's frame, which the name means.
    "deflate": (zlib.MAX_WBITS, -zlib.MAX_WBITS),
}


def encoding_of(headers: Iterable[tuple[str, str]]) -> str:
    """What ``Content-Encoding`` says, in lower case, or ``""``."""
    return next((value.strip().lower() for name, value in headers if name.lower() == "content-encoding"), "")


def decompressed(body: bytes, encoding: str) -> bytes | None:
    """The body without gzip or deflate; ``None`` for another encoding, a damaged body, and one that is too large."""
    for window in _WINDOWS.get(encoding, ()):
        try:
            return _inflated(body, window)
        except zlib.error:
            continue
    return None


def without_compression(headers: tuple[tuple[str, str], ...], body: Body) -> tuple[tuple[tuple[str, str], ...], Body]:
    """A document without its compression, and the headers that go with that."""
    encoding = encoding_of(headers)
    if not encoding or not body:
        return headers, body
    plain = decompressed(bytes(body.read()) if isinstance(body, StoredBody) else body, encoding)
    if plain is None:
        return headers, body
    kept = tuple((name, value) for name, value in headers if name.lower() != "content-encoding")
    return fit_length(kept, before=len(body), after=len(plain)), plain


def fit_length(headers: tuple[tuple[str, str], ...], *, before: int, after: int) -> tuple[tuple[str, str], ...]:
    """Headers as they are; only a Content-Length that counted a body whose size has changed counts it anew."""
    if before == after:
        return headers
    return tuple(
        (name, str(after) if name.lower() == "content-length" and value == str(before) else value)
        for name, value in headers
    )


def _inflated(body: bytes, window: int) -> bytes | None:
    """All members of a body, one after another. Raises ``zlib.error``."""
    parts: list[bytes] = []
    left = LARGEST_BYTES
    while body:
        engine = zlib.decompressobj(window)
        part = engine.decompress(body, left + 1)
        left -= len(part)
        if left < 0:
            return None
        if not engine.eof:
            raise zlib.error("incomplete")
        parts.append(part)
        body = engine.unused_data
    return b"".join(parts)


__all__ = ["LARGEST_BYTES", "decompressed", "encoding_of", "fit_length", "without_compression"]
