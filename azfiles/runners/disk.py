"""The local disk, as the operating system has it."""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from azfiles.flows.disk import LocalEntry, LocalKind, LocalState
from azfiles.messages import Buffer

_BINARY: Final[int] = getattr(os, "O_BINARY", 0)  # only Windows has it, and there it matters
_CLOSE_ON_EXEC: Final[int] = getattr(os, "O_CLOEXEC", 0)
_HAS_PLACES: Final = hasattr(os, "preadv") and hasattr(os, "pwrite")


class LocalDisk:
    """Does what ``azfiles.flows.disk`` says. It has no state; all runners may share one."""

    def open_to_read(self, path: str) -> OpenFile:
        return OpenFile(os.open(path, os.O_RDONLY | _BINARY | _CLOSE_ON_EXEC), path)

    def open_to_write(self, path: str, *, new: bool) -> OpenFile:
        flags = os.O_RDWR | _BINARY | _CLOSE_ON_EXEC | (os.O_CREAT | os.O_EXCL if new else 0)
        return OpenFile(os.open(path, flags, 0o666), path)

    def state(self, path: str) -> LocalState | None:
        try:
            return _state(os.lstat(path))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def list(self, path: str) -> Sequence[LocalEntry]:
        with os.scandir(path) as entries:
            found = [LocalEntry(entry.name, _state(entry.stat(follow_symlinks=False))) for entry in entries]
        return sorted(found, key=lambda entry: entry.name)

    def make_directory(self, path: str) -> None:
        Path(path).mkdir(parents=True, exist_ok=True)

    def read_small(self, path: str) -> bytes | None:
        try:
            return Path(path).read_bytes()
        except FileNotFoundError:
            return None

    def write_small(self, path: str, data: bytes) -> None:
        draft = Path(f"{path}.new")
        draft.write_bytes(data)
        draft.replace(path)

    def rename(self, path: str, new_path: str, *, durable: bool = True) -> None:
        os.replace(path, new_path)  # noqa: PTH105 - reading the path for a Path takes longer than renaming
        if durable:
            _sync_directory(Path(new_path).parent)

    def remove(self, path: str) -> None:
        with suppress(FileNotFoundError):
            place = Path(path)
            if place.is_dir() and not place.is_symlink():
                place.rmdir()
            else:
                place.unlink()

    def set_modified(self, path: str, modified_ns: int) -> None:
        os.utime(path, ns=(modified_ns, modified_ns))

    def resolve(self, path: str) -> tuple[str, LocalState] | None:
        try:
            real = Path(path).resolve(strict=True)
            return str(real), _state(real.lstat())
        except (FileNotFoundError, NotADirectoryError, RuntimeError):
            return None
        except OSError as error:
            if error.errno == errno.ELOOP:
                return None
            raise

    def mode(self, path: str) -> int:
        return stat.S_IMODE(Path(path).stat().st_mode)

    def set_mode(self, path: str, mode: int) -> None:
        Path(path).chmod(mode)

    def __repr__(self) -> str:
        return "<LocalDisk>"


class OpenFile:
    """A file of the operating system, closed at the latest with the object."""

    def __init__(self, descriptor: int, path: str) -> None:
        self._descriptor = descriptor
        self._path = path
        self._moving = threading.Lock()
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):  # a system that opens directories refuses the first read only
            self.close()
            raise IsADirectoryError(f"{path} is a directory")

    def state(self) -> LocalState:
        return _state(os.fstat(self._descriptor))

    def read_at(self, offset: int, into: memoryview) -> int:
        done = 0
        while done < len(into):
            count = self._read(offset + done, into[done:])
            if not count:
                break
            done += count
        return done

    def write_at(self, offset: int, data: Buffer) -> None:
        view = memoryview(data)
        while view:
            count = self._write(offset, view)
            offset, view = offset + count, view[count:]

    def resize(self, size: int) -> None:
        os.ftruncate(self._descriptor, size)

    def sync(self) -> None:
        os.fsync(self._descriptor)

    def close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __del__(self) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<OpenFile {self._path}>"

    def _read(self, offset: int, into: memoryview) -> int:
        if _HAS_PLACES:
            return os.preadv(self._descriptor, [into], offset)
        with self._moving:
            os.lseek(self._descriptor, offset, os.SEEK_SET)
            data = os.read(self._descriptor, len(into))
        into[: len(data)] = data
        return len(data)

    def _write(self, offset: int, view: memoryview) -> int:
        if _HAS_PLACES:
            return os.pwrite(self._descriptor, view, offset)
        with self._moving:
            os.lseek(self._descriptor, offset, os.SEEK_SET)
            return os.write(self._descriptor, view)


def _state(found: os.stat_result) -> LocalState:
    mode = found.st_mode
    if stat.S_ISREG(mode):
        kind = LocalKind.FILE
    elif stat.S_ISDIR(mode):
        kind = LocalKind.DIRECTORY
    else:
        kind = LocalKind.LINK if stat.S_ISLNK(mode) else LocalKind.OTHER
    return LocalState(kind, found.st_size, found.st_mtime_ns)


def _sync_directory(path: Path) -> None:
    """That a file has its new name is on the disk when its directory is; systems that cannot do that do without."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


LOCAL_DISK: Final = LocalDisk()

__all__ = ["LOCAL_DISK", "LocalDisk", "OpenFile"]
