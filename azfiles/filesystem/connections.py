"""The clients of a file system, one for each event loop, and their end: with the file system, or with the interpreter.

Whoever lets go of a file system cannot await the end of its connections, and garbage is collected in any thread, in the
middle of anything. So they are only told to close, in the event loop that they belong to, and nothing waits for it but the
end of the interpreter, which would stop that loop's thread.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import os
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from azfiles.clients.asynchronous import AsyncServiceClient

LAST_WAIT_S: Final = 2.0
"""How long the interpreter waits at its end for connections to close."""


class Connections:
    """Clients made by ``connect``, one for each event loop that asks for one. It knows nothing of the file system, so that
    a finalizer of that may hold it.
    """

    def __init__(self, connect: Callable[[], AsyncServiceClient]) -> None:
        self._connect = connect
        self._clients: dict[asyncio.AbstractEventLoop, AsyncServiceClient] = {}
        _IN_USE.add(self)

    def here(self) -> AsyncServiceClient:
        """The client for the running event loop."""
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            for ended in [known for known in list(self._clients) if known.is_closed()]:  # nobody can use those any more
                del self._clients[ended]
            client = self._clients[loop] = self._connect()
        return client

    async def close_here(self) -> None:
        """Close the connections of the running event loop; they are made anew when they are needed."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.close()

    def end(self) -> None:
        """Have all connections closed, each in its event loop, as far as that is running. Waits for nothing."""
        while self._clients:
            loop, client = self._clients.popitem()
            if loop.is_running():
                closing = asyncio.run_coroutine_threadsafe(client.close(), loop)
                _CLOSING.add(closing)
                closing.add_done_callback(_CLOSING.discard)

    def leave(self) -> None:
        """In a process that was forked: leave the connections to the parent, for they are its own."""
        _OF_PARENTS.append(dict(self._clients))
        self._clients.clear()


_IN_USE: Final[weakref.WeakSet[Connections]] = weakref.WeakSet()
_CLOSING: Final[set[concurrent.futures.Future[None]]] = set()
_OF_PARENTS: Final[list[object]] = []  # kept, so that nothing here closes them


def _leave_all() -> None:
    _CLOSING.clear()
    for connections in list(_IN_USE):
        connections.leave()


def _end_all() -> None:
    for connections in list(_IN_USE):
        connections.end()
    concurrent.futures.wait(set(_CLOSING), LAST_WAIT_S)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_all)
atexit.register(_end_all)

__all__ = ["LAST_WAIT_S", "Connections"]
