"""A transport that writes down what another one carries, scrubbed, as a vcrpy cassette."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import Protocol

from azfiles.cassette.bodies import BODY_LIMIT
from azfiles.cassette.session import Session
from azfiles.errors import RequestNotSent, TransportError
from azfiles.messages import AsyncTransport, Request, Response, Transport
from azfiles.transports.bodies import describe
from azfiles.transports.closing import Closing
from azfiles.transports.replaying import Replaying


class Clock(Protocol):
    """Tells seconds; only differences mean anything here."""

    def time(self) -> float: ...


def recording(
    transport: Transport | AsyncTransport,
    path: str | os.PathLike[str],
    *,
    secrets: Iterable[str] = (),
    body_limit: int | None = BODY_LIMIT,
    sealed: bool = False,
    clock: Clock | None = None,
) -> Recording:
    """Wrap a transport; what it carries is written to ``path`` when the recording is closed or ``save()`` is called.

    Nothing secret reaches the file: no Authorization, signature, token or lease id, nor the account's name.
    ``secrets`` are further texts to keep out, such as an account key that might stand in a file's content.

    Contents of more than ``body_limit`` bytes go to a folder beside the file as they come, each once, and are not held
    in memory; vcrpy cannot replay such a cassette, and its head says so. ``None`` puts all into the file. With
    ``sealed``, bodies are encrypted under the key in the environment (``AZFILES_CASSETTE_KEY``, 32 bytes as base64),
    which a replay needs too; headers stay readable. With ``clock``, the times of the recording are read there.

    Raises ``CassetteError`` at once where the file could not be written later: no PyYAML, or no such folder;
    ``InvalidArgument`` for secrets that are no texts or too short, and for a ``body_limit`` below 0.
    """
    now = time.monotonic if clock is None else clock.time
    return Recording(transport, Session(path, secrets=secrets, now=now, body_limit=body_limit, sealed=sealed))


class Recording(Closing):
    """Made by ``recording``. Blocking, async or both, as the transport inside is. May be shared between threads.

    Use it as a context manager, or close it: that saves, and closes the transport inside. Where the ``with`` statement, or
    that of a client over it, ends in an error, nothing is saved. Interactions stand in the order in which they were
    answered, and each knows its turn in the order in which they were sent. A request that
    brought a ``TransportError`` is recorded as one that did.
    """

    def __init__(self, transport: Transport | AsyncTransport, session: Session) -> None:
        self._blocking = transport if isinstance(transport, Transport) else None
        self._async = transport if isinstance(transport, AsyncTransport) else None
        if self._blocking is None and self._async is None:
            raise TypeError(f"{type(transport).__name__} is neither a Transport nor an AsyncTransport")
        self._session = session
        self._unanswered: list[str] = []

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The requests that brought a ``TransportError``, in a few words each."""
        return tuple(self._unanswered)

    def send(self, request: Request, timeout_s: float) -> Response:
        """Send through the transport inside, and write down the answer."""
        if self._blocking is None:
            raise RequestNotSent("the transport being recorded is async; use it with an async client")
        sent = self._session.send()
        try:
            response = self._blocking.send(request, timeout_s)
        except TransportError as error:
            self._session.lose(sent, request, error)
            self._note(request, error)
            raise
        self._session.keep(sent, request, response)
        return response

    async def send_async(self, request: Request, timeout_s: float) -> Response:
        """Send through the transport inside, and write down the answer."""
        if self._async is None:
            raise RequestNotSent("the transport being recorded is blocking; use it with a blocking client")
        sent = self._session.send()
        try:
            response = await self._async.send_async(request, timeout_s)
        except TransportError as error:
            self._session.lose(sent, request, error)
            self._note(request, error)
            raise
        self._session.keep(sent, request, response)
        return response

    def extend(self, played: Replaying) -> None:
        """Add to the cassette that is played, instead of replacing it."""
        self._session.extend(played.interactions, lambda: played.leases)

    def save(self) -> None:
        """Write what was recorded so far, replacing the file in one step.

        What would be written is replayed once before that. Raises ``CassetteError`` where it does not replay, or
        cannot be written; then the file is as it was.
        """
        self._session.save()

    def drop(self, error: BaseException | None = None) -> None:
        """Forget what is not saved yet: the file stays as it is. ``error`` gets a note that says so."""
        self._session.drop(error)

    def close(self) -> None:
        """Save what is not saved yet, and close the transport inside."""
        try:
            self._session.save_rest()
        finally:
            if self._blocking is not None:
                self._blocking.close()

    async def aclose(self) -> None:
        """Save what is not saved yet, and close the transport inside."""
        try:
            self._session.save_rest()
        finally:
            if self._async is not None:
                await self._async.aclose()

    def __repr__(self) -> str:
        return f"<Recording {self._session.path!r}: {len(self._session)} interactions>"

    def _note(self, request: Request, error: TransportError) -> None:
        self._unanswered.append(f"{describe(request)}: {'sent' if error.sent else 'not sent'}")


__all__ = ["Clock", "Recording", "recording"]
