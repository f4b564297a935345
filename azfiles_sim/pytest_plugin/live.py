"""The real account that tests run on with ``--azfiles-live``."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import azfiles
from azfiles_sim.testing.environment import API_VERSION, CA_FILE, LIVE
from azfiles_sim.testing.targets import EndpointTarget, remove_share


class ConnectionString(str):
    """A text that no traceback shows: pytest prints the arguments of what failed."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<a connection string>"


@dataclass(frozen=True, kw_only=True)
class Account:
    """Where clients connect to and as whom. No repr shows a secret."""

    url: str
    credential: azfiles.Credential = field(repr=False)
    connection_string: ConnectionString = field(repr=False)
    options: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """Further arguments of ``azfiles.connect``."""
    ca_file: str | None = None

    def secrets(self) -> tuple[str, ...]:
        """What must not reach a cassette, wherever it stands."""
        if isinstance(self.credential, azfiles.SharedKey):
            return (self.credential.key,)
        return ()

    def remove_shares(self, names: set[str]) -> str:
        """Delete shares with all that is in them; what could not be deleted and why, or nothing."""
        if not names:
            return ""
        transport = azfiles.HttpxTransport(ca_file=self.ca_file, connections=1)
        with azfiles.connect(self.url, self.credential, transport=transport, **self.options) as client:
            troubles = {name: remove_share(client.share(name)) for name in sorted(names)}
        return "; ".join(f"{name}: {trouble}" for name, trouble in troubles.items() if trouble)


def live_account(environ: Mapping[str, str] = os.environ) -> Account:
    """The account that the environment names. Raises ``pytest.UsageError``, which shows no secret."""
    text = ConnectionString(environ.get(LIVE, ""))
    if not text:
        raise pytest.UsageError(f"--azfiles-live needs an account: set {LIVE} to its connection string")
    options = {"api_version": environ[API_VERSION]} if environ.get(API_VERSION) else {}
    ca_file = environ.get(CA_FILE) or None
    if ca_file is not None and not Path(ca_file).is_file():
        raise pytest.UsageError(f"{CA_FILE}: there is no file {ca_file}")
    try:
        target = EndpointTarget.at(text, name="real account")
    except azfiles.InvalidArgument as error:
        raise pytest.UsageError(f"{LIVE}: {error}") from None
    return Account(
        url=target.url, credential=target.credential, connection_string=text, options=options, ca_file=ca_file
    )


class LiveTransport:
    """HTTP for blocking and async clients alike: an async one waits for a thread that sends.

    So no connection belongs to an event loop, and the transport can be closed when the loop of a test is gone.
    """

    def __init__(self, account: Account) -> None:
        self._inside = azfiles.HttpxTransport(ca_file=account.ca_file)

    def send(self, request: azfiles.Request, timeout_s: float) -> azfiles.Response:
        return self._inside.send(request, timeout_s)

    async def send_async(self, request: azfiles.Request, timeout_s: float) -> azfiles.Response:
        from anyio import to_thread

        return await to_thread.run_sync(self._inside.send, request, timeout_s)

    def close(self) -> None:
        self._inside.close()

    async def aclose(self) -> None:
        self.close()

    def __repr__(self) -> str:
        return "<LiveTransport>"


class RealClock:
    """The machine's clock in the shape of one that can be moved: moving on means waiting."""

    def time(self) -> float:
        """Seconds since 1970 UTC."""
        return time.time()

    def advance(self, seconds: float, /) -> None:
        """Wait for so long."""
        time.sleep(seconds)

    def __repr__(self) -> str:
        return "<RealClock>"


__all__ = ["Account", "ConnectionString", "LiveTransport", "RealClock", "live_account"]
