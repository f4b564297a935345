"""NFS shares: mode, owner and group in place of attributes and permissions, and files with several names."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from azfiles_sim.model.changes import Change, DropNode, PutNode
from azfiles_sim.model.commands import NO_NFS, NO_SMB, NfsRequest, SmbRequest
from azfiles_sim.model.deciding import Place
from azfiles_sim.model.entities import File, NfsProperties, Share, TreeKey
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.names import node_key

DIRECTORY_MODE: Final = 0o755
FILE_MODE: Final = 0o664
LINK_MODE: Final = 0o777

_SMB_ONLY: Final = ("attributes", "permission", "permission_key")
_NFS_ONLY: Final = ("mode", "owner", "group")

WRONG_PROTOCOL: Final = Code.UNSUPPORTED_HEADER
"""What NFS properties on an SMB share, and attributes or permissions on an NFS share, are refused with (unverified)."""

NO_LINKS_HERE: Final = Code.UNSUPPORTED_QUERY_PARAMETER
"""What a link on an SMB share is refused with (unverified)."""


def is_nfs(share: Share) -> bool:
    return share.settings.protocol == "NFS"


def create_nfs(place: Place, smb: SmbRequest, asked: NfsRequest, mode: int) -> NfsProperties | None:
    """The properties of something new, ``mode`` unless another is asked for; None on an SMB share."""
    _refuse_wrong_protocol(place.share, smb, asked)
    return _changed(NfsProperties(mode), asked) if is_nfs(place.share) else None


def change_nfs(place: Place, smb: SmbRequest, asked: NfsRequest, current: NfsProperties | None) -> NfsProperties | None:
    """The properties of something changed: what is not given stays."""
    _refuse_wrong_protocol(place.share, smb, asked)
    return None if current is None else _changed(current, asked)


def copy_nfs(
    place: Place,
    smb: SmbRequest,
    asked: NfsRequest,
    source: NfsProperties | None,
    *,
    mode_from_source: bool,
    owner_from_source: bool,
) -> NfsProperties | None:
    """The properties of a copy's destination: a new file's, or where it says so the source's, if that has any."""
    created = create_nfs(place, smb, asked, FILE_MODE)
    if created is None or source is None:
        return created
    if mode_from_source:
        created = replace(created, mode=source.mode)
    return replace(created, owner=source.owner, group=source.group) if owner_from_source else created


def refuse_links_on_smb(share: Share) -> None:
    """Raise NO_LINKS_HERE unless the share is an NFS share."""
    if not is_nfs(share):
        raise ServiceError(NO_LINKS_HERE, field="link")


def put_file(tree: TreeKey, file: File) -> tuple[Change, ...]:
    """The changes that store a file under all its names."""
    if not file.links:
        return (PutNode(tree, file),)
    return tuple(PutNode(tree, replace(file, parent_id=parent_id, name=name)) for parent_id, name in file.links)


def link_count(file: File) -> int:
    return len(file.links) or 1


def drop_name(tree: TreeKey, file: File) -> tuple[Change, ...]:
    """The changes that take one name from a file; under its others it lives on."""
    left = tuple(link for link in file.links if link != (file.parent_id, file.name))
    dropped = DropNode(tree, file.parent_id, node_key(file))
    if not left:
        return (dropped,)
    parent_id, name = left[0]
    return dropped, *put_file(tree, replace(file, parent_id=parent_id, name=name, links=left if len(left) > 1 else ()))


def freed_bytes(file: File) -> int:
    """What is given back when one name of a file goes: nothing while it has others."""
    return 0 if file.links else file.content.written


def renamed(file: File, old: File) -> File:
    """The file with its new name among its names in place of the old one."""
    if not old.links:
        return file
    kept = (link for link in old.links if link != (old.parent_id, old.name))
    names = tuple(dict.fromkeys((*kept, (file.parent_id, file.name))))
    return replace(file, links=names if len(names) > 1 else ())


def _changed(current: NfsProperties, asked: NfsRequest) -> NfsProperties:
    return NfsProperties(
        current.mode if asked.mode is None else asked.mode,
        current.owner if asked.owner is None else asked.owner,
        current.group if asked.group is None else asked.group,
    )


def _refuse_wrong_protocol(share: Share, smb: SmbRequest, asked: NfsRequest) -> None:
    names, request = (_SMB_ONLY, smb) if is_nfs(share) else (_NFS_ONLY, asked)
    if request is NO_NFS or request is NO_SMB:
        return
    for name in names:
        if getattr(request, name) is not None:
            raise ServiceError(WRONG_PROTOCOL, field=name)


__all__ = [
    "DIRECTORY_MODE",
    "FILE_MODE",
    "LINK_MODE",
    "NO_LINKS_HERE",
    "WRONG_PROTOCOL",
    "change_nfs",
    "copy_nfs",
    "create_nfs",
    "drop_name",
    "freed_bytes",
    "is_nfs",
    "link_count",
    "put_file",
    "refuse_links_on_smb",
    "renamed",
]
