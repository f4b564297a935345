"""One transport for a test that runs against a cassette, a real account, or both: the mode says which."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

from azfiles.cassette.bodies import BODY_LIMIT
from azfiles.cassette.interactions import Interaction
from azfiles.cassette.timeline import RecordedClock
from azfiles.cassette.writing import is_sealed_file
from azfiles.credentials import SharedKey
from azfiles.errors import InvalidArgument, NotRecorded, RequestNotSent
from azfiles.messages import AsyncTransport, Request, Response, Transport
from azfiles.transports.closing import Closing
from azfiles.transports.continuing import Service
from azfiles.transports.recording import Clock, Recording, recording
from azfiles.transports.replaying import Replaying, replaying

Mode: TypeAlias = Literal["none", "once", "new", "all", "live"]
"""``none``: only the cassette answers. ``once``: the cassette, if there is one, else it is recorded. ``new``: the
cassette, and what it does not hold is sent and added to it. ``all``: everything is sent, and the cassette recorded
anew. ``live``: everything is sent, and there is no cassette.
"""

MODES: Final[tuple[Mode, ...]] = get_args(Mode)


def use_cassette(
    path: str | os.PathLike[str],
    transport: Transport | AsyncTransport | None = None,
    *,
    mode: Mode = "once",
    secrets: Iterable[str] = (),
    body_limit: int | None = BODY_LIMIT,
    sealed: bool = False,
    clock: Clock | None = None,
    allow_unplayed: bool = False,
    repeat_last: bool = False,
    verify_key: SharedKey | None = None,
    continue_with: Service | None = None,
) -> CassetteTransport:
    """A transport that answers from the cassette at ``path``, or sends through ``transport`` and records, as ``mode``
    says (see ``Mode``). For the other options see ``recording`` and ``replaying``; where requests are sent anyway, they
    go on there, and ``continue_with`` has nothing to do.

    Raises ``CassetteError`` where the cassette is damaged, or where ``mode`` is ``none`` and there is none;
    ``InvalidArgument`` for an unknown mode, or where something is to be sent and no transport is given.
    """
    if mode not in MODES:
        raise InvalidArgument(f"mode {mode!r}: one of {', '.join(MODES)} is expected")
    replays = mode in {"none", "new"} or (mode == "once" and Path(path).exists())
    sends = mode in {"new", "all", "live"} or not replays
    if sends and transport is None:
        raise InvalidArgument(f"transport: mode {mode!r} sends requests, so it needs one")
    player = None
    if replays and (mode != "new" or Path(path).exists()):
        player = replaying(
            path,
            secrets=secrets,
            allow_unplayed=allow_unplayed,
            repeat_last=repeat_last,
            verify_key=verify_key,
            continue_with=None if sends else continue_with,
        )
    recorder: Recording | None = None
    if transport is not None and sends and mode != "live":
        sealed = sealed or (player is not None and is_sealed_file(path))
        recorder = recording(transport, path, secrets=secrets, body_limit=body_limit, sealed=sealed, clock=clock)
        if player is not None:
            recorder.extend(player)
    return CassetteTransport(mode, player, recorder, transport)


class CassetteTransport(Closing):
    """Made by ``use_cassette``. Blocking and async, as far as the transport inside is. May be shared between threads.

    ``mode`` is the one it was made with; ``clock`` is the recording's virtual time where a cassette answers alone, else
    ``None``, so that ``connect(..., clock=transport.clock)`` is right in every mode.
    """

    def __init__(
        self,
        mode: Mode,
        player: Replaying | None,
        recorder: Recording | None,
        inside: Transport | AsyncTransport | None,
    ) -> None:
        self.mode = mode
        self._player = player
        self._recorder = recorder
        self._inside = inside

    @property
    def clock(self) -> RecordedClock | None:
        return self._player.clock if self._player is not None and self._recorder is None else None

    @property
    def interactions(self) -> Sequence[Interaction]:
        """What the cassette held when it was opened; nothing where none answers."""
        return () if self._player is None else self._player.interactions

    @property
    def continued(self) -> int:
        """How many requests the cassette did not answer, and ``continue_with`` did."""
        return 0 if self._player is None else self._player.continued

    @property
    def records(self) -> bool:
        """Whether something may be written to the cassette when this is closed."""
        return self._recorder is not None

    def send(self, request: Request, timeout_s: float) -> Response:
        """Answer from the cassette or send, as the mode says."""
        if self._player is not None:
            try:
                return self._player.send(request, timeout_s)
            except NotRecorded:
                if self._recorder is None:
                    raise
        carrier = self._recorder or self._inside
        if not isinstance(carrier, Transport):
            raise RequestNotSent("the transport given is async; use it with an async client")
        return carrier.send(request, timeout_s)

    async def send_async(self, request: Request, timeout_s: float) -> Response:
        """Answer from the cassette or send, as the mode says."""
        if self._player is not None:
            try:
                return await self._player.send_async(request, timeout_s)
            except NotRecorded:
                if self._recorder is None:
                    raise
        carrier = self._recorder or self._inside
        if not isinstance(carrier, AsyncTransport):
            raise RequestNotSent("the transport given is blocking; use it with a blocking client")
        return await carrier.send_async(request, timeout_s)

    def drop(self, error: BaseException | None = None) -> None:
        """Forget what was recorded: the cassette stays as it is. ``error`` gets a note that says so."""
        if self._recorder is not None:
            self._recorder.drop(error)

    def close(self) -> None:
        """Save what was recorded, and close the transport inside. Raises ``CassetteError`` where that is not possible, or
        something in the cassette was not asked for and nothing else allows that.
        """
        try:
            if self._player is not None:
                self._player.close()
        finally:
            carrier = self._recorder or self._inside
            if isinstance(carrier, Transport):
                carrier.close()

    async def aclose(self) -> None:
        """The same as ``close``, for an async transport."""
        try:
            if self._player is not None:
                await self._player.aclose()
        finally:
            carrier = self._recorder or self._inside
            if isinstance(carrier, AsyncTransport):
                await carrier.aclose()

    def __repr__(self) -> str:
        return f"<CassetteTransport, mode {self.mode}: {self._player or self._recorder or self._inside!r}>"


__all__ = ["MODES", "CassetteTransport", "Mode", "use_cassette"]
