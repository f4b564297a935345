"""The command ``azfiles-sim``.

``serve`` writes exactly one line to stdout, once connections are accepted, so that a script can wait for it; all else
goes to stderr. Exit status: 0 after SIGTERM or SIGINT, 2 where it could not start.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from azfiles_sim.accounts import AccountSpec
from azfiles_sim.server.announcing import announce, complain, tell_faults
from azfiles_sim.server.assembling import (
    InspectionLike,
    accounts_from,
    guard_from,
    inspection_for,
    make_simulator,
    obtain_certificates,
)
from azfiles_sim.server.endpoints import Endpoints
from azfiles_sim.server.guarding import Guard, make_guard
from azfiles_sim.server.in_thread import Servable, make_server
from azfiles_sim.server.options import ServeOptions, parse_arguments, refuse_contradictions
from azfiles_sim.server.proxy import PROXY_HOST, Proxy
from azfiles_sim.server.serving import HttpServer
from azfiles_sim.server.start_errors import StartError, reason_of
from azfiles_sim.simulator import Simulator

INSPECTOR_HOST: Final = "127.0.0.1"
NOT_STARTED: Final = 2

MakeSimulator = Callable[[Sequence[AccountSpec], ServeOptions], Servable]


def run(
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str] = os.environ,
    make: MakeSimulator | None = None,
    inspection: Callable[[], InspectionLike] | None = None,
) -> int:
    """Carry out the command line and return the exit status. ``make`` builds the simulator; ``inspection`` is called
    where ``--inspect`` asks for the page.

    Raises SystemExit where the arguments are wrong or ask for help.
    """
    options = parse_arguments(arguments)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        refuse_contradictions(options)
        accounts = accounts_from(environment)
        guard = guard_from(environment, options)
        inspecting = inspection_for(options, inspection)
        make = make or partial(make_simulator, inspection=inspecting)
        with contextlib.ExitStack() as closing:
            simulator = make(accounts, options)
            if isinstance(simulator, Simulator):
                closing.callback(simulator.close)
            asyncio.run(serve(simulator, options, guard, inspecting))
            if options.faults is not None and isinstance(simulator, Simulator):
                tell_faults(simulator.faults.diary_text)
    except StartError as error:
        complain(str(error))
        return NOT_STARTED
    return 0


async def serve(
    simulator: Servable,
    options: ServeOptions,
    guard: tuple[Guard, str] | None = None,
    inspection: InspectionLike | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises StartError.
    """
    kept = obtain_certificates(options.ca_dir) if options.https else None
    tls = None if kept is None else kept.server_context()
    server, token = make_server(simulator, tls, guard)
    stop = asyncio.Event()
    _on_signals(stop)
    async with contextlib.AsyncExitStack() as stopping:
        port = await _listen(server, options.host, options.port, stopping)
        ca_file = None if kept is None else kept.ca_file
        endpoints = Endpoints(simulator.accounts, options.host, port, https=options.https, ca_file=ca_file)
        proxy = None
        if options.proxy_port is not None:
            proxy_port = await _listen(Proxy(endpoints.host, port), PROXY_HOST, options.proxy_port, stopping)
            proxy = f"http://{PROXY_HOST}:{proxy_port}"
        inspector = None
        if inspection is not None and options.inspect is not None and isinstance(simulator, Simulator):
            own, secret = make_guard(None)
            handle = inspection.make_handle(simulator, own, acts=options.control)
            # Its answers read states that may be large: none is made in the loop's thread.
            page = HttpServer(handle, waits_for_disk=True)
            page_port = await _listen(page, INSPECTOR_HOST, options.inspect, stopping)
            inspector = f"http://{INSPECTOR_HOST}:{page_port}/#{secret}"
        record = endpoints.start_record(os.getpid(), control_token=token, proxy=proxy, inspector=inspector)
        announce(record if options.json else endpoints.start_line(inspector))
        await stop.wait()


async def _listen(server: HttpServer | Proxy, host: str, port: int, stopping: contextlib.AsyncExitStack) -> int:
    stopping.push_async_callback(server.stop)
    try:
        return await server.start(host, port)
    except OSError as error:
        if error.errno is None:  # how a newer asyncio tells that no address it tried is this machine's
            error.errno = errno.EADDRNOTAVAIL
        raise StartError(f"cannot listen on {host} port {port}: {reason_of(error)}") from None


def _on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # pragma: no cover - Windows
            signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(stop.set))


__all__ = ["INSPECTOR_HOST", "run", "serve"]
