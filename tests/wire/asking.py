"""Asks a simulator signed questions in process. The signer is written for these tests alone, from the documents."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qsl, quote
from xml.etree import ElementTree as ET

from azfiles_sim import (
    IN_PROCESS,
    AccountSpec,
    Connection,
    ManualClock,
    Reply,
    Request,
    Simulator,
)

ACCOUNT = "testaccount"
KEY = b"0123456789abcdef0123456789abcdef"
SECOND_KEY = b"another key, another key, another"
OTHER = "otheraccount"
OTHER_KEY = b"the key of the other account"
NEWEST = "2026-10-06"
BOM = b"\xef\xbb\xbf"
START = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)

Pairs = Sequence[tuple[str, str]]
CREATE = (("x-ms-type", "file"), ("x-ms-content-length", "1024"))
UPDATE = (("x-ms-write", "update"), ("x-ms-range", "bytes=0-3"))


class Asker:
    """A simulator with two accounts and a clock that stands still, and a client that signs with the first key."""

    def __init__(self, **options: object) -> None:
        self.clock = ManualClock(START)
        accounts = [
            AccountSpec(ACCOUNT, "standard", (KEY, SECOND_KEY)),
            AccountSpec(OTHER, "standard", (OTHER_KEY,)),
        ]
        self.simulator = Simulator(accounts, clock=self.clock, **options)  # type: ignore[arg-type]
        self.elapsed = timedelta()

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.elapsed += timedelta(seconds=seconds)

    @property
    def now(self) -> datetime:
        return START + self.elapsed

    def date(self) -> str:
        return format_datetime(self.now, usegmt=True)

    def ask(
        self,
        method: str,
        target: str,
        *headers: tuple[str, str],
        body: bytes = b"",
        version: str | None = NEWEST,
        key: bytes = KEY,
        account: str = ACCOUNT,
        host: str = "",
        connection: Connection = IN_PROCESS,
    ) -> Reply:
        """Send a signed request. ``target`` is below the account; with a ``host`` it is the whole target."""
        pairs = [("x-ms-date", self.date()), *headers]
        if version is not None:
            pairs.append(("x-ms-version", version))
        if host:
            pairs.append(("Host", host))
        if (method in {"PUT", "POST"} or body) and not any(name.lower() == "content-length" for name, _ in headers):
            pairs.append(("Content-Length", str(len(body))))
        full = target if host else f"/{account}{target}"
        signature = sign(string_to_sign(method, full, pairs, account), key)
        pairs.append(("Authorization", f"SharedKey {account}:{signature}"))
        return self.send(Request(method, full, pairs, (body,) if body else ()), connection)

    def send(self, request: Request, connection: Connection = IN_PROCESS) -> Reply:
        reply = self.simulator.handle(request, connection)
        assert isinstance(reply, Reply)
        return reply

    def with_sas(
        self, method: str, target: str, sas: str, *headers: tuple[str, str], body: bytes = b"", **more: object
    ) -> Reply:
        """Send a request whose credential is a SAS."""
        mark = "&" if "?" in target else "?"
        pairs = [("x-ms-version", NEWEST), *headers]
        if body:
            pairs.append(("Content-Length", str(len(body))))
        request = Request(method, f"/{ACCOUNT}{target}{mark}{sas}", pairs, (body,) if body else ())
        return self.send(request, more.get("connection", IN_PROCESS))  # type: ignore[arg-type]

    def with_share(self, share: str = "data") -> Asker:
        """With a share, a directory ``d`` and in it a file ``f`` of 1024 bytes, the first four written."""
        for method, target, headers, body in (
            ("PUT", f"/{share}?restype=share", (), b""),
            ("PUT", f"/{share}/d?restype=directory", (), b""),
            ("PUT", f"/{share}/d/f", CREATE, b""),
            ("PUT", f"/{share}/d/f?comp=range", UPDATE, b"abcd"),
        ):
            assert self.ask(method, target, *headers, body=body).status == 201
        return self


def string_to_sign(method: str, target: str, headers: Pairs, account: str) -> str:
    given = {name.lower(): value.strip() for name, value in headers}
    slots = [
        "content-encoding", "content-language", "content-length", "content-md5", "content-type", "date",
        "if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range",
    ]  # fmt: skip
    values = [given.get(slot, "") for slot in slots]
    if values[2] == "0":
        values[2] = ""
    path, _, query = target.partition("?")
    lines = [method, *values]
    lines += [f"{name}:{given[name]}" for name in sorted(given) if name.startswith("x-ms-")]
    parameters = sorted((name.lower(), value) for name, value in parse_qsl(query, keep_blank_values=True))
    lines.append(f"/{account}{path}" + "".join(f"\n{name}:{value}" for name, value in parameters))
    return "\n".join(lines)


def sign(text: str, key: bytes) -> str:
    return base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()


def header(reply: Reply, name: str) -> str | None:
    for found, value in reply.headers:
        if found.lower() == name.lower():
            return value
    return None


def code(reply: Reply) -> str | None:
    return header(reply, "x-ms-error-code")


def content(reply: Reply) -> bytes:
    return b"".join(reply.body)


def xml(reply: Reply) -> ET.Element:
    """The document of a reply, whose BOM is checked on the way."""
    data = content(reply)
    assert data.startswith(BOM)
    return ET.fromstring(data[len(BOM) :].decode())


def detail(reply: Reply, name: str = "AuthenticationErrorDetail") -> str:
    return xml(reply).findtext(name) or ""


def service_sas(
    resource: str,
    *,
    sp: str = "r",
    sr: str = "f",
    key: bytes = KEY,
    st: str = "",
    se: str = "2026-05-05T00:00:00Z",
    sv: str = NEWEST,
    si: str = "",
    sip: str = "",
    spr: str = "",
    **overrides: str,
) -> str:
    """A SAS on a share or file, written out by the thirteen lines."""
    names = ("rscc", "rscd", "rsce", "rscl", "rsct")
    lines = [sp, st, se, f"/file/{ACCOUNT}/{resource}", si, sip, spr, sv, *(overrides.get(name, "") for name in names)]
    values = {"sp": sp, "st": st, "se": se, "si": si, "sip": sip, "spr": spr, "sv": sv, "sr": sr, **overrides}
    return encode({name: value for name, value in values.items() if value} | {"sig": sign("\n".join(lines), key)})


def account_sas(
    *,
    sp: str = "rwdlc",
    ss: str = "f",
    srt: str = "sco",
    key: bytes = KEY,
    st: str = "",
    se: str = "2026-05-05T00:00:00Z",
    sv: str = NEWEST,
    sip: str = "",
    spr: str = "",
) -> str:
    lines = [ACCOUNT, sp, ss, srt, st, se, sip, spr, sv]
    if sv >= "2020-12-06":
        lines.append("")
    values = {"sp": sp, "ss": ss, "srt": srt, "st": st, "se": se, "sip": sip, "spr": spr, "sv": sv}
    signature = sign("\n".join(lines) + "\n", key)
    return encode({name: value for name, value in values.items() if value} | {"sig": signature})


def encode(values: dict[str, str]) -> str:
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in values.items())
