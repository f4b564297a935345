"""The simulator against recorded sessions of the real service: identical, or different in a known place."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from azfiles_sim.testing.cassettes.comparing import Difference
from azfiles_sim.testing.cassettes.referee import judge
from azfiles_sim.testing.cassettes.sessions import load_session

from .folder import FOLDER_VARIABLE, find_recordings, recordings_folder
from .known_differences import KNOWN_DIFFERENCES

ALL_RECORDINGS = 83
ENOUGH_IDENTICAL = 70

pytestmark = pytest.mark.skipif(
    not find_recordings(),
    reason=f"no recordings in {recordings_folder().name}; {FOLDER_VARIABLE} names the folder they are in",
)


@cache
def judged(path: Path) -> tuple[Difference, ...]:
    return tuple(judge(load_session(path)))


@pytest.mark.parametrize("path", find_recordings(), ids=lambda path: path.stem)
def test_the_simulator_answers_as_the_service_did_but_for_known_differences(path: Path) -> None:
    known = KNOWN_DIFFERENCES.get(path.stem, ())
    unknown = [str(found) for found in judged(path) if not any(entry.explains(found) for entry in known)]
    assert not unknown, "\n".join(unknown)
    needless = [entry for entry in known if not any(entry.explains(found) for found in judged(path))]
    assert not needless, f"listed as known, but there is no such difference any more: {needless}"


def test_every_known_difference_says_why() -> None:
    assert all(entry.reason for entries in KNOWN_DIFFERENCES.values() for entry in entries)


def test_at_least_seventy_of_the_eighty_three_sessions_are_identical() -> None:
    paths = find_recordings()
    if len(paths) < ALL_RECORDINGS:
        pytest.skip(f"{len(paths)} recordings are here, not all {ALL_RECORDINGS}")
    assert set(KNOWN_DIFFERENCES) <= {path.stem for path in paths}
    identical = [path.stem for path in paths if not judged(path)]
    assert len(identical) >= ENOUGH_IDENTICAL, f"only {len(identical)} of {len(paths)} are identical"
