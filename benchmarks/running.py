"""One client in a process of its own, pinned to a core, and what it used: a fresh process for each run.

``python benchmarks/running.py '{"client": ..., "job": ...}'`` is the child; ``run`` is how a table starts it.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from measuring import CLIENT_CORE, MIB, Missing, Sample
from serving import ROOT, Served, pinned


def run(client: str, job: str, served: Served, **options: Any) -> Sample:
    """Let ``client`` do ``job`` in a new process, and return what it measured of itself."""
    task = {"client": client, "job": job, **served.for_clients}
    ended = subprocess.run(
        [*pinned(CLIENT_CORE), sys.executable, __file__, json.dumps({**task, **options})],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=900,
        check=False,
    )
    if ended.returncode == 3:
        raise Missing(ended.stderr.strip().splitlines()[-1])
    if ended.returncode:
        raise RuntimeError(f"{client} failed at {job} {options}:\n{ended.stderr[-4000:]}")
    sample: Sample = json.loads(ended.stdout)
    return sample


class Meter:
    """What this process uses between ``start`` and ``stop``; memory counts from what it had at the start."""

    def start(self) -> None:
        gc.collect()
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
        self._resident = _status("VmRSS")
        self._used = resource.getrusage(resource.RUSAGE_SELF)
        self._began = time.perf_counter()

    def stop(self) -> Sample:
        wall_s = time.perf_counter() - self._began
        used = resource.getrusage(resource.RUSAGE_SELF)
        cpu_s = used.ru_utime + used.ru_stime - self._used.ru_utime - self._used.ru_stime
        return {"wall_s": wall_s, "cpu_s": cpu_s, "growth_mib": max(0.0, (_status("VmHWM") - self._resident) / MIB)}


def _status(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    return 0


def latencies(seconds: list[float]) -> Sample:
    """Median and 99th percentile in milliseconds."""
    ordered = sorted(seconds)
    return {"p50_ms": ordered[len(ordered) // 2] * 1e3, "p99_ms": ordered[int(len(ordered) * 0.99)] * 1e3}


def main() -> None:
    task: dict[str, Any] = json.loads(sys.argv[1])
    try:
        import clients

        client: Callable[..., Any] = clients.CLIENTS[task.pop("client")]
        sample = client(task)
        if asyncio.iscoroutine(sample):
            sample = asyncio.run(sample)
    except ImportError as missing:
        print(f"{missing.name or missing} is not installed", file=sys.stderr)
        sys.exit(3)
    print(json.dumps(sample))
    sys.stdout.flush()
    os._exit(0)  # what a library does at its end is not measured, and one of them crashes there


if __name__ == "__main__":
    main()
