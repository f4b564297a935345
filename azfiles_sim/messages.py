"""What travels between a client and the simulator: a request, a reply, and what is known of the connection.

The client package declares the same shapes for itself; the two meet by structure, never by import.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

from azfiles_sim.quick import dataclass, quick

Buffer: TypeAlias = bytes | bytearray | memoryview


class OwnedBuffer(bytearray):
    """A buffer that was filled for whoever is given it: nobody else changes it any more, so it can be kept as it is. It
    travels as a read-only view of it.
    """


HeaderPairs: TypeAlias = Sequence[tuple[str, str]]


def is_kept_as_it_is(buffer: Buffer) -> bool:
    """Whether nobody will change what is in the buffer, so that whoever stores it needs no copy."""
    if isinstance(buffer, memoryview):
        return type(buffer.obj) is bytes or type(buffer.obj) is OwnedBuffer
    return type(buffer) is bytes


class RequestLike(Protocol):
    """Anything with the four parts of a request; ``Request`` is one, the client's own request is another."""

    @property
    def method(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def headers(self) -> HeaderPairs: ...
    @property
    def body(self) -> Sequence[Buffer]: ...


class ReplyLike(Protocol):
    """Anything with the four parts of a reply: a ``Reply``, or one of another handler, such as a replayed cassette. Header
    values are the bytes on the wire, as latin-1.
    """

    @property
    def status(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def headers(self) -> HeaderPairs: ...
    @property
    def body(self) -> Sequence[memoryview]: ...


@quick
@dataclass(frozen=True, slots=True)
class Request:
    """One request. ``target`` is the raw path and query as on the wire, ``body`` a sequence of buffers that stand
    for their concatenation. Header values are text; a value that came over a socket is decoded as latin-1, so that
    no byte is lost before the signature is checked.
    """

    method: str
    target: str
    headers: HeaderPairs = ()
    body: Sequence[Buffer] = ()


@dataclass(frozen=True, slots=True)
class Connection:
    """How a request came. ``tls`` is true where the listener itself speaks TLS; ``peer`` is the caller's address
    or ``None`` in process.
    """

    peer: str | None = None
    tls: bool = False

    @property
    def is_loopback(self) -> bool:
        return self.peer is None or self.peer == "::1" or self.peer.startswith(("127.", "::ffff:127."))


IN_PROCESS = Connection()


@quick
@dataclass(frozen=True, slots=True)
class Reply:
    """One reply. ``body`` is a list of views that are sent one after another and never joined; a reply to HEAD has
    none. ``Transfer-Encoding: chunked`` among the headers says how the service frames the body; a server does the
    framing.
    """

    status: int
    reason: str
    headers: HeaderPairs = ()
    body: Sequence[memoryview] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """No reply: the connection ends. ``applied`` says whether the command took effect before it was lost."""

    applied: bool


__all__ = [
    "IN_PROCESS",
    "Buffer",
    "Connection",
    "Dropped",
    "HeaderPairs",
    "OwnedBuffer",
    "Reply",
    "ReplyLike",
    "Request",
    "RequestLike",
    "is_kept_as_it_is",
]
