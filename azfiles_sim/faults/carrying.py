"""What a fault makes of a request and of a reply: functions from values to values, None where there is nothing to spoil."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import is_dataclass, replace
from http import HTTPStatus
from typing import Any, Final, TypeVar, cast

from azfiles_sim.faults.delivery import Delivered, Delivery, Ended
from azfiles_sim.faults.outcomes import CutBody, DelayReply, Drip, Refuse, WrongLength
from azfiles_sim.faults.plan import draw
from azfiles_sim.messages import Buffer, Dropped, HeaderPairs, Reply, ReplyLike, Request, RequestLike
from azfiles_sim.model.entities import Ticks
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.pipeline import SERVER
from azfiles_sim.wire.dates import http_date
from azfiles_sim.wire.errors import render_error

CLIENT_REQUEST_ID: Final = "x-ms-client-request-id"
_BODILESS: Final = frozenset({204, 304})

B = TypeVar("B", bound=Buffer)


def has_acted(answer: Any) -> bool:
    """Whether a handler that gave this answer did what was asked."""
    return getattr(answer, "status", 500) < 400 or bool(getattr(answer, "applied", False))


def first_value(headers: HeaderPairs, name: str) -> str | None:
    """The first value of a header, by its name in lower case."""
    return next((value for header, value in headers if header.lower() == name), None)


# --- requests --------------------------------------------------------------------------------------------------------


def with_bit_flipped(request: RequestLike, bit: int | None, number: int) -> RequestLike | None:
    """The request with one bit of its body flipped."""
    body = _flipped(request.body, bit, number)
    if body is None:
        return None
    whatever: Any = request
    if is_dataclass(whatever):  # whoever is inside may know no other class of requests than this one
        changed: RequestLike = replace(cast("Any", whatever), body=(body,))
        return changed
    return Request(request.method, request.target, request.headers, (body,))


# --- replies ---------------------------------------------------------------------------------------------------------


def refusal(outcome: Refuse, request: RequestLike, request_id: str, now: Ticks) -> Reply:
    """The error that is answered, as the service words it."""
    common = [("Server", SERVER), ("x-ms-request-id", request_id), ("Date", http_date(now))]
    for name in (CLIENT_REQUEST_ID, "x-ms-version"):
        value = first_value(request.headers, name)
        if value is not None:
            common.insert(2, (name, value))
    wait = [] if outcome.retry_after_s is None else [("Retry-After", str(outcome.retry_after_s))]
    if not outcome.code:
        status = outcome.status or HTTPStatus.BAD_GATEWAY
        return Reply(status, _phrase(status), [("Content-Length", "0"), *wait, ("Date", http_date(now))])
    error = ServiceError(Code(outcome.code))
    reply = render_error(error, common=common, head=request.method == "HEAD", request_id=request_id, now=now)
    return Reply(outcome.status or reply.status, reply.reason, [*reply.headers, *wait], reply.body)


def delayed(reply: ReplyLike, outcome: DelayReply) -> Delivered:
    return _delivered(reply, reply.body, Delivery(delay_s=outcome.seconds))


def dripping(reply: ReplyLike, outcome: Drip, method: str) -> Delivered | None:
    body = _parts(reply, method)
    return None if not body else _delivered(reply, body, Delivery(bytes_per_s=outcome.bytes_per_s))


def cut(reply: ReplyLike, outcome: CutBody, method: str) -> Delivered | Ended | None:
    body = _parts(reply, method)
    size = sum(map(len, body))
    if size <= outcome.after_bytes:
        return None
    kept = _first(body, outcome.after_bytes)
    whole = Reply(reply.status, reply.reason, reply.headers, kept)
    if first_value(reply.headers, "transfer-encoding") is not None:
        # Only the framing tells that something is missing, and in process there is none.
        return Ended(has_acted(reply), reset=outcome.reset, partial=whole, whole_bytes=size)
    if first_value(reply.headers, "content-length") is None:
        whole = replace(whole, headers=[("Content-Length", str(size)), *reply.headers])
    return _delivered(whole, kept, Delivery(ends=True, reset=outcome.reset))


def reply_with_bit_flipped(reply: ReplyLike, bit: int | None, number: int, method: str) -> Reply | None:
    body = _flipped(_parts(reply, method), bit, number)
    return None if body is None else Reply(reply.status, reply.reason, reply.headers, (memoryview(body),))


def with_wrong_length(reply: ReplyLike, outcome: WrongLength, method: str) -> Delivered | None:
    """What is past the length that is told goes over the wire too, but nobody reads it as this reply's body."""
    if method == "HEAD" or reply.status in _BODILESS:
        return None
    body = _parts(reply, method)
    size = sum(map(len, body))
    told = max(0, size + outcome.by)
    if told == size:
        return None
    headers = [pair for pair in reply.headers if pair[0].lower() not in {"content-length", "transfer-encoding"}]
    headers.insert(0, ("Content-Length", str(told)))
    relabelled = Reply(reply.status, reply.reason, headers)
    surplus = tuple(_first(body, size, start=told))
    return _delivered(relabelled, _first(body, told), Delivery(ends=True, surplus=surplus))


def dropped(answer: Any) -> Dropped:
    """The same, but nobody was told."""
    return Dropped(has_acted(answer))


def _delivered(reply: ReplyLike, body: Sequence[memoryview], delivery: Delivery) -> Delivered:
    return Delivered(reply.status, reply.reason, reply.headers, body, delivery)


def _parts(reply: ReplyLike, method: str) -> list[memoryview]:
    """The body that goes over the wire."""
    if method == "HEAD" or reply.status in _BODILESS:
        return []
    return [view for view in reply.body if len(view)]


def _first(body: Sequence[B], size: int, *, start: int = 0) -> list[B]:
    """The bytes of ``body`` from ``start`` up to ``size``."""
    kept: list[Any] = []
    at = 0
    for view in body:
        piece = memoryview(view)[max(0, start - at) : max(0, size - at)]
        if len(piece):
            kept.append(piece)
        at += len(view)
    return kept


def _flipped(body: Sequence[Buffer], bit: int | None, number: int) -> bytes | None:
    data = bytearray(b"".join(body))
    bits = len(data) * 8
    if not bits:
        return None
    place = bit % bits if bit is not None else int(draw(number, "bit") * bits)
    data[place // 8] ^= 1 << (place % 8)
    return bytes(data)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


__all__ = [
    "CLIENT_REQUEST_ID",
    "cut",
    "delayed",
    "dripping",
    "dropped",
    "first_value",
    "has_acted",
    "refusal",
    "reply_with_bit_flipped",
    "with_bit_flipped",
    "with_wrong_length",
]
