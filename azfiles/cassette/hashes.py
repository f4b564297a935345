"""Hashes of content that the scrubber has overwritten: computed anew, so that a replay's client finds them right.

Only a hash that was right before is: one that was wrong, as a test of the service's own check may send it, stays wrong.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from azfiles.cassette.bodies import StoredBody
from azfiles.cassette.interactions import Body, Interaction, Lost, RecordedRequest, RecordedResponse
from azfiles.core.checksums import crc64
from azfiles.core.structured import frame, unframe
from azfiles.errors import ReplyNotUnderstood
from azfiles.messages import Buffer

HASH_HEADERS: Final = frozenset(
    {
        "content-md5",
        "x-ms-content-md5",
        "x-ms-content-crc64",
        "x-ms-source-content-crc64",
        "x-ms-source-if-match-crc64",
        "x-ms-source-if-none-match-crc64",
        "x-ms-content-sha256",
    }
)
_CRC64 = struct.Struct("<Q")
_OVERWRITTEN: Final = b"X" * 8
_SEGMENT_HEAD_BYTES: Final = 10
_CRC64_BYTES: Final = _CRC64.size


class Hashes:
    """What hashes of content became: those of the live content -> those of what is recorded."""

    def __init__(self) -> None:
        self._renewed: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self._renewed)

    def learn(self, before: Buffer, after: Buffer) -> None:
        """A body was overwritten: take in all hashes that a header can hold of it, or of what is in its frame."""
        pairs = [(before, after)]
        content, overwritten = content_of(before), content_of(after)
        if content is not None and overwritten is not None:
            pairs.append((content, overwritten))
        for old, new in pairs:
            self._renewed |= {kind(old): kind(new) for kind in (md5_of, _crc64_of, _sha256_of)}

    def learn_stored(self, body: StoredBody, headers: Iterable[tuple[str, str]]) -> None:
        """A body was overwritten when it was stored, if at all. What ``Content-MD5`` said of it was right then."""
        lowered = {name.lower(): value for name, value in headers}
        said = lowered.get("content-md5")
        if not said or not is_overwritten(body.blocks()):
            return
        content = content_of(body.read()) if "x-ms-structured-body" in lowered else None
        now = _md5_of_blocks(body.blocks()) if content is None else md5_of(content)
        if now != said:
            self._renewed[said] = now

    def renew(self, headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        if not self._renewed:
            return headers
        return tuple(
            (name, self._renewed.get(value, value) if name.lower() in HASH_HEADERS else value)
            for name, value in headers
        )

    def renew_all(self, one: Interaction) -> Interaction:
        """An interaction with the hashes of what is recorded, wherever in the session its content stands."""
        if not self._renewed:
            return one
        response = one.response
        if not isinstance(response, Lost):
            response = replace(response, headers=self.renew(response.headers))
        return replace(one, request=replace(one.request, headers=self.renew(one.request.headers)), response=response)


def overwrite(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Content changed by ``change``, which keeps its length. The checksums in its frame, where it has a right one, are
    computed anew.
    """
    changed = change(data)
    if changed == data:
        return data
    try:
        segments = unframe(data)
    except ReplyNotUnderstood:
        return changed
    if len(segments) == 1:
        start = len(data) - 2 * _CRC64_BYTES - len(segments[0])
        return b"".join(map(bytes, frame((changed[start : start + len(segments[0])],))))
    renewed, position, whole = bytearray(changed), len(changed) - _CRC64_BYTES, 0
    ends: list[int] = []
    for segment in reversed(segments):
        position -= _CRC64_BYTES
        ends.append(position)
        position -= len(segment) + _SEGMENT_HEAD_BYTES
    for segment, end in zip(segments, reversed(ends), strict=True):
        content = bytes(renewed[end - len(segment) : end])
        renewed[end : end + _CRC64_BYTES] = _CRC64.pack(crc64(content))
        whole = crc64(content, whole)
    renewed[-_CRC64_BYTES:] = _CRC64.pack(whole)
    # Heads of segments are no content: what looked like a secret across them stays as it was.
    return bytes(renewed)


def is_overwritten(blocks: Iterable[Buffer]) -> bool:
    """Whether a body looks as if something in it was overwritten."""
    tail = b""
    for block in blocks:
        piece = tail + bytes(block)
        if _OVERWRITTEN in piece:
            return True
        tail = piece[-len(_OVERWRITTEN) :]
    return False


def hashes_of(body: Body) -> set[str]:
    """The MD5 of a body that was overwritten, and of what is in its frame; nothing of any other."""
    data = bytes(body.read()) if isinstance(body, StoredBody) else body
    if _OVERWRITTEN not in data:
        return set()
    content = content_of(data)
    return {md5_of(data)} | (set() if content is None else {md5_of(content)})


def content_of(body: Buffer) -> bytes | None:
    """What is in a structured body; ``None`` where it is none, or has a wrong checksum."""
    try:
        return b"".join(unframe(memoryview(body).cast("B")))
    except ReplyNotUnderstood:
        return None


def wrong_hash(request: RecordedRequest, response: RecordedResponse) -> str:
    """The name of the first hash of a file's content in an answer that a client would find wrong, or ``""``."""
    headers = {name.lower(): value for name, value in response.headers}
    body = response.body
    framed = "x-ms-structured-body" in headers
    if framed and content_of(body.read() if isinstance(body, StoredBody) else body) is None:
        return "x-ms-structured-body"
    if (said := headers.get("content-md5")) and not framed and request.method == "GET":
        found = _md5_of_blocks(body.blocks()) if isinstance(body, StoredBody) else md5_of(body)
        return "" if found == said else "Content-MD5"
    return ""


def md5_of(data: Buffer) -> str:
    """The base64 of the MD5, as Content-MD5 holds it."""
    return _md5_of_blocks((data,))


def _md5_of_blocks(blocks: Iterable[Buffer]) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    for block in blocks:
        digest.update(block)
    return base64.b64encode(digest.digest()).decode("ascii")


def _crc64_of(data: Buffer) -> str:
    return base64.b64encode(_CRC64.pack(crc64(data))).decode("ascii")


def _sha256_of(data: Buffer) -> str:
    return hashlib.sha256(data).hexdigest()


__all__ = ["HASH_HEADERS", "Hashes", "content_of", "hashes_of", "is_overwritten", "md5_of", "overwrite", "wrong_hash"]
