"""What flows can ask of a local disk: the protocols of ``Work`` in ``effects``. Runners bring the disk; nothing here does I/O.

Paths are absolute or relative texts, as the operating system takes them. Whatever the system refuses is raised as the
``OSError`` that it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

from azfiles.messages import Buffer
from azfiles.records import dataclass


class LocalKind(Enum):
    """What lies at a local path. A symbolic link is one, whatever it leads to."""

    FILE = "file"
    DIRECTORY = "directory"
    LINK = "link"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class LocalState:
    """What lies at a local path: its kind, its size in bytes, and when it was last changed, in nanoseconds since 1970."""

    kind: LocalKind
    size: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class LocalEntry:
    """A name in a local directory, and what it stands for."""

    name: str
    state: LocalState


class LocalFile(Protocol):
    """An open file. Reading and writing name their place, so that several may do so at once; ``close`` never waits."""

    def state(self) -> LocalState: ...

    def read_at(self, offset: int, into: memoryview) -> int:
        """Fill ``into`` from ``offset`` on; fewer bytes than that only where the file ends. Returns their number."""
        ...

    def write_at(self, offset: int, data: Buffer) -> None:
        """Write all of ``data``."""
        ...

    def resize(self, size: int) -> None:
        """Cut the file, or let it grow by a hole."""
        ...

    def sync(self) -> None:
        """Wait until what was written is on the disk."""
        ...

    def close(self) -> None: ...


class Disk(Protocol):
    """Local files and directories. What it does may block, so flows reach it by ``Work`` only."""

    def open_to_read(self, path: str) -> LocalFile: ...

    def open_to_write(self, path: str, *, new: bool) -> LocalFile:
        """A file to read and write: one that is made now and was not there, or, unless ``new``, one that is there."""
        ...

    def state(self, path: str) -> LocalState | None:
        """What lies there, symbolic links not followed; ``None`` for nothing."""
        ...

    def list(self, path: str) -> Sequence[LocalEntry]:
        """What a directory holds, in the order of the names."""
        ...

    def make_directory(self, path: str) -> None:
        """Make a directory, and those above it that are missing; one that is there is left as it is."""
        ...

    def read_small(self, path: str) -> bytes | None:
        """All of a small file; ``None`` where there is none."""
        ...

    def write_small(self, path: str, data: bytes) -> None:
        """Put a small file there, in one step: who reads it sees the old one or the new one."""
        ...

    def rename(self, path: str, new_path: str, *, durable: bool = True) -> None:
        """Give a file another name in its directory, replacing what has it; on the disk when this returns, if ``durable``."""
        ...

    def remove(self, path: str) -> None:
        """Remove a file or an empty directory; nothing where there is none."""
        ...

    def set_modified(self, path: str, modified_ns: int) -> None:
        """Set when a file was last changed, in nanoseconds since 1970."""
        ...

    def resolve(self, path: str) -> tuple[str, LocalState] | None:
        """The path without any symbolic link in it, and what lies there; ``None`` for nothing, or links that go round."""
        ...

    def mode(self, path: str) -> int:
        """A file's permission bits, symbolic links followed."""
        ...

    def set_mode(self, path: str, mode: int) -> None:
        """Set a file's permission bits, as far as the system has them."""
        ...


__all__ = ["Disk", "LocalEntry", "LocalFile", "LocalKind", "LocalState"]
