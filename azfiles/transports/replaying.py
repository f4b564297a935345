"""A transport that answers from a cassette: no network, no server, and any credentials."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable, Sequence
from typing import Final

from azfiles.cassette.document import read_cassette
from azfiles.cassette.interactions import Body, Interaction, Lost, RecordedResponse, as_recorded
from azfiles.cassette.signatures import check_signature
from azfiles.cassette.tape import Tape
from azfiles.cassette.timeline import RecordedClock, answered_at, start_of
from azfiles.credentials import SharedKey
from azfiles.errors import CassetteError, InvalidArgument, NotRecorded, TransportError
from azfiles.messages import Headers, Request, Response
from azfiles.transports.bodies import Landing
from azfiles.transports.closing import Closing
from azfiles.transports.continuing import Continuation, Service

_MOST_SHOWN: Final = 5


def replaying(
    path: str | os.PathLike[str],
    *,
    secrets: Iterable[str] = (),
    allow_unplayed: bool = False,
    repeat_last: bool = False,
    verify_key: SharedKey | None = None,
    continue_with: Service | None = None,
) -> Replaying:
    """A transport, blocking and async, that answers each request with what was recorded for it.

    A request that was not recorded raises ``NotRecorded``, which names the nearest one that was; a file that is not
    a cassette raises ``CassetteError`` here already. ``secrets`` are the texts that the recording was told to keep
    out, where requests hold them: they were replaced in what was recorded.

    Where requests were recorded that nobody asked for, closing raises ``CassetteError``, unless ``allow_unplayed``.
    With ``repeat_last``, a read that was answered as often as it was recorded gets its last answer again. With
    ``verify_key``, a request that is not signed with this key is a ``CassetteError``.

    With ``continue_with``, a request that the cassette has no answer to, or none any more, goes there: to a simulator,
    such as ``azfiles_sim.testing.from_cassette(path)``, which goes on where the recording ends, or to any transport or
    handler. A simulator is asked under its own account and with the recorded lease ids, so that a client of any account
    goes on without a seam. ``InvalidArgument`` together with ``repeat_last``: both answer the same request.
    """
    return Replaying(
        path,
        secrets=secrets,
        allow_unplayed=allow_unplayed,
        repeat_last=repeat_last,
        verify_key=verify_key,
        continue_with=continue_with,
    )


class Replaying(Closing):
    """Made by ``replaying``. May be shared between threads and tasks.

    ``clock`` follows the recording: given to ``connect``, the client's time is that of the recording, and where it
    waits, for a retry or to renew a lease, nobody really does.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        secrets: Iterable[str] = (),
        allow_unplayed: bool = False,
        repeat_last: bool = False,
        verify_key: SharedKey | None = None,
        continue_with: Service | None = None,
    ) -> None:
        if repeat_last and continue_with is not None:
            raise InvalidArgument("repeat_last and continue_with both answer a read that was played; give one of them")
        self._path = os.fspath(path)
        found = read_cassette(path)
        self._tape = Tape(found, source=self._path, secrets=secrets, repeat_last=repeat_last)
        start_s = start_of(found)
        self._answered_at = [answered_at(one, start_s) for one in found]
        self._allow_unplayed = allow_unplayed
        self._verify_key = verify_key
        self.interactions: Sequence[Interaction] = found
        self._lock = threading.Lock()
        self.clock = RecordedClock(start_s)
        self._continuation = None
        if continue_with is not None:
            self._continuation = Continuation(continue_with, self.clock, self._tape.correspondence)
        self._continued = 0

    @property
    def unplayed(self) -> tuple[str, ...]:
        """The recorded requests that nobody has asked for yet, described, in their order."""
        with self._lock:
            return self._tape.unplayed

    @property
    def leases(self) -> dict[str, str]:
        """The recorded lease ids that the ids of this run stand for, so far."""
        with self._lock:
            return dict(self._tape.correspondence.recorded)

    @property
    def continued(self) -> int:
        """How many requests the cassette did not answer, and ``continue_with`` did."""
        return self._continued

    def send(self, request: Request, timeout_s: float) -> Response:
        """The recorded response. Raises ``NotRecorded``, or ``TransportError`` where that is what was recorded."""
        played = self._play(request)
        if played is not None:
            return played
        return self._going_on().send(request, timeout_s)

    async def send_async(self, request: Request, timeout_s: float) -> Response:
        """The same as ``send``."""
        played = self._play(request)
        if played is not None:
            return played
        return await self._going_on().send_async(request, timeout_s)

    def _play(self, request: Request) -> Response | None:
        """The recorded response; ``None`` where there is none and another service is to answer."""
        if self._verify_key is not None:
            check_signature(request, self._verify_key)
        asked = as_recorded(request)
        with self._lock:
            answer = self._tape.look_up(asked)
            if answer is None:
                if self._continuation is None:
                    raise NotRecorded(self._tape.explain(asked))
                self._continued += 1
                return None
        self.clock.reach(self._answered_at[answer.number - 1])
        if isinstance(answer.response, Lost):
            raise TransportError(answer.response.message, sent=answer.response.sent)
        return _respond(request, answer.response)

    def _going_on(self) -> Continuation:
        if self._continuation is None:
            raise CassetteError("there is nothing to go on with")
        return self._continuation

    def close(self) -> None:
        """Raise ``CassetteError`` where something recorded was not asked for, once, unless that is allowed or another
        error is under way. A transport to go on with is closed.
        """
        if self._continuation is not None:
            self._continuation.close()
        self._complain()

    async def aclose(self) -> None:
        """The same as ``close``."""
        if self._continuation is not None:
            await self._continuation.aclose()
        self._complain()

    def _complain(self) -> None:
        unplayed = self.unplayed
        if unplayed and not self._allow_unplayed and sys.exc_info()[0] is None:
            self._allow_unplayed = True
            shown = "; ".join(unplayed[:_MOST_SHOWN]) + ("; ..." if len(unplayed) > _MOST_SHOWN else "")
            raise CassetteError(
                f"cassette {self._path}: {len(unplayed)} of {len(self._tape)} recorded requests were not asked for "
                f"(allow_unplayed=True allows that): {shown}"
            )

    def __repr__(self) -> str:
        return f"<Replaying {self._path!r}: {len(self.unplayed)} of {len(self._tape)} unplayed>"


def _respond(request: Request, recorded: RecordedResponse) -> Response:
    body: Body = b"" if request.method == "HEAD" else recorded.body
    # No length is expected: other clients' cassettes hold unpacked or edited bodies under the Content-Length of old.
    whole = body if request.sink is None and isinstance(body, bytes) else _landed(request, recorded.status, body)
    return Response(recorded.status, recorded.reason, Headers(recorded.headers), whole)


def _landed(request: Request, status: int, body: Body) -> bytes | memoryview:
    """A body in the request's sink, if it has one, or in memory."""
    landing = Landing(request, status)
    if isinstance(body, bytes):
        if body:
            landing.take(body)
    elif request.sink is not None and 200 <= status < 300:
        landing.expect(len(body))
        for block in body.blocks():
            landing.take(block)
    else:
        landing.take(body.read())
    return landing.finish(None)


__all__ = ["Replaying", "replaying"]
