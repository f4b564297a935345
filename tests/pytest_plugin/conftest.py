"""Runs of pytest inside the test, each in a folder and with an environment of its own."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

import azfiles
from azfiles_sim import AccountSpec, Simulator
from azfiles_sim.server import ServedSimulator, serve_in_thread

Run: TypeAlias = Callable[..., pytest.RunResult]

# A run inside a test forgets at its end what it was the first to import. The next one would import it again, and classes
# that somebody else has kept would be others then: so all of it is imported before.
IMPORTED_LATE = (
    "azfiles.runners.asynchronous",
    "azfiles.transports.as_handler",
    "azfiles.transports.over_httpx",
    "azfiles.transports.taping",
    "azfiles_sim.adapters.azure_core",
    "azfiles_sim.pytest_plugin.ending",
    "azfiles_sim.pytest_plugin.naming",
    "azfiles_sim.pytest_plugin.serving",
    "azfiles_sim.testing.cassettes.rebuilding",
    "azure.core.pipeline.transport._requests_basic",
    "azure.core.rest._requests_basic",
    "azure.storage.fileshare",
    "httpcore",
    "isodate",
    "yaml",
)
for module in IMPORTED_LATE:
    importlib.import_module(module)

QUIET = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-W", "error")


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CI", "AZFILES_LIVE_CONNECTION_STRING", "AZFILES_CA_FILE", "AZFILES_API_VERSION", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)


class Imports:
    """A plugin of a run inside a test, which notes what that is the first to import."""

    WATCHED = ("azfiles", "azfiles_sim", "azure", "httpcore", "httpx", "isodate", "requests", "trio", "yaml")

    def __init__(self) -> None:
        self._before = set(sys.modules)
        self.late: list[str] = []

    def pytest_unconfigure(self) -> None:
        self.late += [name for name in set(sys.modules) - self._before if name.partition(".")[0] in self.WATCHED]


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Run pytest on what the test has written, in this process, and by default without pytest-asyncio."""

    def run(*arguments: str, asyncio: bool = False) -> pytest.RunResult:
        imports = Imports()
        without = () if asyncio else ("-p", "no:asyncio")
        result = pytester.runpytest_inprocess(*QUIET, *without, *arguments, plugins=[imports])
        assert not imports.late, "name them in IMPORTED_LATE"
        return result

    return run


class RealAccount:
    """What plays the real account: a served simulator with an account and a key of its own."""

    def __init__(self, simulator: Simulator, served: ServedSimulator) -> None:
        self.simulator = simulator
        self.served = served
        self.name = simulator.accounts[0].name
        self.key = simulator.accounts[0].key_text()

    @property
    def asked(self) -> list[str]:
        return [f"{one.operation} {one.target.partition('?')[0]}" for one in self.simulator.journal.entries()]

    def shares(self) -> list[str]:
        with azfiles.connect(self.served.connection_string, transport=self.transport()) as client:
            return [share.name for share in client.list_shares()]

    def transport(self) -> azfiles.HttpxTransport:
        return azfiles.HttpxTransport(ca_file=self.served.ca_file, connections=1)


@pytest.fixture(scope="session")
def _served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealAccount]:
    simulator = Simulator([AccountSpec.from_text("liveaccount", "bGl2ZSBhY2NvdW50J3Mga2V5LCB3aGljaCBpcyBzZWNyZXQ=")])
    with serve_in_thread(simulator, https=True, ca_dir=tmp_path_factory.mktemp("authority")) as served:
        yield RealAccount(simulator, served)


@pytest.fixture
def real_account(_served: RealAccount, monkeypatch: pytest.MonkeyPatch) -> RealAccount:
    """The account that ``--azfiles-live`` leads to in this test: HTTPS, certificates checked, no share in it."""
    _served.simulator.reset()
    monkeypatch.setenv("AZFILES_LIVE_CONNECTION_STRING", _served.served.connection_string)
    monkeypatch.setenv("AZFILES_CA_FILE", str(_served.served.ca_file))
    return _served


@pytest.fixture
def cassettes(pytester: pytest.Pytester) -> Callable[[], list[str]]:
    """The names of the cassettes that there are, below the folder ``cassettes``."""
    folder = pytester.path / "cassettes"
    return lambda: sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*.yaml"))
