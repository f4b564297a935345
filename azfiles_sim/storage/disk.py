"""A store in a folder: the same maps as in memory, and a thread that writes every view of them to a SQLite database.

Rules read and change the view in memory; only the contents of files lie on disk alone. The thread takes the newest
view, writes what differs from the last one that it wrote, and commits; commands that came meanwhile share the next
commit. ``pending`` is how a reply waits for it.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from azfiles_sim.model.changes import Change, ForkTree
from azfiles_sim.storage.blobs import Blob, StoredExtent
from azfiles_sim.storage.database import DATABASE, Database, Loaded
from azfiles_sim.storage.errors import NotAStore, StoreClosed, StoreFailed
from azfiles_sim.storage.memory import MemoryStore, MemoryView, changed
from azfiles_sim.storage.store import Store, wait_for
from azfiles_sim.storage.taking_in import Intake
from azfiles_sim.storage.writing import Writer

_IDS_OF_ONE_OPENING: Final = 1 << 40


class DiskStore:
    """Keeps everything in a folder. Make one with ``open``, end it with ``close`` or a ``with`` block.

    A request may have to wait for a commit, so a server must not answer in its event loop's thread; or it awaits what
    ``pending`` returns.
    """

    def __init__(self, folder: Path, database: Database, loaded: Loaded) -> None:
        self._folder = folder
        self._database = database
        self._view = loaded.view
        self._next_blob = loaded.next_blob
        self._openings = loaded.openings
        self._writer = Writer(database, loaded.view, loaded.places)
        self._changed = threading.Condition(threading.Lock())
        self._milestones: list[MemoryView] = []  # views to write before the newest: those that snapshots were taken of
        self._gathering: Future[None] | None = None  # the commit that commands may still join
        self._writing: Future[None] | None = None  # the commit that is on its way
        self._failed: Future[None] | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._write_on, name="azfiles-sim store", daemon=True)
        self._thread.start()

    @classmethod
    def open(cls, folder: str | PathLike[str], *, durable: bool = False) -> DiskStore:
        """Open the store in ``folder``, which is made if need be. ``durable`` waits for the disk at every commit, against
        power loss; without it every commit survives the end of the process, however it ends.

        Raises FolderInUse, NotAStore or another StoreError (one line, fit to be shown), and OSError for a folder that
        cannot be made.
        """
        path = Path(folder)
        database = Database.open(path, durable=durable)
        try:
            loaded = database.load()
        except (sqlite3.Error, KeyError, TypeError, ValueError):
            database.close()
            raise NotAStore(f"what {path / DATABASE} holds cannot be understood") from None
        return cls(path, database, loaded)

    def view(self) -> MemoryView:
        """The state as it is now."""
        return self._view

    def apply(self, changes: Iterable[Change]) -> None:
        """Make all the changes, or none if one fails. They are durable when what ``pending`` returns is done.

        Raises KeyError where a change drops what is not there, StoreFailed and StoreClosed.
        """
        records = tuple(changes)
        self._publish(changed(self._view, records), milestone=any(isinstance(record, ForkTree) for record in records))

    def pending(self) -> Future[None] | None:
        """The commit that the state as it is now will be in; None where it is committed."""
        with self._changed:
            return self._failed or self._gathering or self._writing

    @property
    def ids_begin(self) -> int:
        return self._openings * _IDS_OF_ONE_OPENING

    def fork(self) -> MemoryStore:
        """A store in memory with this state; takes no time. What it shares with this one it reads from the folder, so
        it can be used for as long as this store is open. Nothing that is done to it is kept.
        """
        return MemoryStore(self._view)

    def restore(self, forked: Store) -> None:
        """Become what ``forked`` is now. Raises TypeError where it is no store in memory."""
        if not isinstance(forked, MemoryStore):
            raise TypeError("a store is restored from one of its forks")
        self._publish(forked.view(), milestone=False)

    def close(self) -> None:
        """Write what is left, and let go of the folder. Doing it twice does no harm. Raises StoreFailed."""
        with self._changed:
            last = self._failed or self._gathering or self._writing
            closed, self._closed = self._closed, True
            self._changed.notify()
        self._thread.join()
        if not closed:
            self._database.close()
            wait_for(last)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"DiskStore({str(self._folder)!r})"

    def _publish(self, draft: MemoryView, *, milestone: bool) -> None:
        view = Intake(self._view, self._store).take(draft)
        with self._changed:
            if self._closed:
                raise StoreClosed("the store was closed")
            wait_for(self._failed)
            self._view = view
            if milestone:
                self._milestones.append(view)
            if self._gathering is None:
                self._gathering = Future()
                self._changed.notify()

    def _store(self, data: memoryview) -> StoredExtent:
        blob = Blob(self._database.shelf, self._next_blob, data)
        self._next_blob += 1
        return StoredExtent(blob, 0, len(data))

    # --- the writer's thread -----------------------------------------------------------------------------------

    def _write_on(self) -> None:
        while (views := self._next_views()) is not None:
            try:
                self._writer.commit(views)
            except Exception as error:  # noqa: BLE001 - whatever it is: nothing after it may be acknowledged
                self._fail(error)
                return
            del views  # what only they held is to be released now
            self._done()

    def _next_views(self) -> list[MemoryView] | None:
        """The views to write next, once there are any; None when the store is closed and all is written."""
        with self._changed:
            while self._gathering is None:
                if self._closed:
                    return None
                self._changed.wait()
            self._writing, self._gathering = self._gathering, None
            views = [*self._milestones, self._view]
            self._milestones.clear()
            return views

    def _done(self) -> None:
        with self._changed:
            done, self._writing = self._writing, None
        if done is not None:
            done.set_result(None)

    def _fail(self, error: Exception) -> None:
        failure = StoreFailed(f"writing to {self._folder} failed: {_name(error)}")
        with self._changed:
            waited_for = [future for future in (self._writing, self._gathering) if future is not None]
            self._failed = Future()
            self._writing = self._gathering = None
        for future in (*waited_for, self._failed):
            future.set_exception(failure)


def _name(error: Exception) -> str:
    """What went wrong, in SQLite's own word where it has one: its messages may quote what was written."""
    return str(getattr(error, "sqlite_errorname", type(error).__name__))


__all__ = ["DiskStore"]
