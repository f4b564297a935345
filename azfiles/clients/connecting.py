"""From what people have (a connection string, a URL and a credential, a simulator) to a client."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

from azfiles.address import Endpoint
from azfiles.clients.asynchronous import AsyncServiceClient
from azfiles.clients.blocking import ServiceClient
from azfiles.clients.descriptors import Runner
from azfiles.core.connection import read_account_url, read_connection_string, read_credential
from azfiles.core.requests import DEFAULT_API_VERSION
from azfiles.core.versions import check_version
from azfiles.credentials import (
    EMULATOR_ACCOUNT,
    EMULATOR_CREDENTIAL,
    Anonymous,
    Credential,
    Sas,
    SharedKey,
    Token,
    TokenCredential,
)
from azfiles.errors import InvalidArgument
from azfiles.flows.events import Observer
from azfiles.flows.health import Health
from azfiles.flows.policies import CircuitPolicy, RetryPolicy
from azfiles.flows.targets import Session, Target, Timeouts
from azfiles.flows.watching import Watch, label_of
from azfiles.messages import AsyncTransport, Handler, Transport
from azfiles.runners.answers import VirtualClock, fresh_guid
from azfiles.runners.blocking import BlockingRunner
from azfiles.transports.in_process import InProcessTransport

DEFAULT_RETRY: Final = RetryPolicy()
DEFAULT_CIRCUIT: Final = CircuitPolicy()

_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def connect(
    to: str | Handler,
    credential: Credential | TokenCredential | str | None = None,
    *,
    api_version: str = DEFAULT_API_VERSION,
    timeouts: Timeouts | None = None,
    retry: RetryPolicy | None = DEFAULT_RETRY,
    circuit: CircuitPolicy | None = DEFAULT_CIRCUIT,
    observers: Iterable[Observer] = (),
    allow_http: bool = False,
    backup_intent: bool = False,
    ca_file: str | Path | None = None,
    transport: Transport | None = None,
    clock: VirtualClock | None = None,
    seed: int | None = None,
) -> ServiceClient:
    """A blocking client of an account's file service. Nothing is sent yet.

    ``to`` is a connection string, the account's URL, or a handler such as a simulator's ``handle``, which is called
    without any network. ``credential`` is a ``SharedKey``, a ``Sas``, a ``Token``, ``Anonymous()``, an object with
    ``get_token`` such as azure-identity's, or the text of a signature or of the account's key. A connection string
    and a URL with a signature bring their own; a handler gets the emulators' well-known account unless told otherwise.

    A ``transport`` around a handler, such as ``recording(InProcessTransport(handler), path)``, goes with a connection
    string or URL: ``"UseDevelopmentStorage=true"`` names the emulators' well-known account.

    ``backup_intent=True`` says with each request that it is for backup or restore, which reads and writes past the
    permissions of files; with a bearer token the service demands it, and it is said anyway. ``timeouts`` are seconds for each kind of operation. Plain http to a host that is not loopback needs
    ``allow_http=True``. ``ca_file`` (PEM) is trusted beside the usual certificates. ``transport`` carries the requests
    instead of the default one and is closed with the client. ``retry`` says how a request that failed is tried again,
    ``None`` that it is not (``with_retry`` of any client says so for that one); ``circuit`` when requests to an endpoint
    that keeps failing are refused at once, ``None`` never. ``observers`` are called with an event for all that happens
    (see ``azfiles.observers``), quickly, please, and perhaps by several threads at once. With ``clock``, time is read from there, and waiting
    moves it on; with ``seed`` too, everything runs in one thread, in an order that the number decides.

    Raises ``InvalidArgument`` where these do not fit together; no message shows a secret.
    """
    session = _session(to, credential, api_version, timeouts, allow_http=allow_http, backup_intent=backup_intent)
    session = _kept_account_of(session, retry, circuit, observers)
    if transport is None:
        if isinstance(to, str):
            from azfiles.transports.over_httpx import HttpxTransport

            transport = HttpxTransport(ca_file=ca_file)
        else:
            transport = InProcessTransport(to)
    else:
        _check_transport(transport, "send", to, ca_file)
    runner: Runner
    if seed is None:
        runner = BlockingRunner(transport, clock=clock)
    elif clock is None:
        raise InvalidArgument("seed: a run that can be repeated needs a clock of its own; give clock too")
    else:
        from azfiles.runners.seeded import SeededRunner

        runner = SeededRunner(transport, seed=seed, clock=clock)
    return ServiceClient(Target(session), runner)


def connect_async(
    to: str | Handler,
    credential: Credential | TokenCredential | str | None = None,
    *,
    api_version: str = DEFAULT_API_VERSION,
    timeouts: Timeouts | None = None,
    retry: RetryPolicy | None = DEFAULT_RETRY,
    circuit: CircuitPolicy | None = DEFAULT_CIRCUIT,
    observers: Iterable[Observer] = (),
    allow_http: bool = False,
    backup_intent: bool = False,
    ca_file: str | Path | None = None,
    transport: AsyncTransport | None = None,
    clock: VirtualClock | None = None,
) -> AsyncServiceClient:
    """An async client, for asyncio or trio; not itself awaited. For the arguments see ``connect``.

    A token credential may be an async one. One client belongs to one event loop.
    """
    from azfiles.runners.asynchronous import AsyncRunner

    session = _session(to, credential, api_version, timeouts, allow_http=allow_http, backup_intent=backup_intent)
    session = _kept_account_of(session, retry, circuit, observers)
    if transport is None:
        if isinstance(to, str):
            from azfiles.transports.over_httpx import AsyncHttpxTransport

            transport = AsyncHttpxTransport(ca_file=ca_file)
        else:
            transport = InProcessTransport(to)
    else:
        _check_transport(transport, "send_async", to, ca_file)
    return AsyncServiceClient(Target(session), AsyncRunner(transport, clock=clock))


def _session(
    to: str | Handler,
    given: Credential | TokenCredential | str | None,
    api_version: str,
    timeouts: Timeouts | None,
    *,
    allow_http: bool,
    backup_intent: bool,
) -> Session:
    endpoint, own = _place(to, given, allow_http=allow_http)
    credential = _credential(given, own, endpoint)
    return Session(endpoint, credential, check_version(api_version), timeouts or Timeouts(), backup_intent)


def _kept_account_of(
    session: Session, retry: RetryPolicy | None, circuit: CircuitPolicy | None, observers: Iterable[Observer]
) -> Session:
    """With what a client knows of its endpoint, and who hears of it."""
    listening = tuple(observers)
    if not listening:
        return replace(session, retry=retry, health=Health(threading.Lock(), circuit))
    from azfiles.observers.guarding import guarded

    watch = Watch(guarded(listening), endpoint=label_of(session.endpoint), client_id=fresh_guid())
    health = Health(threading.Lock(), circuit, changed=watch.health_changed)
    return replace(session, retry=retry, health=health, watch=watch)


def _place(to: str | Handler, given: object, *, allow_http: bool) -> tuple[Endpoint, Credential | None]:
    """Where the account is, and the credential that came with the address."""
    account = given.account if isinstance(given, SharedKey) else None
    if not isinstance(to, str):
        if not callable(to):
            raise InvalidArgument(f"connect to a connection string, a URL or a handler, not {type(to).__name__}")
        name = account or EMULATOR_ACCOUNT
        return Endpoint(f"https://{name}.file.core.windows.net", name), EMULATOR_CREDENTIAL if given is None else None
    if _URL.match(to):
        return read_account_url(to, account=account, allow_http=allow_http)
    return read_connection_string(to, allow_http=allow_http)


def _credential(
    given: Credential | TokenCredential | str | None, own: Credential | None, endpoint: Endpoint
) -> Credential:
    if given is None:
        if own is None:
            raise InvalidArgument(
                "no credential: give a key, a signature, a token credential, or Anonymous(); "
                "in a connection string that is AccountKey or SharedAccessSignature"
            )
        return own
    if own is not None:
        raise InvalidArgument("two credentials: one came with the address and one beside it; leave one out")
    if isinstance(given, str):
        return read_credential(given, endpoint)
    if isinstance(given, (SharedKey, Sas, Token, Anonymous)):
        return given
    if callable(getattr(cast(Any, given), "get_token", None)):
        return Token(given)
    raise InvalidArgument(f"a credential cannot be {type(given).__name__}")


def _check_transport(transport: object, method: str, to: object, ca_file: object) -> None:
    send: Callable[..., Any] | None = getattr(transport, method, None)
    if send is None:
        raise InvalidArgument(f"this transport has no {method}(): blocking and async clients need their own")
    if not isinstance(to, str):
        raise InvalidArgument(
            "a handler and a transport are two ways for the requests to go; leave one out: connect(handler), or "
            'connect("UseDevelopmentStorage=true", transport=recording(InProcessTransport(handler), path))'
        )
    if ca_file is not None:
        raise InvalidArgument("ca_file belongs to the default transport; give it to the transport you made")


__all__ = ["connect", "connect_async"]
