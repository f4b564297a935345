"""What can befall one request. Values only; ``faulty`` carries them out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class LoseRequest:
    """The request never reaches the service, and the connection ends without a reply."""

    def __str__(self) -> str:
        return "request lost"


@dataclass(frozen=True, slots=True)
class LoseReply:
    """The service does what was asked, and the connection ends without a reply: done, but nobody was told."""

    def __str__(self) -> str:
        return "reply lost"


Outcome: TypeAlias = LoseRequest | LoseReply

__all__ = ["LoseReply", "LoseRequest", "Outcome"]
