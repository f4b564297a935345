"""What a cassette holds: requests, what answered them or how they were lost, and when."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from azfiles.cassette.bodies import StoredBody
from azfiles.messages import Request

Body: TypeAlias = bytes | StoredBody
"""A body in one piece, or one that lies in a side store."""


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request as a cassette holds it: the whole URI, headers in order, the body in one piece."""

    method: str
    uri: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: Body = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class RecordedResponse:
    """A response as a cassette holds it, headers as they were received."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: Body = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Lost:
    """No complete response came: a timeout, a reset, a body that was cut. Replayed as a ``TransportError``."""

    message: str = field(repr=False)
    sent: bool
    """False only where the service cannot have acted."""


@dataclass(frozen=True, slots=True)
class Timing:
    """When a request was sent and when it was answered, in seconds since the recording began.

    ``turn`` is its place in the order of sending, from 1; interactions stand in the order of their answers. So for each
    resource both orders are known, and requests with the same key are replayed in the order in which they were sent.
    """

    sent_s: float
    answered_s: float
    turn: int


@dataclass(frozen=True, slots=True)
class Interaction:
    """One request and what became of it."""

    request: RecordedRequest
    response: RecordedResponse | Lost
    timing: Timing | None = None


def as_recorded(request: Request, body: Body | None = None) -> RecordedRequest:
    """A live request in a cassette's form. Without a ``body`` its own is copied: the caller may use his buffers again."""
    origin = request.origin
    if not origin:
        host = next((value for name, value in request.headers if name.lower() == "host"), "localhost")
        origin = f"http://{host}"
    if body is None:
        body = b"".join(request.body)
    return RecordedRequest(request.method, origin + request.target, tuple(request.headers), body)


def turn_of(one: Interaction, place: int) -> int:
    """An interaction's place in the order of sending: ``place``, where it stands, unless more is known."""
    return one.timing.turn if one.timing is not None else place


__all__ = [
    "Body",
    "Interaction",
    "Lost",
    "RecordedRequest",
    "RecordedResponse",
    "Timing",
    "as_recorded",
    "turn_of",
]
