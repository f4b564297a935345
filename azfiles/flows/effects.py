"""The vocabulary of flows: what a flow may ask its runner to do, and nothing else.

A flow is a generator. It yields an effect, the runner performs it and sends the outcome back (or throws the error
that performing it raised). So a flow needs no clock, thread or event loop, and can be fed by hand in a test.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Generator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Protocol, TypeAlias, TypeVar

from azfiles.credentials import TokenCredential
from azfiles.messages import Request, Response

T = TypeVar("T")


class Readable(Protocol):
    """A blocking or async file object opened for reading bytes."""

    def read(self, size: int, /) -> Any: ...


@dataclass(frozen=True, slots=True)
class Send:
    """Send one request; the outcome is a ``Response``. Raises ``TransportError`` where none came in ``timeout_s``."""

    request: Request
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait; the outcome is ``None``."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Monotonic:
    """The outcome is seconds on a clock that never goes back (``float``); only differences mean anything."""


@dataclass(frozen=True, slots=True)
class WallClock:
    """The outcome is the time of day, an aware ``datetime`` in UTC."""


@dataclass(frozen=True, slots=True)
class Token:
    """Ask a credential for a bearer token; the outcome is its text."""

    credential: TokenCredential
    scope: str


@dataclass(frozen=True, slots=True)
class NewId:
    """The outcome is a fresh random GUID in lower case, from the runner's source of randomness."""


@dataclass(frozen=True, slots=True)
class Read:
    """Read up to ``size`` bytes from a file object; the outcome is ``bytes``, empty at the end."""

    source: Readable
    size: int


@dataclass(frozen=True, slots=True)
class Item:
    """The next item of an iterable given by the user, or ``None`` at its end. The runner keeps one iterator for each
    iterable object while a flow runs.
    """

    source: Iterable[Any] | AsyncIterable[Any]


@dataclass(frozen=True, slots=True)
class Gather:
    """Run flows side by side, at most ``limit`` at once; the outcome is the list of their results, in order. The
    first error ends the others and is thrown.
    """

    flows: Sequence[Generator[Effect, Any, Any]]
    limit: int


Effect: TypeAlias = Send | Sleep | Monotonic | WallClock | Token | NewId | Read | Item | Gather
Flow: TypeAlias = Generator[Effect, Any, T]


def send(request: Request, timeout_s: float) -> Flow[Response]:
    response: Response = yield Send(request, timeout_s)
    return response


def sleep(seconds: float) -> Flow[None]:
    yield Sleep(seconds)


def monotonic() -> Flow[float]:
    seconds: float = yield Monotonic()
    return seconds


def wall_clock() -> Flow[datetime]:
    now: datetime = yield WallClock()
    return now


def new_id() -> Flow[str]:
    guid: str = yield NewId()
    return guid


def random_fraction() -> Flow[float]:
    """A random number from 0 up to 1, made of a fresh id: ids are all the randomness that flows need."""
    drawn = blake2b((yield from new_id()).encode(), digest_size=6).digest()
    return int.from_bytes(drawn, "big") / 2**48


def token(credential: TokenCredential, scope: str) -> Flow[str]:
    text: str = yield Token(credential, scope)
    return text


def gather(flows: Sequence[Flow[T]], limit: int) -> Flow[list[T]]:
    results: list[T] = yield Gather(flows, limit)
    return results


__all__ = [
    "Effect",
    "Flow",
    "Gather",
    "Item",
    "Monotonic",
    "NewId",
    "Read",
    "Readable",
    "Send",
    "Sleep",
    "Token",
    "WallClock",
    "gather",
    "monotonic",
    "new_id",
    "random_fraction",
    "send",
    "sleep",
    "token",
    "wall_clock",
]
