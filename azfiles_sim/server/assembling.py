"""What serving needs, made from what the options and the environment say: accounts, simulator, guard, certificates.

Each function raises StartError where that cannot be had.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from azfiles_sim.accounts import ACCOUNTS_VARIABLE, DEFAULT_ACCOUNTS, AccountsError, AccountSpec, parse_accounts
from azfiles_sim.faults import PlanError, Script, read_plan
from azfiles_sim.model.quirks import TODAY
from azfiles_sim.server.guarding import TOKEN_VARIABLE, Guard, make_guard
from azfiles_sim.server.in_thread import Servable
from azfiles_sim.server.options import ServeOptions
from azfiles_sim.server.serving import Handle
from azfiles_sim.server.start_errors import StartError, reason_of
from azfiles_sim.simulator import Simulator
from azfiles_sim.storage.store import Store

if TYPE_CHECKING:
    from azfiles_sim.server.certificates import Certificates


class InspectionLike(Protocol):
    """The inspector, as far as it is known here: it stands above this package and is handed in."""

    def make_simulator(self, accounts: Sequence[AccountSpec], **options: Any) -> Simulator: ...
    def make_handle(self, simulator: Simulator, guard: Guard, *, acts: bool) -> Handle: ...


def accounts_from(environment: Mapping[str, str]) -> Sequence[AccountSpec]:
    """The accounts that the environment names; the emulator's where it names none."""
    text = environment.get(ACCOUNTS_VARIABLE, "")
    if not text.strip():
        return DEFAULT_ACCOUNTS
    try:
        return parse_accounts(text)
    except AccountsError as error:
        raise StartError(f"{ACCOUNTS_VARIABLE}: {error}") from None


def guard_from(environment: Mapping[str, str], options: ServeOptions) -> tuple[Guard, str] | None:
    """The control interface's guard and token, None where there is to be none."""
    if not options.control:
        return None
    try:
        return make_guard(environment.get(TOKEN_VARIABLE), options.control_hosts)
    except ValueError as error:
        raise StartError(f"{TOKEN_VARIABLE}: {error}") from None


def inspection_for(options: ServeOptions, make: Callable[[], InspectionLike] | None) -> InspectionLike | None:
    """What ``--inspect`` asks for."""
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
    """The simulator that the options ask for; where it is to be inspected, one that remembers more."""
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


def obtain_certificates(ca_dir: Path | None) -> Certificates:
    """The certificates of the authority that is kept in ``ca_dir``, by default in a folder of this user."""
    try:
        from azfiles_sim.server import certificates  # takes a tenth of what starting takes, and plain HTTP needs none
    except ModuleNotFoundError as error:
        raise StartError(f"{error.name} is missing; install azfiles-toolkit[server]") from None
    try:
        return certificates.obtain(ca_dir)
    except OSError as error:
        folder = ca_dir or certificates.default_ca_dir()
        raise StartError(f"cannot keep certificates in {folder}: {reason_of(error)}") from None


def _open_store(folder: Path, *, durable: bool) -> Store:
    from azfiles_sim.storage.disk import DiskStore
    from azfiles_sim.storage.errors import StoreError

    try:
        return DiskStore.open(folder, durable=durable)
    except StoreError as error:
        raise StartError(f"--data: {error}") from None
    except OSError as error:
        raise StartError(f"--data: cannot use {folder}: {reason_of(error)}") from None


def _read_faults(file: Path, seed: int | None) -> Script:
    try:
        script = read_plan(file)
    except PlanError as error:
        raise StartError(f"--faults: {error}") from None
    except OSError as error:
        raise StartError(f"--faults: cannot read {file}: {reason_of(error)}") from None
    return script if seed is None else replace(script, seed=seed)


__all__ = [
    "InspectionLike",
    "accounts_from",
    "guard_from",
    "inspection_for",
    "make_simulator",
    "obtain_certificates",
]
