"""Takes the same steps to both sides, one after another, and judges what they answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol

from tests.oracle import steps as s
from tests.oracle.allow import Situation, find_entry
from tests.oracle.obs import Obs, differences


class Taker(Protocol):
    """What takes steps: a driver, or a record of what one has answered."""

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
class Comparison:
    """``probes`` are asked after every step, so that what a step changed unseen is seen at once."""

    azurite: Taker
    simulator: Taker
    probes: tuple[s.Step, ...]
    prelude: tuple[s.Step, ...]
    figures: Figures = field(default_factory=Figures)
    history: list[tuple[s.Step, Obs]] = field(default_factory=list[tuple[s.Step, Obs]])
    seconds: int = 0
    _shown: dict[str, Obs] = field(default_factory=dict[str, Obs])
    _holder: dict[str, str] = field(default_factory=dict[str, str])

    def begin(self) -> None:
        """Take the prelude, which does not count."""
        for step in self.prelude:
            self._compare(step)
            self.seconds += step.seconds if isinstance(step, s.Wait) else 0
        self._probe()

    def take(self, step: s.Step) -> Obs:
        """One step on both sides, and the probes. Returns what Azurite answered. Raises Disagreement."""
        observed, ends = self._compare(step)
        self.figures.steps += 1
        if isinstance(step, s.Wait):
            self.seconds += step.seconds
        self._note_holder(step, observed)
        if ends:
            self._compare(s.Anew())
            self._holder.clear()
            self.begin()
            return observed
        self._probe()
        return observed

    def _probe(self) -> None:
        for probe in self.probes:
            shown, _ = self._compare(probe)
            self._shown[getattr(probe, "on", s.FILE)] = shown

    def _compare(self, step: s.Step) -> tuple[Obs, bool]:
        theirs = self.azurite.do(step)
        self.history.append((step, theirs))
        ours = self.simulator.do(step)
        ends = False
        for difference in differences(theirs, ours):
            entry = find_entry(step, difference, self._situation(step))
            if entry is None:
                raise Disagreement(f"{difference}\n{self.report()}", [taken for taken, _ in self.history])
            self.figures.allowed[entry.name] += 1
            ends = ends or entry.ends
        return theirs, ends

    def _situation(self, step: s.Step) -> Situation:
        if isinstance(step, s.Signed):
            return replace(self._situation(step.step), left_s=step.expiry - self.seconds, letters=step.permissions)
        about = getattr(step, "on", s.SHARE if isinstance(step, (s.ShowPolicies, s.SetPolicies)) else s.FILE)
        shown = self._shown.get(about)
        if shown is None:
            return Situation()
        return Situation(shown.get("lease"), int(shown.get("size") or 0), self._holder.get(about, ""))

    def _note_holder(self, step: s.Step, observed: Obs) -> None:
        if isinstance(step, s.Lease) and (holder := observed.get("id")):
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


def take_all(comparison: Comparison, steps: Iterable[s.Step]) -> None:
    for step in steps:
        comparison.take(step)
