"""One transport, five modes: which of them answers from the cassette, sends, and writes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import anyio
import httpx
import pytest

import azfiles
from azfiles import InProcessTransport, connect, recording, replaying, use_cassette
from azfiles.cassette.document import read_cassette
from azfiles.cassette.writing import write_cassette
from azfiles.errors import CassetteError, InvalidArgument, NotRecorded, RequestNotSent
from azfiles.messages import Request, Response
from azfiles.transports.recording import Recording
from azfiles.transports.taping import MODES, CassetteTransport
from azfiles_sim import ManualClock, Simulator
from tests.cassette.builders import Answering, interaction, request, respond

KNOWN = "UseDevelopmentStorage=true"


class Counting:
    """A transport that says with each answer the how manieth it is."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.closed = 0

    def send(self, asked: Request, timeout_s: float) -> Response:
        self.sent.append(asked.target)
        return respond(200, (), f"{len(self.sent)}".encode())

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.yaml"


def run(path: Path, mode, *targets: str, allow_unplayed: bool = False) -> tuple[list[bytes], Counting]:
    inside = Counting()
    with use_cassette(path, inside, mode=mode, allow_unplayed=allow_unplayed) as transport:
        return [bytes(transport.send(request("GET", target), 1.0).body) for target in targets], inside


def test_none_only_answers_from_the_cassette(path: Path):
    with pytest.raises(CassetteError, match=r"no such file; .*records it"):
        use_cassette(path, mode="none")
    run(path, "all", "/s/a", "/s/b")
    told, inside = run(path, "none", "/s/b", "/s/a")
    assert (told, inside.sent, inside.closed) == ([b"2", b"1"], [], 1)
    with pytest.raises(NotRecorded):
        run(path, "none", "/s/c")
    with use_cassette(path, mode="none", allow_unplayed=True) as transport:
        assert transport.send(request("GET", "/s/a"), 1.0).body == b"1"


def test_once_records_where_there_is_no_cassette_and_only_then(path: Path):
    assert run(path, "once", "/s/a")[1].sent == ["/s/a"]
    before = path.read_bytes()
    assert run(path, "once", "/s/a")[1].sent == []
    with pytest.raises(NotRecorded):
        run(path, "once", "/s/b")
    assert path.read_bytes() == before


def test_new_sends_what_is_not_recorded_and_adds_it(path: Path):
    assert run(path, "new", "/s/a")[1].sent == ["/s/a"]
    told, inside = run(path, "new", "/s/b", "/s/a", "/s/a")
    assert (told, inside.sent) == ([b"1", b"1", b"2"], ["/s/b", "/s/a"])
    assert [one.request.uri[-4:] for one in read_cassette(path)] == ["/s/a", "/s/b", "/s/a"]
    told, inside = run(path, "none", "/s/a", "/s/a", "/s/b")
    assert told == [b"1", b"2", b"1"]


def test_new_writes_nothing_where_nothing_is_new(path: Path):
    run(path, "all", "/s/a")
    path.write_text(path.read_text() + "# a remark\n")
    run(path, "new", "/s/a")
    assert path.read_text().endswith("# a remark\n")


def test_all_sends_everything_and_replaces_the_cassette(path: Path):
    run(path, "all", "/s/a", "/s/b")
    assert run(path, "all", "/s/b")[1].sent == ["/s/b"]
    assert len(read_cassette(path)) == 1


def test_live_sends_everything_and_leaves_the_cassette_alone(path: Path):
    assert run(path, "live", "/s/a")[1].sent == ["/s/a"]
    assert not path.exists()
    path.write_text("not even a cassette")
    assert run(path, "live", "/s/a")[0] == [b"1"]
    assert path.read_text() == "not even a cassette"


@pytest.mark.parametrize("mode", MODES)
def test_the_transport_inside_is_closed_in_every_mode(path: Path, mode):
    run(path, "all", "/s/a")
    assert run(path, mode, "/s/a")[1].closed == 1


def test_what_was_not_asked_for_is_an_error_also_beside_what_is_new_but_the_new_is_saved(path: Path):
    run(path, "all", "/s/a", "/s/b")
    with pytest.raises(CassetteError, match=r"1 of 2 recorded requests were not asked for .*: #2 Get File /s/b"):
        run(path, "new", "/s/a", "/s/c")
    assert len(read_cassette(path)) == 3
    run(path, "none", "/s/a", "/s/c", allow_unplayed=True)


def test_an_unknown_mode_or_a_missing_transport_is_refused(path: Path):
    with pytest.raises(InvalidArgument, match="one of none, once, new, all, live"):
        use_cassette(path, mode="sometimes")  # type: ignore[arg-type]  # what the test is about
    for mode in ("once", "new", "all", "live"):
        with pytest.raises(InvalidArgument, match="needs one"):
            use_cassette(path, mode=mode)  # type: ignore[arg-type]  # a mode, but not known to be a literal here


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        ({"body_limit": -1}, "body_limit: -1 bytes; 0 or more"),
        ({"secrets": [5]}, "a list of texts"),
        ({"secrets": 5}, "a list of texts"),
        ({"secrets": [b"0123456789"]}, "a list of texts"),
    ],
)
def test_an_option_that_cannot_be_meant_is_refused_at_once(path: Path, option, complaint: str):
    with pytest.raises(InvalidArgument, match=complaint):
        recording(Counting(), path, **option)
    assert not path.exists()


@pytest.mark.parametrize("mode", MODES)
def test_async_in_every_mode(path: Path, mode):
    run(path, "all", "/s/a")

    class Async:
        closed = 0

        async def send_async(self, asked: Request, timeout_s: float) -> Response:
            return respond(200, (), b"1")

        async def aclose(self) -> None:
            self.closed += 1

    inside = Async()

    async def main() -> bytes:
        async with use_cassette(path, inside, mode=mode) as transport:
            if mode in {"all", "live"}:
                with pytest.raises(RequestNotSent, match="async"):
                    transport.send(request("GET", "/s/a"), 1.0)
            return bytes((await transport.send_async(request("GET", "/s/a"), 1.0)).body)

    assert anyio.run(main) == b"1"
    assert inside.closed == 1


def test_a_blocking_transport_is_no_async_one(path: Path):
    with pytest.raises(RequestNotSent, match="is blocking"):
        anyio.run(use_cassette(path, Counting(), mode="live").send_async, request("GET", "/s/a"), 1.0)


def test_a_lease_taken_in_the_replay_goes_on_in_what_is_new(path: Path):
    """The live id stands for the recorded one, in what is added too; the account stays the same pseudonym."""
    simulator = Simulator()
    lease = "5f0c1a54-9a3e-4b7f-8a51-0d2d6a1be001"

    def acquire(client: azfiles.ServiceClient) -> None:
        client.share("data").create()
        client.share("data").file("f").create(4)
        client.share("data").file("f").acquire_lease(proposed_id=lease)

    with connect(KNOWN, transport=recording(InProcessTransport(simulator.handle), path)) as client:
        acquire(client)
    with connect(KNOWN, transport=use_cassette(path, InProcessTransport(simulator.handle), mode="new")) as client:
        acquire(client)
        client.share("data").file("f").put_range(0, b"abcd", lease_id=lease)
    text = path.read_text()
    assert lease not in text
    assert "storagename2" not in text
    assert text.count("00000000-0000-4000-8000-000000000001") > 2
    other = "0c9a7b52-11aa-4f3e-8e0d-5a6b7c8d9e0f"
    with connect(KNOWN, transport=replaying(path)) as client:
        client.share("data").create()
        client.share("data").file("f").create(4)
        client.share("data").file("f").acquire_lease(proposed_id=other)
        client.share("data").file("f").put_range(0, b"abcd", lease_id=other)


def test_repeated_polls_are_answered_in_order_and_the_last_again_only_if_asked(path: Path):
    bodies = iter([b"pending", b"done"])
    with recording(Answering(lambda _: respond(200, (), next(bodies))), path) as recorder:
        for _ in range(2):
            recorder.send(request("GET", "/s/f"), 1.0)
        with pytest.raises(StopIteration):
            recorder.send(request("GET", "/s/f"), 1.0)
    with replaying(path, repeat_last=True) as replayer:
        seen = [bytes(replayer.send(request("GET", "/s/f"), 1.0).body) for _ in range(4)]
    assert seen == [b"pending", b"done", b"done", b"done"]
    with replaying(path) as replayer:
        for _ in range(2):
            replayer.send(request("GET", "/s/f"), 1.0)
        with pytest.raises(NotRecorded, match="each was played already; 2 of 2"):
            replayer.send(request("GET", "/s/f"), 1.0)


def test_a_write_is_never_answered_again(path: Path):
    with recording(Answering(lambda _: respond(201)), path) as recorder:
        recorder.send(request("PUT", "/s/f?comp=metadata", {"x-ms-meta-a": "1"}), 1.0)
    replayer = replaying(path, repeat_last=True)
    replayer.send(request("PUT", "/s/f?comp=metadata", {"x-ms-meta-a": "1"}), 1.0)
    with pytest.raises(NotRecorded):
        replayer.send(request("PUT", "/s/f?comp=metadata", {"x-ms-meta-a": "1"}), 1.0)


def test_virtual_time_follows_the_recording(path: Path):
    """A session that waits between its requests, by an injected clock: in the replay nobody waits, and time is the same."""

    def session(client: azfiles.ServiceClient, clock, wait) -> list[float]:
        file = client.share("data").file("f")
        told = []
        for step in (client.share("data").create, lambda: file.create(4), lambda: file.put_range(0, b"abcd")):
            step()
            told.append(clock.time())
            wait(12.5)
        return told

    began = ManualClock(datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC))
    recorder = recording(InProcessTransport(Simulator(clock=began).handle), path, clock=began)
    with connect(KNOWN, transport=recorder, clock=began) as client:
        recorded = session(client, began, began.advance)
    # Whether the client waits, as for a retry, or the time went by in the recording while it did not: it is the same.
    for wait in (lambda clock: clock.advance, lambda _: lambda _: None):
        replayer = replaying(path)
        with connect(KNOWN, transport=replayer, clock=replayer.clock) as client:
            assert session(client, replayer.clock, wait(replayer.clock)) == recorded
        assert recorded[1] - recorded[0] == 12.5
    assert repr(replayer.clock) == "<RecordedClock at 2026-05-06 07:08:34>"


def test_a_client_that_waits_between_polls_waits_in_the_recordings_time(path: Path):
    """A renewed lease: the flow sleeps, the virtual clock moves at once, and the answers are those of that moment."""
    clock = ManualClock(datetime(2026, 5, 6, tzinfo=UTC))
    simulator = Simulator(clock=clock)
    recorder = recording(InProcessTransport(simulator.handle), path, clock=clock)

    def session(client: azfiles.ServiceClient, clock) -> list[str]:
        file = client.share("data").file("f")
        client.share("data").create()
        file.create(4)
        states = []
        lease = client.share("data").acquire_lease(15)
        for seconds in (10, 10, 20):
            clock.advance(seconds)
            if seconds == 10:
                client.share("data").renew_lease(lease.id)
            states.append(client.share("data").get_properties().lease.state)
        return [str(state) for state in states]

    with connect(KNOWN, transport=recorder, clock=clock) as client:
        recorded = session(client, clock)
    replayer = replaying(path)
    with connect(KNOWN, transport=replayer, clock=replayer.clock) as client:
        assert session(client, replayer.clock) == recorded
    assert recorded[:2] == [recorded[0]] * 2
    assert recorded[2] != recorded[0]


def test_the_clock_follows_the_service_dates_of_another_clients_cassette_and_never_goes_back(path: Path):
    def at(second: int, name: str):
        return interaction("GET", f"/s/{name}", answer={"Date": f"Thu, 09 May 2019 01:00:{second:02} GMT"})

    write_cassette(path, [at(10, "a"), at(40, "b"), at(20, "c"), interaction("GET", "/s/d", answer={"Date": "?"})])
    replayer = replaying(path)
    start = replayer.clock.time()
    elapsed = []
    for name in "abcd":
        replayer.send(request("GET", f"/s/{name}"), 1.0)
        elapsed.append(replayer.clock.time() - start)
    assert elapsed == [0, 30, 30, 30]


def test_a_clock_is_offered_only_where_a_cassette_answers_alone(path: Path):
    run(path, "all", "/s/a")
    clocks = {mode: use_cassette(path, Counting(), mode=mode).clock is not None for mode in MODES}
    assert clocks == {"none": True, "once": True, "new": False, "all": False, "live": False}


def test_it_tells_what_the_cassette_held_and_whether_it_may_be_written(path: Path):
    told = {}
    run(path, "all", "/s/a")
    for mode in MODES:
        with use_cassette(path, Counting(), mode=mode, allow_unplayed=True) as transport:
            told[mode] = len(transport.interactions), transport.records
    assert told == {"none": (1, False), "once": (1, False), "new": (1, True), "all": (0, True), "live": (0, False)}


# --- a with statement that ends in an error ---------------------------------------------------------------------------


def through_transport(path: Path, mode, work) -> None:
    with use_cassette(path, InProcessTransport(Simulator().handle), mode=mode, body_limit=64) as transport:
        work(connect(KNOWN, transport=transport))


def through_recording(path: Path, mode, work) -> None:
    with recording(InProcessTransport(Simulator().handle), path, body_limit=64) as recorder:
        work(connect(KNOWN, transport=recorder))


def through_client(path: Path, mode, work) -> None:
    transport = use_cassette(path, InProcessTransport(Simulator().handle), mode=mode, body_limit=64)
    with connect(KNOWN, transport=transport) as client:
        work(client)


def through_httpx(path: Path, mode, work) -> None:
    transport = use_cassette(path, InProcessTransport(Simulator().handle), mode=mode, body_limit=64)
    with httpx.Client(transport=azfiles.httpx_transport(transport)):
        work(connect(KNOWN, transport=transport))


class Blocking:
    """A blocking transport for async clients, which closes like a recording."""

    def __init__(self) -> None:
        self._inside = InProcessTransport(Simulator().handle)

    async def send_async(self, asked: Request, timeout_s: float) -> Response:
        return self._inside.send(asked, timeout_s)

    async def aclose(self) -> None: ...


def through_async_client(path: Path, mode, work) -> None:
    async def main() -> None:
        transport = use_cassette(path, Blocking(), mode=mode, body_limit=64)
        async with azfiles.connect_async(KNOWN, transport=transport) as client:
            await client.share("data").create()
            await client.share("data").file("f").create(100)
            await client.share("data").file("f").put_range(0, b"x" * 100)
            work(None)

    anyio.run(main)


def through_async_recording(path: Path, mode, work) -> None:
    async def main() -> None:
        async with recording(Blocking(), path, body_limit=64) as recorder:
            await azfiles.connect_async(KNOWN, transport=recorder).share("data").create()
            work(None)

    anyio.run(main)


ENDINGS = (
    through_transport,
    through_recording,
    through_client,
    through_httpx,
    through_async_client,
    through_async_recording,
)


def fail(client: azfiles.ServiceClient | None) -> None:
    if client is not None:
        client.share("data").create()
        client.share("data").file("f").create(100)
        client.share("data").file("f").put_range(0, b"x" * 100)
    raise ZeroDivisionError


@pytest.mark.parametrize("end", ENDINGS)
def test_where_the_with_ends_in_an_error_nothing_is_written_and_the_error_says_so(path: Path, end):
    with pytest.raises(ZeroDivisionError) as caught:
        end(path, "once", fail)
    assert list(path.parent.iterdir()) == []
    assert caught.value.__notes__ == [f"azfiles: nothing was saved because of this error: cassette {path} is as it was"]


@pytest.mark.parametrize("end", ENDINGS)
def test_a_good_cassette_stays_as_it_is_with_its_bodies(path: Path, end):
    def good(client: azfiles.ServiceClient) -> None:
        client.share("good").create()
        client.share("good").file("f").create(100)
        for content in (b"x", b"y"):  # the first of them is what the failing session sends too
            client.share("good").file("f").put_range(0, content * 100)

    through_transport(path, "all", good)
    before = {file: file.read_bytes() for file in path.parent.rglob("*") if file.is_file()}
    assert len(before) == 3
    with pytest.raises(ZeroDivisionError):
        end(path, "all", fail)
    assert {file: file.read_bytes() for file in path.parent.rglob("*") if file.is_file()} == before


def test_new_adds_nothing_where_the_with_ends_in_an_error(path: Path):
    run(path, "all", "/s/a")
    before = path.read_bytes()

    def work(transport: CassetteTransport) -> None:
        transport.send(request("GET", "/s/b"), 1.0)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), use_cassette(path, Counting(), mode="new") as transport:
        work(transport)
    assert path.read_bytes() == before


def test_a_client_that_ends_in_an_error_does_not_decide_for_the_recording_around_it(path: Path):
    with recording(InProcessTransport(Simulator().handle), path) as recorder:
        with pytest.raises(azfiles.NotFound) as caught, connect(KNOWN, transport=recorder) as client:
            client.share("none").delete()
        assert not hasattr(caught.value, "__notes__")
    assert len(read_cassette(path)) == 1


def test_what_was_saved_before_the_error_stays(path: Path):
    def work(recorder: Recording) -> None:
        recorder.send(request("GET", "/s/a"), 1.0)
        recorder.save()
        recorder.send(request("GET", "/s/b"), 1.0)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), recording(Counting(), path) as recorder:
        work(recorder)
    assert len(read_cassette(path)) == 1


def test_closing_saves_also_while_an_error_is_handled(path: Path):
    recorder = recording(Counting(), path)
    recorder.send(request("GET", "/s/a"), 1.0)
    try:
        fail(None)
    except ZeroDivisionError:
        recorder.close()
    assert len(read_cassette(path)) == 1
