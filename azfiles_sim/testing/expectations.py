"""What a model can say of an answer without knowing it to the letter, and how that is compared with the answer.

An ETag is known only as *the same as before* or *another one*: the model says ``Symbol``s, and ``Correspondence`` keeps
which text each of them turned out to stand for. Where nobody has verified what the service does, the model names all
that is possible, or says ``Unknown`` and the step is not taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeAlias, runtime_checkable

Observation: TypeAlias = Mapping[str, Any]
"""What is compared of one answer, by name: on the model's side expectations, on the client's plain values."""


TICKING: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Symbol:
    """A text that the service chooses: symbols of one ``kind`` and ``owner`` are equal where the texts are, and differ
    where those do.
    """

    kind: str
    owner: int
    number: int


@dataclass(frozen=True, slots=True)
class LeaseId:
    """A lease id that the client proposed. A cassette holds another one in its place, always the same."""

    text: str


@dataclass(frozen=True, slots=True)
class Instant:
    """Seconds since the run began, on a clock that moves only when the run moves it, by whole seconds. A service may
    yet give every write a tick of its own, so less than ``TICKING`` later is the same instant.
    """

    seconds: float


class Anything:
    """Whatever the service says: nobody has verified what it does."""

    def __repr__(self) -> str:
        return "anything"


ANYTHING: Final = Anything()


@runtime_checkable
class Admitting(Protocol):
    """An expectation that decides by itself."""

    def admits(self, actual: Any) -> bool: ...


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several values, where it is not known which."""

    values: frozenset[Any]

    def admits(self, actual: Any) -> bool:
        return actual in self.values


class Refusal(Exception):
    """The service refuses, with one of these statuses and codes; a code of ``""`` is any."""

    def __init__(self, *possible: tuple[int, str]) -> None:
        super().__init__(" or ".join(f"{status} {code or '(any code)'}" for status, code in possible))
        self.possible = possible

    def admits(self, status: int, code: str) -> bool:
        return (status, code) in self.possible or (status, "") in self.possible


class Unknown(Exception):
    """Nobody has verified what the service does here; the message says where that is."""


@dataclass(slots=True)
class Correspondence:
    """What the symbols of one run stand for. ``start`` is when it began, ``None`` where time cannot be compared;
    ``scrubbed`` says that lease ids come out of a cassette.
    """

    start: datetime | None = None
    scrubbed: bool = False
    _texts: dict[Symbol | LeaseId, str] = field(default_factory=dict[Symbol | LeaseId, str])
    _symbols: dict[tuple[str, int, str], Symbol] = field(default_factory=dict[tuple[str, int, str], Symbol])

    def difference(self, expected: Observation, actual: Observation) -> str:
        """How an answer differs from what was expected, or nothing. What a symbol stands for is learnt here."""
        if expected.keys() != actual.keys():
            return f"expected {sorted(expected)}, got {sorted(actual)}"
        wrong = [
            f"{name}: expected {expected[name]!r}{self._known(expected[name])}, got {actual[name]!r}"
            for name in expected
            if not self._agree(expected[name], actual[name])
        ]
        return "; ".join(wrong)

    def _agree(self, expected: Any, actual: Any) -> bool:
        if isinstance(expected, Anything):
            return True
        if isinstance(expected, Symbol):
            return self._learn(expected, actual)
        if isinstance(expected, LeaseId):
            return bool(actual == (self._texts.setdefault(expected, actual) if self.scrubbed else expected.text))
        if isinstance(expected, Instant):
            return self.start is None or self._is_instant(self.start, expected, actual)
        return expected.admits(actual) if isinstance(expected, Admitting) else bool(expected == actual)

    @staticmethod
    def _is_instant(start: datetime, expected: Instant, actual: datetime) -> bool:
        return timedelta() <= actual - start - timedelta(seconds=expected.seconds) < TICKING

    def _learn(self, symbol: Symbol, text: str) -> bool:
        if symbol in self._texts:
            return self._texts[symbol] == text
        other = self._symbols.setdefault((symbol.kind, symbol.owner, text), symbol)
        self._texts[symbol] = text
        return other == symbol

    def _known(self, expected: Any) -> str:
        return f" ({self._texts[expected]})" if isinstance(expected, Symbol) and expected in self._texts else ""


__all__ = [
    "ANYTHING",
    "Admitting",
    "Anything",
    "Correspondence",
    "Instant",
    "LeaseId",
    "Observation",
    "OneOf",
    "Refusal",
    "Symbol",
    "Unknown",
]
