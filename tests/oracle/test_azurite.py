"""The process and its clock: without them no comparison is worth anything."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from . import steps as s
from .answers import BEGIN
from .azurite import VERSION
from .bench import Bench, simulator
from .drivers import Driver

ACQUIRE = s.Lease(s.SHARE, "acquire", proposed="A", duration_s=15)


def lease_after(driver: Driver, ms: int) -> str:
    driver.now = BEGIN
    driver.do(s.Anew())
    driver.do(s.Create(s.SHARE))
    driver.do(ACQUIRE)
    driver.now = BEGIN + timedelta(milliseconds=ms)
    return driver.do(s.Show(s.SHARE)).get("lease")


def test_both_sides_end_a_lease_at_the_very_millisecond(bench: Bench) -> None:
    azurite = bench.azurite()
    for driver in (azurite, simulator(azurite.account)):
        shown = [lease_after(driver, ms) for ms in (14_999, 15_000, 15_001)]
        assert shown == ["locked leased fixed", "unlocked expired", "unlocked expired"]


def test_azurite_is_the_version_that_the_tables_are_of(bench: Bench) -> None:
    azurite = bench.azurite()
    _, headers, _ = azurite.side.send("GET", f"/{azurite.account}/", [("Host", "127.0.0.1")], b"", BEGIN)
    assert dict(headers)["Server"] == f"Azurite-Blob/{VERSION}"


def test_a_write_under_a_clock_that_stands_still_gives_a_new_etag(bench: Bench) -> None:
    azurite = bench.azurite()
    azurite.do(s.Create(s.SHARE))
    assert {azurite.do(s.SetMetadata(s.SHARE)).get("etag") for _ in range(200)} == {"new"}


ORPHAN = """
import os
from tests.oracle.azurite import Azurite
print(Azurite()._process.pid, flush=True)
os._exit(1)
"""


def test_azurite_ends_with_the_process_that_started_it_however_that_ends(bench: Bench) -> None:
    root = Path(__file__).resolve().parents[2]
    told = subprocess.run([sys.executable, "-c", ORPHAN], cwd=root, stdout=subprocess.PIPE, text=True, check=False)
    pid = int(told.stdout)
    deadline = time.monotonic() + 20
    while is_alive(pid):
        assert time.monotonic() < deadline, "Azurite outlived its parent"
        time.sleep(0.02)  # for a process of its own there is no virtual time


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return (
        Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z" if Path("/proc").exists() else True
    )
