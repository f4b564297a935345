"""What SMB clients hold open, and what became of closing it."""

from __future__ import annotations

from datetime import datetime

from azfiles.records import dataclass


@dataclass(frozen=True, slots=True)
class Handle:
    """A file or directory that an SMB client holds open. ``path`` is relative to the share, ``""`` for its root;
    ``client_ip`` is address and port; ids are decimal. ``access_rights`` (``Read``, ``Write``, ``Delete``),
    ``client_name`` and ``last_reconnected_at`` come from newer services only.
    """

    id: str
    path: str
    file_id: str
    session_id: str
    client_ip: str
    opened_at: datetime
    parent_id: str | None = None
    client_name: str | None = None
    last_reconnected_at: datetime | None = None
    access_rights: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HandlePage:
    """One page. It may be short, even empty, and yet have a ``next_marker``: go on until that is ``None``."""

    handles: tuple[Handle, ...]
    next_marker: str | None


@dataclass(frozen=True, slots=True)
class HandlesClosed:
    """How many handles were closed, and how many could not be."""

    closed: int
    failed: int = 0


__all__ = ["Handle", "HandlePage", "HandlesClosed"]
