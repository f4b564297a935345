"""Scripted sessions: a Python file with a function ``session(client)`` is run against a fresh simulator and recorded.

The simulator's clock stands still but where the session or a wait of the client moves it, and its seed and the client's
are fixed, so recording a script again gives the same bytes.
"""

from __future__ import annotations

import importlib.util
import inspect
import os
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Protocol, cast

import azfiles
from azfiles.errors import CassetteError
from azfiles.messages import Transport
from azfiles_sim import AccountSpec, ManualClock, Simulator
from azfiles_sim.accounts import DEFAULT_ACCOUNTS
from azfiles_sim.faults import AnyPlan, Script

START: Final = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
"""When each scripted session begins."""


def record_script(
    script: str | os.PathLike[str], cassette: str | os.PathLike[str], *, seed: int = 1, **options: Any
) -> object:
    """Run a script's ``session`` and write what was said to ``cassette``; returns what the session returned.

    ``session`` takes a blocking ``ServiceClient`` and, where it names them, ``clock`` (the simulator's, set by hand),
    ``simulator`` and ``connect``, which makes another client of the same service: ``connect(credential, **options)``.
    The script may say ``ACCOUNTS``, a list of ``AccountSpec``, and ``FAULTS``, a plan of ``azfiles_sim.faults``. ``options`` are those
    of ``azfiles.recording``.

    Raises ``CassetteError`` where there is no such function; whatever the session raises. Then nothing is written.
    """
    module = load_script(script)
    accounts = _accounts_of(module)
    clock = ManualClock(START)
    simulator = Simulator(accounts, clock=clock, faults=_faults_of(module))
    recorder = azfiles.recording(azfiles.InProcessTransport(simulator.handle), cassette, clock=clock, **options)
    told = Stage(recorder, clock, accounts[0], seed, simulator).play(module.session)
    recorder.close()
    return told


def replay_script(
    script: str | os.PathLike[str],
    cassette: str | os.PathLike[str],
    *,
    account: AccountSpec | None = None,
    seed: int = 1,
    **options: Any,
) -> object:
    """Run a script's ``session`` again, answered by its cassette alone; returns what the session returned. ``account`` is
    whose client it is, by default that of the recording; ``options`` are those of ``azfiles.replaying``.

    Raises what ``azfiles.replaying`` raises, and ``CassetteError`` where the session names ``simulator``: there is none.
    """
    module = load_script(script)
    with azfiles.replaying(cassette, **options) as replayer:
        stage = Stage(replayer, replayer.clock, account or _accounts_of(module)[0], seed)
        return stage.play(module.session)


def load_script(script: str | os.PathLike[str]) -> ModuleType:
    """The module that a script is. Raises ``CassetteError`` where it has no function ``session``."""
    path = Path(script)
    name = f"azfiles_script_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise CassetteError(f"script {path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and the like look up where they come from
    sys.path.insert(0, str(path.resolve().parent))  # as where it is run by itself: what lies beside it can be imported
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.pop(0)
    if not callable(getattr(module, "session", None)):
        raise CassetteError(f"script {path}: it has no function session(client)")
    return module


def _accounts_of(script: ModuleType) -> list[AccountSpec]:
    found: object = getattr(script, "ACCOUNTS", DEFAULT_ACCOUNTS)
    accounts = list(cast("Iterable[object]", found)) if isinstance(found, list | tuple) else []
    specs = [account for account in accounts if isinstance(account, AccountSpec)]
    if not specs or len(specs) < len(accounts):
        raise CassetteError(f"script {script.__file__}: ACCOUNTS is to be a list of one AccountSpec or more")
    return specs


def _faults_of(script: ModuleType) -> AnyPlan | None:
    found: object = getattr(script, "FAULTS", None)
    if found is None or isinstance(found, Script) or callable(found):
        return cast("AnyPlan | None", found)
    raise CassetteError(f"script {script.__file__}: FAULTS is to be a plan of azfiles_sim.faults")


class StageClock(Protocol):
    """Time that stands still but where it is moved."""

    def time(self) -> float: ...
    def advance(self, seconds: float, /) -> None: ...


class Stage:
    """What a session is played on: a transport, a clock, an account, and the simulator where there is one."""

    def __init__(
        self,
        transport: Transport,
        clock: StageClock,
        account: AccountSpec,
        seed: int,
        simulator: Simulator | None = None,
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._account = account
        self._seed = seed
        self._simulator = simulator

    def connect(self, credential: azfiles.Credential | None = None, **options: Any) -> azfiles.ServiceClient:
        """A client of the stage; by default with the account's key."""
        url = f"https://{self._account.name}.file.core.windows.net"
        own = azfiles.SharedKey(self._account.name, self._account.key_text())
        given: dict[str, Any] = {"seed": self._seed, "clock": self._clock, **options}
        return azfiles.connect(url, credential or own, transport=self._transport, **given)

    def play(self, session: Any) -> object:
        """Call a session with what it names."""
        further = list(inspect.signature(session).parameters)[1:]
        offered: dict[str, object] = {"clock": self._clock, "connect": self.connect}
        if self._simulator is not None:
            offered["simulator"] = self._simulator
        unknown = [name for name in further if name not in offered]
        if unknown:
            known = ", ".join(offered)
            raise CassetteError(f"session takes {', '.join(unknown)}; what there is beside the client: {known}")
        return session(self.connect(), **{name: offered[name] for name in further})


__all__ = ["START", "Stage", "load_script", "record_script", "replay_script"]
