"""Locks of cassettes: one recording at a time saves, and one test at a time records, and not while another one replays.

The locks are the operating system's, on files in the folder for temporary files: they hold between threads and
processes, such as those of pytest-xdist and of two runs of pytest, and end with the process that took them.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Self

from azfiles.errors import CassetteError

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows: a cassette is still replaced in one step
    fcntl = None  # type: ignore[assignment]  # where there is none, nothing is locked


class CassetteLock:
    """Held from ``take`` to ``release``. ``exclusive`` is for who may write; replays share."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, cassette: Path, *, exclusive: bool, purpose: str = "") -> Self:
        """Wait until nobody is in the way who wants it for the same purpose."""
        folder = Path(tempfile.gettempdir(), f"azfiles-cassette-locks-{os.getuid() if hasattr(os, 'getuid') else 0}")
        folder.mkdir(mode=0o700, exist_ok=True)
        name = hashlib.sha256(os.fsencode(cassette.resolve())).hexdigest() + purpose
        descriptor = os.open(folder / name, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        lock = cls(descriptor)
        lock.change(exclusive=exclusive)
        return lock

    def change(self, *, exclusive: bool) -> None:
        """Share from now on, or no longer."""
        if fcntl is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Let others go on. Doing it twice does no harm."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def saving(cassette: Path) -> CassetteLock:
    """Held while a cassette and what lies beside it are written, so that they go together. ``CassetteError`` where no file
    can be locked.
    """
    try:
        return CassetteLock.take(cassette, exclusive=True, purpose=".saving")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CassetteError(f"cassette {cassette}: cannot be locked for writing: {reason}") from error


__all__ = ["CassetteLock", "saving"]
