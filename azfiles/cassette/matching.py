"""Which recorded request a live one is: the parts that decide the answer, and nothing that differs from run to run.

Part of the key: operation, resource, snapshot, query, range, write mode, lease action, sources of a copy or rename,
metadata and property headers, content. Not part of it: dates, credentials, client request ids, user agents, the
account's name, host or path style, the API version, and the timeout that a client asks the service to keep. Lease ids
and the names of temporary files are kept apart: they are compared through the correspondence that a replay builds up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from azfiles.cassette.addresses import PSEUDONYM, Address, account_of, parse_uri, rename_accounts_in_text
from azfiles.cassette.bodies import StoredBody
from azfiles.cassette.correspondence import Ids, without_names
from azfiles.cassette.interactions import RecordedRequest
from azfiles.cassette.lease_ids import map_lease_ids, normalize_lease_id
from azfiles.cassette.operations import carries_request_data, name_operation
from azfiles.cassette.patterns import LEASE_HEADERS, mask_data, mask_text

CREDENTIAL_PARAMETERS: Final = frozenset(
    [
        "sv",
        "ss",
        "srt",
        "sp",
        "st",
        "se",
        "sip",
        "spr",
        "sr",
        "si",
        "sig",
        "ses",
        "sdd",
        "skoid",
        "sktid",
        "skt",
        "ske",
        "sks",
        "skv",
        "skdutid",
        "sduoid",
        "saoid",
        "suoid",
        "scid",
    ]
)
"""Parameters of a shared access signature that say who may ask, not what is asked. (Its rsc* ones change the answer.)"""
_OWN_PARAMETERS = frozenset({"restype", "comp", "sharesnapshot"})
_IGNORED_PARAMETERS = CREDENTIAL_PARAMETERS | _OWN_PARAMETERS | {"timeout"}

_OWN_HEADERS = frozenset(
    {"x-ms-range", "x-ms-write", "x-ms-lease-action", "x-ms-copy-source", "x-ms-file-rename-source"}
)
_READ_HEADERS = _OWN_HEADERS | frozenset(LEASE_HEADERS) | {"authorization", "range"}
_IGNORED_HEADERS = _OWN_HEADERS | frozenset(LEASE_HEADERS) | {
    "x-ms-client-request-id",
    "x-ms-copy-source-authorization",
    "x-ms-date",
    "x-ms-file-request-intent",  # comes and goes with the kind of credential
    "x-ms-return-client-request-id",
    "x-ms-version",
    "x-ms-content-sha256",
}  # fmt: skip
# Of the headers that are not Azure's own, these decide the answer.
_COUNTED_HEADERS = frozenset(
    {
        "content-md5",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-unmodified-since",
        "origin",
        "access-control-request-method",
        "access-control-request-headers",
    }
)
_NO_CONTENT = "nothing"
_LONGEST_SHOWN = 80
_SHORTEST_CHANGED = 5  # "sig=x"
_NO_LEASES: Mapping[str, str] = {}


class RequestKey(NamedTuple):
    """Equal for two requests exactly where one may be answered with the response to the other.

    The fields stand in the order in which a difference is worth telling. ``ids`` are those that are new in every run.
    """

    operation: str
    resource: str
    snapshot: str
    range: str
    write: str
    lease_action: str
    query: tuple[tuple[str, str], ...]
    copy_source: str
    rename_source: str
    headers: tuple[tuple[str, str], ...]
    content: str
    ids: Ids


def key_of(request: RecordedRequest, *, leases: Mapping[str, str] = _NO_LEASES) -> RequestKey:
    """The key of a request, recorded or live, ours or another client's. Two spellings of the same path, in host style
    or path style, have the same key. ``leases`` maps live lease ids to recorded ones, for those that stand in texts.
    """
    lowered: dict[str, str] = {}
    counted: dict[str, str] = {}
    for spelled, value in request.headers:
        name, counts = _role_of(spelled)
        if counts:
            counted[name] = value.strip()
        elif counts is not None:
            lowered[name] = value.strip()
    signed = lowered.get("authorization", "")
    address = parse_uri(request.uri, account=account_of((("authorization", signed),)) if signed else "")
    query = dict(address.query)
    own = tuple([(name, normalize_lease_id(lowered[name])) for name in LEASE_HEADERS if name in lowered])
    if own:
        # In this request's own texts an id of its own is known by its role, before any replay has met it.
        leases = {**leases, **{lease_id: name for name, lease_id in own}}
    operation = name_operation(request.method, query.get("restype", ""), query.get("comp", ""), lowered)
    resource, names = without_names("/" + address.path)
    copy_source, source_names = without_names(_source(lowered.get("x-ms-copy-source")))
    rename_source, renamed_names = without_names(_source(lowered.get("x-ms-file-rename-source")))
    names += source_names + renamed_names
    return RequestKey(
        operation=operation,
        resource=resource,
        snapshot=query.get("sharesnapshot", ""),
        # The service takes x-ms-range where both are sent.
        range=(lowered.get("x-ms-range") or lowered.get("range", "")).replace(" ", "").lower(),
        write=lowered.get("x-ms-write", "").lower(),
        lease_action=lowered.get("x-ms-lease-action", "").lower(),
        query=_counted_query(address),
        copy_source=copy_source,
        rename_source=rename_source,
        headers=_counted_headers(counted, leases) if counted else (),
        content=_describe_content(request, operation, leases),
        ids=own + tuple([(f"temporary name {number}", name) for number, name in enumerate(names, 1)]) if names else own,
    )


def describe(key: RequestKey) -> str:
    """A request in a few words, without a secret: ``Get File /share/a.txt, bytes=0-3``."""
    details = (
        key.range,
        key.write and f"write {key.write}",
        key.lease_action and f"lease action {key.lease_action}",
        key.snapshot and f"snapshot {key.snapshot}",
    )
    return ", ".join((f"{key.operation} {key.resource}", *(detail for detail in details if detail)))


def likeness(asked: RequestKey, recorded: RequestKey) -> tuple[int, int]:
    """How near two requests are, to be compared: first operation and resource, then the number of other fields."""
    near = 2 * (asked.resource == recorded.resource) + (asked.operation == recorded.operation)
    return near, sum(a == r for a, r in zip(asked, recorded, strict=True))


def first_difference(asked: RequestKey, recorded: RequestKey) -> str:
    """The first field in which two requests differ, with both values, or ``""``. Lease ids are not shown."""
    for name, a, r in zip(RequestKey._fields, asked, recorded, strict=True):
        if a == r:
            continue
        if name == "ids":
            return _id_difference(asked, recorded)
        label = name.replace("_", " ")
        if isinstance(a, tuple) and isinstance(r, tuple):
            return _pair_difference("header" if name == "headers" else label, dict(a), dict(r))
        return f"{label}: asked {_shown(str(a))}, recorded {_shown(str(r))}"
    return ""


def _pair_difference(label: str, asked: dict[str, str], recorded: dict[str, str]) -> str:
    name = min(name for name in asked.keys() | recorded.keys() if asked.get(name) != recorded.get(name))
    return f"{label} {name}: asked {_shown(asked.get(name))}, recorded {_shown(recorded.get(name))}"


def _id_difference(asked: RequestKey, recorded: RequestKey) -> str:
    ours, theirs = dict(asked.ids), dict(recorded.ids)
    for name in LEASE_HEADERS:
        given, kept = name in ours, name in theirs
        if given != kept:
            return f"{name}: asked {'one' if given else 'none'}, recorded {'one' if kept else 'none'}"
    if any(ours.get(name) != theirs.get(name) for name in LEASE_HEADERS):
        return "lease id: asked another lease than the recorded one"
    return "temporary file: asked another than the recorded one"


def _shown(value: str | None) -> str:
    if not value:
        return "none"
    return value if len(value) <= _LONGEST_SHOWN else f"{value[:_LONGEST_SHOWN]}..."


def _counted_query(address: Address) -> tuple[tuple[str, str], ...]:
    if not address.query:
        return ()
    counted: list[tuple[str, str]] = []
    for name, value in address.query:
        if name in _IGNORED_PARAMETERS or not value:
            continue
        # The service takes include's words in any case and order.
        counted.append((name, ",".join(sorted(value.lower().split(","))) if name == "include" else value))
    return tuple(sorted(counted))


@lru_cache(maxsize=1024)
def _role_of(spelled: str) -> tuple[str, bool | None]:
    """A header's name in lower case, and whether it counts as it is: ``False`` where its value is looked at in another
    way, ``None`` where it says nothing about the answer.
    """
    name = spelled.lower()
    if name in _READ_HEADERS:
        return name, False
    counts = name not in _IGNORED_HEADERS if name.startswith("x-ms-") else name in _COUNTED_HEADERS
    return name, counts or None


def _counted_headers(counted: dict[str, str], leases: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    pairs = [
        (name, _without_run(value, leases) if name.startswith("x-ms-") else value) for name, value in counted.items()
    ]
    pairs.sort()
    return tuple(pairs)


def _without_run(text: str, leases: Mapping[str, str]) -> str:
    """Text without what scrubbing changes, so that a live value and its scrubbed record are equal."""
    if len(text) >= _SHORTEST_CHANGED:
        text = mask_text(text)
        text = rename_accounts_in_text(text, _pseudonym)
        if leases:
            text = map_lease_ids(text, leases)
    return text


def _pseudonym(_account: str) -> str:
    return PSEUDONYM


def _source(uri: str | None) -> str:
    """A copy's or rename's source: path and snapshot. Its account and signature say nothing about the answer."""
    if not uri:
        return ""
    address = parse_uri(uri)
    snapshot = dict(address.query).get("sharesnapshot")
    return f"/{address.path}?sharesnapshot={snapshot}" if snapshot else f"/{address.path}"


def _describe_content(request: RecordedRequest, operation: str, leases: Mapping[str, str]) -> str:
    body = request.body
    if not body:
        return _NO_CONTENT
    data = carries_request_data(request, operation)
    if isinstance(body, StoredBody):
        if data:
            return f"{body.size} bytes, sha256 {body.sha256[:32]}"
        body = bytes(body.read())
    # In a document, latin-1 keeps every byte, and what is replaced is ASCII.
    body = mask_data(body) if data else _without_run(body.decode("latin-1"), leases).encode("latin-1")
    return f"{len(body)} bytes, sha256 {hashlib.sha256(body).hexdigest()[:32]}"


__all__ = ["CREDENTIAL_PARAMETERS", "RequestKey", "describe", "first_difference", "key_of", "likeness"]
