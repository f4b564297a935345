"""Two texts that should have been the same when they were signed: what the client signed, and what the service says that
it computed. Compared line by line, by what each line is.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Final, TypeAlias

from azfiles.core.sharedkey import SIGNED_HEADERS
from azfiles.records import dataclass

Lines: TypeAlias = Sequence[tuple[str, str]]
"""Each line with what it is: a header's name, a parameter, the path."""

METHOD: Final = "method"
PATH: Final = "path"


@dataclass(frozen=True, slots=True)
class Difference:
    """A line that is not the same. ``None`` where one side has no such line."""

    name: str
    client: str | None
    service: str | None


def shared_key_lines(text: str) -> Lines:
    """The lines of a text that Shared Key signs."""
    lines = text.split("\n")
    names = (METHOD, *SIGNED_HEADERS)
    found: list[tuple[str, str]] = [*zip(names, lines, strict=False)]
    path_seen = False
    for line in lines[len(names) :]:
        if line.startswith("/") and not path_seen:
            found.append((PATH, line))
            path_seen = True
        else:
            name, _, value = line.partition(":")
            found.append((f"?{name}" if path_seen else name, value))
    return found


def sas_lines(text: str, names: Sequence[str]) -> Lines:
    """The lines of a text that a shared access signature signs; ``names`` are theirs."""
    lines = text.removesuffix("\n").split("\n")
    pairs = zip_longest(names, lines[: len(names)], fillvalue="")
    further = [(f"line {number}", line) for number, line in enumerate(lines[len(names) :], len(names) + 1) if line]
    return [*pairs, *further]


def differences(client: Lines, service: Lines) -> tuple[Difference, ...]:
    """Where two texts differ, in their order. An empty line is no different from one that is missing."""
    ours, theirs = dict(client), dict(service)
    names = dict.fromkeys([*ours, *theirs])
    return tuple(
        Difference(name, ours.get(name), theirs.get(name))
        for name in names
        if (ours.get(name) or "") != (theirs.get(name) or "")
    )


__all__ = ["METHOD", "PATH", "Difference", "Lines", "differences", "sas_lines", "shared_key_lines"]
