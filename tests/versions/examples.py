"""One valid request for each of the service's 57 operations, in a world that is made ready for it.

Version gates, the fuzzer's mutations and the evidence table start from these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from azfiles_sim import ManualClock, Reply
from azfiles_sim.model.changes import PutAccount
from azfiles_sim.model.settings import AccountSettings
from azfiles_sim.wire.api_versions import NEWEST, SMB_OPTIONAL_SINCE, SMB_SINCE
from tests.wire.asking import ACCOUNT, CREATE, UPDATE, Asker, header, xml

Pairs = tuple[tuple[str, str], ...]

LEASE: Final = "8f5b6f33-0b6d-4f0e-9a4e-3c1a2b3c4d5e"
OTHER_LEASE: Final = "11111111-2222-3333-4444-555555555555"
SOURCE: Final = f"http://127.0.0.1/{ACCOUNT}/data/d/f"
SDDL: Final = "O:BAG:BAD:(A;;FA;;;WD)"
# What versions from 2019-02-02 to 2021-04-10 insist on where a file or directory is made or its properties are set.
MANDATORY: Final[Pairs] = (
    ("x-ms-file-attributes", "None"),
    ("x-ms-file-creation-time", "2026-05-04T03:02:01.0000000Z"),
    ("x-ms-file-last-write-time", "2026-05-04T03:02:01.0000000Z"),
    ("x-ms-file-permission", SDDL),
)
INSISTING: Final = frozenset({"D1", "D4", "F1", "F5"})
LINKS: Final = frozenset({"F22", "F23", "F24"})
"""Operations of NFS shares alone."""

Prepare = Callable[[Asker], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Example:
    """A request that succeeds, with the status of its success. ``{name}`` in it stands for what ``prepare`` gives."""

    number: str
    method: str
    target: str
    status: int
    headers: Pairs = ()
    body: bytes = b""
    prepare: Prepare | None = None


def _do(asker: Asker, method: str, target: str, *headers: tuple[str, str], body: bytes = b"") -> Reply:
    reply = asker.ask(method, target, *headers, body=body)
    assert reply.status < 300, (method, target, reply.status, reply.reason)
    return reply


def _leased(target: str) -> Prepare:
    def prepare(asker: Asker) -> Mapping[str, str]:
        _do(asker, "PUT", f"{target}comp=lease", *_action("acquire", duration="-1", proposed=LEASE))
        return {}

    return prepare


def _action(action: str, *, duration: str = "", proposed: str = "", lease: str = "") -> Pairs:
    pairs = (
        ("x-ms-lease-action", action),
        ("x-ms-lease-duration", duration),
        ("x-ms-proposed-lease-id", proposed),
        ("x-ms-lease-id", lease),
    )
    return tuple((name, value) for name, value in pairs if value)


def _make_permission(asker: Asker) -> Mapping[str, str]:
    body = b'{"permission":"%s"}' % SDDL.encode()
    made = _do(asker, "PUT", "/data?restype=share&comp=filepermission", body=body)
    return {"key": header(made, "x-ms-file-permission-key") or ""}


def _open_handles(asker: Asker) -> Mapping[str, str]:
    asker.simulator.open_handle(ACCOUNT, "data", "d/f", client_name="client", access_rights=("Read", "Write"))
    asker.simulator.open_handle(ACCOUNT, "data", "d", client_name="client", access_rights=("Read",))
    return {}


def _copied(asker: Asker) -> Mapping[str, str]:
    copied = _do(asker, "PUT", "/data/copy", ("x-ms-copy-source", SOURCE))
    return {"copy": header(copied, "x-ms-copy-id") or ""}


def _share_across_origins(asker: Asker) -> Mapping[str, str]:
    rule = (
        b"<CorsRule><AllowedOrigins>*</AllowedOrigins><AllowedMethods>GET</AllowedMethods><AllowedHeaders />"
        b"<ExposedHeaders /><MaxAgeInSeconds>1</MaxAgeInSeconds></CorsRule>"
    )
    body = b"<StorageServiceProperties><Cors>%s</Cors></StorageServiceProperties>" % rule
    _do(asker, "PUT", "/?restype=service&comp=properties", body=body)
    return {}


def delete_softly(asker: Asker) -> Mapping[str, str]:
    """Delete the share in an account that keeps it for a week; ``deleted`` is its version."""
    store = asker.simulator._service.store
    account = store.view().account(ACCOUNT)
    assert account is not None
    store.apply((PutAccount(replace(account, settings=AccountSettings(soft_delete_days=7))),))
    _do(asker, "DELETE", "/data?restype=share")
    listed = xml(_do(asker, "GET", "/?comp=list&include=deleted"))
    return {"deleted": listed.findtext(".//Version") or ""}


def _link(asker: Asker) -> Mapping[str, str]:
    _do(asker, "PUT", "/data/link?restype=symboliclink", ("x-ms-link-text", "to%20where"))
    return {}


_LEASE_SHARE: Final = "/data?restype=share&comp=lease"
_LEASE_FILE: Final = "/data/d/f?comp=lease"
_PROPERTIES: Final = b"<StorageServiceProperties><Cors /></StorageServiceProperties>"
_POLICIES: Final = (
    b"<SignedIdentifiers><SignedIdentifier><Id>one</Id><AccessPolicy><Start>2026-05-04T00:00:00Z</Start>"
    b"<Expiry>2026-05-05T00:00:00Z</Expiry><Permission>rw</Permission></AccessPolicy></SignedIdentifier>"
    b"</SignedIdentifiers>"
)
_RENAME: Final[Pairs] = (("x-ms-file-rename-source", SOURCE),)

_ROWS: Final[tuple[Example, ...]] = (
    Example("V1", "GET", "/?comp=list", 200),
    Example("V2", "GET", "/?restype=service&comp=properties", 200),
    Example("V3", "PUT", "/?restype=service&comp=properties", 202, body=_PROPERTIES),
    # Only a bearer token may ask for a key; the examples sign with the account's key, and so are refused.
    Example("V4", "POST", "/?restype=service&comp=userdelegationkey", 403,
            body=b"<KeyInfo><Expiry>2026-05-05T00:00:00Z</Expiry></KeyInfo>"),
    Example("V5", "OPTIONS", "/data/d/f", 200,
            (("Origin", "http://a.example"), ("Access-Control-Request-Method", "GET")), prepare=_share_across_origins),
    Example("H1", "PUT", "/new?restype=share", 201, (("x-ms-meta-a", "1"), ("x-ms-share-quota", "100"))),
    Example("H2", "GET", "/data?restype=share", 200),
    Example("H3", "DELETE", "/data?restype=share", 202),
    Example("H4", "PUT", "/data?restype=share&comp=properties", 200, (("x-ms-share-quota", "100"),)),
    Example("H5", "PUT", "/data?restype=share&comp=metadata", 200, (("x-ms-meta-a", "1"),)),
    Example("H6", "GET", "/data?restype=share&comp=metadata", 200),
    Example("H7", "GET", "/data?restype=share&comp=acl", 200),
    Example("H8", "PUT", "/data?restype=share&comp=acl", 200, body=_POLICIES),
    Example("H9", "GET", "/data?restype=share&comp=stats", 200),
    Example("H10", "PUT", "/data?restype=share&comp=snapshot", 201),
    Example("H11", "PUT", "/data?restype=share&comp=undelete", 201,
            (("x-ms-deleted-share-name", "data"), ("x-ms-deleted-share-version", "{deleted}")), prepare=delete_softly),
    Example("H12", "PUT", "/data?restype=share&comp=filepermission", 201, body=b'{"permission":"O:BAG:BAD:(A;;FA;;;WD)"}'),
    Example("H13", "GET", "/data?restype=share&comp=filepermission", 200, (("x-ms-file-permission-key", "{key}"),),
            prepare=_make_permission),
    Example("H14", "PUT", _LEASE_SHARE, 201, _action("acquire", duration="15", proposed=LEASE)),
    Example("H15", "PUT", _LEASE_SHARE, 200, _action("renew", lease=LEASE), prepare=_leased("/data?restype=share&")),
    Example("H16", "PUT", _LEASE_SHARE, 200, _action("change", lease=LEASE, proposed=OTHER_LEASE),
            prepare=_leased("/data?restype=share&")),
    Example("H17", "PUT", _LEASE_SHARE, 200, _action("release", lease=LEASE), prepare=_leased("/data?restype=share&")),
    Example("H18", "PUT", _LEASE_SHARE, 202, _action("break"), prepare=_leased("/data?restype=share&")),
    Example("D1", "PUT", "/data/new?restype=directory", 201, (("x-ms-meta-a", "1"),)),
    Example("D2", "GET", "/data/d?restype=directory", 200),
    Example("D3", "DELETE", "/data/empty?restype=directory", 202),
    Example("D4", "PUT", "/data/d?restype=directory&comp=properties", 200),
    Example("D5", "PUT", "/data/d?restype=directory&comp=metadata", 200, (("x-ms-meta-a", "1"),)),
    Example("D6", "GET", "/data/d?restype=directory&comp=metadata", 200),
    Example("D7", "GET", "/data/d?restype=directory&comp=list", 200),
    Example("D8", "GET", "/data/d?comp=listhandles", 200, (("x-ms-recursive", "true"),), prepare=_open_handles),
    Example("D9", "PUT", "/data/d?comp=forceclosehandles", 200, (("x-ms-handle-id", "*"), ("x-ms-recursive", "true")),
            prepare=_open_handles),
    Example("D10", "PUT", "/data/moved?restype=directory&comp=rename", 200,
            (("x-ms-file-rename-source", f"http://127.0.0.1/{ACCOUNT}/data/empty"),)),
    Example("F1", "PUT", "/data/new.bin", 201, (*CREATE, ("x-ms-content-type", "text/plain"))),
    Example("F2", "GET", "/data/d/f", 206, (("x-ms-range", "bytes=0-3"),)),
    Example("F3", "HEAD", "/data/d/f", 200),
    Example("F4", "DELETE", "/data/d/f", 202),
    Example("F5", "PUT", "/data/d/f?comp=properties", 200, (("x-ms-content-length", "2048"),)),
    Example("F6", "PUT", "/data/d/f?comp=metadata", 200, (("x-ms-meta-a", "1"),)),
    Example("F7", "GET", "/data/d/f?comp=metadata", 200),
    Example("F8", "PUT", "/data/d/f?comp=range", 201, UPDATE, b"wxyz"),
    Example("F9", "PUT", "/data/d/f?comp=range", 201, (("x-ms-write", "clear"), ("x-ms-range", "bytes=0-511"))),
    Example("F10", "PUT", "/data/d/g?comp=range", 201,
            (("x-ms-write", "update"), ("x-ms-range", "bytes=0-3"), ("x-ms-copy-source", SOURCE),
             ("x-ms-source-range", "bytes=0-3"))),
    Example("F11", "GET", "/data/d/f?comp=rangelist", 200),
    Example("F12", "GET", "/data/d/f?comp=rangelist&maxresults=5", 200),
    Example("F13", "PUT", "/data/copy", 202, (("x-ms-copy-source", SOURCE),)),
    Example("F14", "PUT", "/data/copy?comp=copy&copyid={copy}", 409, (("x-ms-copy-action", "abort"),), prepare=_copied),
    Example("F15", "GET", "/data/d/f?comp=listhandles", 200, prepare=_open_handles),
    Example("F16", "PUT", "/data/d/f?comp=forceclosehandles", 200, (("x-ms-handle-id", "*"),), prepare=_open_handles),
    Example("F17", "PUT", _LEASE_FILE, 201, _action("acquire", duration="-1", proposed=LEASE)),
    Example("F18", "PUT", _LEASE_FILE, 200, _action("change", lease=LEASE, proposed=OTHER_LEASE),
            prepare=_leased("/data/d/f?")),
    Example("F19", "PUT", _LEASE_FILE, 200, _action("release", lease=LEASE), prepare=_leased("/data/d/f?")),
    Example("F20", "PUT", _LEASE_FILE, 202, _action("break"), prepare=_leased("/data/d/f?")),
    Example("F21", "PUT", "/data/moved.bin?comp=rename", 200, _RENAME),
    Example("F22", "PUT", "/data/link?restype=hardlink", 201, (("x-ms-type", "file"), ("x-ms-file-target-file", "/d/f"))),
    Example("F23", "PUT", "/data/link?restype=symboliclink", 201, (("x-ms-link-text", "to%20where"),)),
    Example("F24", "GET", "/data/link?restype=symboliclink", 200, prepare=_link),
)  # fmt: skip

EXAMPLES: Final[dict[str, Example]] = {example.number: example for example in _ROWS}


@cache
def _world(protocol: str, kind: str) -> Asker:
    asker = Asker(bearer="development")
    store = asker.simulator._service.store
    account = store.view().account(ACCOUNT)
    assert account is not None
    store.apply((PutAccount(replace(account, kind=kind)),))
    protocols = (("x-ms-enabled-protocols", protocol),) if protocol != "SMB" else ()
    _do(asker, "PUT", "/data?restype=share", ("x-ms-share-quota", "100"), *protocols)
    _do(asker, "PUT", "/data/d?restype=directory")
    _do(asker, "PUT", "/data/d/f", *CREATE)
    _do(asker, "PUT", "/data/d/f?comp=range", *UPDATE, body=b"abcd")
    _do(asker, "PUT", "/data/empty?restype=directory")
    _do(asker, "PUT", "/data/d/g", *CREATE)
    return asker


def new_world(protocol: str = "SMB", kind: str = "") -> Asker:
    """A share ``data`` with ``d``, ``d/f`` (1024 bytes, four written), ``d/g`` (nothing written) and ``empty``, in an
    account of this kind: standard, for NFS premium.
    """
    made = _world(protocol, kind or ("standard" if protocol == "SMB" else "premium"))
    asker = Asker.__new__(Asker)
    asker.simulator = made.simulator.fork()
    assert isinstance(asker.simulator.clock, ManualClock)
    asker.clock, asker.elapsed = asker.simulator.clock, made.elapsed
    return asker


def world_of(number: str) -> Asker:
    """The world in which an operation's example succeeds."""
    return new_world("NFS" if number in LINKS else "SMB")


def ask_example(
    asker: Asker, number: str, *headers: tuple[str, str], version: str = NEWEST, query: str = "", without: str = ""
) -> Reply:
    """Send an operation's example, with these headers and query parameters more, in a version.

    Where the version insists on SMB headers they are added, except ``without``.
    """
    example = EXAMPLES[number]
    values = example.prepare(asker) if example.prepare is not None else {}
    target = fill(example.target, values)
    if query:
        target += ("&" if "?" in target else "?") + query
    given = {name: fill(value, values) for name, value in example.headers}
    given.update(headers)
    if number in INSISTING and SMB_SINCE <= version < SMB_OPTIONAL_SINCE:
        for name, value in MANDATORY:
            if name != without and not (name == "x-ms-file-permission" and "x-ms-file-permission-key" in given):
                given.setdefault(name, value)
    return asker.ask(example.method, target, *given.items(), body=example.body, version=version)


def fill(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text
