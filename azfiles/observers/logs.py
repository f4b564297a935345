"""Events as records of the standard library's logging: a short text for people, fields for machines."""

from __future__ import annotations

import logging
import re
from dataclasses import fields
from typing import Any, Final

from azfiles.flows.events import (
    CircuitChanged,
    Event,
    LeaseChanged,
    OperationBegan,
    OperationEnded,
    Outcome,
    RetryScheduled,
    ThrottlingChanged,
    TransferFailed,
    TransferProgress,
    TryEnded,
    described,
)

DEFAULT_LOGGER: Final = "azfiles"

_OUTCOMES: Final[dict[Outcome, int]] = {
    "success": logging.DEBUG,
    "refused": logging.INFO,  # an answer like any other: many programs ask in order to hear it
    "failed": logging.WARNING,
    "cancelled": logging.INFO,
}


class Logging:
    """An observer that logs. ``logger`` is where to; its level decides what is written.

    | level | what |
    |---|---|
    | DEBUG | operations that began, and that succeeded; each try; progress |
    | INFO | operations that the service refused, or that were cancelled; leases acquired and released; a circuit that tries again or closes; limits that are lifted |
    | WARNING | operations that failed; retries; lost leases; a circuit that opens; lower limits; failed transfers |

    Each record has the event's fields as attributes ``azfiles_<field>``, and its name (``operation_ended``) in
    ``azfiles_event``: so a formatter that writes a record's extra attributes writes them too.
    """

    def __init__(self, logger: logging.Logger | None = None) -> None:
        self._logger = logging.getLogger(DEFAULT_LOGGER) if logger is None else logger

    def __call__(self, event: Event) -> None:
        level = level_of(event)
        if self._logger.isEnabledFor(level):
            self._logger.log(level, "%s", text_of(event), extra=fields_of(event))

    def __repr__(self) -> str:
        return f"<Logging to {self._logger.name}>"


def level_of(event: Event) -> int:
    """How much an event matters."""
    match event:
        case OperationEnded(outcome=outcome):
            return _OUTCOMES[outcome]
        case RetryScheduled() | TransferFailed():
            return logging.WARNING
        case CircuitChanged(state=state):
            return logging.WARNING if state == "open" else logging.INFO
        case LeaseChanged(change=change):
            return logging.WARNING if change == "lost" else logging.INFO
        case ThrottlingChanged(former_limit=former, limit=limit):
            fewer = limit is not None and (former is None or limit < former)
            return logging.WARNING if fewer else logging.INFO
        case _:
            return logging.DEBUG


def text_of(event: Event) -> str:
    """An event in one line."""
    match event:
        case OperationBegan():
            return f"{event.operation} began at {event.endpoint}"
        case OperationEnded():
            tries = f" after {event.tries} tries" if event.tries != 1 else ""
            reason = f" ({event.reason})" if event.reason else ""
            return f"{event.operation}{_came_to(event)}{tries}{reason}"
        case TryEnded():
            return f"{event.operation}, try {event.number}{_came_to(event)}"
        case RetryScheduled():
            return f"{event.operation} is tried again in {event.delay_s:.3f} s: {event.why}"
        case CircuitChanged():
            return f"the circuit of {event.endpoint} is {event.state}, after it was {event.former}"
        case LeaseChanged():
            return f"a lease of a {event.of} was {event.change}{': ' if event.why else ''}{event.why}"
        case ThrottlingChanged():
            limit = "without limit" if event.limit is None else f"limited to {event.limit}"
            return f"requests of transfers to {event.endpoint} are now {limit} at once"
        case TransferProgress():
            return f"{event.direction}: {_so_far(event)}"
        case TransferFailed():
            why = described(event.status, event.error_code, event.error_kind)
            return f"{event.direction} failed after {_so_far(event)}: {why}"
        case _:
            return name_of(type(event))


def fields_of(event: Event) -> dict[str, Any]:
    """An event as attributes of a log record, whose own names begin in another way."""
    found = {f"azfiles_{field.name}": getattr(event, field.name) for field in fields(event)}
    return {"azfiles_event": name_of(type(event)), **found}


def name_of(kind: type[Event]) -> str:
    """The name of a kind of event as field values have it: ``operation_ended``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


def _came_to(event: OperationEnded | TryEnded) -> str:
    took = "" if event.duration_s is None else f" in {event.duration_s:.3f} s"
    if event.outcome == "success":
        return f" succeeded{took}"
    if event.outcome == "cancelled":
        return " was cancelled"
    # An operation may end in another error than its last response stands for.
    status = event.status if event.error_code else None
    return f" {'was ' if event.outcome == 'refused' else ''}{event.outcome}{took}: {described(status, event.error_code, event.error_kind)}"


def _so_far(event: TransferProgress | TransferFailed) -> str:
    of = "" if event.bytes_total is None else f" of {event.bytes_total}"
    return f"{event.bytes_done}{of} bytes"


__all__ = ["DEFAULT_LOGGER", "Logging", "fields_of", "level_of", "name_of", "text_of"]
