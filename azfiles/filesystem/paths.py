"""Paths as fsspec has them, ``share/directory/file``, and what becomes of errors there: Python's own."""

from __future__ import annotations

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from azfiles.errors import (
    AlreadyExists,
    AuthenticationFailed,
    Conflict,
    InvalidArgument,
    NotFound,
    ServiceError,
)

_BY_CODE: Final = {
    "ResourceTypeMismatch": errno.EISDIR,
    "DirectoryNotEmpty": errno.ENOTEMPTY,
    "ReadOnlyAttribute": errno.EACCES,
    "SharingViolation": errno.EBUSY,
    "DeletePending": errno.EBUSY,
    "ShareBeingDeleted": errno.EBUSY,
}


def split(path: str) -> tuple[str, tuple[str, ...]]:
    """The share, and the names below it; ``""`` is the account itself. Slashes too many do not matter."""
    share, *names = [name for name in path.split("/") if name] or [""]
    return share, tuple(names)


@contextmanager
def errors_of(path: str, *, mismatch: int = errno.EISDIR) -> Generator[None]:
    """Raise what the service refuses as the ``OSError`` that a local file system would raise, with the refusal as its
    cause. ``mismatch`` is what it means that something of the other kind, file or directory, is there.
    """
    try:
        yield
    except (NotFound, AlreadyExists, AuthenticationFailed, Conflict) as refusal:
        number = _number(refusal, mismatch)
        if number is None:
            raise
        plain = number in {errno.ENOENT, errno.EEXIST, mismatch}  # these need no telling in the service's words
        raise OSError(number, os.strerror(number) if plain else str(refusal), path) from refusal


@contextmanager
def sought(path: str) -> Generator[None]:
    """The same where something is looked for: what has a name that nothing can have is not there."""
    try:
        with errors_of(path):
            yield
    except InvalidArgument as refusal:
        raise error_of(errno.ENOENT, path) from refusal
    except ServiceError as refusal:
        if refusal.code != "InvalidResourceName":
            raise
        raise error_of(errno.ENOENT, path) from refusal


def error_of(number: int, path: str) -> OSError:
    """The ``OSError`` of this number: ``FileNotFoundError`` and the like."""
    return OSError(number, os.strerror(number), path)


def _number(refusal: ServiceError, mismatch: int) -> int | None:
    if isinstance(refusal, NotFound):
        return errno.ENOENT
    if isinstance(refusal, AlreadyExists):
        return errno.EEXIST
    if isinstance(refusal, AuthenticationFailed):
        return errno.EACCES
    return mismatch if refusal.code == "ResourceTypeMismatch" else _BY_CODE.get(refusal.code)


__all__ = ["error_of", "errors_of", "sought", "split"]
