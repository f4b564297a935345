"""The accounts that a simulator is made with: name, kind, keys; and how they are written in an environment variable.

Keys are secrets: no repr and no error message here shows one, nor any text that might be one.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

ACCOUNTS_VARIABLE: Final = "AZFILES_SIM_ACCOUNTS"
ACCOUNT_KINDS: Final = ("standard", "premium", "provisioned")
ACCOUNT_NAME: Final = re.compile(r"[a-z0-9]{3,24}")
MAX_KEYS: Final = 2  # the service keeps two keys for an account, so that they can be changed in turn

MAX_SOFT_DELETE_DAYS: Final = 365

EMULATOR_ACCOUNT: Final = "devstoreaccount1"
EMULATOR_KEY: Final = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""The account key that every Azure emulator uses. It is published, and so no secret."""


class AccountsError(ValueError):
    """The description of the accounts cannot be used. The message is one line and holds no key."""


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """One account to simulate. ``kind`` is ``standard``, ``premium`` or ``provisioned``; ``keys`` are one or two
    account keys as bytes, that is, after base64 decoding. ``soft_delete_days`` is how long a deleted share can be
    restored, 1 to 365; by default not at all.

    Raises AccountsError where the service would not have such an account.
    """

    name: str
    kind: str = "standard"
    keys: tuple[bytes, ...] = field(default=(), repr=False)
    soft_delete_days: int | None = None

    def __post_init__(self) -> None:
        if not ACCOUNT_NAME.fullmatch(self.name):
            raise AccountsError("an account name has 3 to 24 lower-case letters and digits")
        if self.kind not in ACCOUNT_KINDS:
            raise AccountsError(f"the kind is not known; the kinds are {', '.join(ACCOUNT_KINDS)}")
        if not 1 <= len(self.keys) <= MAX_KEYS:
            raise AccountsError(f"an account has 1 to {MAX_KEYS} keys")
        if not all(self.keys):
            raise AccountsError("a key is empty")
        if self.soft_delete_days is not None and not 1 <= self.soft_delete_days <= MAX_SOFT_DELETE_DAYS:
            raise AccountsError(f"deleted shares are kept 1 to {MAX_SOFT_DELETE_DAYS} days")

    @classmethod
    def from_text(cls, name: str, *keys: str, kind: str = "standard") -> AccountSpec:
        """An account whose keys are given as the portal shows them, in base64."""
        return cls(name, kind, tuple(_decode_key(key) for key in keys))

    def key_text(self) -> str:
        """The first key in base64, as a connection string has it. It is a secret."""
        return base64.b64encode(self.keys[0]).decode("ascii")


def parse_accounts(text: str) -> tuple[AccountSpec, ...]:
    """Read ``name[@kind]:key1[:key2];...``. Spaces around every part and a ``;`` at the end are allowed.

    Raises AccountsError, which names the entry by its number only: a mistyped entry may hold a key anywhere.
    """
    entries = [entry.strip() for entry in text.split(";")]
    if entries[-1] == "":
        entries.pop()
    if not entries:
        raise AccountsError("no account is given")
    accounts: list[AccountSpec] = []
    for number, entry in enumerate(entries, start=1):
        try:
            accounts.append(_parse_account(entry))
        except AccountsError as error:
            raise AccountsError(f"account {number}: {error}") from None
    refuse_duplicates(accounts)
    return tuple(accounts)


def refuse_duplicates(accounts: Iterable[AccountSpec]) -> None:
    """Raise AccountsError if two accounts have one name."""
    seen: set[str] = set()
    for account in accounts:
        if account.name in seen:
            raise AccountsError(f"the account {account.name} is given twice")
        seen.add(account.name)


def connection_string(account: AccountSpec, endpoint: str) -> str:
    """A connection string for the account at ``endpoint``, a URL that ends with the account's name. It is a secret."""
    protocol = endpoint.partition(":")[0]
    return (
        f"DefaultEndpointsProtocol={protocol};AccountName={account.name};AccountKey={account.key_text()};"
        f"FileEndpoint={endpoint};"
    )


def _parse_account(entry: str) -> AccountSpec:
    head, *keys = (part.strip() for part in entry.split(":"))
    if not keys:
        raise AccountsError("it has no key; the form is name[@kind]:key1[:key2]")
    name, at, kind = (part.strip() for part in head.partition("@"))
    return AccountSpec.from_text(name, *keys, kind=kind if at else "standard")


def _decode_key(key: str) -> bytes:
    try:
        return base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):  # ValueError: not ASCII
        raise AccountsError("a key is not base64") from None


DEFAULT_ACCOUNTS: Final = (AccountSpec.from_text(EMULATOR_ACCOUNT, EMULATOR_KEY),)

__all__ = [
    "ACCOUNTS_VARIABLE",
    "ACCOUNT_KINDS",
    "ACCOUNT_NAME",
    "DEFAULT_ACCOUNTS",
    "EMULATOR_ACCOUNT",
    "EMULATOR_KEY",
    "MAX_KEYS",
    "AccountSpec",
    "AccountsError",
    "connection_string",
    "parse_accounts",
    "refuse_duplicates",
]
