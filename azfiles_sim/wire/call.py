"""One request as it is understood, step by step, and one answer before the common headers are added.

``read_call`` takes a request apart once: header names in lower case, the target split, nothing decoded that the
signature needs raw. The steps of the pipeline fill in the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from azfiles_sim.messages import Buffer, Connection, RequestLike
from azfiles_sim.model.entities import Ticks
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.settings import CorsRule
from azfiles_sim.model.view import View
from azfiles_sim.wire.header_names import HEADER_NAMES, HeaderNames
from azfiles_sim.wire.identity import NO_TOKENS, Caller, TokenRules
from azfiles_sim.wire.query import QUERIES, Query
from azfiles_sim.wire.refusals import bad_header

HeaderList = list[tuple[str, str]]
_LINE_BREAKS: Final = frozenset("\n\r\0")
_NO_QUERY: Final = Query()


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
    a comma.
    """

    method: str
    target: str
    raw_path: str
    headers: dict[str, str]
    names: HeaderNames
    metadata_names: Mapping[str, str]
    """The metadata headers among them: name in lower case to the key as it was sent."""
    query_text: str
    query: Query
    body: Sequence[Buffer]
    body_size: int
    connection: Connection
    view: View
    now: Ticks
    host: str
    overrides: Mapping[str, str]
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
    def service_headers(self) -> Sequence[str]:
        """Names of the ``x-ms-*`` headers."""
        return self.names.service

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
    spelt: list[str] = []
    values: list[str] = []
    for name, value in request.headers:
        spelt.append(name)
        values.append(value.strip())
    text = "".join(values)
    if "\n" in text or "\r" in text or "\0" in text:
        raise _line_break_among(spelt, values)
    names = HEADER_NAMES[tuple(spelt)]
    headers = dict(zip(names.lower, values, strict=True)) if names.are_unique else _joined(names.lower, values)
    target = request.target
    authority = headers.get("host", "")
    if not target.startswith("/"):
        target, authority = _split_absolute(target, authority)
    raw_path, _, query_text = target.partition("?")
    query = QUERIES[query_text] if query_text else _NO_QUERY
    body = request.body
    size = sum([memoryview(buffer).nbytes for buffer in body]) if body else 0
    return Call(
        request.method, target, raw_path, headers, names, names.metadata, query_text, query, body, size,
        connection, view, now, authority, {}, [],
    )  # fmt: skip


def _line_break_among(names: Sequence[str], values: Sequence[str]) -> ServiceError:
    found = next(at for at, value in enumerate(values) if not _LINE_BREAKS.isdisjoint(value))
    return bad_header(names[found], values[found])


def _joined(names: Sequence[str], values: Sequence[str]) -> dict[str, str]:
    """The values of headers some of which were sent more than once."""
    headers: dict[str, str] = {}
    for name, value in zip(names, values, strict=True):
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers


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


__all__ = ["Answer", "Call", "HeaderList", "read_call"]
