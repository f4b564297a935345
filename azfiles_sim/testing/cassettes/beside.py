"""A recording beside what the simulator answers: each interaction with both answers, for one who wants to look at them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from azfiles.cassette.document import read_cassette
from azfiles.cassette.matching import describe, key_of
from azfiles.cassette.patterns import mask_text
from azfiles.errors import CassetteError
from azfiles_sim.testing.cassettes.referee import Referee, play_whole
from azfiles_sim.testing.cassettes.sessions import Answer, Headers, Interaction, session_of
from azfiles_sim.testing.cassettes.verifying import BEHAVIOURS, Drift, behaviour_of, drift_of


@dataclass(frozen=True, slots=True)
class Beside:
    """One interaction. ``request`` describes it; an answer is None where none came, or where nobody asked for it again.

    The differences hold no secret; messages and their bodies are what they are, and are not shown by the repr.
    """

    request: str
    method: str
    target: str = field(repr=False)
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)
    recorded: Answer | None = None
    simulated: Answer | None = None
    drift: Sequence[Drift] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A cassette. ``behaviour`` is the year that it was held to; ``problem`` why it could not be played, or empty."""

    behaviour: str
    problem: str
    interactions: Sequence[Beside]


def open_beside(path: str | os.PathLike[str], *, behaviour: str | None = None) -> Opened:
    """Play a cassette, whoever recorded it, into a fresh simulator and keep what that answers.

    Raises ``ValueError`` where it is no cassette, or no session with Azure Files: who asks need not know the client's
    errors.
    """
    try:
        found = read_cassette(path)
        session = session_of(path, found)
    except CassetteError as error:
        raise ValueError(mask_text(str(error))) from None
    requests = tuple(describe(key_of(one.request)) for one in found)
    year = behaviour or behaviour_of(session)
    try:
        judged = play_whole(_Keeping(session, BEHAVIOURS[year]))
    except CassetteError as error:
        kept = [_beside(*pair, None, ()) for pair in zip(requests, session.interactions, strict=True)]
        return Opened(year, mask_text(str(error)), kept)
    answers = judged.referee.answers if isinstance(judged.referee, _Keeping) else {}
    drift: dict[int, list[Drift]] = {}
    for one in judged.differences:
        drift.setdefault(one.interaction, []).append(drift_of(one, requests[one.interaction]))
    kept = [
        _beside(request, interaction, answers.get(id(interaction)), drift.get(number, ()))
        for number, (request, interaction) in enumerate(zip(requests, session.interactions, strict=True))
    ]
    return Opened(year, "", kept)


class _Keeping(Referee):
    """A referee that keeps the answers of its own world."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.answers: dict[int, Answer] = {}

    def fork(self) -> Referee:
        other = super().fork()
        if isinstance(other, _Keeping):
            other.answers = dict(self.answers)
        return other

    def play(self, interaction: Interaction) -> Answer:
        answer = super().play(interaction)
        self.answers[id(interaction)] = answer
        return answer


def _beside(request: str, one: Interaction, simulated: Answer | None, drift: Sequence[Drift]) -> Beside:
    recorded = one.answer if one.answer.status else None
    return Beside(request, one.method, one.target, one.headers, one.body, recorded, simulated, drift)


__all__ = ["Beside", "Opened", "open_beside"]
