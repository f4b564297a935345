"""Large bodies lie beside the cassette, each once, and are streamed to where they land."""

from __future__ import annotations

import hashlib
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import vcr.serialize
import yaml
from vcr.serializers import yamlserializer

from azfiles.cassette.bodies import BodyStore, StoredBody
from azfiles.cassette.document import read_cassette
from azfiles.cassette.interactions import RecordedResponse
from azfiles.cassette.writing import render_cassette, write_cassette
from azfiles.errors import CassetteError, ReplyNotUnderstood
from azfiles.transports.recording import recording
from azfiles.transports.replaying import replaying
from tests.cassette.builders import Answering, interaction, request, respond
from tests.proof import THOROUGH

LARGE = bytes(range(256)) * 5000
OTHER = LARGE[::-1]
SIGNATURE = b"c2lnbmF0dXJlIG9mIHRoaXJ0eS10d28gYnl0ZXMhISE="


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.yaml"


def put(content: bytes, at: int = 0):
    return request("PUT", "/s/f?comp=range", {"x-ms-range": f"bytes={at}-{at + len(content) - 1}"}, memoryview(content))


def get(sink: bytearray | None = None):
    return request("GET", "/s/f", sink=None if sink is None else memoryview(sink))


def record(path: Path, *, body_limit: int | None = 1024 * 1024) -> None:
    def answer(asked):
        return respond(201) if asked.method == "PUT" else respond(200, [("Content-Length", str(len(LARGE)))], LARGE)

    with recording(Answering(answer), path, body_limit=body_limit) as recorder:
        recorder.send(put(LARGE), 1.0)
        recorder.send(put(OTHER), 1.0)
        recorder.send(get(), 1.0)


def replay(path: Path) -> None:
    with replaying(path) as replayer:
        assert replayer.send(put(OTHER), 1.0).status == 201
        assert replayer.send(put(LARGE), 1.0).status == 201
        assert replayer.send(get(), 1.0).body == LARGE


def test_large_contents_go_to_the_side_store_each_once_and_replay(path: Path):
    record(path)
    store = path.with_name("a.yaml.bodies")
    assert {one.name: one.read_bytes() for one in store.iterdir()} == {
        hashlib.sha256(content).hexdigest(): content for content in (LARGE, OTHER)
    }
    assert path.stat().st_size < 3000
    replay(path)


def test_the_head_says_that_vcrpy_cannot_replay_it(path: Path):
    record(path)
    text = path.read_text()
    assert text.startswith("# vcrpy 'cannot replay this cassette")
    assert "cannot replay" in yaml.safe_load(text)["azfiles"]["vcrpy"]


@pytest.mark.skipif(not THOROUGH, reason="vcrpy takes seconds for megabytes: AZFILES_THOROUGH=1, as in CI, has it")
def test_below_the_limit_it_is_one_plain_vcrpy_file(path: Path):
    record(path, body_limit=None)
    assert list(path.parent.iterdir()) == [path]
    requests, responses = vcr.serialize.deserialize(path.read_text(), yamlserializer)
    assert (requests[0].body, responses[2]["body"]["string"]) == (LARGE, LARGE)
    assert set(yaml.safe_load(path.read_text())) == {"interactions", "version"}
    replay(path)


def test_a_stored_body_lands_in_the_sink(path: Path):
    record(path)
    sink = bytearray(len(LARGE) + 5)
    response = replaying(path).send(get(sink), 1.0)
    assert isinstance(response.body, memoryview)
    assert response.body.obj is sink
    assert response.body == LARGE
    with pytest.raises(ReplyNotUnderstood, match="the buffer for it 4"):
        replaying(path).send(get(bytearray(4)), 1.0)


def test_contents_leave_memory_while_the_session_goes_on(path: Path):
    with recording(Answering(lambda _: respond(201)), path) as recorder:
        recorder.send(put(LARGE), 1.0)
        (kept,) = recorder._session._interactions
        assert isinstance(kept.request.body, StoredBody)


def test_the_caller_may_reuse_a_large_buffer_too(path: Path):
    buffer = bytearray(LARGE)
    with recording(Answering(lambda _: respond(201)), path) as recorder:
        recorder.send(request("PUT", "/s/f?comp=range", {}, memoryview(buffer)), 1.0)
        buffer[:] = bytes(len(buffer))
    (found,) = read_cassette(path)
    assert isinstance(found.request.body, StoredBody)
    assert found.request.body.read() == LARGE


@pytest.mark.parametrize("cut", [0, 7, 256 * 1024 - 20, 256 * 1024 + 3])
def test_a_secret_in_a_large_content_is_overwritten_wherever_it_stands_and_still_matches(path: Path, cut: int):
    content = LARGE[:cut] + b"?sig=" + SIGNATURE + b" my-own-secret " + LARGE
    parts = memoryview(content)[: cut + 9], memoryview(content)[cut + 9 :]
    asked = request("PUT", "/s/f?comp=range", {"x-ms-range": "bytes=0-9"}, *parts)
    with recording(Answering(lambda _: respond(201)), path, secrets=["my-own-secret"]) as recorder:
        recorder.send(asked, 1.0)
    (stored,) = path.with_name("a.yaml.bodies").iterdir()
    written = stored.read_bytes()
    assert len(written) == len(content)
    assert SIGNATURE not in written
    assert b"my-own-secret" not in written
    with replaying(path, secrets=["my-own-secret"]) as replayer:
        assert replayer.send(asked, 1.0).status == 201


def test_a_large_document_is_scrubbed_when_it_is_saved_and_stored_then(path: Path):
    listing = b'<E ServiceEndpoint="https://myaccount.file.core.windows.net/">' + b"<Name>a</Name>" * 100_000
    with recording(Answering(lambda _: respond(200, (), listing)), path) as recorder:
        recorder.send(request("GET", "/s?restype=directory&comp=list"), 1.0)
    (stored,) = path.with_name("a.yaml.bodies").iterdir()
    assert b"https://storagename.file" in stored.read_bytes()
    replayed = replaying(path).send(request("GET", "/s?restype=directory&comp=list"), 1.0)
    assert replayed.body == listing


@pytest.mark.parametrize("size", [10, 300])
def test_what_other_services_say_is_scrubbed_however_large_it_is(path: Path, size: int):
    """Their GET and PUT look like those of a file, but for where they go."""
    elsewhere = "https://vault.example.net"
    sent = b'{"clientSecret": "correct-horse-battery", "fill": "' + b"a" * size + b'"}'
    told = b'{"access_token": "opaque0123456789token", "fill": "' + b"a" * size + b'"}'
    asked = [request("PUT", "/secrets/one", {}, sent, origin=elsewhere), request("GET", "/me", origin=elsewhere)]
    with recording(Answering(lambda _: respond(200, (), told)), path, body_limit=100) as recorder:
        for one in asked:
            recorder.send(one, 1.0)
    written = b"".join(one.read_bytes() for one in path.parent.rglob("*") if one.is_file())
    assert b"opaque0123456789token" not in written
    assert b"correct-horse-battery" not in written
    with replaying(path) as replayer:
        for one in asked:
            assert replayer.send(one, 1.0).body == told.replace(b"opaque0123456789token", b"REDACTED")


def begin(path: Path, content: bytes):
    """A recorder with one large request in it."""
    recorder = recording(Answering(lambda _: respond(201)), path)
    recorder.send(put(content), 1.0)
    return recorder


def test_of_two_recordings_of_one_path_the_last_to_save_is_whole(path: Path):
    """Neither takes away what the other has taken in, whatever both have in common."""
    one, other = begin(path, LARGE), begin(path, OTHER)
    for recorder in (one, other):
        recorder.send(put(LARGE + OTHER), 1.0)
    other.save()
    one.close()
    with replaying(path) as replayer:
        assert [replayer.send(put(content), 1.0).status for content in (LARGE, LARGE + OTHER)] == [201, 201]
    other.send(put(b"small"), 1.0)
    with pytest.raises(CassetteError, match="recorded anew by another recording"):
        other.close()
    assert len(read_cassette(path)) == 2
    names = {hashlib.sha256(content).hexdigest() for content in (LARGE, LARGE + OTHER)}
    assert {body.name for body in path.with_name("a.yaml.bodies").iterdir()} == names


def test_one_that_is_dropped_takes_nothing_from_the_other(path: Path):
    one, other = begin(path, LARGE), begin(path, LARGE)
    one.drop()
    other.close()
    third = begin(path, LARGE)
    third.drop()
    with replaying(path) as replayer:
        assert replayer.send(put(LARGE), 1.0).status == 201
    assert len(list(path.with_name("a.yaml.bodies").iterdir())) == 1


def test_recordings_of_one_path_in_threads_leave_one_of_them_whole(path: Path):
    contents = [LARGE + bytes([number]) for number in range(4)]

    def record_one(content: bytes) -> None:
        for _ in range(5):
            begin(path, content).close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(record_one, contents))
    (found,) = read_cassette(path)
    assert isinstance(found.request.body, StoredBody)
    assert found.request.body.read() in contents
    assert len(list(path.with_name("a.yaml.bodies").iterdir())) == 1


def test_bodies_that_nothing_refers_to_any_more_are_deleted(path: Path):
    record(path)
    folder = path.with_name("a.yaml.bodies")
    (folder / "notes.txt").write_text("not ours")
    write_cassette(path, read_cassette(path)[:1])
    assert sorted(one.name for one in folder.iterdir()) == sorted([hashlib.sha256(LARGE).hexdigest(), "notes.txt"])
    (folder / "notes.txt").unlink()
    write_cassette(path, [])
    assert not folder.exists()


@pytest.mark.parametrize("damage", [LARGE[:-1], LARGE + b"x", b"x" + LARGE[1:], None])
def test_a_damaged_or_missing_body_is_an_error_and_never_another_body(path: Path, damage: bytes | None):
    record(path)
    stored = path.with_name("a.yaml.bodies") / hashlib.sha256(LARGE).hexdigest()
    if damage is None:
        stored.unlink()
    else:
        stored.write_bytes(damage)
    for sink in (None, bytearray(len(LARGE))):
        with pytest.raises(CassetteError, match=r"damaged|cannot be read"):
            replaying(path).send(get(sink), 1.0)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("../../etc", "in a folder beside it"),
        ("", "in a folder beside it"),
        ("a\\\\b", "in a folder beside it"),
    ],
)
def test_a_cassette_cannot_name_bodies_anywhere_else(path: Path, text: str, complaint: str):
    path.write_text(f'azfiles: {{bodies: "{text}"}}\ninteractions: []\nversion: 1\n')
    with pytest.raises(CassetteError, match=complaint):
        read_cassette(path)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [("{sha256: ../../x, size: 1}", "64 hexadecimal"), ("{sha256: 1}", "no size"), ("{sha256: a, size: b}", "is text")],
)
def test_a_stored_body_is_named_by_nothing_but_its_digest(path: Path, body: str, complaint: str):
    path.write_text(
        "azfiles: {bodies: x}\ninteractions:\n- request: {method: GET, uri: u}\n"
        f"  response: {{status: {{code: 200}}, headers: {{}}, body: {body}}}\nversion: 1\n"
    )
    with pytest.raises(CassetteError, match=complaint):
        read_cassette(path)


def test_stored_bodies_can_be_put_into_the_file_again_and_moved(path: Path, tmp_path: Path):
    record(path)
    found = read_cassette(path)
    assert b"sha256" not in render_cassette(found)
    write_cassette(tmp_path / "whole.yaml", found, body_limit=None)
    replay(tmp_path / "whole.yaml")
    (tmp_path / "moved").mkdir()
    shutil.copy(path, tmp_path / "moved" / "b.yaml")
    shutil.copytree(path.with_name("a.yaml.bodies"), tmp_path / "moved" / "a.yaml.bodies")
    replay(tmp_path / "moved" / "b.yaml")


def test_a_large_binary_body_of_vcrpys_own_is_not_held_in_memory(path: Path):
    path.write_bytes(render_cassette([interaction("GET", "/s/f", content=LARGE)]))
    (found,) = read_cassette(path)
    assert isinstance(found.response, RecordedResponse)
    body = found.response.body
    assert isinstance(body, StoredBody)
    folder = body.store.folder
    assert body.read() == LARGE
    del found, body
    assert not folder.exists()


def test_a_body_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path):
    def blocks():
        yield b"abc"
        raise OSError(28, "No space left on device")

    with pytest.raises(CassetteError, match="No space left"):
        BodyStore(tmp_path / "x").put(blocks())
    assert list((tmp_path / "x").iterdir()) == []


# --- others who use the same folder -----------------------------------------------------------------------------------


def test_a_body_that_another_process_deletes_meanwhile_is_as_good_as_deleted(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The other process is quicker at each step: it deletes the whole folder after this one has listed it."""
    record(path)
    folder = path.with_name("a.yaml.bodies")
    listed = Path.iterdir

    def too_late(self: Path):
        found = list(listed(self))
        if self == folder:
            shutil.rmtree(folder)
        return iter(found)

    monkeypatch.setattr(Path, "iterdir", too_late)
    BodyStore(folder).keep_only(())
    assert not folder.exists()


def test_a_body_that_comes_while_the_folder_is_deleted_keeps_it(path: Path, monkeypatch: pytest.MonkeyPatch):
    record(path)
    folder = path.with_name("a.yaml.bodies")
    delete = Path.rmdir

    def just_before(self: Path) -> None:
        BodyStore(folder).put([OTHER])
        delete(self)

    monkeypatch.setattr(Path, "rmdir", just_before)
    BodyStore(folder).keep_only(())
    assert [one.read_bytes() for one in folder.iterdir()] == [OTHER]


def test_a_put_is_repeated_where_another_process_deletes_the_empty_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    make, deleted = Path.mkdir, []

    def make_and_lose(self: Path, *arguments, **options) -> None:
        make(self, *arguments, **options)
        if len(deleted) < 3:
            deleted.append(self)
            self.rmdir()

    monkeypatch.setattr(Path, "mkdir", make_and_lose)
    assert BodyStore(tmp_path / "x").put(iter([b"abc", b"def"])).read() == b"abcdef"
    assert len(deleted) == 3


def test_what_a_killed_process_left_is_removed_by_the_next_save_once_it_is_a_day_old(path: Path):
    record(path)
    folder = path.with_name("a.yaml.bodies")
    old, kept = [], []
    for name in (".a.yaml.0123456789abcdef.tmp", "a.yaml.bodies/.0123456789abcdef.tmp"):
        old.append(path.parent / name)
        kept.append(path.parent / name.replace("0123", "4567"))  # another process may be writing it just now
    others = [path.parent / ".b.yaml.0123456789abcdef.tmp", path.parent / ".a.yaml.notes.tmp", folder / ".notes.tmp"]
    for file in (*old, *kept, *others):
        file.write_bytes(b"a part")
    yesterday = path.stat().st_mtime - 25 * 60 * 60
    for file in (*old, *others):
        os.utime(file, (yesterday, yesterday))
    record(path)
    assert [file.exists() for file in old] == [False, False]
    assert all(file.exists() for file in (*kept, *others))
