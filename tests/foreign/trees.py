"""Trees of files to copy up and down, and how two of them are compared."""

from __future__ import annotations

import hashlib
from pathlib import Path

LONGEST_NAME = 255  # bytes, on the file systems of Linux; the service counts as many UTF-16 units
DEEPEST = 60

# Each is a name's body, put before a number; none is another in a different case, as the service ignores case.
AWKWARD = (
    "plain",
    "with several  spaces",
    " leading space",
    "100% percent %20 %zz",
    "plus + and & and = and #hash",
    "semi;colon, comma 'quotes' `tick` $dollar @at !bang",
    "(brackets) [square] {curly} ~tilde ^caret",
    "Grüße aus Köln",
    "日本語の名前",
    "кириллица",
    "עברית",
    "emoji 🚀 👩‍👩‍👧",
    "composed é",
    "decomposed e\u0301",
    "dots..in...it",
    ".hidden",
    "-dash and --option",
    "query sharesnapshot=1&restype=directory",
    "<not> :for| Windows?*",
    'back\\slash and "double"',
    "no\u00a0break\u200bspace",
)
# azcopy sends control characters as they are, which the service refuses, and takes %2F in a name for a slash.
BEYOND_AZCOPY = ("control \x01 and tab \t", "percent %2F")
# No space at the end: rclone trims it off the target when it renames its partial file, and then misses the file.
ENDS = ("", ".txt", ".tar.gz", " (1)", ".dot.", "...", "~")


def plant(root: Path, *, count: int, more: tuple[str, ...] = ()) -> None:
    """Write ``count`` files with awkward names and a few bytes each into folders with awkward names."""
    bodies = AWKWARD + more
    folders = [root, _deep(root)]
    for number, body in enumerate(bodies):
        folders.append(folders[number % 5 and -1] / f"{body} folder {number}")
    for number in range(count - 2):
        folder = folders[number % len(folders)]
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{bodies[number // 7 % len(bodies)]} {number}{ENDS[number % len(ENDS)]}"
        (folder / name).write_bytes(content(number))
    (root / ("x" * LONGEST_NAME)).write_bytes(content(1))
    (root / ("é" * (LONGEST_NAME // 2))).write_bytes(content(2))


def content(number: int) -> bytes:
    """A few bytes that differ from file to file; of every fifth file none."""
    return hashlib.sha256(b"%d" % number).digest() * (number % 5)


def large_content(size: int) -> bytes:
    """``size`` bytes (a multiple of 32) in which no block is like another."""
    return b"".join(hashlib.sha256(b"%d" % block).digest() for block in range(size // 32))


def read_tree(root: Path) -> dict[str, bytes]:
    """Every file's path below ``root`` and its content."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def _deep(root: Path) -> Path:
    for level in range(DEEPEST):
        root /= f"{level}"
    return root
