"""The newest requests and their replies, for whoever wants to look at one: their heads, and how their bodies begin.

Bounded: so many exchanges, of each body an excerpt, and of all together so many bytes. They are kept as they came and
scrubbed when they are told (``scrubbing``); nothing here has a repr that shows them.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple

from azfiles_sim.messages import Buffer, HeaderPairs, Reply, RequestLike

EXCERPT_BYTES: Final = 4096
"""So much of a body is kept."""

MOST_BYTES: Final = 32 * 1024 * 1024
"""So much is kept of all heads and bodies; the oldest are forgotten first."""

_PAIR_BYTES: Final = 150  # what a header takes in memory beside its letters, roughly


class Excerpt(NamedTuple):
    """How a body begins. ``size`` is the whole body's in bytes, None where it is not known before it is read."""

    data: bytes
    size: int | None


class Exchange:
    """One request and its reply. ``took_s`` is how long answering took, on the machine's clock."""

    __slots__ = (
        "bytes_kept",
        "headers",
        "method",
        "reason",
        "reply_body",
        "reply_headers",
        "request_body",
        "request_id",
        "status",
        "target",
        "took_s",
    )

    def __init__(self, request: RequestLike, reply: Reply, took_s: float) -> None:
        self.request_id = next((value for name, value in reply.headers if name == "x-ms-request-id"), "")
        self.method = request.method
        self.target = request.target
        self.headers = tuple(request.headers)
        self.request_body = _excerpt(request.body, request.headers)
        self.status = reply.status
        self.reason = reply.reason
        self.reply_headers = tuple(reply.headers)
        self.reply_body = _excerpt(reply.body, reply.headers)
        self.took_s = took_s
        self.bytes_kept = _size(self)


class Exchanges:
    """The newest exchanges. Safe to use from several threads."""

    def __init__(self, limit: int, most_bytes: int = MOST_BYTES) -> None:
        self._limit = limit
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._kept: deque[Exchange] = deque()
        self._bytes = 0

    def keep(self, request: RequestLike, reply: Reply, took_s: float) -> None:
        """Remember an exchange, and forget the oldest where there are too many."""
        exchange = Exchange(request, reply, took_s)
        with self._lock:
            self._kept.append(exchange)
            self._bytes += exchange.bytes_kept
            while len(self._kept) > self._limit or self._bytes > self._most_bytes:
                self._bytes -= self._kept.popleft().bytes_kept

    def find(self, request_id: str, later: int = 0) -> Exchange | None:
        """The exchange of a request that the service gave this id, None where it is forgotten or never was. A service that
        is reset, restored or seeded gives the same ids again: ``later`` is how many requests got this one afterwards.
        """
        with self._lock:
            found = [exchange for exchange in self._kept if exchange.request_id == request_id]
        return found[-1 - later] if later < len(found) else None

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def bytes_kept(self) -> int:
        """What they all take, roughly."""
        return self._bytes


def _size(exchange: Exchange) -> int:
    """What an exchange takes in memory, roughly."""
    pairs = exchange.headers + exchange.reply_headers
    letters = len(exchange.target) + sum([len(name) + len(value) for name, value in pairs])
    return letters + len(pairs) * _PAIR_BYTES + len(exchange.request_body.data) + len(exchange.reply_body.data)


def _excerpt(body: Sequence[Buffer], headers: HeaderPairs) -> Excerpt:
    """The body's beginning. Views that a store brings as they are asked for are not all asked for, to be counted."""
    parts: list[bytes] = []
    left = EXCERPT_BYTES
    for view in body:
        if left <= 0:
            break
        part = bytes(memoryview(view)[:left])
        parts.append(part)
        left -= len(part)
    data = b"".join(parts)
    if isinstance(body, (list, tuple)):
        return Excerpt(data, sum(map(len, body)))
    declared = next((value for name, value in headers if name.lower() == "content-length"), "")
    return Excerpt(data, int(declared) if declared.isascii() and declared.isdigit() else None)


__all__ = ["EXCERPT_BYTES", "MOST_BYTES", "Excerpt", "Exchange", "Exchanges"]
