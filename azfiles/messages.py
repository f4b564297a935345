"""What travels: a request, a response, headers, and the protocols of whatever carries the one and returns the other.

A handler is anything callable with a request's four parts that returns a reply's four parts (the simulator's
``handle`` is one). The simulator declares the same shapes for itself; the two meet by structure, never by import.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import Any, Protocol, TypeAlias, runtime_checkable

from azfiles.records import dataclass

Buffer: TypeAlias = bytes | bytearray | memoryview
HeaderPairs: TypeAlias = Sequence[tuple[str, str]]


class Headers:
    """Response headers: ordered pairs, looked up without regard to case; the first value of a name counts."""

    __slots__ = ("_by_name", "pairs")

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.pairs: tuple[tuple[str, str], ...] = tuple(pairs)
        self._by_name: dict[str, str] | None = None

    @property
    def by_name(self) -> dict[str, str]:
        """The first value of each name, which is in lower case. Made when it is first asked for: a replay through httpx
        never does.
        """
        if self._by_name is None:
            # Turned round, so that of one name the first is set last.
            self._by_name = {name.lower(): value for name, value in reversed(self.pairs)}
        return self._by_name

    def get(self, name: str) -> str | None:
        """The first value of ``name`` (given in lower case), or ``None``. Who asks for many asks ``by_name``."""
        return self.by_name.get(name)

    def with_prefix(self, prefix: str) -> list[tuple[str, str]]:
        """Pairs whose name starts with ``prefix`` (lower case), the prefix cut off, the rest spelled as it came."""
        if prefix not in "\n".join(self.by_name):
            return []  # a glance at all names: most replies have none that starts so
        size = len(prefix)
        return [(name[size:], value) for name, value in self.pairs if name[:size].lower() == prefix]

    def __repr__(self) -> str:
        return f"<Headers: {len(self.pairs)} pairs>"


@dataclass(frozen=True, slots=True)
class Request:
    """One request, signed and ready. ``origin`` is ``scheme://host[:port]``; ``target`` the raw path and query as on
    the wire; ``body`` a sequence of buffers that is sent without being joined. ``sink``, where given, is the buffer
    in which the body of a successful reply lands; its content is undefined until the call returns.
    """

    method: str
    target: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: Sequence[Buffer] = field(default=(), repr=False)
    origin: str = ""
    sink: memoryview | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Response:
    """One response. ``body`` is one buffer: where the request had a sink and the reply was a success, the filled
    part of the sink.
    """

    status: int
    reason: str
    headers: Headers = field(repr=False)
    body: bytes | memoryview = field(default=b"", repr=False)


class Handler(Protocol):
    """A service in process: called with a request, it answers at once with a reply: ``status``, ``reason``, ``headers``
    (ordered pairs) and ``body`` (a sequence of buffers).

    ``Any`` as the result, because a simulated service may also answer that the connection was lost: an object with
    a boolean ``applied`` instead of a status.
    """

    def __call__(self, request: Request, /) -> Any: ...


@runtime_checkable
class Transport(Protocol):
    """Carries requests, blocking. Raises ``TransportError`` where no complete response came."""

    def send(self, request: Request, timeout_s: float) -> Response: ...
    def close(self) -> None: ...


@runtime_checkable
class AsyncTransport(Protocol):
    """Carries requests without blocking, under asyncio or trio."""

    async def send_async(self, request: Request, timeout_s: float) -> Response: ...
    async def aclose(self) -> None: ...


def close_after(transport: Transport, error: BaseException | None) -> None:
    """Close a transport at the end of a ``with`` statement. One that has a method ``close_after``, as a recording has, is
    told of the error in which the statement ended.
    """
    tell = None if error is None else getattr(transport, "close_after", None)
    if tell is None:
        transport.close()
    else:
        tell(error)


async def aclose_after(transport: AsyncTransport, error: BaseException | None) -> None:
    """``close_after`` at the end of an ``async with`` statement."""
    tell = None if error is None else getattr(transport, "aclose_after", None)
    if tell is None:
        await transport.aclose()
    else:
        await tell(error)


__all__ = [
    "AsyncTransport",
    "Buffer",
    "Handler",
    "HeaderPairs",
    "Headers",
    "Request",
    "Response",
    "Transport",
    "aclose_after",
    "close_after",
]
