"""How a transfer's bytes are checked: a checksum for each range, and one hash of the whole."""

from __future__ import annotations

import base64
import hashlib
import logging
from functools import cache
from operator import eq
from typing import Final, Literal, TypeAlias

from azfiles.core import checksums
from azfiles.core.arguments import choose
from azfiles.core.versions import STRUCTURED_BODY
from azfiles.flows.effects import Flow, on_disk
from azfiles.flows.targets import Session

Checksum: TypeAlias = Literal["auto", "crc64", "md5"]
"""How each range is guarded on its way: by a CRC64, by an MD5, or (``auto``) by a CRC64 where that costs next to nothing."""

AUTO: Final[Checksum] = "auto"
_KINDS: Final = ("auto", "crc64", "md5")
_WORTH_A_THREAD_BYTES: Final = 256 * 1024
_ZEROS: Final = bytearray(64 * 1024)  # a bytearray compares with any buffer by memcmp; a memoryview byte for byte

LOGGER: Final = logging.getLogger("azfiles")


def chosen_checksum(session: Session, checksum: str | None) -> str | None:
    """``crc64``, ``md5`` or ``None``: what ``auto`` comes to in this session and with what is installed."""
    if checksum is None:
        return None
    chosen = choose("checksum", checksum, _KINDS)
    if chosen != AUTO:
        return chosen
    if session.api_version < STRUCTURED_BODY[1]:
        return None
    if checksums.is_fast():
        return "crc64"
    _say_why_not()
    return None


@cache
def _say_why_not() -> None:
    """Said once: what a flow does, it does without effects on anything but this log."""
    LOGGER.info("ranges travel without checksums, because the extra azfiles-toolkit[checksums] is not installed")


def is_zero(data: memoryview) -> bool:
    """Whether all bytes are zero; data that is not tells so at once."""
    if data and data[0]:
        return False
    step = len(_ZEROS)
    return all(_is_zero_part(data[start : start + step]) for start in range(0, len(data), step))


def _is_zero_part(part: memoryview) -> bool:
    return bool(eq(_ZEROS if len(part) == len(_ZEROS) else bytearray(len(part)), part))


class WholeHash:
    """The MD5 of a whole file, taken in the order of its bytes."""

    def __init__(self) -> None:
        self._digest = hashlib.md5(usedforsecurity=False)

    def take(self, data: memoryview | bytes) -> Flow[None]:
        """The next bytes."""
        if len(data) < _WORTH_A_THREAD_BYTES:
            self._digest.update(data)
        else:
            yield from on_disk("hash", lambda _: self._digest.update(data))

    @property
    def text(self) -> str:
        """Its base64, as the service stores it."""
        return base64.b64encode(self._digest.digest()).decode("ascii")


def range_md5(data: memoryview) -> Flow[bytes]:
    """The MD5 of one range."""
    return (yield from on_disk("hash", lambda _: hashlib.md5(data, usedforsecurity=False).digest()))


__all__ = ["AUTO", "LOGGER", "Checksum", "WholeHash", "chosen_checksum", "is_zero", "range_md5"]
