"""From one view to a later one, as rows: only what differs between the two is written.

No kind of change is known here. Views are persistent maps, and what two of them share is skipped unread, so a
transaction costs what the commands between them changed, however many there were and whatever they did.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from azfiles_sim.model.content import EMPTY_CONTENT, Content
from azfiles_sim.model.entities import File
from azfiles_sim.model.names import node_key
from azfiles_sim.ordered_map import EMPTY_MAP, OrderedMap
from azfiles_sim.storage.blobs import Blob, StoredExtent
from azfiles_sim.storage.database import STILL, Database, TreePlace, signed
from azfiles_sim.storage.memory import LIVE, MemoryView, Tree
from azfiles_sim.storage.records import encode

_PUT_NODE: Final = "REPLACE INTO nodes VALUES (?, ?, ?, ?, ?)"
_END_NODE: Final = "UPDATE nodes SET died = ? WHERE lineage = ? AND key = ? AND died = ? AND born <= ?"
_DROP_NODE: Final = "DELETE FROM nodes WHERE lineage = ? AND key = ? AND died = ? AND born > ?"
_PUT_EXTENT: Final = "REPLACE INTO extents VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_END_EXTENT: Final = (
    "UPDATE extents SET died = ? WHERE lineage = ? AND file = ? AND start = ? AND died = ? AND born <= ?"
)
_DROP_EXTENT: Final = "DELETE FROM extents WHERE lineage = ? AND file = ? AND start = ? AND died = ? AND born > ?"
_END_FILE: Final = "UPDATE extents SET died = ? WHERE lineage = ? AND file = ? AND died = ? AND born <= ?"
_DROP_FILE: Final = "DELETE FROM extents WHERE lineage = ? AND file = ? AND died = ? AND born > ?"
_VERSIONED: Final = ("nodes", "extents")


class Writer:
    """Writes views one after another. Used by one thread at a time; after an error it is of no further use."""

    def __init__(self, database: Database, view: MemoryView, places: Mapping[Any, TreePlace]) -> None:
        self._database = database
        self._connection = database.connection
        self._view = view
        self._places = dict(places)
        self._next_lineage = max((place.lineage for place in places.values()), default=0) + 1
        self._new_blobs: dict[int, Blob] = {}

    def commit(self, views: Sequence[MemoryView]) -> None:
        """Bring the database to the last of ``views`` in one transaction, by way of the others. Raises sqlite3.Error."""
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        self._delete_released()
        for view in views:
            self._write(self._view.maps(), view.maps())
            self._view = view
        connection.execute("COMMIT")
        for blob in self._new_blobs.values():
            blob.data = None
        self._new_blobs.clear()

    def _write(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        for kind, entries in new.items():
            if kind != "trees":
                self._write_records(kind, entries.changes_since(old[kind]))
        self._write_trees(old["trees"], new["trees"])

    def _write_records(self, kind: str, changed: Iterable[tuple[Any, Any, Any]]) -> None:
        for key, _, after in changed:
            if after is None:
                self._connection.execute("DELETE FROM records WHERE kind = ? AND key = ?", (kind, encode(key)))
            else:
                self._connection.execute("REPLACE INTO records VALUES (?, ?, ?)", (kind, encode(key), encode(after)))

    # --- trees -------------------------------------------------------------------------------------------------

    def _write_trees(self, old: OrderedMap[Any, Tree], new: OrderedMap[Any, Tree]) -> None:
        changed = list(new.changes_since(old))
        for key, before, after in changed:
            if before is not None and after is not None:
                self._change_tree(key, before, after)
        for key, before, after in changed:
            if before is None and after is not None:
                self._add_tree(key, after, new.get((*key[:2], LIVE)))
        for key, _, after in changed:
            if after is None:
                self._drop_tree(key)

    def _change_tree(self, key: Any, before: Tree, after: Tree) -> None:
        place = self._places[key]
        if place.head:
            self._write_nodes(place, before, after)
        else:  # a snapshot's tree does not change by any rule of today
            self._drop_tree(key)
            self._add_tree(key, after, None)

    def _add_tree(self, key: Any, tree: Tree, live: Tree | None) -> None:
        """A tree that is what the live tree is now is an epoch of that one's rows; any other gets rows of its own."""
        live_key = (*key[:2], LIVE)
        place = self._places.get(live_key)
        if place is not None and place.head and tree is live and key != live_key:
            self._place(key, TreePlace(place.lineage, place.epoch, head=False))
            self._place(live_key, TreePlace(place.lineage, place.epoch + 1, head=True))
            return
        place = TreePlace(self._next_lineage, 0, head=True)
        self._next_lineage += 1
        self._place(key, place)
        self._write_nodes(place, EMPTY_MAP, tree)

    def _drop_tree(self, key: Any) -> None:
        """Forget a tree, and the rows that no other tree of its lineage sees."""
        lineage, epoch, _ = self._places.pop(key)
        self._connection.execute("DELETE FROM trees WHERE key = ?", (encode(key),))
        others = [place.epoch for place in self._places.values() if place.lineage == lineage]
        before = max((other for other in others if other < epoch), default=-1)
        after = min((other for other in others if other > epoch), default=STILL)
        for table in _VERSIONED:
            statement = f"DELETE FROM {table} WHERE lineage = ?"  # noqa: S608 - the names of our own tables
            if not others:
                self._connection.execute(statement, (lineage,))
                continue
            if after < STILL:
                statement += f" AND died < {STILL}"  # so that SQLite sees that the index of dead rows will do
            statement += " AND died > ? AND died <= ? AND born > ? AND born <= ?"
            self._connection.execute(statement, (lineage, epoch, after, before, epoch))

    def _place(self, key: Any, place: TreePlace) -> None:
        self._places[key] = place
        self._connection.execute("REPLACE INTO trees VALUES (?, ?, ?, ?)", (encode(key), *place))

    def _write_nodes(self, place: TreePlace, old: Tree, new: Tree) -> None:
        rows = _Rows(self._connection, place, self._last_fork(place))
        gone: dict[int, File] = {}
        here: dict[int, File] = {}
        for key, before, after in new.changes_since(old):
            text = encode(key)
            if before is not None:
                rows.end(_END_NODE, _DROP_NODE, text)
            if after is not None:
                rows.put(_PUT_NODE, (text,), encode(after))
            if isinstance(before, File):
                gone[before.file_id] = before
            if isinstance(after, File):
                here[after.file_id] = after
        for file_id, file in gone.items():
            if file_id not in here and not _has_other_name(file, new):
                rows.end(_END_FILE, _DROP_FILE, signed(file_id))
        for file_id, file in here.items():
            former = gone.get(file_id)
            self._write_extents(rows, file, EMPTY_CONTENT if former is None else former.content)

    def _last_fork(self, place: TreePlace) -> int:
        """The newest epoch that a snapshot of the lineage needs, -1 if none."""
        forks = (other.epoch for other in self._places.values() if other.lineage == place.lineage and not other.head)
        return max(forks, default=-1) if place.epoch else -1

    # --- contents ----------------------------------------------------------------------------------------------

    def _write_extents(self, rows: _Rows, file: File, old: Content) -> None:
        file_id = signed(file.file_id)
        for start, before, after in file.content.extents.changes_since(old.extents):
            if before is not None:
                rows.end(_END_EXTENT, _DROP_EXTENT, file_id, start)
            if after is not None:
                if not isinstance(after, StoredExtent):
                    raise TypeError("an extent that the store did not take in")
                self._write_blob(after.blob)
                rows.put(_PUT_EXTENT, (file_id, start), after.blob.number, after.start, after.size)

    def _write_blob(self, blob: Blob) -> None:
        if blob.data is not None and blob.number not in self._new_blobs:
            self._connection.execute("INSERT INTO blobs VALUES (?, ?)", (blob.number, blob.data))
            self._new_blobs[blob.number] = blob

    def _delete_released(self) -> None:
        released = self._database.shelf.released
        numbers = [(released.popleft(),) for _ in range(len(released))]
        self._connection.executemany("DELETE FROM blobs WHERE number = ?", numbers)


class _Rows:
    """The rows of a tree that may change. ``last_fork`` is the newest epoch in which a snapshot needs them."""

    def __init__(self, connection: sqlite3.Connection, place: TreePlace, last_fork: int) -> None:
        self._execute = connection.execute
        self._lineage, self._epoch, _ = place
        self._last_fork = last_fork

    def end(self, end: str, drop: str, *key: Any) -> None:
        """What is there under a key, from now on is not: kept for snapshots that need it, deleted where none does."""
        if self._last_fork >= 0:
            self._execute(end, (self._epoch, self._lineage, *key, STILL, self._last_fork))
        self._execute(drop, (self._lineage, *key, STILL, self._last_fork))

    def put(self, statement: str, key: tuple[Any, ...], *values: Any) -> None:
        self._execute(statement, (self._lineage, *key, self._epoch, STILL, *values))


def _has_other_name(file: File, tree: Tree) -> bool:
    """Whether a hard link to the file is left in the tree."""
    others = (tree.get((parent_id, node_key(replace(file, name=name)))) for parent_id, name in file.links)
    return any(other is not None and other.file_id == file.file_id for other in others)


__all__ = ["Writer"]
