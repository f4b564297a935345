"""A served simulator inside one's own process: the server runs in a thread with an event loop of its own."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from azfiles_sim.accounts import AccountSpec
from azfiles_sim.messages import Connection, Dropped, Reply, Request
from azfiles_sim.server.control import ControlInterface
from azfiles_sim.server.endpoints import Endpoints
from azfiles_sim.server.guarding import Guard, make_guard
from azfiles_sim.server.proxy import Proxy
from azfiles_sim.server.serving import HttpServer
from azfiles_sim.simulator import Simulator

if TYPE_CHECKING:
    from azfiles_sim.server.certificates import Certificates


class Servable(Protocol):
    """What is asked of a simulator: to answer requests, and to tell its accounts."""

    @property
    def accounts(self) -> Sequence[AccountSpec]: ...

    def handle(self, request: Request, connection: Connection = ..., /) -> Reply | Dropped: ...


class ServedSimulator:
    """A simulator behind a socket. It is its own context manager: leaving the block stops it."""

    def __init__(self, endpoints: Endpoints, thread: _ServerThread, control_token: str | None = None) -> None:
        self._endpoints = endpoints
        self._thread = thread
        self._control_token = control_token

    @property
    def endpoint(self) -> str:
        """The first account's URL, path style: ``http://127.0.0.1:PORT/ACCOUNT``."""
        return self._endpoints.endpoint()

    @property
    def connection_string(self) -> str:
        """The first account's connection string. It holds the account key."""
        return self._endpoints.connection_string()

    @property
    def endpoints(self) -> Endpoints:
        """The addresses of all accounts."""
        return self._endpoints

    @property
    def port(self) -> int:
        return self._endpoints.port

    @property
    def ca_file(self) -> Path | None:
        """The certificate that clients have to trust; ``None`` where it serves plain HTTP."""
        return self._endpoints.ca_file

    @property
    def control(self) -> str | None:
        """Where the control interface is; ``None`` where it is not served."""
        return None if self._control_token is None else self._endpoints.control

    @property
    def control_token(self) -> str | None:
        """The bearer token of the control interface. It is a secret."""
        return self._control_token

    def stop(self) -> None:
        """Stop listening and end every connection. Doing it twice does no harm."""
        self._thread.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"ServedSimulator({self.endpoint!r})"


class _RealTimeLoop(asyncio.SelectorEventLoop):
    """Its timers go on where a test has frozen Python's clocks: they concern sockets, not the simulated service."""

    def time(self) -> float:
        if hasattr(time, "clock_gettime"):
            return time.clock_gettime(time.CLOCK_MONOTONIC)
        return super().time()  # pragma: no cover - Windows


class _ServerThread:
    """The thread, its event loop, and how to end them."""

    def __init__(self, server: HttpServer | Proxy, host: str, port: int) -> None:
        self._server = server
        self._asked = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listening: Future[int] = Future()
        self._thread = threading.Thread(target=self._run, args=(host, port), name="azfiles-sim server", daemon=True)

    def start(self) -> int:
        self._thread.start()
        try:
            return self._listening.result()
        except BaseException:
            self._thread.join()
            raise

    def stop(self) -> None:
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._asked.set)
        self._thread.join()

    def _run(self, host: str, port: int) -> None:
        with asyncio.Runner(loop_factory=_RealTimeLoop) as runner:
            runner.run(self._serve(host, port))

    async def _serve(self, host: str, port: int) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            self._listening.set_result(await self._server.start(host, port))
            await self._asked.wait()
        except OSError as error:
            self._listening.set_exception(error)
        finally:
            await self._server.stop()


def serve_in_thread(
    simulator: Servable,
    *,
    https: bool = False,
    host: str = "127.0.0.1",
    port: int = 0,
    ca_dir: Path | str | None = None,
    control: bool = False,
) -> ServedSimulator:
    """Serve ``simulator`` from a thread of this process and return once it accepts connections.

    ``port`` 0 picks a free one. ``https`` serves TLS instead of plain HTTP, with a certificate under the authority
    kept in ``ca_dir`` (by default a folder of this user); clients trust the result's ``ca_file``. ``control`` serves the
    control interface too, for programs elsewhere: here there is ``Simulator.control``.

        with serve_in_thread(Simulator()) as served:
            connect(served.connection_string)

    Raises OSError where the port is taken.
    """
    kept = _obtain_certificates(ca_dir) if https else None
    guard = make_guard(None) if control else None
    server, token = make_server(simulator, None if kept is None else kept.server_context(), guard)
    thread = _ServerThread(server, host, port)
    chosen = thread.start()
    ca_file = None if kept is None else kept.ca_file
    return ServedSimulator(Endpoints(simulator.accounts, host, chosen, https=https, ca_file=ca_file), thread, token)


def _obtain_certificates(ca_dir: Path | str | None) -> Certificates:
    from azfiles_sim.server import certificates  # takes a tenth of what starting takes, and plain HTTP needs none

    return certificates.obtain(None if ca_dir is None else Path(ca_dir))


def make_server(
    simulator: Servable, tls: ssl.SSLContext | None, guard: tuple[Guard, str] | None
) -> tuple[HttpServer, str | None]:
    """A server that does not listen yet, and the token of its control interface: None where there is no ``guard``, or
    where ``simulator`` is another object than a Simulator, which then is all that is served.
    """
    if not isinstance(simulator, Simulator):
        return HttpServer(simulator.handle, tls=tls), None
    control = None if guard is None else ControlInterface(simulator, guard[0]).handle
    server = HttpServer(
        simulator.handle_without_faults,
        tls=tls,
        control=control,
        waits_for_disk=simulator.is_on_disk,
        hashes_bodies=simulator.hashes_bodies,
        faults=simulator.faults,
    )
    return server, None if guard is None else guard[1]


__all__ = ["Servable", "ServedSimulator", "make_server", "serve_in_thread"]
