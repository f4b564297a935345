"""Two answers, the recorded one and the simulated one, compared in everything but values that the service makes up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from azfiles_sim.testing.cassettes import instants
from azfiles_sim.testing.cassettes.correspondence import (
    COPY_ID,
    ETAG,
    FILE_ID,
    FILE_TIME,
    LEASE_ID,
    MARKER,
    PERMISSION_KEY,
    REQUEST_ID,
    SHARE_VERSION,
    SLACK,
    SNAPSHOT,
    Correspondence,
    Kind,
)
from azfiles_sim.testing.cassettes.sessions import Answer, Headers

TRANSPORT_HEADERS = frozenset(
    {
        "connection",  # whether this connection is kept: the front end's business of that minute
        "keep-alive",  # the same
    }
)
"""Headers that are left out: they belong to one hop, and a function call has none."""

HEADER_KINDS = {
    "etag": ETAG,
    "x-ms-copy-id": COPY_ID,
    "x-ms-file-change-time": FILE_TIME,
    "x-ms-file-creation-time": FILE_TIME,
    "x-ms-file-id": FILE_ID,
    "x-ms-file-last-write-time": FILE_TIME,
    "x-ms-file-parent-id": FILE_ID,
    "x-ms-file-permission-key": PERMISSION_KEY,
    "x-ms-lease-id": LEASE_ID,
    "x-ms-marker": MARKER,
    "x-ms-request-id": REQUEST_ID,
    "x-ms-snapshot": SNAPSHOT,
}
CLOCK_HEADERS = frozenset(
    {
        "date",
        "x-ms-access-tier-change-time",
        "x-ms-copy-completion-time",
        "x-ms-share-next-allowed-provisioned-bandwidth-downgrade-time",
        "x-ms-share-next-allowed-provisioned-iops-downgrade-time",
        "x-ms-share-next-allowed-quota-downgrade-time",
    }
)

ELEMENT_KINDS = {
    "ChangeTime": FILE_TIME,
    "CreationTime": FILE_TIME,
    "DirectoryId": FILE_ID,
    "Etag": ETAG,
    "FileId": FILE_ID,
    "LastAccessTime": FILE_TIME,
    "LastWriteTime": FILE_TIME,
    "Marker": MARKER,
    "NextMarker": MARKER,
    "ParentId": FILE_ID,
    "PermissionKey": PERMISSION_KEY,
    "Snapshot": SNAPSHOT,
}
CLOCK_ELEMENTS = frozenset(
    {
        "AccessTierChangeTime",
        "DeletedTime",
        "NextAllowedProvisionedBandwidthDowngradeTime",
        "NextAllowedProvisionedIopsDowngradeTime",
        "NextAllowedQuotaDowngradeTime",
    }
)
_OF_DELETED_SHARE = re.compile(r"EnumerationResults/Shares/Share(\[\d+\])?/Version")

CONTENT = "body from byte"
"""How the field of a difference begins that is in bytes; its values are excerpts."""
MASK = "REDACTED"
"""What a recorder put in a secret's place; it agrees with anything that has no blank in it."""

XML_START = b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>'
_TOKEN = re.compile(r"<[^>]*>|[^<]+")


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the simulator answers otherwise. ``interaction`` counts from 0; ``None`` is an absent value."""

    interaction: int
    field: str
    recorded: str | None
    simulated: str | None
    problem: str = ""

    def __str__(self) -> str:
        because = f" ({self.problem})" if self.problem else ""
        return f"#{self.interaction} {self.field}: recorded {self.recorded!r}, simulated {self.simulated!r}{because}"


def compare(
    number: int,
    recorded: Answer,
    simulated: Answer,
    known: Correspondence,
    *,
    exact: bool = True,
    left_out: frozenset[str] = frozenset(),
) -> list[Difference]:
    """Every difference between two answers; made-up values are entered into ``known``. ``exact`` is whether the recorder
    kept reason phrases and the spelling of headers' names; ``left_out`` are headers that it kept none of. Where the status differs, that and the code alone: all else
    follows from it.
    """
    comparison = _Comparison(number, known, exact=exact)
    if recorded.status != simulated.status:
        comparison.expect("status", str(recorded.status), str(simulated.status))
        comparison.expect("x-ms-error-code", recorded.code, simulated.code)
        return comparison.differences
    if exact:
        comparison.expect("reason", recorded.reason, simulated.reason)
    comparison.headers(recorded.headers, tuple(pair for pair in simulated.headers if pair[0].lower() not in left_out))
    comparison.body(recorded.body, simulated.body)
    return comparison.differences


class _Comparison:
    def __init__(self, number: int, known: Correspondence, *, exact: bool) -> None:
        self._number = number
        self._known = known
        self._exact = exact
        self.differences: list[Difference] = []

    def expect(self, field: str, recorded: str | None, simulated: str | None) -> None:
        if recorded != simulated and not _is_masked(recorded, simulated):
            self._report(field, recorded, simulated)

    def headers(self, recorded: Headers, simulated: Headers) -> None:
        ours, theirs = _by_name(simulated, exact=self._exact), _by_name(recorded, exact=self._exact)
        etag = "ETag" if self._exact else "etag"
        for name in sorted(theirs.keys() | ours.keys(), key=str.lower):
            left, right = theirs.get(name), ours.get(name)
            if left is None or right is None:
                self.expect(name, left, right)
            else:
                self._header(name, left, right, theirs.get(etag), ours.get(etag))

    def body(self, recorded: bytes, simulated: bytes) -> None:
        if recorded.startswith(XML_START) and simulated.startswith(XML_START):
            self._document(recorded.decode("utf-8", "replace"), simulated.decode())
        elif recorded != simulated:
            pairs = zip(recorded, simulated, strict=False)
            at = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(recorded), len(simulated)))
            self._report(f"{CONTENT} {at}", _excerpt(recorded, at), _excerpt(simulated, at))

    def _header(self, name: str, left: str, right: str, left_etag: str | None, right_etag: str | None) -> None:
        lower = name.lower()
        kind = HEADER_KINDS.get(lower)
        if kind is not None:
            self._made_up(name, kind, left, right)
        elif lower == "last-modified":
            self._last_modified(name, (left, left_etag), (right, right_etag))
        elif lower in CLOCK_HEADERS:
            self._clock(name, left, right)
        else:
            self.expect(name, left, right)

    def _made_up(self, field: str, kind: Kind, left: str, right: str) -> None:
        if left == MASK:
            return
        if problem := self._known.match(kind, left, right):
            self._report(field, left, right, problem)

    def _last_modified(self, field: str, left: tuple[str, str | None], right: tuple[str, str | None]) -> None:
        """Last-Modified is the ETag's instant cut to the second, on both sides; without an ETag it is clock time."""
        for text, etag in (left, right):
            if etag is not None and text != _second_of(etag):
                self._report(field, left[0], right[0], f"not the second of {etag}")
                return
        if left[1] is None or right[1] is None:
            self._clock(field, left[0], right[0])

    def _clock(self, field: str, left: str, right: str) -> None:
        try:
            apart = abs(instants.from_http_date(left) - instants.from_http_date(right))
        except ValueError as error:
            self._report(field, left, right, str(error))
        else:
            if apart > SLACK:
                self._report(field, left, right, f"{apart // instants.SECOND} s apart")

    def _document(self, recorded: str, simulated: str) -> None:
        """XML token by token: spelling of tags, attributes, order and texts, so nothing but made-up values may differ."""
        theirs, ours = list(_tokens(recorded)), list(_tokens(simulated))
        etags: dict[str, tuple[str, str]] = {}
        modified: dict[str, tuple[str, str]] = {}
        for (path, left), (other, right) in zip(theirs, ours, strict=False):
            if path != other or left.startswith("<") or right.startswith("<"):
                if left != right:
                    self._report(f"body {path}", left, right)
                    return
                continue
            parent, _, element = path.rpartition("/")
            element = element.partition("[")[0]
            if element == "Last-Modified":
                modified[parent] = (left, right)
                continue
            if element == "Etag":
                etags[parent] = (left, right)
            self._text(path, element, left, right)
        if len(theirs) != len(ours):
            self._report("body tokens", str(len(theirs)), str(len(ours)))
        for parent, (left, right) in modified.items():
            left_etag, right_etag = etags.get(parent, (None, None))
            self._last_modified(f"body {parent}/Last-Modified", (left, left_etag), (right, right_etag))

    def _text(self, path: str, element: str, left: str, right: str) -> None:
        kind = SHARE_VERSION if _OF_DELETED_SHARE.fullmatch(path) else ELEMENT_KINDS.get(element)
        if kind is not None:
            self._made_up(f"body {path}", kind, left, right)
        elif element in CLOCK_ELEMENTS:
            self._clock(f"body {path}", left, right)
        elif path == "Error/Message":
            self._message(left.split("\n"), right.split("\n"))
        else:
            self.expect(f"body {path}", left, right)

    def _message(self, left: list[str], right: list[str]) -> None:
        """Text, then ``RequestId:`` and ``Time:`` on lines of their own."""
        shapes = [[line.partition(":")[0] if number else line for number, line in enumerate(x)] for x in (left, right)]
        if shapes[0] != shapes[1] or len(left) != 3:
            self._report("body Error/Message", "\n".join(left), "\n".join(right))
            return
        self._made_up("body RequestId", REQUEST_ID, left[1].partition(":")[2], right[1].partition(":")[2])
        times = left[2].partition(":")[2], right[2].partition(":")[2]
        try:
            apart = abs(instants.from_file_time(times[0]) - instants.from_file_time(times[1]))
        except ValueError as error:
            self._report("body Time", *times, str(error))
        else:
            if apart > SLACK:
                self._report("body Time", *times, f"{apart // instants.SECOND} s apart")

    def _report(self, field: str, recorded: str | None, simulated: str | None, problem: str = "") -> None:
        self.differences.append(Difference(self._number, field, recorded, simulated, problem))


def _is_masked(recorded: str | None, simulated: str | None) -> bool:
    """Whether a recorded text is the simulated one but for what scrubbing took out."""
    if recorded is None or simulated is None or MASK not in recorded:
        return False
    return re.fullmatch(r"\S*".join(map(re.escape, recorded.split(MASK))), simulated) is not None


def _by_name(headers: Headers, *, exact: bool) -> dict[str, str]:
    """One text for each name, spelled as it came; a name that came twice is joined, so that it shows. Where a recorder
    spells names in its own way and takes values apart at their blanks, both are undone.

    Metadata names are the user's and go by any case: clients and recorders are known to fold them.
    """
    named: dict[str, str] = {}
    glue = ", " if exact else " "
    for spelled, value in headers:
        name = spelled.lower() if not exact or spelled.lower().startswith("x-ms-meta-") else spelled
        if name.lower() not in TRANSPORT_HEADERS:
            named[name] = f"{named[name]}{glue}{value}" if name in named else value
    return named


def _second_of(etag: str) -> str | None:
    try:
        return instants.to_http_date(instants.from_etag(etag))
    except ValueError:
        return None


def _excerpt(body: bytes, at: int) -> str:
    return f"{body[at : at + 40]!r} of {len(body)} bytes"


def _tokens(document: str) -> Iterator[tuple[str, str]]:
    """Tags and texts in order, each with the path of the element it belongs to (``Entries/File[2]/Name``)."""
    path: list[str] = []
    counts: list[dict[str, int]] = [{}]
    for token in _TOKEN.findall(document.removeprefix("\ufeff")):
        if token.startswith("</"):
            yield "/".join(path), token
            if path:
                path.pop()
                counts.pop()
        elif token.startswith("<") and not token.startswith("<?"):
            name = re.split(r"[\s/>]", token[1:], maxsplit=1)[0]
            number = counts[-1][name] = counts[-1].get(name, 0) + 1
            path.append(f"{name}[{number}]" if number > 1 else name)
            yield "/".join(path), token
            if token.endswith("/>"):
                path.pop()
            else:
                counts.append({})
        else:
            yield "/".join(path), token
