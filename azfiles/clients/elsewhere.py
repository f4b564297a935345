"""What a worker does with the steps of a tree that were sent to it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack

from azfiles.clients.accounts import AccountOptions, find_account
from azfiles.clients.blocking import ServiceClient
from azfiles.clients.connecting import connect
from azfiles.errors import InvalidArgument
from azfiles.flows.trees.batches import Batch, Connection, Place, RemoteFolder, carry_out, root_of
from azfiles.flows.trees.handling import Places, Root
from azfiles.models import TreeReport


def do_batch(batch: Batch, connect_with: Callable[[], ServiceClient] | None = None) -> TreeReport:
    """What a worker does: connect, do the steps, report. Raises ``InvalidArgument`` where it has no credential, or that of
    another account.
    """
    with ExitStack() as stack:
        clients: list[tuple[Connection, ServiceClient]] = []

        def client_of(connection: Connection) -> ServiceClient:
            """One client for both sides, unless they are reached in two ways: with two signatures, say."""
            for known, client in clients:
                if known == connection:
                    return client
            client = stack.enter_context(_client(connection, connect_with))
            clients.append((connection, client))
            return client

        def root(place: Place) -> Root:
            if isinstance(place, RemoteFolder):
                return root_of(place, client_of(place.connection).target.session)
            return root_of(place, None)

        found = Places(None if batch.source is None else root(batch.source), root(batch.destination), batch.is_nfs)
        return clients[0][1].runner.run(carry_out(batch.steps, found, batch.handling, batch.conduct))


def _client(connection: Connection, connect_with: Callable[[], ServiceClient] | None) -> ServiceClient:
    if connect_with is None:
        return _connect(connection)
    client = connect_with()
    account = client.target.session.endpoint.account
    if account != connection.account:
        raise InvalidArgument(f"connect: it made a client of the account {account!r}, not of {connection.account!r}")
    return client


def _connect(connection: Connection) -> ServiceClient:
    credential = connection.credential
    if credential is None:
        options = AccountOptions(account_name=connection.account, account_url=connection.url)
        credential = find_account(options, os.environ).credential
    return connect(
        connection.url,
        credential,
        api_version=connection.api_version,
        timeouts=connection.timeouts,
        retry=connection.retry,
        backup_intent=connection.backup_intent,
        allow_http=connection.url.startswith("http:"),
    )


__all__ = ["do_batch"]
