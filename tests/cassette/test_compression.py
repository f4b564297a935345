"""Under compression a secret is taken out, and found, too; in a file's content scrubber and scanner agree."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from azfiles.cassette import compression
from azfiles.cassette.checking import check_replay
from azfiles.cassette.compression import decompressed
from azfiles.cassette.interactions import Interaction, RecordedResponse
from azfiles.cassette.scanning import scan_cassette
from azfiles.cassette.scrubbing import scrub_interactions
from azfiles.cassette.sealing import VARIABLE, Seal
from azfiles.cassette.writing import write_cassette
from tests.cassette.builders import interaction
from tests.cassette.plants import key

DOCUMENT = json.dumps({"access_token": "opaque0123456789token", "accountKey": key("gzip")}).encode()
CLEAN = b'{"access_token": "REDACTED", "accountKey": "REDACTED"}'
STORAGE = "https://storagename.file.core.windows.net"


def raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return engine.compress(data) + engine.flush()


COMPRESSORS = [("gzip", gzip.compress), ("GZIP", gzip.compress), ("deflate", zlib.compress), ("deflate", raw_deflate)]


def token_request(encoding: str, body: bytes) -> Interaction:
    answer = {"Content-Encoding": encoding, "Content-Length": str(len(body))}
    return interaction("POST", "/t/oauth2/token", answer=answer, content=body, origin="https://login.example")


@pytest.mark.parametrize(("encoding", "compress"), COMPRESSORS)
def test_a_compressed_document_is_recorded_plain_and_clean_and_replays(tmp_path: Path, encoding: str, compress):
    live = token_request(encoding, compress(DOCUMENT))
    live = replace(
        live, request=replace(live.request, headers=(("Content-Encoding", encoding),), body=compress(DOCUMENT))
    )
    (scrubbed,) = scrub_interactions([live])
    assert isinstance(scrubbed.response, RecordedResponse)
    assert scrubbed.request.body == scrubbed.response.body == CLEAN
    assert scrubbed.request.headers == ()
    assert scrubbed.response.headers == (("Content-Length", str(len(CLEAN))),)
    write_cassette(tmp_path / "a.yaml", [scrubbed])
    check_replay(tmp_path / "a.yaml", [live])
    assert scan_cassette(tmp_path / "a.yaml") == []


@pytest.mark.parametrize("body_limit", [10, None])
@pytest.mark.parametrize(("encoding", "compress"), [*COMPRESSORS, ("", gzip.compress), ("", bytes)])
def test_the_scanner_looks_under_compression_and_into_the_side_store(
    tmp_path: Path, encoding: str, compress, body_limit: int | None
):
    write_cassette(tmp_path / "a.yaml", [token_request(encoding, compress(DOCUMENT))], body_limit=body_limit)
    found = scan_cassette(tmp_path / "a.yaml")
    assert {one.kind for one in found} == {"secret in JSON", "account key"}
    stored = body_limit is not None
    assert all(("a.yaml.bodies" in one.path) == stored and Path(one.path).is_file() for one in found)


def test_a_secret_in_a_stored_document_is_told_with_its_line(tmp_path: Path):
    """One that spans lines is told with the first."""
    lines = b"{\n" + b'"a": 1,\n' * 3 + b'"password": "hunter2-hunter2",\n"token": {\n' + DOCUMENT + b"}\n}"
    spanning = b"<User>\n<Password\na='b'>\ncorrect-horse-battery</Password></User>"
    live = [token_request("gzip", gzip.compress(lines)), token_request("", spanning)]
    write_cassette(tmp_path / "a.yaml", live, body_limit=10)
    assert {(one.line, one.kind, one.where) for one in scan_cassette(tmp_path / "a.yaml")} == {
        (5, "secret in JSON", "a stored body, decompressed"),
        (7, "secret in JSON", "a stored body, decompressed"),
        (7, "account key", "a stored body, decompressed"),
        (1, "secret in XML", "a stored body"),
    }


def test_the_names_of_sealed_bodies_are_those_of_their_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(VARIABLE, base64.b64encode(bytes(32)).decode())
    write_cassette(tmp_path / "a.yaml", [token_request("", DOCUMENT)], body_limit=10, seal=Seal.from_environment())
    found = scan_cassette(tmp_path / "a.yaml")
    assert {one.kind for one in found} == {"secret in JSON", "account key"}
    assert all(Path(one.path).is_file() for one in found)


def test_what_is_damaged_or_would_fill_the_memory_stays_as_it_is(monkeypatch: pytest.MonkeyPatch):
    assert decompressed(gzip.compress(DOCUMENT)[:-9], "gzip") is None
    assert decompressed(DOCUMENT, "br") is None
    assert decompressed(gzip.compress(b"a") + gzip.compress(b"b"), "gzip") == b"ab"
    monkeypatch.setattr(compression, "LARGEST_BYTES", 1000)
    assert decompressed(gzip.compress(b"0" * 1000), "gzip") == b"0" * 1000
    assert decompressed(gzip.compress(b"0" * 1001), "gzip") is None


def test_the_content_of_files_is_judged_alike_by_scrubber_and_scanner(tmp_path: Path):
    content = b'{"password":"hunter2-hunter2"}'
    found = [
        interaction("PUT", "/s/f?comp=range", body=content, origin=STORAGE),
        interaction("GET", "/s/f", content=content, origin=STORAGE),
        interaction(
            "GET", "/s/f", {"x-ms-version": "2025-11-05"}, content=content, origin="http://127.0.0.1:10004/storagename"
        ),
        interaction("GET", "/s/z", answer={"Content-Encoding": "gzip"}, content=gzip.compress(content), origin=STORAGE),
    ]
    scrubbed = scrub_interactions(found)
    assert [one.response for one in scrubbed] == [one.response for one in found]
    write_cassette(tmp_path / "a.yaml", scrubbed)
    assert scan_cassette(tmp_path / "a.yaml") == []
    write_cassette(
        tmp_path / "a.yaml", [interaction("GET", "/s/f", content=b"AccountKey=" + key("c").encode(), origin=STORAGE)]
    )
    assert [one.kind for one in scan_cassette(tmp_path / "a.yaml")] == ["account key"]


def test_what_another_service_answers_to_a_get_is_no_content(tmp_path: Path):
    found = [interaction("GET", "/metadata/identity/oauth2/token", content=DOCUMENT, origin="http://169.254.169.254")]
    write_cassette(tmp_path / "a.yaml", found)
    assert scan_cassette(tmp_path / "a.yaml")
    scrubbed = scrub_interactions(found)
    assert isinstance(scrubbed[0].response, RecordedResponse)
    assert scrubbed[0].response.body == CLEAN
    write_cassette(tmp_path / "a.yaml", scrubbed)
    check_replay(tmp_path / "a.yaml", found)
