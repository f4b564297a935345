"""Both ways with vcrpy: its cassettes replay here, and ours replay under it with httpx."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
import vcr

import azfiles
from azfiles import InProcessTransport, recording, replaying
from azfiles.cassette.addresses import split_uri
from azfiles.cassette.document import read_cassette
from azfiles.cassette.interactions import RecordedResponse
from azfiles.messages import Request
from azfiles_sim import Simulator
from azfiles_sim.server import serve_in_thread

KNOWN = "UseDevelopmentStorage=true"
BINARY = bytes(range(256))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.yaml"


def session(client: azfiles.ServiceClient) -> None:
    client.share("data").create()
    file = client.share("data").file("f")
    file.create(256)
    file.put_range(0, BINARY)
    file.get_range(0, 128)
    file.get_range(128, 128)
    list(client.list_shares())


def test_what_we_record_replays_under_vcrpy_with_httpx(path: Path):
    with azfiles.connect(KNOWN, transport=recording(InProcessTransport(Simulator().handle), path)) as client:
        session(client)
    before = path.read_bytes()
    player = vcr.VCR(record_mode=vcr.mode.NONE, match_on=["method", "uri", "headers", "body"])
    with player.use_cassette(str(path)) as tape, httpx.Client() as client:
        for one in read_cassette(path):
            assert isinstance(one.response, RecordedResponse)
            assert isinstance(one.request.body, bytes)
            # Nothing of httpx's own is added, so that vcrpy can match on headers.
            asked = httpx.Request(
                one.request.method, one.request.uri, headers=list(one.request.headers), content=one.request.body
            )
            response = client.send(asked)
            assert (response.status_code, response.reason_phrase) == (one.response.status, one.response.reason)
            assert response.content == one.response.body
        assert tape.all_played
    assert path.read_bytes() == before


def test_what_vcrpy_records_with_httpx_replays_here(path: Path):
    with serve_in_thread(Simulator()) as server:
        origin = server.endpoint.rstrip("/").removesuffix("/devstoreaccount1")
        sas = azfiles.connect(server.connection_string).make_sas(
            permissions="rwdlc", resource_types="sco", https_only=False
        )
        base = f"{origin}/devstoreaccount1"
        with vcr.VCR(record_mode=vcr.mode.ALL).use_cassette(str(path)), httpx.Client() as client:
            version = {"x-ms-version": "2025-11-05"}
            told = [
                client.put(f"{base}/data?restype=share&{sas.token}", headers=version),
                client.put(
                    f"{base}/data/f?{sas.token}", headers={**version, "x-ms-type": "file", "x-ms-content-length": "256"}
                ),
                client.put(
                    f"{base}/data/f?comp=range&{sas.token}",
                    headers={**version, "x-ms-write": "update", "x-ms-range": "bytes=0-255"},
                    content=BINARY,
                ),
                client.get(f"{base}/data/f?{sas.token}", headers={**version, "x-ms-range": "bytes=100-199"}),
            ]
    assert [one.status_code for one in told] == [201, 201, 201, 206]
    with replaying(path) as replayer:
        for one, response in zip(read_cassette(path), told, strict=True):
            assert isinstance(one.request.body, bytes)
            target = split_uri(one.request.uri)[1].partition("sv=")[0].rstrip("&?")
            asked = Request(one.request.method, target, one.request.headers, (one.request.body,), "http://127.0.0.1:1")
            answer = replayer.send(asked, 1.0)
            assert (answer.status, bytes(answer.body)) == (response.status_code, response.content)
