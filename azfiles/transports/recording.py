"""A transport that writes down what another one carries, scrubbed, as a vcrpy cassette."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from azfiles.cassette.document import Interaction, RecordedResponse, as_recorded, write_cassette
from azfiles.cassette.loading import import_yaml
from azfiles.cassette.scrubbing import scrub_interactions
from azfiles.errors import CassetteError, RequestNotSent, TransportError
from azfiles.messages import AsyncTransport, Request, Response, Transport
from azfiles.transports.bodies import describe


def recording(
    transport: Transport | AsyncTransport, path: str | os.PathLike[str], *, secrets: Iterable[str] = ()
) -> Recording:
    """Wrap a transport; what it carries is written to ``path`` when the recording is closed or ``save()`` is called.

    Nothing secret reaches the file: no Authorization, signature, token or lease id, nor the account's name.
    ``secrets`` are further texts to keep out, such as an account key that might stand in a file's content.

    Raises ``CassetteError`` at once where the file could not be written later: no PyYAML, or no such folder.
    """
    return Recording(transport, path, secrets=secrets)


class Recording:
    """Made by ``recording``. Blocking, async or both, as the transport inside is. May be shared between threads.

    Use it as a context manager, or close it: that saves, and closes the transport inside. Interactions stand in the
    order in which they were answered.
    """

    def __init__(
        self, transport: Transport | AsyncTransport, path: str | os.PathLike[str], *, secrets: Iterable[str] = ()
    ) -> None:
        self._blocking = transport if isinstance(transport, Transport) else None
        self._async = transport if isinstance(transport, AsyncTransport) else None
        if self._blocking is None and self._async is None:
            raise TypeError(f"{type(transport).__name__} is neither a Transport nor an AsyncTransport")
        self._path = os.fspath(path)
        import_yaml()
        folder = Path(self._path).parent
        if not folder.is_dir():
            raise CassetteError(f"cassette {self._path}: there is no folder {folder}; make it first")
        self._secrets = tuple(secrets)
        self._interactions: list[Interaction] = []
        self._unanswered: list[str] = []
        self._saved: int | None = None
        self._lock = threading.Lock()
        self._saving = threading.Lock()

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The requests that brought a ``TransportError``, in a few words each; a cassette has no place for them."""
        with self._lock:
            return tuple(self._unanswered)

    def send(self, request: Request, timeout_s: float) -> Response:
        """Send through the transport inside, and write down the answer."""
        if self._blocking is None:
            raise RequestNotSent("the transport being recorded is async; use it with an async client")
        try:
            response = self._blocking.send(request, timeout_s)
        except TransportError as error:
            self._note(request, error)
            raise
        self._keep(request, response)
        return response

    async def send_async(self, request: Request, timeout_s: float) -> Response:
        """Send through the transport inside, and write down the answer."""
        if self._async is None:
            raise RequestNotSent("the transport being recorded is blocking; use it with a blocking client")
        try:
            response = await self._async.send_async(request, timeout_s)
        except TransportError as error:
            self._note(request, error)
            raise
        self._keep(request, response)
        return response

    def save(self) -> None:
        """Write what was recorded so far, replacing the file in one step. Raises ``CassetteError``."""
        with self._saving:
            with self._lock:
                interactions = list(self._interactions)
            write_cassette(self._path, scrub_interactions(interactions, secrets=self._secrets))
            self._saved = len(interactions)

    def close(self) -> None:
        """Save what is not saved yet, and close the transport inside."""
        try:
            self._save_rest()
        finally:
            if self._blocking is not None:
                self._blocking.close()

    async def aclose(self) -> None:
        """Save what is not saved yet, and close the transport inside."""
        try:
            self._save_rest()
        finally:
            if self._async is not None:
                await self._async.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<Recording {self._path!r}: {len(self._interactions)} interactions>"

    def _save_rest(self) -> None:
        if self._saved != len(self._interactions):
            self.save()

    def _keep(self, request: Request, response: Response) -> None:
        # Both bodies are copied: the caller may use his buffers again as soon as this returns.
        interaction = Interaction(
            as_recorded(request),
            RecordedResponse(response.status, response.reason, response.headers.pairs, bytes(response.body)),
        )
        with self._lock:
            self._interactions.append(interaction)

    def _note(self, request: Request, error: TransportError) -> None:
        with self._lock:
            self._unanswered.append(f"{describe(request)}: {'sent' if error.sent else 'not sent'}")


__all__ = ["Recording", "recording"]
