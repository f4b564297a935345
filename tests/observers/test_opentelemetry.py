"""Spans and measurements, read back through the SDK; and their names, compared with the conventions' own package."""

from __future__ import annotations

import pytest
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.semconv._incubating.attributes import azure_attributes, http_attributes, url_attributes
from opentelemetry.semconv._incubating.metrics import http_metrics
from opentelemetry.semconv.attributes import error_attributes, server_attributes
from opentelemetry.semconv.metrics import http_metrics as stable_http_metrics
from opentelemetry.semconv.schemas import Schemas
from opentelemetry.trace import SpanKind, StatusCode

import azfiles
from azfiles.observers import OperationEnded, TransferFailed, TryEnded
from azfiles.observers import opentelemetry as names
from azfiles.observers.opentelemetry import Telemetry
from azfiles_sim.messages import Dropped, Reply

from .watched import Kept, World


class Read:
    """A telemetry observer, and what came of it."""

    def __init__(self, **options):
        self.exporter, self.reader = InMemorySpanExporter(), InMemoryMetricReader()
        self.tracers = TracerProvider(**options)
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.observer = Telemetry(tracer_provider=self.tracers, meter_provider=MeterProvider([self.reader]))

    @property
    def spans(self):
        return list(self.exporter.get_finished_spans())

    def points(self, name):
        found = self.reader.get_metrics_data().resource_metrics[0].scope_metrics[0]
        return [point for metric in found.metrics if metric.name == name for point in metric.data.data_points]


@pytest.fixture
def read():
    return Read()


def test_an_operation_is_an_internal_span_and_its_requests_are_client_spans_below_it(read):
    answers = [Reply(503, "", (("x-ms-error-code", "ServerBusy"),)), Dropped(applied=False)]
    kept = Kept()
    world = World(lambda _: answers.pop(0) if answers else None)
    world.client(read.observer, kept).share("data").get_properties()
    *requests, operation = read.spans
    assert [span.name for span in requests] == ["GET /{share}?restype=share"] * 3
    assert {span.kind for span in requests} == {SpanKind.CLIENT}
    assert (operation.name, operation.kind) == ("Get Share Properties", SpanKind.INTERNAL)
    assert {span.parent.span_id for span in requests} == {operation.context.span_id}
    assert {span.context.trace_id for span in requests} == {operation.context.trace_id}
    assert [span.attributes.get("http.request.resend_count") for span in requests] == [None, 1, 2]
    assert [span.status.status_code for span in requests] == [StatusCode.ERROR, StatusCode.ERROR, StatusCode.UNSET]
    assert [span.attributes.get("error.type") for span in requests] == ["Throttled", "TransportError", None]
    assert [span.attributes.get("http.response.status_code") for span in requests] == [503, None, 200]
    sent = [span.attributes["http.request.header.x-ms-client-request-id"] for span in requests]
    assert sent == [(tried.client_request_id,) for tried in kept.of(TryEnded)]
    assert operation.status.status_code is StatusCode.UNSET
    assert operation.attributes["azfiles.tries"] == 3
    assert [event.name for event in operation.events] == ["azfiles.retry"] * 2
    assert operation.attributes["azure.client.id"] == kept[0].client_id
    [ended] = kept.of(OperationEnded)
    assert operation.attributes["azure.service.request.id"] == ended.request_id != ""


def test_what_every_span_must_have_it_has(read):
    World().client(read.observer).share("data").file("a").create(1)
    for span in read.spans:
        assert span.attributes["azure.resource_provider.namespace"] == "Microsoft.Storage"
        assert (span.attributes["server.address"], span.attributes["server.port"]) == ("file.core.windows.net", 443)
        assert "url.full" not in span.attributes
        assert span.instrumentation_scope.schema_url == names.SCHEMA_URL
        assert span.end_time >= span.start_time
    request = read.spans[0].attributes
    assert (request["http.request.method"], request["url.template"]) == ("PUT", "/{share}/{path}")
    assert (request["http.request.body.size"], request["http.response.body.size"]) == (0, 0)


def test_a_request_began_as_long_ago_as_it_took(read):
    world = World()
    world._before = lambda _: world.clock.advance(3) and None
    world.client(read.observer).share("data").get_properties()
    request = read.spans[0]
    assert request.end_time - request.start_time == 3_000_000_000


def test_an_operation_lies_below_the_span_that_is_current(read):
    share = World().client(read.observer).share("data")
    with read.tracers.get_tracer("mine").start_as_current_span("work") as work:
        share.get_properties()
    operation = next(span for span in read.spans if span.name == "Get Share Properties")
    assert operation.parent.span_id == work.get_span_context().span_id


def test_ranges_that_run_side_by_side_in_threads_lie_below_it_too(read):
    file = World().client(read.observer, seed=None).share("data").file("a")
    with read.tracers.get_tracer("mine").start_as_current_span("work") as work:
        file.upload(b"x" * 40, range_size=4)
    puts = [span for span in read.spans if span.name == "Put Range"]
    assert len(puts) == 10
    assert {span.parent.span_id for span in puts} == {work.get_span_context().span_id}
    assert len({span.context.span_id for span in puts}) == 10


def test_an_error_says_its_class_and_code_and_not_its_text(read):
    with pytest.raises(azfiles.NotFound):
        World().client(read.observer).share("data").file("none").get_properties()
    for span in read.spans:
        assert span.status.status_code is StatusCode.ERROR
        assert span.status.description is None
        assert (span.attributes["error.type"], span.attributes["azfiles.error_code"]) == (
            "NotFound",
            "ResourceNotFound",
        )


def test_a_call_that_is_left_ends_its_span_as_cancelled(read):
    flow = azfiles.ShareClient.get_properties.flow(World().client(read.observer).share("data").target)
    flow.send(None)
    flow.send(0.0)
    flow.close()
    [operation] = [span for span in read.spans if span.kind is SpanKind.INTERNAL]
    assert operation.attributes["error.type"] == "cancelled"
    assert not read.observer._open


def test_a_request_of_an_operation_that_began_before_anybody_listened_is_a_span_all_the_same(read):
    kept = Kept()
    World().client(kept).share("data").get_properties()
    for event in kept[1:]:
        read.observer(event)
    [request] = read.spans
    assert (request.kind, request.parent) == (SpanKind.CLIENT, None)


def test_nothing_is_kept_of_what_is_not_sampled():
    read = Read(sampler=ALWAYS_OFF)
    World().client(read.observer).share("data").get_properties()
    assert read.spans == []
    assert not read.observer._open


def test_durations_and_sizes_are_measured_by_request_and_by_operation(read):
    kept = Kept()
    file = World().client(read.observer, kept).share("data").file("a")
    file.upload(b"x" * 100)
    with pytest.raises(azfiles.NotFound):
        file.rename("none/b")
    requests = {
        (point.attributes["url.template"], point.attributes.get("error.type")): point
        for point in read.points("http.client.request.duration")
    }
    assert set(requests) >= {("/{share}/{path}?comp=range", None), ("/{share}/{path}?comp=rename", "NotFound")}
    assert requests["/{share}/{path}?comp=range", None].attributes["http.response.status_code"] == 201
    assert 100 in {point.sum for point in read.points("http.client.request.body.size")}
    assert sum(point.count for point in read.points("http.client.response.body.size")) == len(kept.of(TryEnded))
    operations = {point.attributes["azfiles.operation"]: point for point in read.points("azfiles.operation.duration")}
    assert operations["Put Range"].count == 1
    assert operations["Rename File"].attributes["error.type"] == "NotFound"
    assert operations["Put Range"].explicit_bounds[-1] == 300


def test_leases_circuits_and_failed_transfers_are_measured(read):
    fails = []
    world = World(lambda _: Dropped(applied=False) if fails else None)
    policy = azfiles.CircuitPolicy(least_calls=1)
    share = world.client(read.observer, retry=None, circuit=policy).share("data")
    share.acquire_lease(60)
    assert [point.value for point in read.points("azfiles.lease.active")] == [1]
    share.break_lease()
    assert [point.value for point in read.points("azfiles.lease.active")] == [0]
    fails.append(True)
    with pytest.raises(azfiles.TransportError):
        share.get_properties()
    assert [point.value for point in read.points("azfiles.circuit.state")] in ([2], [])
    world.clock.advance(policy.window_s)
    with pytest.raises(azfiles.AzureFilesError):
        share.get_properties()
    assert [point.value for point in read.points("azfiles.circuit.state")] == [2]
    read.observer(
        TransferFailed(
            endpoint="127.0.0.1:10004",
            client_id="c",
            direction="upload",
            bytes_done=0,
            bytes_total=1,
            status=None,
            error_code="",
            error_kind="TransportError",
        )
    )
    [failed] = read.points("azfiles.transfer.failures")
    assert failed.value == 1
    assert (failed.attributes["server.address"], failed.attributes["server.port"]) == ("127.0.0.1", 10004)


def test_without_providers_the_global_ones_are_used_which_do_nothing_where_none_are_set():
    World().client(Telemetry()).share("data").get_properties()
    assert isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


CONVENTIONS = (
    azure_attributes,
    http_attributes,
    url_attributes,
    error_attributes,
    server_attributes,
    http_metrics,
    stable_http_metrics,
)


def test_the_names_are_those_of_the_conventions():
    known = {value for module in CONVENTIONS for value in vars(module).values() if isinstance(value, str)}
    ours = {
        value
        for name, value in vars(names).items()
        if isinstance(value, str) and name.startswith(("AZURE_", "ERROR_", "HTTP_", "SERVER_", "URL_"))
    }
    assert len(ours) == 15
    assert ours <= known
    assert f"{http_attributes.HTTP_REQUEST_HEADER_TEMPLATE}.x-ms-client-request-id" == names._CLIENT_REQUEST_ID
    assert names.SCHEMA_URL in {schema.value for schema in Schemas}
