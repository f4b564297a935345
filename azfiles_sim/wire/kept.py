"""Keeps what was worked out from something that comes again and again: a query, a directory's entry."""

from __future__ import annotations

from collections.abc import Callable, Sized
from typing import Any, Final, Generic, TypeVar

from azfiles_sim.model.entities import Node, Remembering

K = TypeVar("K")
V = TypeVar("V")

MOST: Final = 1024
LONGEST: Final = 2048
"""Characters of a text that is kept."""

MOST_PARTS: Final = 48
"""Names or parameters in something that is kept: more than requests have, and each takes some hundred bytes, however short.
With this and ``LONGEST`` all that is kept of one kind takes 16 MiB at most, whatever clients send.
"""


class Kept(dict[K, V], Generic[K, V]):
    """``kept[key]`` is ``work_out(key)``, which depends on nothing but the key; it is asked once for keys that are
    ``short`` enough, as long as they are no more than ``MOST``: then all are forgotten. What ``work_out`` raises is raised,
    and not kept. Safe to use from several threads. A key that is there costs a third of what ``lru_cache`` takes.
    """

    __slots__ = ("_short", "_work_out")

    def __init__(self, work_out: Callable[[K], V], *, short: Callable[[K], bool]) -> None:
        super().__init__()
        self._work_out = work_out
        self._short = short

    def __missing__(self, key: K) -> V:
        found = self._work_out(key)
        if self._short(key):
            if len(self) >= MOST:
                self.clear()
            self[key] = found
        return found

    def __repr__(self) -> str:
        return f"<Kept, {len(self)} of them>"  # a key may be a signature


def is_short(text: Sized) -> bool:
    """Whether a text is kept."""
    return len(text) <= LONGEST


def made_of(node: Node, form: object) -> Any:
    """What was last made of a node, which never changes, if it was made in this ``form``; else None."""
    made = getattr(node, "made_of_it", _NOTHING)
    return made[1] if made[0] == form else None


def keep_made(node: Node, form: object, made: object) -> None:
    """Keep what was made of a node for as long as there is the node. One thing is kept, the last: a text for listings,
    or headers for those who read it again.
    """
    _SET(node, (form, made))


_NOTHING: Final = (None, None)
_SET: Final = vars(Remembering)["made_of_it"].__set__

__all__ = ["LONGEST", "MOST", "MOST_PARTS", "Kept", "is_short", "keep_made", "made_of"]
