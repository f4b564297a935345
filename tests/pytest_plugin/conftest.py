"""Runs of pytest inside the test, each in a folder and with an environment of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import httpcore  # noqa: F401 - see below
import pytest

# Imported here, all that is imported late: a run inside a test forgets what it has imported, and would import it again.
import azfiles
import azfiles.transports.over_httpx
import azfiles.transports.taping
from azfiles_sim import AccountSpec, Simulator
from azfiles_sim.server import ServedSimulator, serve_in_thread

Run: TypeAlias = Callable[..., pytest.RunResult]

QUIET = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-W", "error")


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CI", "AZFILES_LIVE_CONNECTION_STRING", "AZFILES_CA_FILE", "AZFILES_API_VERSION", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Run pytest on what the test has written, in this process, and by default without pytest-asyncio."""

    def run(*arguments: str, asyncio: bool = False) -> pytest.RunResult:
        return pytester.runpytest_inprocess(*QUIET, *(() if asyncio else ("-p", "no:asyncio")), *arguments)

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
