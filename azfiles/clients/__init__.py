"""The clients that people hold: a service, its shares, directories, files and leases, blocking and async."""

from azfiles.clients.asynchronous import (
    AsyncDirectoryClient,
    AsyncFileClient,
    AsyncLeaseClient,
    AsyncServiceClient,
    AsyncShareClient,
)
from azfiles.clients.blocking import DirectoryClient, FileClient, LeaseClient, ServiceClient, ShareClient
from azfiles.clients.connecting import connect, connect_async
from azfiles.clients.locks import HeldFileLock, HeldShareLock

__all__ = [
    "AsyncDirectoryClient",
    "AsyncFileClient",
    "AsyncLeaseClient",
    "AsyncServiceClient",
    "AsyncShareClient",
    "DirectoryClient",
    "FileClient",
    "HeldFileLock",
    "HeldShareLock",
    "LeaseClient",
    "ServiceClient",
    "ShareClient",
    "connect",
    "connect_async",
]
