"""A recorded session as the referee reads it: what was asked and what was answered, one interaction after another.

Only bytes and texts; what they mean is for the referee. Cassettes of any kind come from ``azfiles.cassette.document``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote

from azfiles.cassette.addresses import account_of, parse_uri, split_uri
from azfiles.cassette.bodies import StoredBody
from azfiles.cassette.document import read_cassette
from azfiles.cassette.interactions import Body, Lost
from azfiles.cassette.interactions import Interaction as Recorded
from azfiles.errors import CassetteError

Headers: TypeAlias = tuple[tuple[str, str], ...]


_OF_EVERY_ANSWER = frozenset({"x-ms-client-request-id", "x-ms-request-id"})
_REFUSED_AT_THE_DOOR = frozenset({429, 503})
_MISHAPS = frozenset({0, 500, 502, 504}) | _REFUSED_AT_THE_DOOR


def header(headers: Headers, name: str) -> str | None:
    """The value of one header, its name in any case; ``None`` where it is absent."""
    return next((value for known, value in headers if known.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``body`` is the payload without its transfer coding. Status 0 is no answer at all; ``sent`` is then
    whether the request may have arrived.
    """

    status: int
    reason: str
    headers: Headers = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    sent: bool = True

    @property
    def is_mishap(self) -> bool:
        """Whether it tells of the moment alone, and nothing of what is stored: it did not come, or the service was unwell."""
        return self.status in _MISHAPS

    @property
    def may_have_acted(self) -> bool:
        """Whether the service may have done what was asked for, though it answered with a mishap."""
        return self.sent and self.status not in _REFUSED_AT_THE_DOOR

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300

    @property
    def code(self) -> str | None:
        return header(self.headers, "x-ms-error-code")

    def header(self, name: str) -> str | None:
        return header(self.headers, name)


@dataclass(frozen=True, slots=True)
class Interaction:
    """One request, ``target`` raw as on the wire, and its answer.

    ``account`` is whom it asked; where nothing is said, the host's first label. ``account_in_path`` says that the path
    begins with it. ``answered_s`` counts seconds since the recording began, where the cassette tells that.
    """

    method: str
    host: str
    target: str = field(repr=False)
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)
    answer: Answer
    account: str = ""
    account_in_path: bool = False
    tls: bool = False
    answered_s: float | None = None

    @property
    def owner(self) -> str:
        return self.account or self.host.partition(".")[0]

    @property
    def components(self) -> tuple[str, ...]:
        """The decoded path: the share's name, then the names below it. An escaped slash is as good as a slash."""
        parts = tuple(part for part in unquote(self.target.partition("?")[0]).split("/") if part)
        return parts[1:] if self.account_in_path else parts

    @property
    def query(self) -> dict[str, str]:
        return parse_query(self.target)

    def header(self, name: str) -> str | None:
        return header(self.headers, name)


@dataclass(frozen=True, slots=True)
class Session:
    """``exact`` says that names of headers are spelled as they came and that reason phrases were kept, as vcrpy does and
    the Azure SDKs' test proxy does not.
    """

    name: str
    interactions: tuple[Interaction, ...]
    exact: bool = True

    @property
    def left_out(self) -> frozenset[str]:
        """Headers of every answer, in lower case, of which the recorder kept none: it was told to leave them out."""
        kept = {name.lower() for one in self.interactions for name, _ in one.answer.headers}
        return _OF_EVERY_ANSWER - kept


def parse_query(target: str) -> dict[str, str]:
    """The query parameters with their values decoded (a plus sign is a plus sign)."""
    pairs = [part.partition("=") for part in target.partition("?")[2].split("&") if part]
    return {unquote(name): unquote(value) for name, _, value in pairs}


def load_session(path: str | os.PathLike[str]) -> Session:
    """Read a cassette, of whatever recorder. Raises ``CassetteError`` where it is none, has no interaction, or is not a
    session with Azure Files.
    """
    return session_of(path, read_cassette(path))


def session_of(path: str | os.PathLike[str], found: Sequence[Recorded]) -> Session:
    """The session of a cassette that was read. Raises ``CassetteError`` as ``load_session`` does."""
    if not found:
        raise CassetteError(f"cassette {path}: it holds no interaction")
    if any(_asks_for_blobs(one) for one in found):
        raise CassetteError(f"cassette {path}: a session with Blob Storage; only Azure Files can be played here")
    reasons = any(not isinstance(one.response, Lost) and one.response.reason for one in found)
    # Where times are told at all, one that is not told is that of the beginning.
    untold = 0.0 if any(one.timing is not None for one in found) else None
    return Session(Path(path).stem, tuple(_read(one, untold) for one in found), exact=reasons)


def _asks_for_blobs(one: Recorded) -> bool:
    names = {name.lower() for name, _ in one.request.headers}
    container = ("restype", "container") in parse_uri(one.request.uri).query
    return container or not names.isdisjoint({"x-ms-blob-type", "x-ms-page-write"})


def _read(one: Recorded, untold: float | None) -> Interaction:
    request, response = one.request, one.response
    origin, target = split_uri(request.uri)
    host = origin.partition("://")[2].rpartition("@")[2]
    account = parse_uri(request.uri, account=account_of(request.headers)).account
    in_host = host.partition(".")[0].removesuffix("-secondary").lower() == account
    if isinstance(response, Lost):
        answer = Answer(0, "", (), sent=response.sent)
    else:
        answer = Answer(response.status, response.reason, response.headers, _in_memory(response.body))
    return Interaction(
        method=request.method,
        host=host,
        target=target if target.startswith("/") else "/" + target,
        headers=request.headers,
        body=_in_memory(request.body),
        answer=answer,
        account=account,
        tls=origin.startswith("https:"),
        account_in_path=bool(account) and not in_host and _first(target) == account,
        answered_s=one.timing.answered_s if one.timing else untold,
    )


def _first(target: str) -> str:
    return unquote(target.partition("?")[0].lstrip("/").partition("/")[0]).removesuffix("-secondary")


def _in_memory(body: Body) -> bytes:
    return bytes(body.read()) if isinstance(body, StoredBody) else body


__all__ = ["Answer", "Headers", "Interaction", "Session", "header", "load_session", "parse_query", "session_of"]
