"""What puts a mistake into the simulator, and the list of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias
from unittest.mock import patch

from azfiles_sim.model.changes import PutNode, PutShare
from azfiles_sim.model.deciding import Decision
from azfiles_sim.model.entities import (
    File,
    Share,
)
from azfiles_sim.model.rules import RULES

Placing: TypeAlias = AbstractContextManager[Any]
MODEL: Final = "model machine"
"""What finds a mistake that Azurite has no counterpart for: the machine of ``azfiles_sim.testing``."""


@dataclass(frozen=True, slots=True)
class Bug:
    name: str
    finder: str
    """The tape or the machine that has to find it."""
    place: Callable[[], Placing]

    def __str__(self) -> str:
        return self.name


BUGS: Final[list[Bug]] = []


def bug(finder: str) -> Callable[[Callable[[], Placing]], Callable[[], Placing]]:
    """Register a mistake under the name of its function."""

    def register(place: Callable[[], Placing]) -> Callable[[], Placing]:
        BUGS.append(Bug(place.__name__.replace("_", " "), finder, place))
        return place

    return register


def row(table: MutableMapping[Any, Any], key: Any, value: Any) -> Placing:
    """Another value in a table."""
    return patch.dict(table, {key: value})


def rule(command: type, changed: Callable[[Any, Any, Callable[[Any, Any], Decision]], Decision]) -> Placing:
    """Another rule for a command, which is given the context, the command and the rule as it is."""
    real = RULES[command]
    return patch.dict(RULES, {command: lambda context, asked: changed(context, asked, real)})


@contextmanager
def all_of(*placed: Placing) -> Iterator[None]:
    with ExitStack() as stack:
        for one in placed:
            stack.enter_context(one)
        yield


def put_file(decision: Decision, change: Callable[[File], File]) -> Decision:
    """The decision with its file stored otherwise."""
    changes = tuple(
        PutNode(one.tree, change(one.node)) if isinstance(one, PutNode) and isinstance(one.node, File) else one
        for one in decision.changes
    )
    return replace(decision, changes=changes)


def put_share(decision: Decision, change: Callable[[Share], Share]) -> Decision:
    changes = tuple(PutShare(change(one.share)) if isinstance(one, PutShare) else one for one in decision.changes)
    return replace(decision, changes=changes)
