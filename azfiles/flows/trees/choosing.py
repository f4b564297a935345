"""Which parts of a tree are meant: patterns of names and paths."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from azfiles.errors import InvalidArgument
from azfiles.flows.trees.names import Path, text_of
from azfiles.records import dataclass

_PIECES: Final = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_WILD: Final = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A file is meant if one of ``include`` fits (or there are none) and none of ``exclude`` does; a directory that one of
    ``exclude`` fits is left out with all in it.

    A pattern with a slash in it is for the whole path from the root of the tree, any other for the name alone. ``*`` and
    ``?`` stand for characters other than slashes, ``**`` for any; a slash at the end means directories only. Case matters.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def takes_file(self, path: Path) -> bool:
        if self.include and not any(_fits(pattern, path, directory=False) for pattern in self.include):
            return False
        return not any(_fits(pattern, path, directory=False) for pattern in self.exclude)

    def takes_directory(self, path: Path) -> bool:
        return not any(_fits(pattern, path, directory=True) for pattern in self.exclude)


def choice_of(include: str | Iterable[str], exclude: str | Iterable[str]) -> Choice:
    """A choice by patterns, one or several; ``InvalidArgument`` for an empty one."""
    return Choice(_patterns("include", include), _patterns("exclude", exclude))


def _patterns(name: str, given: str | Iterable[str]) -> tuple[str, ...]:
    patterns = (given,) if isinstance(given, str) else tuple(given)
    if not all(pattern.strip("/") for pattern in patterns):
        raise InvalidArgument(f"{name}: an empty pattern fits nothing")
    return patterns


def _fits(pattern: str, path: Path, *, directory: bool) -> bool:
    if pattern.endswith("/"):
        if not directory:
            return False
        pattern = pattern.rstrip("/")
    text = text_of(path) if "/" in pattern else path[-1]
    return _compiled(pattern.lstrip("/")).fullmatch(text) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(_WILD.get(piece) or re.escape(piece) for piece in _PIECES.findall(pattern)), re.DOTALL)


__all__ = ["Choice", "choice_of"]
