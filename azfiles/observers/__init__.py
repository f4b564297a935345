"""Observers for ``azfiles.connect(..., observers=[...])``, and the events that they are called with.

An observer is any callable that takes one event. ``Logging`` writes them to the standard library's logging. With the
extra ``metrics``, ``azfiles.observers.prometheus.Metrics`` counts them for Prometheus; with the extra ``telemetry``,
``azfiles.observers.opentelemetry.Telemetry`` makes traces and metrics of them.
"""

from __future__ import annotations

from azfiles.flows.events import (
    CircuitChanged,
    Event,
    LeaseChanged,
    Observer,
    OperationBegan,
    OperationEnded,
    RetryScheduled,
    ThrottlingChanged,
    TransferFailed,
    TransferProgress,
    TryEnded,
)
from azfiles.observers.logs import Logging

__all__ = [
    "CircuitChanged",
    "Event",
    "LeaseChanged",
    "Logging",
    "Observer",
    "OperationBegan",
    "OperationEnded",
    "RetryScheduled",
    "ThrottlingChanged",
    "TransferFailed",
    "TransferProgress",
    "TryEnded",
]
