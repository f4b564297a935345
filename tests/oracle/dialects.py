"""The two protocols: how a step is said in each. The table of words is all that differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from tests.oracle import steps as s

Pairs: TypeAlias = list[tuple[str, str]]


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
