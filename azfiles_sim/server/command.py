"""The command ``azfiles-sim``.

``serve`` writes exactly one line to stdout, once connections are accepted, so that a script can wait for it; all else
goes to stderr. Exit status: 0 after SIGTERM or SIGINT, 2 where it could not start.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TextIO

from azfiles_sim.accounts import ACCOUNTS_VARIABLE, DEFAULT_ACCOUNTS, AccountsError, AccountSpec, parse_accounts
from azfiles_sim.faults import PlanError, Script, read_plan
from azfiles_sim.model.quirks import TODAY
from azfiles_sim.server.endpoints import SERVICE_DOMAIN, Endpoints
from azfiles_sim.server.guarding import TOKEN_VARIABLE, Guard, make_guard
from azfiles_sim.server.in_thread import Servable, make_server
from azfiles_sim.server.proxy import PROXY_HOST, Proxy
from azfiles_sim.server.serving import Handle, HttpServer
from azfiles_sim.simulator import Simulator
from azfiles_sim.storage.store import Store
from azfiles_sim.wire.headers import parse_guid
from azfiles_sim.wire.identity import MODES, REFUSED

if TYPE_CHECKING:
    from azfiles_sim.server.certificates import Certificates

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 10004
DEFAULT_INSPECTOR_PORT: Final = 10005
INSPECTOR_HOST: Final = "127.0.0.1"
NOT_STARTED: Final = 2
MAX_PORT: Final = 65535


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
    durable: bool
    strict_versions: bool
    bearer: str
    tenant: str | None
    copy_speed: int | None
    range_md5: bool
    control: bool
    control_hosts: tuple[str, ...]
    proxy_port: int | None
    faults: Path | None
    fault_seed: int | None
    json: bool
    inspect: int | None = None
    """The port of the inspector's page; None where there is to be none."""


class InspectionLike(Protocol):
    """The inspector, as far as it is known here: it stands above this package and is handed in."""

    def make_simulator(self, accounts: Sequence[AccountSpec], **options: Any) -> Simulator: ...
    def make_handle(self, simulator: Simulator, guard: Guard, *, acts: bool) -> Handle: ...


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
        inspecting = _inspection(options, inspection)
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


def parse_arguments(arguments: Sequence[str]) -> ServeOptions:
    """Read the command line. Raises SystemExit (2) with the usage on stderr."""
    parser = argparse.ArgumentParser(
        prog="azfiles-sim",
        description="A simulator of Azure Files' REST API.",
        epilog=f"Accounts: {ACCOUNTS_VARIABLE}='name[@standard|@premium|@provisioned]:key1[:key2];...' replaces the "
        "default account, devstoreaccount1 with the key that every Azure emulator uses.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="{serve,explore}")
    # For the list of commands only: __main__ has carried it out before anybody asks here.
    commands.add_parser("explore", help="search seeds for a history that no correct service could have given")
    serving = commands.add_parser("serve", help="serve it over HTTP or HTTPS", epilog=parser.epilog)
    serving.add_argument("--host", default=DEFAULT_HOST, help="address to listen on (default: %(default)s)")
    serving.add_argument(
        "--port", type=_port, default=DEFAULT_PORT, help="port to listen on; 0 picks a free one (default: %(default)s)"
    )
    serving.add_argument("--https", action="store_true", help="serve TLS instead of plain HTTP")
    serving.add_argument("--ca-dir", type=Path, help="folder of the certificate authority (default: one of this user)")
    serving.add_argument("--seed", type=int, default=0, help="what made-up ids start from (default: %(default)s)")
    serving.add_argument("--data", type=Path, help="folder to keep the state in (default: memory)")
    serving.add_argument(
        "--durable",
        action="store_true",
        help="with --data: what was answered survives a power cut too, not only a kill",
    )
    serving.add_argument(
        "--strict-versions", action="store_true", help="refuse an x-ms-version newer than the newest known one"
    )
    serving.add_argument(
        "--bearer",
        choices=MODES,
        default=REFUSED,
        help="bearer tokens: refused, or for development: taken without a check of who signed them (default: %(default)s)",
    )
    serving.add_argument("--tenant", help="with --bearer development: the only tenant (a GUID) whose tokens are taken")
    serving.add_argument(
        "--copy-speed",
        type=_speed,
        metavar="BYTES",
        help="copies from another account are pending and do so many bytes a second (default: done at once)",
    )
    serving.add_argument(
        "--no-range-md5",
        action="store_true",
        help="no Content-MD5 in replies to writes, unless the request has one: large writes are then several times as fast",
    )
    serving.add_argument("--no-control", action="store_true", help="no control interface under /_azfiles/")
    serving.add_argument(
        "--control-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a Host, beside the loopback ones, by which the control interface may be used (can be repeated)",
    )
    serving.add_argument(
        "--proxy-port",
        type=_port,
        help=f"with --https: a loopback proxy (CONNECT) on this port that leads *.{SERVICE_DOMAIN} here",
    )
    serving.add_argument("--faults", type=Path, metavar="FILE", help="a plan of mishaps, TOML or JSON (docs/faults.md)")
    serving.add_argument("--fault-seed", type=int, metavar="N", help="with --faults: what its chances start from")
    serving.add_argument(
        "--inspect",
        type=_port,
        nargs="?",
        const=DEFAULT_INSPECTOR_PORT,
        metavar="PORT",
        help="a page to look at it, on a loopback port of its own; its address is in the one line (default port: %(const)s)",
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
        durable=given.durable,
        strict_versions=given.strict_versions,
        bearer=given.bearer,
        tenant=given.tenant,
        copy_speed=given.copy_speed,
        range_md5=not given.no_range_md5,
        control=not given.no_control,
        control_hosts=tuple(given.control_host),
        proxy_port=given.proxy_port,
        faults=given.faults,
        fault_seed=given.fault_seed,
        json=given.json,
        inspect=given.inspect,
    )


def refuse_contradictions(options: ServeOptions) -> None:
    """Raise StartError for an option that would do nothing alone: never silently something less."""
    if options.durable and options.data is None:
        raise StartError("--durable says how --data keeps the state: give both")
    if options.proxy_port is not None and not options.https:
        raise StartError("--proxy-port leads to a TLS server: give --https too")
    if options.tenant is not None and options.bearer == REFUSED:
        raise StartError("--tenant says whose bearer tokens are taken: give --bearer development too")
    if options.tenant is not None and parse_guid(options.tenant) is None:
        raise StartError("--tenant is a GUID, as in a token's tid")
    if options.fault_seed is not None and options.faults is None:
        raise StartError("--fault-seed is what the chances of --faults start from: give both")
    if options.control_hosts and not options.control:
        raise StartError("--control-host and --no-control contradict each other")


def guard_from(environment: Mapping[str, str], options: ServeOptions) -> tuple[Guard, str] | None:
    """The control interface's guard and token, None where there is to be none.

    Raises StartError.
    """
    if not options.control:
        return None
    try:
        return make_guard(environment.get(TOKEN_VARIABLE), options.control_hosts)
    except ValueError as error:
        raise StartError(f"{TOKEN_VARIABLE}: {error}") from None


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


def _inspection(options: ServeOptions, make: Callable[[], InspectionLike] | None) -> InspectionLike | None:
    """What ``--inspect`` asks for. Raises StartError where it cannot be had."""
    if options.inspect is None:
        return None
    if make is None:
        raise StartError("--inspect is known to the command azfiles-sim only")
    try:
        return make()
    except ModuleNotFoundError as error:
        raise StartError(f"--inspect: {error.name} is missing; install azfiles-toolkit[server,recording]") from None


def make_simulator(
    accounts: Sequence[AccountSpec], options: ServeOptions, inspection: InspectionLike | None = None
) -> Servable:
    """The simulator that the options ask for; where it is to be inspected, one that remembers more.

    Raises StartError where the state's folder or the plan of faults cannot be used.
    """
    faults = None if options.faults is None else _read_faults(options.faults, options.fault_seed)
    store = None if options.data is None else _open_store(options.data, durable=options.durable)
    make = Simulator if inspection is None else inspection.make_simulator
    return make(
        accounts,
        store=store,
        seed=options.seed,
        strict_versions=options.strict_versions,
        range_md5=options.range_md5,
        quirks=replace(TODAY, pending_copy_bytes_per_s=options.copy_speed),
        bearer=options.bearer,
        tenant=options.tenant,
        faults=faults,
    )


async def serve(
    simulator: Servable,
    options: ServeOptions,
    guard: tuple[Guard, str] | None = None,
    inspection: InspectionLike | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises StartError.
    """
    kept = _obtain_certificates(options.ca_dir) if options.https else None
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
        raise StartError(f"cannot listen on {host} port {port}: {_reason(error)}") from None


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


def tell_faults(diary: str) -> None:
    """Write the diary of faults to stderr."""
    complain(f"the faults that happened:\n{diary.rstrip()}" if diary else "no fault happened")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= MAX_PORT):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a whole number from 0 to {MAX_PORT} is expected")
    return int(text)


def _speed(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a speed: a whole number of bytes a second is expected")
    return int(text)


def _obtain_certificates(ca_dir: Path | None) -> Certificates:
    try:
        from azfiles_sim.server import certificates  # takes a tenth of what starting takes, and plain HTTP needs none
    except ModuleNotFoundError as error:
        raise StartError(f"{error.name} is missing; install azfiles-toolkit[server]") from None
    try:
        return certificates.obtain(ca_dir)
    except OSError as error:
        folder = ca_dir or certificates.default_ca_dir()
        raise StartError(f"cannot keep certificates in {folder}: {_reason(error)}") from None


def _open_store(folder: Path, *, durable: bool) -> Store:
    from azfiles_sim.storage.disk import DiskStore
    from azfiles_sim.storage.errors import StoreError

    try:
        return DiskStore.open(folder, durable=durable)
    except StoreError as error:
        raise StartError(f"--data: {error}") from None
    except OSError as error:
        raise StartError(f"--data: cannot use {folder}: {_reason(error)}") from None


def _read_faults(file: Path, seed: int | None) -> Script:
    try:
        script = read_plan(file)
    except PlanError as error:
        raise StartError(f"--faults: {error}") from None
    except OSError as error:
        raise StartError(f"--faults: cannot read {file}: {_reason(error)}") from None
    return script if seed is None else replace(script, seed=seed)


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
