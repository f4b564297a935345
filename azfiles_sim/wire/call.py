"""One request as it is understood, step by step, and one answer before the common headers are added.

``read_call`` takes a request apart once: header names in lower case, the target split, nothing decoded that the
signature needs raw. The steps of the pipeline fill in the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, TypeAlias
from urllib.parse import unquote_plus

from azfiles_sim.messages import Buffer, Connection, RequestLike
from azfiles_sim.model.entities import Ticks
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.settings import CorsRule
from azfiles_sim.model.view import View
from azfiles_sim.wire.identity import NO_TOKENS, Caller, TokenRules
from azfiles_sim.wire.refusals import bad_header

HeaderList = list[tuple[str, str]]
META_PREFIX: Final = "x-ms-meta-"
_METADATA: Final = 2
_Query: TypeAlias = tuple[Sequence[tuple[str, str]], Mapping[str, str]]
_NO_QUERY: Final[_Query] = ((), {})
_KEPT_TARGETS: Final = 2048
_LONGEST_KEPT_NAME: Final = 256
_LONGEST_KEPT: Final = 2048  # characters: what is kept of targets and queries takes a few MiB at most


@dataclass(slots=True)
class Answer:
    """A successful reply without the headers that every reply has. A body goes out with ``Content-Length`` unless
    ``chunked``; without a body the length is 0 unless ``headers`` already say one.
    """

    status: int
    headers: HeaderList = field(default_factory=list[tuple[str, str]])
    body: Sequence[memoryview] = ()
    chunked: bool = False


@dataclass(slots=True, repr=False)  # a repr would show the credential
class Call:
    """A request being understood. ``headers`` has lower-case names; of a name sent twice the values are joined with
    a comma. ``query`` has lower-case names and decoded first values; ``query_pairs`` keeps all, for signatures.
    """

    method: str
    target: str
    raw_path: str
    headers: dict[str, str]
    service_headers: list[str]
    """Names of the ``x-ms-*`` headers."""
    metadata_names: dict[str, str]
    """The metadata headers among them: name in lower case to the key as it was sent."""
    query: Mapping[str, str]
    query_pairs: Sequence[tuple[str, str]]
    body: Sequence[Buffer]
    body_size: int
    connection: Connection
    view: View
    now: Ticks
    host: str
    overrides: dict[str, str]
    """Response headers that a service SAS replaces."""
    notes: list[str]
    """What was ignored or taken for something else."""
    # What the steps find out.
    account: str = ""
    keys: tuple[bytes, ...] = field(default=(), repr=False)
    """The account's keys."""
    segments: tuple[str, ...] = ()
    path_style: bool = False
    https: bool = False
    version: str = ""
    asked_version: str = ""
    cors: tuple[CorsRule, ...] = ()
    """The account's rules of cross-origin sharing."""
    range_md5: bool = True
    """Whether the service tells its own hash of what is written, or only where it is sent one to compare with."""
    tokens: TokenRules = NO_TOKENS
    """Which bearer tokens are taken."""
    caller: Caller | None = None
    """Whom the request's bearer token speaks for."""
    operation: str = ""
    covers_account: bool = False
    """Whether the credential (the account's key, a bearer token) is good for a source in the same account, too."""
    create_only: bool = False
    """Whether the caller may create a file but not write one that exists (a SAS with ``c`` but not ``w``)."""

    @property
    def share(self) -> str:
        return self.segments[0]

    @property
    def endpoint(self) -> str:
        """The account's URL with a slash at its end, as listings show it."""
        base = f"{'https' if self.https else 'http'}://{self.host}/"
        return f"{base}{self.account}/" if self.path_style else base


def read_call(request: RequestLike, connection: Connection, view: View, now: Ticks) -> Call:
    """Take a request apart. Raises InvalidUri, or InvalidHeaderValue for a line break, where that cannot be done."""
    headers: dict[str, str] = {}
    service_headers: list[str] = []
    metadata_names: dict[str, str] = {}
    for name, value in request.headers:
        lower, kind = _kind_of_header_once(name) if len(name) <= _LONGEST_KEPT_NAME else _kind_of_header(name)
        stripped = value.strip()
        if "\n" in stripped or "\r" in stripped or "\0" in stripped:
            raise bad_header(name, stripped)
        if lower in headers:
            headers[lower] = f"{headers[lower]},{stripped}"
            continue
        headers[lower] = stripped
        if kind:
            service_headers.append(lower)
            if kind == _METADATA:
                metadata_names[lower] = name[len(META_PREFIX) :]
    target = request.target
    authority = headers.get("host", "")
    if not target.startswith("/"):
        target, authority = _split_absolute(target, authority)
    raw_path, _, raw_query = target.partition("?")
    pairs, query = _split_query(raw_query) if raw_query else _NO_QUERY
    body = request.body
    size = sum([memoryview(buffer).nbytes for buffer in body]) if body else 0
    return Call(
        request.method, target, raw_path, headers, service_headers, metadata_names, query, pairs, body, size,
        connection, view, now, authority, {}, [],
    )  # fmt: skip


def _kind_of_header(name: str) -> tuple[str, int]:
    """The name in lower case, and whether it is one of the service's own: 0, 1, or _METADATA."""
    lower = name.lower()
    if lower.startswith(META_PREFIX):
        return lower, _METADATA
    return lower, int(lower.startswith("x-ms-"))


_kind_of_header_once: Final = lru_cache(maxsize=_KEPT_TARGETS)(_kind_of_header)


def _split_query(text: str) -> _Query:
    """All parameters in order, and the first value of each. Many requests have one query: a signature, or no more than
    a ``comp``; so it is looked at once.
    """
    return _read_query_once(text) if len(text) <= _LONGEST_KEPT else _read_query(text)


def _read_query(text: str) -> _Query:
    pairs = parse_query(text)
    return pairs, _first_values(pairs)


_read_query_once: Final = lru_cache(maxsize=_KEPT_TARGETS)(_read_query)


def _split_absolute(target: str, host: str) -> tuple[str, str]:
    """The path form and the authority of a target that is a whole URL; a proxy's request has one."""
    if target == "*":
        return "/", host
    for scheme in ("http://", "https://"):
        if target[: len(scheme)].lower() == scheme:
            rest = target[len(scheme) :]
            authority = re.split(r"[/?]", rest, maxsplit=1)[0]
            path = rest[len(authority) :]
            return path if path.startswith("/") else f"/{path}", authority
    raise ServiceError(Code.INVALID_URI)


def parse_query(text: str) -> list[tuple[str, str]]:
    """Name and decoded value of each parameter; names in lower case. Raises InvalidUri for bytes that are not UTF-8."""
    pairs: list[tuple[str, str]] = []
    if "%" not in text and "+" not in text:
        for piece in text.split("&"):
            if piece:
                name, _, value = piece.partition("=")
                pairs.append((name.lower(), value))
        return pairs
    for piece in text.split("&"):
        if not piece:
            continue
        name, _, value = piece.partition("=")
        pairs.append((decode(name).lower(), decode(value)))
    return pairs


def decode(text: str) -> str:
    """A query name or value without its percent-encoding; a plus sign is a blank there."""
    if "%" not in text and "+" not in text:
        return text
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        raise ServiceError(Code.INVALID_URI) from None


def _first_values(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    query: dict[str, str] = {}
    for name, value in pairs:
        query.setdefault(name, value)
    return query


__all__ = ["META_PREFIX", "Answer", "Call", "HeaderList", "decode", "parse_query", "read_call"]
