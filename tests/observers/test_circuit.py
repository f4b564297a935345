"""The circuit, seen from outside, in virtual time: it opens, lets exactly one probe pass, and recovers."""

from __future__ import annotations

import threading

import pytest

import azfiles
from azfiles.flows.effects import Gather, sleep
from azfiles.observers import CircuitChanged, OperationEnded, RetryScheduled, TryEnded
from azfiles_sim.messages import Dropped
from tests.proof import some

from .watched import Kept, World

POLICY = azfiles.CircuitPolicy(failure_rate=0.5, least_calls=4, window_s=10.0, open_s=30.0)
CALLERS = 8


def changes(kept):
    return [(event.former, event.state) for event in kept.of(CircuitChanged)]


class Outage(World):
    """A service that drops what comes before ``ends_s``, counted from now."""

    def __init__(self, ends_s):
        super().__init__(lambda _: Dropped(applied=False) if self.clock.time() < self.ends_s else None)
        self.ends_s = self.clock.time() + ends_s


def gather(flows):
    return (yield Gather(flows, len(flows)))


def failing(share, count):
    for _ in range(count):
        with pytest.raises(azfiles.TransportError):
            share.get_properties()


@pytest.mark.parametrize("seed", some(range(50), 5))
def test_of_many_callers_one_probes_while_the_others_are_refused_and_then_all_go_on(seed):
    kept, world = Kept(), Outage(20)
    share = world.client(kept, seed=seed, retry=None, circuit=POLICY).share("data")
    failing(share, POLICY.least_calls)
    assert changes(kept) == [("closed", "open")]
    world.clock.advance(31)
    kept.clear()
    done = []

    def caller():
        while True:
            try:
                done.append((yield from azfiles.ShareClient.get_properties.flow(share.target)))
            except azfiles.CircuitOpen:
                yield from sleep(1.0)
            else:
                return

    share.runner.run(gather([caller() for _ in range(CALLERS)]))
    assert changes(kept) == [("open", "half-open"), ("half-open", "closed")]
    half, closed = (kept.index(event) for event in kept.of(CircuitChanged))
    assert [type(event) for event in kept[half:closed] if isinstance(event, TryEnded)] == [TryEnded]
    refused = [event for event in kept.of(OperationEnded) if event.error_kind == "CircuitOpen"]
    assert 1 <= len(refused) < CALLERS
    assert all(event.tries == 0 and half < kept.index(event) for event in refused)
    assert len(done) == CALLERS
    assert [event.era for event in kept.of(CircuitChanged)] == [2, 3]


def test_a_probe_that_fails_opens_it_again_for_as_long_and_the_next_one_closes_it():
    kept, world = Kept(), Outage(50)
    share = world.client(kept, retry=None, circuit=POLICY).share("data")
    failing(share, 4)
    for _ in range(2):
        with pytest.raises(azfiles.CircuitOpen):
            share.get_properties()
    world.clock.advance(30)
    failing(share, 1)
    world.clock.advance(30)
    share.get_properties()
    assert changes(kept) == [
        ("closed", "open"),
        ("open", "half-open"),
        ("half-open", "open"),
        ("open", "half-open"),
        ("half-open", "closed"),
    ]
    assert [event.era for event in kept.of(CircuitChanged)] == [1, 2, 3, 4, 5]
    assert len(kept.of(TryEnded)) == 4 + 1 + 1


def test_a_try_is_told_before_what_it_does_to_the_circuit():
    kept, world = Kept(), Outage(50)
    failing(world.client(kept, retry=None, circuit=POLICY).share("data"), 4)
    assert kept.names()[-3:] == ["TryEnded", "CircuitChanged", "OperationEnded"]


def test_a_call_that_retries_outlives_an_outage_and_tells_all_of_it():
    kept, world = Kept(), Outage(100)
    patient = azfiles.RetryPolicy(attempts=100, base_s=10.0, cap_s=40.0)
    share = world.client(kept, retry=patient, circuit=POLICY).share("data")
    with pytest.raises(azfiles.CircuitOpen):  # an open circuit is not waited for
        share.get_properties()
    assert len(kept.of(RetryScheduled)) == len(kept.of(TryEnded)) >= POLICY.least_calls
    world.clock.advance(100)
    share.get_properties()
    assert changes(kept)[-1] == ("half-open", "closed")


def test_an_observer_may_use_the_client_that_it_observes():
    """Circuit events come outside the lock of the client's state, so looking from there waits for nobody."""
    world = Outage(20)
    seen = []

    def curious(event):
        if isinstance(event, CircuitChanged):
            with pytest.raises(azfiles.CircuitOpen):
                share.get_properties()
            seen.append(share.target.session.health.state.circuit)

    share = world.client(curious, seed=None, retry=None, circuit=POLICY).share("data")
    worker = threading.Thread(target=failing, args=(share, 4), daemon=True)
    worker.start()
    worker.join(10)
    assert not worker.is_alive()
    assert len(seen) == 1
