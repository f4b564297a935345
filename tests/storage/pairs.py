"""One sequence of commands on two stores, in memory and on disk, and everything that is stored as plain values."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from azfiles_sim.clock import ManualClock
from azfiles_sim.model import changes as ch
from azfiles_sim.model import commands as c
from azfiles_sim.model.entities import Account, File
from azfiles_sim.model.errors import ServiceError
from azfiles_sim.model.invariants import check
from azfiles_sim.model.quirks import TODAY
from azfiles_sim.model.rules import decide
from azfiles_sim.model.settings import AccountSettings
from azfiles_sim.storage.database import DATABASE
from azfiles_sim.storage.disk import DiskStore
from azfiles_sim.storage.memory import MemoryStore, MemoryView
from azfiles_sim.storage.records import decode
from azfiles_sim.storage.store import Store, wait_for
from tests.model.world import CountedIds

ACCOUNTS = (
    Account("acct", keys=(b"key",), settings=AccountSettings(soft_delete_days=7)),
    Account("premium", "premium"),
)


class Pair:
    """``do`` runs a command on both stores, with the same clock and ids; both must answer the same."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = ManualClock()
        self.ids = CountedIds()
        self.memory = MemoryStore()
        self.disk = DiskStore.open(folder)
        self.apply([ch.PutAccount(account) for account in ACCOUNTS])

    def apply(self, changes: Any) -> None:
        self.memory.apply(changes)
        self.disk.apply(changes)

    def do(self, kind: type, **fields: Any) -> Any:
        """Its result, or the ServiceError that refuses it."""
        command = kind(**{"account": "acct", "version": "2026-10-06", "share": "data", **fields})
        first = self.ids.count
        results = []
        for store in (self.memory, self.disk):
            self.ids.count = first
            results.append(self.run(store, command))
        assert repr(results[0]) == repr(results[1])
        return results[0]

    def run(self, store: Store, command: Any) -> Any:
        try:
            decision = decide(store.view(), command, self.clock.now(), self.ids, TODAY)
        except ServiceError as refusal:
            return refusal
        store.apply(decision.changes)
        return decision.result

    def write(self, path: str, data: bytes, start: int = 0) -> Any:
        end = start + len(data) - 1
        return self.do(c.PutRange, path=(path,), start=start, end=end, data=(data,), data_md5=b"")

    def reopen(self) -> None:
        """Close the folder and open it again."""
        self.disk.close()
        self.disk = DiskStore.open(self.folder)
        with closing(sqlite3.connect(self.folder / DATABASE)) as connection:
            assert rows_seen(connection) == rows_held(self.disk.view())
            assert connection.execute(UNSEEN).fetchone() == (0, 0, 0)

    def agree(self) -> None:
        wait_for(self.disk.pending())
        check(self.disk.view())
        assert plain(self.disk.view()) == plain(self.memory.view())

    def close(self) -> None:
        self.disk.close()


UNSEEN = """SELECT
(SELECT count(*) FROM nodes n WHERE NOT EXISTS (
  SELECT 1 FROM trees t WHERE t.lineage = n.lineage AND n.born <= t.epoch AND t.epoch < n.died)),
(SELECT count(*) FROM extents n WHERE NOT EXISTS (
  SELECT 1 FROM trees t WHERE t.lineage = n.lineage AND n.born <= t.epoch AND t.epoch < n.died)),
(SELECT count(*) FROM blobs WHERE number NOT IN (SELECT blob FROM extents))"""
"""How many rows there are that nothing needs."""


def rows_seen(connection: sqlite3.Connection) -> dict[Any, tuple[int, int]]:
    """How many nodes and extents the rows hold for each tree."""
    count = "SELECT count(*) FROM {} WHERE lineage = ? AND born <= ? AND died > ?"
    return {
        decode(key): tuple(
            connection.execute(count.format(table), (lineage, epoch, epoch)).fetchone()[0]
            for table in ("nodes", "extents")
        )
        for key, lineage, epoch in connection.execute("SELECT key, lineage, epoch FROM trees").fetchall()
    }


def rows_held(view: MemoryView) -> dict[Any, tuple[int, int]]:
    """How many nodes and extents a view holds for each tree."""
    held: dict[Any, tuple[int, int]] = {}
    for key, tree in view.maps()["trees"].items():
        contents = {node.file_id: node.content for _, node in tree.items() if isinstance(node, File)}
        held[key] = (len(tree), sum(len(content.extents) for content in contents.values()))
    return held


def plain(view: MemoryView) -> dict[str, Any]:
    """Everything that a view holds, with the bytes of its files."""
    maps = {name: [(key, repr(value)) for key, value in entries.items()] for name, entries in view.maps().items()}
    maps["trees"] = [(key, [_node(node) for _, node in tree.items()]) for key, tree in view.maps()["trees"].items()]
    return maps


def _node(node: Any) -> Any:
    if not isinstance(node, File):
        return repr(node)
    extents = [(at, bytes(extent.load())) for at, extent in node.content.extents.items()]
    data = [bytes(view) for view in node.content.read(0, min(node.size, 5000))]
    return repr(node), extents, list(node.content.cleared.items()), b"".join(data)
