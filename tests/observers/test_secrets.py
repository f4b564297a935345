"""The forty planted kinds of secrets, and a client's own: none in an event, a log, a metric, a trace or an exception."""

from __future__ import annotations

import base64
import logging
import traceback
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry, generate_latest

import azfiles
from azfiles.address import Endpoint, split_path
from azfiles.cassette.interactions import Lost
from azfiles.core.operation import Kind, Operation
from azfiles.credentials import Anonymous
from azfiles.flows.call import call
from azfiles.flows.targets import Session
from azfiles.messages import Response
from azfiles.observers import Logging
from azfiles.observers.opentelemetry import Telemetry
from azfiles.observers.prometheus import Metrics
from azfiles_sim.messages import Reply
from tests.cassette.plants import ACCOUNT, PLANTS, guid, key, signature, spellings, token
from tests.proof import some

from .watched import Kept, Saying, World, response


@dataclass
class Everything:
    """One of each observer, and all that can be read from them afterwards."""

    kept: Kept = field(default_factory=Kept)
    told: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.registry = CollectorRegistry()
        self.spans, self.reader = InMemorySpanExporter(), InMemoryMetricReader()
        tracer = TracerProvider()
        tracer.add_span_processor(SimpleSpanProcessor(self.spans))
        telemetry = Telemetry(tracer_provider=tracer, meter_provider=MeterProvider([self.reader]))
        self.observers = [self.kept, Logging(), Metrics(self.registry), telemetry]

    def caught(self, error: BaseException) -> None:
        """An exception as it would be shown, with its attributes and all that led to it."""
        self.told += [str(error), repr(error), repr(vars(error)), "".join(traceback.format_exception(error))]
        self.told += getattr(error, "__notes__", [])

    def shown(self, log: pytest.LogCaptureFixture) -> str:
        assert self.kept
        assert log.records
        assert self.spans.get_finished_spans()
        fields = [repr(vars(record)) for record in log.records]
        spans = [span.to_json() for span in self.spans.get_finished_spans()]
        measured = self.reader.get_metrics_data().to_json()
        counted = generate_latest(self.registry).decode()
        return "\n".join([*self.told, *map(repr, self.kept), log.text, *fields, *spans, measured, counted])


def leaks(text: str, secrets: list[str]) -> list[str]:
    return [secret for secret in secrets if any(one.decode() in text for one in spellings(secret))]


def asked(plant) -> tuple[Endpoint, Operation[Response]]:
    """The request of a plant as an operation, and where it goes."""
    request = plant.where.request
    parts = urlsplit(request.uri)
    query = tuple(tuple(pair.partition("=")[::2]) for pair in parts.query.split("&") if pair)
    operation = Operation(
        name="Get File" if request.method == "GET" else "Put Range",
        kind=Kind.LEASE if "lease" in plant.kind else Kind.DATA,
        method=request.method,
        path=split_path(parts.path),
        success=(200, 201),
        parse=lambda answer: answer,
        query=query,
        headers=request.headers,
        body=(request.body,),
    )
    return Endpoint(f"{parts.scheme}://{parts.netloc}", ACCOUNT), operation


def answered(plant, status=None) -> Response | Exception:
    """What the service says; or with a status, how it refuses, quoting the headers as it does where it checks them."""
    came = plant.where.response
    if isinstance(came, Lost):
        return azfiles.TransportError(came.message.replace(plant.secret, "REDACTED"), sent=True)
    if status is None:
        return response(came.status, came.body, came.headers)
    quoted = "\n".join(f"{name}:{escape(value)}" for name, value in plant.where.request.headers)
    said = escape(came.body.decode()) if "in an error" in plant.kind else "No"
    detail = f"<AuthenticationErrorDetail>{quoted}\n{said}</AuthenticationErrorDetail>"
    body = f"<Error><Code>Refused</Code><Message>{said}</Message>{detail}</Error>"
    return response(status, body.encode(), came.headers)


@pytest.mark.parametrize("status", some([None, 403, 503, 404, 409, 412, 500], 3))
@pytest.mark.parametrize("retry", some([azfiles.RetryPolicy(attempts=2, base_s=0), None], 1))
def test_no_planted_secret_comes_out_whatever_is_answered(caplog, retry, status):
    everything = Everything()
    caplog.set_level(logging.DEBUG)
    for plant in PLANTS:
        endpoint, operation = asked(plant)
        transport = Saying([answered(plant, status)] * 2)
        client = azfiles.connect(
            "UseDevelopmentStorage=true", transport=transport, observers=everything.observers, retry=retry
        )
        watched = client.target.session
        session = Session(endpoint, Anonymous(), "2025-11-05", retry=retry, health=watched.health, watch=watched.watch)
        try:
            client.runner.run(call(session, operation))
        except azfiles.AzureFilesError as error:
            everything.caught(error)
        assert len(transport.requests) >= 1
    assert len(everything.kept) >= 3 * len(PLANTS)
    shown = everything.shown(caplog)
    # Of accounts and addresses an error speaks to its own caller: they are part of what was asked, and no key to it.
    known_to_the_caller = ("account in", "account of", "address", "last address")
    secret = [plant.secret for plant in PLANTS if not plant.kind.startswith(known_to_the_caller)]
    assert len(secret) >= 30
    assert leaks(shown, secret) == []
    told = "\n".join(map(repr, everything.kept)) + caplog.text
    assert leaks(told, [plant.secret for plant in PLANTS]) == []


def test_what_is_planted_really_goes_over_the_wire_so_the_test_above_means_something():
    seen = set()
    for plant in PLANTS:
        endpoint, operation = asked(plant)
        came = answered(plant)
        wire = [endpoint.url_of(operation.path), repr(operation.query), repr(operation.headers), repr(operation.body)]
        if isinstance(came, Response):
            wire += [repr(came.headers.pairs), repr(bytes(came.body))]
        if leaks("\n".join(wire), [plant.secret]):
            seen.add(plant.kind)
    assert len(seen) >= len(PLANTS) - 2


SAS, KEY, TOKEN = signature("own sas"), key("own key"), token("own token")
IDS = [guid(f"own lease {number}") for number in range(4)]
CONTENT = key("own content")


class Tokens:
    """A credential that gives one token."""

    token = TOKEN

    def get_token(self, *scopes, **options):
        return self


CREDENTIALS = {
    "key": azfiles.SharedKey("devstoreaccount1", KEY),
    "signature": azfiles.Sas(f"sv=2025-11-05&sp=rwdl&sig={SAS}"),
    "token": azfiles.Token(Tokens()),
}
OWN = [SAS, KEY, TOKEN, CONTENT, *IDS, base64.b64encode(CONTENT.encode()).decode()]


def locked(resource):
    """Under a lock, which somebody breaks."""
    if isinstance(resource, azfiles.FileClient):
        resource.create(1)
    with resource.lock() as lock:
        resource.break_lease()
        lock.check()


def leaking_acts(share: azfiles.ShareClient):
    """Operations with a secret in all places that take one."""
    file = share.file("folder/a")
    source = f"https://myaccount.file.core.windows.net/s/f?sv=1&sig={SAS}"
    lease = {"lease_id": IDS[0]}
    yield lambda: share.acquire_lease(15, proposed_id=IDS[0])
    yield lambda: share.change_lease(IDS[0], IDS[1])
    yield lambda: share.renew_lease(IDS[1])
    yield lambda: share.release_lease(IDS[1])
    yield share.break_lease
    yield lambda: file.create(100, metadata={"secret": KEY})
    yield lambda: file.acquire_lease(proposed_id=IDS[0])
    yield lambda: file.put_range(0, CONTENT.encode(), **lease)
    yield lambda: file.put_range(0, b"abc", lease_id=IDS[3])
    yield lambda: file.upload(CONTENT.encode() * 3, **lease)
    yield lambda: file.download(**lease)
    yield lambda: file.set_metadata({"secret": TOKEN}, **lease)
    yield lambda: file.rename("folder/b", source_lease_id=IDS[0], destination_lease_id=IDS[2])
    yield lambda: file.start_copy(source, **lease)
    yield lambda: file.put_range_from_url(0, 10, source, 0, source_token=TOKEN, **lease)
    yield lambda: file.update(lambda content: content + CONTENT.encode())
    yield lambda: locked(share)
    yield lambda: locked(share.file("folder/locked"))
    yield lambda: file.delete(lease_id=IDS[3])
    yield lambda: file.delete(**lease)


@pytest.mark.parametrize(
    ("refuses", "credential"),
    [("", ""), ("everything", "key"), *(("and quotes all of it", credential) for credential in CREDENTIALS)],
)
def test_a_clients_own_secrets_stay_its_own(caplog, credential, refuses):
    """On the simulator; and against a service that refuses and tells in its answer what it was asked."""
    everything = Everything()
    caplog.set_level(logging.DEBUG, "azfiles")
    sent, leases = [], set()

    def before(request):
        sent.append(f"{request.target} {request.headers} {[bytes(part) for part in request.body]}")
        leases.update(value for name, value in request.headers if name.endswith("lease-id"))
        if not refuses:
            return None
        quoted = "\n".join(f"{name}:{escape(value)}" for name, value in request.headers)
        detail = f"<AuthenticationErrorDetail>{quoted}\n{escape(request.target)}</AuthenticationErrorDetail>"
        body = f"<Error><Code>AuthenticationFailed</Code><Message>No</Message>{detail}</Error>"
        return Reply(403, "No", (), (body.encode() if "quotes" in refuses else b"",))

    world = World(before)
    if refuses:
        credential = CREDENTIALS[credential]
        account = azfiles.connect(world.handle, credential, retry=None, observers=everything.observers)
    else:
        azfiles.connect(world.simulator.handle, clock=world.clock).share("data").directory("folder").create()
        account = world.client(*everything.observers, retry=None)
    share = account.share("data")
    for act in leaking_acts(share):
        try:
            act()
        except azfiles.AzureFilesError as error:
            everything.caught(error)
    shown = everything.shown(caplog)
    assert leaks(shown, [*OWN, *leases]) == []
    assert len(sent) >= 18
    assert leases >= set(IDS)
    assert len(leases) >= len(IDS) + 2  # those of locks and swaps, that nobody chose
    if refuses:
        assert leaks("\n".join(sent), OWN[:-1])
