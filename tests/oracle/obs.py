"""What is looked at in an answer: status, code, and named values that mean the same on both sides; never raw text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Shown: TypeAlias = tuple[tuple[str, str], ...]
ANSWER: Final = "answer"
"""The name of the difference in status or code."""


@dataclass(frozen=True, slots=True)
class Obs:
    status: int
    code: str = ""
    shown: Shown = ()

    @property
    def answer(self) -> str:
        return f"{self.status} {self.code}".strip()

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300

    def get(self, name: str) -> str:
        """A value that is shown, or nothing."""
        return dict(self.shown).get(name, "")

    def to_row(self) -> list[Any]:
        row: list[Any] = [self.answer, *(f"{name}={value}" for name, value in self.shown)]
        return row

    @classmethod
    def from_row(cls, row: list[Any]) -> Obs:
        status, _, code = row[0].partition(" ")
        pairs = (text.partition("=") for text in row[1:])
        return cls(int(status), code, tuple((name, value) for name, _, value in pairs))

    def __str__(self) -> str:
        return " ".join((self.answer, *(f"{name}={value!r}" for name, value in self.shown)))


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not the same on both sides; empty where a side shows none."""

    name: str
    azurite: str
    simulator: str

    def __str__(self) -> str:
        return f"{self.name}: Azurite {self.azurite!r}, the simulator {self.simulator!r}"


def differences(azurite: Obs, simulator: Obs) -> list[Difference]:
    """Where two answers differ. Where status or code do, that alone: what else is shown follows from it.

    Azurite answers some malformed requests with 400 and no code at all; then there is only the status to compare.
    """
    if azurite.status == simulator.status == 400 and not azurite.code:
        return []
    if azurite.answer != simulator.answer:
        return [Difference(ANSWER, azurite.answer, simulator.answer)]
    theirs, ours = dict(azurite.shown), dict(simulator.shown)
    return [
        Difference(name, theirs.get(name, ""), ours.get(name, ""))
        for name in {**theirs, **ours}
        if theirs.get(name, "") != ours.get(name, "")
    ]
