"""What an answer says, in terms that both protocols share."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from itertools import groupby
from typing import Any, Final
from xml.etree import ElementTree as ET

from tests.oracle import steps as s
from tests.oracle.dialects import Dialect, Pairs
from tests.oracle.obs import Obs, Shown

BEGIN: Final = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
"""When every example begins. Time only goes on in whole seconds, because Azurite rounds the rest of a lease."""

FIXED_IDS: Final = {letter: f"{letter.lower() * 8}-{'0' * 4}-4000-8000-{'0' * 12}" for letter in "ABC"}
_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


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
