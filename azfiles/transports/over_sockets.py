"""HTTP/1.1 straight over sockets: the fast transport, with nothing but the standard library below it.

No HTTP library at hand comes near what loopback and Python's TLS allow (``docs/transports.md`` has the figures): they
copy bodies, and keep books for requests of every kind. Here a body goes out from where it lies and comes in where the
request's sink lies.
"""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path
from typing import Any, Self, TypeVar, cast

from azfiles.messages import Request, Response
from azfiles.transports.links import Links, Ready, Resolve, Step, Steps, is_ready, time_left
from azfiles.transports.room import enter

T = TypeVar("T")


class FastTransport:
    """Sends requests over HTTP, blocking. Many threads may use one; it opens at most ``connections`` connections.

    ``ca_file`` is a PEM file whose certificates are trusted beside the usual ones. TLS 1.2 or newer, and certificates
    are always checked. The time given to ``send`` is for the whole request; only looking up a host's name may take
    longer. Redirects, cookies and proxies of the environment play no part.
    """

    def __init__(self, *, ca_file: str | Path | None = None, connections: int = 32) -> None:
        self._links = Links(connections, ca_file)
        self._free = threading.Semaphore(connections)

    def send(self, request: Request, timeout_s: float) -> Response:
        """Send one request. Raises ``TransportError`` where no complete response came in ``timeout_s`` seconds."""
        end_s = time.monotonic() + timeout_s
        enter(self._free, request, timeout_s)
        try:
            return _drive(self._links.carry(request, timeout_s), end_s)
        finally:
            self._free.release()

    def close(self) -> None:
        """Close all connections."""
        self._links.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<FastTransport with up to {self._links.limit} connections>"


def _drive(steps: Steps[T], end_s: float) -> T:
    try:
        step = next(steps)
        while True:
            try:
                answer = _carry_out(step, time_left(step, end_s))
            except OSError as error:
                step = steps.throw(error)
            else:
                step = steps.send(answer)
    except StopIteration as end:
        return cast(T, end.value)
    finally:
        steps.close()


def _carry_out(step: Step, left_s: float) -> Any:
    match step:
        case Ready():
            if not is_ready(step, left_s):
                raise TimeoutError
        case Resolve(host, port):
            return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        case None:
            pass
    return None


__all__ = ["FastTransport"]
