"""Where a replay's requests go that its cassette does not answer, and what they have to say there.

A service in process that tells its accounts, as a simulator does, is asked in its own terms: under its own account and
key, at the replay's time, with the recorded ids of leases and temporary files where the client knows others; and its
answers are told in the client's terms. Whatever else is asked as the client asks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate
from typing import Any, Protocol, TypeAlias

from azfiles.cassette.addresses import (
    account_of,
    parse_target,
    rename_account,
    rename_account_in_host,
    rename_accounts_in_text,
    split_uri,
)
from azfiles.cassette.correspondence import Correspondence
from azfiles.cassette.interactions import as_recorded
from azfiles.cassette.matching import CREDENTIAL_PARAMETERS
from azfiles.cassette.operations import carries_response_data, operation_of
from azfiles.cassette.patterns import CREDENTIAL_HEADERS, URL_HEADERS
from azfiles.cassette.timeline import RecordedClock
from azfiles.core.sharedkey import authorization
from azfiles.credentials import SharedKey
from azfiles.errors import InvalidArgument, RequestNotSent
from azfiles.messages import AsyncTransport, Handler, Headers, Request, Response, Transport
from azfiles.transports.in_process import InProcessTransport


class InProcess(Protocol):
    """A service in process, such as a simulator."""

    @property
    def handle(self) -> Callable[..., Any]: ...


Service: TypeAlias = Transport | AsyncTransport | InProcess | Handler
"""What a replay may go on with."""

_REPLACED_HEADERS = CREDENTIAL_HEADERS | {"date", "x-ms-date"}


class Continuation:
    """``service``, asked in its own terms. ``clock`` is the replay's: where it went on, a service's clock that can be moved
    follows, and the other way round. May be shared between threads.
    """

    def __init__(self, service: Service, clock: RecordedClock, ids: Correspondence) -> None:
        self._transport = _transport_to(service)
        self._owned = self._transport is service
        known = getattr(service, "__self__", service)  # of a simulator's handle, the simulator
        self._key = _key_of(known)
        self._service_clock: Any = getattr(known, "clock", None) if self._key is not None else None
        self._clock = clock
        self._ids = ids
        self._lock = threading.Lock()

    def send(self, request: Request, timeout_s: float) -> Response:
        """The service's answer to a request of this run."""
        if not isinstance(self._transport, Transport):
            raise RequestNotSent("the transport to go on with is async; use it with an async client")
        response = self._transport.send(self._outgoing(request), timeout_s)
        return self._incoming(request, response)

    async def send_async(self, request: Request, timeout_s: float) -> Response:
        """The same as ``send``."""
        if not isinstance(self._transport, AsyncTransport):
            raise RequestNotSent("the transport to go on with is blocking; use it with a blocking client")
        response = await self._transport.send_async(self._outgoing(request), timeout_s)
        return self._incoming(request, response)

    def close(self) -> None:
        """Close the transport to go on with; what is in process stays the caller's."""
        if self._owned and isinstance(self._transport, Transport):
            self._transport.close()

    async def aclose(self) -> None:
        """The same as ``close``."""
        if self._owned and isinstance(self._transport, AsyncTransport):
            await self._transport.aclose()

    def __repr__(self) -> str:
        return f"<Continuation to {self._transport!r}>"

    # --- the client's terms and the service's ---

    def _outgoing(self, request: Request) -> Request:
        key = self._key
        if key is None:
            return request
        with self._lock:
            self._set_clocks()
            account = account_of(request.headers)
            target = self._ids.as_recorded(_without_credentials(request.target))
            uri = rename_account(request.origin + target, lambda _: key.account, account=account)
            origin, target = split_uri(uri) if request.origin else ("", uri)
            headers = [
                (name, self._as_recorded(name.lower(), value, key.account))
                for name, value in request.headers
                if name.lower() not in _REPLACED_HEADERS
            ]
        headers.append(("x-ms-date", formatdate(self._clock.time(), usegmt=True)))
        headers.append(("Authorization", authorization(key, method=request.method, target=target, headers=headers)))
        return replace(request, origin=origin, target=target, headers=tuple(headers))

    def _as_recorded(self, name: str, value: str, account: str) -> str:
        if name == "host":
            return rename_account_in_host(value, lambda _: account)
        value = self._ids.as_recorded(value)
        return _without_credentials(rename_account(value, lambda _: account)) if name in URL_HEADERS else value

    def _incoming(self, request: Request, response: Response) -> Response:
        if self._key is None:
            return response
        ours = parse_target(request.origin, request.target, account=account_of(request.headers)).account
        own = self._key.account

        def live(name: str) -> str:
            return ours if ours and name == own else name

        with self._lock:
            self._set_clocks()
            headers = [
                (name, rename_account(value, live) if name.lower() in URL_HEADERS else self._ids.as_live(value))
                for name, value in response.headers.pairs
            ]
            body = response.body
            asked = as_recorded(request, b"")
            if body and not carries_response_data(asked, operation_of(asked), response.status):
                text = self._ids.as_live(bytes(body).decode("latin-1"))
                body = rename_accounts_in_text(text, live).encode("latin-1")
                headers = [(name, _length(name, value, response.body, body)) for name, value in headers]
        return replace(response, headers=Headers(headers), body=body)

    def _set_clocks(self) -> None:
        """Whichever clock is behind to the other's time, if it can be moved."""
        if self._service_clock is None:
            return
        behind_s = self._clock.time() - self._service_clock.time()
        advance = getattr(self._service_clock, "advance", None)
        if behind_s > 0 and advance is not None:
            advance(behind_s)
        self._clock.reach(self._service_clock.time())


def _transport_to(service: Service) -> Transport | AsyncTransport:
    if isinstance(service, (Transport, AsyncTransport)):
        return service
    handle: Any = getattr(service, "handle", service)
    if not callable(handle):
        raise InvalidArgument("continue_with: a simulator, a transport or a handler is expected")
    return InProcessTransport(handle)


def _key_of(service: Any) -> SharedKey | None:
    """The account and key that a service in process is asked with: those of its first account, if it tells any."""
    for account in getattr(service, "accounts", ()):
        return SharedKey(account.name, account.key_text())
    return None


def _without_credentials(uri: str) -> str:
    """A URI or target without a shared access signature: the one that it had is of another account."""
    base, mark, query = uri.partition("?")
    if "sig=" not in query:
        return uri
    kept = [part for part in query.split("&") if part.partition("=")[0].lower() not in CREDENTIAL_PARAMETERS]
    return base + mark + "&".join(kept) if kept else base


def _length(name: str, value: str, before: bytes | memoryview, after: bytes | memoryview) -> str:
    counted = name.lower() == "content-length" and value == str(len(before))
    return str(len(after)) if counted else value


__all__ = ["Continuation", "InProcess", "Service"]
