"""What ``azfiles-sim serve`` can be told on its command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from azfiles_sim.accounts import ACCOUNTS_VARIABLE
from azfiles_sim.server.endpoints import SERVICE_DOMAIN
from azfiles_sim.server.start_errors import StartError
from azfiles_sim.wire.headers import parse_guid
from azfiles_sim.wire.identity import MODES, REFUSED

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 10004
DEFAULT_INSPECTOR_PORT: Final = 10005
MAX_PORT: Final = 65535


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


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= MAX_PORT):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a whole number from 0 to {MAX_PORT} is expected")
    return int(text)


def _speed(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a speed: a whole number of bytes a second is expected")
    return int(text)


__all__ = ["DEFAULT_INSPECTOR_PORT", "ServeOptions", "parse_arguments", "refuse_contradictions"]
