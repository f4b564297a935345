"""Local directories as values: what they hold, by relative paths; and simulators as the same values."""

from __future__ import annotations

from pathlib import Path


def content_of(root: Path) -> dict[str, bytes | None]:
    """Files and their bytes, directories as ``None``; nothing else is expected there."""
    found: dict[str, bytes | None] = {}
    for path in root.rglob("*"):
        found[path.relative_to(root).as_posix()] = None if path.is_dir() else path.read_bytes()
    return found


def times_of(root: Path) -> dict[str, int]:
    """When files were last written, in ticks of 100 ns."""
    return {
        path.relative_to(root).as_posix(): path.stat().st_mtime_ns // 100 for path in root.rglob("*") if path.is_file()
    }


def remote_content(directory) -> dict[str, bytes | None]:
    """The same of a directory of the service."""
    return {
        found.path: None if found.is_directory else bytes(directory.file(found.path).download())
        for found in directory.walk()
    }


def plant(root: Path, content: dict[str, bytes | None]) -> Path:
    """Make a local directory that holds this."""
    root.mkdir(parents=True, exist_ok=True)
    for path, data in content.items():
        place = root / path
        if data is None:
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
    return root
