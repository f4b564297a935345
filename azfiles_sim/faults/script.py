"""Plans as lists of rules: which calls a rule is about, how often it fires, and what happens then.

A rule fires or does not by nothing but the seed, the call, and how many calls before it the rule was about. These
counts are a value too (``Progress``), so that the same calls meet the same faults again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import translate
from functools import lru_cache
from typing import Self

from azfiles_sim.faults.outcomes import LONGEST_S, Outcome
from azfiles_sim.faults.plan import Call, draw
from azfiles_sim.wire.operations import OPERATIONS


@dataclass(frozen=True, slots=True)
class Rule:
    """``outcome`` happens to the calls that all of this is true of.

    ``operations``: patterns, one of which fits the operation's number or its name (``F8``, ``Put Range*``, ``F1?``,
    ``Lease File (break)``), in any case; ``ValueError`` where one fits none. Names are those of events and metrics, too.
    ``path``: a pattern for ``share/directory/file``, in any case, in which ``*`` and ``?`` stop at a slash and ``**`` does
    not. ``account``: its name. ``after_s`` and ``until_s``: since the plan began at least so many
    seconds went by on the service's clock, and fewer than so many.

    Of the calls that fit, ``nth`` picks some by their number, counted from 1; ``probability`` (0 to 1) some by chance;
    and no more than ``times`` meet the fault.
    """

    outcome: Outcome
    operations: tuple[str, ...] = ()
    path: str | None = None
    account: str | None = None
    nth: tuple[int, ...] = ()
    probability: float = 1.0
    times: int | None = None
    after_s: float = 0.0
    until_s: float | None = None

    def __post_init__(self) -> None:
        for pattern in self.operations:
            if not any(names_operation(pattern, one.number, one.name) for one in OPERATIONS.values()):
                names = [text for one in OPERATIONS.values() for text in (one.number, one.name)]
                raise ValueError(
                    f"operation is the number or name of an operation, or a pattern: {one_of(pattern, names)}"
                )
        if not 0 <= self.probability <= 1:
            raise ValueError("probability is from 0 to 1")
        if any(number < 1 for number in self.nth):
            raise ValueError("nth counts from 1")
        if self.times is not None and self.times < 1:
            raise ValueError("times is 1 or more")
        if not 0 <= self.after_s <= LONGEST_S:
            raise ValueError("after_s is from 0 to ten years")
        if self.until_s is not None and not self.until_s > self.after_s:
            raise ValueError("until_s is later than after_s")

    def fits(self, call: Call) -> bool:
        """Whether the rule is about this call, before anything is counted or drawn."""
        if call.at_s < self.after_s or (self.until_s is not None and call.at_s >= self.until_s):
            return False
        if self.account is not None and call.account != self.account:
            return False
        if self.path is not None and not path_pattern(self.path).fullmatch(call.path.lower()):
            return False
        return not self.operations or any(names_operation(one, call.operation, call.title) for one in self.operations)


@dataclass(frozen=True, slots=True)
class Script:
    """Rules in their order: the first that fires decides. ``seed`` decides what is left to chance.

    Chance goes by the call's number; with ``by_name`` by its name, the client request id, so that a request of a seeded
    client keeps its fate whatever else is asked before it. Two scripts become one by joining their rules.
    """

    rules: tuple[Rule, ...] = ()
    seed: int = 0
    by_name: bool = False

    def begin(self) -> Progress:
        """The script before any call."""
        return Progress(self, (Count(),) * len(self.rules))


@dataclass(frozen=True, slots=True)
class Count:
    """How many calls a rule was about so far, and how many of them met its fault."""

    fitting: int = 0
    fired: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """A script on its way."""

    script: Script
    counts: tuple[Count, ...]

    def step(self, call: Call) -> tuple[Outcome | None, Self]:
        """What happens to ``call``, and the script after it."""
        chosen: Outcome | None = None
        counts: list[Count] = []
        for place, (rule, count) in enumerate(zip(self.script.rules, self.counts, strict=True)):
            if not rule.fits(call):
                counts.append(count)
                continue
            fitting, fires = count.fitting + 1, False
            if chosen is None and self._fires(place, rule, fitting, count.fired, call):
                chosen, fires = rule.outcome, True
            counts.append(Count(fitting, count.fired + fires))
        return chosen, type(self)(self.script, tuple(counts))

    def _fires(self, place: int, rule: Rule, number: int, fired: int, call: Call) -> bool:
        if (rule.nth and number not in rule.nth) or (rule.times is not None and fired >= rule.times):
            return False
        word = call.name if self.script.by_name else str(call.number)
        return rule.probability >= 1 or draw(self.script.seed, f"{place} {word}") < rule.probability


def names_operation(pattern: str, number: str, title: str) -> bool:
    """Whether ``pattern`` fits the operation of this number and name, with or without what follows a comma in it."""
    compiled = _shell_pattern(pattern.lower())
    return any(compiled.match(known.lower()) for known in (number, title, title.partition(",")[0]))


def one_of(value: object, known: Iterable[str]) -> str:
    """What is expected: the nearest to what came, or all where nothing is near."""
    names = list(known)
    near = _near(value, names) if isinstance(value, str) else []
    if near:
        return f"{' or '.join(near)}, not {value!r}"
    shown = names if len(names) <= 24 else [*names[:8], "..."]
    told = "" if value is None else f", not {value!r}"
    return f"one of {', '.join(shown)}{told}"


def _near(value: str, names: list[str]) -> list[str]:
    """Those that are written alike, or have the same words in another order."""
    words = sorted(re.findall(r"\w+", value.lower()))
    return get_close_matches(value, names, n=3, cutoff=0.6) or [
        name for name in names if sorted(re.findall(r"\w+", name.lower())) == words
    ]


@lru_cache(maxsize=1024)
def path_pattern(pattern: str) -> re.Pattern[str]:
    """The pattern of a path, for paths in lower case."""
    pieces = re.split(r"(\*\*|\*|\?)", pattern.strip("/").lower())
    wild = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(wild.get(piece) or re.escape(piece) for piece in pieces), re.DOTALL)


@lru_cache(maxsize=1024)
def _shell_pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern))


__all__ = ["Count", "Progress", "Rule", "Script", "names_operation", "one_of", "path_pattern"]
