"""What can be asked of the service, one frozen value for each operation, free of HTTP.

A command arrives here authenticated and with its syntax checked (integers are integers, a GUID is a GUID in lower
case, a range has a start and an end); whether it may happen is for the rules. ``path`` is the decoded components
below the share, ``()`` the root directory; names are not yet validated.
"""

from __future__ import annotations

from typing import TypeAlias

from azfiles_sim.model.commands.base import (
    Command,
    HttpHeadersRequest,
    LeaseAction,
    NfsRequest,
    SmbRequest,
    Word,
)
from azfiles_sim.model.commands.files import (
    AbortCopy,
    ClearRange,
    CopyFile,
    CopySource,
    CreateFile,
    CreateHardLink,
    CreateSymbolicLink,
    DeleteFile,
    GetFile,
    GetFileProperties,
    GetSymbolicLink,
    LeaseFile,
    ListRanges,
    PutRange,
    PutRangeFromUrl,
    SetFileMetadata,
    SetFileProperties,
)
from azfiles_sim.model.commands.paths import (
    CloseHandles,
    CreateDirectory,
    DeleteDirectory,
    GetDirectory,
    ListDirectory,
    ListHandles,
    PathCommand,
    Rename,
    SetDirectoryMetadata,
    SetDirectoryProperties,
)
from azfiles_sim.model.commands.service import (
    GetServiceProperties,
    GetUserDelegationKey,
    ListShares,
    ServiceCommand,
    SetServiceProperties,
)
from azfiles_sim.model.commands.shares import (
    CreatePermission,
    CreateShare,
    DeleteShare,
    GetPermission,
    GetShare,
    GetShareAccessPolicy,
    GetShareStatistics,
    LeaseShare,
    SetShareAccessPolicy,
    SetShareMetadata,
    SetShareProperties,
    ShareCommand,
    ShareRequest,
    SnapshotShare,
    UndeleteShare,
)

AnyCommand: TypeAlias = ServiceCommand | ShareCommand | PathCommand

__all__ = [
    "AbortCopy",
    "AnyCommand",
    "ClearRange",
    "CloseHandles",
    "Command",
    "CopyFile",
    "CopySource",
    "CreateDirectory",
    "CreateFile",
    "CreateHardLink",
    "CreatePermission",
    "CreateShare",
    "CreateSymbolicLink",
    "DeleteDirectory",
    "DeleteFile",
    "DeleteShare",
    "GetDirectory",
    "GetFile",
    "GetFileProperties",
    "GetPermission",
    "GetServiceProperties",
    "GetShare",
    "GetShareAccessPolicy",
    "GetShareStatistics",
    "GetSymbolicLink",
    "GetUserDelegationKey",
    "HttpHeadersRequest",
    "LeaseAction",
    "LeaseFile",
    "LeaseShare",
    "ListDirectory",
    "ListHandles",
    "ListRanges",
    "ListShares",
    "NfsRequest",
    "PathCommand",
    "PutRange",
    "PutRangeFromUrl",
    "Rename",
    "ServiceCommand",
    "SetDirectoryMetadata",
    "SetDirectoryProperties",
    "SetFileMetadata",
    "SetFileProperties",
    "SetServiceProperties",
    "SetShareAccessPolicy",
    "SetShareMetadata",
    "SetShareProperties",
    "ShareCommand",
    "ShareRequest",
    "SmbRequest",
    "SnapshotShare",
    "UndeleteShare",
    "Word",
]
