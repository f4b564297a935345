"""Runs a plain ``handle(request, connection)`` on a listening socket: HTTP/1.1, with or without TLS.

What happens on a connection is in ``connection``; here is who answers a request, and when. A served plan of faults is
carried out here as far as it concerns time and the connection (``delivering``).

Most requests are answered in the event loop's thread, at once. One whose body has to be hashed goes to a small pool
of threads: other connections go on meanwhile. So does everything where the state is on disk, and the control
interface. No lock is held while a body is written.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeAlias

from azfiles_sim.faults.delivery import GOOD, Ended, delivery_of
from azfiles_sim.faults.encounter import Encounter
from azfiles_sim.faults.faulty import Faulty
from azfiles_sim.messages import Connection, Dropped, Reply, Request
from azfiles_sim.server.connection import MAX_BODY_BYTES, HttpConnection
from azfiles_sim.server.delivering import Pause, cut_chunked, drip, let_leave
from azfiles_sim.server.endpoints import CONTROL_PREFIX
from azfiles_sim.server.framing import Framed, frame, writes

Handle: TypeAlias = Callable[[Request, Connection], Reply | Dropped]
Answer: TypeAlias = Callable[[], Reply | Dropped]

POOLED_BODY_BYTES: Final = 64 * 1024
"""From this size on a body that is hashed is so in a thread of the pool: MD5 of 64 KiB takes about what a hand-over does."""

POOL_THREADS: Final = 4
WAITING_THREADS: Final = 32  # where requests wait for commits: those that wait together share one
STOP_GRACE_S: Final = 1.0
STOP_STEP_S: Final = 0.01
ACCEPTING_TURNS: Final = 3  # of the event loop, from the acceptance of a connection until it is known here
_HASHED: Final = frozenset({"content-md5", "x-ms-structured-body"})
_PLAIN: Final = frozenset({list, tuple})  # bodies that are there; others are made as they are read

_log = logging.getLogger("azfiles_sim.server")


class HttpServer:
    """A listening HTTP or HTTPS server for one ``handle``. ``start`` and ``stop`` run in one event loop.

    ``control`` answers what is under ``CONTROL_PREFIX``, always in a thread of the pool. ``waits_for_disk`` says that
    ``handle`` may wait until something is on disk (a read too, for what it saw): then no request is answered in the
    loop's thread. ``hashes_bodies`` says that it hashes every body, and not only where the request's headers ask for
    that. With ``faults`` each request first meets their plan, if there is one; ``handle`` knows nothing of it.
    """

    def __init__(
        self,
        handle: Handle,
        *,
        tls: ssl.SSLContext | None = None,
        control: Handle | None = None,
        waits_for_disk: bool = False,
        hashes_bodies: bool = True,
        faults: Faulty | None = None,
    ) -> None:
        self._handle = handle
        self._tls = tls
        self._control = control
        self._waits_for_disk = waits_for_disk
        self._hashes_bodies = hashes_bodies
        threads = WAITING_THREADS if waits_for_disk else POOL_THREADS
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="azfiles-sim")
        self._links: set[HttpConnection] = set()
        self._met: dict[HttpConnection, Encounter] = {}
        self._later: set[asyncio.Task[None]] = set()
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
        self._listener = await self._listen(addresses if port else addresses[:1], port)
        chosen = int(self._listener.sockets[0].getsockname()[1])
        self._listens_on = addresses if port else addresses[:1], chosen
        return chosen

    async def _listen(self, addresses: list[str], port: int) -> asyncio.Server:
        connect = partial(HttpConnection, self, tls=self._tls is not None)
        return await asyncio.get_running_loop().create_server(connect, addresses, port, ssl=self._tls, backlog=512)

    async def stop(self) -> None:
        """Stop listening, let requests in flight finish for STOP_GRACE_S, then end every connection, also one whose
        client has stopped reading.
        """
        if self._restarting is not None:
            self._restarting.cancel()
        if self._listener is not None:
            loop = asyncio.get_running_loop()
            await _accept_no_more(self._listener)
            self._listener.close()
            until = loop.time() + STOP_GRACE_S
            while self._end_idle() and loop.time() < until:  # noqa: ASYNC110 - nobody says when the last byte has left
                await asyncio.sleep(STOP_STEP_S)
            for task in self._later:
                task.cancel()
            for link in tuple(self._links):
                link.end()
            with contextlib.suppress(TimeoutError):  # from Python 3.12 on it waits for TLS greetings that never come
                await asyncio.wait_for(self._listener.wait_closed(), STOP_GRACE_S)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _end_idle(self) -> bool:
        """End every connection on which nothing is under way; whether there are others."""
        for link in tuple(self._links):
            if not link.is_busy:
                link.end()
        return any(link.is_busy for link in self._links)

    # --- what a connection asks -------------------------------------------------------------------------------------

    def opened(self, link: HttpConnection) -> None:
        self._links.add(link)

    def closed(self, link: HttpConnection) -> None:
        self._links.discard(link)
        self._met.pop(link, None)

    def begin(self, link: HttpConnection, head: Request) -> None:
        """Let the head meet the plan of faults, which may end the connection before its body is read."""
        if self._faults is None or self._faults.plan is None or self._is_control(head):
            return
        met = self._faults.meet(head, link.connection)
        if met is None:
            return
        if met.ends_at_head:
            link.end(reset=True)
        else:
            self._met[link] = met

    def answer(self, link: HttpConnection, request: Request, size: int) -> None:
        """Answer at once, or have it done by a task where that may take its time."""
        if (
            self._is_control(request)
            or link in self._met
            or self._waits_for_disk
            or (size >= POOLED_BODY_BYTES and self._is_hashed(request))
        ):
            self._do_later(link, self._exchange(link, request, size))
            return
        try:
            reply = self._handle(request, link.connection)
            if type(reply) is Reply and type(reply.body) in _PLAIN:
                link.reply(reply)
            else:
                self._do_later(link, self._deliver(link, reply))
        except Exception as error:  # noqa: BLE001 - whatever it is, one request must not end the server
            _fail(link, error)

    def _is_control(self, request: Request) -> bool:
        return self._control is not None and request.target.startswith(CONTROL_PREFIX)

    def _is_hashed(self, request: Request) -> bool:
        return self._hashes_bodies or any(name.lower() in _HASHED for name, _ in request.headers)

    def _do_later(self, link: HttpConnection, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(_guarded(link, work))
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    # --- what takes its time ----------------------------------------------------------------------------------------

    async def _exchange(self, link: HttpConnection, request: Request, size: int) -> None:
        met = self._met.pop(link, None)
        if self._control is not None and self._is_control(request):
            reply = await self._in_pool(partial(self._control, request, link.connection))
        else:
            answer: Answer = partial(self._handle, request, link.connection)
            if met is not None:
                await self._pause.wait(met.hold_s)
                answer = met.with_request(request).answer
            small = size < POOLED_BODY_BYTES and not self._waits_for_disk
            reply = answer() if small else await self._in_pool(answer)
        await self._deliver(link, reply)

    async def _in_pool(self, answer: Answer) -> Reply | Dropped:
        return await asyncio.get_running_loop().run_in_executor(self._pool, answer)

    async def _deliver(self, link: HttpConnection, reply: Reply | Dropped) -> None:
        if isinstance(reply, Dropped):
            await self._drop(link, reply)
            return
        delivery = delivery_of(reply)
        await self._pause.wait(delivery.delay_s)
        if delivery is GOOD and type(reply.body) in _PLAIN:
            link.reply(reply)
            return
        framed = link.framed(reply)
        if framed is None:
            return
        if framed.brought:
            await self._send_brought(link, framed)
            return
        if delivery.bytes_per_s is not None:
            await drip(link, framed, delivery.bytes_per_s, self._pause)
        else:
            await link.write(*writes(framed), *delivery.surplus)
        if delivery.reset:
            await let_leave(link)
            link.end(reset=True)
        link.finish(keep_alive=not delivery.ends)

    async def _send_brought(self, link: HttpConnection, framed: Framed) -> None:
        """Send a body that is made as it is read: part by part in a thread of the pool, never the whole of it."""
        loop = asyncio.get_running_loop()
        parts = writes(framed)
        left = len(framed.head) + framed.size
        while (part := await loop.run_in_executor(self._pool, next, parts, None)) is not None:
            await link.write(part)
            left -= len(part)
        link.finish(keep_alive=not left)

    async def _drop(self, link: HttpConnection, lost: Dropped) -> None:
        if not isinstance(lost, Ended):
            link.end()
            return
        if lost.restart is not None and self._restarting is None:
            self._restarting = asyncio.create_task(self._restart(lost.restart.down_s))
        if lost.partial is not None:
            framed = frame(replace(lost.partial, body=()), http_1_0=link.http_1_0)
            await link.write(cut_chunked(framed, lost.partial.body, lost.whole_bytes))
            if not lost.reset:
                link.finish(keep_alive=False)
                return
            await let_leave(link)
        link.end(reset=lost.reset)

    async def _restart(self, down_s: float) -> None:
        """End all connections, and let none be made for so long."""
        if self._listener is not None:
            away = down_s > 0 and not self._pause.skip(down_s)
            if away:
                await _accept_no_more(self._listener)
                self._listener.close()
            for link in tuple(self._links):
                link.end()
            if away:
                await asyncio.sleep(down_s)
                self._listener = await self._listen(*self._listens_on)
        self._restarting = None


async def _accept_no_more(listener: asyncio.Server) -> None:
    """Let what was just accepted become a connection. One that does so after the listener is closed, asyncio drops
    without closing its socket.
    """
    for listening in listener.sockets:
        with contextlib.suppress(NotImplementedError):  # a loop that knows no readers
            asyncio.get_running_loop().remove_reader(listening)
    for _ in range(ACCEPTING_TURNS):
        await asyncio.sleep(0)


async def _guarded(link: HttpConnection, work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except ConnectionError:
        link.end()  # the client has gone away
    except Exception as error:  # noqa: BLE001 - whatever it is, one request must not end the server
        _fail(link, error)


def _fail(link: HttpConnection, error: Exception) -> None:
    # Only the type is told: the text of an unknown error may quote what the client sent.
    _log.error("a request failed with %s; its connection is ended", type(error).__name__)
    link.end()


__all__ = ["MAX_BODY_BYTES", "POOLED_BODY_BYTES", "Handle", "HttpServer"]
