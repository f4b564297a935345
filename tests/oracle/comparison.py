"""Takes the same steps to both sides, one after another, and judges what they answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeAlias

from tests.oracle import steps as s
from tests.oracle.allow import Entry, Situation, find_entry
from tests.oracle.obs import Obs, differences

History: TypeAlias = list[tuple[s.Step, Obs]]
"""Steps, and what Azurite answered to each."""


class Taker(Protocol):
    """What takes steps."""

    def do(self, step: s.Step) -> Obs: ...


class Disagreement(AssertionError):
    """A difference that no entry of the allow-list explains, and the steps that led to it."""

    def __init__(self, text: str, steps: list[s.Step]) -> None:
        super().__init__(text)
        self.steps = steps


@dataclass(slots=True)
class Figures:
    """What was compared so far."""

    steps: int = 0
    allowed: Counter[str] = field(default_factory=Counter[str])


@dataclass(slots=True)
class Judge:
    """Compares one pair of answers after another, and remembers what both sides last showed of share and file."""

    figures: Figures
    history: History = field(default_factory=list[tuple[s.Step, Obs]])
    seconds: int = 0
    _shown: dict[str, Obs] = field(default_factory=dict[str, Obs])
    _holder: dict[str, str] = field(default_factory=dict[str, str])

    def judge(self, step: s.Step, azurite: Obs, simulator: Obs) -> list[Entry]:
        """The entries that explain how the answers differ. Raises Disagreement where one is missing."""
        self.history.append((step, azurite))
        found: list[Entry] = []
        for difference in differences(azurite, simulator):
            entry = find_entry(step, difference, self._situation(step))
            if entry is None:
                raise Disagreement(f"{difference}\n{self.report()}", [taken for taken, _ in self.history])
            self.figures.allowed[entry.name] += 1
            found.append(entry)
        self._note(step, azurite)
        return found

    def _situation(self, step: s.Step) -> Situation:
        if isinstance(step, s.Signed):
            return replace(self._situation(step.step), left_s=step.expiry - self.seconds, letters=step.permissions)
        about = s.SHARE if isinstance(step, (s.ShowPolicies, s.SetPolicies)) else getattr(step, "on", s.FILE)
        shown = self._shown.get(about, Obs(0))
        return Situation(shown.get("lease"), int(shown.get("size") or 0), self._holder.get(about, ""))

    def _note(self, step: s.Step, observed: Obs) -> None:
        if isinstance(step, s.Wait):
            self.seconds += step.seconds
        elif isinstance(step, s.Anew):
            self._holder.clear()
            self._shown.clear()
        elif isinstance(step, s.Show) and observed.status in {200, 404}:
            self._shown[step.on] = observed
        elif isinstance(step, s.Lease) and (holder := observed.get("id")):
            self._holder[step.on] = holder

    def report(self) -> str:
        """The steps so far with their times and Azurite's answers, and a test that takes them again."""
        lines: list[str] = []
        seconds = 0
        for number, (step, observed) in enumerate(self.history, 1):
            lines.append(f"{number:4} +{seconds}s {step} -> Azurite {observed}")
            seconds += step.seconds if isinstance(step, s.Wait) else 0
        steps = ", ".join(repr(step) for step, _ in self.history)
        return "\n".join([*lines, "To take these steps again:", f"    compare_again(bench, [{steps}])"])


@dataclass(slots=True)
class Comparison:
    """``probes`` are asked after every step, so that what a step changed unseen is seen at once."""

    azurite: Taker
    simulator: Taker
    probes: tuple[s.Step, ...]
    prelude: tuple[s.Step, ...]
    judge: Judge

    def begin(self) -> None:
        """Take the prelude, which does not count."""
        for step in self.prelude:
            self._compare(step)
        self._probe()

    def take(self, step: s.Step) -> Obs:
        """One step on both sides, and the probes. Returns what Azurite answered. Raises Disagreement."""
        observed, ends = self._compare(step)
        self.judge.figures.steps += 1
        if ends:
            self._compare(s.Anew())
            self.begin()
        else:
            self._probe()
        return observed

    def _probe(self) -> None:
        for probe in self.probes:
            self._compare(probe)

    def _compare(self, step: s.Step) -> tuple[Obs, bool]:
        theirs = self.azurite.do(step)
        found = self.judge.judge(step, theirs, self.simulator.do(step))
        return theirs, any(entry.ends for entry in found)


def take_all(comparison: Comparison, steps: Iterable[s.Step]) -> None:
    for step in steps:
        comparison.take(step)


def compare_recorded(
    history: Iterable[tuple[s.Step, Obs]], simulator: Taker, figures: Figures | None = None
) -> Figures:
    """Take steps to the simulator whose answers of Azurite are known. Raises Disagreement.

    It ends where the two sides are known not to hold the same any more, unless they go on anew there.
    """
    judge = Judge(figures or Figures())
    ended = False
    for step, theirs in history:
        ended = ended and not isinstance(step, s.Anew)
        if not ended:
            judge.figures.steps += 1
            ended = any(entry.ends for entry in judge.judge(step, theirs, simulator.do(step)))
    return judge.figures
