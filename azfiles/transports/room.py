"""Room for one request more: a transport carries no more at once than it may have connections."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from azfiles.errors import TransportError
from azfiles.messages import Request
from azfiles.transports.bodies import describe

if TYPE_CHECKING:
    import anyio


def enter(room: threading.Semaphore, request: Request, timeout_s: float) -> None:
    """Wait until there is room for ``request``; ``TransportError`` where that takes longer than ``timeout_s``."""
    if not room.acquire(timeout=max(timeout_s, 0)):
        raise _no_room(request, timeout_s)


async def enter_async(room: anyio.Semaphore, request: Request, timeout_s: float) -> None:
    """The same in an event loop, without a step of it where there is room."""
    if room.value > 0:
        room.acquire_nowait()
        return
    import anyio  # whoever has a semaphore of it has it; the blocking transports need none

    with anyio.move_on_after(timeout_s) as waiting:
        await room.acquire()
    if waiting.cancelled_caught:
        raise _no_room(request, timeout_s)


def _no_room(request: Request, timeout_s: float) -> TransportError:
    return TransportError(
        f"{describe(request)}: no complete answer in {timeout_s:g} s (all connections were busy)", sent=False
    )


__all__ = ["enter", "enter_async"]
