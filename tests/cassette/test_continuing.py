"""A test goes on past the end of a recording, in a simulator that is as the service was then."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest
from azure.core.exceptions import HttpResponseError
from azure.storage.fileshare import ShareServiceClient

import azfiles
from azfiles import InProcessTransport, as_handler, connect, recording, replaying, use_cassette
from azfiles.errors import CassetteError, InvalidArgument, RequestNotSent
from azfiles.messages import Request, Response
from azfiles_sim import AccountSpec, ManualClock, Reply, Simulator
from azfiles_sim.adapters import azure_core_transport
from azfiles_sim.testing import from_cassette
from tests.cassette.builders import Answering, request, respond

RECORDED = "DefaultEndpointsProtocol=https;AccountName=recordedby;AccountKey=a2V5IG9mIHRoZSByZWNvcmRlcg==;EndpointSuffix=core.windows.net"
REPLAYED = "DefaultEndpointsProtocol=https;AccountName=replayedby;AccountKey=a2V5IG9mIHRoZSByZXBsYXllcg==;EndpointSuffix=core.windows.net"
BEGAN = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)


def session(client: azfiles.ServiceClient) -> tuple[azfiles.FileClient, azfiles.LeaseHeld]:
    """What is recorded: a file with a lease on it, and a snapshot from before its last write."""
    share = client.share("data")
    share.create(metadata={"kept": "yes"})
    share.directory("d").create()
    file = share.file("d/f")
    file.upload(b"before")
    share.create_snapshot()
    file.put_range(0, b"after ")
    return file, file.acquire_lease()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    recorded = tmp_path / "session.yaml"
    clock = ManualClock(BEGAN)
    simulator = Simulator([AccountSpec.from_text("recordedby", "a2V5IG9mIHRoZSByZWNvcmRlcg==")], clock=clock)
    transport = recording(InProcessTransport(simulator.handle), recorded, clock=clock)
    with connect(RECORDED, transport=transport, clock=clock) as client:
        session(client)
    return recorded


def test_the_state_at_the_end_is_that_of_the_recording(path: Path):
    simulator = from_cassette(path)
    assert isinstance(simulator.clock, ManualClock)
    assert simulator.clock.time() == pytest.approx(BEGAN.timestamp(), abs=1)
    with connect(
        "UseDevelopmentStorage=true", transport=InProcessTransport(simulator.handle), clock=simulator.clock
    ) as client:
        file = client.share("data").file("d/f")
        assert file.get().content == b"after "
        assert client.share("data").get_properties().metadata == {"kept": "yes"}
        assert file.get_properties().lease.state == "leased"
        (snapshot,) = (item for item in client.list_shares(include=("snapshots",)) if item.snapshot)
        assert client.share("data").snapshot(str(snapshot.snapshot)).file("d/f").get().content == b"before"


def test_etags_at_the_end_are_the_recorded_ones(path: Path):
    with replaying(path, allow_unplayed=True) as replayer:
        recorded = [dict(one.response.headers).get("ETag") for one in replayer.interactions]
    simulator = from_cassette(path)
    with connect(
        "UseDevelopmentStorage=true", transport=InProcessTransport(simulator.handle), clock=simulator.clock
    ) as client:
        assert client.share("data").file("d/f").get_properties().etag in recorded


def test_a_client_of_another_account_goes_on_without_a_seam(path: Path):
    """Its lease id is another than the recorded one, its account too; both hold on the other side."""
    simulator = from_cassette(path)
    replayer = replaying(path, continue_with=simulator)
    with connect(REPLAYED, transport=replayer, clock=replayer.clock) as client:
        file, lease = session(client)
        assert replayer.continued == 0
        with pytest.raises(azfiles.LeaseConflict):
            file.put_range(0, b"no")
        file.put_range(0, b"ours", lease_id=lease.id)
        assert file.get().content == b"oursr "
        assert file.change_lease(lease.id, "7e57ab1e-0000-4000-8000-00000000beef").id.endswith("beef")
        copied = client.share("data").file("copy")
        copied.start_copy(file)
        assert "replayedby" in str(copied.get_properties().copy)
        assert [item.name for item in client.list_shares()] == ["data"]
    assert replayer.continued > 5


def test_answers_past_the_end_speak_of_the_ids_of_this_run(tmp_path: Path):
    """Of a lease in a header, and of a temporary file in a listing."""
    recorded = tmp_path / "ids.yaml"

    def begin(client: azfiles.ServiceClient, name: str, lease: str) -> azfiles.ShareClient:
        share = client.share("data")
        share.create()
        share.file(f".azfiles-{name}.new").create(1)
        share.acquire_lease(proposed_id=lease)
        return share

    transport = recording(InProcessTransport(Simulator().handle), recorded)
    with connect("UseDevelopmentStorage=true", transport=transport) as client:
        begin(client, "0" * 32, "5f0c1a54-9a3e-4b7f-8a51-0d2d6a1be001")
    replayer = replaying(recorded, continue_with=from_cassette(recorded))
    with connect(REPLAYED, transport=replayer, clock=replayer.clock) as client:
        share = begin(client, "f" * 32, "0c9a7b52-11aa-4f3e-8e0d-5a6b7c8d9e0f")
        assert [entry.name for entry in share.root.list()] == [f".azfiles-{'f' * 32}.new"]
        assert share.renew_lease("0c9a7b52-11aa-4f3e-8e0d-5a6b7c8d9e0f").id == "0c9a7b52-11aa-4f3e-8e0d-5a6b7c8d9e0f"
        assert replayer.continued == 2


def test_a_lease_that_the_service_chose_is_the_same_on_the_other_side(path: Path):
    """A recording of a client that proposes no lease id: it learns the recorded one, and the simulator knows that."""
    path.write_text(re.sub(r" +x-ms-proposed-lease-id:\n +- .*\n", "", path.read_text()))
    acquire = {"x-ms-lease-action": "acquire", "x-ms-lease-duration": "-1"}
    release = {"x-ms-lease-action": "release", "x-ms-version": "2025-05-05", "Content-Length": "0"}
    with replaying(path, continue_with=from_cassette(path), allow_unplayed=True) as replayer:
        held = replayer.send(request("PUT", "/data/d/f?comp=lease", acquire), 1.0)
        release["x-ms-lease-id"] = str(held.headers.get("x-ms-lease-id"))
        assert replayer.continued == 0
        assert replayer.send(request("PUT", "/data/d/f?comp=lease", release), 1.0).status == 200
        assert replayer.continued == 1


def test_time_goes_on_where_the_replay_has_come_to_and_both_clocks_go_together(path: Path):
    simulator = from_cassette(path)
    replayer = replaying(path, continue_with=simulator)
    with connect(REPLAYED, transport=replayer, clock=replayer.clock) as client:
        session(client)
        held = client.share("data").acquire_lease(15)
        replayer.clock.advance(14)
        client.share("data").renew_lease(held.id)
        replayer.clock.advance(16)
        assert client.share("data").get_properties().lease.state == "expired"
        assert simulator.clock.time() == pytest.approx(replayer.clock.time(), abs=0.001)
        simulator.clock.advance(3600)
        client.share("data").get_properties()
        assert replayer.clock.time() == pytest.approx(simulator.clock.time(), abs=0.001)


def test_any_credential_will_do_past_the_end_too(path: Path):
    simulator = from_cassette(path)
    for credential in (
        azfiles.Anonymous(),
        azfiles.Sas("sv=2025-11-05&ss=f&srt=sco&sp=r&se=2020-01-01T00:00:00Z&sig=eA%3D%3D"),
    ):
        replayer = replaying(path, continue_with=simulator.fork())
        url = "https://whoever.file.core.windows.net"
        with connect(url, credential, transport=replayer, clock=replayer.clock) as client:
            session(client)
            assert client.share("data").file("d/f").get().content == b"after "


def test_what_was_not_asked_for_is_still_an_error(path: Path):
    replayer = replaying(path, continue_with=from_cassette(path))
    with pytest.raises(CassetteError, match="were not asked for"), connect(REPLAYED, transport=replayer) as client:
        client.share("other").create()
    assert replayer.continued == 1


def test_one_of_repeating_and_going_on_has_to_be_chosen(path: Path):
    with pytest.raises(InvalidArgument, match="repeat_last and continue_with"):
        replaying(path, repeat_last=True, continue_with=Simulator())
    with pytest.raises(InvalidArgument, match="continue_with: a simulator"):
        replaying(path, continue_with="https://account.file.core.windows.net")  # type: ignore[arg-type]  # a mistake


def test_a_transport_or_handler_is_asked_as_the_client_asks_and_a_transport_is_closed(tmp_path: Path):
    recorded = tmp_path / "a.yaml"
    with recording(Answering(lambda _: respond(200)), recorded) as recorder:
        recorder.send(request("GET", "/s/a"), 1.0)
    seen: list[Request] = []

    def answer(asked: Request) -> Response:
        seen.append(asked)
        return respond(201)

    def handle(asked: Request) -> Reply:
        return Reply(answer(asked).status, "Created")

    inside = Answering(answer)
    for service in (inside, handle):
        with replaying(recorded, continue_with=service) as replayer:
            assert [replayer.send(request("GET", f"/s/{name}"), 1.0).status for name in "aba"] == [200, 201, 201]
    assert seen[:2] == [request("GET", "/s/b"), request("GET", "/s/a")]
    assert inside.closed == 1


def test_async_and_blocking_transports_to_go_on_with_are_told_apart(tmp_path: Path):
    recorded = tmp_path / "a.yaml"
    with recording(Answering(lambda _: respond(200)), recorded) as recorder:
        recorder.send(request("GET", "/s/a"), 1.0)

    class Blocking:
        def send(self, asked: Request, timeout_s: float) -> Response:
            return respond(201)

        def close(self) -> None: ...

    class Async:
        async def send_async(self, asked: Request, timeout_s: float) -> Response:
            return respond(202)

        async def aclose(self) -> None: ...

    async def main() -> int:
        async with replaying(recorded, continue_with=Async(), allow_unplayed=True) as replayer:
            with pytest.raises(RequestNotSent, match="async"):
                replayer.send(request("GET", "/s/b"), 1.0)
            return (await replayer.send_async(request("GET", "/s/b"), 1.0)).status

    assert anyio.run(main) == 202
    with pytest.raises(RequestNotSent, match="blocking"):
        anyio.run(replaying(recorded, continue_with=Blocking()).send_async, request("GET", "/s/b"), 1.0)


def test_use_cassette_goes_on_only_where_nothing_is_sent_anyway(path: Path):
    with use_cassette(path, mode="none", continue_with=from_cassette(path)) as transport:
        client = connect(REPLAYED, transport=transport, clock=transport.clock)
        session(client)
        client.share("data").directory("new").create()
        assert transport.continued == 1
    live = Simulator([AccountSpec.from_text("replayedby", "a2V5IG9mIHRoZSByZXBsYXllcg==")])
    with use_cassette(path, InProcessTransport(live.handle), mode="live", continue_with=Simulator()) as transport:
        connect(REPLAYED, transport=transport).share("data").create()
        assert transport.continued == 0
    assert len(live.journal.entries()) == 1


def test_a_state_that_is_not_the_recordings_is_refused_unless_allowed(path: Path):
    path.write_text(path.read_text().replace("code: 201", "code: 202", 1))
    with pytest.raises(
        CassetteError, match=r"request 1 was answered 202, and is by the simulator 201.*allow_drift=True"
    ):
        from_cassette(path)
    assert from_cassette(path, allow_drift=True).accounts[0].name == azfiles.EMULATOR_ACCOUNT


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_async_client_goes_on_too(path: Path, backend: str):
    replayer = replaying(path, continue_with=from_cassette(path), allow_unplayed=True)

    async def main() -> bytes:
        async with azfiles.connect_async(REPLAYED, transport=replayer, clock=replayer.clock) as client:
            file = client.share("data").file("d/f")
            return bytes((await file.get_range(0, 5)).content)

    assert anyio.run(main, backend=backend) == b"after"
    assert replayer.continued == 1


def test_a_download_goes_on_too(path: Path):
    replayer = replaying(path, continue_with=from_cassette(path), allow_unplayed=True)
    with connect(REPLAYED, transport=replayer, clock=replayer.clock) as client:
        assert bytes(client.share("data").file("d/f").download()) == b"after "


def test_the_official_sdk_goes_on_too(path: Path):
    replayer = replaying(path, continue_with=from_cassette(path), allow_unplayed=True)
    service = ShareServiceClient(
        "https://replayedby.file.core.windows.net",
        credential="a2V5IG9mIHRoZSByZXBsYXllcg==",
        transport=azure_core_transport(as_handler(replayer)),
    )
    file = service.get_share_client("data").get_file_client("d/f")
    assert file.download_file().readall() == b"after "
    assert replayer.continued == 1
    with pytest.raises(HttpResponseError) as refused:
        file.upload_range(b"no", offset=0, length=2)
    assert refused.value.status_code == 412
