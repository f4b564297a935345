"""Events as metrics for Prometheus (extra ``metrics``): the names and labels that dashboard and alerts rely on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

from azfiles.flows.events import (
    CircuitChanged,
    CircuitState,
    Event,
    LeaseChange,
    LeaseChanged,
    OperationEnded,
    RetryScheduled,
    TransferFailed,
)

LATENCY_BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)
"""From a cached answer nearby to the overall deadline of a call. 2 s is among them because an alert asks about it."""

LABELS: Final = {
    "azure_files_operations_total": ("operation", "outcome", "endpoint"),
    "azure_files_latency_seconds": ("operation", "endpoint"),
    "azure_files_bytes_total": ("operation", "direction", "endpoint"),
    "azure_files_active_leases": ("endpoint",),
    "azure_files_errors_total": ("operation", "outcome", "error_kind", "error_code", "endpoint"),
    "azure_files_circuit_breaker_state": ("endpoint",),
}
"""Which metric has which labels. Each has few values: names of the service's operations, codes and ours, and hosts."""

CIRCUIT_VALUES: Final[dict[CircuitState, int]] = {"closed": 0, "half-open": 1, "open": 2}
SILENCE_S: Final = 300.0
"""A client with a circuit that is not closed counts no more when nothing was heard of it for so long: it is gone."""

_LEASES: Final[dict[LeaseChange, int]] = {"acquired": 1, "released": -1, "lost": -1}
_RETRIED: Final = "retried"


class Metrics:
    """An observer that counts. One object serves any number of clients, and a registry takes one.

    | metric | type | what |
    |---|---|---|
    | ``azure_files_operations_total`` | counter | operations that ended, by outcome |
    | ``azure_files_latency_seconds`` | histogram | how long they took, with all tries and the waits between |
    | ``azure_files_bytes_total`` | counter | bytes of bodies, sent and received, each try's |
    | ``azure_files_active_leases`` | gauge | leases that clients here acquired and still hold |
    | ``azure_files_errors_total`` | counter | errors that a caller got, tries that failed and were repeated (``outcome="retried"``), and whole-file transfers that failed (``operation="Transfer (upload)"``) |
    | ``azure_files_circuit_breaker_state`` | gauge | 0 closed, 1 half open, 2 open; the worst of several clients |
    """

    def __init__(
        self, registry: CollectorRegistry = REGISTRY, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        def labels(name: str) -> tuple[str, ...]:
            return LABELS[name]

        name = "azure_files_operations_total"
        self._operations = Counter(name, "Operations that ended.", labels(name), registry=registry)
        name = "azure_files_latency_seconds"
        self._latency = Histogram(
            name, "Seconds per operation.", labels(name), buckets=LATENCY_BUCKETS_S, registry=registry
        )
        name = "azure_files_bytes_total"
        self._bytes = Counter(name, "Bytes of bodies.", labels(name), registry=registry)
        name = "azure_files_active_leases"
        self._leases = Gauge(
            name, "Leases held by clients.", labels(name), registry=registry, multiprocess_mode="livesum"
        )
        name = "azure_files_errors_total"
        self._errors = Counter(name, "Errors, also those that a retry got over.", labels(name), registry=registry)
        name = "azure_files_circuit_breaker_state"
        self._circuit = Gauge(
            name, "0 closed, 1 half open, 2 open.", labels(name), registry=registry, multiprocess_mode="livemax"
        )
        self._monotonic = monotonic
        self._endpoints: dict[str, _Circuits] = {}

    def __call__(self, event: Event) -> None:
        circuits = self._endpoints.get(event.endpoint) or self._meet(event.endpoint)
        match event:
            case OperationEnded():
                self._count(event)
            case RetryScheduled():
                self._error(event, event.operation, _RETRIED)
            case TransferFailed():
                self._error(event, f"Transfer ({event.direction})", "failed")
            case LeaseChanged():
                self._leases.labels(event.endpoint).inc(_LEASES[event.change])
            case _:
                pass
        if circuits.hear(event, self._monotonic()):
            self._circuit.labels(event.endpoint).set(circuits.worst(self._monotonic()))

    def _count(self, event: OperationEnded) -> None:
        operation, endpoint = event.operation, event.endpoint
        self._operations.labels(operation, event.outcome, endpoint).inc()
        if event.duration_s is not None:
            self._latency.labels(operation, endpoint).observe(event.duration_s)
        if event.bytes_sent:
            self._bytes.labels(operation, "sent", endpoint).inc(event.bytes_sent)
        if event.bytes_received:
            self._bytes.labels(operation, "received", endpoint).inc(event.bytes_received)
        if event.error_kind:
            self._error(event, operation, event.outcome)

    def _error(self, event: OperationEnded | RetryScheduled | TransferFailed, operation: str, outcome: str) -> None:
        self._errors.labels(operation, outcome, event.error_kind, event.error_code, event.endpoint).inc()

    def _meet(self, endpoint: str) -> _Circuits:
        """The first event of an endpoint: its gauges are there from now on."""
        circuits = self._endpoints.setdefault(endpoint, _Circuits())
        self._leases.labels(endpoint)
        # A scrape asks, so that the circuit of a client that is gone does not stay open in an idle process; what is set
        # besides is for several processes, whose values are read from files.
        self._circuit.labels(endpoint).set_function(lambda: circuits.worst(self._monotonic()))
        return circuits


@dataclass(slots=True)
class _Heard:
    """The circuit of one client: its state since its last change, and when the client was last heard of."""

    era: int
    state: CircuitState
    at_s: float


class _Circuits:
    """The circuits of an endpoint's clients that are not closed, or were not."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heard: dict[str, _Heard] = {}

    def hear(self, event: Event, now_s: float) -> bool:
        """Whether the event may change the worst state."""
        if not self._heard and not isinstance(event, CircuitChanged):
            return False
        with self._lock:
            heard = self._heard.get(event.client_id)
            if heard is not None:
                heard.at_s = now_s
            if isinstance(event, CircuitChanged) and (heard is None or event.era > heard.era):
                self._heard[event.client_id] = _Heard(event.era, event.state, now_s)
        return True

    def worst(self, now_s: float) -> int:
        with self._lock:
            self._heard = {client: heard for client, heard in self._heard.items() if now_s - heard.at_s <= SILENCE_S}
            return max((CIRCUIT_VALUES[heard.state] for heard in self._heard.values()), default=0)


__all__ = ["CIRCUIT_VALUES", "LABELS", "LATENCY_BUCKETS_S", "SILENCE_S", "Metrics"]
