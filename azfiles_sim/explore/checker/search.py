"""The search for an order of a history's entries that a service doing one thing at a time could have answered.

After Wing and Gong, "Testing and verifying concurrent objects" (1993), with the memory of Lowe, "Testing for
linearizability" (2017): a set of entries that are placed, and the state that they led to, is tried once.

An entry is placed after all that had been completed before it was invoked. One without an answer may be left out; it
cannot be placed after what was invoked only when it could no longer take effect.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeAlias, TypeVar

from azfiles_sim.explore.checker.history import Entry, Unknown
from azfiles_sim.explore.checker.telling import Misfit

DEFAULT_BUDGET: Final = 200_000
"""How many placements are tried before the search gives up."""

_NEVER: Final = 2**63


class Keyed(Protocol):
    """A state that knows which others it equals."""

    def key(self) -> Hashable: ...


S = TypeVar("S", bound=Keyed)
Fit: TypeAlias = Callable[[S, int, Entry], "S | Misfit"]


@dataclass(frozen=True, slots=True)
class Dead:
    """No order is possible. ``placed`` is the longest one that is, ``misfits`` why none of the entries can follow."""

    placed: tuple[Entry, ...]
    misfits: tuple[tuple[Entry, str], ...]


class Undecided(Exception):
    """The search ran out of its budget: neither yes nor no."""


@dataclass(slots=True)
class _Node(Generic[S]):
    """A set of placed or left-out entries as bits, the state they led to, and how it was come by."""

    settled: int
    state: S
    order: tuple[int, ...]


def find_order(
    entries: Sequence[Entry], initial: S, fit: Fit[S], *, budget: int = DEFAULT_BUDGET
) -> tuple[Entry, ...] | Dead:
    """An order of the entries that ``fit`` accepts one after the other, or the reason why there is none.

    Raises Undecided after ``budget`` placements.
    """
    ordered = sorted(entries, key=lambda entry: entry.invoked)
    certain = sum(1 << number for number, entry in enumerate(ordered) if not isinstance(entry.outcome, Unknown))
    seen: set[tuple[int, Hashable]] = set()
    stack = [_Node(0, initial, ())]
    deepest: _Node[S] = stack[0]
    tried = 0
    while stack:
        node = stack.pop()
        if node.settled & certain == certain:
            return tuple(ordered[number] for number in node.order)
        if node.settled.bit_count() > deepest.settled.bit_count():
            deepest = node
        following = _following(ordered, node, fit)
        tried += len(following)
        if tried > budget:
            raise Undecided(f"no verdict after {budget} placements of {len(ordered)} entries")
        if len(following) == 1:
            stack.append(following[0])
            continue
        for one in reversed(following):
            key = (one.settled, one.state.key())
            if key not in seen:
                seen.add(key)
                stack.append(one)
    return _explain(ordered, deepest, fit)


def _following(ordered: Sequence[Entry], node: _Node[S], fit: Fit[S]) -> list[_Node[S]]:
    found: list[_Node[S]] = []
    for number in _open(ordered, node.settled):
        entry = ordered[number]
        settled = node.settled | 1 << number
        after = fit(node.state, number, entry)
        unknown = isinstance(entry.outcome, Unknown)
        if not isinstance(after, Misfit) and not (unknown and after is node.state):
            found.append(_Node(settled, after, (*node.order, number)))
        if unknown and entry.completed is not None:
            found.append(_Node(settled, node.state, node.order))
    return found


def _open(ordered: Sequence[Entry], settled: int) -> list[int]:
    """The entries that may come next: invoked before the first completion of what is not settled."""
    found: list[int] = []
    bound = _NEVER
    first = (~settled & (settled + 1)).bit_length() - 1  # all before it are settled
    for number in range(first, len(ordered)):
        entry = ordered[number]
        if entry.invoked > bound:
            break
        if not settled >> number & 1:
            found.append(number)
            if entry.completed is not None:
                bound = min(bound, entry.completed)
    return [number for number in found if ordered[number].invoked < bound]


def _explain(ordered: Sequence[Entry], node: _Node[S], fit: Fit[S]) -> Dead:
    misfits: list[tuple[Entry, str]] = []
    for number in _open(ordered, node.settled):
        after = fit(node.state, number, ordered[number])
        if isinstance(after, Misfit):
            misfits.append((ordered[number], after.reason))
    return Dead(tuple(ordered[number] for number in node.order), tuple(misfits))


__all__ = ["DEFAULT_BUDGET", "Dead", "Fit", "Keyed", "Undecided", "find_order"]
