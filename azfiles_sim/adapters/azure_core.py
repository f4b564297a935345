"""Transports for azure-core's pipelines, which all of Azure's Python clients are built on, that ask a simulator.

They stand where azure-core's RequestsTransport and AioHttpTransport stand and keep to what those two do: header values
are latin-1 for the blocking one and UTF-8 for the other, a connection that ends without a reply is a
ServiceResponseError, a body that ends early an IncompleteReadError.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, MutableMapping
from types import TracebackType
from typing import IO, Any, Final, Self, TypeAlias, cast

from azure.core.exceptions import (
    DecodeError,
    HttpResponseError,
    IncompleteReadError,
    ResponseNotReadError,
    ServiceRequestError,
    ServiceResponseError,
    StreamClosedError,
    StreamConsumedError,
)
from azure.core.pipeline import transport as pipeline_transport
from azure.core.rest import AsyncHttpResponse, HttpRequest, HttpResponse
from azure.core.utils import case_insensitive_dict

from azfiles_sim.adapters.exchange import Simulated, exchange, exchange_async, is_answer, skip_time, was_sent
from azfiles_sim.messages import Buffer, ReplyLike

AnyRequest: TypeAlias = HttpRequest | pipeline_transport.HttpRequest

BLOCK_BYTES: Final = 1024 * 1024
"""How much of a body a stream gives at a time."""

_ANY_WRAPPER: Final = zlib.MAX_WBITS | 32  # gzip or zlib, whichever it is


class _Answered:
    """What a blocking and an async response have in common: all that needs no waiting."""

    def __init__(self, request: AnyRequest, reply: ReplyLike, decode: Callable[[str], str]) -> None:
        self._request = request
        self._reply = reply
        self._headers = case_insensitive_dict([(name, decode(value)) for name, value in reply.headers])
        self._content: bytes | None = None
        self._encoding: str | None = None
        self._closed = False
        self._consumed = False
        self.internal_response = reply
        self.block_size = BLOCK_BYTES

    @property
    def request(self) -> Any:
        return self._request

    @property
    def url(self) -> str:
        return self._request.url

    @property
    def status_code(self) -> int:
        return self._reply.status

    @property
    def reason(self) -> str:
        return self._reply.reason

    @property
    def headers(self) -> MutableMapping[str, str]:
        return self._headers

    @property
    def content_type(self) -> str | None:
        return self._headers.get("Content-Type")

    @property
    def is_closed(self) -> bool:
        return self._closed

    @property
    def is_stream_consumed(self) -> bool:
        return self._consumed

    @property
    def encoding(self) -> str | None:
        return self._encoding

    @encoding.setter
    def encoding(self, value: str | None) -> None:
        self._encoding = value

    @property
    def content(self) -> bytes:
        if self._content is None:
            raise ResponseNotReadError(self)
        return self._content

    def text(self, encoding: str | None = None) -> str:
        """The body as text; UTF-8, with or without a byte order mark, unless told otherwise."""
        chosen = encoding or self._encoding or "utf-8"
        return self.content.decode("utf-8-sig" if chosen == "utf-8" else chosen)

    def json(self) -> Any:
        return json.loads(self.text())

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise HttpResponseError(response=self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.status_code} {self.reason}>"

    def _blocks(self, *, decompress: bool) -> Iterator[bytes]:
        """The body from its beginning, in blocks."""
        if self._consumed:
            raise StreamConsumedError(self)
        if self._closed:
            raise StreamClosedError(self)
        self._consumed = True
        encoded = self._headers.get("Content-Encoding", "").lower() in {"gzip", "deflate"}
        yield from _decompressed(self._raw()) if decompress and encoded else self._raw()

    def _raw(self) -> Iterator[bytes]:
        sent = 0
        for view in self._reply.body:
            for start in range(0, len(view), self.block_size):
                block = bytes(view[start : start + self.block_size])
                sent += len(block)
                yield block
        promised = self._headers.get("Content-Length")
        if self._request.method != "HEAD" and promised is not None and sent < int(promised):
            raise IncompleteReadError(f"the connection ended after {sent} of {promised} bytes")

    def _kept(self) -> Iterator[bytes]:
        for start in range(0, len(self.content), self.block_size):
            yield self.content[start : start + self.block_size]


class SimulatedResponse(_Answered, HttpResponse):
    """A simulator's reply as the clients of azure-core read it."""

    def read(self) -> bytes:
        if self._content is None:
            self._content = b"".join(self._blocks(decompress=True))
        self.close()
        return self._content

    def body(self) -> bytes:
        """The whole body; what ``read`` gives, by its older name."""
        return self.read()

    def iter_raw(self, **_options: Any) -> Iterator[bytes]:
        """The body as it was sent."""
        yield from self._blocks(decompress=False)
        self.close()

    def iter_bytes(self, **_options: Any) -> Iterator[bytes]:
        """The body, decompressed where Content-Encoding says that it is compressed."""
        yield from self._blocks(decompress=True) if self._content is None else self._kept()
        self.close()

    def stream_download(self, _pipeline: object = None, *, decompress: bool = True, **_options: Any) -> Iterator[bytes]:
        """A stream of the body, by its older name."""
        return self.iter_bytes() if decompress else self.iter_raw()

    def close(self) -> None:
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


class AsyncSimulatedResponse(_Answered, AsyncHttpResponse):
    """A simulator's reply as the async clients of azure-core read it."""

    async def read(self) -> bytes:
        if self._content is None:
            self._content = b"".join(self._blocks(decompress=True))
        await self.close()
        return self._content

    def body(self) -> bytes:
        """The whole body, once it was read."""
        return self.content

    async def load_body(self) -> None:
        """Read the body, by its older name."""
        await self.read()

    async def iter_raw(self, **_options: Any) -> AsyncIterator[bytes]:
        """The body as it was sent."""
        for block in self._blocks(decompress=False):
            yield block
        await self.close()

    async def iter_bytes(self, **_options: Any) -> AsyncIterator[bytes]:
        """The body, decompressed where Content-Encoding says that it is compressed."""
        for block in self._blocks(decompress=True) if self._content is None else self._kept():
            yield block
        await self.close()

    def stream_download(
        self, _pipeline: object = None, *, decompress: bool = True, **_options: Any
    ) -> AsyncIterator[bytes]:
        """A stream of the body, by its older name."""
        return self.iter_bytes() if decompress else self.iter_raw()

    async def close(self) -> None:
        self._closed = True

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.close()


class SimulatorTransport(pipeline_transport.HttpTransport[AnyRequest, SimulatedResponse]):
    """``azure_core_transport``'s result. Nothing is opened, so it needs no closing and can be used again after it."""

    def __init__(self, simulated: Simulated) -> None:
        self._simulated = simulated

    def open(self) -> None:
        """Nothing is to be opened."""

    def close(self) -> None:
        """Nothing was opened."""

    def __exit__(self, *_error: object) -> None:
        """Nothing was opened."""

    def send(self, request: AnyRequest, **kwargs: Any) -> SimulatedResponse:
        """Have the simulator answer ``request``; with ``stream=True`` the body is left to be read. Options that
        concern a connection (timeouts, proxies, certificates) have no meaning here.

        Raises ServiceResponseError where the connection ends without a reply, ServiceRequestError where none was made,
        and UnicodeEncodeError for a header value beyond latin-1, which the sockets of this client cannot send either.
        """
        headers = [(name, value.encode("latin-1").decode("latin-1")) for name, value in request.headers.items()]
        reply = exchange(self._simulated, request.method, request.url, headers, _read(_body_of(request)))
        if not is_answer(reply):
            raise _no_reply(reply)
        response = SimulatedResponse(request, reply, str)
        if not kwargs.get("stream", False):
            response.read()
        return response

    def sleep(self, duration: float) -> None:
        """Wait ``duration`` seconds of the simulator's time."""
        if not skip_time(self._simulated, duration):
            time.sleep(duration)

    def __repr__(self) -> str:
        return f"SimulatorTransport({self._simulated!r})"


class AsyncSimulatorTransport(pipeline_transport.AsyncHttpTransport[AnyRequest, AsyncSimulatedResponse]):
    """``async_azure_core_transport``'s result. Nothing is opened, so it needs no closing."""

    def __init__(self, simulated: Simulated) -> None:
        self._simulated = simulated

    async def open(self) -> None:
        """Nothing is to be opened."""

    async def close(self) -> None:
        """Nothing was opened."""

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Nothing was opened."""

    async def send(self, request: AnyRequest, **kwargs: Any) -> AsyncSimulatedResponse:
        """Have the simulator answer ``request``; with ``stream=True`` the body is left to be read.

        Raises ServiceResponseError where the connection ends without a reply, ServiceRequestError where none was made.
        """
        headers = [(name, value.encode("utf-8").decode("latin-1")) for name, value in request.headers.items()]
        body = await _read_async(_body_of(request))
        reply = await exchange_async(self._simulated, request.method, request.url, headers, body)
        if not is_answer(reply):
            raise _no_reply(reply)
        response = AsyncSimulatedResponse(request, reply, _from_utf8)
        if not kwargs.get("stream", False):
            await response.read()
        return response

    async def sleep(self, duration: float) -> None:
        """Wait ``duration`` seconds of the simulator's time."""
        await super().sleep(0 if skip_time(self._simulated, duration) else duration)

    def __repr__(self) -> str:
        return f"AsyncSimulatorTransport({self._simulated!r})"


def _no_reply(lost: object) -> ServiceRequestError | ServiceResponseError:
    if was_sent(lost):
        return ServiceResponseError("the connection ended without a reply")
    return ServiceRequestError("no connection was made")


def _body_of(request: AnyRequest) -> object:
    return request.content if isinstance(request, HttpRequest) else request.data


def _read(body: object) -> bytes:
    """The bytes of whatever a pipeline sends: text, a buffer, a file, or a stream of buffers."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(cast("Buffer", body))
    if hasattr(body, "read"):
        return bytes(cast("IO[bytes]", body).read())
    if isinstance(body, Iterable):
        return b"".join(cast("Iterable[bytes]", body))
    raise TypeError(f"a body cannot be a {type(body).__name__}")


async def _read_async(body: object) -> bytes:
    if isinstance(body, AsyncIterable):
        return b"".join([part async for part in cast("AsyncIterable[bytes]", body)])
    return _read(body)


def _from_utf8(value: str) -> str:
    return value.encode("latin-1").decode("utf-8", "surrogateescape")


def _decompressed(blocks: Iterable[bytes]) -> Iterator[bytes]:
    inflate = zlib.decompressobj(_ANY_WRAPPER)
    try:
        for block in blocks:
            yield inflate.decompress(block)
        yield inflate.flush()
    except zlib.error as error:
        raise DecodeError("the body is not what Content-Encoding says", error=error) from error


__all__ = ["AsyncSimulatedResponse", "AsyncSimulatorTransport", "SimulatedResponse", "SimulatorTransport"]
