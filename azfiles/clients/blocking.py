"""The blocking clients, and the way from one to the next."""

from __future__ import annotations

from dataclasses import replace
from typing import Self

from azfiles.clients.descriptors import Blocking
from azfiles.clients.locks import FileLocking, ShareLocking
from azfiles.clients.operations import (
    DirectoryOperations,
    FileOperations,
    LeaseOperations,
    ServiceOperations,
    ShareOperations,
)
from azfiles.clients.readers import FileReader
from azfiles.flows.downloading import opened
from azfiles.flows.policies import RetryPolicy
from azfiles.flows.targets import HeldLease, Target
from azfiles.flows.transfers.checking import AUTO


class _Resource(Blocking[Target]):
    """What all blocking clients of a resource have."""

    __slots__ = ()

    @property
    def url(self) -> str:
        """The resource's absolute URL, without any secret."""
        return self.target.url

    def with_retry(self, retry: RetryPolicy | None) -> Self:
        """The same resource with another policy for failed requests, or with ``None`` without retries; for what is
        reached from there too. For one call: ``file.with_retry(None).delete()``.
        """
        session = replace(self.target.session, retry=retry)
        return type(self)(replace(self.target, session=session), self.runner)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.url}>"


class ServiceClient(ServiceOperations, _Resource):
    """An account's file service. ``azfiles.connect`` makes one; used in a ``with`` statement, it closes itself."""

    __slots__ = ()

    def share(self, name: str) -> ShareClient:
        """The client of a share, whether it exists or not; nothing is sent."""
        return ShareClient(replace(self.target, share=name), self.runner)

    def close(self) -> None:
        """Close the connections; clients that came from this one cannot be used any more."""
        self.runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object, /) -> None:
        self.runner.close(error)


class ShareClient(ShareOperations, ShareLocking, _Resource):
    """A share, or the share as it was at a snapshot."""

    __slots__ = ()

    @property
    def name(self) -> str:
        return self.target.share

    @property
    def root(self) -> DirectoryClient:
        """The client of the share's root directory."""
        return DirectoryClient(self.target, self.runner)

    def snapshot(self, snapshot: str) -> ShareClient:
        """The share as it was at a snapshot, named by its time stamp; what is reached from there is old too."""
        return ShareClient(replace(self.target, snapshot=snapshot), self.runner)

    def directory(self, path: str) -> DirectoryClient:
        """The client of a directory: names joined by slashes, from the root."""
        return DirectoryClient(self.target.child(path), self.runner)

    def file(self, path: str) -> FileClient:
        """The client of a file: names joined by slashes, from the root."""
        return FileClient(self.target.child(path), self.runner)

    def lease(self, lease_id: str) -> LeaseClient:
        """A lease of this share that is held already, by its id."""
        return LeaseClient(HeldLease(self.target, lease_id), self.runner)


class DirectoryClient(DirectoryOperations, _Resource):
    """A directory of a share."""

    __slots__ = ()

    @property
    def path(self) -> str:
        """The names from the root on, joined by slashes; empty for the root."""
        return "/".join(self.target.path)

    def directory(self, path: str) -> DirectoryClient:
        """The client of a directory below this one."""
        return DirectoryClient(self.target.child(path), self.runner)

    def file(self, path: str) -> FileClient:
        """The client of a file below this directory."""
        return FileClient(self.target.child(path), self.runner)


class FileClient(FileOperations, FileLocking, _Resource):
    """A file of a share."""

    __slots__ = ()

    @property
    def path(self) -> str:
        """The names from the root on, joined by slashes."""
        return "/".join(self.target.path)

    def open(self, *, lease_id: str | None = None, checksum: str | None = AUTO) -> FileReader:
        """Open the file as it is now for reading here and there: a file object that can seek. ``checksum`` as for
        ``upload``.
        """
        return FileReader(self.runner, *(self.runner.run(opened(self.target, lease_id=lease_id, checksum=checksum))))

    def lease(self, lease_id: str) -> LeaseClient:
        """A lease of this file that is held already, by its id."""
        return LeaseClient(HeldLease(self.target, lease_id), self.runner)


class LeaseClient(LeaseOperations, Blocking[HeldLease]):
    """A lease of a share or file, by its id. ``repr`` does not show the id: whoever has it may act for its holder."""

    __slots__ = ()

    @property
    def id(self) -> str:
        return self.target.id

    def with_retry(self, retry: RetryPolicy | None) -> Self:
        """The same lease with another policy for failed requests, or with ``None`` without retries."""
        of = self.target.target
        of = replace(of, session=replace(of.session, retry=retry))
        return type(self)(replace(self.target, target=of), self.runner)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.target.target.url}>"


__all__ = ["DirectoryClient", "FileClient", "LeaseClient", "ServiceClient", "ShareClient"]
