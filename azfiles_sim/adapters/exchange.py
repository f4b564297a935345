"""What every adapter does: a URL, headers and a body become a request, and waiting becomes virtual."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

from azfiles_sim.clock import Clock
from azfiles_sim.messages import Connection, Dropped, Reply, Request, RequestLike


class Simulated(Protocol):
    """A simulator, or what stands before one."""

    @property
    def clock(self) -> Clock: ...
    def handle(self, request: RequestLike, connection: Connection = ..., /) -> Reply | Dropped: ...


@runtime_checkable
class _Advancing(Protocol):
    def advance(self, seconds: float, /) -> object: ...


def exchange(
    simulated: Simulated, method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes
) -> Reply | Dropped:
    """Ask for ``url``. What an HTTP library adds for itself, Host and Content-Length, is added where it is missing.

    Raises ValueError for a URL without scheme or host.
    """
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
    return simulated.handle(request, Connection(tls=parts.scheme == "https"))


def skip_time(simulated: Simulated, seconds: float) -> bool:
    """Advance the simulated clock instead of waiting. False where it cannot be advanced: then the caller waits."""
    clock = simulated.clock
    if isinstance(clock, _Advancing):
        clock.advance(seconds)
        return True
    return False


__all__ = ["Simulated", "exchange", "skip_time"]
