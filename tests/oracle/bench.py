"""Where comparisons are made: one Azurite for a whole test session, an account of its own for every example."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from tests.oracle import steps as s
from tests.oracle.azurite import Azurite
from tests.oracle.comparison import Comparison, Figures, Judge, take_all
from tests.oracle.dialects import BLOBS, Dialect
from tests.oracle.drivers import AzuriteSide, Driver, SimulatorSide

SHARE = "data"


class Bench:
    """Starts Azurite when it is first needed, and again when it ended or all its accounts were used."""

    def __init__(self) -> None:
        self._azurite: Azurite | None = None
        self.starts = 0

    def _fresh(self) -> tuple[Azurite, str]:
        if self._azurite is not None and self._azurite.is_alive:
            account = self._azurite.fresh_account()
            if account is not None:
                return self._azurite, account
        self.close()
        self._azurite = Azurite()
        self.starts += 1
        return self._fresh()

    def azurite(self, dialect: Dialect = BLOBS) -> Driver:
        """A driver of Azurite in an account that nothing was done in."""
        azurite, account = self._fresh()
        return Driver(AzuriteSide(azurite, dialect), account, SHARE)

    def close(self) -> None:
        if self._azurite is not None:
            self._azurite.close()
            self._azurite = None

    @contextmanager
    def comparison(
        self,
        prelude: tuple[s.Step, ...],
        probes: tuple[s.Step, ...],
        dialect: Dialect = BLOBS,
        figures: Figures | None = None,
    ) -> Iterator[Comparison]:
        """A new comparison, its prelude taken; what it made in Azurite is deleted at the end."""
        azurite = self.azurite(dialect)
        compared = Comparison(azurite, simulator(azurite.account), probes, prelude, Judge(figures or Figures()))
        try:
            compared.begin()
            yield compared
        finally:
            if azurite.side.is_alive:
                azurite.clear()


def simulator(account: str) -> Driver:
    """A driver of a simulator of its own."""
    return Driver(SimulatorSide(account), account, SHARE)


def compare_again(
    bench: Bench, steps: Iterable[s.Step], probes: tuple[s.Step, ...] = (), dialect: Dialect = BLOBS
) -> Comparison:
    """Take these steps to both sides: what the report of a disagreement says."""
    with bench.comparison((), probes, dialect) as compared:
        take_all(compared, steps)
    return compared
