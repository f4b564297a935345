"""The side store: bodies too large for a cassette's own file lie beside it, each once, named by the SHA-256 of its bytes.

What is read is checked against its name, so a damaged file is an error and never another body.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
import tempfile
import time
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from typing import Final

from azfiles.cassette.sealing import Seal
from azfiles.errors import CassetteError
from azfiles.messages import Buffer

BODY_LIMIT: Final = 1024 * 1024
"""Bodies of more bytes than this go to the side store, unless told otherwise."""

_BLOCK_BYTES: Final = 1024 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TEMPORARY = re.compile(r"\.[0-9a-f]{16}(?:\.[0-9a-f]{64})?\.tmp")
_ABANDONED_AFTER_S: Final = 24 * 60 * 60.0
_MOST_RACES: Final = 100


@dataclass(frozen=True, slots=True)
class StoredBody:
    """A body in a side store. Two are equal where their bytes are. A sealed one lies there encrypted, and is named by
    the digest of that; ``sha256`` and ``size`` are always those of the body itself.
    """

    sha256: str
    size: int
    store: BodyStore = field(compare=False, repr=False)
    seal: Seal | None = field(default=None, compare=False, repr=False)
    sealed_name: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        # The name becomes a path: nothing but a digest may.
        if not _DIGEST.fullmatch(self.sha256) or not _DIGEST.fullmatch(self.name) or self.size < 0:
            raise CassetteError("a stored body is named by 64 hexadecimal digits and a size, and this one is not")

    def __len__(self) -> int:
        return self.size

    def blocks(self) -> Iterator[Buffer]:
        """The bytes in blocks; each is good until the next is asked for. ``CassetteError`` where they are damaged."""
        digest, total = hashlib.sha256(), 0
        blocks = self._file_blocks()
        for block in blocks if self.seal is None else self.seal.unseal(blocks):
            total += len(block)
            if total > self.size:
                break
            digest.update(block)
            yield block
        if total != self.size or digest.hexdigest() != self.sha256:
            raise CassetteError(f"body {self._path}: damaged: it is not the content that its name says")

    def _file_blocks(self) -> Iterator[memoryview]:
        buffer = memoryview(bytearray(min(_BLOCK_BYTES, max(self.size, 1))))
        try:
            with self._path.open("rb", buffering=0) as file:
                while count := file.readinto(buffer):
                    yield buffer[:count]
        except OSError as error:
            raise CassetteError(f"body {self._path}: cannot be read: {_reason(error)}") from error

    def read(self) -> memoryview:
        """The whole, in memory, once."""
        whole = memoryview(bytearray(self.size))
        filled = 0
        for block in self.blocks():
            whole[filled : filled + len(block)] = block
            filled += len(block)
        return whole.toreadonly()

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.sealed_name or self.sha256

    @property
    def _path(self) -> Path:
        return self.store.path_of(self.name)


class BodyStore:
    """A folder of bodies. It is made when the first body comes. Safe to use from several threads.

    What is put into an ``unsaved`` one waits there under a name that no other recording touches, until it is kept.
    """

    def __init__(self, folder: str | os.PathLike[str], *, unsaved: bool = False) -> None:
        self.folder = Path(folder)
        self._mark = secrets.token_hex(8) if unsaved else ""
        self._waiting: set[str] = set()

    @classmethod
    def beside(cls, cassette: str | os.PathLike[str], *, unsaved: bool = False) -> BodyStore:
        """The store of a cassette that is written: its name with ``.bodies`` after it."""
        path = Path(cassette).resolve()
        return cls(path.with_name(path.name + ".bodies"), unsaved=unsaved)

    @classmethod
    def temporary(cls) -> BodyStore:
        """A store that is gone when it and its bodies are."""
        store = cls(tempfile.mkdtemp(prefix="azfiles-bodies-"))
        weakref.finalize(store, shutil.rmtree, store.folder, ignore_errors=True)
        return store

    def put(self, blocks: Iterable[Buffer], seal: Seal | None = None) -> StoredBody:
        """Take in a body, block by block; one that is there already is kept once, unless it is sealed."""
        body, written = _Measured(blocks), hashlib.sha256()
        temporary = self.folder / f".{secrets.token_hex(8)}.tmp"
        try:
            try:
                with self._create(temporary) as file:
                    for block in body if seal is None else seal.seal(body):
                        _write_all(file.fileno(), memoryview(block))
                        written.update(block)
                if self._mark:
                    self._waiting.add(written.hexdigest())
                temporary.replace(self.path_of(written.hexdigest()))
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise CassetteError(f"bodies {self.folder}: cannot be written: {_reason(error)}") from error
        return StoredBody(body.digest.hexdigest(), body.size, self, seal, written.hexdigest() if seal else "")

    def _create(self, path: Path) -> FileIO:
        """A new file. The folder is made again where another process deletes it, empty, between the two steps."""
        for _ in range(_MOST_RACES):
            self.folder.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                return path.open("xb", buffering=0)
        raise CassetteError(f"bodies {self.folder}: cannot be written: others delete the folder as often as it is made")

    def path_of(self, name: str) -> Path:
        """Where a body lies."""
        return self.folder / (f".{self._mark}.{name}.tmp" if name in self._waiting else name)

    def keep(self, name: str) -> None:
        """Give a body that waits the name under which others find it."""
        if name in self._waiting:
            try:
                self.path_of(name).replace(self.folder / name)
            except OSError as error:
                raise CassetteError(f"bodies {self.folder}: cannot be written: {_reason(error)}") from error
            self._waiting.discard(name)

    def forget(self) -> None:
        """Delete the bodies that wait."""
        waiting = {self.path_of(name).name for name in self._waiting}
        self._waiting.clear()
        self.remove(waiting)

    def holds(self, body: StoredBody) -> bool:
        return body.store.folder == self.folder

    def sync(self, names: Iterable[str]) -> None:
        """Have these bodies survive a power cut."""
        try:
            for name in names:
                with (self.folder / name).open("rb") as file:
                    os.fsync(file.fileno())
        except FileNotFoundError as error:
            raise CassetteError(
                f"bodies {self.folder}: some are gone: the cassette was recorded anew by another recording meanwhile"
            ) from error
        except OSError as error:
            raise CassetteError(f"bodies {self.folder}: cannot be written: {_reason(error)}") from error

    def keep_only(self, names: Iterable[str]) -> None:
        """Delete the bodies that are not named, what a killed process left, and the folder where nothing is left in it."""
        remove_abandoned(self.folder, _TEMPORARY)
        kept = set(names)
        self.remove(name for name in self._listed() if _DIGEST.fullmatch(name) and name not in kept)

    def remove(self, names: Iterable[str]) -> None:
        """Delete these bodies, and the folder where nothing is left in it. One that is gone already, as another process
        may have deleted it, is as good as deleted.
        """
        try:
            for name in names:
                (self.folder / name).unlink(missing_ok=True)
            if not self._listed():
                with contextlib.suppress(FileNotFoundError):
                    self.folder.rmdir()
        except OSError as error:
            if error.errno != errno.ENOTEMPTY:  # somebody else has just put one
                raise CassetteError(f"bodies {self.folder}: cannot be deleted: {_reason(error)}") from error

    def _listed(self) -> list[str]:
        try:
            return [path.name for path in self.folder.iterdir()]
        except (FileNotFoundError, NotADirectoryError):
            return []

    def __repr__(self) -> str:
        return f"<BodyStore {str(self.folder)!r}>"


def remove_abandoned(folder: Path, name: re.Pattern[str]) -> None:
    """Delete temporary files that a process left when it was killed: those of such names that are older than a day, so
    that none is taken from a process that still writes it.
    """
    eldest_s = time.time() - _ABANDONED_AFTER_S
    with contextlib.suppress(OSError):  # what cannot be tidied up is no reason to fail
        for path in folder.iterdir():
            if name.fullmatch(path.name) and path.lstat().st_mtime < eldest_s:
                path.unlink(missing_ok=True)


class _Measured:
    """Blocks of which the digest and size are known once they were gone through."""

    def __init__(self, blocks: Iterable[Buffer]) -> None:
        self._blocks = blocks
        self.digest = hashlib.sha256()
        self.size = 0

    def __iter__(self) -> Iterator[Buffer]:
        for block in self._blocks:
            self.digest.update(block)
            self.size += len(block)
            yield block


def _write_all(descriptor: int, block: memoryview) -> None:
    block = block.cast("B")
    while block:
        block = block[os.write(descriptor, block) :]


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


__all__ = ["BODY_LIMIT", "BodyStore", "StoredBody", "remove_abandoned"]
