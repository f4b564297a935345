"""Runs a plain ``handle(request, connection)`` on a listening socket: HTTP/1.1, with or without TLS.

aiohttp's low-level server parses requests and keeps connections; replies are framed here (``framing``), because the
service's reason phrases are its error messages, header bytes must go back as they came, and no header may be added
that the handler did not give. Chosen by measurement: ``benchmarks/web_servers.py``.

A served plan of faults is carried out here as far as it concerns time and the connection (``delivering``).

Small requests are answered in the event loop's thread. One with a large body goes to a small pool of threads: its
hash is computed while other connections go on. So does everything where the state is on disk, and the control
interface. No lock is held while a body is written.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Final, TypeAlias

from aiohttp import hdrs, web
from aiohttp.http import HttpVersion11

from azfiles_sim.faults.delivery import Ended, delivery_of
from azfiles_sim.faults.faulty import Faulty
from azfiles_sim.messages import Buffer, Connection, Dropped, Reply, Request
from azfiles_sim.server.delivering import Pause, cut_chunked, drip, end, let_leave
from azfiles_sim.server.endpoints import CONTROL_PREFIX
from azfiles_sim.server.framing import Framed, ReplyNotSendableError, frame, writes

Handle: TypeAlias = Callable[[Request, Connection], Reply | Dropped]
Answer: TypeAlias = Callable[[], Reply | Dropped]

MAX_BODY_BYTES: Final = 4 * 1024 * 1024 + 256 * 1024
"""What is kept of a body. It is more than the largest body that the service takes (4 MiB and framing), so that the
handler sees a body that is too large as too large; the rest is read and thrown away."""

POOLED_BODY_BYTES: Final = 64 * 1024
"""From this size on a request is answered in a thread of the pool: MD5 of 64 KiB takes about what a hand-over does."""

POOL_THREADS: Final = 4
WAITING_THREADS: Final = 32  # where requests wait for commits: those that wait together share one
READ_BUFFER_BYTES: Final = 1024 * 1024
MAX_LINE_BYTES: Final = 64 * 1024
MAX_HEADERS: Final = 1024
STOP_GRACE_S: Final = 1.0

_log = logging.getLogger("azfiles_sim.server")


class HttpServer:
    """A listening HTTP or HTTPS server for one ``handle``. ``start`` and ``stop`` run in one event loop.

    ``control`` answers what is under ``CONTROL_PREFIX``, always in a thread of the pool. ``waits_for_disk`` says that
    ``handle`` may wait until something is on disk (a read too, for what it saw): then no request is answered in the
    loop's thread. With ``faults`` each request first meets their plan, if there is one; ``handle`` knows nothing of it.
    """

    def __init__(
        self,
        handle: Handle,
        *,
        tls: ssl.SSLContext | None = None,
        control: Handle | None = None,
        waits_for_disk: bool = False,
        faults: Faulty | None = None,
    ) -> None:
        self._handle = handle
        self._tls = tls
        self._control = control
        self._waits_for_disk = waits_for_disk
        threads = WAITING_THREADS if waits_for_disk else POOL_THREADS
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="azfiles-sim")
        self._web: web.Server | None = None
        self._listener: asyncio.Server | None = None
        self._listens_on: tuple[list[str], int] = [], 0
        self._faults = faults
        self._pause = Pause(faults)
        self._restarting: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen on every address of ``host`` (with port 0, on the first one) and return the port.

        Raises OSError where the port is taken or the host is not this machine's.
        """
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
        self._web = _Server(self._answer)
        self._listener = await self._listen(self._web, addresses if port else addresses[:1], port)
        chosen = int(self._listener.sockets[0].getsockname()[1])
        self._listens_on = addresses if port else addresses[:1], chosen
        return chosen

    async def _listen(self, server: web.Server, addresses: list[str], port: int) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(server, addresses, port, ssl=self._tls, backlog=512)

    async def stop(self) -> None:
        """Stop listening, let requests in flight finish for STOP_GRACE_S (and as long again for aiohttp to cancel
        them), then end every connection, also one whose client has stopped reading.
        """
        if self._restarting is not None:
            self._restarting.cancel()
        if self._listener is not None and self._web is not None:
            self._listener.close()
            transports = [connection.transport for connection in self._web.connections]
            self._web.pre_shutdown()
            await self._web.shutdown(STOP_GRACE_S)
            for transport in transports:
                if transport is not None:
                    transport.abort()
            await self._listener.wait_closed()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _answer(self, incoming: web.BaseRequest) -> web.StreamResponse:
        try:
            return await self._exchange(incoming)
        except ConnectionError:
            return _CLOSE  # the client has gone away
        except Exception as error:  # noqa: BLE001 - whatever it is, one request must not end the server
            # Only the type is told: the text of an unknown error may quote what the client sent.
            _log.error("a request failed with %s; its connection is ended", type(error).__name__)
            return _abort(incoming)

    async def _exchange(self, incoming: web.BaseRequest) -> web.StreamResponse:
        head = Request(
            incoming.method,
            incoming.raw_path.encode("utf-8", "surrogateescape").decode("latin-1"),
            [(name.decode("latin-1"), value.decode("latin-1")) for name, value in incoming.raw_headers],
        )
        connection = Connection(incoming.remote, tls=self._tls is not None)
        control = self._control if head.target.startswith(CONTROL_PREFIX) else None
        met = None if control is not None or self._faults is None else self._faults.meet(head, connection)
        if met is not None and met.ends_at_head:
            end(incoming, reset=True)
            return _CLOSE
        if incoming.headers.get(hdrs.EXPECT, "").lower() == "100-continue":
            await incoming.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body, size = await _receive(incoming)
        request = replace(head, body=body)
        if control is not None:
            reply = await self._in_pool(partial(control, request, connection))
        else:
            answer: Answer = partial(self._handle, request, connection)
            if met is not None:
                await self._pause.wait(met.hold_s)
                answer = met.with_request(request).answer
            small = size < POOLED_BODY_BYTES and not self._waits_for_disk
            reply = answer() if small else await self._in_pool(answer)
        if isinstance(reply, Dropped):
            return await self._drop(incoming, reply)
        return await self._send(incoming, reply)

    async def _in_pool(self, answer: Answer) -> Reply | Dropped:
        return await asyncio.get_running_loop().run_in_executor(self._pool, answer)

    async def _drop(self, incoming: web.BaseRequest, lost: Dropped) -> web.StreamResponse:
        """End the connection, at once or in the middle of a reply; or all connections."""
        if not isinstance(lost, Ended):
            return _abort(incoming)
        if lost.restart is not None and self._restarting is None:
            self._restarting = asyncio.create_task(self._restart(lost.restart.down_s))
        if lost.partial is not None:
            framed = frame(replace(lost.partial, body=()), http_1_0=incoming.version < HttpVersion11)
            await incoming.writer.write(cut_chunked(framed, lost.partial.body, lost.whole_bytes))
            if not lost.reset:
                return _CLOSE
            await let_leave(incoming)
        end(incoming, reset=lost.reset)
        return _CLOSE

    async def _restart(self, down_s: float) -> None:
        """End all connections, and let none be made for so long."""
        if self._listener is not None and self._web is not None:
            away = down_s > 0 and not self._pause.skip(down_s)
            if away:
                self._listener.close()
            for connection in self._web.connections:
                if connection.transport is not None:
                    connection.transport.abort()
            if away:
                await asyncio.sleep(down_s)
                self._listener = await self._listen(self._web, *self._listens_on)
        self._restarting = None

    async def _send(self, incoming: web.BaseRequest, reply: Reply) -> web.StreamResponse:
        try:
            framed = frame(
                reply,
                to_head=incoming.method == hdrs.METH_HEAD,
                keep_alive=incoming.keep_alive,
                http_1_0=incoming.version < HttpVersion11,
            )
        except ReplyNotSendableError as error:
            _log.error("a reply could not be sent: %s", error)
            return _abort(incoming)
        delivery = delivery_of(reply)
        await self._pause.wait(delivery.delay_s)
        if framed.brought:
            return await self._send_brought(incoming, framed)
        if delivery.bytes_per_s is not None:
            await drip(incoming, framed, delivery.bytes_per_s, self._pause)
        else:
            for part in (*writes(framed), *delivery.surplus):
                await incoming.writer.write(part)
        if delivery.reset:
            await let_leave(incoming)
            end(incoming, reset=True)
        stays = incoming.keep_alive and framed.complete and not framed.closes and not delivery.ends
        return _KEEP if stays else _CLOSE

    async def _send_brought(self, incoming: web.BaseRequest, framed: Framed) -> web.StreamResponse:
        """Send a body that is made as it is read: part by part in a thread of the pool, never the whole of it."""
        loop = asyncio.get_running_loop()
        parts = writes(framed)
        left = len(framed.head) + framed.size
        while (part := await loop.run_in_executor(self._pool, next, parts, None)) is not None:
            await incoming.writer.write(part)
            left -= len(part)
        return _KEEP if incoming.keep_alive and not left else _CLOSE


async def _receive(incoming: web.BaseRequest) -> tuple[list[Buffer], int]:
    """The body as the buffers that it came in, and the number of bytes kept, at most about MAX_BODY_BYTES."""
    body: list[Buffer] = []
    size = 0
    if incoming.can_read_body:
        async for buffer, _ in incoming.content.iter_chunks():
            if size <= MAX_BODY_BYTES and buffer:
                body.append(buffer)
                size += len(buffer)
    return body, size


def _abort(incoming: web.BaseRequest) -> web.StreamResponse:
    end(incoming)
    return _CLOSE


class _Answered(web.StreamResponse):
    """Tells aiohttp that the reply is already on its way, and whether the connection goes on."""

    def __init__(self, *, keep_alive: bool) -> None:
        super().__init__()
        self._keep_alive = keep_alive

    async def prepare(self, request: web.BaseRequest) -> None:
        """Nothing is left to send."""

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing is left to send."""


class _Refused(_Answered):
    """The answer to what is not HTTP, or not this server's: as bare as a web server in front of a service gives."""

    def __init__(self, status: int) -> None:
        super().__init__(keep_alive=False)
        self.set_status(status)

    async def prepare(self, request: web.BaseRequest) -> None:
        head = f"HTTP/1.1 {self.status} {self.reason}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        await request.writer.write(head.encode("ascii"))


_KEEP: Final = _Answered(keep_alive=True)
_CLOSE: Final = _Answered(keep_alive=False)


class _Protocol(web.RequestHandler):
    def handle_error(
        self,
        request: web.BaseRequest,  # noqa: ARG002 - nothing of it is told
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - it quotes what was sent
    ) -> web.StreamResponse:
        """Refuse what could not be parsed. aiohttp's own text, in its log and in its reply, quotes the bytes that it
        did not understand; they may hold a key, so here neither does.
        """
        _log.warning("refused with %d what is not a request (%s)", status, type(exc).__name__)
        return _Refused(status)


class _Server(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Protocol(
            self,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type] # None turns it off, which the annotation does not say
            auto_decompress=False,  # Content-Encoding is a stored property here, not a transfer coding
            read_bufsize=READ_BUFFER_BYTES,
            max_line_size=MAX_LINE_BYTES,
            max_field_size=MAX_LINE_BYTES,
            max_headers=MAX_HEADERS,
        )


__all__ = ["MAX_BODY_BYTES", "POOLED_BODY_BYTES", "Handle", "HttpServer"]
