"""Secrets that are known letter for letter: the caller named them, or the request carries them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import cached_property
from typing import Final
from urllib.parse import quote

from azfiles.cassette.patterns import MASK

SHORTEST_SECRET: Final = 8
"""Shorter ones would mask ordinary words."""

_NOT_ALPHANUMERIC = re.compile(r"[^A-Za-z0-9]+")


class KnownSecrets:
    """The secrets that one interaction is searched for letter by letter, in all their spellings.

    However a secret is escaped, its letters and digits stay; so its longest run of them tells where to look closely.
    """

    def __init__(self, values: Iterable[str]) -> None:
        self._values = [value for value in values if len(value) >= SHORTEST_SECRET]
        self.cores = tuple(max(_NOT_ALPHANUMERIC.split(value), key=len) for value in self._values)
        self.shortest = min(map(len, self.cores), default=math.inf)

    @cached_property
    def _spellings(self) -> tuple[str, ...]:
        spellings: set[str] = set()
        for value in self._values:
            once = quote(value, safe="")
            spellings |= {value, once, once.replace("%2F", "/"), quote(once, safe=""), _lower_escapes(once)}
        return tuple(sorted(spellings, key=len, reverse=True))

    def mask(self, text: str) -> str:
        if len(text) >= self.shortest and any(core in text for core in self.cores):
            for spelling in self._spellings:
                text = text.replace(spelling, MASK)
        return text

    def overwrite(self, data: bytes) -> bytes:
        for spelling in self._spellings:
            secret = spelling.encode("utf-8", "surrogateescape")
            if secret in data:
                data = data.replace(secret, b"X" * len(secret))
        return data


def _lower_escapes(text: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), text)


__all__ = ["SHORTEST_SECRET", "KnownSecrets"]
