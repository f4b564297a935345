"""The official SDK recorded and replayed: its own pipeline, our cassette, and no service in the replay."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ServiceRequestError, ServiceResponseError
from azure.storage.fileshare import LinearRetry, ShareClient, ShareServiceClient
from azure.storage.fileshare.aio import ShareServiceClient as AsyncShareServiceClient

import azfiles
from azfiles import InProcessTransport, as_handler, recording, replaying, use_cassette
from azfiles.errors import CassetteError, NotRecorded, RequestNotSent, TransportError
from azfiles.messages import Request, Response
from azfiles_sim import Simulator
from azfiles_sim.accounts import EMULATOR_ACCOUNT, EMULATOR_KEY
from azfiles_sim.adapters import async_azure_core_transport, azure_core_transport
from azfiles_sim.messages import Dropped

URL = f"https://{EMULATOR_ACCOUNT}.file.core.windows.net"
OTHER_URL = "https://another.file.core.windows.net"
OTHER_KEY = "b3RoZXIga2V5"
CONTENT = bytes(range(256)) * 40_000
KEY = azfiles.SharedKey(EMULATOR_ACCOUNT, EMULATOR_KEY)

pytestmark = pytest.mark.filterwarnings("ignore:Sending a large body directly with raw bytes:ResourceWarning")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sdk.yaml"


def story(service: ShareServiceClient) -> list[object]:
    share = service.create_share("data", metadata={"word": "plain"})
    file = share.get_file_client("file.bin")
    file.upload_file(CONTENT, max_concurrency=3)
    told: list[object] = [file.download_file(max_concurrency=3).readall() == CONTENT]
    told.append(b"".join(file.download_file(offset=5, length=9_000_000).chunks()) == CONTENT[5:9_000_005])
    told.append([found.name for found in share.list_directories_and_files()])
    lease = file.acquire_lease()
    with pytest.raises(HttpResponseError) as refused:
        file.delete_file()
    told.append((refused.value.status_code, refused.value.error_code))
    lease.release()
    told.append(share.get_share_properties().metadata)
    return told


def run(transport: Any, url: str = URL, key: str = EMULATOR_KEY) -> list[object]:
    with ShareServiceClient(url, key, transport=azure_core_transport(as_handler(transport))) as service:
        return story(service)


def test_the_sdk_is_recorded_and_replays_from_another_account_without_a_service(path: Path):
    with recording(InProcessTransport(Simulator().handle), path) as recorder:
        recorded = run(recorder)
    assert recorded[:2] == [True, True]
    text = path.read_text()
    assert EMULATOR_ACCOUNT not in text
    assert "SharedKey" not in text
    assert path.with_name("sdk.yaml.bodies").is_dir()
    with replaying(path) as replayer:
        assert run(replayer, OTHER_URL, OTHER_KEY) == recorded


def test_the_sdks_own_signatures_are_verified_against_the_key(path: Path):
    with recording(InProcessTransport(Simulator().handle), path) as recorder:
        recorded = run(recorder)
    with replaying(path, verify_key=KEY) as replayer:
        assert run(replayer) == recorded
    with pytest.raises(CassetteError, match="not what the key gives"):
        run(replaying(path, verify_key=KEY), URL, OTHER_KEY)


def test_what_was_not_recorded_reaches_the_caller_of_the_sdk(path: Path):
    with recording(InProcessTransport(Simulator().handle), path) as recorder:
        run(recorder)
    service = ShareServiceClient(URL, EMULATOR_KEY, transport=azure_core_transport(as_handler(replaying(path))))
    with pytest.raises(NotRecorded, match="Delete Share /other"):
        service.delete_share("other")


def test_the_async_sdk_is_recorded_and_replayed_in_every_mode(path: Path):
    async def run_async(transport: Any) -> list[object]:
        adapter = async_azure_core_transport(as_handler(transport))
        async with AsyncShareServiceClient(URL, EMULATOR_KEY, transport=adapter) as service:
            share = await service.create_share("data")
            file = share.get_file_client("file.bin")
            await file.upload_file(CONTENT, max_concurrency=3)
            stream = await file.download_file(max_concurrency=3)
            return [await stream.readall() == CONTENT, [one.name async for one in share.list_directories_and_files()]]

    async def main() -> None:
        async with use_cassette(path, InProcessTransport(Simulator().handle), mode="once") as transport:
            recorded = await run_async(transport)
        async with use_cassette(path, mode="none") as transport:
            assert await run_async(transport) == recorded == [True, ["file.bin"]]

    asyncio.run(main())


def test_losses_are_recorded_and_the_sdks_retries_replay_without_waiting(path: Path):
    simulator = Simulator()
    outcomes: list[Any] = [Dropped(applied=False), Dropped(applied=False)]

    def handle(asked: Any) -> Any:
        return outcomes.pop() if outcomes else simulator.handle(asked)

    def create(transport: Any, backoff: int) -> None:
        retry = LinearRetry(backoff=backoff, random_jitter_range=0)
        adapter = azure_core_transport(as_handler(transport))
        with ShareClient(URL, "data", credential=EMULATOR_KEY, transport=adapter, retry_policy=retry) as share:
            share.create_share()

    with recording(InProcessTransport(handle), path) as recorder:
        create(recorder, 0)
        assert len(recorder.unanswered) == 2
    began = time.monotonic()
    with replaying(path) as replayer:
        before = replayer.clock.time()
        create(replayer, 15)
    assert replayer.clock.time() - before >= 30
    assert time.monotonic() - began < 15


class Failing:
    """A transport that brings no answer."""

    def __init__(self, *, sent: bool) -> None:
        self.sent = sent

    def send(self, request: Request, timeout_s: float) -> Response:
        raise TransportError("no answer", sent=self.sent)

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(("sent", "expected"), [(True, ServiceResponseError), (False, ServiceRequestError)])
def test_the_sdk_learns_whether_the_request_was_sent(sent: bool, expected: type[Exception]):
    adapter = azure_core_transport(as_handler(Failing(sent=sent)))
    with (
        ShareClient(URL, "data", credential=EMULATOR_KEY, transport=adapter, retry_total=0) as share,
        pytest.raises(expected),
    ):
        share.create_share()


def test_each_colour_needs_a_transport_of_its_own_but_the_async_one_takes_a_blocking_one():
    class Only:
        async def send_async(self, request: Request, timeout_s: float) -> Response:
            raise TransportError("no answer", sent=True)

        async def aclose(self) -> None:
            """Nothing is open."""

    handler = as_handler(Only())
    with (
        ShareClient(
            URL, "data", credential=EMULATOR_KEY, transport=azure_core_transport(handler), retry_total=0
        ) as share,
        pytest.raises(RequestNotSent, match="is async"),
    ):
        share.create_share()
    asked = Request("GET", "/s/f", (("Host", "h"),))
    assert asyncio.run(handler.handle_async(asked)).sent is True  # type: ignore[union-attr]  # it is no answer
    assert asyncio.run(as_handler(Failing(sent=False)).handle_async(asked)).sent is False  # type: ignore[union-attr]
    assert repr(handler).startswith("<TransportHandler over <")


def test_headers_beyond_ascii_arrive_as_they_were_meant(path: Path):
    """The async client sends UTF-8; in the cassette it is text, and the replay answers it in UTF-8 again."""
    word = "blå 日本"

    async def run_async(transport: Any) -> dict[str, str]:
        adapter = async_azure_core_transport(as_handler(transport))
        async with AsyncShareServiceClient(URL, EMULATOR_KEY, transport=adapter) as service:
            share = await service.create_share("data", metadata={"word": word})
            return (await share.get_share_properties()).metadata

    served: list[Request] = []
    simulator = Simulator()

    def handle(asked: Request) -> Any:
        served.append(asked)
        headers = tuple((name, value.encode("utf-8").decode("latin-1")) for name, value in asked.headers)
        reply = simulator.handle(Request(asked.method, asked.target, headers, asked.body, asked.origin))
        decoded = [(name, value.encode("latin-1").decode("utf-8")) for name, value in reply.headers]  # type: ignore[union-attr]
        return type(reply)(reply.status, reply.reason, decoded, reply.body)  # type: ignore[union-attr,call-arg]

    with recording(InProcessTransport(handle), path) as recorder:
        assert asyncio.run(run_async(recorder)) == {"word": word}
    assert dict(served[0].headers)["x-ms-meta-word"] == word
    with replaying(path) as replayer:
        assert asyncio.run(run_async(replayer)) == {"word": word}
