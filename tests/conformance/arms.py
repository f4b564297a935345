"""The arms of this project's own run: one blocking face for every way of reaching the simulator.

A claim is written once, against the blocking clients. On an async arm the same calls go to the async clients, whose
coroutines run under asyncio or trio in a thread of their own; ``Awaited`` is that translation and decides nothing.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from anyio.from_thread import BlockingPortal, start_blocking_portal

import azfiles
from azfiles_sim import ManualClock, Simulator
from azfiles_sim.server import ServedSimulator, serve_in_thread
from azfiles_sim.storage.disk import DiskStore
from azfiles_sim.testing.targets import SimulatorTarget, make_simulator
from tests.proof import THOROUGH

OVER_SOCKETS = (("https", "blocking"), ("http", "asyncio"), ("http", "trio"))
NAMES = (
    "in process, blocking",
    "in process, trio",
    "on disk, blocking",
    "http, asyncio",
    "https, blocking",
    *(("in process, asyncio", "http, blocking", "https, trio") if THOROUGH else ()),
    *(f"{way} over sockets, {colour}" for way, colour in OVER_SOCKETS if THOROUGH),
)


def _over_sockets(connect: Any, colour: str) -> Any:
    """``connect`` with the fast transport in place of the default one."""
    make: Any = azfiles.FastTransport if colour == "blocking" else azfiles.AsyncFastTransport

    def connect_over_sockets(*args: Any, ca_file: Path | None = None, **options: Any) -> Any:
        return connect(*args, transport=make(ca_file=ca_file), **options)

    return connect_over_sockets


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


class Arms:
    """Keeps one server for each scheme, one event loop for each backend and one folder on disk, for as long as the tests
    run.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._servers: dict[str, tuple[Simulator, ServedSimulator | None]] = {}
        self._portals: dict[str, BlockingPortal] = {}
        self._stack = ExitStack()

    def close(self) -> None:
        self._stack.close()

    @contextmanager
    def open(self, name: str) -> Iterator[SimulatorTarget]:
        """An arm with an empty simulator, its clock at the present."""
        where, colour = name.split(", ")
        way, _, carrier = where.partition(" over ")
        connect: Any = azfiles.connect if colour == "blocking" else self._awaiting(colour)
        simulator, server = self._simulator(way)
        simulator.reset()
        cast("ManualClock", simulator.clock).set(datetime.now(UTC).replace(microsecond=0))
        with SimulatorTarget(
            name=name,
            simulator=simulator,
            url=server.endpoint if server else "",
            is_https=way != "http",
            open_client=_over_sockets(connect, colour) if carrier else connect,
            options={"ca_file": server.ca_file} if server and server.ca_file else {},
        ) as target:
            yield target

    def _simulator(self, way: str) -> tuple[Simulator, ServedSimulator | None]:
        if way == "in process":
            return make_simulator(), None
        if way not in self._servers:
            if way == "on disk":
                store = self._stack.enter_context(DiskStore.open(self._folder / "store"))
                self._servers[way] = make_simulator(store=store), None
            else:
                simulator = make_simulator()
                server = serve_in_thread(simulator, https=way == "https", ca_dir=self._folder / "ca")
                self._servers[way] = simulator, self._stack.enter_context(server)
        return self._servers[way]

    def _awaiting(self, backend: str) -> Any:
        """``azfiles.connect``, but for an async client behind ``Awaited``."""
        if backend not in self._portals:
            self._portals[backend] = self._stack.enter_context(start_blocking_portal(backend))
        portal = self._portals[backend]
        return lambda *args, **options: _Closing(azfiles.connect_async(*args, **options), portal)


class _Closing(Awaited):
    """The client of the account, which is closed."""

    def close(self) -> None:
        self._portal.call(self._target.close)
