"""Bodies that only the holder of a key can read: AES-256-GCM, block by block, so that none is held in memory whole.

A sealed body is a random prefix of 8 bytes, then blocks of at most 1 MiB with 16 bytes of tag each. A block's nonce is the
prefix and its number; the last one is marked as such, so blocks can be neither moved nor left out.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from collections.abc import Iterable, Iterator
from typing import Any, Final

from azfiles.errors import CassetteError
from azfiles.messages import Buffer

VARIABLE: Final = "AZFILES_CASSETTE_KEY"
"""The environment variable that holds the key: 32 bytes as base64."""

_KEY_BYTES: Final = 32
_PREFIX_BYTES: Final = 8
_TAG_BYTES: Final = 16
_BLOCK_BYTES: Final = 1024 * 1024


class Seal:
    """A key. Its repr does not show it. Raises ``CassetteError`` where the extra with cryptography is not installed."""

    def __init__(self, key: bytes) -> None:
        try:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        except ImportError as error:
            raise CassetteError("sealed cassettes need cryptography: install azfiles-toolkit[sealing]") from error
        self._cipher: Any = AESGCM(key)

    @classmethod
    def from_environment(cls) -> Seal:
        """The key that the environment holds. Raises ``CassetteError`` where it holds none."""
        text = os.environ.get(VARIABLE, "")
        try:
            key = base64.b64decode(text, validate=True)
        except binascii.Error:
            key = b""
        if len(key) != _KEY_BYTES:
            raise CassetteError(f"sealed cassettes need a key: {VARIABLE} has to hold {_KEY_BYTES} bytes as base64")
        return cls(key)

    def seal(self, blocks: Iterable[Buffer]) -> Iterator[bytes]:
        """The sealed form of the bytes that ``blocks`` give."""
        prefix = secrets.token_bytes(_PREFIX_BYTES)
        yield prefix
        for number, (block, last) in enumerate(_regrouped(blocks, _BLOCK_BYTES)):
            yield self._cipher.encrypt(_nonce(prefix, number), block, _mark(last=last))

    def unseal(self, blocks: Iterable[Buffer]) -> Iterator[bytes]:
        """What was sealed. Raises ``CassetteError`` for another key, and for anything that was changed."""
        from cryptography.exceptions import InvalidTag

        rest = _Rest(blocks)
        prefix = rest.take(_PREFIX_BYTES)
        if len(prefix) < _PREFIX_BYTES:
            raise CassetteError(_DAMAGED)
        for number, (block, last) in enumerate(_regrouped(rest, _BLOCK_BYTES + _TAG_BYTES)):
            try:
                yield self._cipher.decrypt(_nonce(prefix, number), block, _mark(last=last))
            except (InvalidTag, ValueError):
                raise CassetteError(_DAMAGED) from None

    def __repr__(self) -> str:
        return "<Seal>"


_DAMAGED: Final = "sealed with another key, or damaged"


def _nonce(prefix: bytes, number: int) -> bytes:
    return prefix + number.to_bytes(4, "big")


def _mark(*, last: bool) -> bytes:
    return b"azfiles cassette, last block" if last else b"azfiles cassette"


class _Rest:
    """Blocks of which the beginning was taken."""

    def __init__(self, blocks: Iterable[Buffer]) -> None:
        self._blocks = iter(blocks)
        self._held = b""

    def take(self, size: int) -> bytes:
        while len(self._held) < size and (block := next(self._blocks, None)) is not None:
            self._held += block
        taken, self._held = self._held[:size], self._held[size:]
        return taken

    def __iter__(self) -> Iterator[Buffer]:
        yield self._held
        yield from self._blocks


def _regrouped(blocks: Iterable[Buffer], size: int) -> Iterator[tuple[bytes, bool]]:
    """The same bytes in blocks of ``size``, and whether it is the last one, which there always is."""
    held = bytearray()
    for block in blocks:
        held += block
        while len(held) > size:
            yield bytes(held[:size]), False
            del held[:size]
    yield bytes(held), True


__all__ = ["VARIABLE", "Seal"]
