"""Sessions of the real service, recorded by another client with vcrpy, load here and replay."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import vcr.serialize
from vcr.serializers import yamlserializer

from azfiles.cassette.addresses import split_uri
from azfiles.cassette.document import read_cassette
from azfiles.cassette.scrubbing import scrub_interactions
from azfiles.cassette.writing import render_cassette
from azfiles.messages import Request
from azfiles.transports.replaying import replaying

FOLDER = Path(os.environ.get("AZFILES_RECORDINGS", Path(__file__).parents[3] / "shared" / "recordings"))
RECORDINGS = sorted(FOLDER.glob("*.yaml"))

pytestmark = pytest.mark.skipif(
    not RECORDINGS, reason="no recorded sessions of the real service: set AZFILES_RECORDINGS to their folder"
)
each_recording = pytest.mark.parametrize("path", RECORDINGS or [Path("none")], ids=lambda path: path.stem)


def seen_by_vcr(text: str):
    requests, responses = vcr.serialize.deserialize(text, yamlserializer)
    return [
        (
            (one.method, one.uri, one.body or b"", dict(one.headers)),
            (answer["status"], answer["headers"], answer["body"]["string"]),
        )
        for one, answer in zip(requests, responses, strict=True)
    ]


def seen_by_us(found):
    return [
        (
            (one.request.method, one.request.uri, one.request.body, dict(one.request.headers)),
            (
                {"code": one.response.status, "message": one.response.reason},
                {name: [value] for name, value in one.response.headers},
                one.response.body,
            ),
        )
        for one in found
    ]


def test_all_of_the_folder_is_read():
    assert len(RECORDINGS) == 83


@each_recording
def test_a_real_recording_loads_as_vcrpy_loads_it_and_so_does_what_we_write_of_it(path: Path):
    text = path.read_text(encoding="utf-8")
    found = read_cassette(path)
    assert seen_by_us(found) == seen_by_vcr(text)
    assert seen_by_vcr(render_cassette(found).decode("ascii")) == seen_by_vcr(text)


@each_recording
def test_a_real_recording_replays_in_its_order_from_another_account_and_style(path: Path):
    replayer = replaying(path)
    for one in read_cassette(path):
        target = "/devstoreaccount1" + split_uri(one.request.uri)[1]
        headers = tuple((name, value) for name, value in one.request.headers if name.lower() != "x-ms-date")
        asked = Request(one.request.method, target, headers, (one.request.body,), "http://127.0.0.1:10004")
        response = replayer.send(asked, 1.0)
        assert response.status == one.response.status
        assert response.headers.get("etag") == dict(one.response.headers).get("ETag")
    assert replayer.unplayed == ()


@each_recording
def test_scrubbing_a_real_recording_touches_no_files_content_and_hides_its_accounts(path: Path):
    found = read_cassette(path)
    scrubbed = scrub_interactions(found)
    for before, after in zip(found, scrubbed, strict=True):
        if b"<?xml" not in before.response.body:
            assert after.response.body == before.response.body
        assert after.request.body == before.request.body
    assert b"zemaintest" not in render_cassette(scrubbed)
