"""Replaying a cassette: this project's transport against vcrpy with httpx, on the same file in the same run.

Run it as ``python benchmarks/replay.py``; it takes less than a minute. Times are CPU time of this process: they hold
on a busy machine where wall-clock times do not. For N interactions the lookups of vcrpy cost N squared, ours N.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import vcr

from azfiles.cassette.document import read_cassette
from azfiles.cassette.interactions import Interaction, RecordedRequest, RecordedResponse
from azfiles.cassette.writing import write_cassette
from azfiles.messages import Request
from azfiles.transports.replaying import replaying

ORIGIN = "https://storagename.file.core.windows.net"
BODY = b"x" * 200
SIZES = (100, 300, 1000)


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


def replay_vcrpy(path: Path, found: list[Interaction]) -> float:
    """The same through vcrpy and an httpx client; loading is not counted."""
    player = vcr.VCR(record_mode=vcr.mode.NONE)
    with player.use_cassette(str(path)), httpx.Client() as client:

        def work() -> None:
            for one in found:
                response = client.request(one.request.method, one.request.uri, headers=list(one.request.headers))
                if len(response.content) != len(BODY):
                    raise SystemExit("a replayed body is not the recorded one")

        return cpu_of(work)


def load_vcrpy(path: Path) -> None:
    from vcr.serializers import yamlserializer

    vcr.serialize.deserialize(path.read_text(), yamlserializer)


def measure(folder: Path, size: int, rounds: int) -> tuple[float, float, float, float]:
    """Medians in microseconds per interaction: ours, vcrpy's, loading with ours, loading with vcrpy's."""
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
            replay_vcrpy(path, found),
            cpu_of(lambda: read_cassette(path) and None),
            cpu_of(lambda: load_vcrpy(path)),
        )
        for _ in range(rounds)
    ]
    ours, theirs, load, their_load = (1e6 * statistics.median(column) / size for column in zip(*samples, strict=True))
    return ours, theirs, load, their_load


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="interactions in a cassette")
    arguments = parser.parse_args()
    print("CPU microseconds per interaction (median)")
    print(f"{'N':>6} {'replay':>10} {'vcrpy':>10} {'ratio':>8} {'load':>10} {'vcrpy':>10} {'ratio':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for size in arguments.sizes:
            rounds = 3 if size <= 300 else 1
            ours, theirs, load, their_load = measure(Path(folder), size, rounds)
            print(
                f"{size:>6} {ours:>10.1f} {theirs:>10.1f} {theirs / ours:>7.0f}x"
                f" {load:>10.1f} {their_load:>10.1f} {their_load / load:>7.1f}x"
            )


if __name__ == "__main__":
    main()
