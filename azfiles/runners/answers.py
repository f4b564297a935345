"""Answers that the blocking and the seeded runner give alike, and what a runner says to an effect it does not know."""

from __future__ import annotations

import inspect
import os
import threading
from collections.abc import AsyncIterable, Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, Protocol, TypeAlias

from azfiles.credentials import TokenCredential
from azfiles.errors import InvalidArgument, RequestNotSent
from azfiles.flows.effects import Effect, Flow, Gather, Monotonic, NewId, Readable, WallClock, Writable
from azfiles.messages import Buffer


class FlowCancelled(BaseException):
    """Thrown into a branch of a ``Gather`` when another branch failed. A flow lets it pass, as a coroutine does with
    its event loop's cancellation; effects that it yields on the way out are still performed.
    """


class VirtualClock(Protocol):
    """A clock that stands still until it is moved; ``time`` is seconds since 1970 UTC. The simulator's manual clock is
    one; given the same one, client and service live in one time.
    """

    def time(self) -> float: ...
    def advance(self, seconds: float, /) -> object: ...


def time_of_day(clock: VirtualClock) -> datetime:
    """The clock's time as an aware datetime in UTC."""
    return datetime.fromtimestamp(clock.time(), UTC)


Instant: TypeAlias = Mapping[type[Effect], Callable[[], Any]]
"""How to answer the effects that take no time and say nothing."""


def advance(flow: Flow[Any], value: Any, error: BaseException | None, instant: Instant) -> Effect:
    """Go on with a flow, given what came of its last effect, to the next one that may take time. Raises ``StopIteration``
    where it ends.
    """
    while True:
        effect = flow.send(value) if error is None else flow.throw(error)
        answer = instant.get(type(effect))
        if answer is None:
            return effect
        try:
            value, error = answer(), None
        except BaseException as raised:  # noqa: BLE001 - whatever happened is the flow's to handle
            value, error = None, raised


def instant_answers(clock: VirtualClock | None, monotonic: Callable[[], float]) -> Instant:
    """How to answer the effects that take no time and say nothing: most of a small operation's are."""
    return {
        Monotonic: monotonic,
        WallClock: partial(datetime.now, UTC) if clock is None else partial(time_of_day, clock),
        NewId: fresh_guid,
    }


_VARIANT: Final = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}
"""A random digit as one that begins with the two bits of the variant."""


def fresh_guid() -> str:
    """A random GUID (RFC 9562, version 4) in lower case; several times faster than by way of ``uuid``."""
    digits = os.urandom(16).hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{_VARIANT[digits[16]]}{digits[17:20]}-{digits[20:]}"


class Sources:
    """The user's iterables and file objects of one run: one iterator for each iterable, one reader at a time."""

    __slots__ = ("_iterators", "_readers")

    def __init__(self) -> None:
        self._iterators: dict[int, tuple[object, Iterator[Any], threading.Lock]] = {}
        self._readers: dict[int, tuple[object, threading.Lock]] = {}

    def item(self, source: Iterable[Any] | AsyncIterable[Any]) -> Any:
        """The next item, or ``None`` at the end; ``InvalidArgument`` for an iterable that must be awaited."""
        # The source is kept beside its iterator, so that its id is not given to another object meanwhile.
        entry = self._iterators.get(id(source))
        if entry is None:
            if not isinstance(source, Iterable):
                raise InvalidArgument("an async iterable is read by the async client (azfiles.connect_async)")
            entry = self._iterators.setdefault(id(source), (source, iter(source), threading.Lock()))
        with entry[2]:
            return next(entry[1], None)

    def read(self, source: Readable, into: memoryview) -> int:
        """Read into a buffer; ``InvalidArgument`` for a file object that must be awaited or gives text."""
        entry = self._readers.setdefault(id(source), (source, threading.Lock()))
        function, argument = reading(source, into)
        with entry[1]:
            answer = function(argument)
        return taken(refuse_awaitable(answer, "an async file object"), into)


def reading(source: Readable, into: memoryview) -> tuple[Callable[[Any], Any], Any]:
    """What to call of a file object to read from it, and with what: best what fills the buffer itself."""
    readinto: Callable[[Any], Any] | None = getattr(source, "readinto", None)
    return (source.read, len(into)) if readinto is None else (readinto, into)


def taken(answer: object, into: memoryview) -> int:
    """How many bytes are in the buffer, given what a file object returned: their number, or the bytes themselves."""
    if isinstance(answer, int):
        return answer
    if not isinstance(answer, (bytes, bytearray, memoryview)):
        raise InvalidArgument(f"the file object gives {type(answer).__name__}; open it for reading bytes")
    data = memoryview(answer).cast("B")  # pyright: ignore[reportUnknownArgumentType] - a view of anything
    if len(data) > len(into):
        raise InvalidArgument(f"the file object gave {len(data)} bytes where {len(into)} at most were asked for")
    into[: len(data)] = data
    return len(data)


def write(target: Writable, data: Buffer) -> None:
    """Write all of ``data`` to a blocking file object."""
    view = memoryview(data)
    while view:
        view = view[written(refuse_awaitable(target.write(view), "an async file object"), view) :]


def written(answer: object, view: memoryview) -> int:
    """How many bytes of ``view`` a file object took: as many as it says, else all of them."""
    return answer if isinstance(answer, int) else len(view)


def refuse_awaitable(answer: object, what: str) -> object:
    """``answer``, unless it is something to await, which nobody here can do."""
    if inspect.isawaitable(answer):
        close = getattr(answer, "close", None)
        if close is not None:
            close()  # else Python warns that the coroutine was never awaited
        raise InvalidArgument(f"{what} is for the async client (azfiles.connect_async)")
    return answer


def fetch_token(credential: TokenCredential, scope: str) -> str:
    """The text of a bearer token from a blocking credential."""
    answer = refuse_awaitable(credential.get_token(scope), "an async token credential")
    return token_text(answer)


def token_text(answer: object) -> str:
    """The text of the token that a credential gave; ``RequestNotSent`` where it has none."""
    text = getattr(answer, "token", None)
    if not isinstance(text, str) or not text:
        raise RequestNotSent("the token credential answered without a token")
    return text


def workers_of(effect: Gather) -> int:
    """How many branches run at once; a limit below one could never end."""
    if effect.limit < 1:
        raise InvalidArgument(f"at most {effect.limit} at once: at least 1 is needed")
    return min(effect.limit, len(effect.flows))


def unknown_effect(effect: object, runner: str) -> TypeError:
    """What a runner raises for an effect that it does not know: a mistake in the flow, and said so."""
    return TypeError(f"the {runner} runner does not know the effect {type(effect).__name__}")


__all__ = [
    "FlowCancelled",
    "Instant",
    "Sources",
    "VirtualClock",
    "advance",
    "fetch_token",
    "fresh_guid",
    "instant_answers",
    "reading",
    "refuse_awaitable",
    "taken",
    "time_of_day",
    "token_text",
    "unknown_effect",
    "workers_of",
    "write",
    "written",
]
