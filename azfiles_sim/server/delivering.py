"""What a fault does on the socket: waits, slow bodies, connections that end in the middle or are reset.

A clock that stands still is told to move instead of waiting, so that a test with virtual time takes none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from azfiles_sim.faults.faulty import Faulty
from azfiles_sim.server.connection import HttpConnection
from azfiles_sim.server.framing import Framed, writes

DRIP_EVERY_S: Final = 0.05
LEAVE_EVERY_S: Final = 0.002


async def let_leave(link: HttpConnection) -> None:
    """Wait until what was written has left this process. What is still under way then a reset may overtake."""
    transport = link.transport
    while not transport.is_closing() and transport.get_write_buffer_size():  # noqa: ASYNC110 - asyncio tells how full the buffer is, but not when it is empty
        await asyncio.sleep(LEAVE_EVERY_S)


class Pause:
    """How time goes by for one who waits on a socket."""

    def __init__(self, faults: Faulty | None) -> None:
        self._faults = faults

    def skip(self, seconds: float) -> bool:
        """Let it go by at once where the service's clock is told the time."""
        return self._faults is not None and self._faults.skip(seconds)

    async def wait(self, seconds: float) -> None:
        if seconds > 0 and not self.skip(seconds):
            await asyncio.sleep(seconds)


async def drip(link: HttpConnection, framed: Framed, bytes_per_s: float, pause: Pause) -> None:
    """Send the head at once and the body at a speed."""
    await link.write(framed.head)
    size = max(1, int(bytes_per_s * DRIP_EVERY_S))
    for part in writes(replace(framed, head=b"")):
        view = memoryview(part)
        for start in range(0, len(view), size):
            piece = view[start : start + size]
            await pause.wait(len(piece) / bytes_per_s)
            await link.write(piece)


def cut_chunked(framed: Framed, body: Sequence[memoryview], whole_bytes: int) -> bytes:
    """The beginning of a chunked reply: ``framed`` tells its head, and of one chunk of ``whole_bytes`` comes ``body``."""
    begun = b"" if framed.closes else b"%x\r\n" % whole_bytes
    return b"".join((framed.head, begun, *body))


__all__ = ["Pause", "cut_chunked", "drip", "let_leave"]
