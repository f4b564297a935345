"""What fsspec is told of shares, directories and files: dictionaries, alike whether one is asked for or a list.

``mtime`` is when something was last written to, which clients can set; ``last_modified`` when anything of it changed, in
whole seconds.
"""

from __future__ import annotations

from azfiles.filesystem.bases import Info
from azfiles.models import DirectoryProperties, Entry, FileEntry, FileProperties, ShareItem


def of_share(share: ShareItem) -> Info:
    """A share is a directory of the account."""
    return {
        "name": share.name,
        "size": 0,
        "type": "directory",
        "etag": share.etag,
        "created": None,
        "mtime": None,
        "last_modified": share.last_modified,
    }


def of_entry(parent: str, entry: Entry) -> Info:
    """What a listing tells."""
    times = entry.times
    return {
        "name": f"{parent}/{entry.name}",
        "size": entry.size if isinstance(entry, FileEntry) else 0,
        "type": "file" if isinstance(entry, FileEntry) else "directory",
        "etag": entry.etag,
        "created": None if times is None else times.creation,
        "mtime": None if times is None else times.last_write,
        "last_modified": None if times is None else times.last_modified,
    }


def of_properties(path: str, found: FileProperties | DirectoryProperties) -> Info:
    """What a look at one file or directory tells, which is more."""
    info: Info = {
        "name": path,
        "size": 0,
        "type": "directory",
        "etag": found.etag,
        "created": found.smb.creation_time,
        "mtime": found.smb.last_write_time,
        "last_modified": found.last_modified,
        "metadata": dict(found.metadata),
    }
    if isinstance(found, FileProperties):
        info |= {"size": found.size, "type": "file"}
        info |= {"content_type": found.http.content_type, "content_md5": found.http.content_md5}
    return info


__all__ = ["of_entry", "of_properties", "of_share"]
