"""Real input: the running Python's own standard library."""

from __future__ import annotations

import hashlib
import shutil
import sysconfig
from pathlib import Path

LARGE = 64 * 2**20
# Left out for size only: Python's own tests, and what is not part of the standard library.
LEFT_OUT = {"__pycache__", "site-packages", "test", "tests", "idle_test", "lib2to3", "config"}


def gather_tree() -> dict[str, Path]:
    """The library's source files, by their path inside it."""
    root = Path(sysconfig.get_paths()["stdlib"])
    return {
        path.relative_to(root).as_posix(): path
        for path in sorted(root.rglob("*.py"))
        if path.is_file() and not LEFT_OUT.intersection(path.relative_to(root).parts)
    }


def make_large_file(target: Path) -> Path:
    """Join every file of the library, again from the start if need be, until there are at least 64 MiB."""
    root = Path(sysconfig.get_paths()["stdlib"])
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and path.stat().st_size]
    with target.open("wb") as out:
        while out.tell() < LARGE:
            for path in files:
                with path.open("rb") as source:
                    shutil.copyfileobj(source, out, 2**20)
                if out.tell() >= LARGE:
                    break
    return target


def sha256(data: bytes | memoryview) -> str:
    return hashlib.sha256(data).hexdigest()
