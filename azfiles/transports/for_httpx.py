"""A transport for somebody's own ``httpx.Client``: code that uses httpx directly is recorded and replayed, unpatched.

``HttpxTransport`` is the other direction, requests of ours over httpx.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final

import httpx

from azfiles.errors import RequestNotSent, TransportError
from azfiles.messages import AsyncTransport, HeaderPairs, Request, Response, Transport, aclose_after, close_after

DEFAULT_TIMEOUT_S: Final = 60.0


def httpx_transport(transport: Transport | AsyncTransport) -> TransportForHttpx:
    """``transport``, for instance what ``use_cassette`` or ``replaying`` gives, for an ``httpx.Client`` or an
    ``httpx.AsyncClient``::

        httpx.Client(transport=azfiles.httpx_transport(azfiles.replaying("session.yaml")))

    Closing the client closes it, which saves a recording. A ``TransportError`` becomes an ``httpx.ReadError``, or an
    ``httpx.ConnectError`` where nothing was sent. ``NotRecorded`` stays what it is, so that no retry takes it for a
    failing network. Each request has the seconds of httpx's read timeout.
    """
    return TransportForHttpx(transport)


class TransportForHttpx(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Made by ``httpx_transport``. Blocking and async, as far as the transport inside is."""

    def __init__(self, transport: Transport | AsyncTransport) -> None:
        self._transport = transport
        # Asking an object for its protocol costs as much as a replay, so it is done once.
        self._blocking = transport if isinstance(transport, Transport) else None
        self._async = transport if isinstance(transport, AsyncTransport) else None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request through the transport inside."""
        if self._blocking is None:
            raise RequestNotSent("the transport is async; use it with an httpx.AsyncClient")
        asked = _asked(request, request.read())
        try:
            return _answered(self._blocking.send(asked, _timeout_s(request)))
        except TransportError as error:
            raise _told(error, request) from error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request through the transport inside, without blocking where that does not."""
        if self._async is None:
            raise RequestNotSent("the transport is blocking; use it with an httpx.Client")
        asked = _asked(request, await request.aread())
        try:
            return _answered(await self._async.send_async(asked, _timeout_s(request)))
        except TransportError as error:
            raise _told(error, request) from error

    def close(self) -> None:
        """Close the transport inside."""
        if self._blocking is not None:
            self._blocking.close()

    async def aclose(self) -> None:
        """Close the transport inside."""
        if self._async is not None:
            await self._async.aclose()

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        if self._blocking is not None:
            close_after(self._blocking, exc_value)

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        if self._async is not None:
            await aclose_after(self._async, exc_value)

    def __repr__(self) -> str:
        return f"<TransportForHttpx over {self._transport!r}>"


class _WholeResponse(httpx.Response):
    """A response whose body is there already: reading it takes none of the steps that a stream takes."""

    def __init__(self, response: Response) -> None:
        body = bytes(response.body)
        pairs, is_ascii = _bytes_of(response.headers.pairs)
        extensions = {"http_version": b"HTTP/1.1", "reason_phrase": response.reason.encode("utf-8")}
        super().__init__(response.status, headers=pairs, stream=httpx.ByteStream(body), extensions=extensions)
        if is_ascii:
            self.headers.encoding = "ascii"  # which httpx would find out by decoding them all
        encoded = any(name.lower() == "content-encoding" for name, _ in response.headers.pairs)
        self._whole = None if encoded else body

    def read(self) -> bytes:
        """The body."""
        if self._take():
            self.close()  # which tells the client how long it took
        return super().read()

    async def aread(self) -> bytes:
        """The body."""
        if self._take():
            await self.aclose()
        return await super().aread()

    def _take(self) -> bool:
        """Put the body where httpx keeps one that was read, unless it was read or closed before."""
        if self._whole is None or self.is_stream_consumed or self.is_closed:
            return False
        self._content = self._whole
        self._num_bytes_downloaded = len(self._whole)
        self.is_stream_consumed = True
        return True


def _asked(request: httpx.Request, body: bytes) -> Request:
    url = request.url
    # The raw parts are what goes to the wire; putting the URL together and parsing it again would cost more than a replay.
    origin = f"{url.raw_scheme.decode('ascii')}://{url.netloc.decode('ascii')}"
    target = request.extensions.get("target", url.raw_path).decode("ascii")
    return Request(request.method, target, _texts(request.headers.raw), (body,) if body else (), origin)


def _texts(raw: Sequence[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    """Header names and values as text."""
    try:
        return tuple([(name.decode("ascii"), value.decode("ascii")) for name, value in raw])
    except UnicodeDecodeError:
        return tuple([_text(name, value) for name, value in raw])


def _text(name: bytes, value: bytes) -> tuple[str, str]:
    """UTF-8, as httpx sends what is not ASCII, or else the bytes one to one."""
    try:
        return name.decode("ascii"), value.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode("latin-1"), value.decode("latin-1")


def _bytes_of(pairs: HeaderPairs) -> tuple[list[tuple[bytes, bytes]], bool]:
    """Header names and values as they were on the wire, and whether all of them are ASCII."""
    try:
        return [(name.encode("ascii"), value.encode("ascii")) for name, value in pairs], True
    except UnicodeEncodeError:
        return [(name.encode("latin-1"), value.encode("utf-8")) for name, value in pairs], False


def _answered(response: Response) -> httpx.Response:
    return _WholeResponse(response)


def _timeout_s(request: httpx.Request) -> float:
    timeouts: Any = request.extensions.get("timeout", {})
    given: float | None = timeouts.get("read")
    return DEFAULT_TIMEOUT_S if given is None else given


def _told(error: TransportError, request: httpx.Request) -> httpx.TransportError:
    kind = httpx.ReadError if error.sent else httpx.ConnectError
    return kind(str(error), request=request)


__all__ = ["TransportForHttpx", "httpx_transport"]
