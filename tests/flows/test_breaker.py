"""The circuit: a pure machine first, then between a client and an endpoint that fails, under virtual time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import azfiles
from azfiles.flows.breaker import Closed, HalfOpen, Open, Outcome, Permit, Refusal, ask, tell
from azfiles.flows.effects import Gather, sleep
from azfiles_sim import ManualClock, Simulator
from azfiles_sim.messages import Dropped, Reply

POLICY = azfiles.CircuitPolicy(failure_rate=0.5, least_calls=4, window_s=10.0, open_s=30.0)


def after(*outcomes, circuit=None, now_s=0.0):
    circuit = circuit or Closed()
    for outcome in outcomes:
        circuit, permit = ask(circuit, POLICY, now_s)
        assert isinstance(permit, Permit)
        circuit = tell(circuit, POLICY, permit, outcome, now_s)
    return circuit


OK, BAD, LEFT = Outcome.SUCCESS, Outcome.FAILURE, Outcome.ABANDONED


def test_it_opens_where_the_rate_of_failures_is_reached_and_not_before_enough_calls():
    assert isinstance(after(BAD, BAD, BAD), Closed)
    assert after(BAD, BAD, BAD, BAD) == Open(1, 30.0)
    assert after(OK, OK, BAD, BAD) == Open(1, 30.0)
    assert isinstance(after(OK, OK, OK, BAD, BAD), Closed)
    assert isinstance(after(BAD, BAD, OK, OK), Closed)  # a success opens nothing


def test_what_left_the_window_does_not_count():
    circuit = after(BAD, BAD, BAD)
    assert isinstance(after(BAD, circuit=circuit, now_s=9.0), Open)
    assert isinstance(after(BAD, circuit=circuit, now_s=11.0), Closed)


def test_a_request_that_was_abandoned_counts_as_nothing():
    assert after(*[LEFT] * 50) == Closed()


def test_an_open_circuit_refuses_and_says_for_how_long():
    assert ask(Open(1, 30.0), POLICY, 12.0) == (Open(1, 30.0), Refusal(18.0))


def test_half_open_lets_one_probe_pass_and_its_outcome_decides():
    half, permit = ask(Open(1, 30.0), POLICY, 30.0)
    assert half == HalfOpen(2)
    assert ask(half, POLICY, 30.0)[1] == Refusal(POLICY.open_s)
    assert tell(half, POLICY, permit, OK, 31.0) == Closed(3)
    assert tell(half, POLICY, permit, BAD, 31.0) == Open(3, 61.0)
    free = tell(half, POLICY, permit, LEFT, 0.0)
    assert ask(free, POLICY, 32.0) == (HalfOpen(2), Permit(2))


def test_what_a_try_of_an_earlier_era_brings_changes_nothing():
    late = Permit(0)
    for circuit in (Open(1, 30.0), HalfOpen(2), Closed(3)):
        for outcome in Outcome:
            assert tell(circuit, POLICY, late, outcome, 5.0) == circuit


@given(st.lists(st.tuples(st.floats(0, 20), st.integers(0, 5), st.sampled_from(Outcome)), max_size=60))
def test_however_tries_overlap_at_most_one_probe_is_out_and_an_open_circuit_passes_none(steps):
    """Each step moves time on, asks, and ends one of the tries that are under way."""
    circuit, now_s, under_way = Closed(), 0.0, []
    for passed_s, which, outcome in steps:
        now_s += passed_s
        was_open = isinstance(circuit, Open) and now_s < circuit.until_s
        circuit, answer = ask(circuit, POLICY, now_s)
        if isinstance(answer, Permit):
            assert not was_open
            under_way.append(answer)
        else:
            assert answer.retry_after_s > 0
        if isinstance(circuit, HalfOpen):
            assert sum(permit.era == circuit.era for permit in under_way) <= 1
        if under_way:
            circuit = tell(circuit, POLICY, under_way.pop(which % len(under_way)), outcome, now_s)


class Endpoint:
    """A service that is down from ``fails_from`` to ``fails_to``, in seconds since the beginning, and counts requests."""

    def __init__(self, fails_from=0.0, fails_to=100.0, how=None):
        self.clock = ManualClock()
        self.start = self.clock.time()
        self.simulator = Simulator(clock=self.clock)
        azfiles.connect(self.simulator.handle, clock=self.clock).share("data").create()
        self.fails = (fails_from, fails_to)
        self.how = how or Dropped(applied=False)
        self.asked_at = []

    def handle(self, request):
        now_s = self.clock.time() - self.start
        self.asked_at.append(now_s)
        return self.how if self.fails[0] <= now_s < self.fails[1] else self.simulator.handle(request)

    def client(self, **options):
        return azfiles.connect(self.handle, clock=self.clock, seed=1, retry=None, circuit=POLICY, **options)


def failing(share, count):
    for _ in range(count):
        with pytest.raises((azfiles.TransportError, azfiles.ServerFault)):
            share.get_properties()


def test_a_client_stops_asking_an_endpoint_that_fails_and_asks_once_when_the_time_has_come():
    endpoint = Endpoint(fails_to=100.0)
    share = endpoint.client().share("data")
    failing(share, 4)
    with pytest.raises(azfiles.CircuitOpen) as caught:
        share.get_properties()
    assert caught.value.retry_after_s == pytest.approx(30.0)
    assert not caught.value.may_have_acted
    assert isinstance(caught.value, azfiles.RequestNotSent)
    assert len(endpoint.asked_at) == 4
    endpoint.clock.advance(30)
    failing(share, 1)  # the probe
    for _ in range(5):
        with pytest.raises(azfiles.CircuitOpen):
            share.get_properties()
    assert len(endpoint.asked_at) == 5
    endpoint.clock.advance(80)
    assert share.get_properties().quota_gib
    assert share.get_properties().quota_gib
    assert len(endpoint.asked_at) == 7


@pytest.mark.parametrize("seed", range(20))
def test_of_many_callers_at_once_exactly_one_probes_and_all_go_on_when_it_came_back_well(seed):
    endpoint = Endpoint(fails_to=20.0)
    client = azfiles.connect(endpoint.handle, clock=endpoint.clock, seed=seed, retry=None, circuit=POLICY)
    share = client.share("data")
    failing(share, 4)
    endpoint.clock.advance(31)
    endpoint.asked_at.clear()
    refused = []

    def caller():
        for _ in range(2):
            try:
                yield from azfiles.ShareClient.get_properties.flow(share.target)
            except azfiles.CircuitOpen:
                refused.append(len(endpoint.asked_at))
                yield from sleep(1.0)

    client.runner.run(iter_gather([caller() for _ in range(8)]))
    assert all(count <= 1 for count in refused)
    assert endpoint.asked_at[0] == pytest.approx(31.0)
    assert len(endpoint.asked_at) > 1


def iter_gather(flows):
    return (yield Gather(flows, len(flows)))


@pytest.mark.parametrize(
    ("how", "opens"),
    [
        (Dropped(applied=False), True),
        (Reply(500, "", (("x-ms-error-code", "InternalError"),)), True),
        (Reply(503, "", (("x-ms-error-code", "ServiceUnavailable"),)), True),
        (Reply(503, "", (("x-ms-error-code", "ServerBusy"),)), False),
        (Reply(429, ""), False),
        (Reply(404, "", (("x-ms-error-code", "ShareNotFound"),)), False),
        (Reply(403, ""), False),
        (Reply(409, ""), False),
    ],
)
def test_losses_and_5xx_open_the_circuit_and_refusals_and_a_busy_service_do_not(how, opens):
    endpoint = Endpoint(how=how)
    share = endpoint.client().share("data")
    for _ in range(4):
        with pytest.raises(azfiles.AzureFilesError):
            share.get_properties()
    with pytest.raises(azfiles.CircuitOpen if opens else azfiles.ServiceError):
        share.get_properties()


def test_requests_that_never_left_say_nothing_about_the_endpoint():
    endpoint = Endpoint(fails_to=0.0)
    share = azfiles.connect(
        endpoint.handle, clock=endpoint.clock, retry=None, circuit=POLICY, api_version="2018-11-09"
    ).share("data")
    for _ in range(10):
        with pytest.raises(azfiles.RequestNotSent, match="2019-02-02"):
            share.create_permission("O:SY")
    assert share.get_properties().quota_gib


def test_a_circuit_that_opens_between_two_tries_ends_a_call_that_may_have_acted_as_unknown():
    endpoint = Endpoint()
    client = azfiles.connect(endpoint.handle, clock=endpoint.clock, seed=1, circuit=POLICY)
    with pytest.raises(azfiles.OutcomeUnknown) as caught:
        client.share("data").set_quota(7)
    assert isinstance(caught.value.__cause__, azfiles.CircuitOpen)
    assert len(endpoint.asked_at) == POLICY.least_calls


def test_a_probe_that_is_cancelled_lets_another_one_pass():
    endpoint = Endpoint(fails_to=20.0)
    client = endpoint.client()
    share = client.share("data")
    failing(share, 4)
    endpoint.clock.advance(31)
    probe = azfiles.ShareClient.get_properties.flow(share.target)
    for answer in (None, endpoint.clock.time()):
        probe.send(answer)
    assert client.target.session.health.state.circuit == HalfOpen(2)
    probe.close()
    assert client.target.session.health.state.circuit == HalfOpen(2, probing=False)
    assert share.get_properties().quota_gib
    assert isinstance(client.target.session.health.state.circuit, Closed)


@pytest.mark.parametrize("wrong", [{"failure_rate": 0.0}, {"failure_rate": 1.5}, {"least_calls": 0}, {"open_s": 0.0}])
def test_a_policy_that_means_nothing_is_refused(wrong):
    with pytest.raises(azfiles.InvalidArgument, match=next(iter(wrong))):
        azfiles.CircuitPolicy(**wrong)
