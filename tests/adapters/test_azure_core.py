"""The official SDK's pipeline over a simulator in the same process: no socket, and no second of real waiting."""

from __future__ import annotations

import asyncio
import gzip
import io
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from azure.core.exceptions import (
    DecodeError,
    HttpResponseError,
    IncompleteReadError,
    ResponseNotReadError,
    ServiceResponseError,
    StreamClosedError,
    StreamConsumedError,
)
from azure.core.pipeline import AsyncPipeline, Pipeline
from azure.core.pipeline.transport import HttpRequest as OlderRequest
from azure.core.rest import HttpRequest
from azure.storage.fileshare import ContentSettings, LinearRetry, ShareClient, ShareServiceClient
from azure.storage.fileshare.aio import ShareClient as AsyncShareClient
from azure.storage.fileshare.aio import ShareServiceClient as AsyncShareServiceClient

from azfiles_sim import ManualClock, Simulator
from azfiles_sim.accounts import EMULATOR_ACCOUNT, EMULATOR_KEY
from azfiles_sim.adapters import async_azure_core_transport, azure_core_transport
from azfiles_sim.messages import Connection, Dropped, Reply, RequestLike

HOST_STYLE = f"https://{EMULATOR_ACCOUNT}.file.core.windows.net"
PATH_STYLE = f"http://127.0.0.1:10004/{EMULATOR_ACCOUNT}"
URL = "http://127.0.0.1/echo"
BUSY = Reply(503, "Server Busy", [("x-ms-error-code", "ServerBusy"), ("Content-Length", "0")])


class Ahead:
    """Stands before a simulator: the first requests get these answers, the others the simulator's own."""

    def __init__(self, *answers: Reply | Dropped) -> None:
        self.clock: Any = ManualClock(datetime.now(UTC))
        self.simulator = Simulator(clock=self.clock)
        self.answers = list(answers)
        self.asked: list[RequestLike] = []

    def handle(self, request: RequestLike, connection: Connection = Connection()) -> Reply | Dropped:  # noqa: B008 - frozen
        self.asked.append(request)
        return self.answers.pop(0) if self.answers else self.simulator.handle(request, connection)


def replied(body: bytes, *headers: tuple[str, str], status: int = 200) -> Reply:
    return Reply(status, "OK", [("Content-Length", str(len(body))), *headers], [memoryview(body)])


def ask(reply: Reply | Dropped, *, stream: bool = False, method: str = "GET") -> Any:
    transport = azure_core_transport(Ahead(reply))
    return transport.send(HttpRequest(method, URL), stream=stream)


@pytest.mark.parametrize("url", [HOST_STYLE, PATH_STYLE])
def test_the_sdk_uploads_downloads_lists_and_leases_without_a_server(url):
    simulator = Simulator()
    with ShareServiceClient(url, EMULATOR_KEY, transport=azure_core_transport(simulator)) as service:
        share = service.create_share("data", metadata={"word": "caf\xe9"})
        file = share.get_file_client("file.bin")
        content = bytes(range(256)) * 40_000
        file.upload_file(content, max_concurrency=3)
        assert file.download_file(max_concurrency=3).readall() == content
        assert b"".join(file.download_file(offset=5, length=9_000_000).chunks()) == content[5:9_000_005]
        assert [found.name for found in share.list_directories_and_files()] == ["file.bin"]
        lease = file.acquire_lease()
        with pytest.raises(HttpResponseError) as refused:
            file.delete_file()
        assert (refused.value.status_code, refused.value.error_code) == (412, "LeaseIdMissing")
        lease.release()
        assert share.get_share_properties().metadata == {"word": "caf\xe9"}
    assert {entry.account for entry in simulator.journal} == {EMULATOR_ACCOUNT}


@pytest.mark.filterwarnings("ignore:Sending a large body directly with raw bytes:ResourceWarning")  # the SDK does so
@pytest.mark.parametrize("url", [HOST_STYLE, PATH_STYLE])
def test_the_async_sdk_does_the_same(url):
    async def story() -> None:
        transport = async_azure_core_transport(Simulator())
        async with AsyncShareServiceClient(url, EMULATOR_KEY, transport=transport) as service:
            share = await service.create_share("data", metadata={"word": "blå 日本"})
            file = share.get_file_client("file.bin")
            content = bytes(range(256)) * 40_000
            await file.upload_file(content, max_concurrency=3)
            stream = await file.download_file(max_concurrency=3)
            assert await stream.readall() == content
            part = await file.download_file(offset=5, length=9_000_000)
            assert b"".join([chunk async for chunk in part.chunks()]) == content[5:9_000_005]
            assert [found.name async for found in share.list_directories_and_files()] == ["file.bin"]
            lease = await file.acquire_lease()
            with pytest.raises(HttpResponseError) as refused:
                await file.delete_file()
            assert (refused.value.status_code, refused.value.error_code) == (412, "LeaseIdMissing")
            await lease.release()
            assert (await share.get_share_properties()).metadata == {"word": "blå 日本"}

    asyncio.run(story())


def test_its_retries_wait_in_simulated_time_only():
    ahead = Ahead(BUSY, Dropped(applied=False), BUSY)
    before, began = ahead.clock.time(), time.monotonic()
    retry = LinearRetry(backoff=15, random_jitter_range=0)
    transport = azure_core_transport(ahead)
    with ShareClient(PATH_STYLE, "data", credential=EMULATOR_KEY, transport=transport, retry_policy=retry) as share:
        share.create_share()
    assert ahead.clock.time() - before == 45
    assert time.monotonic() - began < 10
    assert len(ahead.asked) == 4


def test_the_async_retries_wait_in_simulated_time_only():
    ahead = Ahead(BUSY, Dropped(applied=False), BUSY)
    before = ahead.clock.time()

    async def story() -> None:
        transport = async_azure_core_transport(ahead)
        async with AsyncShareClient(PATH_STYLE, "data", credential=EMULATOR_KEY, transport=transport) as share:
            await share.create_share()

    began = time.monotonic()
    asyncio.run(story())
    assert ahead.clock.time() - before > 40  # its own policy: at least 12, 15 and 21 seconds
    assert time.monotonic() - began < 10


def test_with_a_clock_that_only_runs_the_transport_really_waits():
    class Running:
        def now(self) -> int:
            return time.time_ns()

    ahead = Ahead()
    ahead.clock = Running()
    began = time.monotonic()
    azure_core_transport(ahead).sleep(0.01)
    asyncio.run(async_azure_core_transport(ahead).sleep(0.01))
    assert time.monotonic() - began >= 0.015


def test_a_connection_that_ends_without_a_reply_is_a_service_response_error():
    with pytest.raises(ServiceResponseError):
        ask(Dropped(applied=True))

    async def story() -> None:
        with pytest.raises(ServiceResponseError):
            await async_azure_core_transport(Ahead(Dropped(applied=True))).send(HttpRequest("GET", URL))

    asyncio.run(story())


def test_a_body_that_ends_early_is_an_incomplete_read():
    cut = Reply(200, "OK", [("Content-Length", "10")], [memoryview(b"12345")])
    with pytest.raises(IncompleteReadError, match="5 of 10"):
        ask(cut)
    assert ask(cut, method="HEAD").headers["content-length"] == "10"


def test_a_compressed_body_is_decompressed_unless_the_raw_one_is_asked_for():
    packed = gzip.compress(b"content" * 1000)
    reply = replied(packed, ("Content-Encoding", "gzip"))
    assert ask(reply).content == b"content" * 1000
    assert b"".join(ask(reply, stream=True).iter_raw()) == packed
    assert b"".join(ask(reply, stream=True).stream_download(None, decompress=False)) == packed
    assert b"".join(ask(reply, stream=True).stream_download(None)) == b"content" * 1000
    with pytest.raises(DecodeError):
        ask(replied(b"not gzip at all", ("Content-Encoding", "gzip")))


def test_compressed_content_comes_back_from_the_sdk_as_it_went_in():
    with ShareServiceClient(PATH_STYLE, EMULATOR_KEY, transport=azure_core_transport(Simulator())) as service:
        file = service.create_share("data").get_file_client("file.gz")
        packed = gzip.compress(b"content" * 1000)
        file.upload_file(packed, content_settings=ContentSettings(content_encoding="gzip"))
        assert file.download_file(decompress=False).readall() == packed


def test_a_streamed_response_is_read_once_and_not_after_it_was_closed():
    response = ask(replied(b"content"), stream=True)
    assert (response.is_stream_consumed, response.is_closed) == (False, False)
    with pytest.raises(ResponseNotReadError):
        _ = response.content
    assert b"".join(response.iter_raw()) == b"content"
    assert (response.is_stream_consumed, response.is_closed) == (True, True)
    with pytest.raises(StreamConsumedError):
        response.read()
    closed = ask(replied(b"content"), stream=True)
    with closed:
        pass
    with pytest.raises(StreamClosedError):
        closed.read()


def test_a_response_tells_what_it_is():
    response = ask(replied(b'\xef\xbb\xbf{"a": 1}', ("Content-Type", "application/json"), status=404))
    assert (response.status_code, response.reason, response.content_type) == (404, "OK", "application/json")
    assert (response.text(), response.json(), response.body()) == ('{"a": 1}', {"a": 1}, response.content)
    response.encoding = "latin-1"
    assert (response.encoding, response.text()[:3]) == ("latin-1", "ï»¿")
    assert (response.url, response.request.method) == (URL, "GET")
    assert b"".join(response.iter_bytes()) == response.read()
    assert repr(response) == "<SimulatedResponse: 404 OK>"
    with pytest.raises(HttpResponseError):
        response.raise_for_status()
    ask(replied(b"")).raise_for_status()


def test_an_async_response_can_be_read_in_every_way():
    async def story() -> None:
        packed = gzip.compress(b"content")

        async def fresh() -> Any:
            reply = replied(packed, ("Content-Encoding", "gzip"))
            return await async_azure_core_transport(Ahead(reply)).send(HttpRequest("GET", URL), stream=True)

        async with await fresh() as response:
            await response.load_body()
            assert (response.body(), await response.read()) == (b"content", b"content")
            assert b"".join([block async for block in response.iter_bytes()]) == b"content"
        assert response.is_closed
        raw = (await fresh()).stream_download(None, decompress=False)
        assert b"".join([block async for block in raw]) == packed
        assert b"".join([block async for block in (await fresh()).stream_download(None)]) == b"content"

    asyncio.run(story())


def chunks() -> Iterator[bytes]:
    yield b"con"
    yield b"tent"


async def later_chunks() -> AsyncIterator[bytes]:
    for chunk in chunks():
        yield chunk


@pytest.mark.parametrize("body", ["content", b"content", bytearray(b"content"), io.BytesIO(b"content"), chunks(), None])
def test_every_kind_of_body_is_sent_whole(body):
    ahead = Ahead(replied(b""))
    request = OlderRequest("PUT", URL)
    request.data = body
    azure_core_transport(ahead).send(request)
    sent = b"".join(ahead.asked[0].body)
    assert sent == (b"" if body is None else b"content")
    assert ("Content-Length", str(len(sent))) in ahead.asked[0].headers


def test_an_async_body_is_sent_whole():
    ahead = Ahead(replied(b""), replied(b""))
    transport = async_azure_core_transport(ahead)
    asyncio.run(transport.send(HttpRequest("PUT", URL, content=later_chunks())))
    asyncio.run(transport.send(HttpRequest("PUT", URL, content=b"content")))
    assert [b"".join(asked.body) for asked in ahead.asked] == [b"content"] * 2


def test_what_cannot_be_sent_is_refused_before_the_simulator_is_asked():
    ahead = Ahead()
    transport = azure_core_transport(ahead)
    request = OlderRequest("PUT", URL)
    request.data = 5
    with pytest.raises(TypeError, match="int"):
        transport.send(request)
    with pytest.raises(ValueError, match="scheme"):
        transport.send(HttpRequest("GET", "/no/host"))
    with pytest.raises(UnicodeEncodeError):
        transport.send(HttpRequest("GET", URL, headers={"x-ms-meta-word": "日本"}))
    assert ahead.asked == []


def test_the_transports_stand_in_bare_pipelines_and_show_no_request():
    ahead = Ahead(replied(b"a"), replied(b"b"))
    with Pipeline(azure_core_transport(ahead)) as pipeline:
        assert pipeline.run(HttpRequest("GET", f"{URL}?sig=secret")).http_response.content == b"a"

    async def story() -> bytes:
        async with AsyncPipeline(async_azure_core_transport(ahead)) as pipeline:
            return (await pipeline.run(HttpRequest("GET", f"{URL}?sig=secret"))).http_response.content

    assert asyncio.run(story()) == b"b"
    assert "secret" not in f"{azure_core_transport(ahead)!r}{async_azure_core_transport(ahead)!r}"
