"""Faults that a cassette never recorded, met by a client that is replayed, and recorded in their turn."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from azure.storage.fileshare import LinearRetry, ShareClient

import azfiles
from azfiles_sim import ManualClock, Simulator
from azfiles_sim.adapters import azure_core_transport
from azfiles_sim.faults import (
    CutBody,
    DelayReply,
    Faulty,
    FlipReplyBit,
    LoseLease,
    LoseReply,
    LoseRequest,
    Refuse,
    Rule,
    Script,
    WrongLength,
)

TO = "UseDevelopmentStorage=true"


def work(service):
    """A session that is worth a cassette."""
    share = service.share("data")
    share.create()
    share.file("f").create(5)
    share.file("f").put_range(0, b"hello")
    return bytes(share.file("f").get_range(0, 5).content), [item.name for item in service.list_shares()]


@pytest.fixture
def tape(tmp_path):
    path, clock = tmp_path / "tape.yaml", ManualClock()
    inside = azfiles.InProcessTransport(Simulator(clock=clock).handle)
    with azfiles.connect(TO, transport=azfiles.recording(inside, path, clock=clock), clock=clock, seed=1) as service:
        work(service)
    return path


def replayed(tape, plan, *, repeat_last=False, **options):
    """A client of the cassette behind a plan, and the plan's wrapper."""
    replayer = azfiles.replaying(tape, allow_unplayed=True, repeat_last=repeat_last)
    faulty = Faulty(azfiles.as_handler(replayer).handle, plan, clock=replayer.clock)
    transport = azfiles.InProcessTransport(faulty.handle)
    return azfiles.connect(TO, transport=transport, clock=replayer.clock, **options), faulty


@pytest.mark.parametrize(
    "outcome", [LoseRequest(), Refuse("ServerBusy", retry_after_s=2), Refuse("InternalError"), DelayReply(3)], ids=str
)
def test_a_client_with_retries_comes_through_to_what_was_recorded(tape, outcome):
    """Also where each request meets it once: the cassette has not been asked yet."""
    seen = set()

    def once_each(call):
        first = (call.request.method, call.request.target) not in seen
        seen.add((call.request.method, call.request.target))
        return outcome if first else None

    service, faulty = replayed(tape, once_each, seed=1)
    assert work(service) == (b"hello", ["data"])
    assert len(faulty.diary) == 5


def test_what_the_cassette_has_told_once_it_tells_no_second_time(tape):
    """A reply that is lost after it was played is gone, unless the cassette may repeat its last answer to a read."""
    plan = Script((Rule(LoseReply(), ("F2",), times=1),))
    service, _ = replayed(tape, plan, seed=1)
    with pytest.raises(azfiles.NotRecorded):
        work(service)
    service, _ = replayed(tape, plan, seed=1, repeat_last=True)
    assert work(service) == (b"hello", ["data"])


def test_what_the_cassette_does_not_have_was_not_spoiled_and_is_not_in_the_diary(tape):
    service, faulty = replayed(tape, Script((Rule(LoseReply(), ("F2",)),)), seed=1)
    with pytest.raises(azfiles.NotRecorded):
        work(service)
    assert faulty.calls == 5
    assert faulty.diary_text == "#4 GET /devstoreaccount1/data/f: reply lost\n"


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (LoseReply(), azfiles.TransportError),
        (CutBody(2), azfiles.TransportError),
        (WrongLength(1), azfiles.TransportError),
        (WrongLength(-1), azfiles.ReplyNotUnderstood),
    ],
    ids=str,
)
def test_without_retries_it_sees_the_fault(tape, outcome, kind):
    service, faulty = replayed(tape, Script((Rule(outcome, ("F2",)),)), retry=None)
    with pytest.raises(kind):
        work(service)
    assert faulty.diary_text == f"#4 GET /devstoreaccount1/data/f: {outcome}\n"


def test_a_flipped_bit_reaches_a_replayed_client_too(tape):
    service, _ = replayed(tape, Script((Rule(FlipReplyBit(0), ("F2",)),)), retry=None)
    assert work(service)[0] == b"iello"


def test_what_happens_inside_a_service_cannot_happen_inside_a_cassette(tape):
    service, faulty = replayed(tape, lambda _: LoseLease(), retry=None)
    with pytest.raises(ValueError, match="give the plan to the simulator"):
        work(service)
    assert faulty.diary == ()


def test_a_recorded_refusal_of_a_connection_stays_one_behind_a_plan(tmp_path):
    """A client is told that nothing was sent, through the cassette and the wrapper."""
    refused = azfiles.TransportError("connection refused", sent=False)

    class Refusing:
        def send(self, request, timeout_s):
            raise refused

        def close(self):
            pass

    path = tmp_path / "down.yaml"
    with (
        azfiles.connect(TO, transport=azfiles.recording(Refusing(), path), retry=None) as service,
        pytest.raises(azfiles.TransportError),
    ):
        service.share("data").create()
    service, _ = replayed(path, Script(), retry=None)
    with pytest.raises(azfiles.TransportError) as caught:
        service.share("data").create()
    assert not caught.value.sent


def test_the_official_sdk_takes_a_wrapped_handler_for_a_simulator():
    """It waits on the wrapper's clock."""
    clock = ManualClock(datetime.now(UTC))
    faulty = Faulty(Simulator(clock=clock).handle, Script((Rule(Refuse("ServerBusy"), times=1),)), clock=clock)
    began = clock.time()
    with ShareClient(
        "https://devstoreaccount1.file.core.windows.net",
        "data",
        credential=azfiles.EMULATOR_KEY,
        transport=azure_core_transport(faulty),
        retry_policy=LinearRetry(backoff=15, random_jitter_range=0),
    ) as share:
        share.create_share()
    assert clock.time() - began == pytest.approx(15)
    assert faulty.diary_text == "#1 PUT /data restype=share: ServerBusy instead\n"
    assert Simulator(clock=clock).faults.clock is clock
