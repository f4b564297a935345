"""What a suite or a machine is pointed at: one account, and what can be asked of whoever keeps it.

``SimulatorTarget`` is a simulator in this process; ``EndpointTarget`` is whatever answers at a connection string: a
served simulator, somebody else's emulator, a real account. Everything is made in shares whose names begin with
``azfiles-conformance-``, and ``close`` removes them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self

import azfiles
from azfiles.core.connection import read_connection_string
from azfiles_sim.accounts import DEFAULT_ACCOUNTS, AccountSpec
from azfiles_sim.clock import ManualClock
from azfiles_sim.simulator import Simulator

SHARE_PREFIX: Final = "azfiles-conformance-"
"""How the name of every share that is made begins, so that what a killed run left is found again."""

NEWEST_VERSION: Final = "2026-10-06"


class Capability(StrEnum):
    """What not every target can do; the value completes "the target cannot ..."."""

    MOVE_TIME = "move its clock"
    PLANT_HANDLES = "have an SMB client open files"
    ACCOUNT_KEY = "let signatures be made with the account's key"
    ACCOUNT_SETTINGS = "have the settings of its whole account changed"
    BEARER_TOKENS = "take bearer tokens that nobody signed"
    NEWEST_VERSION = "speak service version 2026-10-06"
    PREMIUM_ACCOUNT = "offer a premium account"
    PROVISIONED_ACCOUNT = "offer an account of provisioned v2"
    SOFT_DELETE_ACCOUNT = "offer an account that keeps deleted shares"


class Missing(Exception):
    """Something was asked of a target that it cannot do; the message says what."""

    def __init__(self, capability: Capability) -> None:
        super().__init__(f"the target cannot {capability.value}")
        self.capability = capability


class LeftBehind(Exception):
    """Shares that were made could not be removed; the message names them and says why."""


@dataclass(kw_only=True)
class Target:
    """One account and the way to it. Use it in a ``with`` statement, or ``close`` it.

    ``capabilities`` are what it can do beyond answering requests. No repr shows a secret.
    """

    name: str
    account: str
    capabilities: frozenset[Capability] = frozenset()
    is_https: bool = True
    _mark: str = field(default_factory=lambda: secrets.token_hex(4), repr=False)
    _given: set[str] = field(default_factory=set[str], repr=False)
    _stack: ExitStack = field(default_factory=ExitStack, repr=False)

    # --- what the kinds of target do each in its way ----------------------------------------------------------------

    def connect(self, credential: Any = None, *, account: str | None = None, **options: Any) -> azfiles.ServiceClient:
        """A client with ``credential``, by default the account's own; closed together with the target. ``account`` is
        one that ``account_of`` named. The options are those of ``azfiles.connect``.
        """
        raise NotImplementedError

    @property
    def now(self) -> datetime:
        """The target's time, as far as it is known here."""
        return datetime.now(UTC)

    def advance(self, seconds: float) -> None:  # noqa: ARG002 - for those who can
        """Let time pass there. Needs ``MOVE_TIME``."""
        raise Missing(Capability.MOVE_TIME)

    def open_handle(self, share: str, path: str) -> str:  # noqa: ARG002 - for those who can
        """Have an SMB client open a path; the handle's id. Needs ``PLANT_HANDLES``."""
        raise Missing(Capability.PLANT_HANDLES)

    def account_of(self, kind: Capability) -> str:
        """The name of an account of another kind. Needs that capability."""
        raise Missing(kind)

    def has_secret(self, text: str) -> bool:
        """Whether a text shows the account's key or signature."""
        raise NotImplementedError

    # --- what they have in common -----------------------------------------------------------------------------------

    def require(self, capability: Capability) -> None:
        """Raise ``Missing`` where the target cannot do that."""
        if capability not in self.capabilities:
            raise Missing(capability)

    @property
    def share_prefix(self) -> str:
        """How the names of this target's shares begin; no other target's do."""
        return f"{SHARE_PREFIX}{self._mark}-"

    def share_name(self, label: str) -> str:
        """The full name for a share called ``label`` here, at most 34 characters. Once given out, ``close`` removes it."""
        name = self.share_prefix + label
        self._given.add(name)
        return name

    def defer(self, callback: Callable[[], object]) -> None:
        """Have something done when the target is closed, after its clients are."""
        self._stack.callback(callback)

    def remove(self) -> None:
        """Remove every share whose name was given out, whatever its state, and nothing else. Raises ``LeftBehind``."""
        left: list[str] = []
        if self._given:
            with ExitStack() as stack:
                client = self._remover(stack)
                left = [
                    f"{name}: {trouble}"
                    for name in sorted(self._given)
                    if (trouble := remove_share(client.share(name)))
                ]
        self._given.clear()
        if left:
            raise LeftBehind("; ".join(left))

    def close(self) -> None:
        """Remove what was made and close the clients. Raises ``LeftBehind``."""
        try:
            self.remove()
        finally:
            self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _remover(self, stack: ExitStack) -> azfiles.ServiceClient:
        """A client to remove with, apart from those of the tests, which may be closed or broken by now."""
        raise NotImplementedError


def remove_share(share: azfiles.ShareClient) -> str:
    """Delete a share with its snapshots, breaking a lease where one is in the way; what prevented it, or nothing."""
    try:
        try:
            share.delete(delete_snapshots="include-leased")
        except azfiles.LeaseConflict:
            share.break_lease(period_s=0)
            share.delete(delete_snapshots="include-leased")
    except azfiles.NotFound:
        return ""
    except azfiles.AzureFilesError as error:
        return str(error)
    return ""


# --- a simulator in this process ---------------------------------------------------------------------------------

_OTHERS: Final[Mapping[Capability, AccountSpec]] = {
    Capability.PREMIUM_ACCOUNT: AccountSpec("premiumaccount", "premium", DEFAULT_ACCOUNTS[0].keys),
    Capability.PROVISIONED_ACCOUNT: AccountSpec("provisionedaccount", "provisioned", DEFAULT_ACCOUNTS[0].keys),
    Capability.SOFT_DELETE_ACCOUNT: AccountSpec("keepingaccount", keys=DEFAULT_ACCOUNTS[0].keys, soft_delete_days=7),
}
ACCOUNTS: Final[Sequence[AccountSpec]] = (*DEFAULT_ACCOUNTS, *_OTHERS.values())
"""The accounts of a simulator that every claim can be held to: the emulators' own, and one of each other kind. All
have one key."""


def make_simulator(**options: Any) -> Simulator:
    """A simulator that can be asked everything: all kinds of account, unsigned bearer tokens, a clock that only
    ``Target.advance`` moves. ``options`` are further ones of ``Simulator``.
    """
    options.setdefault("clock", ManualClock())
    return Simulator(ACCOUNTS, bearer="development", **options)


@dataclass(kw_only=True)
class SimulatorTarget(Target):
    """A simulator of this process, with a ``ManualClock``: it can do everything. ``url`` is where it is served, empty
    to call it without a network; ``open_client`` connects instead of ``azfiles.connect``; ``options`` go with that.
    """

    name: str = "simulator in process"
    account: str = azfiles.EMULATOR_ACCOUNT
    capabilities: frozenset[Capability] = frozenset(Capability)
    simulator: Simulator = field(default_factory=make_simulator, repr=False)
    url: str = field(default="", repr=False)
    open_client: Callable[..., azfiles.ServiceClient] = field(default=azfiles.connect, repr=False)
    options: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    _mark: str = field(default="00000000", repr=False)  # a run that is repeated says the same bytes

    def connect(self, credential: Any = None, *, account: str | None = None, **options: Any) -> azfiles.ServiceClient:
        return self._open(self._stack, credential, account or self.account, **options)

    @property
    def clock(self) -> ManualClock:
        clock = self.simulator.clock
        if not isinstance(clock, ManualClock):
            raise TypeError("a SimulatorTarget needs a simulator with a ManualClock")
        return clock

    @property
    def now(self) -> datetime:
        return datetime(1, 1, 1, tzinfo=UTC) + timedelta(microseconds=self.clock.now() // 10)

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def open_handle(self, share: str, path: str) -> str:
        return str(self.simulator.open_handle(self.account, share, path))

    def account_of(self, kind: Capability) -> str:
        return _OTHERS[kind].name

    def has_secret(self, text: str) -> bool:
        return azfiles.EMULATOR_KEY in text

    def remove(self) -> None:
        """Nothing: what was made is gone with the simulator, or with its ``reset``."""
        self._given.clear()

    def _open(self, stack: ExitStack, credential: Any, account: str, **options: Any) -> azfiles.ServiceClient:
        given = azfiles.SharedKey(account, azfiles.EMULATOR_KEY) if credential is None else credential
        to: Any = self.url.replace(self.account, account) if self.url else self.simulator.handle
        client = self.open_client(to, given, **{"clock": self.clock, **self.options, **options})
        stack.callback(client.close)
        return client


# --- anything at a connection string -----------------------------------------------------------------------------


@dataclass(kw_only=True)
class EndpointTarget(Target):
    """What answers at a connection string. Make one with ``at``."""

    url: str
    credential: azfiles.Credential = field(repr=False)
    options: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)

    @classmethod
    def at(
        cls,
        connection_string: str,
        *,
        name: str = "endpoint",
        capabilities: frozenset[Capability] = frozenset(),
        **options: Any,
    ) -> Self:
        """The account that a connection string leads to. With an account key it has ``ACCOUNT_KEY``; more is what you
        declare. The options are those of ``azfiles.connect``, such as ``ca_file`` or ``allow_http``.

        Raises ``azfiles.InvalidArgument``, which shows no secret, for a string that cannot be used.
        """
        endpoint, credential = read_connection_string(connection_string, allow_http=options.get("allow_http", False))
        if credential is None:
            raise azfiles.InvalidArgument("the connection string has neither AccountKey nor SharedAccessSignature")
        if isinstance(credential, azfiles.SharedKey):
            capabilities |= {Capability.ACCOUNT_KEY}
        return cls(
            name=name,
            account=endpoint.account,
            capabilities=capabilities,
            is_https=endpoint.scheme == "https",
            url=endpoint.url,
            credential=credential,
            options=options,
        )

    def connect(self, credential: Any = None, *, account: str | None = None, **options: Any) -> azfiles.ServiceClient:
        if account is not None and account != self.account:
            raise azfiles.InvalidArgument(f"{self.name} has the one account {self.account}")
        return self._open(self._stack, credential, **options)

    def has_secret(self, text: str) -> bool:
        held = self.credential
        if isinstance(held, azfiles.SharedKey):
            return held.key in text
        return isinstance(held, azfiles.Sas) and held.token.rpartition("sig=")[2].partition("&")[0] in text

    def _open(self, stack: ExitStack, credential: Any = None, **options: Any) -> azfiles.ServiceClient:
        given = self.credential if credential is None else credential
        return stack.enter_context(azfiles.connect(self.url, given, **{**self.options, **options}))

    def _remover(self, stack: ExitStack) -> azfiles.ServiceClient:
        return self._open(stack)


MakeTarget = Callable[[], Target]
"""Makes a target whose account is as it was in the beginning: each example of a machine gets one of its own."""
