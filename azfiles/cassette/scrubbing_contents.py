"""Secrets in the contents of files, which are large and seldom hold one: looked for in pieces, before anything is copied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from azfiles.cassette.hashes import overwrite
from azfiles.cassette.interactions import RecordedRequest
from azfiles.cassette.known_secrets import KnownSecrets, secrets_of
from azfiles.cassette.patterns import MARKS_IN_DATA, mask_data
from azfiles.messages import Buffer

_PIECE_BYTES = 256 * 1024


def scrub_data(buffers: Sequence[Buffer], request: RecordedRequest, *, secrets: Iterable[str]) -> Sequence[Buffer]:
    """A file's content without secrets, as long as before: the same buffers where none is in them, as is usual."""
    found = KnownSecrets((*secrets, *secrets_of(request)))
    marks = (*MARKS_IN_DATA, *(core.encode("utf-8", "surrogateescape") for core in found.cores))
    if not _holds(buffers, marks):
        return buffers
    return (overwrite(b"".join(buffers), lambda data: mask_data(found.overwrite(data))),)


def _holds(buffers: Sequence[Buffer], marks: Sequence[bytes]) -> bool:
    """Whether any of the marks is in the bytes, also across buffers; looked at in pieces, so that nothing is copied
    whole.
    """
    overlap = max(map(len, marks)) - 1
    tail = b""
    for buffer in buffers:
        view = memoryview(buffer).cast("B")
        for start in range(0, len(view), _PIECE_BYTES):
            piece = tail + bytes(view[start : start + _PIECE_BYTES])
            if any(mark in piece for mark in marks):
                return True
            tail = piece[-overlap:]
    return False


__all__ = ["scrub_data"]
