"""The store on disk: what a restart keeps, what things cost, who may open a folder, and what happens when writing fails."""

from __future__ import annotations

import gc
import sqlite3
import stat
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import azfiles
from azfiles_sim import ManualClock, Simulator
from azfiles_sim.model import changes as ch
from azfiles_sim.model import commands as c
from azfiles_sim.model.entities import Account, File
from azfiles_sim.storage.database import DATABASE, SCHEMA_VERSION
from azfiles_sim.storage.disk import DiskStore
from azfiles_sim.storage.errors import FolderInUse, NotAStore, StoreClosed, StoreError, StoreFailed
from azfiles_sim.storage.memory import MemoryStore
from azfiles_sim.storage.store import wait_for
from tests.model.world import SDDL
from tests.storage.pairs import Pair

MIB = 1 << 20


@pytest.fixture
def pair(tmp_path):
    made = Pair(tmp_path)
    made.do(c.CreateShare)
    yield made
    made.close()


def size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


def rows(folder: Path, table: str) -> int:
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(count)


def settle(store: DiskStore) -> None:
    wait_for(store.pending())


# --- what a restart keeps --------------------------------------------------------------------------------------


def test_a_restart_keeps_leases_snapshots_permissions_policies_and_open_handles(tmp_path):
    with DiskStore.open(tmp_path) as store, azfiles.connect(Simulator(store=store).handle) as service:
        share = service.share("data")
        share.create(metadata={"k": "v"})
        share.file("f").upload(b"before")
        snapshot = share.create_snapshot().snapshot
        share.file("f").upload(b"after")
        lease = share.file("f").acquire_lease()
        key = share.create_permission(SDDL)
        share.set_access_policy([azfiles.SignedIdentifier("p", azfiles.AccessPolicy("r"))])
        handle_id = Simulator(store=store).open_handle("devstoreaccount1", "data", "f")
    with DiskStore.open(tmp_path) as store, azfiles.connect(Simulator(store=store).handle) as service:
        share = service.share("data")
        assert share.get_metadata().metadata == {"k": "v"}
        assert bytes(share.file("f").get().content) == b"after"
        assert bytes(share.snapshot(snapshot).file("f").get().content) == b"before"
        with pytest.raises(azfiles.LeaseConflict):
            share.file("f").delete()
        assert share.get_permission(key).startswith(SDDL)
        assert [found.id for found in share.get_access_policy().identifiers] == ["p"]
        assert [handle.id for handle in share.file("f").list_handles()] == [str(handle_id)]
        share.file("f").release_lease(lease.id)


def test_no_id_and_no_etag_is_given_out_again_after_a_restart(tmp_path):
    seen: list[str] = []
    for number in range(3):
        clock = ManualClock(datetime(2026, 1, 3 - number, tzinfo=UTC))  # it even goes back
        with DiskStore.open(tmp_path) as store:
            simulator = Simulator(store=store, clock=clock)
            with azfiles.connect(simulator.handle, clock=clock) as service:
                share = service.share(f"share{number}")
                made = share.create()
                file = share.file("f").create(10)
                lease = share.file("f").acquire_lease()
            seen += [made.etag, file.etag, lease.id]
            seen += [entry.request_id for entry in simulator.journal]
            generations = [entry.tree.generation for entry in store.view().shares("devstoreaccount1")]
            assert len(set(generations)) == number + 1
    assert len(set(seen)) == len(seen)


def test_the_first_run_in_a_folder_gives_the_ids_that_memory_would(tmp_path):
    with DiskStore.open(tmp_path) as store:
        assert store.ids_begin == MemoryStore().ids_begin == 0


# --- what it costs ---------------------------------------------------------------------------------------------


def test_a_sparse_file_of_one_tebibyte_costs_what_was_written(pair):
    pair.do(c.CreateFile, path=("big",), size=1 << 40)
    for at in range(4):
        pair.write("big", b"x" * 1000, start=at << 37)
    pair.reopen()
    pair.agree()
    assert size_of(pair.folder) < MIB


def test_a_range_written_into_a_large_file_costs_that_range(pair):
    block = b"x" * (256 << 10)
    pair.do(c.CreateFile, path=("big",), size=64 * len(block))
    for number in range(64):
        pair.write("big", block, start=number * len(block))
    pair.reopen()
    before = pair.disk._database.connection.total_changes
    pair.write("big", b"y" * 100, start=5 * MIB)
    settle(pair.disk)
    assert pair.disk._database.connection.total_changes - before < 12
    assert size_of(pair.folder) < 17 * MIB + 64 * 4096  # the log has a few pages


def test_a_snapshot_and_a_copy_write_no_contents(pair):
    pair.do(c.CreateFile, path=("a",), size=MIB)
    pair.write("a", b"x" * MIB)
    for number in range(200):
        pair.do(c.CreateFile, path=(f"f{number}",), size=0)
    settle(pair.disk)
    nodes, size = rows(pair.folder, "nodes"), rows(pair.folder, "blobs")
    pair.do(c.SnapshotShare)
    pair.do(c.CopyFile, path=("b",), source=c.CopySource(account="acct", share="data", path=("a",)), source_url="u")
    settle(pair.disk)
    assert rows(pair.folder, "nodes") == nodes + 1
    assert rows(pair.folder, "blobs") == size == 1
    pair.reopen()
    pair.agree()


def test_contents_leave_memory_once_they_are_committed(pair):
    pair.do(c.CreateFile, path=("f",), size=MIB)
    pair.write("f", b"x" * MIB)
    settle(pair.disk)
    settled = [extent for node in files(pair.disk) for _, extent in node.content.extents.items()]
    assert [extent.blob.data for extent in settled] == [None]
    assert bytes(settled[0][10:20].load()) == b"x" * 10


def test_what_is_overwritten_is_deleted_from_the_folder(pair):
    pair.do(c.CreateFile, path=("f",), size=MIB)
    for number in range(20):
        pair.write("f", bytes([number]) * MIB)
        settle(pair.disk)
    gc.collect()
    pair.write("f", b"last")
    settle(pair.disk)
    assert rows(pair.folder, "blobs") <= 3


def files(store: DiskStore) -> list[File]:
    tree = store.view().share("acct", "data").tree
    return [node for node in store.view().nodes(tree) if isinstance(node, File)]


# --- commits ---------------------------------------------------------------------------------------------------


def test_commands_that_wait_together_share_a_commit(tmp_path):
    statements: list[str] = []
    with DiskStore.open(tmp_path) as store:
        settle(store)
        store._database.connection.set_trace_callback(statements.append)
        with closing(sqlite3.connect(tmp_path / DATABASE, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            futures = []
            for number in range(50):
                store.apply([ch.PutAccount(Account(f"account{number}"))])
                futures.append(store.pending())
            assert not any(future.done() for future in futures)
            other.execute("COMMIT")
        for future in futures:
            future.result(timeout=30)
        assert store.pending() is None
        assert 1 <= statements.count("COMMIT") <= 2
    with DiskStore.open(tmp_path) as store:
        assert len(list(store.view().accounts())) == 50


def test_a_reply_waits_for_its_commit_and_so_does_one_that_saw_it(tmp_path):
    with DiskStore.open(tmp_path) as store:
        simulator = Simulator(store=store)
        settle(store)
        answered: list[str] = []

        def make(name: str) -> None:
            with azfiles.connect(simulator.handle) as service:
                service.share("data").create()
            answered.append(name)

        def fail() -> None:
            with azfiles.connect(simulator.handle) as service, pytest.raises(azfiles.AlreadyExists):
                service.share("data").create()
            answered.append("refused")

        with closing(sqlite3.connect(tmp_path / DATABASE, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            first = threading.Thread(target=make, args=("made",))
            first.start()
            while store.view().share("devstoreaccount1", "data") is None:
                pass
            second = threading.Thread(target=fail)
            second.start()
            second.join(timeout=0.2)
            assert answered == []
            other.execute("COMMIT")
        first.join()
        second.join()
        assert sorted(answered) == ["made", "refused"]


@pytest.mark.parametrize(("durable", "level"), [(False, 1), (True, 2)])
def test_durable_waits_for_the_disk_at_every_commit(tmp_path, durable, level):
    with DiskStore.open(tmp_path, durable=durable) as store:
        assert store._database.connection.execute("PRAGMA synchronous").fetchone() == (level,)
        assert store._database.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_when_the_disk_is_full_nothing_more_is_acknowledged(tmp_path, caplog):
    store = DiskStore.open(tmp_path)
    simulator = Simulator(store=store)
    settle(store)
    (pages,) = store._database.connection.execute("PRAGMA page_count").fetchone()
    store._database.connection.execute(f"PRAGMA max_page_count = {pages}")
    with azfiles.connect(simulator.handle, retry=None) as service:
        share = service.share("data")
        share.create()
        share.file("f").create(MIB)
        for attempt in (
            lambda: share.file("f").put_range(0, b"x" * MIB),
            lambda: share.file("f").put_range(0, b"y"),
            share.get_properties,
            lambda: service.share("missing").get_properties(),
        ):
            with pytest.raises(azfiles.ServerFault):
                attempt()
    assert "StoreFailed" in caplog.text
    with pytest.raises(StoreFailed, match="SQLITE_FULL"):
        store.close()
    with DiskStore.open(tmp_path) as again:
        assert not next(iter(tree_files(again))).content.written


def tree_files(store: DiskStore) -> list[File]:
    tree = store.view().share("devstoreaccount1", "data").tree
    return [node for node in store.view().nodes(tree) if isinstance(node, File)]


def test_changes_are_applied_all_or_none(pair):
    before = pair.disk.view()
    with pytest.raises(KeyError):
        pair.disk.apply([ch.PutAccount(Account("other")), ch.DropShare("acct", "missing")])
    assert pair.disk.view() is before


# --- forks -----------------------------------------------------------------------------------------------------


def test_a_fork_is_in_memory_goes_its_own_way_and_lasts_as_long_as_the_store_is_open(pair):
    pair.do(c.CreateFile, path=("f",), size=6)
    pair.write("f", b"before")
    settle(pair.disk)
    fork = pair.disk.fork()
    pair.write("f", b"after!")
    settle(pair.disk)
    tree = fork.view().share("acct", "data").tree
    (file,) = [node for node in fork.view().nodes(tree) if isinstance(node, File)]
    assert b"".join(file.content.read(0, 6)) == b"before"
    fork.apply([ch.PutAccount(Account("fork"))])
    assert pair.disk.view().account("fork") is None
    pair.disk.close()
    with pytest.raises(StoreClosed):
        b"".join(file.content.read(0, 6))
    pair.disk.close()


def test_a_reset_of_a_simulator_on_disk_is_on_disk(tmp_path):
    with DiskStore.open(tmp_path) as store:
        simulator = Simulator(store=store)
        with azfiles.connect(simulator.handle) as service:
            service.share("data").create()
            simulator.reset()
            assert list(service.list_shares()) == []
    with DiskStore.open(tmp_path) as store, azfiles.connect(Simulator(store=store).handle) as service:
        assert list(service.list_shares()) == []


def test_a_store_is_restored_from_stores_in_memory_only(pair):
    with pytest.raises(TypeError):
        pair.disk.restore(pair.disk)


def test_what_a_fork_wrote_once_is_one_write_when_it_is_restored(pair):
    """Else a file that a later write cut would look written anew since a snapshot from before that."""
    pair.do(c.CreateFile, path=("f",), size=4096)
    fork = pair.disk.fork()

    def run(kind, **fields):
        return pair.run(fork, kind(account="acct", version="2026-10-06", share="data", **fields))

    run(c.PutRange, path=("f",), start=0, end=4095, data=(b"x" * 4096,), data_md5=b"")
    base = run(c.SnapshotShare).snapshot.snapshot
    run(c.PutRange, path=("f",), start=600, end=600, data=(b"y",), data_md5=b"")
    pair.disk.restore(fork)
    settle(pair.disk)
    assert rows(pair.folder, "blobs") == 2
    for _ in ("as it was restored", "as it was read from the folder"):
        pair.memory = pair.disk.fork()
        listed = pair.do(c.ListRanges, path=("f",), previous=base)
        assert (listed.ranges, listed.cleared) == (((512, 1023),), ())
        pair.reopen()


# --- who may open a folder -------------------------------------------------------------------------------------


def test_a_folder_is_open_once(tmp_path):
    with DiskStore.open(tmp_path / "data"), pytest.raises(FolderInUse, match="another process"):
        DiskStore.open(tmp_path / "data")
    with DiskStore.open(tmp_path / "data") as store:
        assert repr(store) == f"DiskStore({str(tmp_path / 'data')!r})"


def test_the_folder_and_what_is_in_it_is_for_its_owner_only(tmp_path):
    with DiskStore.open(tmp_path / "data") as store:
        store.apply([ch.PutAccount(Account("acct", keys=(b"secret",)))])
        settle(store)
        for path in (tmp_path / "data" / DATABASE, tmp_path / "data" / f"{DATABASE}-wal"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def spoil(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (("CREATE TABLE theirs (x)",), "another program"),
        (("PRAGMA application_id = 7",), "another program"),
    ],
)
def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path, statements, said):
    spoil(tmp_path / DATABASE, *statements)
    before = (tmp_path / DATABASE).read_bytes()
    with pytest.raises(NotAStore, match=said):
        DiskStore.open(tmp_path)
    assert (tmp_path / DATABASE).read_bytes() == before


def test_a_database_of_a_newer_version_is_refused(tmp_path):
    DiskStore.open(tmp_path).close()
    spoil(tmp_path / DATABASE, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(NotAStore, match="newer version"):
        DiskStore.open(tmp_path)


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / DATABASE).write_bytes(b"not a database at all" * 100)
    with pytest.raises(NotAStore, match="not the database that belongs there"):
        DiskStore.open(tmp_path)


def test_a_folder_that_cannot_be_used_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        DiskStore.open(tmp_path / "file")
    (tmp_path / "odd" / "lock.sqlite3").mkdir(parents=True)
    with pytest.raises(StoreError, match="SQLITE_CANTOPEN"):
        DiskStore.open(tmp_path / "odd")
    (tmp_path / "odder" / DATABASE).mkdir(parents=True)
    with pytest.raises(OSError, match=DATABASE):
        DiskStore.open(tmp_path / "odder")


def test_a_record_that_cannot_be_read_is_refused_and_the_folder_let_go(tmp_path):
    with DiskStore.open(tmp_path) as store:
        store.apply([ch.PutAccount(Account("acct"))])
    spoil(tmp_path / DATABASE, """UPDATE records SET value = '{"$":"Unknown"}'""")
    for _ in range(2):
        with pytest.raises(NotAStore, match="cannot be understood"):
            DiskStore.open(tmp_path)


def test_a_closed_store_takes_nothing(pair):
    pair.disk.close()
    with pytest.raises(StoreClosed):
        pair.disk.apply([ch.PutAccount(Account("other"))])


def test_a_store_that_failed_says_so_as_often_as_asked_without_gathering_frames(tmp_path):
    def frames(error):
        found, at = 0, error.__traceback__
        while at is not None:
            found, at = found + 1, at.tb_next
        return found + (frames(error.__cause__) if error.__cause__ is not None else 0)

    store = DiskStore.open(tmp_path)
    store.apply([ch.PutAccount(replace(Account("acct"), settings={"a": "set"}))])
    depths = set()
    for _ in range(4):
        with pytest.raises(StoreFailed) as caught:
            wait_for(store.pending())
        depths.add(frames(caught.value))
    assert len(depths) == 1
    with pytest.raises(StoreFailed):
        store.close()


def test_a_value_that_no_entity_has_fails_the_store_instead_of_being_lost(tmp_path):
    store = DiskStore.open(tmp_path)
    store.apply([ch.PutAccount(replace(Account("acct"), settings={"a": "set"}))])
    with pytest.raises(StoreFailed, match="TypeError"):
        settle(store)
    with pytest.raises(StoreFailed):
        store.apply([ch.PutAccount(Account("other"))])
    with pytest.raises(StoreFailed):
        store.close()


def test_a_long_file_is_brought_from_the_folder_piece_by_piece(pair):
    pair.do(c.CreateFile, path=("f",), size=5000)
    for number in range(3):
        pair.write("f", bytes([number + 1]) * 1000, start=number * 1500)
    settle(pair.disk)
    views = files(pair.disk)[0].content.read(500, 4600)
    assert [len(view) for view in views] == [500, 500, 1000, 500, 1000, 600]
    assert b"".join(views[1:3]) == bytes(500) + b"\2" * 1000
    whole = b"".join(bytes([number + 1]) * 1000 + bytes(500) for number in range(3)) + bytes(500)
    assert b"".join(views) == whole[500:4600]
    assert "1000 bytes of blob" in repr(files(pair.disk)[0].content.extents.get(0))


def test_a_snapshots_tree_may_change_and_the_live_one_does_not_follow(pair):
    pair.do(c.CreateFile, path=("f",), size=10)
    pair.write("f", b"0123456789")
    snapshot = pair.do(c.SnapshotShare).snapshot
    (frozen,) = [node for node in pair.memory.view().nodes(snapshot.tree) if isinstance(node, File)]
    pair.apply([ch.PutNode(snapshot.tree, replace(frozen, metadata=(("changed", "yes"),)))])
    pair.agree()
    pair.reopen()
    pair.agree()
    pair.do(c.DeleteShare, snapshot=snapshot.snapshot)
    pair.reopen()
    pair.agree()


def test_a_share_that_goes_for_good_leaves_nothing(pair):
    pair.do(c.CreateFile, path=("f",), size=10)
    pair.write("f", b"0123456789")
    pair.do(c.SnapshotShare)
    pair.do(c.CreateShare, share="kept")
    for _ in range(2):
        pair.do(c.DeleteShare, delete_snapshots="include")
        pair.clock.advance(8 * 86_400.0)
        pair.do(c.CreateShare)
        pair.agree()
    pair.reopen()
    pair.agree()
    assert rows(pair.folder, "blobs") == 0


def test_a_buffer_that_was_not_taken_in_fails_the_store_instead_of_being_lost(pair, monkeypatch):
    monkeypatch.setattr("azfiles_sim.storage.disk.Intake.take", lambda self, view: view)
    pair.do(c.CreateFile, path=("f",), size=10)
    pair.write("f", b"0123456789")
    with pytest.raises(StoreFailed, match="TypeError"):
        settle(pair.disk)
    with pytest.raises(StoreFailed):
        pair.disk.close()
