"""Names that cannot go from one side to the other, and names that would be one on the other side.

A name is refused where the service cannot take it, or where a local path made of it would lead elsewhere: what comes out of
a listing is no more to be trusted than what is typed. Names are taken letter by letter: two that differ only in how their
letters are composed (NFC, NFD) are two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from azfiles.core.arguments import check_components
from azfiles.core.versions import TRAILING_DOT
from azfiles.errors import InvalidArgument

Path: TypeAlias = tuple[str, ...]
"""Names below the root of a tree."""

_RESERVED: Final = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CLOCK$"}
    | {f"{device}{number}" for device in ("COM", "LPT") for number in range(1, 10)}
)


def text_of(path: Path) -> str:
    """The names joined by slashes."""
    return "/".join(path)


def path_of(text: str) -> Path:
    """The names of a path as steps have it."""
    return tuple(text.split("/")) if text else ()


def problem_of(path: Path, api_version: str) -> str | None:
    """Why nothing of this path, counted from the share's root, can be on the service; ``None`` where it can."""
    try:
        check_components(path)
    except InvalidArgument as refusal:
        return str(refusal)
    name = path[-1]
    if name.upper() in _RESERVED:
        return f"{name!r} is a name that Windows keeps for a device, and the service refuses"
    if name.endswith(".") and api_version < TRAILING_DOT[1]:
        return f"{name!r}: {TRAILING_DOT[0]} need service version {TRAILING_DOT[1]} or later"
    return None


def as_it_is(name: str) -> str:
    """How a name is compared where case matters."""
    return name


def folded(name: str) -> str:
    """How a name is compared where case does not matter: in upper case, letter by letter, as SMB shares do."""
    if name.isascii():
        return name.upper()
    return "".join(upper if len(upper := letter.upper()) == 1 else letter for letter in name)


def doubles(names: Iterable[str], key: Callable[[str], str]) -> frozenset[str]:
    """The keys that more than one of the names have."""
    return frozenset(found for found, count in Counter(map(key, names)).items() if count > 1)


__all__ = ["Path", "as_it_is", "doubles", "folded", "path_of", "problem_of", "text_of"]
