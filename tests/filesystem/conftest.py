from __future__ import annotations

import pytest

from azfiles.filesystem import AzureFilesFileSystem
from azfiles_sim import Simulator
from azfiles_sim.server import serve_in_thread
from tests.proof import THOROUGH


@pytest.fixture
def simulator():
    return Simulator()


@pytest.fixture
def fs(simulator):
    """A file system without a network, with one share."""
    fs = AzureFilesFileSystem(handler=simulator.handle, retry=None, skip_instance_cache=True)
    fs.mkdir("data")
    return fs


@pytest.fixture
def served(simulator, monkeypatch):
    with serve_in_thread(simulator) as served:
        monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", served.connection_string)
        yield served


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of fsspec's tests ``make test`` takes each third, of those that stand in dozens of cases the first, and of those over
    HTTP the shortest.
    """
    if THOROUGH:
        return
    theirs: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.nodeid.startswith("tests/filesystem/test_abstract.py"):
            theirs.setdefault(item.nodeid.partition("[")[0], []).append(item)
    served = {name for name in theirs if "Served" in name and "TestOpen" not in name and "TestPipe" not in name}
    taken = {cases[0] for cases in [theirs[name] for name in theirs if name not in served][::3]}
    left = [item for cases in theirs.values() for item in cases if item not in taken]
    if left:
        config.hook.pytest_deselected(items=left)
        dropped = set(left)
        items[:] = [item for item in items if item not in dropped]
