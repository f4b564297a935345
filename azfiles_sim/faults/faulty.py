"""A handler around a handler that lets a plan's faults happen, and keeps a diary of them."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Protocol

from azfiles_sim.faults.outcomes import LoseRequest, Outcome
from azfiles_sim.faults.plan import Call, Plan
from azfiles_sim.messages import IN_PROCESS, Connection, Dropped, Reply, RequestLike


class Handle(Protocol):
    """What answers requests: ``Simulator.handle`` is one, ``Faulty.handle`` another."""

    def __call__(self, request: RequestLike, connection: Connection = IN_PROCESS, /) -> Reply | Dropped: ...


@dataclass(frozen=True, slots=True)
class DiaryEntry:
    """One fault that happened, and to which request."""

    number: int
    name: str
    request: str
    outcome: Outcome

    def __str__(self) -> str:
        name = f" ({self.name})" if self.name else ""
        return f"#{self.number}{name} {self.request}: {self.outcome}"


class Faulty:
    """Answers as ``inside`` does, but for what ``plan`` says of each call. May be used from several threads."""

    def __init__(self, inside: Handle, plan: Plan) -> None:
        self._inside = inside
        self._plan = plan
        self._lock = threading.Lock()
        self._calls = 0
        self._diary: list[DiaryEntry] = []

    @property
    def calls(self) -> int:
        """How many requests came."""
        return self._calls

    @property
    def diary(self) -> tuple[DiaryEntry, ...]:
        """The faults that happened so far, in their order."""
        with self._lock:
            return tuple(self._diary)

    def handle(self, request: RequestLike, connection: Connection = IN_PROCESS, /) -> Reply | Dropped:
        """The answer of the handler inside, or ``Dropped`` where the plan has a fault for this call."""
        with self._lock:
            self._calls += 1
            call = Call(self._calls, _name_of(request), request)
            outcome = self._plan(call)
            if outcome is not None:
                self._diary.append(DiaryEntry(call.number, call.name, _describe(request), outcome))
        if outcome is None:
            return self._inside(request, connection)
        if isinstance(outcome, LoseRequest):
            return Dropped(applied=False)
        reply = self._inside(request, connection)
        return Dropped(applied=isinstance(reply, Reply) and reply.status < 400)


def _name_of(request: RequestLike) -> str:
    return next((value for name, value in request.headers if name.lower() == "x-ms-client-request-id"), "")


def _describe(request: RequestLike) -> str:
    """Method and path; of the query only what names the operation, for the rest may be a signature."""
    path, _, query = request.target.partition("?")
    words = [pair for pair in query.split("&") if pair.startswith(("comp=", "restype="))]
    return " ".join((request.method, path, *words))


__all__ = ["DiaryEntry", "Faulty", "Handle"]
