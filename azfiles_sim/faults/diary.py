"""What happened to whom, without a secret: method, path, and of the query only what names the operation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from azfiles_sim.faults.outcomes import Outcome
from azfiles_sim.messages import RequestLike
from azfiles_sim.model.entities import Ticks
from azfiles_sim.wire.redaction import tell_target

_NAMES_OPERATION: Final = re.compile(r"(?:comp|restype)=[A-Za-z]*")


@dataclass(frozen=True, slots=True)
class DiaryEntry:
    """One fault that happened, and to which request: its number in the order of arrival, the client request id. It came
    ``at`` an instant, and ``after`` the journal's entry of this number: where it belongs among those that the service saw.
    """

    number: int
    name: str
    request: str
    outcome: Outcome
    at: Ticks
    after: int

    @property
    def line(self) -> str:
        """The entry without the client request id, which is another each time: the same seed gives the same line."""
        return f"#{self.number} {self.request}: {self.outcome}"

    def __str__(self) -> str:
        name = f" ({self.name})" if self.name else ""
        return f"#{self.number}{name} {self.request}: {self.outcome}"


def describe(request: RequestLike) -> str:
    """Method and path; of the query only what names the operation, for the rest may be a signature."""
    path, _, query = request.target.partition("?")
    words = [pair for pair in query.split("&") if _NAMES_OPERATION.fullmatch(pair)]
    return " ".join((request.method, tell_target(path), *words))


__all__ = ["DiaryEntry", "describe"]
