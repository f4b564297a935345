"""One HTTP/1.1 connection of the server: requests out of bytes, replies into bytes, one exchange after another.

httptools (llhttp, strict) reads heads and chunks. A body of known length goes from the socket straight into the
buffer that is stored later: nothing is joined, and nothing copied but what came in one piece with the head. Replies
are framed in ``framing``, because the service's reason phrases are its error messages, header bytes must go back as
they came, and no header may be added that the handler did not give. Why this is no web server of somebody else's:
``benchmarks/web_servers.py``.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct
from collections.abc import Iterator
from enum import Enum, auto
from typing import Final, Protocol, cast

import httptools

from azfiles_sim.messages import Buffer, Connection, OwnedBuffer, Reply, Request
from azfiles_sim.server.framing import SMALL_REPLY_BYTES, Framed, ReplyNotSendableError, frame, writes
from azfiles_sim.server.header_names import LONGEST_KEPT, header_name, header_name_once

MAX_BODY_BYTES: Final = 4 * 1024 * 1024 + 256 * 1024
"""So much of a body is kept, and a byte more. It is more than the largest body that the service takes (4 MiB and
framing), so that the handler sees a body that is too large as too large; the rest is read and thrown away."""

MAX_HEAD_BYTES: Final = 256 * 1024
MAX_HEADERS: Final = 1024
READ_BYTES: Final = 16 * 1024  # for heads, small bodies and chunks; large bodies have buffers of their own
LINGER_S: Final = 1.0

_END_OF_HEAD: Final = b"\r\n\r\n"
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_REFUSAL: Final = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_VERSIONS: Final = frozenset({"1.0", "1.1"})  # the parser knows 0.9 and 2.0, too
_CHUNKS_FOLLOW: Final = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"  # for a parser that saw no head
_NO_LINGER: Final = struct.pack("ii", 1, 0)

_log = logging.getLogger("azfiles_sim.server")


class _State(Enum):
    HEAD = auto()
    BODY = auto()
    CHUNKS = auto()
    BUSY = auto()  # a request is being answered; nothing more is read
    ENDED = auto()


_HEAD, _BODY, _CHUNKS, _BUSY, _ENDED = _State  # each looked up a dozen times for a request, in an enum at length

_UNDER_WAY: Final = frozenset({_BODY, _CHUNKS, _BUSY})


class Answering(Protocol):
    """What a connection asks of its server."""

    def begin(self, link: HttpConnection, head: Request, /) -> None:
        """A request's head has come, its body may follow."""
        ...

    def answer(self, link: HttpConnection, request: Request, size: int, /) -> None:
        """Answer a request with a body of ``size`` bytes by one of the link's methods, now or later."""
        ...

    def opened(self, link: HttpConnection, /) -> None: ...
    def closed(self, link: HttpConnection, /) -> None: ...


class HttpConnection(asyncio.BufferedProtocol):
    """Reads requests, hands them to its server one at a time, and sends what that says.

    A connection may be idle for as long as its client likes, as pools of connections do; of a client that is no longer
    there the system's own probes (keep-alive of TCP) tell.

    To each request the server says one of ``reply``, ``finish`` (after it has sent a reply by ``write``) or ``end``.
    """

    def __init__(self, server: Answering, *, tls: bool) -> None:
        self._server = server
        self._tls = tls
        self._buffer = memoryview(bytearray(READ_BYTES))
        self._parser = httptools.HttpRequestParser(self)
        self._state = _HEAD
        self._ahead = b""  # what came after the request that is being answered
        self._paused = False
        self._full = False  # the transport has more to send than it likes
        self._room: asyncio.Future[None] | None = None
        self._sending: Iterator[Buffer] | None = None
        self._tail = b""
        self._forget_message()

    def _forget_message(self) -> None:
        self._url = b""
        self._headers: list[tuple[str, str]] = []
        self._unkept_bytes = 0
        self._hosts = 0
        self._head_is_there = self._is_over = False
        self._length = 0
        self._chunked = self._expects = False
        self._body: list[Buffer] = []
        self._kept = 0
        self._open: memoryview | None = None  # of a body that goes straight into its buffer, what is still empty
        self._left = 0  # bytes of a body that come after what is kept of it

    # --- asyncio's side --------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        reached: socket.socket | None = transport.get_extra_info("socket")
        if reached is not None:
            with contextlib.suppress(OSError):
                reached.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        peer = transport.get_extra_info("peername")
        self.connection = Connection(str(peer[0]) if peer else None, tls=self._tls)
        self._server.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - how it ended is all one
        self._state, self._sending = _ENDED, None
        if self._room is not None and not self._room.done():
            self._room.set_exception(ConnectionResetError())
        self._server.closed(self)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - a body's length is known better
        return self._buffer if self._open is None else self._open

    def buffer_updated(self, nbytes: int) -> None:
        if self._open is None:
            self._receive(bytes(self._buffer[:nbytes]))
            return
        self._open = self._open[nbytes:]
        if not self._open:
            self._open = None
            if not self._left:
                self._complete()
                self._rest_if_busy()

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        if self._sending is not None:
            self._send_on()

    # --- the parser's side -----------------------------------------------------------------------------------------

    def on_url(self, url: bytes) -> None:
        if not self._head_is_there:
            self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header as text, and what one that is for the server says."""
        if self._head_is_there:
            return  # what comes after the chunks of a body is not looked at
        text, own = header_name_once(name) if len(name) <= LONGEST_KEPT else header_name(name)
        self._headers.append((text, value.decode("latin-1")))
        if not own:
            return
        if own == "content-length":
            self._length = int(value)
        elif own == "transfer-encoding":
            if value.lower() != b"chunked":
                raise ValueError("a coding that is not undone here")
            self._chunked = True
        elif own == "host":
            self._hosts += 1
        else:
            self._expects = value.lower() == b"100-continue"

    def on_headers_complete(self) -> None:
        if self._head_is_there:
            return
        if len(self._headers) > MAX_HEADERS:
            raise OverflowError
        self._head_is_there = True
        self._method = self._parser.get_method().decode("ascii")
        self._keep_alive = self._parser.should_keep_alive()
        version = self._parser.get_http_version()
        self._http_1_0 = version == "1.0"
        if version not in _VERSIONS or (self._chunked and self._http_1_0):
            raise ValueError("another version's message")
        if self._hosts > 1 or not (self._hosts or self._http_1_0):
            raise ValueError("no host, or several")

    def on_body(self, piece: bytes) -> None:
        if not self._chunked:
            raise ValueError("the parser sees a head's end where there is none")
        self._unkept_bytes = 0
        if self._kept <= MAX_BODY_BYTES:
            self._body.append(piece)
            self._kept += len(piece)

    def on_message_complete(self) -> None:
        self._is_over = True

    # --- receiving -------------------------------------------------------------------------------------------------

    def _receive(self, data: bytes) -> None:
        while data:
            if self._state is _HEAD or self._state is _CHUNKS:
                data = self._parse(data)
            elif self._state is _BODY:
                data = self._throw_away(data)
            elif self._state is _BUSY:
                self._ahead, data = data, b""
            else:
                return
        self._rest_if_busy()

    def _rest_if_busy(self) -> None:
        if self._state is _BUSY and not self._paused:
            self._paused = True
            self.transport.pause_reading()

    def _parse(self, data: bytes) -> bytes:
        """Let the parser see what is there up to where a head or the last chunk may end, so that it never sees a body
        of known length, nor a request while the one before it is not answered. Returns what is left.
        """
        end = (self._tail + data).find(_END_OF_HEAD)
        if end < 0:
            piece, data, self._tail = data, b"", (self._tail + data)[-3:]
        else:
            cut = end + len(_END_OF_HEAD) - len(self._tail)
            piece, data, self._tail = data[:cut], data[cut:], b""
        self._unkept_bytes += len(piece)
        if self._unkept_bytes > MAX_HEAD_BYTES:
            self._refuse("its head, or what stands after its chunks, is too large")
            return b""
        try:
            self._parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            self._parser = httptools.HttpRequestParser(self)  # no other protocol is spoken here: the offer is ignored
            if self._chunked:
                self._parser.feed_data(_CHUNKS_FOLLOW)
        except httptools.HttpParserError as error:
            self._refuse(type(error).__name__)
            return b""
        if self._state is _CHUNKS:
            if self._is_over:
                self._complete()
            return data
        return self._begin_body(data) if self._head_is_there else data

    def _begin_body(self, data: bytes) -> bytes:
        """Get ready for the body that the head tells of. Returns what is left of ``data``."""
        self._head = Request(self._method, self._url.decode("latin-1"), self._headers)
        self._server.begin(self, self._head)
        if self._state is _ENDED:
            return b""
        if self._expects and not self._http_1_0:
            self.transport.write(_CONTINUE)
        if self._chunked:
            self._state = _CHUNKS
            self._is_over = False
            return data
        length = self._length
        if not length:
            self._complete()
            return data
        self._parser = httptools.HttpRequestParser(self)  # the other one waits for the body
        kept = min(length, MAX_BODY_BYTES + 1)
        self._kept, self._left = kept, length - kept
        self._state = _BODY
        if len(data) < kept:
            whole = memoryview(OwnedBuffer(kept))
            whole[: len(data)] = data
            self._body.append(whole.toreadonly())
            self._open = whole[len(data) :]
            return b""
        self._body.append(data[:kept])
        if not self._left:
            self._complete()
        return data[kept:]

    def _throw_away(self, data: bytes) -> bytes:
        dropped = min(len(data), self._left)
        self._left -= dropped
        if not self._left:
            self._complete()
        return data[dropped:]

    def _complete(self) -> None:
        self._state = _BUSY
        head = self._head
        request = Request(head.method, head.target, head.headers, self._body) if self._body else head
        self._server.answer(self, request, self._kept)

    def _refuse(self, why: str) -> None:
        """Refuse what is not HTTP, or not this server's, as bare as a web server in front of a service does. Nothing of
        it is quoted: it may hold a key. What else the client sends is read for a while, or its reset could overtake
        the answer.
        """
        _log.warning("refused with 400 what is not a request (%s)", why)
        self._state = _ENDED
        self.transport.write(_REFUSAL)
        if self.transport.can_write_eof():
            self.transport.write_eof()
            asyncio.get_running_loop().call_later(LINGER_S, self.transport.abort)
        else:
            self.transport.close()

    # --- answering -------------------------------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        """Whether a request has begun to come, is being answered, or its reply has not left yet."""
        return self._state in _UNDER_WAY or self.transport.get_write_buffer_size() > 0

    @property
    def http_1_0(self) -> bool:
        return self._http_1_0

    def framed(self, reply: Reply) -> Framed | None:
        """The reply as it goes out; None, and the connection is at its end, where it cannot be sent."""
        try:
            framed = frame(reply, to_head=self._method == "HEAD", keep_alive=self._keep_alive, http_1_0=self._http_1_0)
        except ReplyNotSendableError as error:
            _log.error("a reply could not be sent: %s", error)
            self.end()
            return None
        if not framed.complete or framed.closes:
            self._keep_alive = False
        return framed

    def reply(self, reply: Reply) -> None:
        """Send a reply and go on. Where the client has gone meanwhile there is nothing to do."""
        framed = self.framed(reply) if self._state is _BUSY else None
        if framed is None:
            return
        if len(framed.head) + framed.size <= SMALL_REPLY_BYTES and not self._full:
            self.transport.write(b"".join((framed.head, *framed.body)) if framed.body else framed.head)
            self.finish()
        else:
            self._sending = writes(framed)
            self._send_on()

    def _send_on(self) -> None:
        while self._sending is not None and not self._full:
            part = next(self._sending, None)
            if part is None:
                self._sending = None
                self.finish()
            else:
                self.transport.write(part)

    async def write(self, *parts: Buffer) -> None:
        """Send a part of a reply, and wait until there is room for another. Raises ConnectionError."""
        for part in parts:
            if self.transport.is_closing():
                raise ConnectionResetError
            self.transport.write(part)
            if self._full:
                self._room = asyncio.get_running_loop().create_future()
                await self._room

    def finish(self, *, keep_alive: bool = True) -> None:
        """The reply is sent: go on with the next request, or end the connection once all has left."""
        if self._state is not _BUSY:
            return
        if not (keep_alive and self._keep_alive) or self.transport.is_closing():
            self._state = _ENDED
            self.transport.close()
            return
        self._state = _HEAD
        self._forget_message()
        if self._paused:
            self._paused = False
            self.transport.resume_reading()
            ahead, self._ahead = self._ahead, b""
            self._receive(ahead)

    def end(self, *, reset: bool = False) -> None:
        """End the connection at once. With ``reset`` the other side gets a RST, else it may just see it end."""
        self._state, self._sending = _ENDED, None
        if reset:
            reached: socket.socket | None = self.transport.get_extra_info("socket")
            if reached is not None:
                with contextlib.suppress(OSError):
                    reached.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()


__all__ = ["MAX_BODY_BYTES", "Answering", "HttpConnection"]
