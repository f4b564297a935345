"""Every cassette of ours is what its session says now, replays, holds no secret, and is still true."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from azfiles.cassette.document import read_cassette
from azfiles.cassette.matching import key_of
from azfiles.cassette.scanning import scan_cassettes
from azfiles_sim import AccountSpec
from azfiles_sim.testing import record_script, replay_script, verify_cassette
from tests.oracle.azurite import Azurite
from tests.proof import THOROUGH

from . import azurite_sessions

FOLDER = Path(__file__).parents[2] / "cassettes"
NO_SESSIONS = {"__main__", "refusals"}
SCRIPTS = sorted(path for path in FOLDER.glob("*.py") if path.stem not in NO_SESSIONS)
OURS = {path.stem for path in SCRIPTS}
AZURITE = list(azurite_sessions.SESSIONS)

each_script = pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
each_of_azurite = pytest.mark.parametrize("name", AZURITE)


def test_each_session_has_its_cassette_and_each_cassette_its_session():
    assert {path.stem for path in FOLDER.glob("*.yaml")} == OURS
    assert {path.stem for path in azurite_sessions.FOLDER.glob("*.yaml")} == set(AZURITE)
    assert len(OURS) >= 10


def test_together_they_show_most_operations():
    operations = {key_of(one.request).operation for path in FOLDER.glob("*.yaml") for one in read_cassette(path)}
    assert len(operations) >= 33, sorted(operations)


@each_script
def test_recording_it_again_gives_the_same_bytes(script: Path, tmp_path: Path):
    again = tmp_path / "again.yaml"
    record_script(script, again)
    assert again.read_bytes() == script.with_suffix(".yaml").read_bytes()


@each_script
def test_it_replays_without_a_service_as_it_was_told(script: Path, tmp_path: Path):
    told = record_script(script, tmp_path / "again.yaml")
    assert replay_script(script, script.with_suffix(".yaml")) == told


def test_another_account_replays_them_too():
    other = AccountSpec.from_text("another", "YW5vdGhlciBrZXk=")
    for script in SCRIPTS:
        replay_script(script, script.with_suffix(".yaml"), account=other)


def test_no_secret_is_in_them():
    assert [str(finding) for finding in scan_cassettes([FOLDER])] == []


@each_script
def test_it_is_still_true(script: Path):
    assert [str(one) for one in verify_cassette(script.with_suffix(".yaml")).drift] == []


# --- Azurite's --------------------------------------------------------------------------------------------------------


@each_of_azurite
def test_the_simulator_answers_as_azurite_did(name: str):
    figures = azurite_sessions.verify(name, azurite_sessions.path_of(name))
    assert figures.steps == len(azurite_sessions.SESSIONS[name])
    assert set(figures.allowed) <= {"release-time", "hash-of-write"}  # Azurite's own ways, told in docs/oracle.md


def test_an_answer_of_azurite_that_is_altered_is_noticed(tmp_path: Path):
    altered = tmp_path / "altered.yaml"
    text = azurite_sessions.path_of("share_leases").read_text()
    altered.write_text(text.replace("- breaking\n", "- leased\n", 1))
    with pytest.raises(AssertionError, match="lease: Azurite 'locked leased', the simulator 'locked breaking'"):
        azurite_sessions.verify("share_leases", altered)


@pytest.fixture(scope="module")
def azurite() -> Iterator[Azurite]:
    with Azurite() as process:  # skips where Node or Azurite is absent
        yield process


@pytest.mark.skipif(not THOROUGH, reason="CI asks Azurite again (AZFILES_THOROUGH=1)")
@each_of_azurite
def test_azurite_still_answers_as_it_did(name: str, azurite: Azurite, tmp_path: Path):
    azurite_sessions.record(name, tmp_path / "again.yaml", azurite)
    again = azurite_sessions.replay(name, tmp_path / "again.yaml")
    assert again == azurite_sessions.replay(name, azurite_sessions.path_of(name))
