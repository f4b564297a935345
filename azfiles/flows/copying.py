"""Copies inside the service: started, looked at, aborted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from azfiles.address import ResourceAddress
from azfiles.core import copying, files
from azfiles.credentials import Sas
from azfiles.flows.call import call, refuse_snapshot
from azfiles.flows.effects import Flow
from azfiles.flows.targets import Target
from azfiles.models import CopyProgress, CopyStarted, NfsSettings, SmbSettings


class FileLike(Protocol):
    """A client of a file, blocking or async."""

    @property
    def target(self) -> Target: ...


def start_copy(
    target: Target,
    source: FileLike | str,
    *,
    metadata: Mapping[str, str] | None = None,
    lease_id: str | None = None,
    smb: SmbSettings | None = None,
    permission_copy_mode: str | None = None,
    ignore_readonly: bool = False,
    set_archive: bool = False,
    nfs: NfsSettings | None = None,
    mode_copy_mode: str | None = None,
    owner_copy_mode: str | None = None,
) -> Flow[CopyStarted]:
    """Copy ``source`` onto this file (Copy File), which is made or replaced.

    ``source`` is another file's client, also one in a share snapshot, or a URL. Within one account this client's own
    credential reads it, unless both have signatures, each its own; a source in another account is read with what its URL carries, so it needs a signature, which
    a client with a ``Sas`` adds by itself.

    Metadata is copied unless it is given. In ``smb`` attributes and times may be ``"source"``; the permission comes
    from the source with ``permission_copy_mode="source"``, from ``smb`` with ``"override"``. ``ignore_readonly``
    overwrites a read-only file, ``set_archive`` sets its attribute whatever the source has. On NFS shares
    ``mode_copy_mode`` and ``owner_copy_mode`` (for owner and group) say the same of ``nfs``.
    """
    refuse_snapshot(target)
    operation = copying.start_copy(
        target.share,
        target.path,
        source_address(source, target),
        metadata=metadata,
        lease_id=lease_id,
        smb=smb,
        permission_copy_mode=permission_copy_mode,
        ignore_readonly=ignore_readonly,
        set_archive=set_archive,
        nfs=nfs,
        mode_copy_mode=mode_copy_mode,
        owner_copy_mode=owner_copy_mode,
    )
    return (yield from call(target.session, operation))


def get_copy_status(target: Target, *, lease_id: str | None = None) -> Flow[CopyProgress | None]:
    """How the last copy onto this file goes (Get File Properties), or ``None`` where there was none."""
    operation = files.get_file_properties(target.share, target.path, lease_id=lease_id, snapshot=target.snapshot)
    properties = yield from call(target.session, operation)
    return properties.copy


def source_address(source: FileLike | str, target: Target) -> ResourceAddress | str:
    """A file of the same account by its place, so that its URL is signed with each try; any other, and one for which there is
    a signature of its own, by its URL.
    """
    if isinstance(source, str):
        return source
    other = source.target
    credential = other.session.credential
    two_signatures = (
        isinstance(credential, Sas) and isinstance(own := target.session.credential, Sas) and credential != own
    )
    if other.session.endpoint == target.session.endpoint and not two_signatures:
        return ResourceAddress(other.share, other.path, other.snapshot)
    if isinstance(credential, Sas):
        return f"{other.url}{'&' if '?' in other.url else '?'}{credential.token}"
    return other.url


__all__ = ["FileLike", "get_copy_status", "source_address", "start_copy"]
