"""A transport that answers from a cassette: no network, no server, and any credentials."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable, Sequence
from typing import Final

from azfiles.cassette.document import read_cassette
from azfiles.cassette.interactions import Interaction, Lost, RecordedResponse, as_recorded
from azfiles.cassette.signatures import check_signature
from azfiles.cassette.tape import Tape
from azfiles.cassette.timeline import RecordedClock, answered_at, start_of
from azfiles.credentials import SharedKey
from azfiles.errors import CassetteError, TransportError
from azfiles.messages import Headers, Request, Response
from azfiles.transports.bodies import Landing
from azfiles.transports.closing import Closing

_MOST_SHOWN: Final = 5


def replaying(
    path: str | os.PathLike[str],
    *,
    secrets: Iterable[str] = (),
    allow_unplayed: bool = False,
    repeat_last: bool = False,
    verify_key: SharedKey | None = None,
) -> Replaying:
    """A transport, blocking and async, that answers each request with what was recorded for it.

    A request that was not recorded raises ``NotRecorded``, which names the nearest one that was; a file that is not
    a cassette raises ``CassetteError`` here already. ``secrets`` are the texts that the recording was told to keep
    out, where requests hold them: they were replaced in what was recorded.

    Where requests were recorded that nobody asked for, closing raises ``CassetteError``, unless ``allow_unplayed``.
    With ``repeat_last``, a read that was answered as often as it was recorded gets its last answer again. With
    ``verify_key``, a request that is not signed with this key is a ``CassetteError``.
    """
    return Replaying(
        path, secrets=secrets, allow_unplayed=allow_unplayed, repeat_last=repeat_last, verify_key=verify_key
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
    ) -> None:
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

    def send(self, request: Request, timeout_s: float) -> Response:  # noqa: ARG002 - the protocol has it; nothing waits here
        """The recorded response. Raises ``NotRecorded``, or ``TransportError`` where that is what was recorded."""
        if self._verify_key is not None:
            check_signature(request, self._verify_key)
        asked = as_recorded(request)
        with self._lock:
            answer = self._tape.answer(asked)
        self.clock.reach(self._answered_at[answer.number - 1])
        if isinstance(answer.response, Lost):
            raise TransportError(answer.response.message, sent=answer.response.sent)
        return _respond(request, answer.response)

    async def send_async(self, request: Request, timeout_s: float) -> Response:
        """The same as ``send``."""
        return self.send(request, timeout_s)

    def close(self) -> None:
        """Raise ``CassetteError`` where something recorded was not asked for, once, unless that is allowed or another
        error is under way.
        """
        unplayed = self.unplayed
        if unplayed and not self._allow_unplayed and sys.exc_info()[0] is None:
            self._allow_unplayed = True
            shown = "; ".join(unplayed[:_MOST_SHOWN]) + ("; ..." if len(unplayed) > _MOST_SHOWN else "")
            raise CassetteError(
                f"cassette {self._path}: {len(unplayed)} of {len(self._tape)} recorded requests were not asked for "
                f"(allow_unplayed=True allows that): {shown}"
            )

    async def aclose(self) -> None:
        """The same as ``close``."""
        self.close()

    def __repr__(self) -> str:
        return f"<Replaying {self._path!r}: {len(self.unplayed)} of {len(self._tape)} unplayed>"


def _respond(request: Request, recorded: RecordedResponse) -> Response:
    landing = Landing(request, recorded.status)
    body = recorded.body
    if request.method == "HEAD":
        pass
    elif isinstance(body, bytes):
        landing.take(body)
    elif request.sink is not None and 200 <= recorded.status < 300:
        landing.expect(len(body))
        for block in body.blocks():
            landing.take(block)
    else:
        landing.take(body.read())
    # No length is expected: other clients' cassettes hold unpacked or edited bodies under the Content-Length of old.
    return Response(recorded.status, recorded.reason, Headers(recorded.headers), landing.finish(None))


__all__ = ["Replaying", "replaying"]
