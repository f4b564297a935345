"""What was read of a cassette is kept by the digest of its bytes, and gives the very same interactions."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azfiles.cassette import cache, document
from azfiles.cassette.document import read_cassette
from azfiles.cassette.interactions import Interaction, Lost, Timing
from azfiles.cassette.writing import write_cassette
from tests.cassette.builders import interaction
from tests.proof import THOROUGH


def session(filling: bytes = b"x") -> list[Interaction]:
    """Far more than 2 KiB, with everything that an interaction can be."""
    whole = interaction("PUT", "/s/f", {"A": "b", "C": "é"}, filling * 20_000, content=bytes(range(256)))
    lost = Interaction(whole.request, Lost("reset", sent=True), Timing(0.5, 1.0, 3))
    late = Interaction(whole.request, whole.response, Timing(0.25, 1.5, 2))
    return [whole, lost, late]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.yaml"
    write_cassette(path, session())
    return path


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch):
    """A way to make reading YAML fail, so that only the cache can answer."""

    def forbid() -> None:
        def load(*_: object):
            raise AssertionError("the YAML was read")

        monkeypatch.setattr(document, "load", load)

    return forbid


def test_the_second_reading_comes_from_the_cache_and_is_equal(path: Path, unread):
    first = read_cassette(path)
    unread()
    assert read_cassette(path) == first == session()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20 if THOROUGH else 4)
@given(st.binary(min_size=1, max_size=20))
def test_any_body_comes_back_the_same(tmp_path: Path, filling: bytes):
    write_cassette(tmp_path / "b.yaml", session(filling))
    assert read_cassette(tmp_path / "b.yaml") == read_cassette(tmp_path / "b.yaml") == session(filling)


def test_stored_bodies_are_found_beside_each_copy_of_the_cassette(tmp_path: Path, unread):
    write_cassette(tmp_path / "a.yaml", session() * 30, body_limit=1000)
    first = read_cassette(tmp_path / "a.yaml")
    unread()
    (tmp_path / "moved").mkdir()
    (tmp_path / "a.yaml").rename(tmp_path / "moved" / "a.yaml")
    (found, *_) = read_cassette(tmp_path / "moved" / "a.yaml")
    assert found == first[0]
    assert found.request.body.store.folder == tmp_path / "moved" / "a.yaml.bodies"  # type: ignore[union-attr]  # a stored one


def test_a_changed_cassette_is_read_anew(path: Path):
    read_cassette(path)
    write_cassette(path, session(b"y"))
    assert read_cassette(path) == session(b"y")


def test_entries_are_json_that_only_the_user_can_read(path: Path, cache_folder: Path):
    read_cassette(path)
    (entry,) = cache_folder.iterdir()
    assert stat.S_IMODE(entry.stat().st_mode) == 0o600
    assert set(json.loads(entry.read_bytes())) == {"bodies", "interactions"}


@pytest.mark.parametrize("damage", [b"", b"[", b"[]", b"{}", b'{"bodies": "", "interactions": [[1, 2]]}', b"\xff"])
def test_a_damaged_entry_is_read_past(path: Path, cache_folder: Path, damage: bytes):
    read_cassette(path)
    (entry,) = cache_folder.iterdir()
    entry.write_bytes(damage)
    assert read_cassette(path) == session()


def test_it_can_be_turned_off_and_small_cassettes_do_without(
    path: Path, tmp_path: Path, cache_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    write_cassette(tmp_path / "small.yaml", [interaction("GET", "/s/f")])
    read_cassette(tmp_path / "small.yaml")
    monkeypatch.setenv(cache.VARIABLE, "off")
    read_cassette(path)
    assert list(cache_folder.iterdir()) == []


def test_a_cache_that_cannot_be_written_is_done_without(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "file" / "cache"))
    assert read_cassette(path) == session()


def test_the_folder_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv(cache.VARIABLE)
    for platform, variable, expected in (
        ("linux", "XDG_CACHE_HOME", ("azfiles", "cassettes")),
        ("win32", "LOCALAPPDATA", ("azfiles", "Cache", "cassettes")),
    ):
        monkeypatch.setattr(cache.sys, "platform", platform)
        monkeypatch.setenv(variable, str(tmp_path))
        assert cache._folder() == tmp_path.joinpath(*expected)
        monkeypatch.delenv(variable)
    assert cache._folder() is None
    monkeypatch.setattr(cache.Path, "home", lambda: tmp_path)
    for platform, expected in (("linux", (".cache",)), ("darwin", ("Library", "Caches"))):
        monkeypatch.setattr(cache.sys, "platform", platform)
        assert cache._folder() == tmp_path.joinpath(*expected, "azfiles", "cassettes")


def test_old_entries_give_way(cache_folder: Path, path: Path):
    for number in range(2001):
        (cache_folder / f"{number}.json").write_text("{}")
    read_cassette(path)
    assert len(list(cache_folder.iterdir())) < 1010
