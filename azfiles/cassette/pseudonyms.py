"""What stands in a cassette for accounts, lease ids and clients' addresses: the same value, the same pseudonym.

A pseudonym is left as it is, so that what was scrubbed can be scrubbed again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from azfiles.cassette.addresses import PSEUDONYM, rename_account, rename_account_in_host, rename_accounts_in_text
from azfiles.cassette.lease_ids import map_lease_ids, normalize_lease_id
from azfiles.cassette.patterns import IPV4, NO_CLIENTS_ADDRESS, SIGNED_ADDRESS, WHOLE_GUID

_ACCOUNT_PSEUDONYM = re.compile(rf"{PSEUDONYM}\d*")


class Pseudonyms:
    """Who is called what in one cassette. ``leases`` are ids that have a pseudonym already."""

    def __init__(self, leases: Mapping[str, str] | None = None) -> None:
        self._accounts: dict[str, str] = {}
        self._addresses: dict[str, str] = {}
        self._leases = dict(leases or {})

    def __repr__(self) -> str:
        return f"<Pseudonyms: {len(self._accounts)} accounts, {len(self._leases)} lease ids>"

    def learn_account(self, name: str) -> None:
        name = name.lower()
        if name and name not in self._accounts and not _ACCOUNT_PSEUDONYM.fullmatch(name):
            number = len(self._accounts) + 1
            self._accounts[name] = PSEUDONYM if number == 1 else f"{PSEUDONYM}{number}"

    def learn_lease(self, value: str) -> None:
        lease_id = normalize_lease_id(value)
        if lease_id and lease_id not in self._leases:
            number = len(set(self._leases.values())) + 1
            is_guid = WHOLE_GUID.fullmatch(lease_id) is not None
            self._leases[lease_id] = f"00000000-0000-4000-8000-{number:012x}" if is_guid else f"not-a-guid-{number}"

    def lease(self, value: str) -> str:
        """A lease header's value."""
        return self._leases.get(normalize_lease_id(value), value)

    def host(self, value: str) -> str:
        """A Host header's value."""
        return rename_account_in_host(value, self._account)

    def uri(self, uri: str, *, account: str = "") -> str:
        """A URI; ``account`` is the one that its request's credential names."""
        return rename_account(uri, self._account, account=account)

    def addresses_in(self, text: str) -> str:
        """A text with every client's address in it replaced."""
        return IPV4.sub(lambda found: self._address(found[0]), text)

    def address_at(self, where: re.Pattern[str], text: str) -> str:
        """A text with the address replaced that ``where`` finds."""
        return where.sub(lambda found: self._address(found[0]), text)

    def leases_in(self, text: str) -> str:
        """A text with every lease id in it replaced."""
        return map_lease_ids(text, self._leases) if self._leases else text

    def in_text(self, text: str) -> str:
        """A text with lease ids, with accounts where URLs and connection strings name them, and with the addresses that a
        signature is good for.
        """
        text = rename_accounts_in_text(self.leases_in(text), self._known_account, in_host=self._account)
        return SIGNED_ADDRESS.sub(self._signed_address, text) if "sip" in text else text

    def accounts_as_words(self, text: str) -> str:
        """A text with every account replaced that stands in it as a word."""
        for account, pseudonym in self._accounts.items():
            if account in text:
                text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(account)}(?![A-Za-z0-9])", pseudonym, text)
        return text

    def _account(self, account: str) -> str:
        self.learn_account(account)
        return self._known_account(account)

    def _known_account(self, account: str) -> str:
        return self._accounts.get(account.lower(), account)

    def _signed_address(self, found: re.Match[str]) -> str:
        first, last = found[2], found[3]
        return found[1] + self._address(first) + (f"-{self._address(last[1:])}" if last else "")

    def _address(self, address: str) -> str:
        if address.startswith(NO_CLIENTS_ADDRESS):
            return address
        return self._addresses.setdefault(address, f"192.0.2.{len(self._addresses) % 254 + 1}")


__all__ = ["Pseudonyms"]
