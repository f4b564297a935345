"""Whether two files have the same content, by the MD5 that is stored with those on the service."""

from __future__ import annotations

import base64
import hashlib
from typing import Final

from azfiles.core import files
from azfiles.flows.call import call
from azfiles.flows.disk import Disk
from azfiles.flows.effects import Flow, on_disk
from azfiles.flows.trees.handling import LocalFolder, Places, Root, below
from azfiles.flows.trees.names import Path

_CHUNK_BYTES: Final = 1024 * 1024


def same_content(places: Places, path: Path) -> Flow[bool]:
    """Whether source and destination have the same content there. A file without a stored MD5 is like no other."""
    if places.source is None:
        return False
    there = yield from _md5(places.destination, path)
    if there is None:
        return False
    return (yield from _md5(places.source, path)) == there


def _md5(root: Root, path: Path) -> Flow[str | None]:
    if isinstance(root, LocalFolder):
        place = root.at(path)
        return (yield from on_disk("hash", lambda disk: _hash(disk, place)))
    target = below(root, path)
    operation = files.get_file_properties(target.share, target.path, snapshot=target.snapshot)
    return (yield from call(target.session, operation)).http.content_md5


def _hash(disk: Disk, path: str) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    room = memoryview(bytearray(_CHUNK_BYTES))
    offset = 0
    file = disk.open_to_read(path)
    try:
        while count := file.read_at(offset, room):
            digest.update(room[:count])
            offset += count
    finally:
        file.close()
    return base64.b64encode(digest.digest()).decode("ascii")


__all__ = ["same_content"]
