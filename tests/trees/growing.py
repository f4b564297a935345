"""Random trees, as hypothesis draws them: paths and contents, names that awkward programs stumble over."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

from hypothesis import strategies as st

from azfiles.flows.transfers.temporary import is_temporary
from azfiles_sim.model.names import fold_name
from azfiles_sim.testing import strategies
from tests.trees.local import plant

Tree = dict[str, bytes | None]


def names():
    """Names that both sides take; local disks count 255 bytes."""
    awkward = strategies.file_names().filter(lambda name: len(name.encode()) <= 255 and "/" not in name)
    return st.one_of(st.sampled_from(["a", "b", "c", "d.txt"]), awkward)


def _level(children):
    return st.lists(st.tuples(names(), children), max_size=4, unique_by=lambda pair: fold_name(pair[0])).map(dict)


def trees():
    """Trees by their paths: files with their bytes, directories as ``None``."""
    contents = st.binary(max_size=40)
    nested = st.recursive(contents, _level, max_leaves=10)
    return _level(nested).map(lambda tree: dict(_flattened(tree, "")))


def few_names():
    """Trees of so few names that two of them have much in common, and differ in what a name stands for."""
    contents = st.sampled_from([b"", b"x", b"y", b"zz"])
    names = st.sampled_from(["a", "b", "c"])
    level = lambda children: st.dictionaries(names, children, max_size=3)  # noqa: E731 - a strategy from a strategy
    return level(st.recursive(contents, level, max_leaves=6)).map(lambda tree: dict(_flattened(tree, "")))


def _flattened(tree, above):
    for name, value in tree.items():
        path = above + name
        if isinstance(value, dict):
            yield path, None
            yield from _flattened(value, path + "/")
        else:
            yield path, value


def grown(root: Path, tree: Tree) -> Path:
    """Plant a tree; the time of a file's last write is one that its content decides."""
    plant(root, tree)
    for path, data in tree.items():
        if data is not None:
            os.utime(root / path, ns=(0, 10**18 + zlib.crc32(data) * 100))
    return root


def whole(content: Tree) -> Tree:
    """Without what transfers that were cut off may leave behind."""
    return {path: data for path, data in content.items() if not is_temporary(path.rpartition("/")[2])}
