"""What a client sees of each fault: the table of ``docs/faults.md``, made by carrying every fault out on every way there is.

``python -m tests.faults.seen`` writes the table anew.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import azfiles
from azfiles.transports.in_process import InProcessTransport
from azfiles_sim import ManualClock, Simulator
from azfiles_sim.adapters import azure_core_transport
from azfiles_sim.faults import (
    CutBody,
    DelayReply,
    DelayRequest,
    Drip,
    FlipReplyBit,
    FlipRequestBit,
    LoseLease,
    LoseReply,
    LoseRequest,
    Outcome,
    Refuse,
    Reset,
    Restart,
    Rule,
    Script,
    SkewClock,
    WrongLength,
)
from azfiles_sim.server import serve_in_thread
from tests.transports.carriers import CARRIERS, carrier

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
ACCOUNT = "devstoreaccount1"
LEASE = "aaaaaaaa-0000-4000-8000-000000000001"
OLD, NEW = b"0123456789abcdef" * 4, b"NEWER-TEXT"
SKEW_S = 3600.0

FAULTS: dict[str, Outcome] = {
    "`delay_request`, `delay_reply`, `drip`": DelayRequest(5),
    "`lose_request`": LoseRequest(),
    "`lose_reply`": LoseReply(),
    "`reset`": Reset(),
    "`reset`, `acts`": Reset(acts=True),
    "`cut_body`": CutBody(after_bytes=9),
    "`cut_body`, `reset`": CutBody(after_bytes=9, reset=True),
    "`wrong_length`, larger": WrongLength(by=3),
    "`wrong_length`, smaller": WrongLength(by=-3),
    "`flip_reply_bit`": FlipReplyBit(bit=243),
    "`flip_request_bit`": FlipRequestBit(bit=243),
    "`refuse` 503 ServerBusy": Refuse("ServerBusy", retry_after_s=2),
    "`refuse` 500 InternalError": Refuse("InternalError"),
    "`refuse` 500 OperationTimedOut, `acts`": Refuse("OperationTimedOut", acts=True),
    "`refuse` 502, no code": Refuse("", status=502),
    "`lose_lease`": LoseLease(),
    "`skew_clock` by an hour": SkewClock(SKEW_S),
    "`restart`": Restart(),
}
ALIKE: dict[str, tuple[Outcome, ...]] = {"`delay_request`, `delay_reply`, `drip`": (DelayReply(5), Drip(100.0))}
"""Faults that a row is about too."""


@dataclass(frozen=True)
class Deed:
    """What a client does: an operation, and what it should bring."""

    title: str
    operation: str
    checked: bool

    def do(self, file: azfiles.FileClient) -> Any:
        if self.operation == "F2":
            options: dict[str, Any] = {"checksum": "crc64"} if self.checked else {}
            return bytes(file.get_range(0, len(OLD), **options).content)
        checksum = "crc64" if self.checked else None
        file.put_range(0, NEW, lease_id=LEASE, checksum=checksum)
        return None


DEEDS = (
    Deed("read", "F2", checked=False),
    Deed("read with a checksum", "F2", checked=True),
    Deed("write", "F8", checked=False),
    Deed("write with a checksum", "F8", checked=True),
)


class Ground:
    """One simulator, its state at the beginning, and the ways that lead to it."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.simulator = Simulator(clock=self.clock)
        self.simulator.control.plant(ACCOUNT, "data", {"f": OLD})
        with azfiles.connect(self.simulator.handle, clock=self.clock) as service:
            service.share("data").file("f").acquire_lease(proposed_id=LEASE)
        self.simulator.control.fork("start")

    def see(self, transport: Any, to: str, deed: Deed, outcome: Outcome, *, retried: bool) -> str:
        """What came of a deed whose first request met the outcome, in a few words."""
        simulator = self.simulator
        simulator.faults.plan = None
        simulator.control.restore("start")
        if not isinstance(transport, InProcessTransport):
            # What an earlier fault did to a kept connection is not this one's doing.
            azfiles.connect(to, transport=transport, clock=self.clock).share("data").get_properties()
        simulator.faults.plan = Script((Rule(outcome, (deed.operation,), times=1),))
        retry = azfiles.RetryPolicy() if retried else None
        client = azfiles.connect(to, transport=transport, clock=self.clock, retry=retry, circuit=None)
        try:
            result = deed.do(client.share("data").file("f"))
        except azfiles.AzureFilesError as error:
            told = name_of(error)
            if not simulator.faults.diary:
                raise AssertionError(f"{error!r} without any fault") from error
            if not error.may_have_acted and self.stored() != OLD:
                raise AssertionError(f"{outcome}: {error!r} says that nothing was done") from error
        else:
            told = self.judge(result, deed)
        return told if simulator.faults.diary else "as ever"

    def judge(self, result: bytes | None, deed: Deed) -> str:
        if deed.operation == "F2":
            return "done" if result == OLD else "**wrong bytes**"
        return "done" if self.stored() == NEW + OLD[len(NEW) :] else "**wrong bytes**"

    def stored(self) -> bytes:
        """What the file holds now, asked for past all faults."""
        with azfiles.connect(self.simulator.handle_without_faults, clock=self.clock, retry=None) as client:
            return bytes(client.share("data").file("f").get().content)


def name_of(error: azfiles.AzureFilesError) -> str:
    if isinstance(error, azfiles.TransportError):
        return f"`{type(error).__name__}`, {'sent' if error.sent else 'not sent'}"
    if isinstance(error, azfiles.ServiceError):
        code = f"{error.status} {error.code}".strip()
        return f"`{type(error).__name__}` {code}"
    return f"`{type(error).__name__}`"


@contextmanager
def ways(ground: Ground, names: tuple[str, ...], ca_dir: Path) -> Iterator[dict[str, tuple[Any, str]]]:
    """Transports and where they lead, by name: ``in process``, and ``httpx-blocking over https`` and its like."""
    with contextlib.ExitStack() as stack:
        served: dict[str, Any] = {}
        found: dict[str, tuple[Any, str]] = {}
        for name in names:
            library, _, scheme = name.partition(" over ")
            if not scheme:
                found[name] = InProcessTransport(ground.simulator.handle), "UseDevelopmentStorage=true"
                continue
            if scheme not in served:
                served[scheme] = stack.enter_context(
                    serve_in_thread(ground.simulator, https=scheme == "https", ca_dir=ca_dir)
                )
            options = {} if scheme == "http" else {"ca_file": served[scheme].ca_file}
            made = carrier(library, **options)
            stack.callback(made.close)
            found[name] = made, served[scheme].connection_string
        yield found


ALL_WAYS = ("in process", *(f"{name} over {scheme}" for name in CARRIERS for scheme in ("http", "https")))
SOME_WAYS = ("in process", "httpx-blocking over http")


def cells(
    names: tuple[str, ...], ca_dir: Path, faults: Sequence[str] = tuple(FAULTS)
) -> dict[tuple[str, str, bool], dict[str, str]]:
    """What is seen, by fault, deed and whether it is retried; each by the way."""
    ground = Ground()
    seen: dict[tuple[str, str, bool], dict[str, str]] = {}
    with ways(ground, names, ca_dir) as found:
        for fault in faults:
            outcome = FAULTS[fault]
            for deed in DEEDS:
                for retried in (False, True):
                    cell = seen.setdefault((fault, deed.title, retried), {})
                    for name, (transport, to) in found.items():
                        told = {
                            ground.see(transport, to, deed, one, retried=retried)
                            for one in (outcome, *ALIKE.get(fault, ()))
                        } - {"as ever"} or {"as ever"}
                        assert len(told) == 1, (fault, deed.title, told)
                        cell[name] = told.pop()
    return seen


def table(seen: dict[tuple[str, str, bool], dict[str, str]]) -> str:
    """The table, where all ways agree; a way that does not is named in its cell."""
    lines = [
        "| fault | " + " | ".join(deed.title for deed in DEEDS) + " |",
        "|---|" + "---|" * len(DEEDS),
    ]
    for fault in dict.fromkeys(fault for fault, _, _ in seen):
        row = []
        for deed in DEEDS:
            once, again = (told(seen[fault, deed.title, retried]) for retried in (False, True))
            row.append(once if once == again else f"{once} → {again}")
        lines.append(f"| {fault} | {' | '.join(row)} |")
    return "\n".join(lines) + "\n"


def told(cell: dict[str, str]) -> str:
    if len(set(cell.values())) == 1:
        return next(iter(cell.values()))
    return "; ".join(f"{name}: {what}" for name, what in cell.items())


def sdk_table(faults: Sequence[str] = tuple(FAULTS)) -> str:
    """The same for the official SDK, in process, without its retries and with three."""
    lines = ["| fault | `download_file().readall()` | `upload_range` |", "|---|---|---|"]
    for fault in faults:
        row = []
        for operation in ("F2", "F8"):
            once, again = (see_by_sdk(FAULTS[fault], operation, retries) for retries in (0, 3))
            row.append(once if once == again else f"{once} → {again}")
        lines.append(f"| {fault} | {' | '.join(row)} |")
    return "\n".join(lines) + "\n"


def see_by_sdk(outcome: Outcome, operation: str, retries: int) -> str:
    """What the official SDK makes of a fault at the first request of an operation."""
    from azure.core.exceptions import AzureError
    from azure.storage.fileshare import LinearRetry, ShareFileClient

    clock = ManualClock(datetime.now(UTC))
    simulator = Simulator(clock=clock)
    simulator.control.plant(ACCOUNT, "data", {"f": OLD})
    with ShareFileClient(
        f"https://{ACCOUNT}.file.core.windows.net",
        "data",
        "f",
        credential=azfiles.EMULATOR_KEY,
        transport=azure_core_transport(simulator),
        retry_policy=LinearRetry(backoff=1, random_jitter_range=0, retry_total=retries),
    ) as file:
        simulator.faults.plan = Script((Rule(outcome, (operation,), times=1),))
        try:
            if operation == "F2":
                right = file.download_file().readall() == OLD
            else:
                file.upload_range(NEW, 0, len(NEW))
                simulator.faults.plan, diary = None, simulator.faults.diary
                right = file.download_file().readall().startswith(NEW)
                if not diary:
                    return "as ever"
        except AzureError as error:
            code: Any = getattr(error, "error_code", None)
            status = getattr(error, "status_code", None)
            return " ".join(
                filter(None, (f"`{type(error).__name__}`", str(status or ""), getattr(code, "value", code)))
            )
    if operation == "F2" and not simulator.faults.diary:
        return "as ever"
    return "done" if right else "**wrong bytes**"


def table_in(page: str, heading: str = r"\| fault \| read ") -> str:
    """The table that the page has, by the beginning of its head."""
    found = re.search(rf"(?m)^{heading}.*\n(?:\|.*\n)+", page)
    assert found is not None
    return found.group()


SDK_HEADING = r"\| fault \| `download_file"


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        made = table(cells(ALL_WAYS, Path(folder)))
    page = PAGE.read_text(encoding="utf-8")
    page = page.replace(table_in(page), made)
    PAGE.write_text(page.replace(table_in(page, SDK_HEADING), sdk_table()), encoding="utf-8")
