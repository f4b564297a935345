"""The real simulator, served; and how a client that insists on Azure's host names is led to it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from aiohttp.abc import AbstractResolver, ResolveResult
from requests.adapters import HTTPAdapter

from azfiles_sim import Simulator
from azfiles_sim.accounts import EMULATOR_ACCOUNT
from azfiles_sim.server import ServedSimulator, serve_in_thread
from azfiles_sim.wire.operations import OPERATIONS

OPERATION_NUMBERS = {row.name: row.number for row in OPERATIONS.values()}
HOST = f"{EMULATOR_ACCOUNT}.file.core.windows.net"


ENDED = pytest.StashKey[str]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep how the test itself ended, for the fixtures that are torn down after it."""
    report = yield
    if report.when == "call":
        item.stash[ENDED] = report.outcome
    return report


def check_claims(request: pytest.FixtureRequest, simulator: Simulator) -> None:
    """What a passed test's evidence markers say is in the journal: these operations succeeded, these codes were
    answered. A test that was skipped, for want of its program, claims nothing.
    """
    if request.node.stash.get(ENDED, "") != "passed":
        return
    claimed = [mark.kwargs for mark in request.node.iter_markers("evidence")]
    entries = simulator.journal.entries()
    done = {OPERATION_NUMBERS[entry.operation] for entry in entries if entry.operation and 200 <= entry.status < 300}
    assert {claim["operation"] for claim in claimed if "operation" in claim} <= done
    assert {claim["error"] for claim in claimed if "error" in claim} <= {entry.error_code for entry in entries}


@pytest.fixture(scope="session")
def ca_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("authority")


@pytest.fixture
def plain(request: pytest.FixtureRequest) -> Iterator[ServedSimulator]:
    """A fresh simulator over plain HTTP, for path-style addresses."""
    simulator = Simulator()
    with serve_in_thread(simulator) as served:
        yield served
    check_claims(request, simulator)


@pytest.fixture
def secure(request: pytest.FixtureRequest, ca_dir: Path) -> Iterator[ServedSimulator]:
    """A fresh simulator over TLS, for Azure's own host names."""
    simulator = Simulator()
    with serve_in_thread(simulator, https=True, ca_dir=ca_dir) as served:
        yield served
    check_claims(request, simulator)


@dataclass(frozen=True, slots=True)
class Proxied:
    """A server process with its CONNECT proxy; ``environment`` leads a program in Go to it by Azure's host names."""

    endpoint: str
    environment: dict[str, str]


@pytest.fixture
def proxied(ca_dir: Path) -> Iterator[Proxied]:
    command = [sys.executable, "-m", "azfiles_sim", "serve", "--json", "--https", "--port=0", "--proxy-port=0"]
    with subprocess.Popen([*command, f"--ca-dir={ca_dir}"], stdout=subprocess.PIPE, text=True) as process:
        started = json.loads(process.stdout.readline())
        settings = {
            "HTTPS_PROXY": started["proxy"],
            "SSL_CERT_FILE": started["ca_file"],
            "SSL_CERT_DIR": "/nonexistent",
        }
        try:
            yield Proxied(started["endpoint"], settings)
        finally:
            process.terminate()
            process.wait(timeout=30)


class LeadHere(HTTPAdapter):
    """For requests: connects to this machine; asks for, and checks the certificate against, the host of the URL."""

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__()

    def send(self, request: requests.PreparedRequest, **options: object) -> requests.Response:
        host = urlsplit(request.url).hostname
        self.poolmanager.connection_pool_kw.update(server_hostname=host, assert_hostname=host)
        request.headers["Host"] = host
        request.url = request.url.replace(f"https://{host}", f"https://127.0.0.1:{self.port}", 1)
        return super().send(request, **options)


class ResolveHere(AbstractResolver):
    """For aiohttp: every name is this machine, and every port the server's."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host="127.0.0.1",
                port=self.port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        """Nothing was opened."""
