"""Trees that are done by the workers of an executor: the same result, and what becomes of it when workers are lost."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import azfiles
from azfiles import RequestNotSent, TreeAction, TreeWorkers, WorkerLost
from azfiles.clients.elsewhere import do_batch
from azfiles_sim import Simulator
from azfiles_sim.faults import Refuse, Rule, Script
from azfiles_sim.server import serve_in_thread
from tests.proof import THOROUGH, some
from tests.trees.local import content_of, plant, remote_content

TREE = {
    f"{name}/{number}/file{each}": name.encode() * each for name in "ab" for number in range(3) for each in range(4)
}


class Elsewhere:
    """An executor that does at once what it is given, after it went through pickle; ``lose`` says which calls are lost."""

    def __init__(self, lose: Any = lambda _call: None) -> None:
        self.calls: list[bytes] = []
        self._lose = lose

    def submit(self, function: Any, /, *args: Any) -> Future[Any]:
        self.calls.append(pickle.dumps(args[:1]))
        future: Future[Any] = Future()
        error = self._lose(len(self.calls))
        if isinstance(error, BrokenExecutor):
            future.set_exception(error)
            return future
        [batch] = pickle.loads(self.calls[-1])
        try:
            result = pickle.loads(pickle.dumps(function(batch, *args[1:])))
        except Exception as raised:  # noqa: BLE001 - what a worker raises comes out of its future
            future.set_exception(raised)
            return future
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)  # lost after it has done all of it
        return future


@pytest.fixture
def simulator():
    """One that lives in real time, as its workers do."""
    return Simulator()


@pytest.fixture
def service(simulator):
    with azfiles.connect(simulator.handle, retry=None) as service:
        yield service


@pytest.fixture
def workers(simulator):
    """Makes workers of an executor whose clients reach the simulator without a network."""

    def make(executor: Any = None, **options: Any) -> TreeWorkers:
        connect = partial(azfiles.connect, simulator.handle, retry=None)
        return TreeWorkers(executor or Elsewhere(), connect=connect, **{"batch_steps": 5, "batches": 3} | options)

    return make


def told(report: azfiles.TreeReport) -> Any:
    """A report without what errors and times are."""
    failures = [(failure.step.action, failure.path, type(failure.error)) for failure in report.failures]
    steps = [(step.action, step.path, step.size, step.why) for step in report.steps]
    return dict(report.counts), report.bytes, report.skipped, failures, steps


@pytest.mark.parametrize("batch_steps", some([4, 1, 200], 1))
def test_a_tree_goes_up_across_down_and_away_as_without_an_executor(share, tmp_path, workers, batch_steps):
    here = plant(tmp_path / "here", TREE | {"CON": b"refused"})
    (here / "link").symlink_to("CON")
    for name, executor in (("alone", None), ("spread", workers(batch_steps=batch_steps))):
        root = share.directory(name)
        there = share.directory(f"{name}-copy")
        reports = [
            root.upload_tree(here, keep_steps=True, executor=executor),
            root.sync_up(here, compare="md5", dry_run=True, executor=executor),
            root.copy_tree(there, keep_steps=True, executor=executor),
            there.download_tree(tmp_path / name, executor=executor),
        ]
        (tmp_path / name / "a" / "0" / "file1").write_bytes(b"changed")
        reports += [
            there.sync_up(tmp_path / name, delete=True, executor=executor),
            there.sync_down(tmp_path / name, compare="size", dry_run=True, executor=executor),
            root.delete_tree(dry_run=True, executor=executor),
            root.delete_tree(executor=executor),
        ]
        if executor is None:
            expected, content = reports, content_of(tmp_path / name)
    assert [told(report) for report in reports] == [told(report) for report in expected]
    assert content_of(tmp_path / "spread") == content == remote_content(share.directory("spread-copy"))
    assert reports[0].failures[0].path == "CON"
    assert not [found for found in share.root.walk() if found.path.partition("/")[0] in {"alone", "spread"}]


def test_what_is_there_is_compared_by_the_workers(share, tmp_path, workers):
    here = plant(tmp_path / "here", {"same": b"same", "other": b"other", "unknown": b"hello"})
    share.root.upload_tree(here, content_md5=True)
    share.file("unknown").upload(b"hello")
    (here / "other").write_bytes(b"OTHER")
    executor = Elsewhere()
    looked = share.root.sync_up(here, compare="md5", dry_run=True, executor=workers(executor))
    assert [(step.action, step.path) for step in looked.steps] == [
        (TreeAction.TRANSFER, "other"),
        (TreeAction.KEEP, "same"),
        (TreeAction.TRANSFER, "unknown"),
    ]
    report = share.root.sync_up(here, compare="md5", executor=workers(executor))
    assert (
        (report.transferred, report.unchanged, report.bytes)
        == (2, 1, 10)
        == (
            looked.transferred,
            looked.unchanged,
            looked.bytes,
        )
    )
    assert len(executor.calls) == 2


def test_each_failure_is_reported_in_the_order_of_the_plan_and_the_rest_is_done(share, tmp_path, workers, simulator):
    here = plant(tmp_path / "here", TREE)
    simulator.faults.plan = Script(
        (
            Rule(Refuse("AuthorizationFailure", status=403), operations=("Create Directory",), path="data/a/1"),
            Rule(Refuse("AuthorizationFailure", status=403), operations=("Rename File",), path="data/b/2/file3"),
        )
    )
    done: list[azfiles.TreeProgress] = []
    report = share.root.upload_tree(here, executor=workers(batch_steps=3), progress=done.append, progress_every=10)
    assert [failure.path for failure in report.failures[:5]] == ["a/1", *(f"a/1/file{each}" for each in range(4))]
    assert isinstance(report.failures[1].error, RequestNotSent)
    assert [failure.path for failure in report.failures[5:]] == ["b/2/file3"]
    failed = {failure.path for failure in report.failures}
    assert {path: data for path, data in remote_content(share.root).items() if data is not None} == {
        path: data for path, data in TREE.items() if path not in failed
    }
    assert [progress.ended for progress in done] == [10, 20, 30, len(TREE) + 8]
    assert (done[-1].failures, done[-1].bytes) == (6, report.bytes)


def test_a_batch_whose_worker_is_lost_is_done_again(share, tmp_path, workers):
    here = plant(tmp_path / "here", TREE)
    executor = Elsewhere(lambda call: RuntimeError("killed") if call in {1, 2, 4} else None)
    report = share.root.upload_tree(here, executor=workers(executor))
    report.raise_for_failures()
    assert report.transferred == len(TREE)
    assert {path: data for path, data in remote_content(share.root).items() if data is not None} == TREE


def test_a_batch_that_is_lost_each_time_is_reported(share, tmp_path, workers):
    here = plant(tmp_path / "here", TREE)
    report = share.root.upload_tree(here, executor=workers(Elsewhere(lambda _: RuntimeError("killed")), attempts=2))
    lost = [failure for failure in report.failures if isinstance(failure.error, WorkerLost)]
    assert lost
    assert all(failure.error.may_have_acted for failure in lost)
    assert "2 times" in str(lost[0].error)
    assert {type(failure.error) for failure in report.failures} == {WorkerLost, RequestNotSent}
    assert len(report.failures) == len(TREE) + 8
    assert report.transferred == 0


def test_what_a_broken_executor_does_not_do_is_done_here(share, tmp_path, workers):
    here = plant(tmp_path / "here", TREE)
    executor = Elsewhere(lambda call: BrokenExecutor("a process was killed") if call > 2 else None)
    report = share.root.upload_tree(here, executor=workers(executor))
    report.raise_for_failures()
    assert {path: data for path, data in remote_content(share.root).items() if data is not None} == TREE


def test_a_batch_carries_no_credential_unless_that_is_wished(simulator, tmp_path, monkeypatch):
    key = azfiles.EMULATOR_KEY.encode()
    here = plant(tmp_path / "here", {"file": b"1"})
    for name in ("CONNECTION_STRING", "ACCOUNT", "KEY", "SAS_TOKEN"):
        monkeypatch.delenv(f"AZURE_STORAGE_{name}", raising=False)
    with serve_in_thread(simulator) as served, azfiles.connect(served.connection_string) as service:
        share = service.share("data")
        share.create()
        bare = Elsewhere()
        with pytest.raises(azfiles.InvalidArgument, match="AZURE_STORAGE_KEY"):
            share.root.upload_tree(here, executor=bare)
        assert key not in bare.calls[0]
        assert key.decode() not in repr(pickle.loads(bare.calls[0]))
        trusting = TreeWorkers(Elsewhere(), send_credentials=True)
        share.root.upload_tree(here, executor=trusting).raise_for_failures()
        assert key in trusting.executor.calls[0]  # type: ignore[attr-defined] - the test's own
        assert key.decode() not in repr(pickle.loads(trusting.executor.calls[0]))  # type: ignore[attr-defined]
        monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", served.connection_string)
        share.root.upload_tree(here, executor=bare).raise_for_failures()
        monkeypatch.delenv("AZURE_STORAGE_CONNECTION_STRING")
        monkeypatch.setenv("AZURE_STORAGE_ACCOUNT", "another")
        monkeypatch.setenv("AZURE_STORAGE_KEY", azfiles.EMULATOR_KEY)
        with pytest.raises(azfiles.InvalidArgument, match="devstoreaccount1"):
            share.root.delete_tree(executor=bare)


def test_each_side_of_a_copy_is_reached_with_its_own_credential(simulator):
    with serve_in_thread(simulator) as served, azfiles.connect(served.connection_string) as service:
        share = service.share("data")
        share.create()
        share.directory("here").create()
        share.file("here/file").upload(b"content")
        reading = share.make_sas(permissions="rl", expires_at=timedelta(hours=1), https_only=False)
        with azfiles.connect(served.endpoint, reading, allow_http=True) as reader:
            workers = TreeWorkers(Elsewhere(), send_credentials=True)
            report = reader.share("data").directory("here").copy_tree(share.directory("there"), executor=workers)
        report.raise_for_failures()
        assert share.file("there/file").download() == b"content"


def test_workers_of_another_account_are_refused(share, simulator, tmp_path):
    other = azfiles.SharedKey("another", azfiles.EMULATOR_KEY)
    connect = partial(azfiles.connect, simulator.handle, other)
    with pytest.raises(azfiles.InvalidArgument, match="another"):
        share.root.upload_tree(plant(tmp_path / "x", {"f": b""}), executor=TreeWorkers(Elsewhere(), connect=connect))


def test_what_is_no_executor_is_refused(share, tmp_path):
    with pytest.raises(azfiles.InvalidArgument, match="submit"):
        share.root.delete_tree(executor=object())
    with pytest.raises(azfiles.InvalidArgument, match="batch_steps"):
        TreeWorkers(Elsewhere(), batch_steps=0)


def test_an_async_client_and_threads_do_the_same(simulator, share, tmp_path, workers):
    here = plant(tmp_path / "here", TREE)

    async def run() -> azfiles.TreeReport:
        async with azfiles.connect_async(simulator.handle, retry=None) as service:
            root = service.share("data").root
            await root.upload_tree(here, executor=workers(pool))
            return await root.delete_tree(executor=workers(pool))

    with ThreadPoolExecutor(3) as pool:
        report = asyncio.run(run())
    assert report.deleted == len(TREE) + 8
    assert not list(share.root.walk())


def _do_or_die(note: str, batch: Any, connect: Any = None) -> Any:
    """Does a batch; the first process that gets here is killed in the middle of one."""
    path = Path(note)
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return do_batch(batch, connect)
    half = batch.steps[: len(batch.steps) // 2]
    from dataclasses import replace

    do_batch(replace(batch, steps=half), connect)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("the kernel was asked to end this process")


class Deadly:
    """A process pool, one of whose processes is killed in the middle of a batch."""

    def __init__(self, pool: ProcessPoolExecutor, note: Path) -> None:
        self._pool = pool
        self._note = str(note)

    def submit(self, _function: Any, /, *args: Any) -> Future[Any]:
        return self._pool.submit(_do_or_die, self._note, *args)


@pytest.mark.skipif(not THOROUGH, reason="starting processes takes seconds; make coverage does it")
@pytest.mark.parametrize("dies", [False, True])
def test_processes_do_a_tree_also_where_one_of_them_is_killed(tmp_path, monkeypatch, dies):
    here = plant(tmp_path / "here", TREE)
    with serve_in_thread(Simulator()) as served, azfiles.connect(served.connection_string) as service:
        monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", served.connection_string)
        share = service.share("data")
        share.create()
        import multiprocessing

        with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
            executor: Any = Deadly(pool, tmp_path / "note") if dies else pool
            report = share.root.upload_tree(here, executor=TreeWorkers(executor, batch_steps=4))
        report.raise_for_failures()
        assert report.transferred == len(TREE)
        assert report.bytes == sum(map(len, TREE.values()))
        left = share.root.remove_all_temporary(older_than=timedelta(0))
        assert not left or dies  # all that a killed process may leave
        assert {path: data for path, data in remote_content(share.root).items() if data is not None} == TREE
        assert (tmp_path / "note").exists() == dies
