"""One HTTP server for a whole run of pytest, behind it a simulator for each test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from azfiles_sim.accounts import AccountSpec, connection_string
from azfiles_sim.messages import IN_PROCESS, Connection, Dropped, Reply, Request
from azfiles_sim.model.errors import ServiceError
from azfiles_sim.server import ServedSimulator, serve_in_thread
from azfiles_sim.simulator import Simulator
from azfiles_sim.wire.addressing import account_of_host, decode_path, primary


@dataclass(frozen=True)
class TestServer:
    """A test's own account on the server. Other tests' accounts are unknown to its simulator, and theirs to it."""

    endpoint: str
    connection_string: str = field(repr=False)
    """It holds the account's key, which was made up for this test."""
    account: AccountSpec
    simulator: Simulator = field(repr=False)


class Serving:
    """Leads each request to the simulator that has its account."""

    def __init__(self) -> None:
        self._simulators: dict[str, Simulator] = {}
        self._nobody = Simulator([AccountSpec("nobody", keys=(b"nobody",))])
        self._served: ServedSimulator | None = None

    @property
    def accounts(self) -> Sequence[AccountSpec]:
        return self._nobody.accounts

    def handle(self, request: Request, connection: Connection = IN_PROCESS, /) -> Reply | Dropped:
        return self._simulators.get(_account_of(request), self._nobody).handle(request, connection)

    def open(self, simulator: Simulator) -> TestServer:
        """Serve a simulator under an account of its own. Raises ImportError without the extra ``server``."""
        if self._served is None:
            self._served = serve_in_thread(self)
        account = simulator.control.create_account()
        self._simulators[account.name] = simulator
        endpoint = self._served.endpoints.endpoint(account)
        return TestServer(endpoint, connection_string(account, endpoint), account, simulator)

    def end(self, server: TestServer) -> None:
        """Forget a test's account."""
        del self._simulators[server.account.name]

    def stop(self) -> None:
        if self._served is not None:
            self._served.stop()


def _account_of(request: Request) -> str:
    host = next((value for name, value in request.headers if name.lower() == "host"), "")
    try:
        named = account_of_host(host)
        return primary(decode_path(request.target.partition("?")[0])[0]) if named is None else named
    except (ServiceError, IndexError):
        return ""


__all__ = ["Serving", "TestServer"]
