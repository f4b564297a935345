"""Security descriptors stored in a share, to be named by a key: Create Permission and Get Permission."""

from __future__ import annotations

from azfiles.core import replies, versions
from azfiles.core.arguments import Pairs, check_share_name, choose, header_text
from azfiles.core.documents import build_permission, parse_permission
from azfiles.core.operation import Kind, Operation
from azfiles.core.settings import PERMISSION_FORMATS
from azfiles.errors import InvalidArgument

_PERMISSION = (("restype", "share"), ("comp", "filepermission"))


def create_permission(share: str, permission: str, *, permission_format: str | None = None) -> Operation[str]:
    """Store a security descriptor in a share; the result is its key, the same for the same descriptor (Create
    Permission). ``permission`` is SDDL, or base64 where ``permission_format`` is ``Binary``.
    """
    if not permission:
        raise InvalidArgument("permission: a security descriptor is expected, not an empty text")
    chosen = None if permission_format is None else choose("permission_format", permission_format, PERMISSION_FORMATS)
    return Operation(
        name="Create Permission",
        kind=Kind.METADATA,
        method="PUT",
        path=(check_share_name(share),),
        success=(201,),
        parse=lambda response: replies.required(response.headers, "x-ms-file-permission-key"),
        query=_PERMISSION,
        headers=(("Content-Type", "application/json"),),
        body=(build_permission(permission, chosen),),
        since=versions.SMB_PERMISSIONS,
        needs=() if chosen is None else (versions.BINARY_PERMISSION,),
    )


def get_permission(share: str, permission_key: str, *, permission_format: str | None = None) -> Operation[str]:
    """The security descriptor of a permission key, in the service's own spelling (Get Permission)."""
    headers: Pairs = (("x-ms-file-permission-key", header_text("permission_key", permission_key)),)
    if not permission_key:
        raise InvalidArgument("permission_key: a key as create_permission returns it is expected, not an empty text")
    if permission_format is not None:
        chosen = choose("permission_format", permission_format, PERMISSION_FORMATS)
        headers = (*headers, ("x-ms-file-permission-format", chosen))
    return Operation(
        name="Get Permission",
        kind=Kind.METADATA,
        method="GET",
        path=(check_share_name(share),),
        success=(200,),
        parse=lambda response: parse_permission(response.body),
        query=_PERMISSION,
        headers=headers,
        since=versions.SMB_PERMISSIONS,
        needs=() if permission_format is None else (versions.BINARY_PERMISSION,),
    )
