"""What is seen of the requests of a run: when each left and was answered, and one hash of all that went by."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from typing import Final, NamedTuple

from azfiles.messages import Request, Response, Transport
from azfiles_sim.faults import Handle
from azfiles_sim.messages import IN_PROCESS, Connection, Dropped, Reply, RequestLike

TIMEOUT_S: Final = 60.0
"""What a handler gives a transport; in process nothing takes time."""


class Window(NamedTuple):
    """When a request was on its way, in ticks of its watch, and the service's time at its beginning."""

    invoked: int
    completed: int
    at: int


class Watch:
    """A transport around a transport that notes each request's window by its name, the client request id.

    May be used from several threads; ``now`` is the service's clock.
    """

    def __init__(self, inside: Transport, now: Callable[[], int]) -> None:
        self._inside = inside
        self._now = now
        self._windows: dict[str, Window] = {}
        self._lock = threading.Lock()
        self._last = 0

    def tick(self) -> int:
        """A number greater than all that were asked for before."""
        with self._lock:
            self._last += 1
            return self._last

    def send(self, request: Request, timeout_s: float) -> Response:
        name = next(value for header, value in request.headers if header == "x-ms-client-request-id")
        invoked, at = self.tick(), self._now()
        try:
            return self._inside.send(request, timeout_s)
        finally:
            self._windows[name] = Window(invoked, self.tick(), at)

    def close(self) -> None:
        self._inside.close()

    def window(self, name: str) -> Window:
        """When the request of this name was on its way. Raises KeyError where it never was."""
        return self._windows[name]


class Digest:
    """A handler around a handler, and the hash of every request and reply in their order."""

    def __init__(self, inside: Handle) -> None:
        self._inside = inside
        self._sum = hashlib.sha256()

    def handle(self, request: RequestLike, connection: Connection = IN_PROCESS, /) -> Reply | Dropped:
        reply = self._inside(request, connection)
        self._sum.update(repr((request.method, request.target, list(request.headers))).encode())
        for part in request.body:
            self._sum.update(part)
        if isinstance(reply, Reply):
            self._sum.update(repr((reply.status, reply.reason, list(reply.headers))).encode())
            for view in reply.body:
                self._sum.update(view)
        return reply

    @property
    def text(self) -> str:
        return self._sum.hexdigest()


def through(transport: Transport) -> Handle:
    """A handler that hands requests on to a transport, and its responses back as replies."""

    def handle(request: RequestLike, connection: Connection = IN_PROCESS, /) -> Reply:  # noqa: ARG001 - a handler's shape
        if not isinstance(request, Request):
            raise TypeError(f"a client's request is expected, not {type(request).__name__}")
        response = transport.send(request, TIMEOUT_S)
        body = memoryview(response.body)
        return Reply(response.status, response.reason, response.headers.pairs, (body,) if body else ())

    return handle


__all__ = ["Digest", "Watch", "Window", "through"]
