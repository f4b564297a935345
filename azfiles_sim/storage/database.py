"""The SQLite database of a store: its schema, how a folder is opened and locked, and how the whole state is read.

The state is the same maps as in memory. Accounts, shares, snapshots, permissions, handles and held names are rows of
``records``. The nodes of a tree and the extents of its files are rows of a lineage, each with the epochs ``born`` and
``died`` between which it was there: a share snapshot ends the live tree's epoch and copies nothing. Buffers are
``blobs``; an extent names a part of one, so a write costs what was written, and cutting or copying no contents.
"""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from azfiles_sim.model.content import Extent
from azfiles_sim.model.entities import File, Node
from azfiles_sim.ordered_map import EMPTY_MAP, OrderedMap
from azfiles_sim.storage.blobs import Blob, Shelf, StoredExtent
from azfiles_sim.storage.errors import FolderInUse, NotAStore, StoreError
from azfiles_sim.storage.memory import MemoryView, Tree
from azfiles_sim.storage.records import decode

DATABASE: Final = "state.sqlite3"
LOCK: Final = "lock.sqlite3"
APPLICATION_ID: Final = 0x417A4673  # "AzFs": SQLite's header field for whose file it is
SCHEMA_VERSION: Final = 1
STILL: Final = 1 << 62
"""``died`` of a row that is still there."""

_CHECKPOINT_PAGES: Final = 16_384  # 64 MiB of log before it is moved into the database: a write of 4 MiB is 1,024 pages
_SCHEMA: Final = f"""
CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE records (kind TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID;
CREATE TABLE trees (
  key TEXT PRIMARY KEY, lineage INTEGER NOT NULL, epoch INTEGER NOT NULL, head INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE nodes (
  lineage INTEGER, key TEXT, born INTEGER, died INTEGER NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (lineage, key, born)) WITHOUT ROWID;
CREATE TABLE extents (
  lineage INTEGER, file INTEGER, start INTEGER, born INTEGER, died INTEGER NOT NULL,
  blob INTEGER NOT NULL, blob_start INTEGER NOT NULL, size INTEGER NOT NULL,
  PRIMARY KEY (lineage, file, start, born)) WITHOUT ROWID;
CREATE TABLE blobs (number INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE INDEX dead_nodes ON nodes (lineage, died) WHERE died < {STILL};
CREATE INDEX dead_extents ON extents (lineage, died) WHERE died < {STILL};
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION}"""
_SIGN: Final = 1 << 63  # file ids use all 64 bits, SQLite's integers have a sign


class TreePlace(NamedTuple):
    """Which rows a tree is: those of a lineage that were there in an epoch. The head is the tree that may change."""

    lineage: int
    epoch: int
    head: bool


@dataclass(slots=True)
class Loaded:
    """What a database held when it was opened. ``openings`` counts how often it was opened before."""

    view: MemoryView
    places: dict[Any, TreePlace]
    next_blob: int
    openings: int


class _Row(NamedTuple):
    key: Any
    born: int
    died: int
    value: Any


class Database:
    """An open database: the connection that writes, and the shelf that contents are read from."""

    def __init__(self, path: Path, lock: sqlite3.Connection, connection: sqlite3.Connection) -> None:
        self._lock = lock
        self.connection = connection
        self.shelf = Shelf(lambda: _connect(path))

    @classmethod
    def open(cls, folder: Path, *, durable: bool) -> Database:
        """Lock the folder, which is made if need be, and check or make its database.

        Raises FolderInUse, NotAStore or another StoreError, and OSError where the folder cannot be made.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / DATABASE
        with _explained(folder):
            lock = _lock(folder)
            try:
                # Only for its owner, as account keys are in it. SQLite gives its log the same mode.
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
                connection = _connect(path)
                try:
                    _prepare(connection, folder, durable=durable)
                except BaseException:
                    connection.close()
                    raise
            except BaseException:
                lock.close()
                raise
        return cls(path, lock, connection)

    def load(self) -> Loaded:
        """Read everything but the contents of files, and count this opening."""
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM blobs WHERE number NOT IN (SELECT blob FROM extents)")  # left by a kill
        (next_blob,) = connection.execute("SELECT coalesce(max(number), 0) + 1 FROM blobs").fetchone()
        found = connection.execute("SELECT value FROM meta WHERE name = 'openings'").fetchone()
        openings = found[0] if found else 0
        connection.execute("REPLACE INTO meta VALUES ('openings', ?)", (openings + 1,))
        maps: dict[str, OrderedMap[Any, Any]] = {}
        for kind, key, value in connection.execute("SELECT kind, key, value FROM records"):
            maps[kind] = maps.get(kind, EMPTY_MAP).set(decode(key), decode(value))
        places = self._read_places()
        maps["trees"] = self._read_trees(places)
        connection.execute("COMMIT")
        return Loaded(MemoryView.of(maps), places, next_blob, openings)

    def close(self) -> None:
        """Close every connection; what is in the log is moved into the database."""
        self.shelf.close()
        self.connection.close()
        self._lock.close()

    def _read_places(self) -> dict[Any, TreePlace]:
        rows = self.connection.execute("SELECT key, lineage, epoch, head FROM trees")
        return {decode(key): TreePlace(lineage, epoch, bool(head)) for key, lineage, epoch, head in rows}

    def _read_trees(self, places: dict[Any, TreePlace]) -> OrderedMap[Any, Tree]:
        lineages: defaultdict[int, list[tuple[int, Any]]] = defaultdict(list)
        for key, place in places.items():
            lineages[place.lineage].append((place.epoch, key))
        blobs: dict[int, Blob] = {}
        trees: OrderedMap[Any, Tree] = EMPTY_MAP
        for lineage, points in lineages.items():
            points.sort()
            for (_, key), tree in zip(
                points, self._read_lineage(lineage, [at for at, _ in points], blobs), strict=True
            ):
                trees = trees.set(key, tree)
        return trees

    def _read_lineage(self, lineage: int, epochs: Sequence[int], blobs: dict[int, Blob]) -> Iterator[Tree]:
        """The trees of a lineage, oldest first. They share what did not change between them, as they did in memory."""
        nodes = self.connection.execute("SELECT key, born, died, value FROM nodes WHERE lineage = ?", (lineage,))
        node_steps = _steps([_Row(decode(key), *rest) for key, *rest in nodes], epochs)
        extents = self.connection.execute(
            "SELECT file, start, born, died, blob, blob_start, size FROM extents WHERE lineage = ?", (lineage,)
        )
        extent_steps = _steps([_Row((row[0], row[1]), row[2], row[3], row[4:]) for row in extents], epochs)
        tree: Tree = EMPTY_MAP
        contents: dict[int, OrderedMap[int, Extent]] = {}
        for (gone, come), (gone_extents, come_extents) in zip(node_steps, extent_steps, strict=True):
            for (file, start), *_ in gone_extents:
                contents[file] = contents[file].delete(start)
            for (file, start), _, _, (number, blob_start, size) in come_extents:
                blob = blobs.get(number) or blobs.setdefault(number, Blob(self.shelf, number, None))
                contents[file] = contents.get(file, EMPTY_MAP).set(start, StoredExtent(blob, blob_start, size))
            for row in gone:
                tree = tree.delete(row.key)
            for row in come:
                tree = tree.set(row.key, _with_extents(decode(row.value), contents))
            yield tree


def signed(file_id: int) -> int:
    """A file id as an integer that SQLite can hold."""
    return file_id - 2 * _SIGN if file_id >= _SIGN else file_id


def _with_extents(node: Node, contents: dict[int, OrderedMap[int, Extent]]) -> Node:
    if not isinstance(node, File):
        return node
    extents = contents.get(signed(node.file_id), EMPTY_MAP)
    return replace(node, content=replace(node.content, extents=extents)) if len(extents) else node


def _steps(rows: Sequence[_Row], epochs: Sequence[int]) -> Iterator[tuple[list[_Row], list[_Row]]]:
    """From each epoch to the next, beginning with nothing: which rows go, and which come."""
    born: defaultdict[int, list[_Row]] = defaultdict(list)
    died: defaultdict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        born[row.born].append(row)
        died[row.died].append(row)
    before = -1
    for epoch in epochs:
        between = range(before + 1, epoch + 1)
        gone = [row for at in between for row in died.get(at, ()) if row.born <= before]
        come = [row for at in between for row in born.get(at, ()) if row.died > epoch]
        yield gone, come
        before = epoch


def _connect(path: Path) -> sqlite3.Connection:
    # Each connection is used by one thread at a time, though not always by the same one.
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False)


def _lock(folder: Path) -> sqlite3.Connection:
    """Keep the folder for this store. The lock is the operating system's: it ends with the process, however it ends."""
    lock = sqlite3.connect(folder / LOCK, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise FolderInUse(f"another process is using {folder}") from None
        raise
    return lock


def _prepare(connection: sqlite3.Connection, folder: Path, *, durable: bool) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    fresh = application == version == tables == 0
    if not fresh and application != APPLICATION_ID:
        raise NotAStore(f"{folder / DATABASE} is a database of another program")
    if version > SCHEMA_VERSION:
        raise NotAStore(f"{folder / DATABASE} was made by a newer version of this program")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    if fresh:
        connection.execute("BEGIN EXCLUSIVE")
        for statement in _SCHEMA.split(";"):
            connection.execute(statement)
        connection.execute("COMMIT")


@contextmanager
def _explained(folder: Path) -> Generator[None]:
    """Turn SQLite's errors into ours, without what they may quote."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorname", type(error).__name__)
        if code == "SQLITE_NOTADB":
            raise NotAStore(f"a file in {folder} is not the database that belongs there") from None
        raise StoreError(f"cannot keep data in {folder}: {code}") from None


__all__ = ["DATABASE", "LOCK", "STILL", "Database", "Loaded", "TreePlace", "signed"]
