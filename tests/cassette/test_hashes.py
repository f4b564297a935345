"""Where a secret in a file's content is overwritten, the hashes of that content are so too: it replays, and verifies."""

from __future__ import annotations

from pathlib import Path

import pytest

import azfiles
from azfiles import InProcessTransport, recording, replaying
from azfiles.cassette.checking import check_replay
from azfiles.cassette.document import read_cassette
from azfiles.cassette.hashes import content_of, md5_of, overwrite
from azfiles.cassette.scrubbing import scrub_interactions
from azfiles.cassette.tape import Tape
from azfiles.cassette.writing import write_cassette
from azfiles.core.checksums import crc64
from azfiles.core.structured import frame, unframe
from azfiles.errors import CassetteError
from azfiles_sim import Simulator
from azfiles_sim.testing import verify_cassette
from tests.cassette.builders import interaction
from tests.cassette.plants import signature

CONTENT = b"url=https://x.example/s/f?sv=1&sig=" + signature("in a config file").encode() + b" end\n"
MASKED = CONTENT[:35] + b"X" * 44 + b" end\n"
WRITE = {"x-ms-range": f"bytes=0-{len(CONTENT) - 1}", "x-ms-write": "update"}


def md5_of_ranges(file: azfiles.FileClient, content: bytes) -> int:
    file.create(len(content))
    assert file.put_range(0, content, content_md5=True).content_md5 == md5_of(content)
    return len(file.get_range(0, len(content), range_md5=True).content)


def crc64_of_ranges(file: azfiles.FileClient, content: bytes) -> int:
    file.create(len(content))
    file.put_range(0, content, checksum="crc64")
    return len(file.get_range(0, len(content), checksum="crc64").content)


def hash_of_the_file(file: azfiles.FileClient, content: bytes) -> int:
    file.upload(content, checksum="md5", content_md5=True)
    return len(bytes(file.download(check_md5=True)))


def written_at_once(file: azfiles.FileClient, content: bytes) -> int:
    file.create(len(content), data=content, checksum="crc64")
    return len(file.get(checksum="crc64").content)


def hash_told_before_the_content(file: azfiles.FileClient, content: bytes) -> int:
    file.create(len(content), http=azfiles.HttpHeaders(content_md5=md5_of(content)))
    file.put_range(0, content)
    return len(bytes(file.download(check_md5=True)))


@pytest.mark.parametrize("body_limit", [1024 * 1024, 20])
@pytest.mark.parametrize(
    "work", [md5_of_ranges, crc64_of_ranges, hash_of_the_file, hash_told_before_the_content, written_at_once]
)
def test_checked_content_with_a_secret_replays_and_verifies(tmp_path: Path, cache_folder: Path, work, body_limit: int):
    def run(transport: azfiles.Transport) -> int:
        key = azfiles.SharedKey(azfiles.EMULATOR_ACCOUNT, azfiles.EMULATOR_KEY)
        url = f"https://{azfiles.EMULATOR_ACCOUNT}.file.core.windows.net"
        with azfiles.connect(url, key, transport=transport, retry=None, api_version="2026-06-06") as client:
            share = client.share("data")
            share.create()
            return work(share.file("config"), CONTENT)

    path = tmp_path / "a.yaml"
    assert run(recording(InProcessTransport(Simulator().handle), path, body_limit=body_limit)) == len(CONTENT)
    assert CONTENT not in b"".join(one.read_bytes() for one in tmp_path.rglob("*") if one.is_file())
    assert run(replaying(path)) == len(CONTENT)
    assert verify_cassette(path).drift == ()


def test_a_hash_that_was_wrong_stays_wrong():
    wrong = md5_of(b"something else")
    found = [interaction("PUT", "/s/f?comp=range", {**WRITE, "Content-MD5": wrong}, CONTENT, status=400)]
    (scrubbed,) = scrub_interactions(found)
    assert scrubbed.request.body == MASKED
    assert dict(scrubbed.request.headers)["Content-MD5"] == wrong


def test_every_segment_and_the_whole_get_their_checksum_anew():
    parts = [b"AccountKey=" + b"k" * 20, CONTENT, b"nothing"]
    framed = _segments(parts)
    changed = overwrite(framed, lambda data: data.replace(b"k" * 20, b"X" * 20).replace(CONTENT, MASKED))
    assert [bytes(part) for part in unframe(changed)] == [b"AccountKey=" + b"X" * 20, MASKED, b"nothing"]
    assert content_of(overwrite(_join(frame((CONTENT,))), lambda data: data.replace(CONTENT, MASKED))) == MASKED


def test_a_stored_hash_may_differ_only_where_content_was_overwritten():
    told = interaction("PUT", "/s/f?comp=properties", {"x-ms-content-md5": md5_of(CONTENT)})
    tape = Tape(scrub_interactions([told, interaction("PUT", "/s/f?comp=range", WRITE, CONTENT)]), source="t.yaml")
    assert tape.look_up(told.request) is not None
    other = interaction("PUT", "/s/f?comp=properties", {"x-ms-content-md5": md5_of(b"other")})
    plain = Tape([other], source="t.yaml")
    assert plain.look_up(told.request) is None


def test_a_frame_that_was_broken_stays_broken():
    broken = _join(frame((CONTENT,)))[:-1] + b"\0"
    assert content_of(overwrite(broken, lambda data: data.replace(CONTENT, MASKED))) is None


@pytest.mark.parametrize(
    ("answer", "written", "complaint"),
    [
        ({"Content-MD5": md5_of(CONTENT)}, MASKED, "request 1: .* Content-MD5 is wrong"),
        ({}, MASKED[:-1], "request 1 got 83 bytes, not 84"),
    ],
)
def test_content_that_no_client_would_take_is_refused(tmp_path: Path, answer, written: bytes, complaint: str):
    live = interaction("GET", "/s/f", answer=answer, content=CONTENT)
    write_cassette(tmp_path / "a.yaml", [interaction("GET", "/s/f", answer=answer, content=written)])
    with pytest.raises(CassetteError, match=complaint):
        check_replay(tmp_path / "a.yaml", [live])
    write_cassette(tmp_path / "a.yaml", scrub_interactions([live]))
    check_replay(tmp_path / "a.yaml", [live])
    assert read_cassette(tmp_path / "a.yaml")[0].response.body == MASKED  # type: ignore[union-attr]  # it is not lost


def _join(parts) -> bytes:
    return b"".join(map(bytes, parts))


def _segments(parts: list[bytes]) -> bytes:
    body, whole = b"", 0
    for number, part in enumerate(parts, 1):
        body += number.to_bytes(2, "little") + len(part).to_bytes(8, "little") + part
        body += crc64(part).to_bytes(8, "little")
        whole = crc64(part, whole)
    body += whole.to_bytes(8, "little")
    head = b"\x01" + (13 + len(body)).to_bytes(8, "little") + b"\x01\0" + len(parts).to_bytes(2, "little")
    return head + body
