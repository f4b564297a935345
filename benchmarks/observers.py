"""What observing a client costs an operation: each observer against the same client without any, in the same run.

Run it as ``python benchmarks/observers.py``. The service is a simulator in process, so that an operation costs as little
as it can: over a network it takes a hundred times as long, and the ratios are nearer to 1. CPU time, each pair taken in
turn. That an unobserved client pays next to nothing is the first line: all that is left of observing there, which is one
question whether anybody listens and comparisons with ``None``, against one operation.
"""

from __future__ import annotations

import logging
import statistics
import time
from collections.abc import Callable

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON
from prometheus_client import CollectorRegistry

import azfiles
from azfiles.core.files import get_file_properties
from azfiles.flows.watching import NOBODY, Wire
from azfiles.observers import Logging, Observer
from azfiles.observers.opentelemetry import Telemetry
from azfiles.observers.prometheus import Metrics
from azfiles_sim import Simulator

OPERATIONS = 400
ROUNDS = 9
QUESTIONS = 8
"""How often an unobserved operation compares with ``None`` on its way."""


def report(name: str, ratio: float, goal: float) -> None:
    print(f"{name:<62} {ratio:>8.3f}x   <= {goal:g}x   {'met' if ratio <= goal else 'MISSED'}", flush=True)


def asking(*observers: Observer) -> Callable[[], None]:
    """So many operations of a client that these observe."""
    share = azfiles.connect(Simulator().handle, observers=observers).share("data")
    share.create()
    file = share.file("a")
    file.create(10)

    def work() -> None:
        for _ in range(OPERATIONS):
            file.get_properties()

    return work


def cpu_s(work: Callable[[], None]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def ratio(one: Callable[[], None], other: Callable[[], None]) -> float:
    one(), other()  # neither pays for first uses
    return statistics.median(cpu_s(one) / cpu_s(other) for _ in range(ROUNDS))


def hooks() -> None:
    """What is left of observing where nobody listens, as often as for that many operations."""
    operation, nothing = get_file_properties("data", ("a",)), None
    for _ in range(OPERATIONS):
        NOBODY.begin(operation, 0.0)
        Wire()
        for _ in range(QUESTIONS):
            if nothing is not None:
                raise AssertionError


def logging_to(level: int) -> Logging:
    logger = logging.getLogger(f"benchmark.{level}")
    logger.setLevel(level)
    logger.propagate = False
    logger.addHandler(logging.NullHandler())
    return Logging(logger)


def telemetry(*, sampled: bool) -> Telemetry:
    tracer = TracerProvider(sampler=ALWAYS_ON if sampled else ALWAYS_OFF)
    return Telemetry(tracer_provider=tracer, meter_provider=MeterProvider([InMemoryMetricReader()]))


def main() -> None:
    plain = asking()
    report("nobody listens: what is left / an operation", ratio(hooks, plain), 0.02)
    for name, observer, goal in [
        ("a function that does nothing / nobody", lambda _: None, 1.3),
        ("Logging, level WARNING / nobody", logging_to(logging.WARNING), 1.4),
        ("Logging, level DEBUG, written nowhere / nobody", logging_to(logging.DEBUG), 2.5),
        ("Metrics / nobody", Metrics(CollectorRegistry()), 1.5),
        ("Telemetry, nothing sampled / nobody", telemetry(sampled=False), 2.5),
        ("Telemetry, everything sampled / nobody", telemetry(sampled=True), 4),
    ]:
        report(name, ratio(asking(observer), plain), goal)


if __name__ == "__main__":
    main()
