"""Whether recordings are still true: each recorded request is sent to a fresh simulator, and each difference told.

What is told holds no secret: lease ids are left out, and signatures and keys that a foreign cassette may hold are masked.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from azfiles.cassette.document import read_cassette
from azfiles.cassette.matching import describe, key_of
from azfiles.cassette.patterns import mask_text
from azfiles.errors import CassetteError
from azfiles.redaction import REDACTED, is_secret_name
from azfiles_sim import RECORDED_2019, TODAY, Quirks
from azfiles_sim.testing.cassettes import instants
from azfiles_sim.testing.cassettes.comparing import CONTENT, Difference
from azfiles_sim.testing.cassettes.referee import Referee, play_whole
from azfiles_sim.testing.cassettes.sessions import Session, session_of

PREPARATION: Final = "preparation"
"""The field of a drift that is about what a recording takes for granted."""

BEHAVIOURS: Final[Mapping[str, Quirks]] = {
    "2019": RECORDED_2019,
    "2022": Quirks(etag_follows_explicit_times=True),
    "today": TODAY,
}
"""How the service behaved in a year of which there are recordings."""

# When it changed is not known. These are the middles between the last recording of the old behaviour and the first of the
# new: a choice.
_BORDERS: Final = (("2021-01-01T00:00:00.0000000Z", "2019"), ("2024-01-01T00:00:00.0000000Z", "2022"))


@dataclass(frozen=True, slots=True)
class Drift:
    """One place in which the simulator answers otherwise than was recorded. ``interaction`` counts from 1; it is 0 where
    the simulator refuses to make what the recording takes for granted. ``None`` is an absent value.
    """

    interaction: int
    request: str
    field: str
    recorded: str | None
    simulated: str | None
    problem: str = ""

    def __str__(self) -> str:
        if self.field == PREPARATION:
            return self.problem
        because = f" ({self.problem})" if self.problem else ""
        shown = str if self.field.startswith(CONTENT) else _shown
        return f"{self.field}: recorded {shown(self.recorded)}, simulated {shown(self.simulated)}{because}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one cassette. ``requests`` describes each interaction; ``behaviour`` is the year that it was held to."""

    path: str
    behaviour: str
    requests: tuple[str, ...]
    drift: tuple[Drift, ...]


def verify_cassette(path: str | os.PathLike[str], *, behaviour: str | None = None) -> Verdict:
    """Hold a cassette, whoever recorded it, to a fresh simulator. ``behaviour`` is one of ``BEHAVIOURS``, by default what
    the recording's date says.

    Raises ``CassetteError`` where it is no cassette, or no session with Azure Files.
    """
    found = read_cassette(path)
    session = session_of(path, found)
    requests = tuple(describe(key_of(one.request)) for one in found)
    year = behaviour or behaviour_of(session)
    try:
        differences = play_whole(Referee(session, BEHAVIOURS[year])).differences
    except CassetteError as error:
        return Verdict(os.fspath(path), year, requests, (Drift(0, "", PREPARATION, None, None, mask_text(str(error))),))
    drift = tuple(drift_of(one, requests[one.interaction]) for one in differences)
    return Verdict(os.fspath(path), year, requests, drift)


def behaviour_of(session: Session) -> str:
    """The year, of those that there are recordings of, whose service a session was recorded with, by its date."""
    dates = (instants.told(instants.from_http_date, one.answer.header("Date")) for one in session.interactions)
    began = next((date for date in dates if date is not None), None)
    if began is not None:
        for border, year in _BORDERS:
            if began < instants.from_file_time(border):
                return year
    return "today"


def drift_of(found: Difference, request: str) -> Drift:
    """A difference, without a secret and with the request that it is about."""
    secret = is_secret_name(found.field)
    recorded, simulated = (
        REDACTED if secret and text is not None else None if text is None else mask_text(text)
        for text in (found.recorded, found.simulated)
    )
    return Drift(found.interaction + 1, request, found.field, recorded, simulated, found.problem)


def _shown(value: str | None) -> str:
    return "nothing" if value is None else repr(value)


__all__ = ["BEHAVIOURS", "PREPARATION", "Drift", "Verdict", "behaviour_of", "drift_of", "verify_cassette"]
