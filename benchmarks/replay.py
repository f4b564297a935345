"""Replaying a cassette: this project's transport against vcrpy with httpx, on the same file in the same run.

Run it as ``python benchmarks/replay.py``; it takes less than a minute. Times are CPU time of this process: they hold
on a busy machine where wall-clock times do not. For N interactions the lookups of vcrpy cost N squared, ours N.
"""

from __future__ import annotations

import argparse
import gc
import math
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import vcr

from azfiles.cassette import cache
from azfiles.cassette.interactions import Interaction, RecordedRequest, RecordedResponse
from azfiles.cassette.writing import write_cassette
from azfiles.messages import Request
from azfiles.transports.for_httpx import httpx_transport
from azfiles.transports.replaying import replaying

ORIGIN = "https://storagename.file.core.windows.net"
BODY = b"x" * 200
SIZES = (100, 300, 1000, 10_000)


def make_interaction(number: int) -> Interaction:
    """A metadata read as the service answers it: 11 request headers, 9 response headers."""
    request_headers = (
        ("Accept", "*/*"),
        ("Accept-Encoding", "gzip, deflate"),
        ("Connection", "keep-alive"),
        ("User-Agent", "benchmark"),
        ("x-ms-client-request-id", f"90148d8a-71fa-11e9-b3e1-{number:012x}"),
        ("x-ms-date", "Thu, 09 May 2019 01:34:18 GMT"),
        ("x-ms-version", "2025-11-05"),
        ("x-ms-range", f"bytes={number}-{number + 199}"),
        ("x-ms-allow-trailing-dot", "true"),
        ("x-ms-meta-a", "1"),
        ("x-ms-meta-b", "2"),
    )
    response_headers = (
        ("Content-Length", "200"),
        ("Content-Type", "application/octet-stream"),
        ("Date", "Thu, 09 May 2019 01:34:17 GMT"),
        ("ETag", f'"0x8D6D41E{number:08X}"'),
        ("Last-Modified", "Thu, 09 May 2019 01:34:18 GMT"),
        ("Server", "Windows-Azure-File/1.0 Microsoft-HTTPAPI/2.0"),
        ("x-ms-request-id", f"ca175e28-001a-0043-2207-{number:012x}"),
        ("x-ms-type", "File"),
        ("x-ms-version", "2025-11-05"),
    )
    return Interaction(
        RecordedRequest("GET", f"{ORIGIN}/share/folder/file{number:05d}", request_headers),
        RecordedResponse(206, "Partial Content", response_headers, BODY),
    )


def cpu_of(work: Callable[[], None]) -> float:
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def replay_ours(path: Path, requests: list[Request]) -> float:
    """CPU seconds for all requests; loading is not counted."""
    transport = replaying(path)

    def work() -> None:
        for request in requests:
            if len(transport.send(request, 10.0).body) != len(BODY):
                raise SystemExit("a replayed body is not the recorded one")

    return cpu_of(work)


class Canned(httpx.BaseTransport):
    """Answers at once, from what lies ready: what remains is what httpx itself costs."""

    HEADERS = tuple((name.encode(), value.encode()) for name, value in make_interaction(0).response.headers)

    def handle_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002 - all are answered alike
        return httpx.Response(206, headers=self.HEADERS, stream=httpx.ByteStream(BODY))


def httpx_itself(found: list[Interaction]) -> float:
    with httpx.Client(transport=Canned()) as client:
        return cpu_of(lambda: ask_all(client, found))


def replay_over_httpx(path: Path, found: list[Interaction]) -> float:
    """Our replay under httpx's own client, so that both sides pay for that."""
    with httpx.Client(transport=httpx_transport(replaying(path))) as client:
        return cpu_of(lambda: ask_all(client, found))


def replay_under_httpx(path: Path, found: list[Interaction]) -> float:
    """Our replay in the place of httpx's transport, without its client, as this project uses httpx."""
    with httpx_transport(replaying(path)) as transport:
        return cpu_of(lambda: ask_transport(transport, found))


def ask_all(client: httpx.Client, found: list[Interaction]) -> None:
    for one in found:
        response = client.request(one.request.method, one.request.uri, headers=list(one.request.headers))
        if len(response.content) != len(BODY):
            raise SystemExit("a replayed body is not the recorded one")


def ask_transport(transport: httpx.BaseTransport, found: list[Interaction]) -> None:
    for one in found:
        request = httpx.Request(one.request.method, one.request.uri, headers=list(one.request.headers))
        if len(transport.handle_request(request).read()) != len(BODY):
            raise SystemExit("a replayed body is not the recorded one")


def replay_vcrpy(path: Path, found: list[Interaction]) -> float:
    """The same through vcrpy and an httpx client; loading is not counted."""
    player = vcr.VCR(record_mode=vcr.mode.NONE)
    with player.use_cassette(str(path)), httpx.Client() as client:
        return cpu_of(lambda: ask_all(client, found))


def replay_vcrpy_transport(path: Path, found: list[Interaction]) -> float:
    """The same through httpx's transport, which is what vcrpy replaces."""
    player = vcr.VCR(record_mode=vcr.mode.NONE)
    with player.use_cassette(str(path)), httpx.HTTPTransport() as transport:
        return cpu_of(lambda: ask_transport(transport, found))


def load_vcrpy(path: Path) -> None:
    from vcr.serializers import yamlserializer

    vcr.serialize.deserialize(path.read_text(), yamlserializer)


@dataclass(frozen=True)
class Costs:
    """Medians in microseconds per interaction; ``nan`` where vcrpy was not asked."""

    alone: float
    """Our transport without httpx."""
    transport: float
    """Ours in the place of httpx's transport."""
    httpx_itself: float
    """httpx's client with a canned answer: no replay through it can cost less."""
    client: float
    """Ours under httpx's client."""
    vcrpy_transport: float
    vcrpy_client: float


def measure(folder: Path, size: int, rounds: int, *, with_vcrpy: bool) -> Costs:
    path = folder / f"{size}.yaml"
    found = [make_interaction(number) for number in range(size)]
    write_cassette(path, found)
    requests = [
        Request(one.request.method, one.request.uri.removeprefix(ORIGIN), one.request.headers, (), ORIGIN)
        for one in found
    ]
    samples = [
        (
            replay_ours(path, requests),
            replay_under_httpx(path, found),
            httpx_itself(found),
            replay_over_httpx(path, found),
            replay_vcrpy_transport(path, found) if with_vcrpy else math.nan,
            replay_vcrpy(path, found) if with_vcrpy else math.nan,
        )
        for _ in range(rounds)
    ]
    return Costs(*(1e6 * statistics.median(column) / size for column in zip(*samples, strict=True)))


def exponent(costs: dict[int, float]) -> float:
    """How the total grows from the smallest to the largest cassette: 1 is in proportion to its length."""
    first, last = min(costs), max(costs)
    return math.log(last * costs[last] / (first * costs[first])) / math.log(last / first)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="interactions in a cassette")
    parser.add_argument("--vcrpy-up-to", type=int, default=1000, help="vcrpy needs a minute for 2000, and 25 for 10000")
    arguments = parser.parse_args()
    print(
        "CPU microseconds per interaction (median); (client) is httpx's client with a canned answer behind it, so that"
    )
    print("vcrpy / (client) is the most that any replay through httpx's client could reach, and stands last")
    print(f"{'':>6} | {'ours':^35} | {'vcrpy':^19} | vcrpy takes so many times ours")
    print(
        f"{'N':>6} | {'alone':>8} {'transport':>9} {'(client)':>8} {'client':>7} | {'transport':>9} {'client':>9} |",
        end="",
    )
    print(f" {'alone':>6} {'transport':>9} {'client':>6} {'of at most':>11}")
    measured: dict[int, Costs] = {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ[cache.VARIABLE] = "off"
        for size in sorted(arguments.sizes):
            rounds = 5 if size <= 300 else 3 if size != arguments.vcrpy_up_to else 1
            costs = measure(Path(folder), size, rounds, with_vcrpy=size <= arguments.vcrpy_up_to)
            measured[size] = costs
            print(
                f"{size:>6} | {costs.alone:>8.1f} {costs.transport:>9.1f} {costs.httpx_itself:>8.1f} {costs.client:>7.1f} |"
                f" {costs.vcrpy_transport:>9.1f} {costs.vcrpy_client:>9.1f} | {costs.vcrpy_client / costs.alone:>5.0f}x"
                f" {costs.vcrpy_transport / costs.transport:>8.1f}x {costs.vcrpy_client / costs.client:>5.1f}x"
                f" {costs.vcrpy_client / costs.httpx_itself:>10.1f}x",
                flush=True,
            )
    if len(measured) > 1:
        told = ", ".join(
            f"{name} {exponent({size: getattr(costs, name) for size, costs in measured.items()}):.2f}"
            for name in ("alone", "transport", "client")
        )
        print(f"growth exponent of the total: {told}")


if __name__ == "__main__":
    main()
