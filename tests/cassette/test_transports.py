"""Recording wraps any transport; replaying answers in its place."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import anyio
import pytest
import vcr.serialize
from vcr.serializers import yamlserializer

from azfiles.cassette.document import read_cassette
from azfiles.cassette.interactions import Lost
from azfiles.errors import (
    CassetteError,
    InvalidArgument,
    NotRecorded,
    ReplyNotUnderstood,
    RequestNotSent,
    TransportError,
)
from azfiles.messages import AsyncTransport, Request, Response, Transport
from azfiles.transports.recording import recording
from azfiles.transports.replaying import replaying
from tests.cassette.builders import Answering, request, respond

DATA = bytes(range(256))


def file_server(asked: Request) -> Response:
    """A file of 256 bytes at every path, read whole or by range, into the sink where there is one."""
    ranged = dict(asked.headers).get("x-ms-range")
    first, last = (int(end) for end in ranged.removeprefix("bytes=").split("-")) if ranged else (0, 255)
    body = b"" if asked.method == "HEAD" else DATA[first : last + 1]
    headers = [("Content-Length", str(last + 1 - first)), ("Transfer-Encoding", "chunked")]
    if asked.sink is None:
        return respond(206, headers, body)
    asked.sink[: len(body)] = body
    answer = respond(206, headers)
    return Response(answer.status, answer.reason, answer.headers, asked.sink[: len(body)])


def get(first: int, last: int, sink: memoryview | None = None) -> Request:
    return request(
        "GET", "/s/f", {"x-ms-range": f"bytes={first}-{last}", "Authorization": "SharedKey a:c2VjcmV0cw=="}, sink=sink
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.yaml"


def test_both_fit_both_protocols(path: Path):
    recorder = recording(Answering(file_server), path)
    recorder.close()
    assert isinstance(recorder, Transport)
    assert isinstance(recorder, AsyncTransport)
    assert isinstance(replaying(path), Transport)
    assert isinstance(replaying(path), AsyncTransport)


def test_what_was_recorded_is_replayed_identically_in_any_order(path: Path):
    with recording(Answering(file_server), path) as recorder:
        recorded = [recorder.send(get(at, at + 3), 1.0) for at in (0, 4, 8)]
    with replaying(path) as replayer:
        replayed = [replayer.send(get(at, at + 3), 1.0) for at in (8, 4, 0)][::-1]
        assert replayer.unplayed == ()
    for one, other in zip(recorded, replayed, strict=True):
        assert (one.status, one.reason, one.body, one.headers.pairs) == (
            other.status,
            other.reason,
            other.body,
            other.headers.pairs,
        )


def test_a_sink_is_filled_while_recording_and_while_replaying(path: Path):
    buffer = bytearray(10)
    with recording(Answering(file_server), path) as recorder:
        response = recorder.send(get(4, 7, memoryview(buffer)), 1.0)
    assert isinstance(response.body, memoryview)
    assert response.body.obj is buffer
    assert read_cassette(path)[0].response.body == DATA[4:8]
    again = bytearray(10)
    response = replaying(path).send(get(4, 7, memoryview(again)), 1.0)
    assert again[:4] == DATA[4:8]
    assert isinstance(response.body, memoryview)
    assert response.body.obj is again
    assert len(response.body) == 4


def test_a_sink_that_is_too_small_is_an_error_and_stays_untouched(path: Path):
    with recording(Answering(file_server), path) as recorder:
        recorder.send(get(0, 7), 1.0)
    buffer = bytearray(4)
    with pytest.raises(ReplyNotUnderstood, match="has 8 bytes or more, the buffer for it 4"):
        replaying(path).send(get(0, 7, memoryview(buffer)), 1.0)
    assert buffer == bytes(4)


def test_the_caller_may_reuse_his_buffers_after_each_call(path: Path):
    body, sink = bytearray(b"abcd"), bytearray(4)
    with recording(Answering(file_server), path) as recorder:
        recorder.send(
            request(
                "PUT", "/s/f?comp=range", {"x-ms-range": "bytes=0-3"}, memoryview(body), b"ef", sink=memoryview(sink)
            ),
            1.0,
        )
        body[:], sink[:] = b"zzzz", b"zzzz"
    (found,) = read_cassette(path)
    assert (found.request.body, found.response.body) == (b"abcdef", DATA[:4])


def test_headers_are_kept_as_received_and_head_has_no_body(path: Path):
    with recording(Answering(file_server), path) as recorder:
        recorder.send(request("HEAD", "/s/f"), 1.0)
    response = replaying(path).send(request("HEAD", "/s/f", sink=memoryview(bytearray(4))), 1.0)
    assert response.headers.get("content-length") == "256"
    assert response.headers.get("transfer-encoding") == "chunked"
    assert response.body == b""


def test_a_get_that_was_recorded_with_a_body_answers_head_without_one(path: Path):
    with recording(Answering(lambda _: respond(404, (), b"<Error/>")), path) as recorder:
        recorder.send(request("GET", "/s?restype=share"), 1.0)
    assert replaying(path).send(request("HEAD", "/s?restype=share"), 1.0).body == b""


def test_a_refusal_leaves_the_sink_alone(path: Path):
    with recording(Answering(lambda _: respond(404, (), b"<Error/>")), path) as recorder:
        recorder.send(request("GET", "/s/f"), 1.0)
    sink = bytearray(20)
    assert replaying(path).send(request("GET", "/s/f", sink=memoryview(sink)), 1.0).body == b"<Error/>"
    assert sink == bytes(20)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_async_transports_are_recorded_and_replayed_under_asyncio_and_trio(path: Path, backend: str):
    class Only:
        def __init__(self):
            self.inner = Answering(file_server)
            self.send_async = self.inner.send_async
            self.aclose = self.inner.aclose

    async def main():
        inner = Only()
        async with recording(inner, path) as recorder:
            with pytest.raises(RequestNotSent, match="is async"):
                recorder.send(get(0, 3), 1.0)
            await recorder.send_async(get(0, 3), 1.0)
            recorder.save()
            await recorder.send_async(get(4, 7), 1.0)
            recorder._session.save_rest()
        assert inner.inner.closed == 1
        async with replaying(path, allow_unplayed=True) as replayer:
            assert (await replayer.send_async(get(4, 7), 1.0)).body == DATA[4:8]
            assert replayer.unplayed == ("#1 Get File /s/f, bytes=0-3",)

    anyio.run(main, backend=backend)


def test_a_blocking_transport_cannot_be_recorded_async(path: Path):
    class Only:
        send = Answering(file_server).send

        def close(self):
            """Nothing is open."""

    recorder = recording(Only(), path)
    with pytest.raises(RequestNotSent, match="is blocking"):
        anyio.run(recorder.send_async, get(0, 3), 1.0)
    anyio.run(recorder.aclose)
    assert read_cassette(path) == []


def test_what_is_no_transport_is_refused(path: Path):
    with pytest.raises(TypeError, match="object is neither"):
        recording(object(), path)  # type: ignore[arg-type]  # what the test is about


def failing(asked: Request) -> Response:
    if "bad" in asked.target:
        raise TransportError("the connection broke", sent="sent" in asked.target)
    return respond(200)


def test_a_transport_error_is_raised_again_noted_and_recorded_as_one(path: Path):
    async def main(recorder):
        with pytest.raises(TransportError):
            await recorder.send_async(request("PUT", "/bad?sig=c2VjcmV0"), 1.0)

    with recording(Answering(failing), path) as recorder:
        recorder.send(request("GET", "/s/good"), 1.0)
        with pytest.raises(TransportError, match="the connection broke"):
            recorder.send(request("PUT", "/s/bad-sent"), 1.0)
        anyio.run(main, recorder)
        assert recorder.unanswered == ("PUT /s/bad-sent: sent", "PUT /bad?sig=REDACTED: not sent")
    assert [one.response for one in read_cassette(path)[1:]] == [
        Lost("the connection broke", sent=True),
        Lost("the connection broke", sent=False),
    ]


def test_leaving_the_block_by_an_error_closes_and_saves_nothing(path: Path):
    inner = Answering(failing)

    def record() -> None:
        with recording(inner, path) as recorder:
            recorder.send(request("GET", "/s/good"), 1.0)
            recorder.send(request("GET", "/s/bad"), 1.0)

    with pytest.raises(TransportError):
        record()
    assert not path.exists()
    assert inner.closed == 1


def test_the_transport_is_closed_even_where_saving_fails(tmp_path: Path):
    inner = Answering(file_server)
    (tmp_path / "folder").mkdir()
    with pytest.raises(CassetteError, match="cannot be written"):
        recording(inner, tmp_path / "folder").close()
    assert inner.closed == 1


def test_closing_twice_saves_once(path: Path):
    recorder = recording(Answering(file_server), path)
    recorder.close()
    path.unlink()
    recorder.close()
    assert not path.exists()


def test_many_threads_record_and_replay_together(path: Path):
    with recording(Answering(file_server), path) as recorder, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda at: recorder.send(get(at, at), 1.0), range(200)))
    assert len(read_cassette(path)) == 200
    replayer = replaying(path)
    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(lambda at: bytes(replayer.send(get(at, at), 1.0).body), range(200)))
    assert b"".join(bodies) == DATA[:200]


def test_interactions_stand_in_the_order_in_which_they_were_answered(path: Path):
    first_may_answer = threading.Event()

    def answer(asked: Request) -> Response:
        if asked.target == "/s/first":
            assert first_may_answer.wait(10)
        return respond(200)

    with recording(Answering(answer), path) as recorder, ThreadPoolExecutor(1) as pool:
        slow = pool.submit(recorder.send, request("GET", "/s/first"), 1.0)
        recorder.send(request("GET", "/s/second"), 1.0)
        first_may_answer.set()
        slow.result()
    assert [one.request.uri.rpartition("/")[2] for one in read_cassette(path)] == ["second", "first"]


def test_replaying_needs_neither_the_same_credentials_nor_the_same_account(path: Path):
    with recording(Answering(file_server), path) as recorder:
        recorder.send(get(0, 3), 1.0)
    sas = request("GET", "/other/s/f?sv=2025-11-05&sp=r&sig=abc", {"Range": "bytes=0-3"}, origin="http://127.0.0.1:1")
    assert replaying(path).send(sas, 1.0).body == DATA[:4]


def test_a_request_without_an_origin_is_recorded_with_its_host(path: Path):
    with recording(Answering(file_server), path) as recorder:
        recorder.send(request("GET", "/acct/s/f", {"Host": "127.0.0.1:9"}, origin=""), 1.0)
        recorder.send(request("GET", "/acct/s/f", origin=""), 1.0)
    assert [one.request.uri for one in read_cassette(path)] == [
        "http://127.0.0.1:9/storagename/s/f",
        "http://localhost/storagename/s/f",
    ]


def test_neither_repr_shows_a_secret_and_the_file_holds_none(path: Path):
    with recording(Answering(file_server), path, secrets=["a-secret-of-mine"]) as recorder:
        recorder.send(request("GET", "/s/f?sig=c2VjcmV0cw==", {"x-ms-meta-a": "a-secret-of-mine"}), 1.0)
        assert repr(recorder) == f"<Recording {os.fspath(path)!r}: 1 interactions>"
    assert repr(replaying(path)) == f"<Replaying {os.fspath(path)!r}: 1 of 1 unplayed>"
    written = path.read_bytes()
    assert b"c2VjcmV0cw" not in written
    assert b"a-secret-of-mine" not in written


def test_a_request_that_was_not_recorded_is_an_error_not_a_lost_connection(path: Path):
    with recording(Answering(file_server), path) as recorder:
        recorder.send(get(0, 3), 1.0)
    with pytest.raises(NotRecorded, match="range: asked bytes=4-7, recorded bytes=0-3; 0 of 1 recorded"):
        replaying(path).send(get(4, 7), 1.0)


def test_replaying_what_is_no_cassette_fails_at_once(path: Path):
    path.write_bytes(b"")
    with pytest.raises(CassetteError, match="the file is empty"):
        replaying(path)


def test_vcrpy_loads_a_recording(path: Path):
    with recording(Answering(file_server), path) as recorder:
        recorder.send(get(128, 255), 1.0)
        recorder.send(get(65, 67), 1.0)
    requests, responses = vcr.serialize.deserialize(path.read_text(), yamlserializer)
    assert [one.uri for one in requests] == ["https://storagename.file.core.windows.net/s/f"] * 2
    assert [one["body"]["string"] for one in responses] == [DATA[128:], b"ABC"]
    assert responses[0]["status"] == {"code": 206, "message": "OK"}


def test_a_recording_that_could_not_be_saved_is_refused_before_anything_is_sent(tmp_path: Path):
    with pytest.raises(CassetteError, match="make it first"):
        recording(Answering(file_server), tmp_path / "missing" / "cassette.yaml")


@pytest.mark.parametrize("secrets", [["long enough", "short"], "short"])
def test_a_secret_too_short_to_be_looked_for_is_refused_and_not_quoted(tmp_path, secrets):
    with pytest.raises(InvalidArgument, match="fewer than 8 characters") as refused:
        recording(Answering(file_server), tmp_path / "session.yaml", secrets=secrets)
    assert "short;" not in str(refused.value)
    assert "'short'" not in str(refused.value)
