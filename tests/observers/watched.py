"""A client whose events are kept, on a simulator in virtual time; and services that do as they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import azfiles
from azfiles.messages import Headers, Request, Response
from azfiles.observers import Event
from azfiles_sim import ManualClock, Simulator

E = TypeVar("E", bound=Event)


class Kept(list[Event]):
    """An observer that keeps what it is told."""

    def __call__(self, event: Event) -> None:
        self.append(event)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self if isinstance(event, kind)]

    def names(self, *but: type[Event]) -> list[str]:
        return [type(event).__name__ for event in self if not isinstance(event, but)]


class World:
    """A simulator with a share named ``data``, in virtual time, and a place to put oneself before it."""

    def __init__(self, before: Callable[[Request], Any] = lambda _: None) -> None:
        self.clock = ManualClock()
        self.simulator = Simulator(clock=self.clock)
        azfiles.connect(self.simulator.handle, clock=self.clock).share("data").create()
        self._before = before

    def handle(self, request: Request) -> Any:
        return self._before(request) or self.simulator.handle(request)

    def client(self, *observers: Callable[[Event], object], **options: Any) -> azfiles.ServiceClient:
        options = {"clock": self.clock, "seed": 1, **options}
        return azfiles.connect(self.handle, observers=observers, **options)


class Saying:
    """A transport that gives these answers, one after another; an exception is raised."""

    def __init__(self, answers: Iterable[Response | Exception]) -> None:
        self._answers = iter(answers)
        self.requests: list[Request] = []

    def send(self, request: Request, timeout_s: float) -> Response:
        self.requests.append(request)
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        """Nothing is open."""


def response(status: int, body: bytes = b"", headers: Iterable[tuple[str, str]] = ()) -> Response:
    return Response(status, "", Headers(headers), body)
