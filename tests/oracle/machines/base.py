"""What all machines share: a comparison, and rules that draw its steps."""

from __future__ import annotations

from contextlib import ExitStack
from typing import ClassVar

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from tests.oracle import steps as s
from tests.oracle.bench import Bench
from tests.oracle.comparison import Comparison, Figures
from tests.oracle.dialects import BLOBS, Dialect
from tests.oracle.obs import Obs


class OracleMachine(RuleBasedStateMachine):
    """One example: a comparison in an account of its own. ``bench`` and ``figures`` are set on a subclass for a run."""

    prelude: ClassVar[tuple[s.Step, ...]] = ()
    probes: ClassVar[tuple[s.Step, ...]] = ()
    dialect: ClassVar[Dialect] = BLOBS
    bench: ClassVar[Bench]
    figures: ClassVar[Figures]

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self.compared: Comparison = self._stack.enter_context(
            self.bench.comparison(self.prelude, self.probes, self.dialect, self.figures)
        )

    def take(self, step: s.Step) -> Obs:
        return self.compared.take(step)

    def teardown(self) -> None:
        self._stack.close()


NAMES = st.sampled_from(["a", "B", "a_1", "A2", "_x"])
VALUES = st.sampled_from(["", "1", "two words", "a%20b", 'quo"te,d'])
METADATA = st.lists(st.tuples(NAMES, VALUES), max_size=2, unique_by=lambda pair: pair[0].lower()).map(
    lambda pairs: tuple(sorted(pairs))
)
BAD_METADATA = st.sampled_from([(("1a", "x"),), (("a-b", "x"),), (("a.b", "x"),), (("a!", "x"),)])
