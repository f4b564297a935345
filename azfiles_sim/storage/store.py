"""What a store must do. It holds state and knows no rule: rules read a view and describe changes."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from typing import Protocol

from azfiles_sim.model.changes import Change
from azfiles_sim.model.view import View
from azfiles_sim.storage.errors import StoreFailed


class Store(Protocol):
    """Keeps the state of all accounts."""

    def view(self) -> View:
        """The state as it is now; later changes do not show in it."""
        ...

    def apply(self, changes: Iterable[Change]) -> None:
        """Make all the changes, in order, or none of them. Calls must not overlap; reading a view may."""
        ...

    def pending(self) -> Future[None] | None:
        """What has to be waited for before telling anybody of the state as it is now: done once a kill of the process
        cannot undo it, failed if it could not be written. None where there is nothing to wait for.
        """
        ...

    @property
    def ids_begin(self) -> int:
        """From which number on made-up identifiers are counted: no earlier run on this state came that far."""
        ...

    def fork(self) -> Store:
        """Another store that begins with this state; from then on the two do not affect each other."""
        ...

    def restore(self, forked: Store) -> None:
        """Become what ``forked`` is now: a fork that this store once gave, changed since or not. All or nothing, as
        one ``apply``; must not overlap with one. ``forked`` lives on apart.
        """
        ...


def wait_for(pending: Future[None] | None) -> None:
    """Wait for what ``Store.pending`` returned. Raises StoreFailed if it could not be written: an error of its own for
    each who waits, since one that is raised again and again gathers all their frames.
    """
    failure = None if pending is None else pending.exception()
    if failure is not None:
        raise StoreFailed(str(failure)) from failure


__all__ = ["Store", "wait_for"]
