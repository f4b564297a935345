"""Where a served simulator can be reached: endpoints, connection strings, and the line that tells them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from azfiles_sim.accounts import AccountSpec, connection_string

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
        host = _WILDCARDS.get(self.host, self.host)
        if ":" in host:
            host = f"[{host}]"
        scheme = "https" if self.https else "http"
        return f"{scheme}://{host}:{self.port}/{(account or self.accounts[0]).name}"

    def connection_string(self, account: AccountSpec | None = None) -> str:
        """For a client of Azure Storage, by default for the first account. It holds the account key."""
        return connection_string(account or self.accounts[0], self.endpoint(account))

    def start_line(self) -> str:
        """For people: the first account's endpoint, and its connection string to paste."""
        return f"azfiles-sim listens at {self.endpoint()} - connection string: {self.connection_string()}"

    def start_record(self, process_id: int) -> str:
        """For programs: one line of JSON. ``control`` and ``control_token`` are null: there is no control interface
        in this version.
        """
        first = self.accounts[0]
        record = {
            "endpoint": self.endpoint(),
            "account": first.name,
            "connection_string": self.connection_string(),
            "ca_file": None if self.ca_file is None else str(self.ca_file),
            "accounts": [
                {
                    "name": account.name,
                    "kind": account.kind,
                    "endpoint": self.endpoint(account),
                    "connection_string": self.connection_string(account),
                }
                for account in self.accounts
            ],
            "control": None,
            "control_token": None,
            "pid": process_id,
        }
        return json.dumps(record)


__all__ = ["Endpoints"]
