"""Sessions with Azurite, an emulator of Blob Storage, where Blobs and Files share their rules.

A container's lease is a share's, and a page blob's pages are a file's ranges. What is recorded are Azurite's own requests
and answers, of Blob Storage as it is. To hold the Files simulator to them, the same steps are said in both dialects, and
what is compared is what both answers mean (``tests.oracle``), under the same list of allowed differences.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import azfiles
from azfiles.messages import Headers, Request, Response, Transport
from azfiles_sim import ManualClock
from tests.oracle import steps as s
from tests.oracle.answers import BEGIN
from tests.oracle.azurite import Azurite
from tests.oracle.bench import SHARE, simulator
from tests.oracle.comparison import Figures, History, compare_recorded
from tests.oracle.dialects import BLOBS, Dialect, Pairs
from tests.oracle.drivers import Driver

FOLDER: Final = Path(__file__).parents[2] / "cassettes" / "azurite"


def _lease(action: str, **options: Any) -> s.Lease:
    return s.Lease(s.SHARE, action, **options)


SESSIONS: Final[Mapping[str, Sequence[s.Step]]] = {
    "share_leases": [
        s.Create(s.SHARE, metadata=(("kind", "leased"),)),
        _lease("acquire", proposed="A", duration_s=15),
        s.Show(s.SHARE),
        _lease("acquire", proposed="B", duration_s=15),
        s.Wait(10),
        _lease("renew", lease="A"),
        s.Wait(14),
        s.Show(s.SHARE),
        s.SetMetadata(s.SHARE, (("kind", "changed"),), lease="A"),
        s.SetMetadata(s.SHARE, (("kind", "refused"),), lease="B"),
        s.Delete(s.SHARE),
        _lease("change", lease="A", proposed="B"),
        _lease("renew", lease="A"),
        _lease("renew", lease="B"),
        _lease("break", period_s=5),
        s.Show(s.SHARE),
        _lease("renew", lease="B"),
        _lease("acquire", proposed="C", duration_s=-1),
        s.Wait(5),
        s.Show(s.SHARE),
        _lease("acquire", proposed="C", duration_s=-1),
        _lease("release", lease="A"),
        _lease("release", lease="C"),
        s.Show(s.SHARE),
        _lease("acquire", duration_s=15),
        s.Wait(15),
        s.Show(s.SHARE),
        _lease("renew", lease="auto1"),
        _lease("break", period_s=0),
        s.Delete(s.SHARE),
        s.Show(s.SHARE),
    ],
    "file_ranges": [
        s.Create(s.SHARE),
        s.Create(s.FILE, size=4096),
        s.ListRanges(),
        s.Write(0, 1024, "a"),
        s.Write(2048, 1536, "b"),
        s.ListRanges(),
        s.Read(),
        s.Read(1000, 1100, "x-ms-range"),
        s.Read(3072, form="Range"),
        s.Clear(2560, 512),
        s.ListRanges(),
        s.ListRanges(512, 2048),
        s.Write(512, 2048, "c"),
        s.Read(0, 4096, "both"),
        s.Resize(2560),
        s.ListRanges(),
        s.Resize(4096),
        s.Read(),
        s.Create(s.FILE, size=1536),
        s.ListRanges(),
        s.Read(),
        s.Delete(s.FILE),
        s.Read(),
        s.Delete(s.SHARE),
    ],
}


def path_of(name: str) -> Path:
    return FOLDER / f"{name}.yaml"


def record(name: str, path: Path, azurite: Azurite) -> None:
    """Take a session's steps to Azurite, and write what was said to ``path``."""
    clock = ManualClock(BEGIN)
    account = azurite.fresh_account()
    assert account is not None
    with azfiles.recording(_Asking(azurite, clock), path, clock=clock) as recorder:
        _take(name, recorder, account, clock)


def replay(name: str, path: Path) -> History:
    """The steps of a session with what Azurite answered, as the cassette has it. All that it holds has to be asked for."""
    with azfiles.replaying(path) as replayer:
        return _take(name, replayer, "replayed", ManualClock(BEGIN))


def verify(name: str, path: Path) -> Figures:
    """Hold the Files simulator to a cassette. Raises Disagreement where it differs and no entry allows that."""
    return compare_recorded(replay(name, path), simulator("replayed"))


def _take(name: str, transport: Transport, account: str, clock: ManualClock) -> History:
    driver = Driver(_Side(transport, clock), account, SHARE)
    return [(step, driver.do(step)) for step in SESSIONS[name]]


@dataclass(slots=True)
class _Side:
    """What answers requests: a transport."""

    transport: Transport
    clock: ManualClock
    dialect: Dialect = BLOBS
    is_alive: bool = True

    def send(self, method: str, target: str, headers: Pairs, body: bytes, now: datetime) -> tuple[int, Pairs, bytes]:
        self.clock.set(now)
        asked = Request(method, target, tuple(headers), (body,) if body else (), "http://127.0.0.1")
        response = self.transport.send(asked, 30.0)
        return response.status, list(response.headers.pairs), bytes(response.body)


class _Asking:
    """Azurite as a transport. Its clock is set with each request; its answers' ``Date`` is the machine's all the same."""

    def __init__(self, azurite: Azurite, clock: ManualClock) -> None:
        self._azurite = azurite
        self._clock = clock

    def send(self, request: Request, timeout_s: float) -> Response:
        body = b"".join(request.body)
        now_ms = round(self._clock.time() * 1000)
        status, headers, content = self._azurite.send(
            request.method, request.target, list(request.headers), body, now_ms
        )
        return Response(status, "", Headers(headers), content)

    def close(self) -> None:
        """Nothing: the process is the caller's."""
