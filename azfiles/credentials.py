"""How a client proves who it is. No repr shows a secret, and none of these does any I/O."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import field
from typing import Any, Protocol, TypeAlias, runtime_checkable

from azfiles.errors import InvalidArgument
from azfiles.records import dataclass

EMULATOR_ACCOUNT = "devstoreaccount1"
# Published by Microsoft for its storage emulators; it opens nothing but an emulator.
EMULATOR_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

TOKEN_SCOPE = "https://storage.azure.com/.default"  # noqa: S105 - the name of a scope, not a token

_ACCOUNT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
# What may stand in a query unescaped, and escapes. Anything else would change the request line.
_QUERY_TEXT = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})+")
_SIGNATURE = re.compile(r"(?:^|&)(?:sig|%73ig)=[^&]", re.IGNORECASE)


def is_signature(text: str) -> bool:
    """Whether a text is a shared access signature's query rather than an account key, which may end in ``sig==``."""
    return _SIGNATURE.search(text.strip().lstrip("?&")) is not None


@runtime_checkable
class TokenCredential(Protocol):
    """Anything that hands out bearer tokens, as azure-identity's credentials do.

    ``get_token`` returns an object whose ``token`` is the text; an async credential returns an awaitable of one.
    """

    def get_token(self, *scopes: str, **kwargs: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class SharedKey:
    """An account and one of its two keys (base64). Raises ``InvalidArgument`` where the key is not base64."""

    account: str
    key: str = field(repr=False)
    secret: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not _ACCOUNT.fullmatch(self.account):
            raise InvalidArgument(f"account name {self.account!r}: letters, digits and hyphens are expected")
        try:
            secret = base64.b64decode(self.key.encode("ascii"), validate=True)
        except (binascii.Error, UnicodeEncodeError):
            secret = b""
        if not secret:
            raise InvalidArgument("the account key is not base64; copy it whole, without quotes or blanks")
        object.__setattr__(self, "secret", secret)


@dataclass(frozen=True, slots=True)
class Sas:
    """A shared access signature: the query text ``sv=...&sig=...``. A leading ``?`` or ``&`` is dropped."""

    token: str = field(repr=False)

    def __post_init__(self) -> None:
        text = self.token.strip().lstrip("?&").rstrip("&")
        if not _QUERY_TEXT.fullmatch(text):
            raise InvalidArgument("the shared access signature is empty or holds characters that a query cannot hold")
        if not is_signature(text):
            raise InvalidArgument("the shared access signature has no 'sig' parameter")
        object.__setattr__(self, "token", text)


@dataclass(frozen=True, slots=True)
class Token:
    """Bearer tokens from ``credential`` (for instance one of azure-identity's), sent over https only."""

    credential: TokenCredential = field(repr=False)

    def __post_init__(self) -> None:
        if not callable(getattr(self.credential, "get_token", None)):
            raise InvalidArgument("a token credential needs a method get_token(*scopes)")


@dataclass(frozen=True, slots=True)
class Anonymous:
    """No credential at all: only what the account leaves open to everybody, and sources with a signature of their own."""


Credential: TypeAlias = SharedKey | Sas | Token | Anonymous

EMULATOR_CREDENTIAL = SharedKey(EMULATOR_ACCOUNT, EMULATOR_KEY)

__all__ = [
    "EMULATOR_ACCOUNT",
    "EMULATOR_CREDENTIAL",
    "EMULATOR_KEY",
    "TOKEN_SCOPE",
    "Anonymous",
    "Credential",
    "Sas",
    "SharedKey",
    "Token",
    "TokenCredential",
    "is_signature",
]
