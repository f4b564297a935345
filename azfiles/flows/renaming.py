"""Renaming, also into another directory of the same share. The new path is given as people write paths."""

from __future__ import annotations

from collections.abc import Mapping

from azfiles.address import split_path
from azfiles.core import directories, files
from azfiles.flows.call import call, refuse_snapshot
from azfiles.flows.effects import Flow
from azfiles.flows.targets import Target
from azfiles.models import SmbSettings, Written


def rename_file(
    target: Target,
    new_path: str,
    *,
    replace: bool = False,
    ignore_readonly: bool = False,
    content_type: str | None = None,
    smb: SmbSettings | None = None,
    metadata: Mapping[str, str] | None = None,
    source_lease_id: str | None = None,
    destination_lease_id: str | None = None,
) -> Flow[Written]:
    """Give the file another path in its share (Rename File): names joined by slashes, from the root.

    Raises ``AlreadyExists`` where something lies there, unless ``replace``; ``ignore_readonly`` replaces a read-only
    file too. ``metadata`` and ``smb`` are set on the way, where given. This client keeps the old path.
    """
    refuse_snapshot(target)
    operation = files.rename_file(
        target.share,
        target.path,
        split_path(new_path),
        replace=replace,
        ignore_readonly=ignore_readonly,
        content_type=content_type,
        smb=smb,
        metadata=metadata,
        source_lease_id=source_lease_id,
        destination_lease_id=destination_lease_id,
    )
    return (yield from call(target.session, operation))


def rename_directory(
    target: Target,
    new_path: str,
    *,
    replace: bool = False,
    ignore_readonly: bool = False,
    smb: SmbSettings | None = None,
    metadata: Mapping[str, str] | None = None,
    destination_lease_id: str | None = None,
) -> Flow[Written]:
    """Give the directory another path in its share, its content with it (Rename Directory): names joined by slashes,
    from the root.

    ``replace`` replaces a file that lies there, never a directory; the rest as for a file.
    """
    refuse_snapshot(target)
    operation = directories.rename_directory(
        target.share,
        target.path,
        split_path(new_path),
        replace=replace,
        ignore_readonly=ignore_readonly,
        smb=smb,
        metadata=metadata,
        destination_lease_id=destination_lease_id,
    )
    return (yield from call(target.session, operation))


__all__ = ["rename_directory", "rename_file"]
