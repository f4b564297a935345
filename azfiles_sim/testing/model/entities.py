"""What the model holds: shares, directories, files and leases as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from azfiles_sim.testing.expectations import Instant, OneOf, Symbol

Metadata = Mapping[str, str]
PAGE: Final = 512
REUSABLE_S: Final = 60
"""When a deleted share's name can be taken again for certain; the service frees it about 30 seconds after the deletion."""
DEFAULT_QUOTA: Final = OneOf(frozenset({5120, 102400}))

SHARE_NOT_FOUND: Final = (404, "ShareNotFound")
NOT_FOUND: Final = (404, "ResourceNotFound")
EXISTS: Final = (409, "ResourceAlreadyExists")
WRONG_TYPE: Final = (409, "ResourceTypeMismatch")
IN_A_LEASE_STATE: Final = (409, "")
"""Refused for a lease's state; which code stands in Blob's documents only."""
BYTE_NO, BYTE_YES, BYTE_MAYBE = 0, 1, 2
"""Whether a byte belongs to a range that the share keeps."""


@dataclass(frozen=True)
class Ranges:
    """A list of ranges that holds every byte that was written and not given back, and beyond those only the rest of
    their pages; in order, apart from each other and inside the file.
    """

    kept: bytes

    def admits(self, actual: Any) -> bool:
        listed = bytearray(len(self.kept))
        end = -1
        for offset, length in actual:
            if offset <= end or length < 1 or offset + length > len(self.kept):
                return False
            end = offset + length
            listed[offset:end] = b"\1" * length
        for start in range(0, len(self.kept), PAGE):
            kept, found = self.kept[start : start + PAGE], listed[start : start + PAGE]
            if any(found) and not any(kept):
                return False
            if any(byte == BYTE_YES and not there for byte, there in zip(kept, found, strict=True)):
                return False
        return True


@dataclass
class Lease:
    """``state`` is available, leased, breaking, broken or expired; times are seconds of the run."""

    state: str = "available"
    holder: str = ""
    duration_s: float = -1
    until: float = 0.0

    def aged(self, now: float) -> Lease:
        if self.state == "leased" and self.duration_s != -1 and now >= self.until:
            return replace(self, state="expired")
        if self.state == "breaking" and now >= self.until:
            return replace(self, state="broken")
        return self

    @property
    def is_held(self) -> bool:
        return self.state in {"leased", "breaking"}

    def shown(self) -> tuple[str, str, str | None]:
        duration = ("infinite" if self.duration_s == -1 else "fixed") if self.state == "leased" else None
        return "locked" if self.is_held else "unlocked", self.state, duration


@dataclass
class File:
    id: Symbol
    names: frozenset[str]
    etag: Symbol
    content: bytearray
    kept: bytearray
    metadata: dict[str, str]
    made: Instant
    written: Any
    content_type: str | None = "application/octet-stream"
    lease: Lease = field(default_factory=Lease)


@dataclass
class Directory:
    id: Symbol
    names: frozenset[str]
    etag: Symbol
    metadata: dict[str, str]
    children: dict[str, File | Directory] = field(default_factory=dict[str, "File | Directory"])


@dataclass
class Share:
    etag: Symbol
    owner: int
    quota_gib: Any
    metadata: dict[str, str]
    root: Directory
    lease: Lease = field(default_factory=Lease)
    snapshots: dict[int, Share] = field(default_factory=dict[int, "Share"])


@dataclass(frozen=True)
class Entries:
    """What is in a directory and begins with ``prefix``, with the size of files. In the order of the names where these
    are lower-case ASCII; of others the order is not known, nor whether case counts in a prefix.
    """

    there: tuple[tuple[frozenset[str], int | None], ...]
    prefix: str

    @classmethod
    def of(cls, directory: Directory, prefix: str) -> Entries:
        return cls(tuple((node.names, _size(node)) for node in directory.children.values()), prefix)

    def admits(self, actual: Any) -> bool:
        names = [name for name, _ in actual]
        if all(name.isascii() and name == name.lower() for name in names) and names != sorted(names):
            return False
        left = list(self.there)
        for name, size in actual:
            match = [entry for entry in left if name in entry[0] and entry[1] == size]
            if len(match) != 1 or not name.upper().startswith(self.prefix.upper()):
                return False
            left.remove(match[0])
        return not any(all(name.startswith(self.prefix) for name in spellings) for spellings, _ in left)


def _size(node: File | Directory) -> int | None:
    return len(node.content) if isinstance(node, File) else None


def leases_below(node: File | Directory) -> list[Lease]:
    if isinstance(node, File):
        return [node.lease]
    return [lease for child in node.children.values() for lease in leases_below(child)]


def walk(directory: Directory, above: str = "") -> Iterator[tuple[str, File | Directory]]:
    """Everything below a directory of the model, by its path."""
    for node in directory.children.values():
        path = above + min(node.names)
        yield path, node
        if isinstance(node, Directory):
            yield from walk(node, path + "/")


def name_of(path: str) -> str:
    return path.rpartition("/")[2]
