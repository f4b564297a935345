"""When a call is tried again, how long it waits, and what it says when it gives up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import azfiles
from azfiles.errors import OutcomeUnknown, RequestNotSent, ServerFault, ServiceError, Throttled, TransportError
from azfiles.flows.retrying import Again, Failed, Stop, backoff_s, decide, is_passing, retry_after_s
from azfiles.messages import Headers
from azfiles_sim import ManualClock, Simulator
from azfiles_sim.faults import Faulty, LoseReply, LoseRequest, SeededPlan

BUSY = Throttled(503, "ServerBusy", "busy")
LOST = TransportError("lost", sent=True)
POLICY = azfiles.RetryPolicy(attempts=4, base_s=1.0, cap_s=5.0, deadline_s=60.0)
ERRORS = st.sampled_from([BUSY, LOST, TransportError("refused", sent=False), ServerFault(500, "InternalError", "")])


@given(ERRORS, st.integers(1, 6), st.floats(0, 100), st.floats(0, 0.999), st.none() | st.floats(0, 90))
def test_a_wait_is_random_below_a_doubling_bound_and_never_shorter_than_the_service_asked_for(
    error, tries, elapsed_s, fraction, asked_s
):
    decision = decide(POLICY, Failed(error, asked_s), tries=tries, elapsed_s=elapsed_s, fraction=fraction)
    if isinstance(decision, Again):
        assert tries < POLICY.attempts
        assert decision.delay_s == max(fraction * min(5.0, 2.0 ** (tries - 1)), asked_s or 0.0)
        assert elapsed_s + decision.delay_s < POLICY.deadline_s
    else:
        assert tries >= POLICY.attempts or elapsed_s + max(fraction * 5.0, asked_s or 0.0) >= POLICY.deadline_s


def test_the_bound_of_a_wait_doubles_up_to_the_cap_and_no_exponent_is_too_large():
    assert [backoff_s(POLICY, tries) for tries in (1, 2, 3, 4, 5, 10_000)] == [1, 2, 4, 5, 5, 5]


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (BUSY, True),
        (LOST, True),
        (ServerFault(500, "InternalError", ""), True),
        (ServerFault(502, "", ""), True),
        (ServerFault(504, "", ""), True),
        (ServerFault(501, "NotImplemented", ""), False),
        (ServiceError(408, "", ""), True),
        (Throttled(429, "", ""), True),
        (ServiceError(400, "", ""), False),
        (azfiles.NotFound(404, "", ""), False),
        (azfiles.LeaseConflict(409, "", ""), False),
        (RequestNotSent("version"), False),
        (azfiles.CircuitOpen("open", retry_after_s=1.0), False),
        (azfiles.ReplyNotUnderstood("what?"), False),
    ],
)
def test_only_what_may_pass_is_tried_again(error, passing):
    assert is_passing(error) == passing
    decision = decide(POLICY, Failed(error), tries=1, elapsed_s=0.0, fraction=0.5)
    assert decision == (Again(0.5) if passing else Stop("another try would fail in the same way"))


@pytest.mark.parametrize(
    ("told", "date", "seconds"),
    [
        ("7", None, 7.0),
        (" 0 ", None, 0.0),
        ("Fri, 02 Jan 2026 03:04:15 GMT", "Fri, 02 Jan 2026 03:04:05 GMT", 10.0),
        ("Fri, 02 Jan 2026 03:04:00 GMT", "Fri, 02 Jan 2026 03:04:05 GMT", 0.0),
        ("Fri, 02 Jan 2026 03:04:15 GMT", None, None),
        ("soon", "Fri, 02 Jan 2026 03:04:05 GMT", None),
        ("-1", "nonsense", None),
        (None, "Fri, 02 Jan 2026 03:04:05 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date_by_the_services_own_clock(told, date, seconds):
    pairs = [(name, value) for name, value in (("Retry-After", told), ("Date", date)) if value is not None]
    assert retry_after_s(Headers(pairs)) == seconds


class Line:
    """A simulator whose requests are seen, and meet what ``trouble`` gives for their number."""

    def __init__(self, trouble=lambda _number: None, *, clock=None):
        self.clock = clock or ManualClock()
        self.simulator = Simulator(clock=self.clock)
        self.requests = []
        self.times = []
        self.trouble = trouble
        with azfiles.connect(self.simulator.handle, clock=self.clock) as client:
            client.share("data").create()
            client.share("data").file("f").upload(b"0123456789")
        self.clock.advance(10)

    def handle(self, request):
        self.requests.append(request)
        self.times.append(self.clock.time())
        reply = self.trouble(len(self.requests))
        return self.simulator.handle(request) if reply is None else reply

    def file(self, name="f", **options):
        options = {"seed": 1, **options}
        return azfiles.connect(self.handle, clock=self.clock, **options).share("data").file(name)


class Reply:
    reason = ""
    body = ()

    def __init__(self, status, code, **headers):
        pairs = ((name.replace("_", "-"), value) for name, value in headers.items())
        self.status, self.headers = status, (("x-ms-error-code", code), *pairs)


class Dropped:
    status = None


def first(count, reply):
    return lambda number: reply if number <= count else None


def header(request, name):
    return dict(request.headers)[name]


def test_each_try_is_dated_named_and_signed_afresh_and_sends_the_whole_body_again():
    line = Line(first(2, Dropped()))
    line.file(retry=azfiles.RetryPolicy(base_s=600.0, cap_s=600.0, deadline_s=9000.0)).put_range(0, b"abc")
    for name in ("x-ms-date", "x-ms-client-request-id", "Authorization"):
        assert len({header(request, name) for request in line.requests}) == 3
    assert [b"".join(request.body) for request in line.requests] == [b"abc"] * 3


def test_a_buffer_that_a_lost_reply_half_filled_is_filled_again():
    class Cut(Reply):
        body = (b"x" * 7,)

    line = Line(first(1, Cut(200, "", Content_Length="10")))
    room = bytearray(10)
    content = line.file().get(into=room).content
    assert (bytes(content), bytes(room)) == (b"0123456789", b"0123456789")


def test_what_the_service_asks_for_in_retry_after_is_waited_for():
    line = Line(first(2, Reply(503, "ServerBusy", Retry_After="7")))
    line.file().get_properties()
    assert line.times[1] - line.times[0] >= 7
    assert line.times[2] - line.times[1] >= 7


def test_a_call_ends_in_time_and_its_last_try_is_given_no_more_than_what_is_left():
    line = Line(lambda _: Dropped())
    timeouts = []

    class Slow(azfiles.InProcessTransport):
        def send(self, request, timeout_s):
            timeouts.append(timeout_s)
            line.clock.advance(min(timeout_s, 8.0))
            return super().send(request, timeout_s)

    policy = azfiles.RetryPolicy(attempts=50, base_s=0.0, deadline_s=20.0)
    start = line.clock.time()
    service = azfiles.connect(
        "UseDevelopmentStorage=true", transport=Slow(line.handle), clock=line.clock, retry=policy, circuit=None
    )
    with pytest.raises(TransportError) as caught:
        service.share("data").file("f").get_properties()
    assert line.clock.time() - start == pytest.approx(20.0)
    assert timeouts == pytest.approx([20.0, 12.0, 4.0])
    assert "deadline of 20 s" in caught.value.__notes__[0]


def test_after_all_attempts_the_last_error_is_raised_and_says_how_many_there_were():
    line = Line(lambda _: Reply(503, "ServerBusy"))
    with pytest.raises(Throttled) as caught:
        line.file(retry=azfiles.RetryPolicy(attempts=3)).get_properties()
    assert len(line.requests) == 3
    assert caught.value.__notes__ == ["Get File Properties: 3 attempts; all 3 attempts failed"]
    assert not caught.value.may_have_acted


def test_busy_after_a_lost_reply_still_says_that_the_first_try_may_have_acted():
    line = Line(lambda number: Dropped() if number == 1 else Reply(503, "ServerBusy"))
    with pytest.raises(OutcomeUnknown) as caught:
        line.file(retry=azfiles.RetryPolicy(attempts=3)).put_range(0, b"abc")
    assert caught.value.sent
    assert isinstance(caught.value.__cause__, Throttled)


def test_without_retries_one_request_is_sent_and_a_client_can_be_told_so_for_one_call():
    line = Line(lambda _: Dropped())
    with pytest.raises(TransportError):
        line.file(retry=None).get_properties()
    assert len(line.requests) == 1
    file = line.file()
    with pytest.raises(TransportError):
        file.with_retry(None).get_properties()
    assert len(line.requests) == 2
    with pytest.raises(TransportError):
        file.with_retry(azfiles.RetryPolicy(attempts=2)).get_properties()
    assert len(line.requests) == 4
    assert file.with_retry(None).target.session.health is file.target.session.health


def test_an_outage_costs_no_more_retries_than_the_budget_and_successes_earn_them_back():
    line = Line(lambda number: Reply(503, "ServerBusy") if number <= 40 or number > 90 else None)
    policy = azfiles.RetryPolicy(attempts=5, budget=10.0, refund=0.1)
    file = line.file(retry=policy, circuit=None)
    for _ in range(30):
        with pytest.raises(Throttled):
            file.get_properties()
    assert len(line.requests) == 30 + 10
    for _ in range(50):
        file.get_properties()
    line.requests[:] = [None] * 90
    for _ in range(20):
        with pytest.raises(Throttled):
            file.get_properties()
    assert len(line.requests) - 90 - 20 in {4, 5}  # sums of tenths


def test_the_budget_is_said_to_be_the_reason():
    line = Line(lambda _: Reply(503, "ServerBusy"))
    with pytest.raises(Throttled) as caught:
        line.file(retry=azfiles.RetryPolicy(budget=1.0)).get_properties()
    assert "budget" in caught.value.__notes__[0]


def test_a_call_that_succeeds_at_once_waits_for_nothing():
    file = Line().file()
    file.get_properties()
    effects = [step.effect.partition(" ")[0] for step in file.runner.trace]
    assert effects == ["Monotonic", "WallClock", "NewId", "Send", "Monotonic"]


def test_an_error_names_no_secret_of_the_request_that_was_repeated():
    line = Line(lambda number: Dropped() if number == 1 else Reply(409, "LeaseIdMissing"))
    service = azfiles.connect(line.handle, azfiles.Sas("sv=2025-11-05&sig=SECRET"), clock=line.clock)
    with pytest.raises(OutcomeUnknown) as caught:
        service.share("data").file("f").put_range(0, b"abc")
    assert "SECRET" not in "".join(
        map(str, (caught.value, caught.value.__cause__, *getattr(caught.value, "__notes__", ())))
    )


def test_the_same_number_gives_the_same_waits_and_requests():
    def times(seed):
        line = Line()
        faulty = Faulty(lambda request, _=None: line.handle(request), SeededPlan(3, 0.3, 0.3))
        service = azfiles.connect(
            faulty.handle, clock=line.clock, seed=seed, circuit=None, retry=azfiles.RetryPolicy(attempts=20)
        )
        file = service.share("data").file("f")
        for number in range(20):
            file.put_range(number % 10, b"x")
        return line.times, [header(request, "x-ms-client-request-id") for request in line.requests]

    assert times(5) == times(5)
    assert times(5) != times(6)


@pytest.mark.parametrize("wrong", [{"attempts": 0}, {"deadline_s": 0.0}, {"base_s": -1.0}, {"budget": float("inf")}])
def test_a_policy_that_means_nothing_is_refused(wrong):
    with pytest.raises(azfiles.InvalidArgument, match=next(iter(wrong))):
        azfiles.RetryPolicy(**wrong)


def test_a_file_is_transferred_whole_over_a_line_that_loses_a_third_of_all_requests():
    data = bytes(range(256)) * 64
    for seed in range(8):
        clock = ManualClock()
        simulator = Simulator(clock=clock)
        faulty = Faulty(simulator.handle, SeededPlan(seed, 0.17, 0.17))
        policy = azfiles.RetryPolicy(attempts=20)
        file = (
            azfiles.connect(faulty.handle, clock=clock, seed=seed, retry=policy, circuit=None).share("data").file("f")
        )
        azfiles.connect(simulator.handle, clock=clock).share("data").create()
        file.upload(data, range_size=1000)
        assert bytes(file.download(range_size=1500)) == data
        assert {type(entry.outcome) for entry in faulty.diary} == {LoseRequest, LoseReply}
