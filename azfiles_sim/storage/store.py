"""What a store must do. It holds state and knows no rule: rules read a view and describe changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from azfiles_sim.model.changes import Change
from azfiles_sim.model.view import View


class Store(Protocol):
    """Keeps the state of all accounts."""

    def view(self) -> View:
        """The state as it is now; later changes do not show in it."""
        ...

    def apply(self, changes: Iterable[Change]) -> None:
        """Make all the changes, in order, or none of them. Calls must not overlap; reading a view may."""
        ...

    def fork(self) -> Store:
        """Another store that begins with this state; from then on the two do not affect each other."""
        ...


__all__ = ["Store"]
