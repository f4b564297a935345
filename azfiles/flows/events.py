"""What a client tells while it works: frozen values, each handed to every observer that ``connect`` was given.

An observer is any callable that takes one event. Flows call observers as they call a transfer's ``progress``: plainly,
not by an effect. So what happened is told even where a flow may not yield any more (when it is closed), and an observed
client does the same steps in the same order as one that is not: a seeded run stays the same run.

No event holds a secret, a lease id, an account's name, or the name of anything in a share: what it says of an error is
its class, its status and the service's code, never its text. ``watching`` makes them out of what flows know.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from azfiles.records import dataclass

Outcome: TypeAlias = Literal["success", "refused", "failed", "cancelled"]
"""``refused``: the service understood and said no (a 4xx: not there, exists, leased, not allowed). ``failed``: no
answer, a 5xx, a busy service, an answer that makes no sense, or nothing was sent. ``cancelled``: the caller left.
"""

CircuitState: TypeAlias = Literal["closed", "half-open", "open"]
Direction: TypeAlias = Literal["upload", "download"]
LeaseChange: TypeAlias = Literal["acquired", "released", "lost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """``endpoint`` is the host and port that were asked, without the account's name (``file.core.windows.net``);
    ``client_id`` is the same for all events of one client, and no other's.
    """

    endpoint: str
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfOperation(Event):
    """``operation`` is the service's name for it (``Put Range``); ``call`` numbers the client's calls, so that what
    belongs to one can be told from what others do at the same time.
    """

    operation: str
    call: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended(_OfOperation):
    """``status``, ``error_code`` and ``error_kind`` (the class in ``azfiles.errors``) are ``None`` and empty where there
    was none. ``duration_s`` is ``None`` where it is not known, because the caller did not wait. Bytes are those of
    bodies. ``client_request_id`` stands in the service's logs, ``request_id`` is what the service answered.
    """

    outcome: Outcome
    status: int | None
    error_code: str
    error_kind: str
    duration_s: float | None
    bytes_sent: int
    bytes_received: int
    client_request_id: str
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationBegan(_OfOperation):
    """An operation was called. Its ``OperationEnded`` will come, whatever happens."""

    method: str
    url_template: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationEnded(_Ended):
    """An operation's result or error went back to its caller.

    ``tries`` is how many requests were made, none where the circuit was open; bytes are those of all tries; status and
    ids those of the last one. ``reason`` says why no further try was made, where there might have been one.
    """

    tries: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TryEnded(_Ended):
    """One request of an operation was answered, or was not. ``number`` counts from 1."""

    number: int
    method: str
    url_template: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryScheduled(_OfOperation):
    """After try number ``number`` failed, another one will be made in ``delay_s`` seconds."""

    number: int
    delay_s: float
    status: int | None
    error_code: str
    error_kind: str

    @property
    def why(self) -> str:
        """What the try failed with, as ``503 ServerBusy`` or ``TransportError``."""
        return described(self.status, self.error_code, self.error_kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitChanged(Event):
    """The circuit of a client went from one state to another. ``era`` rises with each change: where threads tell at the
    same time, the highest one is the state as it is.
    """

    former: CircuitState
    state: CircuitState
    era: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ThrottlingChanged(Event):
    """So many requests of transfers may now be under way at once, because the service was busy or bears more again;
    ``None`` is without limit.
    """

    former_limit: int | None
    limit: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseChanged(Event):
    """A lease ``of`` a share or file (which one is not told) was taken, given back, or found not to be ours any more.

    For each ``acquired`` one ``released`` or ``lost`` comes, unless it is kept; and none without it, so counting them up
    and down gives the leases that the client holds. ``duration_s`` of an acquired one is ``None`` where it has no end.
    ``why`` of a lost one is the service's code, ``expired``, ``broken``, or what a lock says.
    """

    of: Literal["share", "file"]
    change: LeaseChange
    duration_s: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfTransfer(Event):
    """``bytes_done`` is what was moved, also by what then began anew; ``bytes_total`` is ``None`` where nobody knew."""

    direction: Direction
    bytes_done: int
    bytes_total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferProgress(_OfTransfer):
    """Another range of a whole file's transfer is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFailed(_OfTransfer):
    """A whole file's transfer ended in an error, whose operation told of itself before."""

    status: int | None
    error_code: str
    error_kind: str


Observer: TypeAlias = Callable[[Event], object]
"""Called with each event, in the thread or task that works, which waits for it: what takes time belongs into a queue.
Threads may call it at the same time. What it raises is logged once and goes no further.
"""


def described(status: int | None, error_code: str, error_kind: str) -> str:
    """An error in two words."""
    if status is None:
        return error_kind
    return f"{status} {error_code or error_kind}"


__all__ = [
    "CircuitChanged",
    "CircuitState",
    "Direction",
    "Event",
    "LeaseChange",
    "LeaseChanged",
    "Observer",
    "OperationBegan",
    "OperationEnded",
    "Outcome",
    "RetryScheduled",
    "ThrottlingChanged",
    "TransferFailed",
    "TransferProgress",
    "TryEnded",
    "described",
]
