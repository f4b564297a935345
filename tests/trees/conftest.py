from __future__ import annotations

import pytest

import azfiles
from azfiles_sim import ManualClock, Simulator


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def simulator(clock):
    return Simulator(clock=clock)


@pytest.fixture
def service(simulator, clock):
    with azfiles.connect(simulator.handle, clock=clock, retry=None) as service:
        yield service


@pytest.fixture
def share(service):
    share = service.share("data")
    share.create()
    return share


@pytest.fixture
def folder(tmp_path):
    """A local directory with something of everything that is a tree."""
    root = tmp_path / "here"
    (root / "a" / "b").mkdir(parents=True)
    (root / "empty").mkdir()
    (root / "a" / "b" / "deep.bin").write_bytes(bytes(range(256)) * 20)
    (root / "a" / "one.txt").write_bytes(b"one")
    (root / "nothing").write_bytes(b"")
    return root
