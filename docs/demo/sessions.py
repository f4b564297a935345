"""One program, three ways: recorded against the server, replayed without it, and in process under virtual time."""

from __future__ import annotations

import time
from pathlib import Path

from report import Report
from served import Server

import azfiles
from azfiles_sim import ManualClock, Simulator

LEASE_ID = "7d9c3c5e-3f43-4d32-9a51-0d1f5b6a7c10"


def metadata_work(client: azfiles.ServiceClient) -> list[object]:
    """The program: it makes, lists, describes and leases, and returns everything that it was told."""
    share = client.share("session")
    told: list[object] = [share.create(quota_gib=5, metadata={"purpose": "demo"})]
    share.directory("plans").create(metadata={"kind": "folder"})
    for number in range(5):
        share.file(f"plans/plan-{number}.txt").create(1024 * number, metadata={"number": str(number)})
    told += list(share.directory("plans").list(page_size=2))
    file = share.file("plans/plan-3.txt")
    file.set_http_headers(azfiles.HttpHeaders(content_type="text/plain", content_language="en"))
    told += [file.get_properties(), share.get_properties(), share.get_statistics()]
    lease = file.acquire_lease(proposed_id=LEASE_ID)
    try:
        file.set_metadata({"number": "none"})
    except azfiles.LeaseConflict as refusal:
        told.append((refusal.status, refusal.code))
    told.append(file.set_metadata({"number": "three"}, lease_id=lease.id))
    file.release_lease(lease.id)
    told += [item.name for item in client.list_shares(prefix="sess")]
    return told


def record_and_replay(report: Report, server: Server, cassette: Path) -> None:
    secret = server.connection_string.partition("AccountKey=")[2].partition(";")[0]
    recorder = azfiles.recording(azfiles.HttpxTransport(ca_file=server.ca_file), cassette)
    with azfiles.connect(server.connection_string, transport=recorder) as client:
        began = time.perf_counter()
        told = metadata_work(client)
        live = time.perf_counter() - began
    text = cassette.read_text(encoding="utf-8")
    report.fact("cassette", f"{text.count('- request:')} interactions, {len(text):,} characters")
    report.check(
        "it holds no account key, no Authorization and no lease id",
        not any(word in text for word in (secret, "Authorization", LEASE_ID)),
    )
    report.check("the server stopped cleanly (exit code 0)", server.stop() == 0)
    with azfiles.connect(server.connection_string, transport=azfiles.replaying(cassette)) as client:
        began = time.perf_counter()
        replayed = metadata_work(client)
        again = time.perf_counter() - began
    report.check(f"replayed without a server, all {len(told)} results are equal", told == replayed)
    report.fact("time", f"live {live * 1000:.0f} ms, replayed {again * 1000:.0f} ms")


def run_in_virtual_time(report: Report) -> None:
    simulator = Simulator(clock=ManualClock())
    with azfiles.connect(simulator.handle, clock=simulator.clock) as client:
        began = time.perf_counter()
        told = metadata_work(client)
        report.fact(
            "the same program", f"{len(told)} results in {(time.perf_counter() - began) * 1000:.0f} ms, no socket"
        )
        share = client.share("session")
        began = time.perf_counter()
        share.acquire_lease(duration_s=60)
        held = share.get_properties().lease
        simulator.clock.advance(61)
        after = share.get_properties().lease
        milliseconds = (time.perf_counter() - began) * 1000
    states = (held.state if held else None, after.state if after else None)
    report.check(
        f"a lease of 60 s went from {states[0]} to {states[1]} in {milliseconds:.1f} ms",
        states == ("leased", "expired"),
    )
