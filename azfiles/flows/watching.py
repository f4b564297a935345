"""How flows tell observers: a session's ``watch`` makes events of what flows know and hands them on.

    session.watch.begin(operation, began_s)          in ``retrying`` and ``call``, for each operation
    session.watch.lease_lost(place, id, why)         for a lock that knows that its lease is gone
    with session.watch.transfer("upload", size) as told:   for whole files; ``told.also(progress)`` after each range

Leases acquired, released, and refused for not being ours any more are read off the operations themselves, whatever flow
calls them (``holdings``). Where nobody listens, a watch is false and all of this does nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import count
from types import TracebackType
from typing import Any, Final, Literal, Self

from azfiles.address import Endpoint
from azfiles.core.operation import Operation
from azfiles.errors import AzureFilesError, ServiceError, Throttled
from azfiles.flows.breaker import Circuit, Closed, HalfOpen
from azfiles.flows.events import (
    CircuitChanged,
    CircuitState,
    Direction,
    Event,
    LeaseChange,
    LeaseChanged,
    Observer,
    OperationBegan,
    OperationEnded,
    Outcome,
    RetryScheduled,
    ThrottlingChanged,
    TransferFailed,
    TransferProgress,
    TryEnded,
)
from azfiles.flows.health import State
from azfiles.flows.holdings import Holdings, Place
from azfiles.flows.throttling import UNLIMITED
from azfiles.messages import Request, Response

_CODE: Final = re.compile(r"[A-Z][A-Za-z0-9]{1,63}")
"""What a code of the service looks like. Nothing else that may stand in its place is told."""
_ID: Final = re.compile(r"[0-9A-Fa-f-]{8,64}")
_PORT: Final = re.compile(r":[0-9]+\Z")
_UNKNOWN_CODE: Final = "Unrecognised"
_REQUEST_TIMEOUT: Final = 408
_TOLD_QUERIES: Final = frozenset({"restype", "comp"})
"""The query parameters whose values are words of the protocol."""


class Wire:
    """What one try put on the wire and got back, as far as it came."""

    request: Request | None = None
    response: Response | None = None


class Watch:
    """The observers of one client, and what all of their events have in common."""

    def __init__(self, observers: Sequence[Observer] = (), *, endpoint: str = "", client_id: str = "") -> None:
        self._observers = tuple(observers)
        self._endpoint = endpoint
        self._client_id = client_id
        self._calls = count(1)
        self.leases = Holdings(self._lease_changed)

    def __bool__(self) -> bool:
        return bool(self._observers)

    def __repr__(self) -> str:
        return f"<Watch: {len(self._observers)} observers>"

    def tell(self, kind: type[Event], **fields: Any) -> None:
        """Make an event and hand it to every observer, in their order."""
        event = kind(endpoint=self._endpoint, client_id=self._client_id, **fields)
        for observer in self._observers:
            observer(event)

    def begin(self, operation: Operation[Any], began_s: float | None = None) -> Report | None:
        """Tell that an operation was called; ``None`` where nobody listens. ``began_s`` is on the clock of flows, or
        ``None`` to count from the first try on.
        """
        return Report(self, operation, next(self._calls), began_s) if self._observers else None

    def health_changed(self, before: State, after: State) -> None:
        """Tell of a circuit in another state, and of another limit."""
        if type(after.circuit) is not type(before.circuit):
            self.tell(
                CircuitChanged,
                former=_state_of(before.circuit),
                state=_state_of(after.circuit),
                era=after.circuit.era,
            )
        former, limit = _whole(before.congestion.limit), _whole(after.congestion.limit)
        if former != limit:
            self.tell(ThrottlingChanged, former_limit=former, limit=limit)

    def lease_lost(self, place: Place, lease_id: str, why: str) -> None:
        """Tell that a lease of ``place`` (share, then the path) is lost, if the client held it: ``why`` in a few words
        without names.
        """
        if self._observers:
            self.leases.lose(place, lease_id, why)

    def transfer(self, direction: Direction, bytes_total: int | None = None) -> Transfer:
        """What is told of a whole file's transfer while it is under way."""
        return Transfer(self, direction, bytes_total)

    def _lease_changed(
        self, of: Literal["share", "file"], change: LeaseChange, /, duration_s: int | None = None, why: str = ""
    ) -> None:
        self.tell(LeaseChanged, of=of, change=change, duration_s=duration_s, why=why)


NOBODY: Final = Watch()
"""The watch of a session without observers."""


class Report:
    """What is told of one operation, from its call to its end."""

    def __init__(self, watch: Watch, operation: Operation[Any], call: int, began_s: float | None) -> None:
        self._watch = watch
        self._operation = operation
        self._named = {"operation": operation.name, "call": call}
        self._where = {"method": operation.method, "url_template": url_template(operation)}
        self._began_s = began_s
        self._now_s = began_s
        self._tries = 0
        self._bytes_sent = self._bytes_received = 0
        self._last: dict[str, Any] = _of_wire(Wire())
        watch.tell(OperationBegan, **self._named, **self._where)

    def try_ended(self, wire: Wire, error: BaseException | None, began_s: float, now_s: float | None) -> None:
        """A try was answered or not. ``now_s`` is ``None`` where nobody waited for it. One that did not come as far as to
        make a request is none.
        """
        if self._began_s is None:
            self._began_s = began_s
        self.time_is(now_s)
        if wire.request is None:
            return
        self._tries += 1
        self._last = _of_wire(wire)
        sent, received = _bytes_of(wire)
        self._bytes_sent += sent
        self._bytes_received += received
        self._watch.tell(
            TryEnded,
            **self._named,
            **self._where,
            **self._last,
            **_of_error(error),
            outcome=outcome_of(error),
            number=self._tries,
            duration_s=None if now_s is None else now_s - began_s,
            bytes_sent=sent,
            bytes_received=received,
        )

    def time_is(self, now_s: float | None) -> None:
        """Later than anything before."""
        if now_s is not None:
            self._now_s = now_s

    def will_retry(self, error: AzureFilesError, delay_s: float) -> None:
        """Another try is to follow."""
        status = self._last["status"]
        self._watch.tell(
            RetryScheduled, **self._named, **_of_error(error), status=status, number=self._tries, delay_s=delay_s
        )

    def ended(self, error: BaseException | None, reason: str = "") -> None:
        """The operation's result or error goes to its caller."""
        outcome = outcome_of(error)
        self._watch.tell(
            OperationEnded,
            **self._named,
            **self._last,
            **_of_error(error),
            outcome=outcome,
            duration_s=None if outcome == "cancelled" else self._took_s(),
            bytes_sent=self._bytes_sent,
            bytes_received=self._bytes_received,
            tries=self._tries,
            reason=reason,
        )
        if self._now_s is not None:
            self._watch.leases.follow(self._operation, error, self._now_s)

    def _took_s(self) -> float | None:
        return None if self._began_s is None or self._now_s is None else self._now_s - self._began_s


class Transfer:
    """What is told of one transfer. Used in a ``with`` statement, it tells of the error that ends it."""

    def __init__(self, watch: Watch, direction: Direction, bytes_total: int | None) -> None:
        self._watch = watch
        self._direction = direction
        self._done = 0
        self.bytes_total = bytes_total

    def moved(self, count: int) -> None:
        """So many more bytes have arrived."""
        self._done += count
        if self._watch:
            self._watch.tell(TransferProgress, **self._so_far())

    def also(self, progress: Callable[[int], object] | None) -> Callable[[int], object] | None:
        """What a transfer is to call with the bytes of each range that is done: the user's ``progress`` and this."""
        if not self._watch:
            return progress
        if progress is None:
            return self.moved

        def both(count: int) -> None:
            self.moved(count)
            progress(count)

        return both

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, Exception) and self._watch:
            status = error.status if isinstance(error, ServiceError) else None
            self._watch.tell(TransferFailed, **self._so_far(), **_of_error(error), status=status)

    def _so_far(self) -> dict[str, Any]:
        return {"direction": self._direction, "bytes_done": self._done, "bytes_total": self.bytes_total}


def label_of(endpoint: Endpoint) -> str:
    """Host and port of an endpoint without the account's name; no port is https on its own."""
    host, account = endpoint.host, endpoint.account.lower()
    port = ":80" if endpoint.scheme == "http" and not _PORT.search(host) else ""
    return host.removeprefix(f"{account}-secondary.").removeprefix(f"{account}.") + port


def url_template(operation: Operation[Any]) -> str:
    """The form of an operation's URL, as ``/{share}/{path}?comp=range``: no name is in it."""
    path = ("/", "/{share}", "/{share}/{path}")[min(len(operation.path), 2)]
    query = "&".join(f"{name}={value}" for name, value in operation.query if name in _TOLD_QUERIES)
    return f"{path}?{query}" if query else path


def outcome_of(error: BaseException | None) -> Outcome:
    """What came of a try or an operation that ended in ``error``."""
    if error is None:
        return "success"
    if not isinstance(error, Exception):
        return "cancelled"
    if isinstance(error, ServiceError) and not isinstance(error, Throttled):
        return "refused" if error.status < 500 and error.status != _REQUEST_TIMEOUT else "failed"
    return "failed"


def _of_error(error: BaseException | None) -> dict[str, str]:
    """The code and the class of an error, and nothing of its text; whoever cancels raises none."""
    code = error.code if isinstance(error, ServiceError) else ""
    return {
        "error_code": code if not code or _CODE.fullmatch(code) else _UNKNOWN_CODE,
        "error_kind": type(error).__name__ if isinstance(error, Exception) else "",
    }


def _of_wire(wire: Wire) -> dict[str, Any]:
    request, response = wire.request, wire.response
    sent_id = "" if request is None else dict(request.headers).get("x-ms-client-request-id", "")
    answered_id = "" if response is None else response.headers.get("x-ms-request-id") or ""
    return {
        "status": None if response is None else response.status,
        "client_request_id": sent_id,
        "request_id": answered_id if _ID.fullmatch(answered_id) else "",
    }


def _bytes_of(wire: Wire) -> tuple[int, int]:
    sent = 0 if wire.request is None else sum(len(part) for part in wire.request.body)
    return sent, 0 if wire.response is None else len(wire.response.body)


def _state_of(circuit: Circuit) -> CircuitState:
    if isinstance(circuit, Closed):
        return "closed"
    return "half-open" if isinstance(circuit, HalfOpen) else "open"


def _whole(limit: float) -> int | None:
    return None if limit >= UNLIMITED else max(1, int(limit))


__all__ = ["NOBODY", "Report", "Transfer", "Watch", "Wire", "label_of", "outcome_of", "url_template"]
