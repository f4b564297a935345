"""How the steps of a plan are done, and where: values, to be handed to whoever does them."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from azfiles.core.arguments import MAX_RANGE_BYTES
from azfiles.flows.targets import Target
from azfiles.flows.transfers.checking import AUTO
from azfiles.flows.trees.names import Path
from azfiles.flows.trees.sides import local_path
from azfiles.records import dataclass


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """The root of a tree on the local disk."""

    root: str

    def at(self, path: Path) -> str:
        return local_path(self.root, path)


Root: TypeAlias = Target | LocalFolder
"""Where a tree has its root."""


@dataclass(frozen=True, slots=True)
class Handling:
    """How steps are done, whichever they are. A file gets ``connections`` at once where it has that many ranges."""

    keep_times: bool = True
    keep_mode: bool = False
    keep_attributes: bool = False
    guess_content_type: bool = False
    content_md5: bool = False
    checksum: str | None = AUTO
    atomic: bool = True
    follow_links: bool = False
    ignore_readonly: bool = False
    range_size: int = MAX_RANGE_BYTES
    connections: int = 1

    def connections_for(self, size: int) -> int:
        """How many requests a file of this size may have under way at once."""
        return max(1, min(self.connections, -(-size // self.range_size)))


@dataclass(frozen=True, slots=True)
class Places:
    """Where the steps of a plan are done: from ``source`` (``None`` for deleting) to ``destination``. ``is_nfs`` says that
    the share (of two, the destination's) is an NFS share.
    """

    source: Root | None
    destination: Root
    is_nfs: bool = False


def below(root: Target, path: Path) -> Target:
    """A part of a tree on the service."""
    return replace(root, path=(*root.path, *path))


__all__ = ["Handling", "LocalFolder", "Places", "Root", "below"]
