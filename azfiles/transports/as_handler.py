"""A transport as a service in process: the inverse of ``InProcessTransport``.

What takes a simulator takes any transport this way, and what adapts another library to a simulator adapts it to a
recording or a replay: ``azfiles_sim.adapters.azure_core_transport(as_handler(transport))`` records and replays the official
SDK. The two packages meet by structure, so neither imports the other.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from azfiles.errors import RequestNotSent, TransportError
from azfiles.messages import AsyncTransport, Buffer, Request, Response, Transport

DEFAULT_TIMEOUT_S = 60.0


class Asked(Protocol):
    """A request of whoever asks: a method, the raw path and query, ordered headers with a Host, and buffers."""

    @property
    def method(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def headers(self) -> Sequence[tuple[str, str]]: ...
    @property
    def body(self) -> Sequence[Buffer]: ...


class Connected(Protocol):
    """How the request came; only whether it was encrypted is looked at."""

    @property
    def tls(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply in the shape in which a handler gives it."""

    status: int
    reason: str
    headers: Sequence[tuple[str, str]] = field(repr=False)
    body: Sequence[memoryview] = field(repr=False)


@dataclass(frozen=True, slots=True)
class NotAnswered:
    """No complete response came. ``sent`` is false only where the service cannot have acted; whether it did is not known
    (``applied``).
    """

    message: str
    sent: bool
    applied: bool = False


class SystemTime:
    """The machine's clock, for a transport that has no time of its own."""

    def now(self) -> Any:
        return time.time_ns() // 100

    def time(self) -> float:
        return time.time()


def as_handler(transport: Transport | AsyncTransport, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> TransportHandler:
    """``transport`` in the shape of a simulator: ``handle``, ``handle_async`` and ``clock``. Each request has
    ``timeout_s`` seconds. Closing the transport, which saves a recording, stays with the caller.
    """
    return TransportHandler(transport, timeout_s)


class TransportHandler:
    """Made by ``as_handler``. ``clock`` is the transport's own, where it has one: a replay's waits take no time."""

    def __init__(self, transport: Transport | AsyncTransport, timeout_s: float) -> None:
        self._transport = transport
        self._timeout_s = timeout_s
        own: Any = getattr(transport, "clock", None)
        self.clock: Any = SystemTime() if own is None else own

    def handle(self, request: Asked, connection: Connected | None = None, /) -> Answered | NotAnswered:
        """Send a request through the transport."""
        if not isinstance(self._transport, Transport):
            raise RequestNotSent("the transport is async; use it with an async client")
        try:
            return _answered(self._transport.send(_request(request, connection), self._timeout_s))
        except TransportError as error:
            return NotAnswered(str(error), error.sent)

    async def handle_async(self, request: Asked, connection: Connected | None = None, /) -> Answered | NotAnswered:
        """Send a request through the transport, without blocking where the transport does not."""
        if not isinstance(self._transport, AsyncTransport):
            return self.handle(request, connection)
        try:
            return _answered(await self._transport.send_async(_request(request, connection), self._timeout_s))
        except TransportError as error:
            return NotAnswered(str(error), error.sent)

    def __repr__(self) -> str:
        return f"<TransportHandler over {self._transport!r}>"


def _request(asked: Asked, connection: Connected | None) -> Request:
    host = next((value for name, value in asked.headers if name.lower() == "host"), "localhost")
    scheme = "https" if connection is None or connection.tls else "http"
    headers = tuple((name, _text(value)) for name, value in asked.headers)
    return Request(asked.method, asked.target, headers, tuple(asked.body), f"{scheme}://{host}")


def _answered(response: Response) -> Answered:
    body = (memoryview(response.body),) if response.body else ()
    headers = [(name, value.encode("utf-8").decode("latin-1")) for name, value in response.headers.pairs]
    return Answered(response.status, response.reason, headers, body)


def _text(on_the_wire: str) -> str:
    """What a header says: a handler has its bytes as latin-1, a transport its text, which is UTF-8 on the wire."""
    try:
        return on_the_wire.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return on_the_wire


__all__ = ["Answered", "NotAnswered", "TransportHandler", "as_handler"]
