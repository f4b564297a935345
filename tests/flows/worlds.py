"""An account with something for every operation to work on, and each operation as an act on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any

import azfiles
from azfiles.credentials import EMULATOR_KEY
from azfiles_sim import ManualClock, Simulator
from azfiles_sim.accounts import AccountSpec
from azfiles_sim.control.differences import nodes_by_path
from azfiles_sim.model.content import Content
from azfiles_sim.model.quirks import Quirks
from azfiles_sim.testing.conformance.bearer_tokens import TENANT, Tokens
from azfiles_sim.testing.targets import NEWEST_VERSION

ACCOUNT = "devstoreaccount1"
OTHER = "elsewhere"
PREMIUM = "premiumaccount"
ID_A = "aaaaaaaa-0000-4000-8000-000000000001"
ID_B = "bbbbbbbb-0000-4000-8000-000000000002"
DATA = bytes(range(256)) * 8
RULE = azfiles.CorsRule(("https://a.example",), ("GET", "PUT"), ("x-ms-*",), ("ETag",), 60)
SETTLING_S = 100
"""So long the world is left alone before anything is tried, so that what was there before is certainly older."""


@dataclass
class World:
    """A simulator in its state at the beginning of an act, and what the acts need to know of it."""

    simulator: Simulator
    facts: dict[str, str]

    def fork(self) -> World:
        return World(self.simulator.fork(), self.facts)

    @property
    def clock(self) -> ManualClock:
        clock = self.simulator.clock
        assert isinstance(clock, ManualClock)
        return clock

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.time(), UTC)

    def state(self) -> Any:
        """Everything that is stored but for times, ETags and numbers that only count."""
        view = self.simulator._service.store.view()
        return [
            [
                plain(account),
                [
                    [
                        plain(share),
                        [plain(snapshot) for snapshot in view.snapshots(account.name, share.name)],
                        [(path, plain(node)) for path, node in nodes_by_path(view, share.tree).items()],
                        [plain(handle) for handle in view.handles(account.name, share.name)],
                    ]
                    for share in view.shares(account.name)
                ],
            ]
            for account in view.accounts()
        ]


_MOVING = frozenset(
    {"stamp", "creation", "last_write", "change", "created", "tier_changed", "last_stamp", "last_snapshot"}
    | {"files_made", "shares_made", "tree", "started", "ends", "completed", "copy_id", "copied", "deleted", "gone"}
    | {"bandwidth_lowerable_from", "opened", "until", "snapshot", "keys", "quota_lowerable_from", "iops_lowerable_from"}
)


_KNOWN: dict[int, tuple[object, Any]] = {}


def plain(value: Any) -> Any:
    """A stored value as what can be compared, without what moves with time alone. Stored values never change, and what
    an act leaves alone is the same object in every fork: it is read once.
    """
    if not is_dataclass(value):
        if isinstance(value, tuple):
            return tuple(map(plain, value))
        return value.value if isinstance(value, Enum) else value
    known = _KNOWN.get(id(value))
    if known is None or known[0] is not value:
        known = _KNOWN[id(value)] = (value, _opened(value))
    return known[1]


def _opened(value: Any) -> Any:
    if isinstance(value, Content):
        return b"".join(bytes(part) for part in value.read(0, 4096))
    shown = [(field.name, plain(getattr(value, field.name))) for field in fields(value) if field.name not in _MOVING]
    return (type(value).__name__, *shown)


@cache
def start() -> World:
    """The world in which every act begins; fork it."""
    clock = ManualClock()
    key = AccountSpec.from_text(ACCOUNT, EMULATOR_KEY).keys
    simulator = Simulator(
        [
            AccountSpec(ACCOUNT, keys=key, soft_delete_days=7),
            AccountSpec(OTHER, keys=key),
            AccountSpec(PREMIUM, "premium", keys=key),
        ],
        clock=clock,
        quirks=Quirks(pending_copy_bytes_per_s=1),
        bearer="development",
        tenant=TENANT,
    )
    facts: dict[str, str] = {}
    with azfiles.connect(simulator.handle, clock=clock, api_version=NEWEST_VERSION) as service:
        service.set_properties(cors=[RULE])
        far = azfiles.connect(simulator.handle, azfiles.SharedKey(OTHER, EMULATOR_KEY), clock=clock).share("far")
        far.create()
        far.file("f").upload(DATA)
        facts["far"] = (
            f"{far.file('f').url}?{far.file('f').make_sas(permissions='r', expires_at=timedelta(days=1)).token}"
        )
        share = service.share("data")
        share.create(metadata={"a": "1"})
        for name in ("f", "g", "leased", "broken", "copied"):
            share.file(name).upload(DATA)
        share.directory("d").create()
        share.directory("full").create()
        share.file("full/x").upload(DATA)
        share.file("leased").acquire_lease(proposed_id=ID_A)
        share.file("broken").acquire_lease(proposed_id=ID_A)
        share.file("broken").break_lease()
        facts["copy"] = share.file("copied").start_copy(facts["far"]).id
        facts["permission"] = share.create_permission("O:SYG:SYD:(A;;FA;;;SY)")
        for path in ("f", "d"):
            simulator.open_handle(ACCOUNT, "data", path)
        service.share("held").create()
        service.share("held").acquire_lease(proposed_id=ID_A)
        service.share("emptied").create()
        gone = service.share("gone")
        gone.create(metadata={"b": "2"})
        gone.file("f").upload(DATA)
        gone.delete()
        item = next(item for item in service.list_shares(prefix="gone", include="deleted") if item.deleted)
        facts["version"] = item.version or ""
        nfs = azfiles.connect(
            simulator.handle, azfiles.SharedKey(PREMIUM, EMULATOR_KEY), clock=clock, api_version=NEWEST_VERSION
        ).share("links")
        nfs.create(enabled_protocols="NFS")
        nfs.file("f").upload(DATA)
        nfs.file("s").create_symbolic_link("f")
    clock.advance(SETTLING_S)
    return World(simulator, facts)


Do = Callable[[azfiles.ServiceClient, World], Any]


@dataclass(frozen=True)
class Act:
    """One operation of the 57 (``number`` as in ``docs/client.md``) in one situation."""

    number: str
    title: str
    do: Do
    token: bool = False
    account: str = ACCOUNT

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def connect(self, world: World, handle: Any, **options: Any) -> azfiles.ServiceClient:
        credential: Any = azfiles.SharedKey(self.account, EMULATOR_KEY)
        if self.token:
            credential = azfiles.Token(Tokens(world.now))
        return azfiles.connect(handle, credential, clock=world.clock, api_version=NEWEST_VERSION, **options)


def _file(name: str, do: Callable[[azfiles.FileClient], Any]) -> Do:
    return lambda service, _: do(service.share("data").file(name))


def _directory(name: str, do: Callable[[azfiles.DirectoryClient], Any]) -> Do:
    return lambda service, _: do(service.share("data").directory(name))


def _share(name: str, do: Callable[[azfiles.ShareClient], Any]) -> Do:
    return lambda service, _: do(service.share(name))


ACTS = [
    Act("V1", "list shares", lambda service, _: list(service.list_shares(include="metadata"))),
    Act("V2", "service properties", lambda service, _: service.get_properties()),
    Act("V3", "set service properties", lambda service, _: service.set_properties(cors=[])),
    Act("V4", "key", lambda service, _: service.get_user_delegation_key().object_id, token=True),
    Act("V5", "preflight", _file("f", lambda file: file.preflight("https://a.example", "PUT"))),
    Act("H1", "create share", _share("new", lambda share: share.create(metadata={"k": "v"}, quota_gib=7))),
    Act("H1", "create a share that is there", _share("data", lambda share: share.create(metadata={"a": "1"}))),
    Act("H2", "share properties", _share("data", lambda share: share.get_properties())),
    Act("H3", "delete share", _share("emptied", lambda share: share.delete())),
    Act("H3", "delete a leased share", _share("held", lambda share: share.delete())),
    Act("H3", "delete no share", _share("nobody", lambda share: share.delete())),
    Act("H4", "set quota", _share("data", lambda share: share.set_quota(9))),
    Act("H5", "share metadata", _share("data", lambda share: share.set_metadata({"x": "y"}))),
    Act("H6", "get share metadata", _share("data", lambda share: share.get_metadata())),
    Act("H7", "share acl", _share("data", lambda share: share.get_access_policy())),
    Act("H8", "set share acl", _share("data", lambda share: share.set_access_policy([azfiles.SignedIdentifier("p")]))),
    Act("H9", "share stats", _share("data", lambda share: share.get_statistics())),
    Act("H10", "snapshot", _share("data", lambda share: share.create_snapshot())),
    Act("H11", "undelete", lambda service, world: service.share("gone").undelete(world.facts["version"])),
    Act("H12", "create permission", _share("data", lambda share: share.create_permission("O:BAG:BAD:(A;;FA;;;BA)"))),
    Act("H13", "get permission", lambda service, world: service.share("data").get_permission(world.facts["permission"])),
    Act("H14", "acquire share lease", _share("data", lambda share: share.acquire_lease(30))),
    Act("H14", "acquire a held share lease", _share("held", lambda share: share.acquire_lease(30))),
    Act("H15", "renew share lease", _share("held", lambda share: share.renew_lease(ID_A))),
    Act("H16", "change share lease", _share("held", lambda share: share.change_lease(ID_A, ID_B))),
    Act("H17", "release share lease", _share("held", lambda share: share.release_lease(ID_A))),
    Act("H17", "release another's share lease", _share("held", lambda share: share.release_lease(ID_B))),
    Act("H18", "break share lease", _share("held", lambda share: share.break_lease())),
    Act("H18", "break share lease later", _share("held", lambda share: share.break_lease(period_s=60))),
    Act("H18", "break no share lease", _share("data", lambda share: share.break_lease())),
    Act("D1", "create directory", _directory("new", lambda directory: directory.create(metadata={"k": "v"}))),
    Act("D1", "create a directory that is there", _directory("d", lambda directory: directory.create())),
    Act("D2", "directory properties", _directory("d", lambda directory: directory.get_properties())),
    Act("D3", "delete directory", _directory("d", lambda directory: directory.delete())),
    Act("D3", "delete a directory with a file", _directory("full", lambda directory: directory.delete())),
    Act(
        "D4",
        "set directory properties",
        _directory("d", lambda directory: directory.set_smb_properties(azfiles.SmbSettings(attributes="Hidden"))),
    ),
    Act("D5", "directory metadata", _directory("d", lambda directory: directory.set_metadata({"x": "y"}))),
    Act("D6", "get directory metadata", _directory("d", lambda directory: directory.get_metadata())),
    Act("D7", "list directory", _directory("full", lambda directory: list(directory.list(page_size=1)))),
    Act("D8", "directory handles", _directory("d", lambda directory: list(directory.list_handles()))),
    Act("D9", "close directory handles", _directory("d", lambda directory: directory.close_all_handles())),
    Act("D10", "rename directory", _directory("full", lambda directory: directory.rename("moved"))),
    Act("D10", "rename directory onto another", _directory("full", lambda directory: directory.rename("d"))),
    Act("F1", "create file", _file("new", lambda file: file.create(100, metadata={"k": "v"}))),
    Act("F1", "overwrite file", _file("g", lambda file: file.create(100))),
    Act("F1", "overwrite a leased file", _file("leased", lambda file: file.create(100))),
    Act("F2", "get file", _file("f", lambda file: bytes(file.get().content))),
    Act("F2", "get a range into a buffer", _file("f", lambda file: bytes(file.get_range(5, 99, into=bytearray(99)).content))),
    Act("F3", "file properties", _file("f", lambda file: file.get_properties())),
    Act("F4", "delete file", _file("g", lambda file: file.delete())),
    Act("F4", "delete a leased file", _file("leased", lambda file: file.delete(lease_id=ID_A))),
    Act("F4", "delete no file", _file("nothing", lambda file: file.delete())),
    Act("F5", "set headers", _file("g", lambda file: file.set_http_headers(azfiles.HttpHeaders(content_type="text/x")))),
    Act("F5", "resize", _file("g", lambda file: file.resize(17))),
    Act("F6", "file metadata", _file("g", lambda file: file.set_metadata({"x": "y"}))),
    Act("F7", "get file metadata", _file("g", lambda file: file.get_metadata())),
    Act("F8", "put range", _file("g", lambda file: file.put_range(100, b"new" * 50))),
    Act("F8", "put range without the lease", _file("leased", lambda file: file.put_range(100, b"new"))),
    Act("F9", "clear range", _file("g", lambda file: file.clear_range(0, 512))),
    Act(
        "F10",
        "put range from url",
        lambda service, _: service.share("data").file("g").put_range_from_url(
            0, 100, service.share("data").file("f"), 50
        ),
    ),
    Act("F11", "list ranges", _file("f", lambda file: file.list_ranges())),
    Act("F12", "iterate ranges", _file("f", lambda file: list(file.iterate_ranges(page_size=1)))),
    Act("F13", "copy", lambda service, _: service.share("data").file("g").start_copy(service.share("data").file("f"))),
    Act("F13", "copy from elsewhere", lambda service, world: service.share("data").file("g").start_copy(world.facts["far"])),
    Act("F13", "copy onto a pending copy", lambda service, world: service.share("data").file("copied").start_copy("https://other.file.core.windows.net/s/f?sig=x")),
    Act("F14", "abort copy", lambda service, world: service.share("data").file("copied").abort_copy(world.facts["copy"])),
    Act("F14", "abort no copy", _file("g", lambda file: file.abort_copy(ID_A))),
    Act("F15", "file handles", _file("f", lambda file: list(file.list_handles()))),
    Act("F16", "close file handles", _file("f", lambda file: file.close_all_handles())),
    Act("F17", "acquire file lease", _file("g", lambda file: file.acquire_lease())),
    Act("F17", "acquire a held file lease", _file("leased", lambda file: file.acquire_lease())),
    Act("F18", "change file lease", _file("leased", lambda file: file.change_lease(ID_A, ID_B))),
    Act("F19", "release file lease", _file("leased", lambda file: file.release_lease(ID_A))),
    Act("F19", "release another's file lease", _file("leased", lambda file: file.release_lease(ID_B))),
    Act("F20", "break file lease", _file("leased", lambda file: file.break_lease())),
    Act("F20", "break a broken file lease", _file("broken", lambda file: file.break_lease())),
    Act("F20", "break no file lease", _file("g", lambda file: file.break_lease())),
    Act("F21", "rename file", _file("g", lambda file: file.rename("full/moved"))),
    Act("F21", "rename file onto another", _file("g", lambda file: file.rename("full/x"))),
    Act("F21", "rename a leased file", _file("leased", lambda file: file.rename("moved", source_lease_id=ID_A))),
    Act("F21", "replace a file", _file("g", lambda file: file.rename("copied", replace=True))),
    Act("F21", "rename no file", _file("nothing", lambda file: file.rename("full/x", replace=True))),
    Act("F22", "hard link", lambda service, _: service.share("links").file("new").create_hard_link("f"), account=PREMIUM),
    Act("F22", "hard link over a file", lambda service, _: service.share("links").file("s").create_hard_link("f"), account=PREMIUM),
    Act("F23", "symbolic link", lambda service, _: service.share("links").file("new").create_symbolic_link("a/b"), account=PREMIUM),
    Act("F23", "symbolic link over one", lambda service, _: service.share("links").file("s").create_symbolic_link("f"), account=PREMIUM),
    Act("F24", "read symbolic link", lambda service, _: service.share("links").file("s").get_symbolic_link(), account=PREMIUM),
]  # fmt: skip

__all__ = ["ACTS", "Act", "World", "start"]
