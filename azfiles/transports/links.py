"""Connections of the fast transport, as steps: whatever may have to wait is a generator that says what for.

So there is one text for blocking and async use. A socket never blocks; a step names the socket that must become
readable or writable first, or the host whose addresses are wanted, and the transport that drives the steps waits in
its own way. Where a wait takes too long, ``TimeoutError`` is thrown into the steps.
"""

from __future__ import annotations

import contextlib
import functools
import os
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar
from urllib.parse import urlsplit

from azfiles.errors import RequestNotSent, TransportError
from azfiles.messages import Buffer, Request, Response
from azfiles.redaction import redact_text
from azfiles.transports.bodies import Landing, describe
from azfiles.transports.http1 import ReplyHead, Ungrammatical, chunk_size, reply_head, request_head
from azfiles.transports.tls import tls_context

KEEP_IDLE_S: Final = 30.0
CONNECT_TIMEOUT_S: Final = 10.0
_HEAD_BYTES: Final = 64 * 1024  # the longest head; a small reply comes whole in one read
_PART_BYTES: Final = 64 * 1024 * 1024  # a longer body without a sink is not given its whole memory on its word alone
_JOINED_BYTES: Final = 16 * 1024  # up to here one TLS record is cheaper than not joining
_BUSY_READS: Final = 16  # so often a connection may read on without a wait before others get their turn
_NOT_NOW: Final = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_CAN_SCATTER: Final = hasattr(socket.socket, "sendmsg")


class Ready(NamedTuple):
    """Wait until ``socket`` can be read, or written; ``limit_s`` seconds at most where that is given."""

    socket: socket.socket
    to_write: bool = False
    limit_s: float | None = None


class Resolve(NamedTuple):
    """Find the addresses of a host; the answer is what ``getaddrinfo`` gives."""

    host: str
    port: int
    limit_s: float


T = TypeVar("T")
Step: TypeAlias = Ready | Resolve | None  # None: nothing to wait for, but others may have their turn
Steps: TypeAlias = Generator[Step, Any, T]


class Link:
    """One connection. ``sent`` says whether the network has taken any byte of the current request."""

    def __init__(self, origin: str, connected: socket.socket) -> None:
        self.origin = origin
        self.socket = connected
        self.sent = False
        self.idle_since_s = 0.0
        self._secure = isinstance(connected, ssl.SSLSocket)
        self._buffer = bytearray(_HEAD_BYTES)
        self._view = memoryview(self._buffer)
        self._start = self._end = 0  # what was received and not yet used
        self._reads = 0
        self._on_read, self._on_write = Ready(connected), Ready(connected, to_write=True)

    def exchange(self, request: Request, head: bytes) -> Steps[tuple[Response, bool]]:
        """One request and its response, and whether the connection can carry another."""
        self.sent = False
        was_refused = False
        try:
            yield from self._write([head, *request.body])
        except OSError:
            if not self.sent:
                raise
            was_refused = True  # a service that refuses early answers and closes: there may be an answer to read
        yield self._on_read  # an answer takes its time: reading at once would be a call in vain
        reply = yield from self._head(request.method)
        landing = Landing(request, reply.status)
        landing.expect(reply.length)
        yield from self._body(reply, landing)
        response = Response(reply.status, reply.reason, reply.headers, landing.finish(reply.length))
        return response, not (reply.last or was_refused or self._has_more())

    def is_stale(self) -> bool:
        """Whether an idle connection can be read: it has ended then, or says what nobody asked for."""
        return time.monotonic() - self.idle_since_s > KEEP_IDLE_S or is_ready(self._on_read, 0)

    def _has_more(self) -> bool:
        """Whether more came than was asked for. What the TLS layer holds, no look at the socket would show later."""
        return self._end > self._start or (isinstance(self.socket, ssl.SSLSocket) and self.socket.pending() > 0)

    def _write(self, buffers: Sequence[Buffer]) -> Steps[None]:
        left = [memoryview(buffer).cast("B") for buffer in buffers]
        if self._secure and sum(map(len, left)) <= _JOINED_BYTES:
            left = [memoryview(b"".join(left))]
        while left:
            try:
                if _CAN_SCATTER and not self._secure:
                    count = self.socket.sendmsg(left[:64])
                else:
                    count = self.socket.send(left[0])
            except _NOT_NOW as reason:
                yield self._on_read if isinstance(reason, ssl.SSLWantReadError) else self._on_write
                continue
            self.sent = True
            while left and count >= len(left[0]):
                count -= len(left.pop(0))
            if count:
                left[0] = left[0][count:]

    def _receive(self, place: memoryview, least: int = 1) -> Steps[int]:
        """Read ``least`` bytes or more, as many as ``place`` has room for; fewer only where the connection has ended.

        TLS gives a record of 16 KiB at a time, so this loop is most of what a large body costs beside decrypting it; told
        how much room there is, ``recv_into`` need not find out.
        """
        receive, room, filled = self.socket.recv_into, len(place), 0
        while filled < least:
            try:
                count = receive(place[filled:], room - filled)
            except _NOT_NOW as reason:
                self._reads = 0
                yield self._on_write if isinstance(reason, ssl.SSLWantWriteError) else self._on_read
                continue
            if not count:
                break
            filled += count
            self._reads += 1
            if self._reads % _BUSY_READS == 0:
                yield None
        return filled

    def _land(self, size: int, landing: Landing) -> Steps[None]:
        """Read ``size`` bytes of the body to where they belong, first what has come already."""
        while size:
            place = landing.room(min(size, _PART_BYTES))
            size -= len(place)
            filled = min(self._end - self._start, len(place))
            place[:filled] = self._view[self._start : self._start + filled]
            self._start += filled
            missing = len(place) - filled
            missing -= yield from self._receive(place[filled:], missing)
            if missing:
                raise ConnectionError(f"the body ended {size + missing} bytes early")

    def _until(self, mark: bytes) -> Steps[bytes]:
        """The bytes before ``mark``, which is passed over."""
        while (found := self._buffer.find(mark, self._start, self._end)) < 0:
            if self._start:
                self._buffer[: self._end - self._start] = self._buffer[self._start : self._end]
                self._start, self._end = 0, self._end - self._start
            if self._end == _HEAD_BYTES:
                raise Ungrammatical(f"the head of the reply has more than {_HEAD_BYTES} bytes")
            count = yield from self._receive(self._view[self._end :])
            if not count:
                raise ConnectionError("the connection ended without a reply" if not self._end else "the reply was cut")
            self._end += count
        raw = bytes(self._view[self._start : found])
        self._start = found + len(mark)
        return raw

    def _head(self, method: str) -> Steps[ReplyHead]:
        self._start = self._end = 0
        while True:
            raw = yield from self._until(b"\r\n\r\n")
            reply = reply_head(raw, method)
            if reply.status >= 200:
                return reply
            if reply.status == 101:
                raise Ungrammatical("the service wants to speak something other than HTTP/1.1")

    def _body(self, reply: ReplyHead, landing: Landing) -> Steps[None]:
        if reply.length is not None:
            yield from self._land(reply.length, landing)
        elif reply.chunked:
            while size := chunk_size((yield from self._until(b"\r\n"))):
                yield from self._land(size, landing)
                if (yield from self._until(b"\r\n")):
                    raise Ungrammatical("a chunk of the reply is longer than it says")
            while (yield from self._until(b"\r\n")):
                pass  # trailers
        else:
            landing.take(bytes(self._view[self._start : self._end]))
            while count := (yield from self._receive(self._view)):
                landing.take(bytes(self._view[:count]))
            self._start = self._end


class Links:
    """The connections of one transport. Those that idle are used again, the newest first, so that few stay warm.
    ``closing`` is called with each socket that was used before it is closed.
    """

    def __init__(
        self, limit: int, ca_file: str | Path | None, *, closing: Callable[[socket.socket], object] | None = None
    ) -> None:
        if limit < 1:
            raise RequestNotSent(f"{limit} connections: at least 1 is needed")
        self.limit = limit
        self._ca_file = ca_file
        self._closing = closing
        if ca_file is not None:
            tls_context(ca_file)  # whether it can be read is said now; the usual one is made when https is spoken
        self._lock = threading.Lock()
        self._idle: list[Link] = []
        self._busy: set[Link] = set()

    def carry(self, request: Request, timeout_s: float) -> Steps[Response]:
        """Send a request and receive its response. The caller sees to it that no more than ``limit`` are carried at
        once. Raises ``TransportError``, whose ``sent`` is false if no byte of the request was taken by the network.
        """
        head = request_head(request)
        link: Link | None = None
        try:
            while True:
                link = self._take(request.origin)
                is_used = link is not None
                if link is None:
                    link = self._enter((yield from connect(request.origin, self._ca_file, timeout_s)))
                try:
                    response, is_reusable = yield from link.exchange(request, head)
                except OSError:
                    if is_used and not link.sent:
                        self._leave(link)
                        continue  # it had ended unnoticed; a new one takes the request
                    raise
                self._leave(link, keep=is_reusable)
                link = None
                return response
        except (OSError, Ungrammatical) as error:
            raise _failed(request, link, error, timeout_s) from error
        finally:
            if link is not None:
                self._leave(link)

    def close(self) -> None:
        """Close the connections that idle, and end those in use under their requests."""
        with self._lock:
            idle, self._idle = self._idle, []
            busy = list(self._busy)
        for link in idle:
            self._end(link)
        for link in busy:
            with contextlib.suppress(OSError):
                link.socket.shutdown(socket.SHUT_RDWR)

    def _take(self, origin: str) -> Link | None:
        """An idle connection to ``origin`` that seems to be alive."""
        while True:
            with self._lock:
                idle = self._idle
                place = len(idle) - 1
                while place >= 0 and idle[place].origin != origin:
                    place -= 1
                if place < 0:
                    return None
                link = idle.pop(place)
                self._busy.add(link)
            if not link.is_stale():
                return link
            self._leave(link)

    def _enter(self, link: Link) -> Link:
        """Count a new connection in; where that is one too many, the one that idles longest is closed."""
        with self._lock:
            self._busy.add(link)
            if self._idle and len(self._idle) + len(self._busy) > self.limit:
                self._end(self._idle.pop(0))
        return link

    def _leave(self, link: Link, *, keep: bool = False) -> None:
        link.idle_since_s = time.monotonic()
        with self._lock:
            self._busy.discard(link)
            if keep:
                self._idle.append(link)
                return
        self._end(link)

    def _end(self, link: Link) -> None:
        if self._closing is not None:
            self._closing(link.socket)
        link.socket.close()


def connect(origin: str, ca_file: str | Path | None, timeout_s: float) -> Steps[Link]:
    """A connection to ``origin``: its addresses are tried one after another."""
    scheme, host, port = _place(origin)
    end_s = time.monotonic() + min(timeout_s, CONNECT_TIMEOUT_S)
    failure: OSError = OSError(f"{host} has no address")
    for family, kind, protocol, _, address in (yield Resolve(host, port, end_s - time.monotonic())):
        opened = socket.socket(family, kind, protocol)
        try:
            opened.setblocking(False)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                opened.connect(address)
            except BlockingIOError:
                yield Ready(opened, to_write=True, limit_s=end_s - time.monotonic())
                code = opened.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if code:
                    raise OSError(code, os.strerror(code)) from None
            if scheme == "https":
                # The handshake, and the check of the certificate, come with the first write.
                opened = tls_context(ca_file).wrap_socket(
                    opened, server_hostname=host, do_handshake_on_connect=False, suppress_ragged_eofs=False
                )
            return Link(origin, opened)
        except BaseException as error:
            opened.close()
            if isinstance(error, TimeoutError) or not isinstance(error, OSError):
                raise
            failure = error
    raise failure


def time_left(step: Step, end_s: float) -> float:
    """How long a step may take where all must end at ``end_s``; ``TimeoutError`` where that has passed."""
    left_s = end_s - time.monotonic()
    if step is not None and step.limit_s is not None:
        left_s = min(left_s, step.limit_s)
    if left_s <= 0:
        raise TimeoutError
    return left_s


def is_ready(wanted: Ready, left_s: float) -> bool:
    """Wait in this thread for ``left_s`` seconds at most; whether the socket has become ready."""
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(wanted.socket, select.POLLOUT if wanted.to_write else select.POLLIN)
        return bool(poll.poll(max(left_s, 0) * 1000))
    sockets = [wanted.socket]
    return any(
        select.select([] if wanted.to_write else sockets, sockets if wanted.to_write else [], [], max(left_s, 0))
    )


@functools.lru_cache(maxsize=64)
def _place(origin: str) -> tuple[str, str, int]:
    url = urlsplit(origin)
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise RequestNotSent(f"{url.scheme}: http and https are spoken, to a named host")
    return url.scheme, url.hostname, url.port or (443 if url.scheme == "https" else 80)


def _failed(request: Request, link: Link | None, error: Exception, timeout_s: float) -> TransportError:
    sent = link is not None and link.sent
    what = redact_text(str(error)) or type(error).__name__
    if isinstance(error, TimeoutError):
        what = f"no complete answer in {timeout_s:g} s ({'sent' if sent else 'not sent'})"
    return TransportError(f"{describe(request)}: {what}", sent=sent)


__all__ = ["Link", "Links", "Ready", "Resolve", "Step", "Steps", "connect", "is_ready", "time_left"]
