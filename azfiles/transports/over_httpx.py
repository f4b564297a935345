"""HTTP/1.1 through httpcore, the engine inside httpx, tuned for ranges of some MiB.

httpx's ``Client`` rewrites URLs, adds headers, and keeps a body until the garbage collector comes; the pools below it keep
books that grow with the square of their connections, and one that threads share may close a connection under a request
that has just got it (encode/httpcore#1110, seen with 1.0.9). So httpcore's connections are driven directly: a request has
one to itself, and the body lands in the caller's buffer.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Any, Final, Generic, Self, TypeVar, cast

import anyio
import httpcore

from azfiles.errors import RequestNotSent, TransportError
from azfiles.messages import Buffer, Headers, Request, Response
from azfiles.redaction import redact_text
from azfiles.transports.bodies import Landing, body_length, describe
from azfiles.transports.http1 import header_text
from azfiles.transports.room import enter, enter_async
from azfiles.transports.tls import tls_context

KEEP_IDLE_S: Final = 30.0
CONNECT_TIMEOUT_S: Final = 10.0
PIECE_BYTES: Final = 1024 * 1024

# Nothing reached the service: no connection was made.
_NOT_SENT: Final = (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.UnsupportedProtocol)
_FAILURES: Final = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
)

C = TypeVar("C", httpcore.HTTPConnection, httpcore.AsyncHTTPConnection)


class HttpxTransport:
    """Sends requests over HTTP, blocking. Many threads may use one; it opens at most ``connections`` connections.

    ``ca_file`` is a PEM file whose certificates are trusted beside the usual ones. TLS 1.2 or newer, and certificates
    are always checked. The time given to ``send`` is for the whole request: it is looked at before each step, so an
    answer that trickles in ends soon after it. Redirects, cookies and proxies of the environment play no part.
    """

    def __init__(self, *, ca_file: str | Path | None = None, connections: int = 32) -> None:
        self._connections = _Connections(httpcore.HTTPConnection, ca_file, connections)
        self._free = threading.Semaphore(connections)

    def send(self, request: Request, timeout_s: float) -> Response:
        """Send one request. Raises ``TransportError`` where no complete response came in ``timeout_s`` seconds."""
        deadline = _Deadline(timeout_s)
        enter(self._free, request, timeout_s)
        try:
            connection, ended = self._connections.take(request.origin)
            try:
                for other in ended:
                    other.close()
                with _errors_of(request, timeout_s):
                    return self._exchange(connection, request, deadline)
            finally:
                if not self._connections.leave(request.origin, connection):
                    connection.close()
        finally:
            self._free.release()

    def _exchange(self, connection: httpcore.HTTPConnection, request: Request, deadline: _Deadline) -> Response:
        reply = connection.handle_request(_prepare(request, _BlockingBody(request.body), deadline))
        landing, headers, expected = _open(request, reply)
        for part in cast(Iterable[bytes], reply.stream):
            landing.take(part)
            deadline.check()
        reply.close()
        return _response(reply, headers, landing.finish(expected))

    def close(self) -> None:
        """Close all connections."""
        for connection in self._connections.drop():
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
        self._connections = _Connections(httpcore.AsyncHTTPConnection, ca_file, connections)
        self._free = anyio.Semaphore(connections)

    async def send_async(self, request: Request, timeout_s: float) -> Response:
        """Send one request. Raises ``TransportError`` where no complete response came in ``timeout_s`` seconds."""
        deadline = _Deadline(timeout_s)
        await enter_async(self._free, request, timeout_s)
        try:
            connection, ended = self._connections.take(request.origin)
            try:
                for other in ended:
                    await _aclose(other)
                with _errors_of(request, timeout_s):
                    return await self._exchange(connection, request, deadline)
            finally:
                if not self._connections.leave(request.origin, connection):
                    await _aclose(connection)
        finally:
            self._free.release()

    async def _exchange(
        self, connection: httpcore.AsyncHTTPConnection, request: Request, deadline: _Deadline
    ) -> Response:
        reply = await connection.handle_async_request(_prepare(request, _AsyncBody(request.body), deadline))
        landing, headers, expected = _open(request, reply)
        stream = aiter(cast(AsyncIterable[bytes], reply.stream))
        async with aclosing(cast(AsyncGenerator[bytes, None], stream)) as parts:
            async for part in parts:
                landing.take(part)
                deadline.check()
        await reply.aclose()
        return _response(reply, headers, landing.finish(expected))

    async def aclose(self) -> None:
        """Close all connections."""
        for connection in self._connections.drop():
            await _aclose(connection)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<AsyncHttpxTransport with up to {self._connections.limit} connections>"


class _Connections(Generic[C]):
    """The connections of one transport. A request gets the one that last spoke to its origin, so that few stay warm, and
    has it to itself; whoever takes one sees to it that no more than ``limit`` are taken at once.
    """

    def __init__(self, kind: Callable[..., C], ca_file: str | Path | None, limit: int) -> None:
        if limit < 1:
            raise RequestNotSent(f"{limit} connections: at least 1 is needed")
        self.limit = limit
        self._kind: Callable[..., C] = kind
        self._context = tls_context(ca_file)
        self._idle: list[tuple[str, C]] = []  # least recently used first
        self._busy: set[C] = set()
        self._lock = threading.Lock()

    def take(self, origin: str) -> tuple[C, list[C]]:
        """A connection to ``origin``, and those to close: they have ended, or there would be one too many."""
        ended: list[C] = []
        with self._lock:
            for place in reversed(range(len(self._idle))):
                if self._idle[place][0] == origin:
                    connection = self._idle.pop(place)[1]
                    if not connection.has_expired():
                        break
                    ended.append(connection)
            else:
                if self._idle and len(self._idle) + len(self._busy) >= self.limit:
                    ended.append(self._idle.pop(0)[1])
                connection = self._kind(_origin(origin), ssl_context=self._context, keepalive_expiry=KEEP_IDLE_S)
            self._busy.add(connection)
        return connection, ended

    def leave(self, origin: str, connection: C) -> bool:
        """Give a connection back. If it can carry no other request, this is false, and it is the caller's to close."""
        with self._lock:
            self._busy.discard(connection)
            if not connection.is_available():
                return False
            self._idle.append((origin, connection))
            return True

    def drop(self) -> list[C]:
        """All connections, which are to be closed."""
        with self._lock:
            dropped = [connection for _, connection in self._idle]
            self._idle.clear()
            return dropped + list(self._busy)


async def _aclose(connection: httpcore.AsyncHTTPConnection) -> None:
    """Close a connection, also where the task is cancelled."""
    with anyio.CancelScope(shield=True):
        await connection.aclose()


class _Deadline:
    """Stands where httpcore looks for its timeouts, and answers with the time that is left for the whole request."""

    __slots__ = ("_end_s",)

    def __init__(self, timeout_s: float) -> None:
        self._end_s = time.monotonic() + timeout_s

    def get(self, step: str, _default: object = None) -> float:
        left = max(self._end_s - time.monotonic(), 0.001)
        return min(left, CONNECT_TIMEOUT_S) if step == "connect" else left

    def check(self) -> None:
        if time.monotonic() > self._end_s:
            raise httpcore.ReadTimeout("the answer was still coming in")


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


class _BlockingBody:
    """The buffers of a body, handed over without joining them."""

    def __init__(self, buffers: Sequence[Buffer]) -> None:
        self._buffers = buffers

    def __iter__(self) -> Iterator[bytes]:
        return _pieces(self._buffers)


class _AsyncBody:
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
def _origin(origin: str) -> httpcore.Origin:
    return httpcore.URL(origin + "/").origin


def _prepare(request: Request, body: _BlockingBody | _AsyncBody, deadline: _Deadline) -> httpcore.Request:
    """Httpcore's form of a request. The target goes to the wire as it was signed."""
    where = _origin(request.origin)
    url = httpcore.URL(scheme=where.scheme, host=where.host, port=where.port, target=request.target)
    headers = [(name.encode("ascii"), value.encode("utf-8")) for name, value in request.headers]
    extensions: dict[str, Any] = {"timeout": deadline}
    return httpcore.Request(request.method, url, headers=headers, content=body, extensions=extensions)


def _open(request: Request, reply: httpcore.Response) -> tuple[Landing, list[tuple[str, str]], int | None]:
    headers = [(header_text(name), header_text(value)) for name, value in reply.headers]
    expected = body_length(request.method, reply.status, headers)
    landing = Landing(request, reply.status)
    landing.expect(expected)
    return landing, headers, expected


def _response(reply: httpcore.Response, headers: list[tuple[str, str]], body: bytes | memoryview) -> Response:
    told = cast("Mapping[str, Any]", reply.extensions)  # pyright: ignore[reportUnknownMemberType] - a bare dict there
    return Response(reply.status, header_text(told.get("reason_phrase", b"")), Headers(headers), body)


@contextmanager
def _errors_of(request: Request, timeout_s: float) -> Generator[None, None, None]:
    """Turns httpcore's errors into ours, which say whether the service may have acted."""
    try:
        yield
    except httpcore.LocalProtocolError:
        # The text of this one may quote a header, so it goes no further.
        raise RequestNotSent(f"{describe(request)}: the request cannot be said in HTTP/1.1") from None
    except _FAILURES as error:
        if isinstance(error, httpcore.TimeoutException):
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
