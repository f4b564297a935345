"""Deleting one file, also one that is read-only."""

from __future__ import annotations

from typing import Final

from azfiles.core import files
from azfiles.errors import Conflict
from azfiles.flows.call import call, refuse_snapshot
from azfiles.flows.effects import Flow
from azfiles.flows.targets import Target
from azfiles.flows.transfers.carrying import is_read_only
from azfiles.models import FileDeleted, SmbSettings

_READ_ONLY: Final = "ReadOnlyAttribute"


def delete_file(target: Target, *, lease_id: str | None = None, ignore_readonly: bool = False) -> Flow[FileDeleted]:
    """Delete the file, at once and for good (Delete File). Of an NFS file with several names only this one goes.

    The service refuses to delete a read-only file (``Conflict``); ``ignore_readonly`` takes that attribute off then, and
    tries again.
    """
    refuse_snapshot(target)
    operation = files.delete_file(target.share, target.path, lease_id=lease_id)
    try:
        return (yield from call(target.session, operation))
    except Conflict as refusal:
        if not (ignore_readonly and refusal.code == _READ_ONLY):
            raise
    yield from _make_writable(target, lease_id)
    return (yield from call(target.session, operation))


def _make_writable(target: Target, lease_id: str | None) -> Flow[None]:
    found = yield from call(target.session, files.get_file_properties(target.share, target.path))
    if is_read_only(found):
        names = [name.strip() for name in (found.smb.attributes or "").split("|")]
        attributes = "|".join(name for name in names if name != "ReadOnly") or "None"
        writable = files.set_file_smb_properties(
            target.share, target.path, SmbSettings(attributes=attributes), lease_id=lease_id
        )
        yield from call(target.session, writable)


__all__ = ["delete_file"]
