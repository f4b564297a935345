"""What is counted, over a client's whole life; and circuits of several clients under one name."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

import azfiles
from azfiles.observers import CircuitChanged, OperationBegan, TransferFailed
from azfiles.observers.prometheus import LATENCY_BUCKETS_S, SILENCE_S, Metrics
from azfiles_sim.messages import Dropped, Reply
from tests.proof import THOROUGH

from .watched import World

HOST = "file.core.windows.net"
BUSY = Reply(503, "", (("x-ms-error-code", "ServerBusy"),))


@pytest.fixture
def registry():
    return CollectorRegistry()


def value(registry, name, **labels):
    return registry.get_sample_value(name, {"endpoint": HOST, **labels})


def test_operations_bytes_and_time_are_counted(registry):
    file = World().client(Metrics(registry)).share("data").file("a")
    file.upload(b"x" * 5_000_000)
    file.download()
    assert value(registry, "azure_files_operations_total", operation="Put Range", outcome="success") == 2
    assert value(registry, "azure_files_bytes_total", operation="Put Range", direction="sent") == 5_000_000
    assert value(registry, "azure_files_bytes_total", operation="Get File", direction="received") == 5_000_000
    assert value(registry, "azure_files_latency_seconds_count", operation="Put Range") == 2
    assert value(registry, "azure_files_circuit_breaker_state") == 0
    assert value(registry, "azure_files_active_leases") == 0


def test_a_refusal_a_failure_and_a_retry_are_told_apart(registry):
    answers = []
    file = World(lambda _: answers.pop() if answers else None).client(Metrics(registry)).share("data").file("a")
    file.create(3)
    answers.append(BUSY)
    file.put_range(0, b"abc")
    with pytest.raises(azfiles.NotFound):
        file.rename("none/b")
    answers.append(Dropped(applied=False))
    with pytest.raises(azfiles.TransportError):
        file.with_retry(None).put_range(0, b"abc")

    def errors(operation, outcome, error_kind, error_code):
        labels = {"operation": operation, "outcome": outcome, "error_kind": error_kind, "error_code": error_code}
        return value(registry, "azure_files_errors_total", **labels)

    assert errors("Put Range", "retried", "Throttled", "ServerBusy") == 1
    assert errors("Rename File", "refused", "NotFound", "ParentNotFound") == 1
    assert errors("Put Range", "failed", "TransportError", "") == 1
    outcomes = {"success": 1, "failed": 1, "refused": None}
    for outcome, count in outcomes.items():
        assert value(registry, "azure_files_operations_total", operation="Put Range", outcome=outcome) == count
    assert value(registry, "azure_files_bytes_total", operation="Put Range", direction="sent") == 9


def test_time_has_the_waits_between_tries_in_it(registry):
    answers = [Reply(503, "", (("x-ms-error-code", "ServerBusy"), ("Retry-After", "4")))]
    World(lambda _: answers.pop() if answers else None).client(Metrics(registry)).share("data").get_properties()
    buckets = [
        value(registry, "azure_files_latency_seconds_bucket", operation="Get Share Properties", le=str(edge))
        for edge in LATENCY_BUCKETS_S
    ]
    assert buckets[LATENCY_BUCKETS_S.index(2.0) :][:2] == [0, 1]


def test_a_transfer_that_fails_is_an_error_of_a_name_of_its_own(registry):
    metrics = Metrics(registry)
    metrics(
        TransferFailed(
            endpoint=HOST,
            client_id="c",
            direction="upload",
            bytes_done=1,
            bytes_total=2,
            status=500,
            error_code="InternalError",
            error_kind="ServerFault",
        )
    )
    labels = {"outcome": "failed", "error_kind": "ServerFault", "error_code": "InternalError"}
    assert value(registry, "azure_files_errors_total", operation="Transfer (upload)", **labels) == 1


def test_leases_are_counted_up_and_down(registry):
    share = World().client(Metrics(registry)).share("data")
    share.acquire_lease(15, proposed_id="aaaaaaaa-0000-4000-8000-000000000001")
    share.file("a").create(1)
    lease = share.file("a").acquire_lease()
    assert value(registry, "azure_files_active_leases") == 2
    share.file("a").release_lease(lease.id)
    share.break_lease(period_s=0)
    assert value(registry, "azure_files_active_leases") == 0


def test_several_clients_have_one_observer_and_a_registry_takes_one():
    registry = CollectorRegistry()
    metrics, world = Metrics(registry), World()
    for _ in range(3):
        world.client(metrics).share("data").get_properties()
    assert value(registry, "azure_files_operations_total", operation="Get Share Properties", outcome="success") == 3
    with pytest.raises(ValueError, match="azure_files_operations"):
        Metrics(registry)


def test_threads_that_work_at_once_are_all_counted(registry):
    share = World().client(Metrics(registry), seed=None).share("data")

    def work():
        for _ in range(20):
            share.get_properties()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value(registry, "azure_files_operations_total", operation="Get Share Properties", outcome="success") == 80
    assert value(registry, "azure_files_latency_seconds_count", operation="Get Share Properties") == 80


class Clock:
    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        return self.now_s


STATES = {"closed": 0, "half-open": 1, "open": 2}


def changed(client_id, state, era):
    return CircuitChanged(endpoint=HOST, client_id=client_id, former="closed", state=state, era=era)


def began(client_id):
    named = {"operation": "Get File", "call": 1, "method": "GET", "url_template": "/"}
    return OperationBegan(endpoint=HOST, client_id=client_id, **named)


def circuit(registry):
    return value(registry, "azure_files_circuit_breaker_state")


@pytest.mark.parametrize("state", STATES)
def test_the_state_of_a_circuit_has_its_number(registry, state):
    Metrics(registry)(changed("one", state, 1))
    assert circuit(registry) == STATES[state]


def test_the_worst_circuit_of_an_endpoint_counts(registry):
    metrics = Metrics(registry)
    for client, state, era, worst in [
        ("one", "open", 1, 2),
        ("other", "open", 1, 2),
        ("other", "half-open", 2, 2),
        ("other", "closed", 3, 2),
        ("one", "half-open", 2, 1),
        ("one", "closed", 3, 0),
    ]:
        metrics(changed(client, state, era))
        assert circuit(registry) == worst


def test_a_change_that_is_told_late_changes_nothing(registry):
    metrics = Metrics(registry)
    for state, era in [("half-open", 2), ("open", 1), ("closed", 3), ("half-open", 2)]:
        metrics(changed("one", state, era))
    assert circuit(registry) == 0


def test_a_client_of_which_nothing_is_heard_any_more_does_not_count(registry):
    clock = Clock()
    metrics = Metrics(registry, monotonic=clock)
    metrics(changed("one", "open", 1))
    clock.now_s = SILENCE_S - 1
    metrics(began("one"))
    clock.now_s += SILENCE_S
    assert circuit(registry) == 2
    clock.now_s += 1
    metrics(began("other"))
    assert circuit(registry) == 0
    metrics(changed("one", "half-open", 2))
    assert circuit(registry) == 1


def test_an_outage_is_seen_from_beginning_to_end(registry):
    world = World()
    ends_s = world.clock.time() + 20
    world._before = lambda _: Dropped(applied=False) if world.clock.time() < ends_s else None
    policy = azfiles.CircuitPolicy(least_calls=4, open_s=30.0)
    share = world.client(Metrics(registry), retry=None, circuit=policy).share("data")
    for _ in range(4):
        assert circuit(registry) in {None, 0}
        with pytest.raises(azfiles.TransportError):
            share.get_properties()
    assert circuit(registry) == 2
    world.clock.advance(31)
    share.get_properties()
    assert circuit(registry) == 0


PROCESS = """
import azfiles, sys
from prometheus_client import CollectorRegistry
from azfiles.observers.prometheus import Metrics
from azfiles.observers import CircuitChanged
from azfiles_sim import Simulator
metrics = Metrics(CollectorRegistry())
share = azfiles.connect(Simulator().handle, observers=[metrics]).share("data")
share.create()
share.acquire_lease(60)
states = sys.argv[1:]
for era, state in enumerate(states, 1):
    metrics(CircuitChanged(endpoint="file.core.windows.net", client_id="c", former="closed", state=state, era=era))
import os; os._exit(0)  # as if it still lived: what has exited is not counted
"""


@pytest.mark.skipif(not THOROUGH, reason="starts two processes: AZFILES_THOROUGH=1, as in CI, has it")
def test_of_several_processes_leases_are_added_up_and_the_worst_circuit_counts(tmp_path, registry):
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    processes = [
        subprocess.Popen([sys.executable, "-c", PROCESS, *states], env=environment)
        for states in (("open",), ("open", "closed"))
    ]
    assert [process.wait(30) for process in processes] == [0, 0]
    MultiProcessCollector(registry, path=str(tmp_path))
    assert value(registry, "azure_files_active_leases") == 2
    assert circuit(registry) == 2
    assert value(registry, "azure_files_operations_total", operation="Create Share", outcome="success") == 2
