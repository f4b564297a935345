"""A small world for the rules: one or two accounts, a clock, ids. Every command is checked for purity and invariants."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from azfiles_sim.clock import ManualClock
from azfiles_sim.model import commands as c
from azfiles_sim.model.changes import PutAccount
from azfiles_sim.model.entities import Account, Directory, File, Share, Snapshot, TreeKey
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.invariants import check
from azfiles_sim.model.quirks import TODAY, Quirks
from azfiles_sim.model.rules import decide
from azfiles_sim.model.view import View
from azfiles_sim.storage.memory import MemoryStore

SECOND = 10_000_000
A = "11111111-1111-1111-1111-111111111111"
B = "22222222-2222-2222-2222-222222222222"
SDDL = "O:S-1-5-21-1-2-3-500G:S-1-5-21-1-2-3-513D:PAI(A;OICI;FA;;;SY)(A;;0x1200a9;;;S-1-5-21-3-2-1-9)"


class CountedIds:
    def __init__(self) -> None:
        self.count = 0

    def guid(self) -> str:
        self.count += 1
        return f"aaaaaaaa-0000-4000-8000-{self.count:012x}"


class World:
    """Runs commands against a store; ``path`` arguments are written with slashes."""

    def __init__(self, *, quirks: Quirks = TODAY, kind: str = "standard") -> None:
        self.store = MemoryStore()
        self.clock = ManualClock()
        self.ids = CountedIds()
        self.quirks = quirks
        self.store.apply([PutAccount(Account("acct", kind)), PutAccount(Account("other"))])

    @property
    def view(self) -> View:
        return self.store.view()

    def do(self, kind: type, *, account: str = "acct", version: str = "2025-11-05", **fields: Any) -> Any:
        """Decide and apply a command; its result. Deciding must not have changed anything."""
        command = self._command(kind, account, version, fields)
        before = dump(self.view)
        try:
            decision = decide(self.view, command, self.clock.now(), self.ids, self.quirks)
        finally:
            assert dump(self.view) == before
        self.store.apply(decision.changes)
        check(self.view, explicit_stamps=self.quirks.etag_follows_explicit_times)
        return decision.result

    def refused(self, code: Code, kind: type, **fields: Any) -> ServiceError:
        """The refusal of a command, which must have this code."""
        with pytest.raises(ServiceError) as caught:
            self.do(kind, **fields)
        assert caught.value.code is code
        return caught.value

    def make_share(self, share: str = "data", **fields: Any) -> Share:
        return self.do(c.CreateShare, share=share, **fields).share

    def make_directory(self, path: str, **fields: Any) -> Directory:
        return self.do(c.CreateDirectory, **{"share": "data", "path": path, **fields}).directory

    def make_file(self, path: str, size: int = 1024, data: bytes = b"", **fields: Any) -> File:
        file = self.do(c.CreateFile, **{"share": "data", "path": path, "size": size, **fields}).file
        return self.write(path, data, share=fields.get("share", "data")) if data else file

    def write(self, path: str, data: bytes, start: int = 0, **fields: Any) -> File:
        return self.do(c.PutRange, **self.range_of(path, data, start), **{"share": "data", **fields}).file

    def range_of(self, path: str, data: bytes, start: int = 0) -> dict[str, Any]:
        md5 = hashlib.md5(data).digest()
        return {"path": path, "start": start, "end": start + len(data) - 1, "data": (data,), "data_md5": md5}

    def read(self, path: str, **fields: Any) -> bytes:
        return b"".join(self.do(c.GetFile, **{"share": "data", "path": path, **fields}).views)

    def file(self, path: str, **fields: Any) -> File:
        return self.do(c.GetFileProperties, **{"share": "data", "path": path, **fields}).file

    def directory(self, path: str, **fields: Any) -> Directory:
        return self.do(c.GetDirectory, **{"share": "data", "path": path, **fields}).directory

    def share(self, share: str = "data", **fields: Any) -> Any:
        return self.do(c.GetShare, share=share, **fields).share

    def snapshot(self, share: str = "data", **fields: Any) -> Snapshot:
        return self.do(c.SnapshotShare, share=share, **fields).snapshot

    def names(self, path: str = "", **fields: Any) -> list[str]:
        listing = self.do(c.ListDirectory, **{"share": "data", "path": path, **fields})
        return [entry.name for entry in listing.entries]

    def used(self, share: str = "data") -> int:
        return self.do(c.GetShareStatistics, share=share).used_bytes

    def _command(self, kind: type, account: str, version: str, fields: dict[str, Any]) -> Any:
        for name in ("path", "source"):
            if isinstance(fields.get(name), str):
                fields[name] = tuple(part for part in fields[name].split("/") if part)
        return kind(account=account, version=version, **fields)


def dump(view: View) -> list[str]:
    """Everything that is stored, as text; extents by the writes that they are of, which cannot change."""
    lines: list[str] = []
    for account in view.accounts():
        lines.append(repr(account))
        for share in view.shares(account.name):
            lines += [repr(share), *map(repr, view.handles(account.name, share.name))]
            trees: list[TreeKey] = [share.tree]
            for snapshot in view.snapshots(account.name, share.name):
                lines.append(repr(snapshot))
                trees.append(snapshot.tree)
            for tree in trees:
                lines += [_node_text(node) for node in view.nodes(tree)]
    return lines


def _node_text(node: Any) -> str:
    if not isinstance(node, File):
        return repr(node)
    extents = [(at, len(view), id(view.write)) for at, view in node.content.extents.items()]
    return f"{node!r} {extents}"
