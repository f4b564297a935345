"""Waiting for sockets under asyncio, with as few steps as it takes.

anyio asks at each step which library runs, and a loop that is told of a socket before each wait and made to forget it
after costs as much as the rest of a small request. So a socket that was waited for stays with the loop while its
connection idles, and is forgotten when it is closed, or says something to nobody.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable


class Readiness:
    """Waits for the sockets of one transport. Every socket is given to ``forget`` before it is closed."""

    def __init__(self) -> None:
        self._readers: dict[socket.socket, _Reader] = {}

    async def readable(self, awaited: socket.socket, limit_s: float) -> None:
        """Until ``awaited`` can be read; ``TimeoutError`` where that takes longer than ``limit_s``."""
        loop = asyncio.get_running_loop()
        reader = self._readers.get(awaited)
        if reader is None or reader.loop is not loop:
            self.forget(awaited)  # to another loop, which may run again, its number may mean another socket by then
            reader = self._readers[awaited] = _Reader(loop, awaited)
        ready = loop.create_future()
        reader.expect(ready)
        await _within(ready, limit_s)

    async def writable(self, awaited: socket.socket, limit_s: float) -> None:
        """Until ``awaited`` can be written to, which it nearly always can at once."""
        loop = asyncio.get_running_loop()
        ready = loop.create_future()
        place = awaited.fileno()
        loop.add_writer(place, _settle, ready, None)
        try:
            await _within(ready, limit_s)
        finally:
            loop.remove_writer(place)

    def forget(self, closing: socket.socket) -> None:
        """A socket is about to be closed."""
        reader = self._readers.pop(closing, None)
        if reader is not None:
            reader.stop()


class _Reader:
    """One socket, and whoever waits for it."""

    __slots__ = ("_echoes", "_is_echo", "_is_watched", "_place", "_ready", "_socket", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop, watched: socket.socket) -> None:
        self.loop = loop
        self._socket = watched  # kept alive while the loop knows its number
        self._place = watched.fileno()
        self._ready: asyncio.Future[None] | None = None
        # uvloop never looks again too early, and of a connection that was reset it tells but once.
        self._echoes = isinstance(loop, asyncio.SelectorEventLoop)
        self._is_watched = self._is_echo = False

    def expect(self, ready: asyncio.Future[None]) -> None:
        """Tell ``ready`` when there is something to read."""
        self._ready = ready
        if not self._is_watched:
            self.loop.add_reader(self._place, self._readable)
            self._is_watched, self._is_echo = True, False

    def stop(self) -> None:
        """Have the loop forget the socket."""
        if self._is_watched:
            self.loop.remove_reader(self._place)
            self._is_watched = False

    def _readable(self) -> None:
        if self._is_echo:
            # The loop looked again before the task that was told had its turn. If there is more, it says so once more.
            self._is_echo = False
        elif self._ready is not None and not self._ready.done():
            self._ready.set_result(None)
            self._ready, self._is_echo = None, self._echoes
        else:
            self.stop()


async def _within(ready: asyncio.Future[None], limit_s: float) -> None:
    timer = ready.get_loop().call_later(limit_s, _settle, ready, TimeoutError)
    try:
        await ready
    finally:
        timer.cancel()


def _settle(ready: asyncio.Future[None], error: Callable[[], Exception] | None) -> None:
    if ready.done():
        return
    if error is None:
        ready.set_result(None)
    else:
        ready.set_exception(error())


__all__ = ["Readiness"]
