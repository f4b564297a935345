"""From a place on the command line to a client: the account and its credential come from the URL or the environment."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from typing import Final

import click

import azfiles
from azfiles.cli import exits
from azfiles.cli.errors import CommandError
from azfiles.cli.login import Login, is_wanted
from azfiles.cli.places import Place
from azfiles.clients.accounts import AccountOptions, find_account
from azfiles.errors import InvalidArgument
from azfiles.flows.events import Event, RetryScheduled

ALLOW_HTTP: Final = "AZFILES_ALLOW_HTTP"
LEASE_OF: Final = "AZFILES_LEASE_OF"
LEASE_ID: Final = "AZFILES_LEASE_ID"
LOCK_TOKEN: Final = "AZFILES_LOCK_TOKEN"  # noqa: S105 - the name of a variable; a fencing token is no secret either

SET_ONE: Final = """\
set AZURE_STORAGE_CONNECTION_STRING, as the portal or azfiles-sim serve shows it,
or AZURE_STORAGE_ACCOUNT with AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN,
or with AZURE_STORAGE_AUTH_MODE=login, as whom az login has logged in"""

RETRY: Final[azfiles.RetryPolicy | None] = azfiles.RetryPolicy()
_NOTICE_FROM_S: Final = 1.0


class Accounts:
    """The clients of one command; ``close`` ends their connections. ``last`` is the one that was used last."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._services: dict[tuple[str, str | None], azfiles.ServiceClient] = {}
        self.last: azfiles.ServiceClient | None = None

    def service(self, place: Place | None = None) -> azfiles.ServiceClient:
        """The account that a place is in."""
        url = None if place is None or place.endpoint is None else place.endpoint.url
        signature = None if place is None else place.signature
        key = url or "", signature
        if key not in self._services:
            if signature is not None:
                _warn_of_signature()
            self._services[key] = self._open.enter_context(_connect(url, signature))
        self.last = self._services[key]
        return self.last

    def share(self, place: Place) -> azfiles.ShareClient:
        """The share that a place is in, as it was at the place's snapshot."""
        if not place.share:
            raise InvalidArgument(f"{place} is the whole account; a share, or what is in it, is expected")
        share = self.service(place).share(place.share)
        return share if place.snapshot is None else share.snapshot(place.snapshot)

    def directory(self, place: Place) -> azfiles.DirectoryClient:
        share = self.share(place)
        return share.directory(place.path) if place.path else share.root

    def file(self, place: Place) -> azfiles.FileClient:
        """The file at a place; ``InvalidArgument`` where that is a share's root."""
        if not place.path:
            raise InvalidArgument(f"{place} is a whole share; a file in it is expected")
        return self.share(place).file(place.path)

    def close(self) -> None:
        self._open.close()


def accounts() -> Accounts:
    """Those of the command that is running."""
    context = click.get_current_context()
    found = context.find_object(Accounts)
    if found is None:
        found = context.obj = Accounts()
        context.call_on_close(found.close)
    return found


def lease_id_for(file: azfiles.FileClient) -> str | None:
    """The lease that ``azfiles lock`` holds for this file, where this process runs under it."""
    return os.environ.get(LEASE_ID) if os.environ.get(LEASE_OF) == file.url else None


def _connect(url: str | None, signature: str | None) -> azfiles.ServiceClient:
    allow_http = os.environ.get(ALLOW_HTTP, "") not in {"", "0"}
    login = Login() if signature is None and is_wanted() else None
    try:
        account = find_account(AccountOptions(account_url=url, sas_token=signature, credential=login), os.environ)
    except InvalidArgument as error:
        what, _, _ = str(error).partition(":")
        if not what.startswith(("no account", "no credential")):
            raise
        raise CommandError(f"{what} was given", SET_ONE, status=exits.REFUSED) from None
    return azfiles.connect(
        account.to, account.credential, allow_http=allow_http, retry=RETRY, observers=(_tell_of_retries,)
    )


def _warn_of_signature() -> None:
    click.echo(
        "azfiles: warning: the URL holds a signature; on a command line others can read it (ps, the shell's history). "
        "AZURE_STORAGE_SAS_TOKEN is a better place.",
        err=True,
    )


def _tell_of_retries(event: Event) -> None:
    """Whoever waits in front of a terminal wants to know what for."""
    if isinstance(event, RetryScheduled) and event.delay_s >= _NOTICE_FROM_S and sys.stderr.isatty():
        why = event.error_code or event.error_kind
        click.echo(f"azfiles: {event.operation}: {why}; trying again in {event.delay_s:.0f} s", err=True)


__all__ = [
    "ALLOW_HTTP",
    "LEASE_ID",
    "LEASE_OF",
    "LOCK_TOKEN",
    "SET_ONE",
    "Accounts",
    "accounts",
    "lease_id_for",
]
