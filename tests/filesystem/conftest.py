from __future__ import annotations

from collections import Counter

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
    """Of fsspec's tests that stand in dozens of cases, and of those over HTTP, ``make test`` takes a few."""
    if THOROUGH:
        return
    seen: Counter[str] = Counter()
    left: list[pytest.Item] = []
    for item in items:
        node = item.nodeid.partition("[")[0]
        if "test_abstract.py" in node:
            seen[node] += 1
            if seen[node] > 1 or ("Served" in node and "TestOpen" not in node and "TestPipe" not in node):
                left.append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        dropped = set(left)
        items[:] = [item for item in items if item not in dropped]
