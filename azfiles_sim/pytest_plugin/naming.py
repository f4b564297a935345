"""Which file a test's cassette is: beside the test's module, named from the test, on every file system.

``tests/test_upload.py::TestLarge::test_it[4 MiB]`` has ``tests/cassettes/test_upload/TestLarge.test_it-4-MiB-9f86d081.yaml``.
A name that had to be changed, cut, or that differs from another one in capitals only ends in a digest of what it was,
so that no two tests share a file by accident.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

import pytest

FOLDER: Final = "cassettes"
SUFFIXES: Final = frozenset({".yaml", ".yml", ".json"})

_LONGEST: Final = 100
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_.=,+-]+|\.{2,}|\.\Z")


def cassette_path(item: pytest.Item, name: str | None = None) -> Path:
    """The cassette of a test; with ``name``, that file in the folder ``cassettes`` beside the test's module."""
    folder = item.path.parent / FOLDER
    if name is not None:
        path = folder / name
        return path if path.suffix in SUFFIXES else path.with_name(path.name + ".yaml")
    classes = [node.name for node in item.listchain() if isinstance(node, pytest.Class)]
    function, _, parameters = item.name.partition("[")
    return folder / item.path.stem / f"{file_name('.'.join([*classes, function]), parameters.removesuffix(']'))}.yaml"


def file_name(test: str, parameters: str = "") -> str:
    """A file's name, without a suffix, for a test and the id of its parameters."""
    whole = f"{test}-{parameters}" if parameters else test
    plain = _UNSAFE.sub("-", whole)
    # Parameters that differ in capitals only are two tests, and one file on macOS and Windows.
    if plain == whole and len(plain) <= _LONGEST and parameters == parameters.lower():
        return plain
    return f"{plain[:_LONGEST].rstrip('-.')}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


__all__ = ["FOLDER", "cassette_path", "file_name"]
