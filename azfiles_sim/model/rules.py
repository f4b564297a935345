"""The simulator's rules: ``decide`` finds the rule for a command; nothing here or below it changes anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from azfiles_sim.model import (
    commands,
    copies,
    directories,
    files,
    handles,
    lease,
    links,
    permissions,
    ranges,
    renames,
    shares,
)
from azfiles_sim.model.commands import AnyCommand
from azfiles_sim.model.deciding import Context, Decision, Ids
from azfiles_sim.model.entities import Ticks
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.quirks import TODAY, Quirks
from azfiles_sim.model.service import (
    get_service_properties,
    get_user_delegation_key,
    list_shares,
    set_service_properties,
)
from azfiles_sim.model.softdelete import undelete_share
from azfiles_sim.model.view import View

RULES: Final[dict[type, Callable[[Context, Any], Decision]]] = {
    commands.ListShares: list_shares,
    commands.GetServiceProperties: get_service_properties,
    commands.SetServiceProperties: set_service_properties,
    commands.GetUserDelegationKey: get_user_delegation_key,
    commands.CreateShare: shares.create_share,
    commands.GetShare: shares.get_share,
    commands.SetShareProperties: shares.set_share_properties,
    commands.SetShareMetadata: shares.set_share_metadata,
    commands.DeleteShare: shares.delete_share,
    commands.UndeleteShare: undelete_share,
    commands.GetShareStatistics: shares.get_share_statistics,
    commands.SnapshotShare: shares.snapshot_share,
    commands.GetShareAccessPolicy: shares.get_share_access_policy,
    commands.SetShareAccessPolicy: shares.set_share_access_policy,
    commands.CreatePermission: permissions.create_permission,
    commands.GetPermission: permissions.get_permission,
    commands.LeaseShare: lease.lease_share,
    commands.CreateDirectory: directories.create_directory,
    commands.GetDirectory: directories.get_directory,
    commands.DeleteDirectory: directories.delete_directory,
    commands.SetDirectoryProperties: directories.set_directory_properties,
    commands.SetDirectoryMetadata: directories.set_directory_metadata,
    commands.ListDirectory: directories.list_directory,
    commands.CreateFile: files.create_file,
    commands.GetFile: ranges.get_file,
    commands.GetFileProperties: files.get_file_properties,
    commands.DeleteFile: files.delete_file,
    commands.SetFileProperties: files.set_file_properties,
    commands.SetFileMetadata: files.set_file_metadata,
    commands.PutRange: ranges.put_range,
    commands.ClearRange: ranges.clear_range,
    commands.PutRangeFromUrl: ranges.put_range_from_url,
    commands.ListRanges: ranges.list_ranges,
    commands.CopyFile: copies.copy_file,
    commands.AbortCopy: copies.abort_copy,
    commands.Rename: renames.rename,
    commands.LeaseFile: lease.lease_file,
    commands.CreateHardLink: links.create_hard_link,
    commands.CreateSymbolicLink: links.create_symbolic_link,
    commands.GetSymbolicLink: links.get_symbolic_link,
    commands.ListHandles: handles.list_handles,
    commands.CloseHandles: handles.close_handles,
}

SNAPSHOT_COMMANDS: Final[frozenset[type]] = frozenset(
    {
        commands.GetShare,
        commands.DeleteShare,
        commands.LeaseShare,
        commands.GetDirectory,
        commands.ListDirectory,
        commands.GetFile,
        commands.GetFileProperties,
        commands.ListRanges,
        commands.GetSymbolicLink,
        commands.ListHandles,
        commands.CloseHandles,
    }
)
"""Commands that may name a snapshot. All others are refused by ``SNAPSHOT_REFUSAL`` if they do."""

SNAPSHOT_REFUSAL: Final = Code.SHARE_SNAPSHOT_OPERATION_NOT_SUPPORTED  # documented, not recorded


def decide(view: View, command: AnyCommand, now: Ticks, ids: Ids, quirks: Quirks = TODAY) -> Decision:
    """What the service answers to a command, and what changes by it. Raises ServiceError if it refuses.

    The view is only read. A decision holds for the view that it was made from: apply it before the next one is made;
    one without changes needs no lock.
    """
    if (
        not isinstance(command, commands.ServiceCommand)
        and command.snapshot is not None
        and type(command) not in SNAPSHOT_COMMANDS
    ):
        raise ServiceError(SNAPSHOT_REFUSAL)
    return RULES[type(command)](Context(view, now, ids, quirks), command)


__all__ = ["RULES", "SNAPSHOT_COMMANDS", "SNAPSHOT_REFUSAL", "Decision", "Ids", "decide"]
