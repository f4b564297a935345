"""What commands of every kind are made of."""

from __future__ import annotations

from enum import Enum
from typing import Final

from azfiles_sim.model.entities import Attributes, Ticks
from azfiles_sim.quick import dataclass, quick


class Word(Enum):
    """Words that stand for a value in SMB property headers."""

    NOW = "now"
    PRESERVE = "preserve"
    INHERIT = "inherit"
    SOURCE = "source"


@quick
@dataclass(frozen=True, slots=True)
class SmbRequest:
    """SMB properties as asked for; ``None`` is an absent header. ``permission`` is SDDL text or a word."""

    attributes: Attributes | Word | None = None
    creation: Ticks | Word | None = None
    last_write: Ticks | Word | None = None
    change: Ticks | Word | None = None
    permission: str | Word | None = None
    permission_key: str | None = None


@quick
@dataclass(frozen=True, slots=True)
class NfsRequest:
    """NFS properties as asked for; ``None`` is an absent header."""

    mode: int | None = None
    owner: str | None = None
    group: str | None = None


@quick
@dataclass(frozen=True, slots=True)
class HttpHeadersRequest:
    """HTTP headers as asked for; ``None`` is an absent header."""

    content_type: str | None = None
    content_encoding: str | None = None
    content_language: str | None = None
    content_md5: str | None = None
    content_disposition: str | None = None
    cache_control: str | None = None

    @property
    def is_empty(self) -> bool:
        return self is NO_HTTP or self == NO_HTTP


NO_SMB: Final = SmbRequest()
NO_NFS: Final = NfsRequest()
NO_HTTP: Final = HttpHeadersRequest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What every command carries: the account, and the API version, by which a few rules differ."""

    account: str
    version: str


class LeaseAction(Enum):
    ACQUIRE = "acquire"
    RENEW = "renew"
    CHANGE = "change"
    RELEASE = "release"
    BREAK = "break"
