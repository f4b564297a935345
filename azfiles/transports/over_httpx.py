"""HTTP/1.1 through httpx, tuned for ranges of some MiB.

httpx's transport is driven directly, without its ``Client``: that spares the part of httpx that rewrites URLs, adds
headers and keeps a body until the garbage collector comes, and lets the body land in the caller's buffer. The
bookkeeping of its pools grows with the square of their connections, so there are several small ones. In the blocking
transport each has one connection and serves one request at a time: a pool that threads share may close a connection
under a request that has just got it (encode/httpcore#1110, seen with 1.0.9).
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, Generic, Self, TypeVar, cast

import httpx

from azfiles.errors import RequestNotSent, TransportError
from azfiles.messages import Buffer, Headers, Request, Response
from azfiles.redaction import redact_text
from azfiles.transports.bodies import Landing, body_length, describe
from azfiles.transports.http1 import header_text
from azfiles.transports.tls import tls_context

CONNECTIONS_PER_POOL: Final = 8
KEEP_IDLE_S: Final = 30.0
CONNECT_TIMEOUT_S: Final = 10.0
PIECE_BYTES: Final = 1024 * 1024

# Nothing reached the service: no connection was made, or none was free.
_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


P = TypeVar("P")


class HttpxTransport:
    """Sends requests over HTTP, blocking. Many threads may use one; it opens at most ``connections`` connections.

    ``ca_file`` is a PEM file whose certificates are trusted beside the usual ones. TLS 1.2 or newer, and certificates
    are always checked. The time given to ``send`` is for the whole request: it is looked at before each step, so an
    answer that trickles in ends soon after it. Redirects, cookies and proxies of the environment play no part.
    """

    def __init__(self, *, ca_file: str | Path | None = None, connections: int = 32) -> None:
        context = tls_context(ca_file)
        self._connections = _Connections(
            [partial(httpx.HTTPTransport, verify=context, limits=limits) for limits in _limits(connections, 1)]
        )

    def send(self, request: Request, timeout_s: float) -> Response:
        """Send one request. Raises ``TransportError`` where no complete response came in ``timeout_s`` seconds."""
        deadline = _Deadline(timeout_s)
        with _errors_of(request, timeout_s), self._connections.borrow(request.origin, deadline) as connection:
            reply = connection.handle_request(_prepare(request, _BlockingBody(request.body), deadline))
            try:
                landing, expected = _open(request, reply)
                for part in cast(httpx.SyncByteStream, reply.stream):
                    landing.take(part)
                    deadline.check()
            finally:
                reply.close()
            return _response(reply, landing, expected)

    def close(self) -> None:
        """Close all connections."""
        for connection in self._connections.made:
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<HttpxTransport with up to {self._connections.limit} connections>"


class AsyncHttpxTransport:
    """``HttpxTransport`` for asyncio and trio; many tasks of one event loop may use one."""

    def __init__(self, *, ca_file: str | Path | None = None, connections: int = 32) -> None:
        context = tls_context(ca_file)
        self._pools = _Pools(
            [
                partial(httpx.AsyncHTTPTransport, verify=context, limits=limits)
                for limits in _limits(connections, CONNECTIONS_PER_POOL)
            ]
        )

    async def send_async(self, request: Request, timeout_s: float) -> Response:
        """Send one request. Raises ``TransportError`` where no complete response came in ``timeout_s`` seconds."""
        deadline = _Deadline(timeout_s)
        with self._pools.borrow() as pool, _errors_of(request, timeout_s):
            reply = await pool.handle_async_request(_prepare(request, _AsyncBody(request.body), deadline))
            try:
                landing, expected = _open(request, reply)
                stream = cast(httpx.AsyncByteStream, reply.stream)
                async with aclosing(cast(AsyncGenerator[bytes, None], aiter(stream))) as parts:
                    async for part in parts:
                        landing.take(part)
                        deadline.check()
            finally:
                await reply.aclose()
            return _response(reply, landing, expected)

    async def aclose(self) -> None:
        """Close all connections."""
        for pool in self._pools.made:
            await pool.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<AsyncHttpxTransport with up to {self._pools.limit} pools>"


class _Connections(Generic[P]):
    """Transports of one connection each, made when they are needed; a request has one to itself until its answer is
    whole. It gets the one that last spoke to its origin, so that few connections stay warm and none is made twice.
    """

    def __init__(self, makers: Sequence[Callable[[], P]]) -> None:
        self.limit = len(makers)
        self.made: list[P] = []
        self._makers = iter(makers)
        self._idle: list[tuple[str, P]] = []  # least recently used first
        self._freed = threading.Condition()

    @contextmanager
    def borrow(self, origin: str, deadline: _Deadline) -> Generator[P, None, None]:
        with self._freed:
            if not self._freed.wait_for(lambda: self._idle or len(self.made) < self.limit, deadline.get("pool")):
                raise httpx.PoolTimeout("all connections were busy")
            places = reversed(range(len(self._idle)))
            place = next((place for place in places if self._idle[place][0] == origin), None)
            if place is None and len(self.made) < self.limit:
                transport = next(self._makers)()
                self.made.append(transport)
            else:
                transport = self._idle.pop(place or 0)[1]
        try:
            yield transport
        finally:
            with self._freed:
                self._idle.append((origin, transport))
                self._freed.notify()


class _Pools(Generic[P]):
    """Pools of connections, made when they are needed; each request goes to the first that is not full, so that few
    connections stay warm.
    """

    def __init__(self, makers: Sequence[Callable[[], P]]) -> None:
        self.limit = len(makers)
        self.made: list[P] = []
        self._makers = iter(makers)
        self._busy = [0] * self.limit

    @contextmanager
    def borrow(self) -> Generator[P, None, None]:
        free = (index for index, busy in enumerate(self._busy) if busy < CONNECTIONS_PER_POOL)
        index = next(free, self._busy.index(min(self._busy)))
        if index == len(self.made):
            self.made.append(next(self._makers)())
        self._busy[index] += 1
        try:
            yield self.made[index]
        finally:
            self._busy[index] -= 1


def _limits(connections: int, pool_size: int) -> Iterator[httpx.Limits]:
    """Limits of as many pools of up to ``pool_size`` connections as ``connections`` connections need."""
    if connections < 1:
        raise RequestNotSent(f"{connections} connections: at least 1 is needed")
    while connections > 0:
        size = min(connections, pool_size)
        yield httpx.Limits(max_connections=size, max_keepalive_connections=size, keepalive_expiry=KEEP_IDLE_S)
        connections -= size


class _Deadline:
    """Stands where httpx looks for its timeouts, and answers with the time that is left for the whole request."""

    __slots__ = ("_end_s",)

    def __init__(self, timeout_s: float) -> None:
        self._end_s = time.monotonic() + timeout_s

    def get(self, step: str, _default: object = None) -> float:
        left = max(self._end_s - time.monotonic(), 0.001)
        return min(left, CONNECT_TIMEOUT_S) if step == "connect" else left

    def check(self) -> None:
        if time.monotonic() > self._end_s:
            raise httpx.ReadTimeout("the answer was still coming in")


def _pieces(buffers: Sequence[Buffer]) -> Iterator[bytes]:
    """The buffers of a body as they are, but large views in pieces: of what is not bytes h11 makes a copy before it is
    sent, and of a piece that one is small.
    """
    for buffer in buffers:
        if isinstance(buffer, bytes) or len(buffer) <= PIECE_BYTES:
            yield cast("bytes", buffer)
            continue
        view = memoryview(buffer)
        for start in range(0, len(view), PIECE_BYTES):
            yield cast("bytes", view[start : start + PIECE_BYTES])


class _BlockingBody(httpx.SyncByteStream):
    """The buffers of a body, handed over without joining them."""

    def __init__(self, buffers: Sequence[Buffer]) -> None:
        self._buffers = buffers

    def __iter__(self) -> Iterator[bytes]:
        return _pieces(self._buffers)


class _AsyncBody(httpx.AsyncByteStream):
    """The same for the async transport. No async generator: who cancels a request closes none, and trio warns of that."""

    def __init__(self, buffers: Sequence[Buffer]) -> None:
        self._pieces = _pieces(buffers)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        piece = next(self._pieces, None)
        if piece is None:
            raise StopAsyncIteration
        return piece


@functools.lru_cache(maxsize=64)
def _origin(origin: str) -> httpx.URL:
    return httpx.URL(origin + "/")


def _prepare(
    request: Request, body: httpx.SyncByteStream | httpx.AsyncByteStream, deadline: _Deadline
) -> httpx.Request:
    """Httpx's form of a request. Its URL says only where to connect: the target goes to the wire as it was signed."""
    extensions: dict[str, Any] = {"timeout": deadline, "target": request.target.encode("ascii")}
    headers = [(name.encode("ascii"), value.encode("utf-8")) for name, value in request.headers]
    return httpx.Request(request.method, _origin(request.origin), headers=headers, stream=body, extensions=extensions)


def _open(request: Request, reply: httpx.Response) -> tuple[Landing, int | None]:
    headers = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in reply.headers.raw)
    expected = body_length(request.method, reply.status_code, headers)
    landing = Landing(request, reply.status_code)
    landing.expect(expected)
    return landing, expected


def _response(reply: httpx.Response, landing: Landing, expected: int | None) -> Response:
    headers = Headers((header_text(name), header_text(value)) for name, value in reply.headers.raw)
    reason = header_text(reply.extensions.get("reason_phrase", b""))
    return Response(reply.status_code, reason, headers, landing.finish(expected))


@contextmanager
def _errors_of(request: Request, timeout_s: float) -> Generator[None, None, None]:
    """Turns httpx's errors into ours, which say whether the service may have acted."""
    try:
        yield
    except httpx.LocalProtocolError:
        # The text of this one may quote a header, so it goes no further.
        raise RequestNotSent(f"{describe(request)}: the request cannot be said in HTTP/1.1") from None
    except httpx.TransportError as error:
        if isinstance(error, httpx.TimeoutException):
            what = f"no complete answer in {timeout_s:g} s ({_plain(error)})"
        else:
            what = redact_text(_reason(error)) or _plain(error)
        raise TransportError(f"{describe(request)}: {what}", sent=not isinstance(error, _NOT_SENT)) from error


def _reason(error: BaseException | None) -> str:
    """What the error says, or the first of its causes that says anything: under trio only the last one does."""
    while error is not None and not str(error):
        error = error.__cause__ or error.__context__
    return "" if error is None else str(error)


def _plain(error: Exception) -> str:
    """``ReadTimeout`` as ``read timeout``."""
    name = type(error).__name__
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()


__all__ = ["AsyncHttpxTransport", "HttpxTransport"]
