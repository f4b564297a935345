"""The arms of the conformance suite: one blocking face for every way of reaching the simulator.

A test is written once, against the blocking clients. On an async arm the same calls go to the async clients, whose
coroutines run under asyncio or trio in a thread of their own; ``Awaited`` is that translation and decides nothing.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from anyio.from_thread import BlockingPortal, start_blocking_portal

import azfiles
from azfiles_sim import ManualClock, Simulator
from azfiles_sim.accounts import DEFAULT_ACCOUNTS, AccountSpec
from azfiles_sim.server import serve_in_thread

NAMES = (
    "in process, blocking",
    "in process, asyncio",
    "in process, trio",
    "http, blocking",
    "http, asyncio",
    "https, blocking",
    "https, trio",
)

# Beside the usual account: one of a kind that has NFS shares, one that bills what is provisioned, and one that keeps
# what is deleted. All have one key.
PREMIUM, PROVISIONED, KEEPING = "premiumaccount", "provisionedaccount", "keepingaccount"
_KEYS = DEFAULT_ACCOUNTS[0].keys
_ACCOUNTS = (
    *DEFAULT_ACCOUNTS,
    AccountSpec(PREMIUM, "premium", _KEYS),
    AccountSpec(PROVISIONED, "provisioned", _KEYS),
    AccountSpec(KEEPING, keys=_KEYS, soft_delete_days=7),
)


def make_simulator() -> Simulator:
    """A simulator with those accounts, which takes bearer tokens too; its clock is at the present."""
    return Simulator(_ACCOUNTS, clock=ManualClock(datetime.now(UTC)), bearer="development")


class Awaited:
    """An async client (or what one returns) with its awaiting done elsewhere."""

    def __init__(self, target: Any, portal: BlockingPortal) -> None:
        self._target = target
        self._portal = portal

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        return self._call(value) if callable(value) else self._wrap(value)

    def __repr__(self) -> str:
        return repr(self._target)

    def _call(self, method: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            result = method(*map(_bare, args), **{name: _bare(value) for name, value in kwargs.items()})
            if inspect.isawaitable(result):
                return self._wrap(self._portal.call(_wait, result))
            if hasattr(result, "__aiter__"):
                return iter(self._portal.call(_collect, result))
            return self._wrap(result)

        return call

    def _wrap(self, value: Any) -> Any:
        return Awaited(value, self._portal) if type(value).__name__.startswith("Async") else value


def _bare(value: Any) -> Any:
    return value._target if isinstance(value, Awaited) else value


async def _wait(awaitable: Any) -> Any:
    return await awaitable


async def _collect(items: Any) -> list[Any]:
    return [item async for item in items]


@dataclass
class Arm:
    """One way of reaching one simulator. ``connect`` makes further clients on the same arm, with other credentials."""

    name: str
    simulator: Simulator
    clock: ManualClock
    endpoint: str
    account: str
    key: str
    ca_file: Path | None
    portal: BlockingPortal | None
    stack: ExitStack

    @property
    def now(self) -> datetime:
        """The simulator's time."""
        return datetime.fromtimestamp(self.clock.time(), UTC)

    def connect(self, credential: Any = None, *, account: str | None = None, **options: Any) -> azfiles.ServiceClient:
        """A client with ``credential``, by default the account's key; ``account`` is another than the usual one."""
        name = account or self.account
        given = credential if credential is not None else azfiles.SharedKey(name, self.key)
        options.setdefault("clock", self.clock)
        if self.endpoint:
            target: Any = self.endpoint.replace(self.account, name)
            options = {"ca_file": self.ca_file, **options}
        else:
            target = self.simulator.handle
        if self.portal is None:
            return self.stack.enter_context(azfiles.connect(target, given, **options))
        client = azfiles.connect_async(target, given, **options)
        self.stack.callback(self.portal.call, client.close)
        return cast("azfiles.ServiceClient", Awaited(client, self.portal))


class Arms:
    """Keeps one server for each scheme and one event loop for each backend, for as long as the tests run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._servers: dict[str, tuple[Simulator, Any]] = {}
        self._portals: dict[str, BlockingPortal] = {}
        self._stack = ExitStack()

    def close(self) -> None:
        self._stack.close()

    @contextmanager
    def open(self, name: str) -> Iterator[Arm]:
        """An arm with an empty simulator, its clock at the present."""
        way, colour = name.split(", ")
        if way == "in process":
            simulator, server = make_simulator(), None
        else:
            simulator, server = self._server(way)
            simulator.reset()
            cast("ManualClock", simulator.clock).set(datetime.now(UTC))
        with ExitStack() as stack:
            yield Arm(
                name=name,
                simulator=simulator,
                clock=cast("ManualClock", simulator.clock),
                endpoint=server.endpoint if server else "",
                account=azfiles.EMULATOR_ACCOUNT,
                key=azfiles.EMULATOR_KEY,
                ca_file=Path(server.ca_file) if server and server.ca_file else None,
                portal=None if colour == "blocking" else self._portal(colour),
                stack=stack,
            )

    def _server(self, way: str) -> tuple[Simulator, Any]:
        if way not in self._servers:
            simulator = make_simulator()
            server = self._stack.enter_context(
                serve_in_thread(simulator, https=way == "https", ca_dir=self._folder / "ca")
            )
            self._servers[way] = simulator, server
        return self._servers[way]

    def _portal(self, backend: str) -> BlockingPortal:
        if backend not in self._portals:
            self._portals[backend] = self._stack.enter_context(start_blocking_portal(backend))
        return self._portals[backend]
