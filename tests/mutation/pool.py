"""Jobs in forked children, some at a time: each starts with everything that this process has loaded."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import select
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")
MEMORY_BYTES: Final = 4 * 1024**3


@dataclass(frozen=True)
class Job(Generic[T]):
    """``run`` gives what JSON can hold. A child that takes longer than ``limit_s`` is stopped."""

    about: T
    run: Callable[[], Any]
    limit_s: float


@dataclass(frozen=True)
class Ended(Generic[T]):
    """``answer`` is None where the child ended without one: it ran out of time, or something ended it."""

    about: T
    answer: Any
    timed_out: bool
    seconds: float


def run_all(jobs: Iterable[Job[T]], workers: int) -> Iterator[Ended[T]]:
    """Run the jobs and yield how each ended, in the order in which they do."""
    waiting = iter(jobs)
    running: dict[int, tuple[int, Job[T], float]] = {}
    gc.collect()
    gc.freeze()  # a collection in a child would copy the pages that it shares with its parent
    try:
        while True:
            while len(running) < workers and (job := next(waiting, None)) is not None:
                reader, pid = _start(job)
                running[reader] = (pid, job, time.monotonic())
            if not running:
                return
            readers, _, _ = select.select(list(running), [], [], 0.5)
            for reader, (pid, job, began) in list(running.items()):
                seconds = time.monotonic() - began
                late = seconds > job.limit_s
                if late:
                    _end(pid)
                if late or reader in readers:
                    del running[reader]
                    yield _ended(reader, pid, job, seconds)
    finally:
        for reader, (pid, _, _) in running.items():
            _end(pid)
            os.close(reader)
            os.waitpid(pid, 0)


def allow_cpu(seconds: float) -> None:
    """End this process when it has used so much processor time from now on; 0 lifts the limit.

    Processor time, so that a busy machine ends nobody. The signal's own effect ends the process, whatever it is doing.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)


def _start(job: Job[T]) -> tuple[int, int]:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # the child has done it, or is gone
            os.setpgid(pid, pid)
        os.close(writer)
        return reader, pid
    status = 1
    try:
        os.setpgid(0, 0)
        os.close(reader)
        quiet = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(quiet, stream)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        answer = json.dumps(job.run()).encode()
        with os.fdopen(writer, "wb") as out:
            out.write(answer)
        status = 0
    finally:
        os._exit(status)  # no exit handler of the parent runs here


def _end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _ended(reader: int, pid: int, job: Job[T], seconds: float) -> Ended[T]:
    with os.fdopen(reader, "rb") as source:
        text = source.read()
    _, status = os.waitpid(pid, 0)
    stopped = os.WIFSIGNALED(status) and os.WTERMSIG(status) in {signal.SIGPROF, signal.SIGKILL}
    return Ended(job.about, json.loads(text) if text else None, stopped and not text, seconds)
