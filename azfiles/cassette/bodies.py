"""The side store: bodies too large for a cassette's own file lie beside it, each once, named by the SHA-256 of its bytes.

What is read is checked against its name, so a damaged file is an error and never another body.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from azfiles.errors import CassetteError
from azfiles.messages import Buffer

BODY_LIMIT: Final = 1024 * 1024
"""Bodies of more bytes than this go to the side store, unless told otherwise."""

_BLOCK_BYTES: Final = 1024 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StoredBody:
    """A body in a side store. Two are equal where their bytes are."""

    sha256: str
    size: int
    store: BodyStore = field(compare=False, repr=False)

    def __post_init__(self) -> None:
        # The name becomes a path: nothing but a digest may.
        if not _DIGEST.fullmatch(self.sha256) or self.size < 0:
            raise CassetteError("a stored body is named by 64 hexadecimal digits and a size, and this one is not")

    def __len__(self) -> int:
        return self.size

    def blocks(self) -> Iterator[memoryview]:
        """The bytes in blocks; each is good until the next is asked for. ``CassetteError`` where they are damaged."""
        block = memoryview(bytearray(min(_BLOCK_BYTES, max(self.size, 1))))
        digest, total = hashlib.sha256(), 0
        try:
            with self._path.open("rb", buffering=0) as file:
                while count := file.readinto(block):
                    total += count
                    if total > self.size:
                        break
                    digest.update(block[:count])
                    yield block[:count]
        except OSError as error:
            raise CassetteError(f"body {self._path}: cannot be read: {_reason(error)}") from error
        self._check(total, digest.hexdigest())

    def read(self) -> memoryview:
        """The whole, in memory, once."""
        whole = memoryview(bytearray(self.size))
        self.read_into(whole)
        return whole.toreadonly()

    def read_into(self, target: memoryview) -> None:
        """Fill ``target``, which has room for ``size`` bytes, without holding them elsewhere."""
        total, digest = 0, hashlib.sha256()
        try:
            with self._path.open("rb", buffering=0) as file:
                while total < self.size and (count := file.readinto(target[total : total + _BLOCK_BYTES])):
                    digest.update(target[total : total + count])
                    total += count
                total += len(file.read(1))
        except OSError as error:
            raise CassetteError(f"body {self._path}: cannot be read: {_reason(error)}") from error
        self._check(total, digest.hexdigest())

    @property
    def _path(self) -> Path:
        return self.store.folder / self.sha256

    def _check(self, size: int, sha256: str) -> None:
        if size != self.size or sha256 != self.sha256:
            raise CassetteError(f"body {self._path}: damaged: it is not the content that its name says")


class BodyStore:
    """A folder of bodies. It is made when the first body comes. Safe to use from several threads."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)

    @classmethod
    def beside(cls, cassette: str | os.PathLike[str]) -> BodyStore:
        """The store of a cassette that is written: its name with ``.bodies`` after it."""
        path = Path(cassette).resolve()
        return cls(path.with_name(path.name + ".bodies"))

    @classmethod
    def temporary(cls) -> BodyStore:
        """A store that is gone when it and its bodies are."""
        store = cls(tempfile.mkdtemp(prefix="azfiles-bodies-"))
        weakref.finalize(store, shutil.rmtree, store.folder, ignore_errors=True)
        return store

    def put(self, blocks: Iterable[Buffer]) -> StoredBody:
        """Take in a body, block by block; one that is there already is kept once."""
        digest, size = hashlib.sha256(), 0
        temporary = self.folder / f".{secrets.token_hex(8)}.tmp"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                with temporary.open("xb", buffering=0) as file:
                    for block in blocks:
                        _write_all(file.fileno(), memoryview(block))
                        digest.update(block)
                        size += len(block)
                temporary.replace(self.folder / digest.hexdigest())
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise CassetteError(f"bodies {self.folder}: cannot be written: {_reason(error)}") from error
        return StoredBody(digest.hexdigest(), size, self)

    def holds(self, body: StoredBody) -> bool:
        return body.store.folder == self.folder

    def sync(self, digests: Iterable[str]) -> None:
        """Have these bodies survive a power cut."""
        try:
            for digest in digests:
                with (self.folder / digest).open("rb") as file:
                    os.fsync(file.fileno())
        except OSError as error:
            raise CassetteError(f"bodies {self.folder}: cannot be written: {_reason(error)}") from error

    def keep_only(self, digests: Iterable[str]) -> None:
        """Delete the bodies that are not named, and the folder where nothing is left in it."""
        kept = set(digests)
        if not self.folder.is_dir():
            return
        for path in self.folder.iterdir():
            if _DIGEST.fullmatch(path.name) and path.name not in kept:
                path.unlink(missing_ok=True)
        if not any(self.folder.iterdir()):
            self.folder.rmdir()

    def __repr__(self) -> str:
        return f"<BodyStore {str(self.folder)!r}>"


def _write_all(descriptor: int, block: memoryview) -> None:
    block = block.cast("B")
    while block:
        block = block[os.write(descriptor, block) :]


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


__all__ = ["BODY_LIMIT", "BodyStore", "StoredBody"]
