"""The score in figures, and each survivor with what was changed."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.mutants import Mutant
from tests.mutation.record import DOES_NOT_LOAD, KILLED, OUTCOMES, SURVIVED, TIMED_OUT

Verdicts = Mapping[Mutant, str]


@dataclass(frozen=True)
class Explanation:
    """Why no test can see a mutant. It is told by its text, so it stays when lines move."""

    file: str
    scope: str
    before: str
    after: str
    reason: str

    def fits(self, mutant: Mutant) -> bool:
        where = (self.file, self.scope) == (mutant.module.file, mutant.context.scope)
        return where and (self.before, self.after) == mutant.texts


def read_explanations(path: Path) -> list[Explanation]:
    if not path.exists():
        return []
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["explained"]
    found = [Explanation(**entry) for entry in entries]
    if unreasoned := [entry.before for entry in found if not entry.reason.strip()]:
        raise ValueError(f"explained without a reason: {unreasoned}")
    return found


@dataclass(frozen=True)
class Score:
    """Mutants by outcome. ``raw`` counts all that survived, ``net`` leaves the explained ones out."""

    outcomes: Counter[str]
    explained: int

    @property
    def drawn(self) -> int:
        return self.outcomes.total()

    @property
    def raw(self) -> float:
        return 100 * (self.drawn - self.outcomes[SURVIVED]) / self.drawn if self.drawn else 100.0

    @property
    def net(self) -> float:
        left = self.drawn - self.explained
        return 100 * (self.drawn - self.outcomes[SURVIVED]) / left if left else 100.0

    def __str__(self) -> str:
        counts = (
            f"{self.drawn:5} {self.outcomes[KILLED]:6} {self.outcomes[TIMED_OUT]:9} {self.outcomes[DOES_NOT_LOAD]:13}"
        )
        return f"{counts} {self.outcomes[SURVIVED]:8} {self.explained:9}  {self.raw:5.1f} {self.net:5.1f}"


HEADING = f"{'drawn':>5} {KILLED:>6} {TIMED_OUT:>9} {DOES_NOT_LOAD:>13} {SURVIVED:>8} explained  raw % net %"


def score(verdicts: Verdicts, explanations: Sequence[Explanation]) -> Score:
    explained = sum(verdict == SURVIVED and is_explained(m, explanations) for m, verdict in verdicts.items())
    return Score(Counter({outcome: [*verdicts.values()].count(outcome) for outcome in OUTCOMES}), explained)


def is_explained(mutant: Mutant, explanations: Iterable[Explanation]) -> bool:
    return any(explanation.fits(mutant) for explanation in explanations)


def tables(verdicts: Verdicts, packages: Sequence[str], explanations: Sequence[Explanation]) -> Iterator[str]:
    """One row for each package, each module and each operator, and one for all."""

    def package(mutant: Mutant) -> str:
        return next(name for name in packages if mutant.module.file.startswith(f"{name}/"))

    sorts: tuple[tuple[str, Callable[[Mutant], str]], ...] = (
        ("operator", lambda mutant: mutant.operator),
        ("module", lambda mutant: mutant.module.file),
        ("package", package),
        ("", lambda mutant: "all"),
    )
    for title, sort in sorts:
        yield f"{title:40} {HEADING}"
        for name in sorted({sort(mutant) for mutant in verdicts}):
            some = {mutant: verdict for mutant, verdict in verdicts.items() if sort(mutant) == name}
            yield f"{name:40} {score(some, explanations)}"
        yield ""


def survivors(verdicts: Verdicts, explanations: Sequence[Explanation]) -> Iterator[str]:
    """What survived without an explanation."""
    for mutant in sorted(verdicts, key=lambda mutant: (mutant.module.file, mutant.line)):
        if verdicts[mutant] == SURVIVED and not is_explained(mutant, explanations):
            yield difference(mutant)


def wrong_explanations(
    everything: Sequence[Mutant], verdicts: Verdicts, explanations: Sequence[Explanation]
) -> Iterator[str]:
    """Explanations of what is no mutant any more, and of what a test saw: neither may stay."""
    for explanation in explanations:
        fitting = [
            mutant for mutant in everything if mutant.module.file == explanation.file and explanation.fits(mutant)
        ]
        if not fitting:
            yield f"explains no mutant: {explanation.file} {explanation.scope}: {explanation.before}"
        for mutant in fitting:
            if verdicts.get(mutant, SURVIVED) != SURVIVED:
                yield f"is explained, but {verdicts[mutant]}: {difference(mutant)}"


def difference(mutant: Mutant) -> str:
    before, after = mutant.texts
    where = f"{mutant.module.file}:{mutant.line} {mutant.context.scope} [{mutant.operator}]"
    return f"{where}\n  - {before}\n  + {after}"
