"""A transport that answers from a cassette: no network, no server, and any credentials."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from azfiles.cassette.document import RecordedResponse, as_recorded, read_cassette
from azfiles.cassette.tape import Tape
from azfiles.messages import Headers, Request, Response
from azfiles.transports.bodies import Landing


def replaying(path: str | os.PathLike[str], *, secrets: Iterable[str] = ()) -> Replaying:
    """A transport, blocking and async, that answers each request with what was recorded for it.

    A request that was not recorded raises ``NotRecorded``, which names the nearest one that was; a file that is not
    a cassette raises ``CassetteError`` here already. ``secrets`` are the texts that the recording was told to keep
    out, where requests hold them: they were replaced in what was recorded.
    """
    return Replaying(path, secrets=secrets)


class Replaying:
    """Made by ``replaying``. May be shared between threads and tasks."""

    def __init__(self, path: str | os.PathLike[str], *, secrets: Iterable[str] = ()) -> None:
        self._path = os.fspath(path)
        self._tape = Tape(read_cassette(path), source=self._path, secrets=secrets)
        self._lock = threading.Lock()

    @property
    def unplayed(self) -> tuple[str, ...]:
        """The recorded requests that nobody has asked for yet, described, in their order."""
        with self._lock:
            return self._tape.unplayed

    def send(self, request: Request, timeout_s: float) -> Response:  # noqa: ARG002 - the protocol has it; nothing waits here
        """The recorded response. Raises ``NotRecorded``."""
        asked = as_recorded(request)
        with self._lock:
            recorded = self._tape.answer(asked)
        return _respond(request, recorded)

    async def send_async(self, request: Request, timeout_s: float) -> Response:
        """The recorded response. Raises ``NotRecorded``."""
        return self.send(request, timeout_s)

    def close(self) -> None:
        """Do nothing: nothing is held open."""

    async def aclose(self) -> None:
        """Do nothing: nothing is held open."""

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
        return f"<Replaying {self._path!r}: {len(self.unplayed)} of {len(self._tape)} unplayed>"


def _respond(request: Request, recorded: RecordedResponse) -> Response:
    landing = Landing(request, recorded.status)
    if request.method != "HEAD":
        landing.take(recorded.body)
    # No length is expected: other clients' cassettes hold unpacked or edited bodies under the Content-Length of old.
    return Response(recorded.status, recorded.reason, Headers(recorded.headers), landing.finish(None))


__all__ = ["Replaying", "replaying"]
