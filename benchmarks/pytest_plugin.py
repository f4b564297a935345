"""What a cassette of five interactions costs a test: this project's pytest plugin against pytest-recording.

Run it as ``python benchmarks/pytest_plugin.py``; it takes some minutes. Both replay copies of the same file in the same run,
and what counts is what the cassette adds: from each test the same body is taken off that gets its answers from a mock
(httpx's own for the peer). The peer runs this project's client over an ``httpx.Client`` that all tests share, and also the
bare requests through such a client, which is the least that it can cost.

Figures are CPU time: in each run of pytest the median of what a test takes from its setup to the end of its teardown and
its reports, so starting and importing do not count. At the end, what an installed plugin costs a run that does not use it.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import azfiles
from azfiles_sim import ManualClock, Simulator

GOAL = 0.25
URL = "https://storagename.file.core.windows.net"
WORK = """
def work(client):
    share = client.share("data")
    share.create()
    share.directory("reports").create()
    file = share.file("reports/july.txt")
    file.create(8)
    file.put_range(0, b"sold: 17")
    assert file.get_range(0, 8).content == b"sold: 17"
"""
CONFTEST = """
import statistics, time
from pathlib import Path
import pytest

TAKEN = []

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol():
    begun = time.process_time()
    try:
        return (yield)
    finally:
        TAKEN.append(time.process_time() - begun)

def pytest_sessionfinish():
    Path(__file__).with_name("taken").write_text(str(statistics.median(TAKEN)))
"""
OURS = f"""
import pytest
{WORK}

@pytest.mark.azfiles_cassette
@pytest.mark.parametrize("number", range({{tests}}))
def test_it(azfiles_client, number):
    work(azfiles_client)
"""
OURS_MOCKED = f"""
import azfiles, pytest
from azfiles.cassette.document import read_cassette
from pathlib import Path
{WORK}

class Mock:
    def __init__(self):
        found = [one.response for one in read_cassette(Path(__file__).parent / "cassettes/test_cost/test_it.yaml")]
        self.answers = [azfiles.Response(one.status, one.reason, azfiles.Headers(one.headers), one.body) for one in found]
        self.count = 0

    def send(self, request, timeout_s):
        self.count += 1
        return self.answers[(self.count - 1) % len(self.answers)]

    def close(self): ...

MOCK = Mock()
KEY = azfiles.SharedKey("storagename", azfiles.EMULATOR_KEY)

@pytest.mark.parametrize("number", range({{tests}}))
def test_it(number):
    work(azfiles.connect("{URL}", KEY, transport=MOCK))
"""
CLIENT = """
import azfiles, httpx, itertools, pytest
from azfiles.cassette.document import read_cassette
from pathlib import Path

found = [one.response for one in read_cassette(Path(__file__).parent / "cassettes/test_cost/test_it.yaml")]
answers = itertools.cycle(found)

def answer(request):
    one = next(answers)
    return httpx.Response(one.status, headers=list(one.headers), content=one.body)

CLIENT = httpx.Client({mock})
"""
SAME_BODY = f"""
{CLIENT}
{WORK}

class OverClient:
    def send(self, request, timeout_s):
        reply = CLIENT.request(
            request.method,
            request.origin + request.target,
            headers=list(request.headers),
            content=b"".join(request.body),
            timeout=timeout_s,
        )
        headers = azfiles.Headers(reply.headers.multi_items())
        return azfiles.Response(reply.status_code, reply.reason_phrase, headers, reply.content)

    def close(self): ...

TRANSPORT = OverClient()
KEY = azfiles.SharedKey("storagename", azfiles.EMULATOR_KEY)

{{mark}}
@pytest.mark.parametrize("number", range({{tests}}))
def test_it(number):
    work(azfiles.connect("{URL}", KEY, transport=TRANSPORT))
"""
BARE_HTTPX = f"""
{CLIENT}
TARGETS = [
    ("PUT", "/data?restype=share"),
    ("PUT", "/data/reports?restype=directory"),
    ("PUT", "/data/reports/july.txt"),
    ("PUT", "/data/reports/july.txt?comp=range"),
    ("GET", "/data/reports/july.txt"),
]

{{mark}}
@pytest.mark.parametrize("number", range({{tests}}))
def test_it(number):
    for method, target in TARGETS:
        response = CLIENT.request(method, "{URL}" + target)
    assert response.content == b"sold: 17"
"""


@dataclass(frozen=True)
class Kind:
    """One way to run the tests."""

    name: str
    module: str
    words: tuple[tuple[str, str], ...]
    arguments: tuple[str, ...]


RECORDED = (("mark", "@pytest.mark.vcr"), ("mock", ""))
MOCKED = (("mark", ""), ("mock", "transport=httpx.MockTransport(answer)"))
NEITHER = ("-p", "no:azfiles", "-p", "no:recording")
PEER = ("-p", "no:azfiles", "--record-mode=none")
OURS_KIND = Kind("this plugin", OURS, (), ("-p", "no:recording", "--azfiles-record=none"))
OURS_MOCK = Kind("the same on a mock", OURS_MOCKED, (), NEITHER)
PEERS = (
    (
        Kind("pytest-recording, same body", SAME_BODY, RECORDED, PEER),
        Kind("the same body on httpx's mock", SAME_BODY, MOCKED, NEITHER),
    ),
    (
        Kind("pytest-recording, bare httpx", BARE_HTTPX, RECORDED, PEER),
        Kind("bare httpx on its mock", BARE_HTTPX, MOCKED, NEITHER),
    ),
)


def cpu_of_pytest(folder: Path, *arguments: str, expected: int) -> float:
    """CPU seconds of one run of pytest that must pass that many tests."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:asyncio",
        *arguments,
        str(folder),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if f"{expected} passed" not in done.stdout and expected:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def make_folder(root: Path, kind: Kind, tests: int) -> Path:
    """A module of ``tests`` tests, and for each a cassette under the name that both plugins give it."""
    folder = root / kind.name.replace(", ", "-").replace(" ", "-").replace("'", "")
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_cost.py").write_text(kind.module.format(tests=tests, **dict(kind.words)))
    cassettes = folder / "cassettes" / "test_cost"
    cassettes.mkdir(parents=True)
    first = cassettes / "test_it.yaml"
    record(first)
    for number in range(tests):
        for name in (f"test_it-{number}.yaml", f"test_it[{number}].yaml"):
            (cassettes / name).write_bytes(first.read_bytes())
    return folder


def record(path: Path) -> None:
    simulator = Simulator(clock=ManualClock())
    transport = azfiles.recording(azfiles.InProcessTransport(simulator.handle), path)
    key = azfiles.SharedKey(azfiles.EMULATOR_ACCOUNT, azfiles.EMULATOR_KEY)
    url = f"https://{azfiles.EMULATOR_ACCOUNT}.file.core.windows.net"
    names: dict[str, object] = {}
    exec(WORK, names)
    with azfiles.connect(url, key, transport=transport, clock=ManualClock()) as client:
        names["work"](client)  # type: ignore[operator]  # the function of the text above


def per_test(folder: Path, kind: Kind, tests: int) -> float:
    """CPU seconds of a test."""
    cpu_of_pytest(folder, *kind.arguments, expected=tests)
    return float((folder / "taken").read_text())


def compare(root: Path, tests: int, rounds: int) -> None:
    kinds = (OURS_KIND, OURS_MOCK, *(kind for pair in PEERS for kind in pair))
    folders = {kind: make_folder(root, kind, tests) for kind in kinds}
    # The first run is not counted: it compiles, and fills the cache where there is one.
    samples = [{kind: per_test(folders[kind], kind, tests) for kind in kinds} for _ in range(rounds + 1)][1:]
    for kind in kinds:
        print(f"{kind.name:<34} {1000 * statistics.median(one[kind] for one in samples):>8.2f} ms a test")
    for peer, mock in PEERS:
        ratio = statistics.median((one[OURS_KIND] - one[OURS_MOCK]) / (one[peer] - one[mock]) for one in samples)
        met = "met" if ratio <= GOAL else "MISSED"
        print(f"what a cassette adds: this plugin / {peer.name:<28} {ratio:>6.3f}   <= {GOAL:g}   {met}", flush=True)


def unused(root: Path, rounds: int) -> None:
    """What the plugin costs a run without any test that uses it."""
    folder = root / "unused"
    folder.mkdir()
    (folder / "test_it.py").write_text("def test_it(): ...\n")
    cpu_of_pytest(folder, expected=1)
    pairs = [
        (cpu_of_pytest(folder, expected=1), cpu_of_pytest(folder, "-p", "no:azfiles", expected=1))
        for _ in range(rounds)
    ]
    extra = statistics.median(with_it - without for with_it, without in pairs)
    base = statistics.median(without for _, without in pairs)
    print(f"unused: {1000 * extra:.1f} ms on top of {1000 * base:.0f} ms, the median of {rounds} paired runs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="paired runs")
    parser.add_argument("--tests", type=int, default=100, help="tests in each run")
    arguments = parser.parse_args()
    os.environ.pop("CI", None)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is compiled once is not what a run costs
    with tempfile.TemporaryDirectory() as name:
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(name, "compiled"))
        for cache in ("off", str(Path(name, "cache"))):
            os.environ["AZFILES_CASSETTE_CACHE"] = cache
            print("without the cache of cassettes" if cache == "off" else "with it, from the second run on")
            root = Path(name, "without" if cache == "off" else "with")
            root.mkdir()
            compare(root, arguments.tests, arguments.rounds)
        unused(Path(name), 4 * arguments.rounds)


if __name__ == "__main__":
    main()
