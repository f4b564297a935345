"""The vocabulary of flows: what a flow may ask its runner to do, and nothing else.

A flow is a generator. It yields an effect, the runner performs it and sends the outcome back (or throws the error
that performing it raised). So a flow needs no clock, thread or event loop, and can be fed by hand in a test.

How the parts of the vocabulary came to be, where it is not plain:

- ``Work`` is the one way to local files, and to anything else that would hold up an event loop. It carries a function, not
  one effect for each thing a disk can do, so that a flow does in one step (under asyncio: one visit to a thread) what
  belongs together, and a disk of another kind (in memory, or one that fails) is another object and no other runner:
  ``file = yield from on_disk("open", lambda disk: disk.open_to_read(path))``. What a disk can do is in ``disk``.
- ``Until`` is how branches of a ``Gather`` wait for each other. They share plain state, which no two of them change at
  once; a lock, a queue or "my turn to write" is a condition over that state (see ``turns``).
- ``Read`` fills a buffer that the flow owns instead of returning bytes, for a transfer uses few buffers again and again.
- A ``Gather`` has a fixed number of branches. Work of unknown length is that many workers who take what comes next from
  a source that they share, so that memory is bounded by their number.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Generator, Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final, Protocol, TypeAlias, TypeVar

from azfiles.credentials import TokenCredential
from azfiles.flows.disk import Disk
from azfiles.messages import Buffer, Request, Response
from azfiles.records import dataclass

T = TypeVar("T")


class Readable(Protocol):
    """A blocking or async file object opened for reading bytes."""

    def read(self, size: int, /) -> Any: ...


class Writable(Protocol):
    """A blocking or async file object opened for writing bytes."""

    def write(self, data: Any, /) -> Any: ...


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
    """Read from the user's file object into a buffer; the outcome is how many bytes came, 0 at the end."""

    source: Readable
    into: memoryview


@dataclass(frozen=True, slots=True)
class Write:
    """Write all of ``data`` to the user's file object; the outcome is ``None``."""

    target: Writable
    data: Buffer


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


@dataclass(frozen=True, slots=True)
class Until:
    """Wait until a condition over what the branches of this run share holds; the outcome is ``None``. It is looked at
    after each step of another branch, changes nothing, and takes no time.
    """

    condition: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Work:
    """Call a function that may take its time, with the runner's disk: reading a local file, hashing a large buffer. The
    outcome is what it returns. Shared state is not its to touch: it runs beside other branches. ``name`` is for traces.
    """

    name: str
    function: Callable[[Disk], Any]


# These say nothing, so one of each is enough.
MONOTONIC: Final = Monotonic()
WALL_CLOCK: Final = WallClock()
NEW_ID: Final = NewId()

Effect: TypeAlias = Send | Sleep | Monotonic | WallClock | Token | NewId | Read | Write | Item | Gather | Until | Work
Flow: TypeAlias = Generator[Effect, Any, T]


def through(flow: Flow[T], perform: Callable[[Effect], Flow[Any]]) -> Flow[T]:
    """The flow with each of its effects performed by another flow, whose result or error it gets. What a ``Gather`` runs is
    among the effects, and ``perform``'s to wrap.
    """
    try:
        effect = flow.send(None)
        while True:
            try:
                value = yield from perform(effect)
            except BaseException as error:  # noqa: BLE001 - whatever happened is the flow's to handle
                effect = flow.throw(error)
            else:
                effect = flow.send(value)
    except StopIteration as end:
        result: T = end.value
        return result


def send(request: Request, timeout_s: float) -> Flow[Response]:
    response: Response = yield Send(request, timeout_s)
    return response


def sleep(seconds: float) -> Flow[None]:
    yield Sleep(seconds)


def monotonic() -> Flow[float]:
    seconds: float = yield MONOTONIC
    return seconds


def wall_clock() -> Flow[datetime]:
    now: datetime = yield WALL_CLOCK
    return now


def new_id() -> Flow[str]:
    guid: str = yield NEW_ID
    return guid


def random_fraction() -> Flow[float]:
    """A random number from 0 up to 1, made of a fresh id: ids are all the randomness that flows need."""
    drawn = blake2b((yield from new_id()).encode(), digest_size=6).digest()
    return int.from_bytes(drawn, "big") / 2**48


def token(credential: TokenCredential, scope: str) -> Flow[str]:
    text: str = yield Token(credential, scope)
    return text


def until(condition: Callable[[], bool]) -> Flow[None]:
    yield Until(condition)


def read_into(source: Readable, into: memoryview) -> Flow[int]:
    count: int = yield Read(source, into)
    return count


def write_all(target: Writable, data: Buffer) -> Flow[None]:
    yield Write(target, data)


def on_disk(name: str, function: Callable[[Disk], T]) -> Flow[T]:
    result: T = yield Work(name, function)
    return result


def gather(flows: Sequence[Flow[T]], limit: int) -> Flow[list[T]]:
    results: list[T] = yield Gather(flows, limit)
    return results


__all__ = [
    "MONOTONIC",
    "NEW_ID",
    "WALL_CLOCK",
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
    "Until",
    "WallClock",
    "Work",
    "Writable",
    "Write",
    "gather",
    "monotonic",
    "new_id",
    "on_disk",
    "random_fraction",
    "read_into",
    "send",
    "sleep",
    "through",
    "token",
    "until",
    "wall_clock",
    "write_all",
]
