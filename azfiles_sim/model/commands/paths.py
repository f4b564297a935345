"""Commands to a directory, or to a directory and a file alike."""

from __future__ import annotations

from azfiles_sim.model.commands.base import NO_NFS, NO_SMB, Command, NfsRequest, SmbRequest
from azfiles_sim.model.entities import Metadata, Ticks
from azfiles_sim.quick import dataclass, quick


@dataclass(frozen=True, slots=True, kw_only=True)
class PathCommand(Command):
    share: str
    path: tuple[str, ...]
    snapshot: Ticks | None = None
    lease_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDirectory(PathCommand):
    """Create Directory; ``exact`` as for ``CreateFile``."""

    metadata: Metadata = ()
    smb: SmbRequest = NO_SMB
    nfs: NfsRequest = NO_NFS
    exact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GetDirectory(PathCommand):
    """Get Directory Properties and Get Directory Metadata."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteDirectory(PathCommand):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDirectoryProperties(PathCommand):
    smb: SmbRequest = NO_SMB
    nfs: NfsRequest = NO_NFS


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDirectoryMetadata(PathCommand):
    metadata: Metadata = ()


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class ListDirectory(PathCommand):
    """List Directories and Files. ``marker`` is the first name of the page; what each entry shows is rendering."""

    prefix: str = ""
    marker: str | None = None
    max_results: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename(PathCommand):
    """Rename File and Rename Directory. ``lease_id`` is not used: source and destination have ids of their own."""

    directory: bool
    source_share: str
    source: tuple[str, ...]
    replace: bool = False
    ignore_read_only: bool = False
    source_lease_id: str | None = None
    destination_lease_id: str | None = None
    metadata: Metadata | None = None
    smb: SmbRequest = NO_SMB
    content_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListHandles(PathCommand):
    """List Handles of a directory or a file; ``marker`` is the place of the page's first handle (see ``HandlesPage``)."""

    recursive: bool = False
    marker: tuple[str, int] | None = None
    max_results: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseHandles(PathCommand):
    """Force Close Handles: one id, or all where ``handle_id`` is ``None``; ``marker`` as for ``ListHandles``."""

    recursive: bool = False
    marker: tuple[str, int] | None = None
    handle_id: int | None = None
