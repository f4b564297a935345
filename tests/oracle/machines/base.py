"""What all machines share: a comparison, and rules that draw its steps."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, ClassVar, TypeAlias

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from hypothesis.strategies import SearchStrategy

from tests.oracle import steps as s
from tests.oracle.bench import Bench
from tests.oracle.comparison import Comparison, Figures, History
from tests.oracle.dialects import BLOBS, Dialect
from tests.oracle.obs import Obs

Action: TypeAlias = tuple[str, dict[str, Any]]
"""A method of a machine, and its arguments."""


def drawn(weight: int = 1, **arguments: SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let a machine call a method now and then, ``weight`` times as often as one of weight 1.

    A rule of hypothesis has no weight, and each is left out of many examples: of the few examples that there is time
    for, most would then neither write nor hold a lease.
    """

    def mark(method: Callable[..., None]) -> Callable[..., None]:
        action = st.fixed_dictionaries(arguments).map(lambda given: (method.__name__, given))
        method.drawn = [action] * weight  # type: ignore[attr-defined]
        return method

    return mark


class OracleMachine(RuleBasedStateMachine):
    """One example: a comparison in an account of its own. ``bench`` and ``figures`` are set on a subclass for a run."""

    prelude: ClassVar[tuple[s.Step, ...]] = ()
    probes: ClassVar[tuple[s.Step, ...]] = ()
    dialect: ClassVar[Dialect] = BLOBS
    bench: ClassVar[Bench]
    figures: ClassVar[Figures]
    kept: ClassVar[list[History] | None] = None

    def __init_subclass__(cls) -> None:
        """One rule that draws among all methods that are marked."""
        super().__init_subclass__()
        methods = [getattr(cls, name) for name in dir(cls) if not name.startswith("_")]
        actions = [action for method in methods for action in getattr(method, "drawn", ())]

        def act(self: OracleMachine, action: Action) -> None:
            getattr(self, action[0])(**action[1])

        if actions:
            cls.act = rule(action=st.one_of(actions))(act)  # type: ignore[attr-defined]

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self.compared: Comparison = self._stack.enter_context(
            self.bench.comparison(self.prelude, self.probes, self.dialect, self.figures)
        )

    def take(self, step: s.Step) -> Obs:
        return self.compared.take(step)

    def teardown(self) -> None:
        if self.kept is not None:
            self.kept.append(self.compared.judge.history)
        self._stack.close()


NAMES = st.sampled_from(["a", "B", "a_1", "A2", "_x"])
VALUES = st.sampled_from(["", "1", "two words", "a%20b", 'quo"te,d'])
METADATA = st.lists(st.tuples(NAMES, VALUES), max_size=2, unique_by=lambda pair: pair[0].lower()).map(
    lambda pairs: tuple(sorted(pairs))
)
BAD_METADATA = st.sampled_from([(("1a", "x"),), (("a-b", "x"),), (("a.b", "x"),), (("a!", "x"),)])
