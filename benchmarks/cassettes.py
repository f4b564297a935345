"""Loading, recording and saving cassettes, and the memory all that takes: this project against vcrpy in the same run.

Run it as ``python benchmarks/cassettes.py``; ``--large`` adds the 1 GiB session, which needs as much disk twice. CPU times
and peaks of memory are this machine's kernel's; each line is a ratio to vcrpy, or to what it says, beside its goal. For
replaying see ``replay.py``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import vcr
import vcr.serialize
from replay import BODY, ORIGIN, cpu_of, load_vcrpy, make_interaction
from vcr.serializers import yamlserializer

from azfiles.cassette import cache
from azfiles.cassette.document import read_cassette
from azfiles.cassette.interactions import Interaction
from azfiles.cassette.writing import write_cassette
from azfiles.messages import Headers, Request, Response
from azfiles.transports.recording import recording
from azfiles.transports.replaying import replaying

LOADED = 2000
RECORDED = 1000
MIB = 1024 * 1024
LARGE_BODY = 100 * 1000 * 1000
RANGE = 4 * MIB


def report(name: str, ratio: float, goal: float, *, at_least: bool = False) -> None:
    met = ratio >= goal if at_least else ratio <= goal
    sign = ">=" if at_least else "<="
    print(f"{name:<58} {ratio:>8.2f}x   {sign} {goal:g}x   {'met' if met else 'MISSED'}", flush=True)


def median_ratio(rounds: int, ours: Callable[[], float], theirs: Callable[[], float]) -> tuple[float, float]:
    """Medians in seconds, taken in turn."""
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def write_vcrpy(path: Path, found: list[Interaction]) -> None:
    """The interactions as vcrpy itself writes them."""
    requests = [
        vcr.request.Request(one.request.method, one.request.uri, one.request.body, dict(one.request.headers))
        for one in found
    ]
    responses = [
        {
            "status": {"code": one.response.status, "message": one.response.reason},
            "headers": {name: [value] for name, value in one.response.headers},
            "body": {"string": one.response.body},
        }
        for one in found
    ]
    path.write_text(vcr.serialize.serialize({"requests": requests, "responses": responses}, yamlserializer))


# --- loading ---------------------------------------------------------------------------------------------------------


def loading(folder: Path) -> None:
    path = folder / "loaded.yaml"
    write_vcrpy(path, [make_interaction(number) for number in range(LOADED)])

    def uncached() -> float:
        os.environ[cache.VARIABLE] = "off"
        return cpu_of(lambda: read_cassette(path) and None)

    def cached() -> float:
        os.environ[cache.VARIABLE] = str(folder / "cache")
        return cpu_of(lambda: read_cassette(path) and None)

    ours, theirs = median_ratio(3, uncached, lambda: cpu_of(lambda: load_vcrpy(path)))
    report(f"load YAML, {LOADED} interactions: vcrpy / ours", theirs / ours, 3, at_least=True)
    cached()
    ours, theirs = median_ratio(3, cached, lambda: cpu_of(lambda: load_vcrpy(path)))
    report(f"load cached, {LOADED} interactions: vcrpy / ours", theirs / ours, 30, at_least=True)
    os.environ[cache.VARIABLE] = "off"
    ours, theirs = (peak_of(who, str(path)) for who in ("read-ours", "read-vcrpy"))
    report(f"memory to load {LOADED} interactions: ours / vcrpy", ours / theirs, 0.35)


def recordings(folder: Path) -> None:
    """The same on the real recordings, where there are any."""
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        print("no recorded sessions of the real service: AZFILES_RECORDINGS names no folder with any")
        return
    os.environ[cache.VARIABLE] = "off"

    def ours() -> float:
        return cpu_of(lambda: [read_cassette(path) for path in paths] and None)

    mine, theirs = median_ratio(3, ours, lambda: cpu_of(lambda: [load_vcrpy(path) for path in paths] and None))
    report(f"load {len(paths)} real recordings: vcrpy / ours", theirs / mine, 1, at_least=True)


def large_body(folder: Path) -> None:
    """One body of 100 MB in vcrpy's own file."""
    path = folder / "large.yaml"
    one = make_interaction(0)
    body = os.urandom(MIB) * (LARGE_BODY // MIB)
    write_vcrpy(path, [replace(one, response=replace(one.response, body=body))])
    size = len(body)
    del body
    report("replay a binary body of 100 MB: peak / its size", peak_of("replay-large", str(path)) / size, 1.3)
    report("the same with vcrpy, for comparison", peak_of("read-vcrpy", str(path)) / size, 99)
    path.unlink()


# --- recording -------------------------------------------------------------------------------------------------------


class Service:
    """Answers as the benchmark's interactions were answered, over httpx's own mock: what a plain operation costs."""

    def __init__(self) -> None:
        headers = [
            (name.encode(), value.encode()) for name, value in make_interaction(0).response.headers if name != "Date"
        ]
        self._client = httpx.Client(
            transport=httpx.MockTransport(lambda _: httpx.Response(206, headers=headers, content=BODY))
        )

    def send(self, request: Request, timeout_s: float) -> Response:
        reply = self._client.request(
            request.method, request.origin + request.target, headers=list(request.headers), timeout=timeout_s
        )
        return Response(reply.status_code, reply.reason_phrase, Headers(reply.headers.multi_items()), reply.content)

    def close(self) -> None:
        self._client.close()


def recording_costs(folder: Path) -> None:
    requests = [
        Request(one.request.method, one.request.uri.removeprefix(ORIGIN), one.request.headers, (), ORIGIN)
        for one in map(make_interaction, range(RECORDED))
    ]
    service = Service()
    os.environ[cache.VARIABLE] = "off"

    def plain() -> float:
        return cpu_of(lambda: [service.send(request, 10.0) for request in requests] and None)

    saves: list[float] = []

    def recorded() -> float:
        recorder = recording(service, folder / "recorded.yaml")
        spent = cpu_of(lambda: [recorder.send(request, 10.0) for request in requests] and None)
        saves.append(cpu_of(recorder.save))
        return spent

    ours, base = median_ratio(3, recorded, plain)
    report(f"record, {RECORDED} operations: ours / plain", ours / base, 1.5)
    found = [make_interaction(number) for number in range(RECORDED)]
    theirs = statistics.median(cpu_of(lambda: write_vcrpy(folder / "saved.yaml", found)) for _ in range(3))
    report(f"save {RECORDED} interactions, replayed once: ours / vcrpy", statistics.median(saves) / theirs, 1)


def streamed(folder: Path) -> None:
    """1 GiB up and 1 GiB down in ranges of 4 MiB, recorded and replayed."""
    for who in ("record-stream", "replay-stream"):
        report(f"{who} 1 GiB up and down: peak / 64 MiB", peak_of(who, str(folder / "stream.yaml")) / (64 * MIB), 1)


def stream(transport: Transporting, total: int) -> None:
    content, sink = bytearray(os.urandom(RANGE)), memoryview(bytearray(RANGE))
    content[:8] = bytes(8)
    for number in range(total // RANGE):
        content[:8] = number.to_bytes(8, "big")
        content[8:RANGE] = (bytes([number % 251]) * (RANGE - 8))[: RANGE - 8]
        span = (("x-ms-range", f"bytes={number * RANGE}-{(number + 1) * RANGE - 1}"),)
        put = Request("PUT", "/share/file?comp=range", span, (memoryview(content),), ORIGIN)
        if transport.send(put, 10.0).status != 201:
            raise SystemExit("a range was not written")
        get = Request("GET", "/share/file", span, (), ORIGIN, sink)
        if transport.send(get, 10.0).body[:8] != content[:8]:
            raise SystemExit("a replayed range is not the recorded one")


class Echoing:
    """A service that remembers the last range only: the file is as large as one likes, and costs nothing."""

    def __init__(self) -> None:
        self._last = bytearray(RANGE)

    def send(self, request: Request, timeout_s: float) -> Response:  # noqa: ARG002 - the protocol has it
        if request.method == "PUT":
            self._last[:] = request.body[0]
            return Response(201, "Created", Headers())
        sink = request.sink or memoryview(bytearray(RANGE))
        sink[:] = self._last
        return Response(206, "Partial Content", Headers([("Content-Length", str(RANGE))]), sink)

    def close(self) -> None:
        """Nothing is open."""


Transporting = Echoing | object

# --- peaks of memory, each in a process of its own ---------------------------------------------------------------------


def peak_of(what: str, path: str) -> float:
    """Bytes that ``what`` takes at its peak over what it starts with."""
    command = [sys.executable, __file__, "--measure", what, path]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout))


def status(field: str) -> int:
    """A line of the kernel's account of this process, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise SystemExit(f"{field} is not told on this system")


def measure(what: str, path: str) -> None:
    work: dict[str, Callable[[], object]] = {
        "read-ours": lambda: read_cassette(path),
        "read-vcrpy": lambda: vcr.serialize.deserialize(Path(path).read_text(), yamlserializer),
        "replay-large": lambda: replaying(path).send(
            Request(
                "GET",
                make_interaction(0).request.uri.removeprefix(ORIGIN),
                make_interaction(0).request.headers,
                (),
                ORIGIN,
            ),
            10.0,
        ),
        "record-stream": lambda: record_stream(path),
        "replay-stream": lambda: stream(replaying(path), 1024 * MIB),
    }
    read_cassette(small_cassette())  # so that imports and first uses are not counted
    before = status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    kept = work[what]()
    print(json.dumps(status("VmHWM") - before))
    del kept


def record_stream(path: str) -> None:
    with recording(Echoing(), path) as recorder:
        stream(recorder, 1024 * MIB)


def small_cassette() -> Path:
    path = Path(tempfile.mkdtemp()) / "small.yaml"
    write_cassette(path, [make_interaction(0)])
    vcr.serialize.deserialize(path.read_text(), yamlserializer)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="also record and replay 1 GiB")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measure(*arguments.measure)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        loading(folder)
        recordings(Path(os.environ.get("AZFILES_RECORDINGS", Path(__file__).parents[2] / "shared" / "recordings")))
        large_body(folder)
        recording_costs(folder)
        if arguments.large:
            streamed(folder)


if __name__ == "__main__":
    main()
