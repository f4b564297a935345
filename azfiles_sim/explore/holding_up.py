"""What befalls a client that is a process: requests that take their time, being held up, and being killed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, TypeAlias, TypeVar

from azfiles.errors import TransportError
from azfiles.flows.effects import Effect, Flow, Gather, Send, Sleep, monotonic, sleep, through
from azfiles.messages import Headers, Response

T = TypeVar("T")
Tell: TypeAlias = Callable[[Send], object]

_USUAL_S: Final = 0.04
_SLOW: Final = 0.01
"""The part of requests that take up to ``_SLOW_S`` seconds instead of milliseconds, on their way or back."""
_SLOW_S: Final = 8.0
_STUCK: Final = 0.2
"""The part of breaks of leases that take up to ``_STUCK_S`` seconds: for longer than a lock may be silent."""
_STUCK_S: Final = 80.0
_BUSY: Final = 0.01
"""The part of requests that a busy service refuses. It asks to wait for up to ``_BUSY_S`` seconds, which is longer than
any lock may be silent.
"""
_BUSY_AT_BREAKS: Final = 0.1
"""The same of breaks of leases, which are few, and the more dangerous the later they are repeated."""
_BUSY_S: Final = 60


class Late:
    """Requests of all clients that are on their way still, while nobody waits for their answers any more."""

    def __init__(self) -> None:
        self._requests: list[tuple[float, Send, Tell]] = []

    def __bool__(self) -> bool:
        return bool(self._requests)

    def append(self, arrives_s: float, request: Send, tell: Tell) -> None:
        """``tell`` is called when the request has arrived."""
        self._requests.append((arrives_s, request, tell))

    def deliver(self) -> Flow[None]:
        """Those arrive whose time has come. It takes a client that sends something to move them."""
        now_s = yield from monotonic()
        due = [late for late in self._requests if late[0] <= now_s]
        self._requests = [late for late in self._requests if late[0] > now_s]
        for _, request, tell in due:
            try:
                yield request
            except TransportError:
                continue
            finally:
                tell(request)


@dataclass(slots=True)
class Fate:
    """What befalls one client while it does one step: at its effect number ``at`` (0 for never), counted from when it is
    ``armed``, it is held up for ``held_up_s`` seconds, or killed where that is None. ``seed`` decides how long its
    requests take, and which of them a service is too ``busy`` for. ``tell_late`` is called when a request of it has arrived
    after its time, because it was slow, or its sender was held up right before it.
    """

    seed: int
    late: Late
    tell_late: Tell
    at: int = 0
    held_up_s: float | None = 0.0
    armed: bool = True
    busy: bool = False
    effects: int = 0
    until_s: float = 0.0
    killed: bool = False

    @property
    def befell(self) -> bool:
        """Whether it came to it."""
        return 0 < self.at <= self.effects


class Killed(BaseException):
    """The client has been killed: none of its flows performs anything any more."""


def fated(flow: Flow[T], fate: Fate) -> Flow[T]:
    """The flow as the fate lets it run, and what it gathers. Raises ``Killed`` where the client is."""

    def perform(effect: Effect) -> Flow[Any]:
        try:
            return (yield from _perform(effect, fate))
        except Killed:
            flow.close()
            raise

    return through(flow, perform)


def _perform(effect: Effect, fate: Fate) -> Flow[Any]:
    fate.effects += fate.armed
    if fate.effects == fate.at and not fate.killed and not fate.until_s:
        if fate.held_up_s is None:
            fate.killed = True
        else:
            fate.until_s = (yield from monotonic()) + fate.held_up_s
    asked_s = (yield from monotonic()) if isinstance(effect, Send) and is_break(effect) else math.inf
    yield from _wait_out(fate)
    if isinstance(effect, Gather):
        effect = Gather([fated(branch, fate) for branch in effect.flows], effect.limit)
    try:
        return (
            (yield from _send(effect, fate, asked_s + effect.timeout_s)) if isinstance(effect, Send) else (yield effect)
        )
    finally:
        yield from _wait_out(fate)


def _wait_out(fate: Fate) -> Flow[None]:
    """Nothing that the client does goes on while it is held up, in none of its branches."""
    if fate.killed:
        raise Killed
    if fate.until_s:
        left_s = fate.until_s - (yield from monotonic())
        if left_s > 0:
            yield Sleep(left_s)


def _send(effect: Send, fate: Fate, until_s: float) -> Flow[Any]:
    """Others do something while a request is on its way. It takes no longer than it is waited for, but what nobody waits
    for any more may arrive all the same. One that arrives after ``until_s`` is late.
    """
    name = next(value for header, value in effect.request.headers if header == "x-ms-client-request-id")
    there_s, back_s = _delay_s(f"{fate.seed} there {name}"), _delay_s(f"{fate.seed} back {name}")
    stuck = _drawn(f"{fate.seed} stuck {name}")
    if stuck < _STUCK and is_break(effect):
        there_s = _STUCK_S * stuck / _STUCK
    if there_s >= effect.timeout_s:
        fate.late.append((yield from monotonic()) + there_s, effect, fate.tell_late)
        yield from sleep(effect.timeout_s)
        raise TransportError("the request did not arrive in time", sent=True)
    yield from sleep(there_s)
    busy, limit = _drawn(f"{fate.seed} busy {name}"), _BUSY_AT_BREAKS if is_break(effect) else _BUSY
    if fate.busy and busy < limit:
        return _refusal(round(_BUSY_S * busy / limit))
    if fate.late:
        yield from fate.late.deliver()
    late = until_s < math.inf and (yield from monotonic()) > until_s
    try:
        response = yield effect
    finally:
        if late:
            fate.tell_late(effect)
        yield from sleep(min(back_s, effect.timeout_s - there_s))
    if there_s + back_s >= effect.timeout_s:
        raise TransportError("the answer did not arrive in time", sent=True)
    return response


def is_break(effect: Send) -> bool:
    """Whether a request is to end a lease, whoever has it."""
    return ("x-ms-lease-action", "break") in list(effect.request.headers)


def _refusal(retry_after_s: int) -> Response:
    fields = (("x-ms-error-code", "ServerBusy"), ("Retry-After", str(retry_after_s)), ("Content-Length", "0"))
    return Response(503, "Server Busy", Headers(fields))


def _drawn(word: str) -> float:
    """From 0 up to 1."""
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big") / 2**64


def _delay_s(word: str) -> float:
    drawn = _drawn(word)
    return _SLOW_S * drawn / _SLOW if drawn < _SLOW else _USUAL_S * drawn


__all__ = ["Fate", "Killed", "Late", "fated", "is_break"]
