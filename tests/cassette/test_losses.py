"""What brought no response is recorded and replayed as that; what ran side by side keeps both its orders."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
import vcr.serialize
from vcr.serializers import yamlserializer

import azfiles
from azfiles import InProcessTransport, recording, replaying
from azfiles.cassette import session
from azfiles.cassette.document import read_cassette
from azfiles.cassette.interactions import Lost
from azfiles.errors import CassetteError, NotRecorded, TransportError
from azfiles.messages import Request, Response
from azfiles_sim import Simulator
from azfiles_sim.messages import Dropped, Reply
from tests.cassette.builders import Answering, request, respond


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.yaml"


def scripted(*outcomes: bytes | TransportError) -> Answering:
    """A transport that has these outcomes one after the other."""
    waiting = iter(outcomes)

    def answer(_: Request) -> Response:
        outcome = next(waiting)
        if isinstance(outcome, TransportError):
            raise outcome
        return respond(200, (), outcome)

    return Answering(answer)


def ask(transport, asked: Request) -> bytes | tuple[str, bool]:
    try:
        return bytes(transport.send(asked, 1.0).body)
    except TransportError as error:
        return str(error), error.sent


def test_losses_are_replayed_in_their_order_with_what_is_known_of_them(path: Path):
    timeout = TransportError("GET /s/f: no complete answer in 1 s (read timeout)", sent=True)
    refused = TransportError("GET /s/f: connection refused", sent=False)
    asked = request("GET", "/s/f")
    with recording(scripted(refused, b"one", timeout, timeout, b"two"), path) as recorder:
        told = [ask(recorder, asked) for _ in range(5)]
    with replaying(path) as replayer:
        assert [ask(replayer, asked) for _ in range(5)] == told
    assert told[0] == ("GET /s/f: connection refused", False)


def test_vcrpy_sees_the_session_without_the_losses(path: Path):
    with recording(scripted(b"one", TransportError("reset", sent=True), b"two"), path) as recorder:
        for _ in range(3):
            ask(recorder, request("GET", "/s/f"))
    requests, responses = vcr.serialize.deserialize(path.read_text(), yamlserializer)
    assert len(requests) == 2
    assert [one["body"]["string"] for one in responses] == [b"one", b"two"]


def test_a_lost_request_that_is_not_asked_for_is_told_too(path: Path):
    with recording(scripted(TransportError("reset", sent=True)), path) as recorder:
        ask(recorder, request("PUT", "/s/f?comp=range", {"x-ms-range": "bytes=0-0"}, b"x"))
    with pytest.raises(CassetteError, match=r"#1 Put Range /s/f, bytes=0-0"):
        replaying(path).close()


def test_a_loss_tells_no_secret(path: Path):
    signature = "c2VjcmV0IHNpZ25hdHVyZQ=="
    asked = request("GET", f"/s/f?sig={signature}")
    lost = TransportError(f"https://myaccount.file.core.windows.net/s/f?sig={signature} reset", sent=True)
    with recording(scripted(lost), path) as recorder:
        ask(recorder, asked)
    assert signature not in path.read_text()
    assert "myaccount" not in path.read_text()
    with replaying(path) as replayer:
        assert ask(replayer, asked) == ("https://myaccount.file.core.windows.net/s/f?sig=REDACTED reset", True)


def cut(reply: Reply | Dropped) -> Reply | Dropped:
    assert isinstance(reply, Reply)
    return Reply(reply.status, reply.reason, reply.headers, [memoryview(b"ab")])


@pytest.mark.parametrize("befall", [lambda _: Dropped(applied=True), lambda _: Dropped(applied=False), cut])
def test_a_simulators_faults_replay_to_the_same_error(path: Path, befall):
    simulator = Simulator()
    numbers = count(1)

    def handle(asked):
        reply = simulator.handle(asked)
        return befall(reply) if next(numbers) == 4 else reply

    outcomes: list[list[object]] = [[], []]

    def work(client: azfiles.ServiceClient, told: list[object]) -> None:
        client.share("share").create()
        file = client.share("share").file("f")
        file.create(4)
        file.put_range(0, b"abcd")
        try:
            told.append(bytes(file.get_range(0, 4).content))
        except TransportError as error:
            told.append((str(error), error.sent))
        told.append(bytes(file.get_range(0, 4).content))

    known = "UseDevelopmentStorage=true"
    with azfiles.connect(known, transport=recording(InProcessTransport(handle), path), retry=None) as client:
        work(client, outcomes[0])
    with azfiles.connect(known, transport=replaying(path), retry=None) as client:
        work(client, outcomes[1])
    assert outcomes[0] == outcomes[1]
    assert isinstance(outcomes[0][0], tuple)
    assert any(isinstance(one.response, Lost) for one in read_cassette(path))


def test_requests_of_one_kind_that_overlap_are_replayed_in_the_order_in_which_they_were_sent(path: Path):
    """The first one asked is answered last; in the file it stands last, and in a replay it is the first all the same."""
    second_was_answered = threading.Event()
    turns = iter([b"first", b"second"])

    def answer(_: Request) -> Response:
        body = next(turns)
        if body == b"first":
            began.set()
            assert second_was_answered.wait(10)
        return respond(200, (), body)

    began = threading.Event()
    asked = request("GET", "/s/f")
    with recording(Answering(answer), path) as recorder, ThreadPoolExecutor(1) as pool:
        slow = pool.submit(recorder.send, asked, 1.0)
        assert began.wait(10)
        recorder.send(asked, 1.0)
        second_was_answered.set()
        slow.result()
    found = read_cassette(path)
    assert [one.response.body for one in found] == [b"second", b"first"]  # type: ignore[union-attr]  # none is lost
    assert [one.timing.turn for one in found if one.timing] == [2, 1]
    with replaying(path) as replayer:
        assert [bytes(replayer.send(asked, 1.0).body) for _ in range(2)] == [b"first", b"second"]


def test_a_recording_that_does_not_replay_is_refused_and_the_old_file_stays(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    with recording(scripted(b"old"), path) as recorder:
        ask(recorder, request("GET", "/s/old"))
    before = path.read_bytes()
    # A scrubber that changes what is asked for: the one fault that would make a cassette useless without a word.
    monkeypatch.setattr(session, "scrub_interactions", lambda found, **_: [renamed(one) for one in found])
    with (
        pytest.raises(
            CassetteError, match=r"does not replay, at request 1: .*resource: asked /s/new, recorded /s/other"
        ),
        recording(scripted(b"new"), path) as recorder,
    ):
        ask(recorder, request("GET", "/s/new"))
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def renamed(one):
    return replace(one, request=replace(one.request, uri=one.request.uri.replace("new", "other")))


def test_what_was_recorded_and_not_asked_for_is_an_error_once_unless_it_is_allowed(path: Path):
    with recording(scripted(*[b"x"] * 7), path) as recorder:
        for at in range(7):
            ask(recorder, request("GET", f"/s/f{at}"))
    replayer = replaying(path)
    ask(replayer, request("GET", "/s/f0"))
    with pytest.raises(
        CassetteError, match=r"6 of 7 recorded requests were not asked for .*: #2 Get File /s/f1; .*; \.\.\.$"
    ):
        replayer.close()
    replayer.close()
    replaying(path, allow_unplayed=True).close()


def test_another_error_is_not_hidden_by_what_was_not_asked_for(path: Path):
    with recording(scripted(b"x"), path) as recorder:
        ask(recorder, request("GET", "/s/f"))
    with pytest.raises(NotRecorded), replaying(path) as replayer:
        ask(replayer, request("GET", "/s/g"))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("lost: 1", "its lost requests are a number"),
        ("lost: [{after: x, sent: true, error: e, request: {method: G, uri: u}}]", "lost request 1: its place"),
        ("lost: [{after: 0, error: e, request: {method: G, uri: u}}]", "it has no sent"),
        ("lost: [{after: 0, sent: true, request: {method: G, uri: u}}]", "it has no error"),
    ],
)
def test_damaged_losses_are_refused(path: Path, text: str, complaint: str):
    path.write_text(f"interactions: []\n{text}\nversion: 1\n")
    with pytest.raises(CassetteError, match=complaint):
        read_cassette(path)
