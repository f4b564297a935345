"""Where the requests of one test go: to a simulator, to its cassette, or to a real account."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import azfiles
from azfiles.cassette.interactions import Interaction
from azfiles.cassette.locking import CassetteLock
from azfiles.cassette.timeline import RecordedClock, start_of
from azfiles.cassette.writing import stored_bodies
from azfiles.transports.taping import CassetteTransport, Mode
from azfiles_sim.pytest_plugin.choosing import Asked
from azfiles_sim.pytest_plugin.live import Account, ConnectionString, LiveTransport, RealClock
from azfiles_sim.pytest_plugin.missing import MissingCassette
from azfiles_sim.pytest_plugin.watching import Carrier, WatchedTransport
from azfiles_sim.simulator import Simulator

SHARE_PREFIX: Final = "azfiles-test-"
"""How the names of shares begin that ``azfiles_share_name`` gives, so that what a killed run left is found."""

_SAME_EACH_TIME: Final = "00000000"
_NAMED: Final = re.compile(rf"/{SHARE_PREFIX}([0-9a-f]{{8}})-")

EMULATED: Final = Account(
    url=f"https://{azfiles.EMULATOR_ACCOUNT}.file.core.windows.net",
    credential=azfiles.SharedKey(azfiles.EMULATOR_ACCOUNT, azfiles.EMULATOR_KEY),
    connection_string=ConnectionString(
        f"DefaultEndpointsProtocol=https;AccountName={azfiles.EMULATOR_ACCOUNT};"
        f"AccountKey={azfiles.EMULATOR_KEY};EndpointSuffix=core.windows.net"
    ),
)


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """The service behind a test, or behind its cassette while that is recorded."""

    name: str
    account: Account
    carrier: Carrier
    clock: azfiles.VirtualClock
    mark: str
    """What the shares of this test are called by."""
    is_real: bool = False

    @classmethod
    def simulated(cls, simulator: Simulator) -> Upstream:
        clock: Any = simulator.clock
        carrier = azfiles.InProcessTransport(simulator.handle)
        return cls(name="the simulator", account=EMULATED, carrier=carrier, clock=clock, mark=_SAME_EACH_TIME)

    @classmethod
    def real(cls, account: Account) -> Upstream:
        # No two runs share a name, and the service keeps the name of a deleted share for a while.
        mark = secrets.token_hex(4)
        carrier = LiveTransport(account)
        return cls(name="a real account", account=account, carrier=carrier, clock=RealClock(), mark=mark, is_real=True)


@dataclass(kw_only=True)
class Arm:
    """What a test's fixtures are made of. ``end`` it once the test and all its fixtures are done."""

    transport: WatchedTransport
    clock: azfiles.VirtualClock
    account: Account
    mark: str
    is_real: bool = False
    on_cassette: bool = False
    """Whether the test has one, though the options may lead past it."""
    passed: bool = False
    """Whether the test itself did, as far as it has come."""
    recording: Recording | None = None
    _close: Callable[[], None] = field(repr=False)
    _given: set[str] = field(default_factory=set[str], repr=False)

    @property
    def connecting(self) -> dict[str, Any]:
        """The arguments of ``azfiles.connect`` and ``connect_async`` for this arm."""
        # A real service's time is everybody's; and an async client must not wait by a clock that blocks its loop.
        clock = None if self.is_real else self.clock
        to, credential = self.account.url, self.account.credential
        return {"to": to, "credential": credential, "transport": self.transport, "clock": clock, **self.account.options}

    def share_name(self, label: str = "data") -> str:
        """A share's name that no other test has, now or in another run; on a real account it is removed in the end."""
        name = f"{SHARE_PREFIX}{self.mark}-{label}"
        self._given.add(name)
        return name

    def end(self, *, well: bool) -> None:
        """Save the cassette if the test passed and ended well, and clean up. Raises ``AzureFilesError`` where the cassette and the test
        do not fit, or shares were left behind.
        """
        try:
            if self.recording is not None:
                self.recording.end(passed=self.passed and well, count=self.transport.count)
        finally:
            self._close()
            left = self.account.remove_shares(self._given) if self.is_real else ""
        if left:
            raise azfiles.AzureFilesError(f"shares were left on the real account: {left}")


@dataclass(kw_only=True)
class Recording:
    """A test's cassette while the test runs."""

    path: Path
    source: str
    """What is recorded, if anything is."""
    transport: CassetteTransport
    lock: CassetteLock | None
    written: bool = False

    def end(self, *, passed: bool, count: int) -> None:
        """Save what was recorded and check that all was played, if the test passed; else leave the file as it was."""
        try:
            if not passed:
                self.transport.drop()
            elif count or self.transport.interactions:
                before = _stamp(self.path)
                try:
                    self.transport.close()
                finally:
                    self.written = _stamp(self.path) != before
        finally:
            if self.lock is not None:
                self.lock.release()


def open_plain(upstream: Upstream) -> Arm:
    """An arm without a cassette."""
    return Arm(
        transport=WatchedTransport(upstream.carrier, upstream.clock, upstream.name),
        clock=upstream.clock,
        account=upstream.account,
        mark=upstream.mark,
        is_real=upstream.is_real,
        _close=upstream.carrier.close,
    )


def open_cassette(path: Path, mode: Mode, asked: Asked, find_upstream: Callable[[], Upstream]) -> Arm:
    """An arm with a cassette in front of the service, which is only asked for where something may be sent.

    Raises ``CassetteError`` where the cassette is damaged. Where there is none and none may be recorded, the first
    request does.
    """
    if mode == "live":
        return open_plain(find_upstream())
    if _answers_alone(mode, path):
        arm = _open(path, mode, asked, find_upstream, None)
        if arm.recording is None or not any(stored_bodies(arm.recording.transport.interactions)):
            return arm  # a plain file is replaced in one step, and was read whole
    lock = CassetteLock.take(path, exclusive=not _answers_alone(mode, path))
    try:
        if mode == "once" and path.exists():
            lock.change(exclusive=False)  # it was not there, but somebody has just recorded it
        return _open(path, mode, asked, find_upstream, lock)
    except BaseException:
        lock.release()
        raise


def _answers_alone(mode: Mode, path: Path) -> bool:
    return mode == "none" or (mode == "once" and path.exists())


def _open(
    path: Path, mode: Mode, asked: Asked, find_upstream: Callable[[], Upstream], lock: CassetteLock | None
) -> Arm:
    upstream = None if _answers_alone(mode, path) else find_upstream()
    if upstream is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    elif not path.exists():
        return _open_missing(path, final=asked.mode == "none")
    cassette = azfiles.use_cassette(
        path,
        None if upstream is None else upstream.carrier,
        mode=mode,
        secrets=(*asked.secrets, *(() if upstream is None else upstream.account.secrets())),
        body_limit=asked.body_limit,
        sealed=asked.sealed,
        clock=None if upstream is None or upstream.is_real else upstream.clock,
        allow_unplayed=asked.allow_unplayed,
        repeat_last=asked.repeat_last,
        continue_with=_continuation(path) if upstream is None and asked.continue_with_simulator else None,
    )
    clock: Any = cassette.clock if upstream is None else upstream.clock  # a cassette that answers alone has one
    return Arm(
        transport=WatchedTransport(cassette, clock, f"cassette {path}, mode {mode}"),
        clock=clock,
        account=EMULATED if upstream is None else upstream.account,
        mark=_recorded_mark(cassette.interactions) or (_SAME_EACH_TIME if upstream is None else upstream.mark),
        is_real=upstream is not None and upstream.is_real,
        recording=Recording(path=path, source="" if upstream is None else upstream.name, transport=cassette, lock=lock),
        _close=_nothing if upstream is None else upstream.carrier.close,
    )


def _open_missing(path: Path, *, final: bool) -> Arm:
    clock = RecordedClock(start_of(()))
    return Arm(
        transport=WatchedTransport(MissingCassette(path, final=final), clock, f"cassette {path}, which is not there"),
        clock=clock,
        account=EMULATED,
        mark=_SAME_EACH_TIME,
        _close=_nothing,
    )


def _continuation(path: Path) -> Simulator:
    from azfiles_sim.testing.cassettes.rebuilding import from_cassette

    return from_cassette(path)


def _recorded_mark(interactions: Iterable[Interaction]) -> str:
    """What the shares were called by when the cassette was recorded."""
    for one in interactions:
        found = _NAMED.search(one.request.uri)
        if found:
            return found[1]
    return ""


def _nothing() -> None:
    """Nothing is open."""


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_ino, state.st_mtime_ns


__all__ = ["SHARE_PREFIX", "Arm", "Recording", "Upstream", "open_cassette", "open_plain"]
