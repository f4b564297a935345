"""Secrets that are known letter for letter: the caller named them, or the request carries them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import cached_property
from typing import Final, cast
from urllib.parse import quote

from azfiles.cassette.addresses import parse_uri
from azfiles.cassette.interactions import RecordedRequest
from azfiles.cassette.patterns import CREDENTIAL_HEADERS, MASK, SECRET_HEADERS, URL_HEADERS
from azfiles.errors import InvalidArgument

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


def check_secrets(secrets: Iterable[str]) -> tuple[str, ...]:
    """The texts that a user wants kept out. Raises ``InvalidArgument`` for one that is too short to be looked for."""
    asked = cast("object", secrets)
    found: tuple[object, ...] = (asked,)
    if isinstance(asked, Iterable) and not isinstance(asked, str):
        found = tuple(cast("Iterable[object]", asked))
    given = tuple(secret for secret in found if isinstance(secret, str))
    if len(given) < len(found):
        raise InvalidArgument("secrets: a list of texts is expected, and this is none")
    if any(len(secret) < SHORTEST_SECRET for secret in given):
        raise InvalidArgument(
            f"secrets: one has fewer than {SHORTEST_SECRET} characters; it would be found in ordinary words, and is not"
            " looked for"
        )
    return given


def secrets_of(request: RecordedRequest) -> set[str]:
    """Signatures and tokens that a request carries: they may come back in an error's text."""
    found = {value for name, value in parse_uri(request.uri).query if name == "sig"}
    for name, value in request.headers:
        lowered = name.lower()
        if lowered in CREDENTIAL_HEADERS:
            scheme, _, rest = value.partition(" ")
            found.add(rest.rpartition(":")[2] if scheme.startswith("SharedKey") else rest or scheme)
        elif lowered in SECRET_HEADERS:
            found.add(value)
        elif lowered in URL_HEADERS:
            found |= {item for key, item in parse_uri(value).query if key == "sig"}
    return {secret for secret in found if len(secret) >= SHORTEST_SECRET and secret != MASK}


def _lower_escapes(text: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), text)


__all__ = ["KnownSecrets", "check_secrets", "secrets_of"]
