"""Queries of requests and source URLs, taken apart once for all that have the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote_plus

from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.wire.kept import MOST_PARTS, Kept, is_short


class Query(dict[str, str]):
    """The first value of each parameter, decoded, by its name in lower case. Nobody changes it: many requests share it."""

    __slots__ = ("comp", "pairs", "restype", "signed_by")

    def __init__(self, pairs: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__()
        for name, value in pairs:
            self.setdefault(name, value)
        self.pairs = pairs
        """All parameters in order, for signatures."""
        self.restype = self.get("restype", "").lower()
        self.comp = self.get("comp", "").lower()
        self.signed_by: object = None
        """For ``sas`` to note under which account and keys the signature was found right."""

    def __repr__(self) -> str:
        return f"<Query of {len(self.pairs)} parameters>"  # a value may be a signature


def parse_query(text: str) -> Query:
    """What stands behind the question mark. Raises InvalidUri for bytes that are not UTF-8."""
    plain = "%" not in text and "+" not in text
    pairs: list[tuple[str, str]] = []
    for piece in text.split("&"):
        if piece:
            name, _, value = piece.partition("=")
            pairs.append((name.lower(), value) if plain else (_decode(name).lower(), _decode(value)))
    return Query(pairs)


def _decode(text: str) -> str:
    """A query name or value without its percent-encoding; a plus sign is a blank there."""
    if "%" not in text and "+" not in text:
        return text
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        raise ServiceError(Code.INVALID_URI) from None


def is_short_query(text: str) -> bool:
    """Whether what is found in a query is kept."""
    return is_short(text) and text.count("&") < MOST_PARTS


QUERIES: Final = Kept(parse_query, short=is_short_query)
"""By their text. Most requests have one query: a signature, or no more than a ``comp``."""

__all__ = ["QUERIES", "Query", "is_short_query", "parse_query"]
