"""Forty kinds of secret, planted and recorded: none in the file, the logs or a repr; and the scanner knows each."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

import pytest
import vcr.serialize
from vcr.request import Request as VcrRequest
from vcr.serializers import yamlserializer

from azfiles.cassette.addresses import split_uri
from azfiles.cassette.document import read_cassette
from azfiles.cassette.interactions import Interaction, Lost, RecordedResponse
from azfiles.cassette.scanning import Finding, scan_cassette, scan_cassettes
from azfiles.cassette.scrubbing import scrub_interactions
from azfiles.cassette.writing import render_cassette, write_cassette
from azfiles.errors import CassetteError, NotRecorded, TransportError
from azfiles.messages import Headers, Request, Response
from azfiles.transports.recording import recording
from azfiles.transports.replaying import replaying
from tests.cassette.builders import Answering, interaction
from tests.cassette.plants import ALL_PLANTS, SESSION, Plant, spellings

RECORDINGS = Path(os.environ.get("AZFILES_RECORDINGS", Path(__file__).parents[3] / "shared" / "recordings"))


def live(one: Interaction) -> Request:
    origin, target = split_uri(one.request.uri)
    assert isinstance(one.request.body, bytes)
    return Request(one.request.method, target, one.request.headers, (one.request.body,), origin)


def record(path: Path, **options) -> list[str]:
    """Record the session; returns every repr and error text that came up."""
    outcomes = iter(SESSION)

    def answer(_: Request) -> Response:
        response = next(outcomes).response
        if isinstance(response, Lost):
            raise TransportError("GET /share/lost?sig=REDACTED: reset", sent=True)
        assert isinstance(response.body, bytes)
        return Response(response.status, response.reason, Headers(response.headers), response.body)

    told: list[str] = []
    with recording(Answering(answer), path, **options) as recorder:
        for one in SESSION:
            asked = live(one)
            if "@" not in asked.origin:  # which no client of ours has
                told.append(repr(asked))
            try:
                told.append(repr(recorder.send(asked, 1.0)))
            except TransportError as error:
                told.append(repr(error))
        told += [repr(recorder), repr(recorder.unanswered), repr(recorder._session)]
    return told


def leaks(data: bytes) -> list[str]:
    return [plant.kind for plant in ALL_PLANTS if any(one in data for one in spellings(plant.secret))]


def test_there_are_at_least_thirty_kinds_and_each_would_be_seen():
    written = render_cassette(SESSION)
    bodies = [
        b"" if isinstance(one.response, Lost) else bytes(one.request.body) + bytes(one.response.body)  # type: ignore[arg-type]  # none is stored
        for one in SESSION
    ]
    assert len({plant.kind for plant in ALL_PLANTS}) == len(ALL_PLANTS) >= 30
    assert set(leaks(written + b"".join(bodies))) == {plant.kind for plant in ALL_PLANTS}


@pytest.mark.parametrize("body_limit", [1024 * 1024, 20])
def test_no_planted_secret_is_in_any_file_log_or_repr(
    tmp_path: Path, cache_folder: Path, caplog: pytest.LogCaptureFixture, body_limit: int
):
    path = tmp_path / "a.yaml"
    with caplog.at_level(logging.DEBUG):
        told = record(path, body_limit=body_limit)
        replayer = replaying(path, allow_unplayed=True)
        for plant in ALL_PLANTS:
            try:
                told.append(repr(replayer.send(live(plant.where), 1.0)))
                replayer.send(live(plant.where), 1.0)
            except (NotRecorded, TransportError) as error:
                told.append(repr(error))
        told += [repr(replayer), repr(replayer.unplayed), repr(read_cassette(path))]
    files = [one.read_bytes() for folder in (tmp_path, cache_folder) for one in folder.rglob("*") if one.is_file()]
    bodies = [
        bytes(body) if isinstance(body, bytes) else bytes(body.read())
        for one in read_cassette(path)
        for body in (one.request.body, one.response.body if isinstance(one.response, RecordedResponse) else b"")
    ]
    assert leaks(b"\n".join(files)) == []
    assert leaks(b"\n".join(bodies)) == []
    # A replay shows the account and the errors of this run, and nothing else that is secret.
    shown = {kind for kind in leaks("\n".join(told).encode() + caplog.text.encode()) if "account" not in kind}
    assert shown == set()


def test_the_session_replays_though_all_of_it_was_scrubbed(tmp_path: Path):
    record(tmp_path / "a.yaml")
    with replaying(tmp_path / "a.yaml") as replayer:
        for one in SESSION:
            if isinstance(one.response, Lost):
                with pytest.raises(TransportError):
                    replayer.send(live(one), 1.0)
            else:
                assert replayer.send(live(one), 1.0).status == one.response.status


@pytest.mark.parametrize("plant", ALL_PLANTS, ids=lambda plant: plant.kind)
def test_the_scanner_finds_each_kind_with_its_file_and_line_and_does_not_tell_it(tmp_path: Path, plant: Plant):
    path = tmp_path / "leaky.yaml"
    clean = scrub_interactions([interaction("GET", "/share/clean")])
    write_cassette(path, [*clean, plant.where, *clean])
    found = scan_cassette(path)
    assert found
    lines = path.read_text().splitlines()
    for finding in found:
        assert finding.path == str(path)
        assert plant.secret not in str(finding)
    after_the_first = next(
        number for number, line in enumerate(lines, 1) if number > 5 and line.startswith(("- re", "- after"))
    )
    assert all(after_the_first <= finding.line <= len(lines) for finding in found)
    shown = "\n".join(lines[finding.line - 1] for finding in found).encode()
    if b"!!binary" not in shown:
        assert any(one in shown for one in spellings(plant.secret))


def test_the_scanner_finds_nothing_in_what_was_scrubbed(tmp_path: Path):
    for limit in (20, None):
        write_cassette(tmp_path / "clean.yaml", scrub_interactions(SESSION), body_limit=limit)
        assert scan_cassette(tmp_path / "clean.yaml") == []


def test_the_scanner_reads_cassettes_of_vcrpys_own(tmp_path: Path):
    requests = [
        VcrRequest("GET", "https://storagename.file.core.windows.net/s/f?sv=1&sig=abc%2Bdef", None, {"Authorization": "SharedKey a:b+c="}),
        VcrRequest("GET", "https://storagename.file.core.windows.net/s/f?sv=1&sig=REDACTED", None, {"Authorization": "REDACTED"}),
    ]  # fmt: skip
    responses = [{"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": b""}}] * 2
    (tmp_path / "b.yaml").write_text(
        vcr.serialize.serialize({"requests": requests, "responses": responses}, yamlserializer)
    )
    found = scan_cassette(tmp_path / "b.yaml")
    text = (tmp_path / "b.yaml").read_text().splitlines()
    assert [(one.kind, one.where) for one in found] == [
        ("authorization header", "request 1, header Authorization"),
        ("signature", "request 1, uri"),
    ]
    assert "SharedKey" in text[found[0].line - 1]
    assert "sig=abc" in text[found[1].line - 1]


def test_the_scanner_reads_json_and_looks_into_stored_bodies(tmp_path: Path):
    parts = {
        "method": "GET",
        "uri": "https://storagename.file.core.windows.net/s?sig=abcdefgh",
        "body": None,
        "headers": {},
    }
    answer = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": ""}}
    document = {"version": 1, "interactions": [{"request": parts, "response": answer}]}
    (tmp_path / "c.json").write_text(json.dumps(document, indent=1))
    assert scan_cassette(tmp_path / "c.json") == [Finding(str(tmp_path / "c.json"), 7, "signature", "request 1, uri")]
    (plant,) = [one for one in ALL_PLANTS if one.kind == "account key in a file"]
    body = b"\n\n" * 900_000 + bytes(plant.where.request.body)  # type: ignore[arg-type]  # it is not stored
    write_cassette(
        tmp_path / "d.yaml",
        [interaction("PUT", "/s/f?comp=range", {}, body, origin="https://storagename.file.core.windows.net")],
    )
    (found,) = scan_cassette(tmp_path / "d.yaml")
    assert (found.kind, found.line) == ("account key", 1_800_001)
    assert "d.yaml.bodies" in found.path


def test_a_folder_is_scanned_for_cassettes_and_a_file_that_is_none_is_not_called_clean(tmp_path: Path):
    (tmp_path / "other.yaml").write_text("openapi: 3\n")
    (tmp_path / "deep").mkdir()
    write_cassette(tmp_path / "deep" / "a.yaml", SESSION[:1])
    assert {one.path for one in scan_cassettes([tmp_path])} == {str(tmp_path / "deep" / "a.yaml")}
    with pytest.raises(CassetteError, match="no interactions"):
        scan_cassettes([tmp_path / "other.yaml"])
    (tmp_path / "deep" / "cut.yaml").write_text("interactions:\n- request:")
    with pytest.raises(CassetteError, match="no version"):
        scan_cassettes([tmp_path])


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no recorded sessions of the real service: set AZFILES_RECORDINGS")
def test_the_scanner_finds_in_real_recordings_just_what_their_scrubbing_left():
    found = scan_cassettes([RECORDINGS])
    kinds = {one.kind for one in found}
    assert kinds <= {"client address", "lease id", "signature", "account name"}
    addressed = {Path(one.path).name for one in found if one.kind == "client address"}
    assert addressed
    assert all(name.startswith("test_handle.") for name in addressed)


def test_the_scanner_reads_recordings_of_the_test_proxy(tmp_path: Path):
    entry = {
        "RequestUri": "https://fakestorage.file.core.windows.net/s?sig=abcdefgh",
        "RequestMethod": "GET",
        "RequestHeaders": {"Authorization": "Sanitized", "x-ms-lease-id": "6f2c5f0e-8d4b-4e0a-9c57-0b4f7e3a91d2"},
        "RequestBody": None,
        "StatusCode": 403,
        "ResponseHeaders": {"Content-Type": "application/xml"},
        "ResponseBody": ["<E>source IP 198.18.9.9 is\n", "not authorized</E>"],
    }
    path = tmp_path / "proxy.json"
    path.write_text(json.dumps({"Entries": [entry]}, indent=1))
    assert [(one.kind, one.line, one.where) for one in scan_cassettes([tmp_path])] == [
        ("signature", 4, "request 1, uri"),
        ("lease id", 8, "request 1, header x-ms-lease-id"),
        ("client address", 16, "response 1, body"),
    ]


def test_the_cassettes_of_this_repository_are_clean():
    folder = Path(__file__).parents[2] / "cassettes"
    assert list(folder.glob("*.yaml"))
    assert scan_cassettes([folder]) == []
