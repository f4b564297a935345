"""What every adapter does: a URL, headers and a body become a request, and waiting becomes virtual.

Who answers is known by structure only: a simulator, something before one, or anything else in the same shape, such as a
recording or a replay.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol, TypeGuard, runtime_checkable
from urllib.parse import urlsplit

from azfiles_sim.clock import Clock
from azfiles_sim.messages import Connection, ReplyLike, Request, RequestLike


class NoAnswer(Protocol):
    """The connection ended without one. An attribute ``sent`` that is false says that nothing was sent."""

    @property
    def applied(self) -> bool: ...


class Simulated(Protocol):
    """A simulator, or what has its shape. Its ``handle_async``, if it has one, is awaited by async clients."""

    @property
    def clock(self) -> Clock: ...
    def handle(self, request: RequestLike, connection: Connection = ..., /) -> ReplyLike | NoAnswer: ...


@runtime_checkable
class _Advancing(Protocol):
    def advance(self, seconds: float, /) -> object: ...


def is_answer(answer: ReplyLike | NoAnswer) -> TypeGuard[ReplyLike]:
    return hasattr(answer, "status")


def was_sent(lost: object) -> bool:
    """Whether the service may have seen a request that brought no answer."""
    return bool(getattr(lost, "sent", True))


def exchange(
    simulated: Simulated, method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes
) -> ReplyLike | NoAnswer:
    """Ask for ``url``. What an HTTP library adds for itself, Host and Content-Length, is added where it is missing.

    Raises ValueError for a URL without scheme or host.
    """
    return simulated.handle(*_asked(method, url, headers, body))


async def exchange_async(
    simulated: Simulated, method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes
) -> ReplyLike | NoAnswer:
    """The same, awaited where who answers can be."""
    handle: Callable[..., Awaitable[Any]] | None = getattr(simulated, "handle_async", None)
    asked = _asked(method, url, headers, body)
    if handle is None:
        return simulated.handle(*asked)
    answer: ReplyLike | NoAnswer = await handle(*asked)
    return answer


def _asked(method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes) -> tuple[Request, Connection]:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError("the address has no http scheme or no host")
    target = parts.path or "/"
    if parts.query:
        target = f"{target}?{parts.query}"
    pairs = list(headers)
    given = {name.lower() for name, _ in pairs}
    if "host" not in given:
        pairs.append(("Host", parts.netloc.rpartition("@")[2]))
    if "content-length" not in given and "transfer-encoding" not in given and (body or method not in {"GET", "HEAD"}):
        pairs.append(("Content-Length", str(len(body))))
    request = Request(method, target, pairs, (body,) if body else ())
    return request, Connection(tls=parts.scheme == "https")


def skip_time(simulated: Simulated, seconds: float) -> bool:
    """Advance the simulated clock instead of waiting. False where it cannot be advanced: then the caller waits."""
    clock = simulated.clock
    if isinstance(clock, _Advancing):
        clock.advance(seconds)
        return True
    return False


__all__ = ["NoAnswer", "Simulated", "exchange", "exchange_async", "is_answer", "skip_time", "was_sent"]
