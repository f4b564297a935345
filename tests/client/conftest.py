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
def client(simulator, clock):
    with azfiles.connect(simulator.handle, clock=clock) as client:
        yield client


@pytest.fixture
def share(client):
    share = client.share("data")
    share.create()
    return share
