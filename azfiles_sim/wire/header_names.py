"""The names of a request's headers, looked at once for all requests that have the same: a client sends few sets of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from azfiles_sim.wire.kept import LONGEST, MOST_PARTS, Kept

META_PREFIX: Final = "x-ms-meta-"


class HeaderNames(NamedTuple):
    """What the names say, each in lower case from ``lower`` on."""

    lower: tuple[str, ...]
    """All, as they were sent."""
    are_unique: bool
    service: Sequence[str]
    """Those of ``x-ms-*`` headers, each once, in the order in which they were sent."""
    metadata: Mapping[str, str]
    """The metadata headers among them: name to the key as it was sent."""


def _read(names: tuple[str, ...]) -> HeaderNames:
    lower = tuple([name.lower() for name in names])
    first = dict(zip(reversed(lower), reversed(names), strict=True))  # of a name sent twice the first spelling
    service = [name for name in dict.fromkeys(lower) if name.startswith("x-ms-")]
    metadata = {name: first[name][len(META_PREFIX) :] for name in service if name.startswith(META_PREFIX)}
    return HeaderNames(lower, len(first) == len(lower), service, metadata)


def are_short(names: tuple[str, ...]) -> bool:
    """Whether what is found in names is kept."""
    return len(names) <= MOST_PARTS and sum(map(len, names)) <= LONGEST


HEADER_NAMES: Final = Kept(_read, short=are_short)
"""By the names as they were sent."""

__all__ = ["HEADER_NAMES", "META_PREFIX", "HeaderNames", "are_short"]
