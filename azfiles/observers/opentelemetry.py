"""Events as OpenTelemetry traces and metrics (extra ``telemetry``), by its semantic conventions.

Each operation is an internal span, as those of Azure's own client libraries are; each of its requests is an HTTP client
span below it. The conventions' ``url.full`` is left out on purpose, and ``server.address`` is without the account's name:
no event tells what lies in a share. What the conventions have no name for begins with ``azfiles.``.
"""

from __future__ import annotations

import time
from typing import Final

from opentelemetry import metrics, trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode

from azfiles.flows.events import (
    CircuitChanged,
    CircuitState,
    Event,
    LeaseChange,
    LeaseChanged,
    OperationBegan,
    OperationEnded,
    Outcome,
    RetryScheduled,
    TransferFailed,
    TryEnded,
)

Attributes = dict[str, str | int | float | list[str]]

SCHEMA_URL: Final = "https://opentelemetry.io/schemas/1.44.0"
INSTRUMENTATION: Final = "azfiles"
PROVIDER: Final = "Microsoft.Storage"

# Names of the conventions; some of them are not in the stable package, so they stand here, and a test compares them.
AZURE_CLIENT_ID: Final = "azure.client.id"
AZURE_RESOURCE_PROVIDER_NAMESPACE: Final = "azure.resource_provider.namespace"
AZURE_SERVICE_REQUEST_ID: Final = "azure.service.request.id"
ERROR_TYPE: Final = "error.type"
HTTP_REQUEST_BODY_SIZE: Final = "http.request.body.size"
HTTP_REQUEST_METHOD: Final = "http.request.method"
HTTP_REQUEST_RESEND_COUNT: Final = "http.request.resend_count"
HTTP_RESPONSE_BODY_SIZE: Final = "http.response.body.size"
HTTP_RESPONSE_STATUS_CODE: Final = "http.response.status_code"
SERVER_ADDRESS: Final = "server.address"
SERVER_PORT: Final = "server.port"
URL_TEMPLATE: Final = "url.template"
HTTP_CLIENT_REQUEST_DURATION: Final = "http.client.request.duration"
HTTP_CLIENT_REQUEST_BODY_SIZE: Final = "http.client.request.body.size"
HTTP_CLIENT_RESPONSE_BODY_SIZE: Final = "http.client.response.body.size"
_CLIENT_REQUEST_ID: Final = "http.request.header.x-ms-client-request-id"

_DURATION_BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
"""Those of the conventions."""
_OPERATION_BUCKETS_S: Final = (*_DURATION_BUCKETS_S, 30, 60, 300)
_CIRCUIT_VALUES: Final[dict[CircuitState, int]] = {"closed": 0, "half-open": 1, "open": 2}
_LEASES: Final[dict[LeaseChange, int]] = {"acquired": 1, "released": -1, "lost": -1}
_DEFAULT_PORT: Final = 443


class Telemetry:
    """An observer that makes spans and measurements; one object serves any number of clients.

    Without providers the global ones are used, as they are when this object is made. An operation's span is below the
    one that is current where the operation was called.
    """

    def __init__(
        self,
        *,
        tracer_provider: trace.TracerProvider | None = None,
        meter_provider: metrics.MeterProvider | None = None,
    ) -> None:
        self._tracer = trace.get_tracer(INSTRUMENTATION, None, tracer_provider, SCHEMA_URL)
        self._measures = _Measures(metrics.get_meter(INSTRUMENTATION, "", meter_provider, SCHEMA_URL))
        self._open: dict[tuple[str, int], Span] = {}

    def __call__(self, event: Event) -> None:
        match event:
            case OperationBegan():
                self._begin(event)
            case TryEnded():
                self._request(event)
                self._measures.request(event)
            case RetryScheduled():
                self._retry(event)
            case OperationEnded():
                self._end(event)
                self._measures.operation(event)
            case LeaseChanged():
                self._measures.leases.add(_LEASES[event.change], _server(event.endpoint))
            case CircuitChanged():
                self._measures.circuit(event)
            case TransferFailed():
                self._measures.transfer(event)
            case _:
                pass

    def _begin(self, event: OperationBegan) -> None:
        self._open[event.client_id, event.call] = self._tracer.start_span(
            event.operation,
            kind=SpanKind.INTERNAL,
            attributes={
                AZURE_RESOURCE_PROVIDER_NAMESPACE: PROVIDER,
                AZURE_CLIENT_ID: event.client_id,
                **_server(event.endpoint),
            },
        )

    def _request(self, event: TryEnded) -> None:
        """The span of a request that is over: it began as long ago as it took."""
        ended_ns = time.time_ns()
        operation = self._open.get((event.client_id, event.call))
        span = self._tracer.start_span(
            f"{event.method} {event.url_template}",
            context=None if operation is None else trace.set_span_in_context(operation, Context()),
            kind=SpanKind.CLIENT,
            attributes={
                HTTP_REQUEST_METHOD: event.method,
                URL_TEMPLATE: event.url_template,
                AZURE_RESOURCE_PROVIDER_NAMESPACE: PROVIDER,
                **_server(event.endpoint),
            },
            start_time=ended_ns - int((event.duration_s or 0.0) * 1e9),
        )
        if span.is_recording():
            span.set_attributes(
                {HTTP_REQUEST_BODY_SIZE: event.bytes_sent, HTTP_RESPONSE_BODY_SIZE: event.bytes_received}
            )
            if event.number > 1:
                span.set_attribute(HTTP_REQUEST_RESEND_COUNT, event.number - 1)
            if event.client_request_id:
                span.set_attribute(_CLIENT_REQUEST_ID, [event.client_request_id])
            _come_to(span, event)
        span.end(ended_ns)

    def _retry(self, event: RetryScheduled) -> None:
        span = self._open.get((event.client_id, event.call))
        if span is not None:
            span.add_event("azfiles.retry", {"azfiles.retry.delay": event.delay_s, ERROR_TYPE: event.error_kind})

    def _end(self, event: OperationEnded) -> None:
        span = self._open.pop((event.client_id, event.call), None)
        if span is None:
            return
        if span.is_recording():
            span.set_attribute("azfiles.tries", event.tries)
            _come_to(span, event)
        span.end()


class _Measures:
    """The instruments."""

    def __init__(self, meter: metrics.Meter) -> None:
        self._requests = meter.create_histogram(
            HTTP_CLIENT_REQUEST_DURATION,
            "s",
            "Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=_DURATION_BUCKETS_S,
        )
        self._sent = meter.create_histogram(HTTP_CLIENT_REQUEST_BODY_SIZE, "By", "Size of HTTP client request bodies.")
        self._received = meter.create_histogram(
            HTTP_CLIENT_RESPONSE_BODY_SIZE, "By", "Size of HTTP client response bodies."
        )
        self._operations = meter.create_histogram(
            "azfiles.operation.duration",
            "s",
            "Duration of operations, with all tries and the waits between.",
            explicit_bucket_boundaries_advisory=_OPERATION_BUCKETS_S,
        )
        self.leases = meter.create_up_down_counter("azfiles.lease.active", "{lease}", "Leases held by clients.")
        self._circuit = meter.create_gauge("azfiles.circuit.state", "1", "0 closed, 1 half open, 2 open.")
        self._failed_transfers = meter.create_counter(
            "azfiles.transfer.failures", "{transfer}", "Transfers of whole files that failed."
        )

    def request(self, event: TryEnded) -> None:
        attributes: Attributes = {
            HTTP_REQUEST_METHOD: event.method,
            URL_TEMPLATE: event.url_template,
            **_server(event.endpoint),
            **_error(event.outcome, event.error_kind),
        }
        if event.status is not None:
            attributes[HTTP_RESPONSE_STATUS_CODE] = event.status
        if event.duration_s is not None:
            self._requests.record(event.duration_s, attributes)
        self._sent.record(event.bytes_sent, attributes)
        if event.status is not None:
            self._received.record(event.bytes_received, attributes)

    def operation(self, event: OperationEnded) -> None:
        if event.duration_s is not None:
            attributes: Attributes = {
                "azfiles.operation": event.operation,
                AZURE_RESOURCE_PROVIDER_NAMESPACE: PROVIDER,
                **_server(event.endpoint),
                **_error(event.outcome, event.error_kind),
            }
            self._operations.record(event.duration_s, attributes)

    def circuit(self, event: CircuitChanged) -> None:
        attributes = {AZURE_CLIENT_ID: event.client_id, **_server(event.endpoint)}
        self._circuit.set(_CIRCUIT_VALUES[event.state], attributes)

    def transfer(self, event: TransferFailed) -> None:
        attributes = {"azfiles.transfer": event.direction, ERROR_TYPE: event.error_kind, **_server(event.endpoint)}
        self._failed_transfers.add(1, attributes)


def _come_to(span: Span, event: OperationEnded | TryEnded) -> None:
    """What came of it."""
    if event.request_id:
        span.set_attribute(AZURE_SERVICE_REQUEST_ID, event.request_id)
    if isinstance(event, TryEnded) and event.status is not None:
        span.set_attribute(HTTP_RESPONSE_STATUS_CODE, event.status)
    if event.outcome != "success":
        span.set_attributes(_error(event.outcome, event.error_kind))
        if event.error_code:
            span.set_attribute("azfiles.error_code", event.error_code)
        span.set_status(StatusCode.ERROR)


def _error(outcome: Outcome, error_kind: str) -> dict[str, str]:
    return {} if outcome == "success" else {ERROR_TYPE: error_kind or outcome}


def _server(endpoint: str) -> Attributes:
    host, colon, port = endpoint.rpartition(":")
    if colon and port.isdigit():
        return {SERVER_ADDRESS: host, SERVER_PORT: int(port)}
    return {SERVER_ADDRESS: endpoint, SERVER_PORT: _DEFAULT_PORT}


__all__ = ["INSTRUMENTATION", "SCHEMA_URL", "Telemetry"]
