"""One side of a comparison: takes steps, says what was answered. The bytes go through signing, routing and parsing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from typing import Final, Protocol
from urllib.parse import quote, urlencode

from azfiles.core.sharedkey import authorization, sign
from azfiles.credentials import SharedKey
from azfiles_sim import IN_PROCESS, AccountSpec, ManualClock, Reply, Request, Simulator
from tests.oracle import steps as s
from tests.oracle.answers import BEGIN, Answer, Memory, observe, page_of_shares
from tests.oracle.azurite import KEY, Azurite
from tests.oracle.dialects import BLOBS, FILES, Dialect, Message, Names, Pairs, render
from tests.oracle.obs import Obs

VERSION: Final = "2026-10-06"
EXTRA_LINE_SINCE: Final = "2020-12-06"


class Side(Protocol):
    """What answers requests."""

    dialect: Dialect

    @property
    def is_alive(self) -> bool: ...
    def send(
        self, method: str, target: str, headers: Pairs, body: bytes, now: datetime
    ) -> tuple[int, Pairs, bytes]: ...


class AzuriteSide:
    def __init__(self, azurite: Azurite, dialect: Dialect = BLOBS) -> None:
        self.azurite = azurite
        self.dialect = dialect

    @property
    def is_alive(self) -> bool:
        return self.azurite.is_alive

    def send(self, method: str, target: str, headers: Pairs, body: bytes, now: datetime) -> tuple[int, Pairs, bytes]:
        return self.azurite.send(method, target, headers, body, round(now.timestamp() * 1000))


class SimulatorSide:
    """A simulator of its own for every example."""

    is_alive = True

    def __init__(self, account: str) -> None:
        self.dialect = FILES
        self.clock = ManualClock(BEGIN)
        self.simulator = Simulator([AccountSpec.from_text(account, KEY)], clock=self.clock)

    def send(self, method: str, target: str, headers: Pairs, body: bytes, now: datetime) -> tuple[int, Pairs, bytes]:
        self.clock.set(now)
        reply = self.simulator.handle(Request(method, target, headers, (body,) if body else ()), IN_PROCESS)
        assert isinstance(reply, Reply)
        return reply.status, list(reply.headers), b"".join(reply.body)


@dataclass(slots=True)
class Driver:
    """Takes steps to one side."""

    side: Side
    account: str
    share: str
    now: datetime = BEGIN
    memory: Memory = field(default_factory=Memory)

    def do(self, step: s.Step) -> Obs:
        match step:
            case s.Wait():
                self.now += timedelta(seconds=step.seconds)
                return Obs(0)
            case s.Anew():
                self.share = f"{self.share}0"
                self.memory.etags.clear()
                return Obs(0)
            case s.Ask():
                return self._ask(step)
            case s.ListShares():
                return self._list_shares(step)
            case s.Signed():
                return self._observe(step.step, self._with_sas(step))
            case _:
                return self._observe(step, self._with_key(self._message(step)))

    def _message(self, step: s.Step) -> Message:
        return render(step, self.side.dialect, Names(self.share, self.memory.lease_ids))

    def _observe(self, step: s.Step, answer: Answer) -> Obs:
        return observe(step, answer, self.side.dialect, self.memory)

    def _with_key(self, message: Message) -> Answer:
        """Send a request that is signed with the account's key."""
        target = f"/{self.account}{message.target}"
        headers = [*self._headers(message), ("x-ms-date", http_date(self.now))]
        return self._send(message, target, [*headers, self._authorization(message.method, target, headers)])

    def _headers(self, message: Message) -> Pairs:
        headers = [("x-ms-version", VERSION), *message.headers]
        if message.method == "PUT":
            headers.append(("Content-Length", str(len(message.body))))
        return headers

    def _authorization(self, method: str, target: str, headers: Pairs) -> tuple[str, str]:
        key = _credential(self.account)
        return "Authorization", authorization(key, method=method, target=target, headers=headers)

    def _send(self, message: Message, target: str, headers: Pairs, host: str = "127.0.0.1") -> Answer:
        asked = [("Host", host), *headers]
        return Answer.of(*self.side.send(message.method, target, asked, message.body, self.now))

    def clear(self) -> None:
        """Delete all shares of the account, so that the next example finds the service as quick as this one did."""
        names = " ".join(names for _, names in self._list_shares(s.ListShares()).shown).split()
        for name in names:
            place = replace(self, share=name)
            place.do(s.Lease(s.SHARE, "break", period_s=0))
            place.do(s.Delete(s.SHARE))

    # --- steps that are more than one signed request -------------------------------------------------------------

    def _list_shares(self, step: s.ListShares) -> Obs:
        """Walk through all pages. What a marker says is the service's own affair."""
        message = self._message(step)
        pages: Pairs = []
        marker = ""
        while True:
            follow = f"&marker={quote(marker, safe='')}" if marker else ""
            answer = self._with_key(replace(message, target=message.target + follow))
            if answer.status != 200:
                return self._observe(step, answer)
            names, marker = page_of_shares(answer, self.side.dialect, metadata=step.metadata)
            pages.append((f"page {len(pages) + 1}", names))
            if not marker:
                return Obs(200, "", tuple(pages))
            assert len(pages) < _MOST_PAGES, pages

    def _with_sas(self, signed: s.Signed) -> Answer:
        message = self._message(signed.step)
        mark = "&" if "?" in message.target else "?"
        query = urlencode(self._sas(signed), quote_via=quote)
        return self._send(message, f"/{self.account}{message.target}{mark}{query}", self._headers(message))

    def _sas(self, signed: s.Signed) -> dict[str, str]:
        fields = {
            "sp": signed.permissions,
            "ss": signed.services.translate(_SWAPPED) if self.side.dialect.service == "b" else signed.services,
            "srt": signed.types,
            "st": "" if signed.start is None else _iso(signed.start),
            "se": _iso(signed.expiry),
            "sip": "",
            "spr": signed.protocol,
            "sv": signed.version,
        }
        lines = [self.account, *fields.values()]
        if signed.version >= EXTRA_LINE_SINCE:
            lines.append("")
        signature = sign(_credential(self.account), "\n".join(lines) + "\n")
        if signed.spoilt:
            fields[signed.spoilt] = _OTHER_VALUES[signed.spoilt]
        return {name: value for name, value in fields.items() if value} | {"sig": signature}

    def _ask(self, ask: s.Ask) -> Obs:
        """Sign a request of any form, spoil it where the step says so, and see whether it is let in."""
        message = Message(ask.method, "", list(ask.headers), ask.body.encode())
        target = (
            f"{'' if ask.host else '/' + self.account}/{self.share}/{ask.path}{'?' if ask.query else ''}{ask.query}"
        )
        headers = [*self._headers(message), (ask.date, http_date(self.now))]
        signature = self._authorization(ask.method, target, headers)
        match ask.spoilt:
            case "signature":
                signature = (signature[0], signature[1].translate(_OTHER_LETTERS))
            case "header":
                headers.append(("x-ms-meta-zz", "unsigned"))
            case "date":
                later = http_date(self.now + timedelta(seconds=1))
                headers = [(name, later if name == ask.date else value) for name, value in headers]
            case "path":
                target = target.replace(f"/{self.share}/", f"/{self.share}/x", 1)
            case "query":
                target += "&timeout=5" if "?" in target else "?timeout=5"
        host = ask.host.format(account=self.account) or "127.0.0.1"
        answer = self._send(message, target, [*headers, signature], host)
        return Obs(0, "refused" if answer.status == 403 else "let in")


_MOST_PAGES: Final = 100
_SWAPPED: Final = str.maketrans("fb", "bf")
_OTHER_LETTERS: Final = str.maketrans("ABCDEFGHIJabcdefghij0123456789", "BCDEFGHIJAbcdefghija1234567890")
_OTHER_VALUES: Final = {
    "sp": "rwdlca", "ss": "bqtf", "srt": "csos", "st": "2001-01-01T00:00:00Z", "se": "2090-01-01T00:00:00Z",
    "spr": "https,http", "sv": "2019-02-02",
}  # fmt: skip
"""For each field of a SAS a value that is not signed, that grants more, and that no generator draws."""


@lru_cache
def _credential(account: str) -> SharedKey:
    return SharedKey(account, KEY)


@lru_cache(maxsize=4096)
def http_date(instant: datetime) -> str:
    return format_datetime(instant, usegmt=True)


def _iso(seconds: int) -> str:
    return (BEGIN + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
