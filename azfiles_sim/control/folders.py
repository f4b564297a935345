"""A share as a folder: its files as files, and beside them a manifest of all that a folder cannot hold.

``content/`` holds the tree. ``manifest.json`` names every directory, file and link with metadata, SMB or NFS
properties, HTTP headers and the ranges that were written; holes stay holes. A path that is too long for the file system
goes to ``long-names/`` under a number. Leases, handles, snapshots and ETags are not exported.

Of an NFS share the folder has symbolic links as such, the names of one file as hard links, and modes, owners and groups
as far as that is safe and the process may set them; the manifest has them exactly. Nothing here ever follows a symbolic
link below the folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final, TypeAlias

from azfiles_sim.model.commands import HttpHeadersRequest, NfsRequest, SmbRequest
from azfiles_sim.model.entities import Attributes, File, Metadata, NfsProperties, SmbProperties
from azfiles_sim.wire.dates import iso_time, parse_full_iso_time

FORMAT: Final = "azfiles-sim-share"
VERSION: Final = 2
READ_VERSIONS: Final = (1, 2)  # the first knew no NFS shares
MANIFEST: Final = "manifest.json"
CONTENT: Final = "content"
LONG_NAMES: Final = "long-names"

DIRECTORY: Final = "directory"
FILE: Final = "file"
SYMBOLIC_LINK: Final = "symlink"
HARD_LINK: Final = "hardlink"
KINDS: Final = (DIRECTORY, FILE, SYMBOLIC_LINK, HARD_LINK)

Told: TypeAlias = dict[str, Any]
"""A part of the manifest."""


class FolderError(ValueError):
    """The folder cannot be used; the message says what to do."""


def smb_told(smb: SmbProperties, permission: str | None) -> Told:
    return {"permission": permission, "attributes": int(smb.attributes), **times_told(smb)}


def times_told(smb: SmbProperties) -> Told:
    """The times alone, which is what NFS shares have of these properties."""
    return {
        "creation": iso_time(smb.creation),
        "last_write": iso_time(smb.last_write),
        "change": iso_time(smb.change),
    }


def nfs_told(nfs: NfsProperties) -> Told:
    return {"mode": f"{nfs.mode:04o}", "owner": nfs.owner, "group": nfs.group}


def http_told(file: File) -> Told:
    return {name: value for name, value in asdict(file.http).items() if value is not None}


def metadata_asked(told: Mapping[str, Any]) -> Metadata:
    return tuple((str(name), str(value)) for name, value in told.get("metadata", {}).items())


def smb_asked(told: Mapping[str, Any]) -> SmbRequest:
    """What ``smb_told`` or ``times_told`` told. Raises KeyError or ValueError where that is none."""
    if not told:
        return SmbRequest()
    return SmbRequest(
        attributes=Attributes(told["attributes"]) if "attributes" in told else None,
        creation=parse_full_iso_time(told["creation"]),
        last_write=parse_full_iso_time(told["last_write"]),
        change=parse_full_iso_time(told["change"]),
        permission=told.get("permission"),
    )


def nfs_asked(told: Mapping[str, Any]) -> NfsRequest:
    if not told:
        return NfsRequest()
    return NfsRequest(int(told["mode"], 8) & 0o7777, str(int(told["owner"])), str(int(told["group"])))


def http_asked(told: Mapping[str, Any]) -> HttpHeadersRequest:
    return HttpHeadersRequest(**told)


__all__ = [
    "CONTENT",
    "DIRECTORY",
    "FILE",
    "FORMAT",
    "HARD_LINK",
    "KINDS",
    "LONG_NAMES",
    "MANIFEST",
    "READ_VERSIONS",
    "SYMBOLIC_LINK",
    "VERSION",
    "FolderError",
    "Told",
    "http_asked",
    "http_told",
    "metadata_asked",
    "nfs_asked",
    "nfs_told",
    "smb_asked",
    "smb_told",
    "times_told",
]
