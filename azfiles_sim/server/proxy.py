"""A CONNECT proxy that leads ``<account>.file.core.windows.net:443`` to the simulator and refuses every other place.

For clients that insist on the service's own host names: they are given this proxy (``HTTPS_PROXY``) and the authority
whose certificate the simulator shows. It copies bytes and understands none of them. The server starts it on loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import Final

from azfiles_sim.server.endpoints import SERVICE_DOMAIN

PROXY_HOST: Final = "127.0.0.1"
MAX_HEAD_BYTES: Final = 16 * 1024
HEAD_TIMEOUT_S: Final = 30.0
STOP_STEP_S: Final = 0.2
COPY_BYTES: Final = 256 * 1024

_REQUEST_LINE: Final = re.compile(rb"([A-Z]+) (\S+) HTTP/1\.[01]")
_LED: Final = re.compile(rf"[a-z0-9]{{3,24}}(?:-secondary)?\.{re.escape(SERVICE_DOMAIN)}:443", re.IGNORECASE)
_REASONS: Final = {
    400: "Bad Request",
    403: "Only the file service is reached through this proxy",
    405: "Only CONNECT is answered here",
    502: "The simulator cannot be reached",
}


class Proxy:
    """Leads connections to the server at ``host`` and ``port``. ``start`` and ``stop`` run in one event loop."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen and return the port. Raises OSError where it is taken."""
        self._listener = await asyncio.start_server(self._accept, host, port, limit=MAX_HEAD_BYTES)
        return int(self._listener.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening and end every connection."""
        if self._listener is not None:
            self._listener.close()
            while self._serving:
                for writer in tuple(self._open):
                    writer.transport.abort()
                await asyncio.wait(tuple(self._serving), timeout=STOP_STEP_S)
            await self._listener.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            status = await _read_head(reader)
            if status == 200:
                status = await self._lead(reader, writer)
            if status != 200:
                writer.write(_refusal(status))
                await writer.drain()
        except OSError:
            pass  # one of the two has gone away
        finally:
            self._open.discard(writer)
            writer.close()

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        """Join the client to the server until both have ended. Returns the status that the client was told."""
        try:
            server_reader, server_writer = await asyncio.open_connection(*self._target, limit=COPY_BYTES)
        except OSError:
            return 502
        self._open.add(server_writer)
        try:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(_copy(reader, server_writer), _copy(server_reader, writer))
        finally:
            self._open.discard(server_writer)
            server_writer.close()
        return 200


async def _read_head(reader: asyncio.StreamReader) -> int:
    """Read the request's head; 200 where it may pass, else the status to refuse it with."""
    try:
        async with asyncio.timeout(HEAD_TIMEOUT_S):
            head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
        return 400
    return judge_head(head)


def judge_head(head: bytes) -> int:
    """The status that answers a request with this head: 200 for a CONNECT to the file service."""
    match = _REQUEST_LINE.fullmatch(head.partition(b"\r\n")[0])
    if match is None:
        return 400
    if match[1] != b"CONNECT":
        return 405
    return 200 if _LED.fullmatch(match[2].decode("latin-1")) else 403


def _refusal(status: int) -> bytes:
    return f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode("ascii")


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Copy until ``source`` ends, then tell ``target`` so. A side that is cut off ends both."""
    try:
        while data := await source.read(COPY_BYTES):
            target.write(data)
            await target.drain()
        if target.can_write_eof():
            target.write_eof()
    except OSError:
        with contextlib.suppress(OSError):
            target.transport.abort()


__all__ = ["PROXY_HOST", "Proxy", "judge_head"]
