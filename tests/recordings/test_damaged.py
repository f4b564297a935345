"""Whatever a cassette says, holding it to the simulator ends in a verdict or in a clear error."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from azfiles.cassette import cache
from azfiles.cassette.document import read_cassette
from azfiles.cassette.interactions import Interaction, Lost
from azfiles.cassette.writing import write_cassette
from azfiles.errors import CassetteError
from azfiles_sim.testing import from_cassette, verify_cassette
from tests.proof import THOROUGH

from .folder import find_recordings

OURS = sorted((Path(__file__).parents[2] / "cassettes").glob("*.yaml"))
SEEDS = range(400 if THOROUGH else 10)
LETTERS = " %/<A\xe90{"
STATUSES = (200, 201, 202, 206, 400, 401, 403, 404, 409, 412, 416, 500, 503)
METHODS = ("GET", "PUT", "DELETE", "HEAD", "POST", "x")

Pairs = tuple[tuple[str, str], ...]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_damaged_cassette_is_judged_or_refused(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.VARIABLE, "off")
    random = Random(seed)
    path = tmp_path / "damaged.yaml"
    write_cassette(path, _damaged(read_cassette(random.choice([*OURS, *find_recordings()])), random))
    judges: list[Callable[[Path], object]] = [verify_cassette, lambda file: from_cassette(file, allow_drift=True)]
    for judge in judges:
        with contextlib.suppress(CassetteError):
            judge(path)


def _damaged(found: list[Interaction], random: Random) -> list[Interaction]:
    """Some left out, some in another place, some altered."""
    for _ in range(random.randrange(1, 4)):
        place = random.randrange(len(found))
        match random.randrange(3):
            case 0 if len(found) > 1:
                found.pop(place)
            case 1:
                found.insert(random.randrange(len(found)), found.pop(place))
            case _:
                found[place] = _altered(found[place], random)
    return found


def _altered(one: Interaction, random: Random) -> Interaction:
    request, answer = one.request, one.response
    match random.randrange(8):
        case 0:
            return replace(one, request=replace(request, uri=_junk(request.uri, random)))
        case 1:
            return replace(one, request=replace(request, headers=_junk_header(request.headers, random)))
        case 2:
            return replace(one, request=replace(request, body=_junk_bytes(request.body, random)))
        case 3:
            return replace(one, request=replace(request, method=random.choice(METHODS)))
        case 4:
            return replace(one, response=Lost("lost", random.random() < 0.7))
    if isinstance(answer, Lost):
        return one
    match random.randrange(3):
        case 0:
            return replace(one, response=replace(answer, status=random.choice(STATUSES)))
        case 1:
            return replace(one, response=replace(answer, headers=_junk_header(answer.headers, random)))
        case _:
            return replace(one, response=replace(answer, body=_junk_bytes(answer.body, random)))


def _junk(text: str, random: Random) -> str:
    place = random.randrange(len(text) + 1)
    return random.choice(
        [
            "",
            "x" * place,
            text[:place],
            text[::-1],
            "REDACTED",
            text[:place] + random.choice(LETTERS) + text[place + 1 :],
        ]
    )


def _junk_header(pairs: Pairs, random: Random) -> Pairs:
    if not pairs:
        return (("x-ms-lease-id", "REDACTED"),)
    place = random.randrange(len(pairs))
    name, value = pairs[place]
    return (*pairs[:place], (name, _junk(value, random)), *pairs[place + 1 :])


def _junk_bytes(body: object, random: Random) -> bytes:
    assert isinstance(body, bytes)
    return _junk(body.decode("latin-1"), random).encode("latin-1")
