"""The two protocols: how a step is said in each, and what an answer says. The table of words is all that differs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from itertools import groupby
from typing import Any, Final, TypeAlias
from urllib.parse import quote
from xml.etree import ElementTree as ET

from tests.oracle import steps as s
from tests.oracle.obs import Obs, Shown

Pairs: TypeAlias = list[tuple[str, str]]

BEGIN: Final = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
"""When every example begins. Time only goes on in whole seconds, because Azurite rounds the rest of a lease."""

_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+)")

FIXED_IDS: Final = {letter: f"{letter.lower() * 8}-{'0' * 4}-4000-8000-{'0' * 12}" for letter in "ABC"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """The words of one protocol where the other one has another."""

    service: str
    """Its letter in a SAS."""
    share: str
    """What a share is called in ``restype``."""
    shares: str
    """The element of one share in a list."""
    create: tuple[tuple[str, str], ...]
    headers: str
    """What the names of a file's own headers begin with when they are set."""
    comp_range: str
    comp_list: str
    write: str
    range: str
    """The element of one range in a list."""
    scale: int = 1
    """How many bytes stand for one: pages of 512 are compared with single bytes."""
    codes: Mapping[str, str] = field(default_factory=dict)
    """Its error codes that the other protocol has under another name."""


FILES: Final = Dialect(
    service="f",
    share="share",
    shares="Share",
    create=(("x-ms-type", "file"),),
    headers="x-ms-",
    comp_range="range",
    comp_list="rangelist",
    write="x-ms-write",
    range="Range",
)
BLOBS: Final = Dialect(
    service="b",
    share="container",
    shares="Container",
    create=(("x-ms-blob-type", "PageBlob"),),
    headers="x-ms-blob-",
    comp_range="page",
    comp_list="pagelist",
    write="x-ms-page-write",
    range="PageRange",
    codes={
        "ContainerNotFound": "ShareNotFound",
        "ContainerAlreadyExists": "ShareAlreadyExists",
        "BlobNotFound": "ResourceNotFound",
        "LeaseIdMismatchWithBlobOperation": "LeaseIdMismatchWithFileOperation",
        "LeaseNotPresentWithBlobOperation": "LeaseNotPresentWithFileOperation",
    },
)
PAGES: Final = replace(BLOBS, scale=512)
"""Blobs in which a page stands for one byte: what was where, whatever the service's granularity."""


@dataclass(slots=True)
class Message:
    """A request before it is signed. ``target`` is below the account."""

    method: str
    target: str
    headers: Pairs = field(default_factory=list)
    body: bytes = b""


# --- saying a step ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Names:
    """What a step's short names stand for on one side."""

    share: str
    lease_ids: Mapping[str, str]

    def target(self, step: Any) -> str:
        share = getattr(step, "name", None) or self.share
        return f"/{quote(share)}" if getattr(step, "on", s.FILE) == s.SHARE else f"/{share}/file"


def render(step: s.Step, dialect: Dialect, names: Names) -> Message:
    """The request that a step is in one protocol."""
    message = _WRITERS[type(step)](step, dialect, names)
    lease = getattr(step, "lease", None)
    if lease is not None:
        message.headers.append(("x-ms-lease-id", names.lease_ids[lease]))
    return message


def _with_query(target: str, dialect: Dialect, on: str, comp: str = "") -> str:
    pieces = [f"restype={dialect.share}"] if on == s.SHARE else []
    pieces += [f"comp={comp}"] if comp else []
    return f"{target}?{'&'.join(pieces)}" if pieces else target


def _metadata(pairs: s.Metadata) -> Pairs:
    return [(f"x-ms-meta-{name}", value) for name, value in pairs]


def _create(step: s.Create, dialect: Dialect, names: Names) -> Message:
    message = Message("PUT", _with_query(names.target(step), dialect, step.on), _metadata(step.metadata))
    if step.on == s.FILE:
        message.headers += (*dialect.create, (f"{dialect.headers}content-length", str(step.size * dialect.scale)))
    return message


def _delete(step: s.Delete, dialect: Dialect, names: Names) -> Message:
    return Message("DELETE", _with_query(names.target(step), dialect, step.on))


def _show(step: s.Show, dialect: Dialect, names: Names) -> Message:
    method = "GET" if step.on == s.SHARE else "HEAD"
    return Message(method, _with_query(names.target(step), dialect, step.on))


def _show_metadata(step: s.ShowMetadata, dialect: Dialect, names: Names) -> Message:
    return Message("GET", _with_query(names.target(step), dialect, step.on, "metadata"))


def _set_metadata(step: s.SetMetadata, dialect: Dialect, names: Names) -> Message:
    return Message("PUT", _with_query(names.target(step), dialect, step.on, "metadata"), _metadata(step.metadata))


def _lease(step: s.Lease, dialect: Dialect, names: Names) -> Message:
    headers = [("x-ms-lease-action", step.action)]
    if step.proposed is not None:
        headers.append(("x-ms-proposed-lease-id", names.lease_ids[step.proposed]))
    if step.duration_s is not None:
        headers.append(("x-ms-lease-duration", str(step.duration_s)))
    if step.period_s is not None:
        headers.append(("x-ms-lease-break-period", str(step.period_s)))
    return Message("PUT", _with_query(names.target(step), dialect, step.on, "lease"), headers)


def _show_policies(_step: s.ShowPolicies, dialect: Dialect, names: Names) -> Message:
    return Message("GET", _with_query(f"/{names.share}", dialect, s.SHARE, "acl"))


def _set_policies(step: s.SetPolicies, dialect: Dialect, names: Names) -> Message:
    entries = "".join(
        f"<SignedIdentifier><Id>{name}</Id><AccessPolicy>"
        f"{f'<Permission>{permission}</Permission>' if permission else ''}</AccessPolicy></SignedIdentifier>"
        for name, permission in step.policies
    )
    body = f'<?xml version="1.0" encoding="utf-8"?><SignedIdentifiers>{entries}</SignedIdentifiers>'.encode()
    target = _with_query(f"/{names.share}", dialect, s.SHARE, "acl")
    return Message("PUT", target, [("Content-Type", "application/xml")], body)


def _span(start: int, length: int | None, dialect: Dialect) -> str:
    first = start * dialect.scale
    return f"bytes={first}-{'' if length is None else first + length * dialect.scale - 1}"


def _write(step: s.Write, dialect: Dialect, names: Names) -> Message:
    headers = [(dialect.write, "update"), ("x-ms-range", _span(step.start, step.length, dialect))]
    body = step.fill.encode() * step.length * dialect.scale
    return Message("PUT", f"{names.target(step)}?comp={dialect.comp_range}", headers, body)


def _clear(step: s.Clear, dialect: Dialect, names: Names) -> Message:
    headers = [(dialect.write, "clear"), ("x-ms-range", _span(step.start, step.length, dialect))]
    return Message("PUT", f"{names.target(step)}?comp={dialect.comp_range}", headers)


def _read(step: s.Read, dialect: Dialect, names: Names) -> Message:
    span = _span(step.start, step.length, dialect)
    headers = [(name, span) for name in ("x-ms-range", "Range") if step.form in {name, "both"}]
    if step.form == "both":
        headers[1] = ("Range", "bytes=0-0")  # x-ms-range goes before it
    if step.md5 is not None:
        headers.append(("x-ms-range-get-content-md5", str(step.md5).lower()))
    return Message("GET", names.target(step), headers)


def _list_ranges(step: s.ListRanges, dialect: Dialect, names: Names) -> Message:
    headers = [] if step.start is None else [("x-ms-range", _span(step.start, step.length, dialect))]
    return Message("GET", f"{names.target(step)}?comp={dialect.comp_list}", headers)


def _resize(step: s.Resize, dialect: Dialect, names: Names) -> Message:
    size = (f"{dialect.headers}content-length", str(step.size * dialect.scale))
    return Message("PUT", f"{names.target(step)}?comp=properties", [size])


def _set_headers(step: s.SetHeaders, dialect: Dialect, names: Names) -> Message:
    headers = [(f"{dialect.headers}{name}", value) for name, value in step.headers]
    return Message("PUT", f"{names.target(step)}?comp=properties", headers)


def _list_shares(step: s.ListShares, _dialect: Dialect, _names: Names) -> Message:
    query = "/?comp=list"
    if step.prefix is not None:
        query += f"&prefix={quote(step.prefix, safe='')}"
    if step.page is not None:
        query += f"&maxresults={quote(step.page, safe='')}"
    return Message("GET", query + ("&include=metadata" if step.metadata else ""))


_WRITERS: Final[dict[type[s.Step], Callable[[Any, Dialect, Names], Message]]] = {
    s.Create: _create,
    s.Delete: _delete,
    s.Show: _show,
    s.ShowMetadata: _show_metadata,
    s.SetMetadata: _set_metadata,
    s.Lease: _lease,
    s.ShowPolicies: _show_policies,
    s.SetPolicies: _set_policies,
    s.Write: _write,
    s.Clear: _clear,
    s.Read: _read,
    s.ListRanges: _list_ranges,
    s.Resize: _resize,
    s.SetHeaders: _set_headers,
    s.ListShares: _list_shares,
}


# --- reading an answer -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came; header names in lower case, metadata with the names as they were sent."""

    status: int
    headers: Mapping[str, str]
    metadata: s.Metadata
    body: bytes

    @classmethod
    def of(cls, status: int, pairs: Pairs, body: bytes) -> Answer:
        headers: dict[str, str] = {}
        metadata: Pairs = []
        for name, value in pairs:
            headers[name.lower()] = value
            if name.lower().startswith("x-ms-meta-"):
                metadata.append((name[len("x-ms-meta-") :], value))
        return cls(status, headers, tuple(sorted(metadata)), body)

    def xml(self) -> ET.Element:
        return ET.fromstring(self.body.decode("utf-8-sig"))


@dataclass(slots=True)
class Memory:
    """What a side has shown before, so that its ids and ETags are compared by what they mean."""

    lease_ids: dict[str, str] = field(default_factory=lambda: dict(FIXED_IDS))
    etags: dict[str, str] = field(default_factory=dict)

    def lease_symbol(self, lease_id: str) -> str:
        for symbol, known in self.lease_ids.items():
            if known == lease_id:
                return symbol
        symbol = f"auto{len(self.lease_ids) - len(FIXED_IDS) + 1}"
        self.lease_ids[symbol] = lease_id
        return symbol

    def etag_relation(self, what: str, etag: str) -> str:
        """Whether the ETag of a share or file is the one that it had last."""
        before = self.etags.get(what)
        self.etags[what] = etag
        return "first" if before is None else "same" if before == etag else "new"


def observe(step: s.Step, answer: Answer, dialect: Dialect, memory: Memory) -> Obs:
    """What an answer says, in terms that both protocols share."""
    if not 200 <= answer.status < 300:
        code = answer.headers.get("x-ms-error-code", "")
        return Obs(answer.status, dialect.codes.get(code, code))
    shown: list[tuple[str, str]] = []
    etag = answer.headers.get("etag")
    if etag is not None:
        shown.append(("etag", memory.etag_relation(_subject(step), etag)))
        shown.append(("modified", _seconds(answer.headers.get("last-modified", ""))))
    reader = _READERS.get(type(step))
    if reader is not None:
        shown += reader(step, answer, dialect, memory)
    if isinstance(step, s.Delete):
        memory.etags.pop(_subject(step), None)
        if step.on == s.SHARE:
            memory.etags.clear()
    return Obs(answer.status, "", tuple(shown))


@lru_cache(maxsize=4096)
def _seconds(date: str) -> str:
    """An HTTP date as seconds since every example begins."""
    return str(round((parsedate_to_datetime(date) - BEGIN).total_seconds())) if date else ""


def _subject(step: Any) -> str:
    if isinstance(step, (s.ShowPolicies, s.SetPolicies)):
        return f"{s.SHARE} "
    return f"{getattr(step, 'on', s.FILE)} {getattr(step, 'name', None) or ''}"


def _read_properties(step: s.Show, answer: Answer, dialect: Dialect, _memory: Memory) -> Shown:
    words = ("status", "state", "duration")
    lease = " ".join(value for word in words if (value := answer.headers.get(f"x-ms-lease-{word}")))
    shown = [("lease", lease), ("metadata", _pairs_text(answer.metadata))]
    if step.on == s.FILE:
        shown.append(("size", str(int(answer.headers.get("content-length", "-1")) // dialect.scale)))
        names = ("content-type", "content-language", "content-encoding", "content-disposition", "cache-control")
        shown += [(name, answer.headers[name]) for name in names if answer.headers.get(name)]
    return tuple(shown)


def _pairs_text(pairs: s.Metadata) -> str:
    return ",".join(f"{name}:{value}" for name, value in pairs)


def _read_metadata(_step: s.ShowMetadata, answer: Answer, _dialect: Dialect, _memory: Memory) -> Shown:
    return (("metadata", _pairs_text(answer.metadata)),)


def _read_lease(_step: s.Lease, answer: Answer, _dialect: Dialect, memory: Memory) -> Shown:
    shown = []
    if lease_id := answer.headers.get("x-ms-lease-id"):
        shown.append(("id", memory.lease_symbol(lease_id)))
    if time_s := answer.headers.get("x-ms-lease-time"):
        shown.append(("time", time_s))
    return tuple(shown)


def _read_policies(_step: s.ShowPolicies, answer: Answer, _dialect: Dialect, _memory: Memory) -> Shown:
    found = [(one.findtext("Id") or "", one.findtext(".//Permission") or "") for one in answer.xml()]
    return (("policies", _pairs_text(tuple(found))),)


def _read_written(_step: s.Write, answer: Answer, _dialect: Dialect, _memory: Memory) -> Shown:
    return (("md5", answer.headers.get("content-md5", "")),)


def _read_content(step: s.Read, answer: Answer, dialect: Dialect, _memory: Memory) -> Shown:
    runs = " ".join(
        f"{chr(byte) if byte else '0'}*{len(list(run)) / dialect.scale:g}" for byte, run in groupby(answer.body)
    )
    shown = [("content", runs), ("range", _unscaled(answer.headers.get("content-range", ""), dialect))]
    if step.md5 is not None:
        shown.append(("md5", answer.headers.get("content-md5", "")))
    return tuple(shown)


def _unscaled(content_range: str, dialect: Dialect) -> str:
    found = _CONTENT_RANGE.fullmatch(content_range)
    if found is None:
        return content_range
    start, end, size = map(int, found.groups())
    scale = dialect.scale
    return f"{start // scale}-{(end + 1) // scale - 1}/{size // scale}"


def _read_ranges(_step: s.ListRanges, answer: Answer, dialect: Dialect, _memory: Memory) -> Shown:
    """Ranges that touch are one: Azurite lists them as they were written."""
    merged: list[list[int]] = []
    for found in answer.xml().iter(dialect.range):
        start, end = (int(found.findtext(name) or "-1") for name in ("Start", "End"))
        if merged and merged[-1][1] + 1 == start:
            merged[-1][1] = end
        else:
            merged.append([start, end])
    return (("ranges", " ".join(f"{start}-{end}" for start, end in merged)),)


_READERS: Final[dict[type[s.Step], Callable[[Any, Answer, Dialect, Memory], Shown]]] = {
    s.Show: _read_properties,
    s.ShowMetadata: _read_metadata,
    s.Lease: _read_lease,
    s.ShowPolicies: _read_policies,
    s.Write: _read_written,
    s.Read: _read_content,
    s.ListRanges: _read_ranges,
}


def page_of_shares(answer: Answer, dialect: Dialect, *, metadata: bool) -> tuple[str, str]:
    """The names on one page of a list, with their metadata where asked, and the marker of the next page."""
    root = answer.xml()
    names: list[str] = []
    for share in root.iter(dialect.shares):
        name = share.findtext("Name") or ""
        if metadata:
            held = share.find("Metadata")
            pairs = () if held is None else tuple(sorted((one.tag, one.text or "") for one in held))
            name += f"({_pairs_text(pairs)})"
        names.append(name)
    return " ".join(names), root.findtext("NextMarker") or ""
