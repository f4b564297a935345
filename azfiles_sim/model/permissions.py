"""Permission keys: storing descriptors in a share, Create and Get Permission, and the key a file or directory gets."""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

from azfiles_sim.model.changes import PutPermission
from azfiles_sim.model.commands import NO_SMB, CreatePermission, GetPermission, SmbRequest, Word
from azfiles_sim.model.deciding import Context, Decision, Place, find_share
from azfiles_sim.model.entities import TreeKey
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.names import check_share_name
from azfiles_sim.model.results import PermissionMade, PermissionText
from azfiles_sim.model.sddl import as_set_explicitly, inherited, normalise
from azfiles_sim.model.view import View

MAX_HEADER_PERMISSION_BYTES: Final = 8 << 10
"""A longer descriptor has to be stored by Create Permission first, and named by its key."""

DEFAULT_DIRECTORY_KEY: Final = "17860367565182308406*11459378189709739967"
DEFAULT_FILE_KEY: Final = "4010187179898695473*11459378189709739967"
# The keys are recorded ones (they differ by account and time); the texts are unverified: what a share whose root has
# its documented permissions hands down.
DEFAULT_PERMISSIONS: Final = {
    DEFAULT_DIRECTORY_KEY: (
        "O:SYG:SYD:AI(A;OICIID;FA;;;BA)(A;OICIID;0x1301bf;;;AU)(A;OICIID;FA;;;SY)(A;OICIIOID;GA;;;CO)"
        "(A;OICIID;0x1200a9;;;BU)S:NO_ACCESS_CONTROL"
    ),
    DEFAULT_FILE_KEY: (
        "O:SYG:SYD:AI(A;ID;FA;;;BA)(A;ID;0x1301bf;;;AU)(A;ID;FA;;;SY)(A;ID;0x1200a9;;;BU)S:NO_ACCESS_CONTROL"
    ),
}
_DEFAULT_KEYS: Final = {text: key for key, text in DEFAULT_PERMISSIONS.items()}
_SECOND_HALF: Final = DEFAULT_FILE_KEY.partition("*")[2]  # the same in all recorded keys of one account


class Granted(NamedTuple):
    """A permission key, and the change that stores its descriptor if the share does not have it yet."""

    key: str
    changes: tuple[PutPermission, ...] = ()


_OF_NEW_FILE: Final = Granted(DEFAULT_FILE_KEY)
_OF_NEW_DIRECTORY: Final = Granted(DEFAULT_DIRECTORY_KEY)


def create_permission(context: Context, command: CreatePermission) -> Decision:
    """Create Permission: the same descriptor, in whatever form, always gets the same key. No ETag moves."""
    check_share_name(command.share)
    share = find_share(context.view, command.account, command.share)
    granted = store_permission(context.view, share.tree, _checked(command.permission))
    return Decision(PermissionMade(granted.key), granted.changes)


def get_permission(context: Context, command: GetPermission) -> Decision:
    """Get Permission: the descriptor in its normalised form, or FileInvalidPermissionKey."""
    check_share_name(command.share)
    share = find_share(context.view, command.account, command.share)
    return Decision(PermissionText(permission_text(context.view, share.tree, command.permission_key)))


def permission_text(view: View, tree: TreeKey, key: str) -> str:
    """The descriptor behind a key of the tree's share, or FileInvalidPermissionKey."""
    text = DEFAULT_PERMISSIONS.get(key) or view.permission(tree, key)
    if text is None:
        raise ServiceError(Code.FILE_INVALID_PERMISSION_KEY)
    return text


def store_permission(view: View, tree: TreeKey, text: str) -> Granted:
    """The key of a normalised descriptor in the tree's share: a hash of it, except for the defaults' recorded keys."""
    default = _DEFAULT_KEYS.get(text)
    if default is not None:
        return Granted(default)
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    key = f"{int.from_bytes(digest[:8], 'big')}*{_SECOND_HALF}"
    if view.permission(tree, key) is not None:
        return Granted(key)
    return Granted(key, (PutPermission(tree, key, text),))


def permission_of_new(view: View, place: Place, smb: SmbRequest, *, directory: bool) -> Granted:
    """The key that a new file or directory gets: the one asked for, or what its parent hands down."""
    if smb is NO_SMB:
        return _handed_down(view, place, directory=directory)
    asked = _asked(view, place, smb)
    if asked is not None:
        return asked
    if smb.permission is not None and smb.permission is not Word.INHERIT:
        raise ServiceError(Code.INVALID_HEADER_VALUE, field="permission")
    return _handed_down(view, place, directory=directory)


def permission_of_changed(view: View, place: Place, smb: SmbRequest, current: str, *, directory: bool) -> Granted:
    """The key that an existing file or directory gets: the one asked for, or its own."""
    asked = _asked(view, place, smb)
    if asked is not None:
        return asked
    if smb.permission is Word.INHERIT:
        return _handed_down(view, place, directory=directory)
    if smb.permission in {None, Word.PRESERVE}:
        return Granted(current)
    raise ServiceError(Code.INVALID_HEADER_VALUE, field="permission")


def _asked(view: View, place: Place, smb: SmbRequest) -> Granted | None:
    if smb.permission_key is not None:
        if smb.permission is not None:
            # one or the other (the code is unverified)
            raise ServiceError(Code.INVALID_HEADER_VALUE, field="permission_key")
        text = permission_text(view, place.share.tree, smb.permission_key)
    elif isinstance(smb.permission, str):
        if len(smb.permission.encode("utf-8", "surrogatepass")) > MAX_HEADER_PERMISSION_BYTES:
            raise ServiceError(Code.FILE_INVALID_PERMISSION)
        text = _checked(smb.permission)
    else:
        return None
    return store_permission(view, place.share.tree, as_set_explicitly(text))


def _handed_down(view: View, place: Place, *, directory: bool) -> Granted:
    default = DEFAULT_DIRECTORY_KEY if directory else DEFAULT_FILE_KEY
    parent = place.parent or view.child(place.tree, place.parent_id, "")
    if parent is None or parent.smb.permission_key == DEFAULT_DIRECTORY_KEY:
        return _OF_NEW_DIRECTORY if directory else _OF_NEW_FILE
    text = inherited(permission_text(view, place.share.tree, parent.smb.permission_key), directory=directory)
    return Granted(default) if text is None else store_permission(view, place.share.tree, text)


def _checked(text: str) -> str:
    normalised = normalise(text)
    if normalised is None:
        raise ServiceError(Code.FILE_INVALID_PERMISSION)
    return normalised


__all__ = [
    "DEFAULT_DIRECTORY_KEY",
    "DEFAULT_FILE_KEY",
    "DEFAULT_PERMISSIONS",
    "Granted",
    "create_permission",
    "get_permission",
    "permission_of_changed",
    "permission_of_new",
    "permission_text",
    "store_permission",
]
