"""Azure Files over REST: a client core, blocking and async.

``connect`` and ``connect_async`` are where to begin; everything else that is public is named in ``__all__``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from azfiles.clients import (
    AsyncDirectoryClient,
    AsyncFileClient,
    AsyncLeaseClient,
    AsyncServiceClient,
    AsyncShareClient,
    DirectoryClient,
    FileClient,
    HeldFileLock,
    HeldShareLock,
    LeaseClient,
    ServiceClient,
    ShareClient,
    connect,
    connect_async,
)
from azfiles.clients.readers import (
    AsyncFileReader,
    FileReader,
)
from azfiles.clients.workers import (
    TreeWorkers,
)
from azfiles.credentials import (
    EMULATOR_ACCOUNT,
    EMULATOR_KEY,
    Anonymous,
    Credential,
    Sas,
    SharedKey,
    Token,
    TokenCredential,
)
from azfiles.errors import (
    AlreadyExists,
    AuthenticationFailed,
    AzureFilesError,
    CassetteError,
    CircuitOpen,
    Conflict,
    ContentMismatch,
    EtagMismatch,
    FileChanged,
    ForeignCompanion,
    InvalidArgument,
    InvalidRange,
    LeaseConflict,
    LockLost,
    LockNotAcquired,
    NotFound,
    NotRecorded,
    OutcomeUnknown,
    PreconditionFailed,
    ReplyNotUnderstood,
    RequestNotSent,
    ServerFault,
    ServiceError,
    Throttled,
    TransportError,
    TreeIncomplete,
    WorkerLost,
)
from azfiles.flows.downloading import (
    ContentPage,
    Downloaded,
)
from azfiles.flows.policies import (
    CircuitPolicy,
    RetryPolicy,
)
from azfiles.flows.targets import (
    Timeouts,
)
from azfiles.flows.uploading import (
    Uploaded,
)
from azfiles.messages import (
    AsyncTransport,
    Handler,
    Headers,
    Request,
    Response,
    Transport,
)
from azfiles.models import (
    AccessPolicy,
    CopyProgress,
    CopyStarted,
    CorsAllowed,
    CorsRule,
    DirectoryEntry,
    DirectoryProperties,
    Entry,
    EntryTimes,
    ExactTimes,
    FileContent,
    FileDeleted,
    FileEntry,
    FileProperties,
    FoundLease,
    Handle,
    HandlePage,
    HandlesClosed,
    HttpHeaders,
    LeaseBroken,
    LeaseHeld,
    LeaseProperties,
    LeaseReleased,
    ListingPage,
    LockRecord,
    Metrics,
    NfsProperties,
    NfsSettings,
    PaidBursting,
    ProtocolSettings,
    Provisioning,
    Range,
    RangeList,
    RangeWritten,
    ResourceMetadata,
    RetentionPolicy,
    ServiceProperties,
    ShareAccessPolicy,
    ShareDeleted,
    ShareItem,
    SharePage,
    ShareProperties,
    ShareStatistics,
    ShareWritten,
    SignedIdentifier,
    SmbProperties,
    SmbSettings,
    SnapshotCreated,
    SymbolicLink,
    TreeAction,
    TreeEntry,
    TreeFailure,
    TreeProgress,
    TreeReport,
    TreeStep,
    UserDelegationKey,
    Written,
)
from azfiles.runners.answers import (
    VirtualClock,
)
from azfiles.transports.in_process import (
    InProcessTransport,
)

if TYPE_CHECKING:
    from azfiles.transports.as_handler import as_handler
    from azfiles.transports.for_httpx import httpx_transport
    from azfiles.transports.over_httpx import AsyncHttpxTransport, HttpxTransport
    from azfiles.transports.over_sockets import FastTransport
    from azfiles.transports.over_sockets_async import AsyncFastTransport
    from azfiles.transports.recording import recording
    from azfiles.transports.replaying import replaying
    from azfiles.transports.taping import use_cassette

# Imported when first used: httpx and the cassettes cost more to import than all the rest.
_LATER = {
    "AsyncFastTransport": "azfiles.transports.over_sockets_async",
    "AsyncHttpxTransport": "azfiles.transports.over_httpx",
    "FastTransport": "azfiles.transports.over_sockets",
    "HttpxTransport": "azfiles.transports.over_httpx",
    "as_handler": "azfiles.transports.as_handler",
    "httpx_transport": "azfiles.transports.for_httpx",
    "recording": "azfiles.transports.recording",
    "replaying": "azfiles.transports.replaying",
    "use_cassette": "azfiles.transports.taping",
}


def __getattr__(name: str) -> Any:
    module = _LATER.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_LATER])


__all__ = [
    "EMULATOR_ACCOUNT",
    "EMULATOR_KEY",
    "AccessPolicy",
    "AlreadyExists",
    "Anonymous",
    "AsyncDirectoryClient",
    "AsyncFastTransport",
    "AsyncFileClient",
    "AsyncFileReader",
    "AsyncHttpxTransport",
    "AsyncLeaseClient",
    "AsyncServiceClient",
    "AsyncShareClient",
    "AsyncTransport",
    "AuthenticationFailed",
    "AzureFilesError",
    "CassetteError",
    "CircuitOpen",
    "CircuitPolicy",
    "Conflict",
    "ContentMismatch",
    "ContentPage",
    "CopyProgress",
    "CopyStarted",
    "CorsAllowed",
    "CorsRule",
    "Credential",
    "DirectoryClient",
    "DirectoryEntry",
    "DirectoryProperties",
    "Downloaded",
    "Entry",
    "EntryTimes",
    "EtagMismatch",
    "ExactTimes",
    "FastTransport",
    "FileChanged",
    "FileClient",
    "FileContent",
    "FileDeleted",
    "FileEntry",
    "FileProperties",
    "FileReader",
    "ForeignCompanion",
    "FoundLease",
    "Handle",
    "HandlePage",
    "Handler",
    "HandlesClosed",
    "Headers",
    "HeldFileLock",
    "HeldShareLock",
    "HttpHeaders",
    "HttpxTransport",
    "InProcessTransport",
    "InvalidArgument",
    "InvalidRange",
    "LeaseBroken",
    "LeaseClient",
    "LeaseConflict",
    "LeaseHeld",
    "LeaseProperties",
    "LeaseReleased",
    "ListingPage",
    "LockLost",
    "LockNotAcquired",
    "LockRecord",
    "Metrics",
    "NfsProperties",
    "NfsSettings",
    "NotFound",
    "NotRecorded",
    "OutcomeUnknown",
    "PaidBursting",
    "PreconditionFailed",
    "ProtocolSettings",
    "Provisioning",
    "Range",
    "RangeList",
    "RangeWritten",
    "ReplyNotUnderstood",
    "Request",
    "RequestNotSent",
    "ResourceMetadata",
    "Response",
    "RetentionPolicy",
    "RetryPolicy",
    "Sas",
    "ServerFault",
    "ServiceClient",
    "ServiceError",
    "ServiceProperties",
    "ShareAccessPolicy",
    "ShareClient",
    "ShareDeleted",
    "ShareItem",
    "SharePage",
    "ShareProperties",
    "ShareStatistics",
    "ShareWritten",
    "SharedKey",
    "SignedIdentifier",
    "SmbProperties",
    "SmbSettings",
    "SnapshotCreated",
    "SymbolicLink",
    "Throttled",
    "Timeouts",
    "Token",
    "TokenCredential",
    "Transport",
    "TransportError",
    "TreeAction",
    "TreeEntry",
    "TreeFailure",
    "TreeIncomplete",
    "TreeProgress",
    "TreeReport",
    "TreeStep",
    "TreeWorkers",
    "Uploaded",
    "UserDelegationKey",
    "VirtualClock",
    "WorkerLost",
    "Written",
    "as_handler",
    "connect",
    "connect_async",
    "httpx_transport",
    "recording",
    "replaying",
    "use_cassette",
]
