"""Who a bearer token speaks for, which tokens a simulator takes, and the keys that it gives for them."""

from __future__ import annotations

import hmac
from dataclasses import field
from typing import Final

from azfiles_sim.quick import dataclass

REFUSED: Final = "refused"
DEVELOPMENT: Final = "development"
MODES: Final = (REFUSED, DEVELOPMENT)


@dataclass(frozen=True, slots=True)
class Caller:
    """The user or application of a token: object id and tenant, both GUIDs."""

    object_id: str
    tenant: str


@dataclass(frozen=True, slots=True)
class TokenRules:
    """``mode`` is ``refused`` or ``development``: then every token whose claims hold is taken, whoever signed it, or
    nobody. ``tenant`` is the only one whose tokens are taken; None takes any. ``secret`` is what user delegation keys
    are made from.
    """

    mode: str = REFUSED
    tenant: str | None = None
    secret: bytes = field(default=b"", repr=False)


NO_TOKENS: Final = TokenRules()


def key_value(secret: bytes, account: str, *fields: str) -> bytes:
    """The key that these fields of its document stand for, in the document's order."""
    return hmac.digest(secret, "\n".join((account, *filter(None, fields))).encode("utf-8", "replace"), "sha256")


__all__ = ["DEVELOPMENT", "MODES", "NO_TOKENS", "REFUSED", "Caller", "TokenRules", "key_value"]
