"""Sealed bodies are read by the holder of the key alone; headers stay readable; nothing sealed lies about in the clear."""

from __future__ import annotations

import base64
import builtins
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from azfiles.cassette.document import read_cassette
from azfiles.cassette.sealing import VARIABLE, Seal
from azfiles.errors import CassetteError
from azfiles.transports.recording import recording
from azfiles.transports.replaying import replaying
from azfiles.transports.taping import use_cassette
from tests.cassette.builders import Answering, request, respond

KEY = base64.b64encode(bytes(range(32))).decode()
SMALL = b"a few words that nobody else shall read"
MEDIUM = SMALL * 1000  # stays in the cassette, and makes it large enough for the cache
LARGE = SMALL * 40_000
BLOCK = 1024 * 1024


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, KEY)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.yaml"


def record(path: Path) -> None:
    def answer(asked):
        sizes = {"small": SMALL, "medium": MEDIUM, "large": LARGE}
        return respond(200, [("x-ms-type", "File")], sizes.get(asked.target.rpartition("/")[2], SMALL))

    with recording(Answering(answer), path, sealed=True) as recorder:
        recorder.send(request("PUT", "/s/f?comp=range", {"x-ms-range": "bytes=0-3"}, LARGE), 1.0)
        recorder.send(request("GET", "/s/small"), 1.0)
        recorder.send(request("GET", "/s/large"), 1.0)
        recorder.send(request("GET", "/s/medium"), 1.0)
        assert all(SMALL not in one.read_bytes() for one in path.with_name("a.yaml.bodies").iterdir())


def test_a_sealed_recording_replays_with_the_key_and_shows_no_body_anywhere(path: Path, cache_folder: Path):
    record(path)
    with replaying(path) as replayer:
        assert replayer.send(request("GET", "/s/small"), 1.0).body == SMALL
        assert replayer.send(request("GET", "/s/large"), 1.0).body == LARGE
        assert replayer.send(request("GET", "/s/medium"), 1.0).body == MEDIUM
        replayer.send(request("PUT", "/s/f?comp=range", {"x-ms-range": "bytes=0-3"}, LARGE), 1.0)
    files = [one for folder in (path.parent, cache_folder) for one in folder.rglob("*") if one.is_file()]
    assert len(files) == 3  # the cassette, and each large body in a sealing of its own
    for one in files:
        assert SMALL not in one.read_bytes()
        assert base64.b64encode(SMALL)[:20] not in one.read_bytes()


def test_its_headers_are_readable_and_its_head_says_what_vcrpy_cannot(path: Path):
    record(path)
    document = yaml.safe_load(path.read_text())
    assert document["azfiles"]["sealed"] == "AES-256-GCM"
    assert "its bodies are sealed" in document["azfiles"]["vcrpy"]
    assert document["interactions"][1]["response"]["headers"] == {"x-ms-type": ["File"]}


def test_without_the_key_or_with_another_it_is_an_error(path: Path, monkeypatch: pytest.MonkeyPatch):
    record(path)
    monkeypatch.setenv(VARIABLE, base64.b64encode(bytes(32)).decode())
    with pytest.raises(CassetteError, match="interaction 1: request body: sealed with another key, or damaged"):
        read_cassette(path)
    for text in ("", "?", "AAAA"):
        monkeypatch.setenv(VARIABLE, text)
        with pytest.raises(CassetteError, match="has to hold 32 bytes as base64"):
            read_cassette(path)
        with pytest.raises(CassetteError, match="has to hold"):
            recording(Answering(lambda _: respond(200)), path, sealed=True)
    assert "AAAA" not in str(VARIABLE)


def test_a_stored_body_that_was_changed_is_an_error(path: Path):
    record(path)
    for stored in path.with_name("a.yaml.bodies").iterdir():
        data = bytearray(stored.read_bytes())
        data[-1] ^= 1
        stored.write_bytes(data)
    with pytest.raises(CassetteError, match="or damaged"):
        replaying(path).send(request("GET", "/s/large"), 1.0)


def test_what_is_added_to_a_sealed_cassette_is_sealed_too(path: Path):
    record(path)
    transport = use_cassette(
        path, Answering(lambda _: respond(200, (), b"new " + SMALL)), mode="new", allow_unplayed=True
    )
    transport.send(request("GET", "/s/new"), 1.0)
    transport.close()
    assert SMALL not in path.read_bytes()
    assert replaying(path).send(request("GET", "/s/new"), 1.0).body == b"new " + SMALL


@given(st.lists(st.binary(max_size=50), max_size=5), st.lists(st.integers(1, 40), max_size=4))
def test_any_bytes_in_any_blocks_come_back_and_any_change_is_seen(blocks: list[bytes], cuts: list[int]):
    seal = Seal(bytes(32))
    sealed = b"".join(seal.seal(blocks))
    pieces, at = [], 0
    for cut in cuts:
        pieces.append(sealed[at : at + cut])
        at += cut
    assert b"".join(seal.unseal([*pieces, sealed[at:]])) == b"".join(blocks)
    for changed in (sealed[:-1], sealed + b"x", bytes([sealed[0] ^ 1]) + sealed[1:], sealed[:5], b""):
        with pytest.raises(CassetteError, match="damaged"):
            b"".join(seal.unseal([changed]))


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK])
def test_blocks_can_be_neither_left_out_nor_moved(size: int):
    seal = Seal(bytes(32))
    body = bytes(range(251)) * (size // 251 + 1)
    sealed = b"".join(seal.seal([body[:size]]))
    assert b"".join(seal.unseal([sealed])) == body[:size]
    if size > BLOCK:
        with pytest.raises(CassetteError, match="damaged"):
            b"".join(seal.unseal([sealed[: 8 + BLOCK + 16]]))
    assert repr(seal) == "<Seal>"


def test_without_cryptography_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch):
    real = builtins.__import__

    def missing(name, *rest):
        if name.startswith("cryptography"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(CassetteError, match=r"azfiles-toolkit\[sealing\]"):
        Seal.from_environment()
