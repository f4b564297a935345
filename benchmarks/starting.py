"""What it costs to begin: importing the client, its first request, and making a client.

    python benchmarks/starting.py [--quick]

Processor time of a whole new interpreter, against the official SDK in the same round; bytecode is compiled already.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from functools import partial

from measuring import CLIENT_CORE, Goal, Sample, Section, measure, options, show, spread
from serving import ROOT, pinned, simulator

IMPORTS = {
    "azfiles": "import azfiles",
    "azfiles with its async client": "import azfiles; azfiles.AsyncFastTransport",
    "httpx": "import httpx",
    "SDK": "import azure.storage.fileshare",
    "SDK aio": "import azure.storage.fileshare.aio",
    "nothing": "pass",
}
FIRST = {
    "azfiles, fast": """
import azfiles
with azfiles.connect({connection!r}, transport=azfiles.FastTransport()) as service:
    service.share("bench").get_properties()
""",
    "azfiles, httpx": """
import azfiles
with azfiles.connect({connection!r}) as service:
    service.share("bench").get_properties()
""",
    "SDK": """
from azure.storage.fileshare import ShareClient
ShareClient.from_connection_string({connection!r}, "bench").get_share_properties()
""",
}
# httpx imports trio, click and rich where they happen to be installed, as they are for our tests. Who only installed this
# client has none of them.
ALONE = "import sys; sys.modules.update(trio=None, click=None)"
FIRST["azfiles, httpx alone"] = ALONE + FIRST["azfiles, httpx"]
MAKING = {
    "azfiles, fast": """
import azfiles
def make():
    azfiles.connect({connection!r}, transport=azfiles.FastTransport())
""",
    "azfiles, httpx": """
import azfiles
def make():
    azfiles.connect({connection!r})
""",
    "SDK": """
from azure.storage.fileshare import ShareServiceClient
def make():
    ShareServiceClient.from_connection_string({connection!r})
""",
}
TIMED = """
import json, time
make()
began = time.process_time()
for _ in range(200):
    make()
print(json.dumps({{"ms": (time.process_time() - began) / 200 * 1e3}}))
"""
HTTPS = "DefaultEndpointsProtocol=https;AccountName=account;AccountKey=a2V5;EndpointSuffix=core.windows.net"


def sections(given: argparse.Namespace) -> list[Section]:
    rounds = given.rounds if given.quick else max(given.rounds, 9)  # cheap, and one page fault is a part of it
    with simulator() as served:
        first = {name: text.format(connection=served.connection_string) for name, text in FIRST.items()}
        return [
            section("Import", {name: partial(run, text) for name, text in IMPORTS.items()}, rounds, {"azfiles": 0.35}),
            section(
                "Import and a first signed request",
                {name: partial(run, text) for name, text in first.items()},
                rounds,
                {"azfiles, fast": 0.6, "azfiles, httpx": 0.6, "azfiles, httpx alone": 0.6},
            ),
            making(given.rounds),
        ]


def run(text: str) -> Sample:
    """Processor time of an interpreter that runs ``text``. One that is not counted goes first and compiles the bytecode,
    as an installer does.
    """
    _interpret(text)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _interpret(text)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"ms": (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3}


def _interpret(text: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([*pinned(CLIENT_CORE), sys.executable, "-c", text], cwd=ROOT, check=True, env=environment)


def section(title: str, candidates: dict[str, Callable[[], Sample]], rounds: int, bounds: dict[str, float]) -> Section:
    results = measure(candidates, rounds)
    made = Section(title, "Processor time, the interpreter's own start included.", ("what", "CPU / SDK", "CPU ms"))
    for name in results.samples:
        made.rows.append((name, spread(results.ratios(name, "SDK", "ms")), spread(results.figures(name, "ms"))))
    for name, bound in bounds.items():
        ratio = results.ratio(name, "SDK", "ms")
        made.goals.append(Goal(f"{title}: {name} / SDK", ratio, bound, at_least=False))
        made.bars.append((f"{title}: {name}, CPU to SDK", ratio))
    return made


def making(rounds: int) -> Section:
    """A client object more, where the process has one already: the TLS context is there."""

    def one(text: str) -> Sample:
        command = [*pinned(CLIENT_CORE), sys.executable, "-W", "ignore", "-c", text]
        sample: Sample = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
        return sample

    texts = {name: text.format(connection=HTTPS) + TIMED.format() for name, text in MAKING.items()}
    results = measure({name: partial(one, text) for name, text in texts.items()}, rounds)
    made = Section(
        "One client more", "Processor time; https, the TLS context is there already.", ("client", "CPU / SDK", "ms")
    )
    for name in results.samples:
        made.rows.append((name, spread(results.ratios(name, "SDK", "ms")), spread(results.figures(name, "ms"))))
    for name in ("azfiles, fast", "azfiles, httpx"):
        made.goals.append(Goal(f"A client object: {name}, ms", results.median(name, "ms"), 0.1, at_least=False))
    return made


if __name__ == "__main__":
    show(sections(options(__doc__)))
