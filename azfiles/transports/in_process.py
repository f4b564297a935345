"""Calls a handler, such as the simulator's ``handle``, in place of a network."""

from __future__ import annotations

from typing import Any, Self

from azfiles.errors import TransportError
from azfiles.messages import Buffer, Handler, Headers, Request, Response
from azfiles.transports.bodies import Landing, body_length, describe


class InProcessTransport:
    """A transport, blocking and async in one, that calls ``handler`` for each request.

    What a network would do to the bytes is done here too: a handler gets buffers that the caller cannot change later,
    a reply to HEAD has no body, and a reply whose body is not as long as its ``Content-Length`` is an error. A handler
    must answer at once; ``timeout_s`` has no meaning here.
    """

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    def send(self, request: Request, timeout_s: float) -> Response:  # noqa: ARG002 - nothing here takes time
        body = tuple(map(_frozen, request.body))
        reply: Any = self._handler(Request(request.method, request.target, request.headers, body, request.origin))
        status: int | None = getattr(reply, "status", None)
        if status is None:
            # Whether the lost command took effect is known to a simulator but never to a client; that no connection
            # could be made is.
            sent = bool(getattr(reply, "sent", True))
            what = "the connection ended without a reply" if sent else "no connection could be made"
            raise TransportError(f"{describe(request)}: {what}", sent=sent)
        headers = Headers(reply.headers)
        expected = body_length(request.method, status, headers.pairs)
        landing = Landing(request, status)
        if request.method != "HEAD":
            landing.expect(expected)
            for part in reply.body:
                landing.take(part)
        return Response(status, reply.reason, headers, landing.finish(expected))

    async def send_async(self, request: Request, timeout_s: float) -> Response:
        return self.send(request, timeout_s)

    def close(self) -> None:
        """Nothing to close; the handler is the caller's."""

    async def aclose(self) -> None:
        """Nothing to close; the handler is the caller's."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        name = getattr(self._handler, "__qualname__", type(self._handler).__name__)
        return f"<InProcessTransport to {name}>"


def _frozen(buffer: Buffer) -> Buffer:
    """The same bytes in a buffer that nobody can change, copied only if somebody could."""
    if isinstance(buffer, bytes):
        return buffer
    if isinstance(buffer, memoryview) and type(buffer.obj) is bytes:
        return buffer
    return bytes(buffer)


__all__ = ["InProcessTransport"]
