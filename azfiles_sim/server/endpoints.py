"""Where a served simulator can be reached: endpoints, connection strings, and the line that tells them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from azfiles_sim.accounts import AccountSpec, connection_string
from azfiles_sim.quick import dataclass

SERVICE_DOMAIN: Final = "file.core.windows.net"
CONTROL_PREFIX: Final = "/_azfiles/"  # no account and no share can have this name
CONTROL_PATH: Final = f"{CONTROL_PREFIX}v1"

_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - read, not bound


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The addresses of every account of one served simulator. ``host`` is what it was told to listen on; where that
    means every address, the endpoints name loopback.
    """

    accounts: Sequence[AccountSpec]
    host: str
    port: int
    https: bool = False
    ca_file: Path | None = None

    def endpoint(self, account: AccountSpec | None = None) -> str:
        """``http://127.0.0.1:10004/devstoreaccount1``, by default for the first account."""
        return f"{self._base()}/{(account or self.accounts[0]).name}"

    def _base(self) -> str:
        host = _WILDCARDS.get(self.host, self.host)
        if ":" in host:
            host = f"[{host}]"
        return f"{'https' if self.https else 'http'}://{host}:{self.port}"

    def connection_string(self, account: AccountSpec | None = None) -> str:
        """For a client of Azure Storage, by default for the first account. It holds the account key."""
        return connection_string(account or self.accounts[0], self.endpoint(account))

    def start_line(self, inspector: str | None = None) -> str:
        """For people: the first account's endpoint, its connection string to paste, and the inspector's page to open."""
        line = f"azfiles-sim listens at {self.endpoint()} - connection string: {self.connection_string()}"
        return line if inspector is None else f"{line} - inspector: {inspector}"

    @property
    def control(self) -> str:
        """Where the control interface is, if there is one."""
        return f"{self._base()}{CONTROL_PATH}"

    def start_record(
        self,
        process_id: int,
        *,
        control_token: str | None = None,
        proxy: str | None = None,
        inspector: str | None = None,
    ) -> str:
        """For programs: one line of JSON. ``control`` and ``control_token`` are null where there is no control
        interface, ``proxy`` where there is no proxy, ``inspector`` where there is no page.
        """
        first = self.accounts[0]
        record = {
            "endpoint": self.endpoint(),
            "account": first.name,
            "connection_string": self.connection_string(),
            "ca_file": None if self.ca_file is None else str(self.ca_file),
            "accounts": [account_record(account, self.endpoint(account)) for account in self.accounts],
            "control": None if control_token is None else self.control,
            "control_token": control_token,
            "proxy": proxy,
            "inspector": inspector,
            "pid": process_id,
        }
        return json.dumps(record)


def account_record(account: AccountSpec, endpoint: str) -> dict[str, str]:
    """What a program needs to use an account. The connection string holds its key."""
    return {
        "name": account.name,
        "kind": account.kind,
        "endpoint": endpoint,
        "connection_string": connection_string(account, endpoint),
    }


__all__ = ["CONTROL_PATH", "CONTROL_PREFIX", "SERVICE_DOMAIN", "Endpoints", "account_record"]
