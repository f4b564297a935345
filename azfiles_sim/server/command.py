"""The command ``azfiles-sim``.

``serve`` writes exactly one line to stdout, once connections are accepted, so that a script can wait for it; all else
goes to stderr. Exit status: 0 after SIGTERM or SIGINT, 2 where it could not start.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from azfiles_sim.accounts import ACCOUNTS_VARIABLE, DEFAULT_ACCOUNTS, AccountsError, AccountSpec, parse_accounts
from azfiles_sim.server import certificates
from azfiles_sim.server.endpoints import Endpoints
from azfiles_sim.server.in_thread import Servable
from azfiles_sim.server.serving import HttpServer

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 10004
NOT_STARTED: Final = 2


class StartError(Exception):
    """Serving could not begin. The message is one line."""


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """What the command line said, checked."""

    host: str
    port: int
    https: bool
    seed: int
    data: Path | None
    ca_dir: Path | None
    strict_versions: bool
    json: bool


MakeSimulator = Callable[[Sequence[AccountSpec], ServeOptions], Servable]


def run(
    arguments: Sequence[str], *, environment: Mapping[str, str] = os.environ, make: MakeSimulator | None = None
) -> int:
    """Carry out the command line and return the exit status. ``make`` builds the simulator.

    Raises SystemExit where the arguments are wrong or ask for help.
    """
    options = parse_arguments(arguments)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        refuse_unbuilt(options)
        accounts = accounts_from(environment)
        asyncio.run(serve((make or make_simulator)(accounts, options), options))
    except StartError as error:
        complain(str(error))
        return NOT_STARTED
    return 0


def parse_arguments(arguments: Sequence[str]) -> ServeOptions:
    """Read the command line. Raises SystemExit (2) with the usage on stderr."""
    parser = argparse.ArgumentParser(
        prog="azfiles-sim",
        description="A simulator of Azure Files' REST API.",
        epilog=f"Accounts: {ACCOUNTS_VARIABLE}='name[@standard|@premium|@provisioned]:key1[:key2];...' replaces the "
        "default account, devstoreaccount1 with the key that every Azure emulator uses.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="serve")
    serving = commands.add_parser("serve", help="serve it over HTTP or HTTPS", epilog=parser.epilog)
    serving.add_argument("--host", default=DEFAULT_HOST, help="address to listen on (default: %(default)s)")
    serving.add_argument(
        "--port", type=_port, default=DEFAULT_PORT, help="port to listen on; 0 picks a free one (default: %(default)s)"
    )
    serving.add_argument("--https", action="store_true", help="serve TLS instead of plain HTTP")
    serving.add_argument("--ca-dir", type=Path, help="folder of the certificate authority (default: one of this user)")
    serving.add_argument("--seed", type=int, default=0, help="what made-up ids start from (default: %(default)s)")
    serving.add_argument("--data", type=Path, help="folder to keep the state in (not built yet: refused)")
    serving.add_argument(
        "--strict-versions", action="store_true", help="refuse an x-ms-version newer than the newest known one"
    )
    serving.add_argument("--json", action="store_true", help="write the one line to stdout as JSON")
    given = parser.parse_args(arguments)
    return ServeOptions(
        host=given.host,
        port=given.port,
        https=given.https,
        seed=given.seed,
        data=given.data,
        ca_dir=given.ca_dir,
        strict_versions=given.strict_versions,
        json=given.json,
    )


def refuse_unbuilt(options: ServeOptions) -> None:
    """Raise StartError for an option that this version does not have: never silently something less."""
    if options.data is not None:
        raise StartError("--data is not built yet: this version keeps everything in memory")


def accounts_from(environment: Mapping[str, str]) -> Sequence[AccountSpec]:
    """The accounts that the environment names; the emulator's where it names none.

    Raises StartError.
    """
    text = environment.get(ACCOUNTS_VARIABLE, "")
    if not text.strip():
        return DEFAULT_ACCOUNTS
    try:
        return parse_accounts(text)
    except AccountsError as error:
        raise StartError(f"{ACCOUNTS_VARIABLE}: {error}") from None


def make_simulator(accounts: Sequence[AccountSpec], options: ServeOptions) -> Servable:
    """The simulator that the options ask for."""
    from azfiles_sim.simulator import Simulator

    return Simulator(accounts, seed=options.seed, strict_versions=options.strict_versions)


async def serve(simulator: Servable, options: ServeOptions) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises StartError.
    """
    kept = _obtain_certificates(options.ca_dir) if options.https else None
    server = HttpServer(simulator.handle, tls=None if kept is None else kept.server_context())
    stop = asyncio.Event()
    _on_signals(stop)
    try:
        port = await server.start(options.host, options.port)
    except OSError as error:
        await server.stop()
        raise StartError(f"cannot listen on {options.host} port {options.port}: {_reason(error)}") from None
    try:
        ca_file = None if kept is None else kept.ca_file
        endpoints = Endpoints(simulator.accounts, options.host, port, https=options.https, ca_file=ca_file)
        announce(endpoints.start_record(os.getpid()) if options.json else endpoints.start_line())
        await stop.wait()
    finally:
        await server.stop()


def announce(line: str) -> None:
    """Write the one line to stdout. Nobody has to be listening: a closed stdout does not end the server."""
    stdout: TextIO | None = sys.stdout  # None where the descriptor was closed before Python began
    if stdout is None:
        return
    try:
        stdout.write(f"{line}\n")
        stdout.flush()
    except (OSError, ValueError):
        # The line is still in the buffer; flushed at exit it would turn status 0 into 120.
        with contextlib.suppress(OSError, ValueError), Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), stdout.fileno())


def complain(message: str) -> None:
    """Write one line to stderr."""
    stderr: TextIO | None = sys.stderr
    if stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            stderr.write(f"azfiles-sim: {message}\n")


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{port} is not a port")
    return port


def _obtain_certificates(ca_dir: Path | None) -> certificates.Certificates:
    try:
        return certificates.obtain(ca_dir)
    except OSError as error:
        folder = ca_dir or certificates.default_ca_dir()
        raise StartError(f"cannot keep certificates in {folder}: {_reason(error)}") from None


def _on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # pragma: no cover - Windows
            signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(stop.set))


def _reason(error: OSError) -> str:
    """The error in one line, without the details that Python adds for its own sake."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else str(error.strerror or error)


__all__ = ["ServeOptions", "StartError", "announce", "parse_arguments", "run"]
