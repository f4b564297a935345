"""The conformance claims as a newcomer runs them: in a process of its own, pointed somewhere by the environment."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

import azfiles
from azfiles_sim import Simulator
from azfiles_sim.model import commands
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.rules import RULES
from azfiles_sim.server import serve_in_thread
from azfiles_sim.testing import Capability, EndpointTarget, LeftBehind, SimulatorTarget, target_maker
from azfiles_sim.testing.targets import SHARE_PREFIX
from tests.proof import THOROUGH

from .mistakes import forgetting_metadata

FOLDER = "azfiles_sim.testing.conformance"
SUMMARY = re.compile(r"(?:(\d+) failed, )?(\d+) passed(?:, (\d+) skipped)?")


def run(folder: Path, *options: str, **variables: str) -> tuple[str, tuple[int, int, int]]:
    """What a run of the claims prints, and how many fail, pass and are skipped."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AZFILES_", "PYTEST_", "COV_"))}
    command = [sys.executable, "-m", "pytest", "--pyargs", FOLDER, "-q", "-p", "no:cacheprovider", *options]
    done = subprocess.run(
        command, cwd=folder, env={**kept, **variables}, capture_output=True, text=True, check=False, timeout=300
    )
    output = done.stdout + done.stderr
    found = SUMMARY.search(output)
    assert found, output
    failed, passed, skipped = (int(number or 0) for number in found.groups())
    assert (done.returncode == 0) == (failed == 0), output
    return output, (failed, passed, skipped)


@pytest.mark.skipif(not THOROUGH, reason="a run of its own: AZFILES_THOROUGH=1, as in CI, has it")
def test_a_served_simulator_keeps_the_claims_and_nothing_is_left(tmp_path: Path) -> None:
    """What needs more than requests is skipped by name; another's share stays. (All claims run over HTTP in
    ``tests/conformance``; here it is how they are run that counts.)
    """
    simulator = Simulator()
    other = azfiles.connect(simulator.handle).share("somebody-elses")
    other.create()
    with serve_in_thread(simulator) as served:
        output, (failed, passed, skipped) = run(
            tmp_path, "-rs", "-k", "directories or leases or shares", AZFILES_ENDPOINT=served.connection_string
        )
    assert failed == 0, output
    assert (passed > 20, skipped > 5) == (True, True), output
    assert "the target cannot move its clock" in output
    assert [item.name for item in azfiles.connect(simulator.handle).list_shares()] == ["somebody-elses"]


@pytest.mark.skipif(not THOROUGH, reason="a run of its own: AZFILES_THOROUGH=1, as in CI, has it")
def test_an_emulator_with_a_mistake_fails_and_no_secret_is_shown(tmp_path: Path) -> None:
    """Also where all local variables are printed; and what the failing claims made is removed."""
    simulator = Simulator()
    with forgetting_metadata(), serve_in_thread(simulator) as served:
        output, (failed, _, _) = run(
            tmp_path, "--showlocals", "-k", "metadata", AZFILES_LIVE_CONNECTION_STRING=served.connection_string
        )
    assert failed == 1, output
    assert "test_file_metadata_is_replaced_as_a_whole" in output
    assert azfiles.EMULATOR_KEY not in output
    assert list(azfiles.connect(simulator.handle).list_shares()) == []


def test_a_target_removes_leased_shares_and_snapshots_and_only_its_own() -> None:
    with serve_in_thread(Simulator()) as served:
        other = EndpointTarget.at(served.connection_string)
        other.connect().share(other.share_name("kept")).create()
        with EndpointTarget.at(served.connection_string) as target:
            share = target.connect().share(target.share_name("data"))
            share.create()
            share.create_snapshot()
            share.acquire_lease(duration_s=-1)
            assert share.name.startswith(SHARE_PREFIX)
        assert [item.name for item in other.connect().list_shares()] == [other.share_name("kept")]
        other.close()


def test_what_cannot_be_removed_is_named() -> None:
    with serve_in_thread(Simulator()) as served:
        target = EndpointTarget.at(served.connection_string)
        name = target.share_name("data")
        target.connect().share(name).create()
        with patch.dict(RULES, {commands.DeleteShare: _refuse}), pytest.raises(LeftBehind, match=name):
            target.close()


def _refuse(*_: Any) -> Any:
    raise ServiceError(Code.SHARE_BEING_DELETED)


def test_the_environment_names_one_target_and_shows_no_secret() -> None:
    secret = f"AccountName=a;AccountKey={azfiles.EMULATOR_KEY};FileEndpoint=http://127.0.0.1:1/a"
    assert isinstance(target_maker({})(), SimulatorTarget)
    target = target_maker({"AZFILES_ENDPOINT": secret, "AZFILES_CAPABILITIES": "newest-version, account-settings"})()
    assert target.capabilities == {Capability.ACCOUNT_KEY, Capability.NEWEST_VERSION, Capability.ACCOUNT_SETTINGS}
    assert azfiles.EMULATOR_KEY not in repr(target)
    for environ in (
        {"AZFILES_ENDPOINT": secret, "AZFILES_LIVE_CONNECTION_STRING": secret},
        {"AZFILES_ENDPOINT": secret, "AZFILES_CAPABILITIES": "move-time"},
        {"AZFILES_ENDPOINT": secret.replace("AccountName", "Nome")},
        {"AZFILES_ENDPOINT": "FileEndpoint=http://127.0.0.1:1/a"},
    ):
        with pytest.raises(ValueError, match=r".") as refusal:
            target_maker(environ)
        assert azfiles.EMULATOR_KEY not in str(refusal.value)
