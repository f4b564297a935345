"""Sessions written by hand from what is described of the service, in the form that recordings have.

A story states the whole answer, each header included, so the referee judges it as strictly as a recording.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from azfiles_sim.testing.cassettes import instants
from azfiles_sim.testing.cassettes.instants import SECOND
from azfiles_sim.testing.cassettes.sessions import Answer, Headers, Interaction, Session

BEGUN = instants.from_http_date("Thu, 09 May 2019 01:34:00 GMT")
HOST = "storagename.file.core.windows.net"
SERVER = "Windows-Azure-File/1.0 Microsoft-HTTPAPI/2.0"
DECLARATION = '\ufeff<?xml version="1.0" encoding="utf-8"?>'
REASONS = {200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content"}

MODIFIED = (("x-ms-request-server-encrypted", "true"),)
FILE_SHOWN = (("Content-Type", "application/octet-stream"), ("x-ms-server-encrypted", "true"), ("x-ms-type", "File"))
UNLEASED = (("x-ms-lease-state", "available"), ("x-ms-lease-status", "unlocked"))

FILE = (("x-ms-type", "file"), ("x-ms-content-length", "1024"))
PATTERN = b"abcdefghijklmnop" * 64
PATTERN_MD5 = "5f9bBVcvFX08n0hBTqzyRA=="
UPDATE = (("x-ms-range", "bytes=0-1023"), ("x-ms-write", "update"))


def etag(stamp: int) -> str:
    return f'"0x{stamp:X}"'


@dataclass(slots=True)
class Story:
    """Writes one session. Time goes on by a tenth of a second with each exchange."""

    name: str
    version: str = "2018-11-09"
    host: str = HOST
    now: int = BEGUN
    interactions: list[Interaction] = field(default_factory=list)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def ask(
        self,
        method: str,
        target: str,
        status: int,
        *,
        send: Headers = (),
        body: bytes = b"",
        stamp: int | None = None,
        show: Headers = (),
        document: str | None = None,
        data: bytes | None = None,
        chunked: bool = False,
    ) -> int:
        """One request that succeeds. ``stamp`` is the ETag that the answer shows, 0 for a new one; it is returned."""
        self.now += SECOND // 10
        shown = list(show)
        if stamp is not None:
            stamp = stamp or self.now
            shown += [("ETag", etag(stamp)), ("Last-Modified", instants.to_http_date(stamp))]
        payload = b""
        if document is not None:
            payload = (DECLARATION + document).encode()
            shown += [("Content-Type", "application/xml"), ("Transfer-Encoding", "chunked")]
        elif data is not None:
            payload = b"" if method == "HEAD" else data
            shown += [("Content-Length", str(len(data)))]
        else:
            shown += [("Transfer-Encoding", "chunked") if chunked else ("Content-Length", "0")]
        self._add(method, target, send, body, Answer(status, REASONS[status], self._common(shown), payload))
        return stamp or 0

    def refuse(
        self,
        method: str,
        target: str,
        status: int,
        code: str,
        message: str,
        *,
        send: Headers = (),
        body: bytes = b"",
        details: str = "",
    ) -> None:
        """One request that the service refuses."""
        self.now += SECOND // 10
        number = next(self._ids)
        shown = [("x-ms-error-code", code)]
        payload = b""
        if method == "HEAD":
            shown += [("Transfer-Encoding", "chunked")]
        else:
            text = f"{message}\nRequestId:{_request_id(number)}\nTime:{instants.to_file_time(self.now)}"
            error = f"<Error><Code>{code}</Code><Message>{text}</Message>{details}</Error>"
            payload = (DECLARATION + error).encode()
            shown += [("Content-Type", "application/xml"), ("Content-Length", str(len(payload)))]
        answer = Answer(status, message, self._common(shown, number), payload)
        self._add(method, target, send, body, answer)

    def session(self) -> Session:
        return Session(self.name, tuple(self.interactions))

    def _common(self, shown: list[tuple[str, str]], number: int | None = None) -> Headers:
        asked = len(self.interactions) + 1
        echo = [("x-ms-client-request-id", f"request {asked}")] if self.version >= "2019-02-02" else []
        return (
            *shown,
            *echo,
            ("Date", instants.to_http_date(self.now)),
            ("Server", SERVER),
            ("x-ms-request-id", _request_id(next(self._ids) if number is None else number)),
            ("x-ms-version", self.version),
        )

    def _add(self, method: str, target: str, send: Headers, body: bytes, answer: Answer) -> None:
        length = (("Content-Length", str(len(body))),) if method == "PUT" or body else ()
        headers = (
            *send,
            *length,
            ("x-ms-client-request-id", f"request {len(self.interactions) + 1}"),
            ("x-ms-date", instants.to_http_date(self.now)),
            ("x-ms-version", self.version),
        )
        self.interactions.append(Interaction(method, self.host, target, headers, body, answer))


def _request_id(number: int) -> str:
    return f"{number:08x}-f01a-005d-0f07-063f2f000000"
