"""Dask on a share: trees spread over workers, data frames go and come, and a worker that is killed changes no result."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any

import pytest

from azfiles import TreeWorkers
from tests.dask.killing import die_in_a_batch, die_in_a_partition
from tests.filesystem.needing import need
from tests.trees.local import content_of, plant, remote_content

pytestmark = pytest.mark.filterwarnings("default")  # what Dask and pandas warn of is not ours to mend

TREE = {
    f"{name}/{number}/file{each}": name.encode() * each for name in "ab" for number in range(5) for each in range(8)
}


def one_is_gone(processes: Iterable[int]) -> bool:
    """Whether one of the worker processes was ended; Dask starts another in its place."""
    psutil = need("psutil")  # which Dask brings along
    return any(not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie" for pid in processes)


def files_of(directory: Any) -> dict[str, bytes]:
    return {path: data for path, data in remote_content(directory).items() if data is not None}


def test_trees_spread_over_the_workers(cluster, share, tmp_path):
    distributed = need("distributed")
    executor = TreeWorkers(cluster.get_executor(), batch_steps=10)
    here = plant(tmp_path / "here", TREE)
    with distributed.get_task_stream(cluster) as stream:
        up = share.directory("up").upload_tree(here, content_md5=True, executor=executor)
        checked = share.directory("up").sync_up(here, compare="md5", dry_run=True, executor=executor)
        across = share.directory("up").copy_tree(share.directory("across"), executor=executor)
        down = share.directory("across").download_tree(tmp_path / "down", executor=executor)
        gone = share.directory("up").delete_tree(executor=executor)
    for report in (up, checked, across, down, gone):
        report.raise_for_failures()
    assert up.transferred == checked.unchanged == across.transferred == down.transferred == len(TREE)
    assert gone.deleted == len(TREE) + 13
    assert content_of(tmp_path / "down") == content_of(here)
    assert files_of(share.root) == {f"across/{path}": data for path, data in TREE.items()}
    assert len({task["worker"] for task in stream.data}) == 2


class Deadly:
    """Dask's executor; one of its workers is killed in the middle of a batch."""

    def __init__(self, executor: Any, mark: str) -> None:
        self._executor = executor
        self._mark = mark

    def submit(self, _function: Any, /, *args: Any) -> Future[Any]:
        return self._executor.submit(die_in_a_batch, self._mark, *args)


def test_a_tree_is_whole_though_a_worker_was_killed_in_the_middle(cluster, share, tmp_path):
    before = cluster.run(os.getpid).values()
    here = plant(tmp_path / "here", TREE)
    executor = TreeWorkers(Deadly(cluster.get_executor(), f"azfiles://{share.name}/killed"), batch_steps=10)
    report = share.directory("tree").upload_tree(here, executor=executor)
    report.raise_for_failures()
    assert (report.transferred, report.made, report.bytes) == (len(TREE), 13, sum(map(len, TREE.values())))
    assert files_of(share.directory("tree")) == TREE
    assert share.file("killed").get_properties().size == 0
    assert one_is_gone(before)


def test_a_partitioned_data_set_goes_and_comes(cluster, share):
    pandas, frames = need("pandas"), need("dask.dataframe")
    frame = pandas.DataFrame({"city": ["Ulm", "Bonn", "Kiel"] * 400, "value": range(1200)})
    url = f"azfiles://{share.name}/set"
    frames.from_pandas(frame, npartitions=6).to_parquet(url, partition_on=["city"])
    assert sorted(found.path for found in share.directory("set").walk() if found.is_directory) == [
        "city=Bonn",
        "city=Kiel",
        "city=Ulm",
    ]
    found = frames.read_parquet(url, filters=[("city", "==", "Kiel")])
    assert sorted(found["value"].compute()) == list(range(2, 1200, 3))
    assert frames.read_parquet(url)["value"].sum().compute() == sum(range(1200))
    frames.from_pandas(frame, npartitions=2).to_parquet(url, overwrite=True)
    assert len(frames.read_parquet(url)) == 1200
    frames.from_pandas(frame, npartitions=3).to_csv(f"azfiles://{share.name}/csv/*.csv", index=False)
    assert frames.read_csv(f"azfiles://{share.name}/csv/*.csv")["value"].sum().compute() == sum(range(1200))


def test_a_job_has_its_result_though_a_worker_was_killed_in_the_middle(cluster, share):
    pandas, frames = need("pandas"), need("dask.dataframe")
    before = cluster.run(os.getpid).values()
    frame = pandas.DataFrame({"value": range(1000)})
    source, target = f"azfiles://{share.name}/in", f"azfiles://{share.name}/out"
    frames.from_pandas(frame, npartitions=8).to_parquet(source)
    read = frames.read_parquet(source, split_row_groups=True)
    meta = {"value": "int64", "twice": "int64"}
    worked = read.map_partitions(die_in_a_partition, f"azfiles://{share.name}/killed", meta=meta)
    worked.to_parquet(target)
    found = pandas.read_parquet(target).sort_values("value")
    assert list(found["value"]) == list(range(1000))
    assert list(found["twice"]) == list(range(0, 2000, 2))
    assert share.file("killed").get_properties().size == 0
    assert one_is_gone(before)
