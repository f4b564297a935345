"""The server that all clients use: the simulator, served by a process of its own that is pinned to one core."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from measuring import SERVER_CORE

import azfiles

_ALL_THREADS = 2  # how Linux makes a clock's number of a process's: clock_getcpuclockid(3), which Python does not have

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Served:
    """A served simulator: where, as whom, and the process behind it."""

    endpoint: str
    connection_string: str
    ca_file: str | None
    pid: int
    sas: str = ""

    @property
    def for_clients(self) -> dict[str, str | None]:
        """What a client in another process has to know."""
        return {"connection_string": self.connection_string, "ca_file": self.ca_file, "sas": self.sas}


def pinned(core: int) -> list[str]:
    """What to put before a command so that it stays on ``core``; nothing where the system cannot."""
    return ["taskset", "-c", str(core)] if shutil.which("taskset") else []


@contextmanager
def simulator(*options: str, entries: tuple[int, ...] = (), md5: bool = False) -> Iterator[Served]:
    """A simulator in memory that holds the share of the benchmarks, and in it a directory ``d<n>`` of ``n`` files for
    each of ``entries``. Requests are authenticated. Without ``md5`` the service's own MD5 of each range is left out: else
    every client's upload would be measured at the speed of the server's MD5.
    """
    chosen = [*options, *([] if md5 else ["--no-range-md5"])]
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *pinned(SERVER_CORE), sys.executable, "-m", "azfiles_sim",
            "serve", "--port", "0", "--json", "--ca-dir", folder, *chosen,
        ]  # fmt: skip
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
            try:
                assert process.stdout is not None
                ready = json.loads(process.stdout.readline())
                served = Served(ready["endpoint"], ready["connection_string"], ready["ca_file"], process.pid)
                yield _filled(served, entries)
            finally:
                process.terminate()


def _filled(served: Served, entries: tuple[int, ...]) -> Served:
    with azfiles.connect(served.connection_string, ca_file=served.ca_file) as service:
        share = service.share("bench")
        share.create()
        share.directory("files").create()
        for count in entries:
            share.directory(f"d{count}").create()
            for number in range(count):
                share.file(f"d{count}/entry-{number:06}.txt").create(0)
        sas = service.make_sas(permissions="rwdlc", resource_types="sco", https_only=False)
    return replace(served, sas=sas.token)


def processor_s(pid: int) -> float:
    """Processor time that a process has used, in seconds. Linux only: read off its own clock, as ``/proc/PID/stat``
    counts in hundredths of a second, in which a server answers a hundred requests.
    """
    return time.clock_gettime_ns(~pid << 3 | _ALL_THREADS) / 1e9


def resident_bytes(pid: int) -> int:
    """Memory that a process holds now."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def peak_bytes(pid: int) -> int:
    """The most memory that a process has held; 0 where it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
