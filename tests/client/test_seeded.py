"""One program, one number, one trace: client and simulator in one thread under one virtual clock."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import azfiles
from azfiles.flows.effects import Gather, sleep
from azfiles.flows.leasing import release
from azfiles.flows.targets import HeldLease
from azfiles_sim import ManualClock, Simulator


def connect(seed):
    clock = ManualClock()
    return azfiles.connect(Simulator(clock=clock).handle, clock=clock, seed=seed), clock


def program(seed):
    client, clock = connect(seed)
    share = client.share("data")
    share.create()
    share.file("f").upload(bytes(range(200)), range_size=16, concurrency=5)
    content = bytes(share.file("f").download(range_size=32))
    share.acquire_lease(duration_s=60)
    clock.advance(61)
    share.delete()
    return content, list(client.runner.trace)


@given(st.integers())
@settings(max_examples=20, deadline=None)
def test_the_same_number_gives_the_same_trace_and_every_number_the_same_content(seed):
    content, trace = program(seed)
    assert content == bytes(range(200))
    assert (content, trace) == program(seed)


def test_different_numbers_interleave_the_ranges_of_a_transfer_differently():
    orders = {tuple(step.branch for step in program(seed)[1]) for seed in range(5)}
    assert len(orders) > 1


def test_a_share_lease_of_a_minute_expires_while_a_flow_sleeps():
    client, _ = connect(1)
    share = client.share("data")
    share.create()
    held = share.acquire_lease(duration_s=60)

    def holder():
        yield from sleep(61.0)
        return (yield from release(HeldLease(share.target, held.id)))

    def state():
        yield from sleep(60.5)
        properties = yield from azfiles.ShareClient.get_properties.flow(share.target)
        return properties.lease.state

    def both():
        return (yield Gather([holder(), state()], 2))

    released, seen = client.runner.run(both())
    assert seen == "expired"
    assert released.etag
    with pytest.raises(azfiles.LeaseConflict):
        share.renew_lease(held.id)
