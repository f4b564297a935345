"""A session being recorded: what was sent, what came back and when, until it is saved as a cassette.

The content of files is scrubbed and goes to the side store at once where it is large, so that what a session holds in
memory does not grow with it. All else is scrubbed when the session is saved, because a secret may show late what it is.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import NamedTuple

from azfiles.cassette.bodies import BODY_LIMIT, BodyStore
from azfiles.cassette.checking import check_replay
from azfiles.cassette.document import read_cassette
from azfiles.cassette.interactions import (
    Body,
    Interaction,
    Lost,
    RecordedRequest,
    RecordedResponse,
    Timing,
    as_recorded,
    turn_of,
)
from azfiles.cassette.known_secrets import check_secrets
from azfiles.cassette.lease_ids import lease_ids
from azfiles.cassette.loading import collector_paused, import_yaml
from azfiles.cassette.locking import saving
from azfiles.cassette.operations import carries_request_data, carries_response_data, operation_of
from azfiles.cassette.scrubbing import scrub_interactions
from azfiles.cassette.scrubbing_contents import scrub_data
from azfiles.cassette.sealing import Seal
from azfiles.cassette.writing import stored_bodies, write_cassette
from azfiles.errors import CassetteError, InvalidArgument, TransportError
from azfiles.messages import Buffer, Request, Response


class Sent(NamedTuple):
    """A request that is under way: its turn, from 1, and when it was sent, in seconds of the session's clock."""

    turn: int
    at_s: float


class Session:
    """Safe to use from several threads. ``now`` gives seconds that never go back."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        secrets: Iterable[str] = (),
        now: Callable[[], float] = time.monotonic,
        body_limit: int | None = BODY_LIMIT,
        sealed: bool = False,
    ) -> None:
        self.path = os.fspath(path)
        if body_limit is not None and body_limit < 0:
            raise InvalidArgument(f"body_limit: {body_limit} bytes; 0 or more are expected, or None for no limit")
        import_yaml()
        folder = Path(self.path).parent
        if not folder.is_dir():
            raise CassetteError(f"cassette {self.path}: there is no folder {folder}; make it first")
        self._secrets = check_secrets(secrets)
        self._now = now
        self._start_s: float | None = None
        self._offset_s = 0.0
        self._body_limit = body_limit
        self._seal = Seal.from_environment() if sealed else None
        self._store = BodyStore.beside(self.path, unsaved=True)
        self._interactions: list[Interaction] = []
        self._before: tuple[Interaction, ...] = ()
        self._leases: Callable[[], Mapping[str, str]] = dict
        self._turns = 0
        self._saved: int | None = None
        self._lock = threading.Lock()
        self._saving = threading.Lock()

    def __len__(self) -> int:
        return len(self._interactions)

    def extend(self, before: Sequence[Interaction], leases: Callable[[], Mapping[str, str]]) -> None:
        """Go on from a cassette: its interactions stay at its beginning. ``leases`` tells, when asked, which of its lease
        ids the live ones stand for. Nothing is saved as long as nothing is new.
        """
        self._before = tuple(before)
        self._leases = leases
        self._turns = max(map(turn_of, self._before, count(1)), default=0)
        self._offset_s = max((one.timing.answered_s for one in self._before if one.timing), default=0.0)
        self._saved = 0

    def send(self) -> Sent:
        """Note that a request is about to be sent."""
        with self._lock:
            self._turns += 1
            now = self._now()
            if self._start_s is None:
                self._start_s = now - self._offset_s
            return Sent(self._turns, now - self._start_s)

    def keep(self, sent: Sent, request: Request, response: Response) -> None:
        """Take in an answer. Both bodies are copied: the caller may use his buffers again as soon as this returns."""
        recorded, operation = self._recorded(request)
        body = response.body
        if self._is_large(len(body)) and carries_response_data(recorded, operation, response.status):
            kept: Body = self._store.put(scrub_data((body,), recorded, secrets=self._secrets), self._seal)
        else:
            kept = bytes(body)
        answer = RecordedResponse(response.status, response.reason, response.headers.pairs, kept)
        self._append(sent, recorded, answer)

    def lose(self, sent: Sent, request: Request, error: TransportError) -> None:
        """Take in that no complete response came."""
        self._append(sent, self._recorded(request)[0], Lost(str(error), error.sent))

    def save(self) -> None:
        """Write what there is so far, replacing the file in one step. Raises ``CassetteError``, also where what would be
        written does not replay.
        """
        with self._saving, collector_paused():
            with self._lock:
                session = list(self._interactions)
            leases = dict(self._leases())
            taken = {lease_id: lease_id for one in self._before for lease_id in lease_ids(one)}
            added = scrub_interactions(session, secrets=self._secrets, leases={**taken, **leases}, clean=self._store)

            def check(file: Path) -> None:
                check_replay(file, [*self._before, *session], secrets=self._secrets, leases=leases)

            everything = [*self._before, *added]
            write_cassette(self.path, everything, body_limit=self._body_limit, seal=self._seal, check=check)
            self._saved = len(session)

    def save_rest(self) -> None:
        """Save, unless everything is saved."""
        if self._saved != len(self._interactions):
            self.save()

    def drop(self, error: BaseException | None = None) -> None:
        """Forget what is not saved, and its bodies in the side store but for those of the cassette that is there. ``error``,
        the reason, gets a note.
        """
        with self._saving, self._lock:
            if self._saved == len(self._interactions):
                return
            dropped = {body.name for body in stored_bodies(self._interactions)}
            self._interactions.clear()
            self._saved = 0
        if error is not None:
            error.add_note(f"azfiles: nothing was saved because of this error: cassette {self.path} is as it was")
        if dropped:
            self._store.forget()
            # A cassette that cannot be read may need all that is there.
            with contextlib.suppress(CassetteError), saving(Path(self.path)):
                kept = read_cassette(self.path) if Path(self.path).exists() else ()
                self._store.remove(dropped - {body.name for body in stored_bodies(kept)})

    def _append(self, sent: Sent, request: RecordedRequest, response: RecordedResponse | Lost) -> None:
        with self._lock:
            answered_s = self._now() - (self._start_s or 0.0)
            timing = Timing(round(sent.at_s, 3), round(answered_s, 3), sent.turn)
            self._interactions.append(Interaction(request, response, timing))

    def _recorded(self, request: Request) -> tuple[RecordedRequest, str]:
        """The request with its body copied, or in the side store, and the name of its operation."""
        bare = as_recorded(request, b"")
        operation = operation_of(bare)
        size = sum(len(memoryview(part).cast("B")) for part in request.body)
        if self._is_large(size) and carries_request_data(bare, operation):
            parts: Sequence[Buffer] = scrub_data(request.body, bare, secrets=self._secrets)
            return as_recorded(request, self._store.put(parts, self._seal)), operation
        return as_recorded(request), operation

    def _is_large(self, size: int) -> bool:
        return self._body_limit is not None and size > self._body_limit


__all__ = ["Sent", "Session"]
