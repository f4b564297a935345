"""The service's 57 operations as one table: what each is called, since when, what a SAS must grant, what it knows, how
it is read and how it is answered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from azfiles_sim.model.commands import AnyCommand
from azfiles_sim.quick import dataclass
from azfiles_sim.wire import (
    copying,
    cors,
    delegation,
    directories,
    files,
    handles,
    leases,
    links,
    listing,
    paths,
    ranges,
    service,
    shares,
)
from azfiles_sim.wire.call import Answer, Call
from azfiles_sim.wire.sas import Access, Level
from azfiles_sim.wire.vocabulary import (
    HTTP,
    LEASE_ACTION,
    LEASE_ID,
    NFS,
    NFS_ON_COPY,
    PAGE,
    RANGE,
    SEMANTICS,
    SHARE_LEASE_ID,
    SHARE_SETTINGS,
    SHARE_SIZE,
    SMB,
    SMB_ON_COPY,
    SNAPSHOT,
    SOURCE_TRAILING_DOT,
    STRUCTURED_BODY,
    TRAILING_DOT,
    Names,
    Vocabulary,
    vocabulary,
)

NO_LEASE_FILE_BEFORE: Final = "2019-02-02"
NO_LEASE_SHARE_BEFORE: Final = "2020-02-10"
NO_DELEGATION_KEY_BEFORE: Final = "2026-02-06"
NO_UNDELETE_BEFORE: Final = "2019-12-12"
NO_RENAME_BEFORE: Final = "2021-04-10"
NO_PERMISSION_BEFORE: Final = "2019-02-02"
NO_PAGED_RANGES_BEFORE: Final = "2026-10-06"


@dataclass(frozen=True, slots=True)
class Operation:
    """One row. ``name`` is the service's, as the client's events and metrics have it too; what the client does not tell apart
    follows after a comma. ``render`` takes the result that the operation's rule gives, whichever class that is.
    """

    number: str
    name: str
    access: Access
    known: Vocabulary
    read: Callable[[Call], AnyCommand]
    render: Callable[[Call, Any], Answer]
    since: str = ""


# What a SAS must grant: level, an account SAS's resource type, then letters of which one suffices, for an account SAS
# and for a SAS on a share or file. Empty: no such SAS may do it.
# (u) leases (write or delete, as for containers and blobs), permissions and handles: no table lists them.
_S: Final = Level.SERVICE
_C: Final = Level.SHARE
_D: Final = Level.DIRECTORY
_F: Final = Level.FILE
_SHARE_READ: Final = Access(_C, "c", "r", "")
_SHARE_WRITE: Final = Access(_C, "c", "w", "")
_SHARE_CREATE: Final = Access(_C, "c", "cw", "")
_SHARE_ACL: Final = Access(_C, "c", "", "")
_SHARE_LEASE: Final = Access(_C, "c", "wd", "")
_DIRECTORY_READ: Final = Access(_D, "o", "r", "r")
_DIRECTORY_WRITE: Final = Access(_D, "o", "w", "w")
_DIRECTORY_CREATE: Final = Access(_D, "o", "cw", "cw")
_DIRECTORY_DELETE: Final = Access(_D, "o", "d", "d")
_DIRECTORY_LIST: Final = Access(_D, "c", "l", "l")
_FILE_READ: Final = Access(_F, "o", "r", "r")
_FILE_WRITE: Final = Access(_F, "o", "w", "w")
_FILE_CREATE: Final = Access(_F, "o", "cw", "cw")
_FILE_DELETE: Final = Access(_F, "o", "d", "d")
_FILE_LEASE: Final = Access(_F, "o", "wd", "wd")
_HANDLES_READ: Final = Access(_D, "o", "rl", "rl")
_HANDLES_CLOSE: Final = Access(_D, "o", "w", "w")

# --- what the operations know -----------------------------------------------------------------------------------

_LIST_QUERY: Final[Names] = {"prefix": "", **PAGE, "include": ""}
_LIST_DIRECTORY_QUERY: Final[Names] = {"prefix": "", **PAGE, **SNAPSHOT, "include": "2020-10-02"}
_PERMISSION: Final[Names] = {"x-ms-file-permission-key": "2019-02-02", "x-ms-file-permission-format": "2024-11-04"}
_RENAME: Final[Names] = {
    **SMB, **TRAILING_DOT, **SOURCE_TRAILING_DOT,
    "x-ms-file-rename-source": "", "x-ms-file-rename-replace-if-exists": "",
    "x-ms-file-rename-ignore-readonly": "", "x-ms-source-lease-id": "", "x-ms-destination-lease-id": "",
}  # fmt: skip
_WRITE: Final[Names] = {
    **RANGE, **LEASE_ID, **TRAILING_DOT, "x-ms-write": "", "x-ms-file-last-write-time": "2021-06-08",
}  # fmt: skip
_FROM_URL: Final[Names] = {
    "x-ms-copy-source-authorization": "2022-11-02", "x-ms-copy-source": "", "x-ms-source-range": "", "x-ms-source-content-crc64": "",
    "x-ms-source-if-match-crc64": "", "x-ms-source-if-none-match-crc64": "",
}  # fmt: skip
_LINK: Final[Names] = {
    "x-ms-link-text": "", "x-ms-file-creation-time": "", "x-ms-file-last-write-time": "", "x-ms-type": "",
}  # fmt: skip
_SUPPORT_RENAME: Final[Names] = {"x-ms-file-support-rename": "2024-05-04"}
_PREVIOUS: Final[Names] = {"prevsharesnapshot": "2020-02-10"}
_PAGE_OF_RANGES: Final[Names] = dict.fromkeys(PAGE, NO_PAGED_RANGES_BEFORE)
_HANDLES: Final[Names] = {**TRAILING_DOT, "x-ms-recursive": ""}

_READ_SHARE: Final = vocabulary(SHARE_LEASE_ID, query=SNAPSHOT)
_READ_DIRECTORY: Final = vocabulary(TRAILING_DOT, query=SNAPSHOT)
_READ_FILE: Final = vocabulary(TRAILING_DOT, LEASE_ID, query=SNAPSHOT)
_LEASE_SHARE: Final = vocabulary(SHARE_LEASE_ID, LEASE_ACTION, query=SNAPSHOT)
_LEASE_FILE: Final = vocabulary(LEASE_ID, LEASE_ACTION, TRAILING_DOT)
_LIST_HANDLES: Final = vocabulary(_HANDLES, query={**PAGE, **SNAPSHOT})
_CLOSE_HANDLES: Final = vocabulary(_HANDLES, {"x-ms-handle-id": ""}, query={**SNAPSHOT, "marker": ""})
_SET_SHARE: Final = vocabulary(SHARE_SIZE, SHARE_SETTINGS, SHARE_LEASE_ID)


def _build(*rows: Operation) -> dict[str, Operation]:
    return {row.number: row for row in rows}


OPERATIONS: Final[dict[str, Operation]] = _build(
    # --- service ---
    Operation("V1", "List Shares", Access(_S, "s", "l", ""), vocabulary(query=_LIST_QUERY),
              listing.read_list_shares, listing.render_shares),
    Operation("V2", "Get File Service Properties", Access(_S, "s", "r", ""), vocabulary(),
              service.read_get, service.render_properties),
    Operation("V3", "Set File Service Properties", Access(_S, "s", "w", ""), vocabulary(),
              service.read_set, service.render_set),
    Operation("V4", "Get User Delegation Key", Access(_S, "s", "", ""), vocabulary(),
              delegation.read_key_request, delegation.render_key, NO_DELEGATION_KEY_BEFORE),
    Operation("V5", "Preflight File Request", Access(_S, "s", "", ""), vocabulary(query=SNAPSHOT),
              cors.read_preflight, cors.render_preflight),
    # --- share ---
    Operation("H1", "Create Share", _SHARE_CREATE,
              vocabulary(SHARE_SIZE, SHARE_SETTINGS, {"x-ms-enabled-protocols": "2020-02-10"}, metadata=True),
              shares.read_create, shares.render_created),
    Operation("H2", "Get Share Properties", _SHARE_READ, _READ_SHARE, shares.read_get, shares.render_properties),
    Operation("H3", "Delete Share", Access(_C, "c", "d", ""),
              vocabulary(SHARE_LEASE_ID, {"x-ms-delete-snapshots": ""}, query=SNAPSHOT),
              shares.read_delete, shares.render_share_deleted),
    Operation("H4", "Set Share Properties", _SHARE_WRITE, _SET_SHARE, shares.read_set_properties,
              shares.render_properties_set),
    Operation("H5", "Set Share Metadata", _SHARE_WRITE, vocabulary(SHARE_LEASE_ID, metadata=True),
              shares.read_set_metadata, shares.render_written),
    Operation("H6", "Get Share Metadata", _SHARE_READ, _READ_SHARE, shares.read_get, shares.render_metadata),
    Operation("H7", "Get Share ACL", _SHARE_ACL, vocabulary(SHARE_LEASE_ID),
              shares.read_get_policies, shares.render_policies),
    Operation("H8", "Set Share ACL", _SHARE_ACL, vocabulary(SHARE_LEASE_ID),
              shares.read_set_policies, shares.render_policies_set),
    Operation("H9", "Get Share Stats", _SHARE_READ, vocabulary(SHARE_LEASE_ID),
              shares.read_statistics, shares.render_statistics),
    Operation("H10", "Snapshot Share", _SHARE_CREATE, vocabulary(metadata=True),
              shares.read_snapshot, shares.render_snapshot),
    Operation("H11", "Restore Share", _SHARE_CREATE,
              vocabulary({shares.DELETED_NAME: "", shares.DELETED_VERSION: ""}),
              shares.read_undelete, shares.render_created, NO_UNDELETE_BEFORE),
    Operation("H12", "Create Permission", _SHARE_WRITE, vocabulary(),
              shares.read_create_permission, shares.render_permission_made, NO_PERMISSION_BEFORE),
    Operation("H13", "Get Permission", _SHARE_READ, vocabulary(_PERMISSION),
              shares.read_get_permission, shares.render_permission, NO_PERMISSION_BEFORE),
    *(Operation(number, f"Lease Share ({action})", _SHARE_LEASE, _LEASE_SHARE,
                leases.read_lease_share, leases.render_lease_share, NO_LEASE_SHARE_BEFORE)
      for number, action in
      (("H14", "acquire"), ("H15", "renew"), ("H16", "change"), ("H17", "release"), ("H18", "break"))),
    # --- directory ---
    Operation("D1", "Create Directory", _DIRECTORY_CREATE,
              vocabulary(SMB, NFS, TRAILING_DOT, SEMANTICS, metadata=True),
              directories.read_create, paths.render_directory_created),
    Operation("D2", "Get Directory Properties", _DIRECTORY_READ, _READ_DIRECTORY,
              directories.read_get, paths.render_directory),
    Operation("D3", "Delete Directory", _DIRECTORY_DELETE, vocabulary(TRAILING_DOT),
              directories.read_delete, shares.render_deleted),
    Operation("D4", "Set Directory Properties", _DIRECTORY_WRITE, vocabulary(SMB, NFS, TRAILING_DOT),
              directories.read_set_properties, paths.render_directory_written, "2019-02-02"),
    Operation("D5", "Set Directory Metadata", _DIRECTORY_WRITE, vocabulary(TRAILING_DOT, metadata=True),
              directories.read_set_metadata, paths.render_node_metadata_set),
    Operation("D6", "Get Directory Metadata", _DIRECTORY_READ, _READ_DIRECTORY,
              directories.read_get, paths.render_node_metadata),
    Operation("D7", "List Directories and Files", _DIRECTORY_LIST,
              vocabulary(TRAILING_DOT, {"x-ms-file-extended-info": "2020-10-02"}, query=_LIST_DIRECTORY_QUERY),
              listing.read_list_directory, listing.render_directory_list),
    Operation("D8", "List Handles, of a directory", _HANDLES_READ, _LIST_HANDLES, handles.read_list, handles.render_list),
    Operation("D9", "Force Close Handles, of a directory", _HANDLES_CLOSE, _CLOSE_HANDLES, handles.read_close, handles.render_closed),
    Operation("D10", "Rename Directory", _DIRECTORY_CREATE, vocabulary(_RENAME, metadata=True),
              copying.read_rename_directory, copying.render_renamed, NO_RENAME_BEFORE),
    # --- file ---
    Operation("F1", "Create File", _FILE_CREATE,
              vocabulary(SMB, HTTP, LEASE_ID, TRAILING_DOT,
                         {"x-ms-type": "", "x-ms-content-length": "", "x-ms-file-file-type": "2025-05-05"},
                         NFS, SEMANTICS, STRUCTURED_BODY, metadata=True),
              files.read_create, paths.render_file_created),
    Operation("F2", "Get File", _FILE_READ,
              vocabulary(RANGE, LEASE_ID, TRAILING_DOT, {ranges.RANGE_MD5: ""}, STRUCTURED_BODY,
                         query=SNAPSHOT),
              ranges.read_get, ranges.render_content),
    Operation("F3", "Get File Properties", _FILE_READ, _READ_FILE, files.read_get_properties, files.render_properties),
    Operation("F4", "Delete File", _FILE_DELETE, vocabulary(LEASE_ID, TRAILING_DOT),
              files.read_delete, files.render_deleted),
    Operation("F5", "Set File Properties", _FILE_WRITE,
              vocabulary(SMB, NFS, HTTP, LEASE_ID, TRAILING_DOT, {"x-ms-content-length": ""}),
              files.read_set_properties, paths.render_file_written),
    Operation("F6", "Set File Metadata", _FILE_WRITE, vocabulary(LEASE_ID, TRAILING_DOT, metadata=True),
              files.read_set_metadata, paths.render_node_metadata_set),
    Operation("F7", "Get File Metadata", _FILE_READ, _READ_FILE, files.read_get_properties, paths.render_node_metadata),
    Operation("F8", "Put Range", _FILE_WRITE, vocabulary(_WRITE, STRUCTURED_BODY),
              ranges.read_put, ranges.render_written),
    Operation("F9", "Clear Range", _FILE_WRITE, vocabulary(_WRITE),
              ranges.read_clear, ranges.render_cleared),
    Operation("F10", "Put Range from URL", _FILE_WRITE,
              vocabulary(_WRITE, SOURCE_TRAILING_DOT, _FROM_URL),
              ranges.read_put_from_url, ranges.render_copied, "2019-02-02"),
    Operation("F11", "List Ranges", _FILE_READ,
              vocabulary(RANGE, LEASE_ID, TRAILING_DOT, _SUPPORT_RENAME, query={**SNAPSHOT, **_PREVIOUS, **_PAGE_OF_RANGES}),
              ranges.read_list, ranges.render_list),
    Operation("F12", "List Ranges, paged", _FILE_READ,
              vocabulary(RANGE, LEASE_ID, TRAILING_DOT, _SUPPORT_RENAME, query={**SNAPSHOT, **_PREVIOUS, **_PAGE_OF_RANGES}),
              ranges.read_list, ranges.render_list, NO_PAGED_RANGES_BEFORE),
    Operation("F13", "Copy File", _FILE_CREATE,
              vocabulary(SMB_ON_COPY, LEASE_ID, TRAILING_DOT, SOURCE_TRAILING_DOT, {"x-ms-copy-source": ""},
                         NFS_ON_COPY, metadata=True),
              copying.read_copy, copying.render_copy),
    Operation("F14", "Abort Copy File", _FILE_WRITE,
              vocabulary(LEASE_ID, TRAILING_DOT, {"x-ms-copy-action": ""}, query={"copyid": ""}),
              copying.read_abort, copying.render_abort),
    Operation("F15", "List Handles, of a file", _HANDLES_READ, _LIST_HANDLES, handles.read_list, handles.render_list),
    Operation("F16", "Force Close Handles, of a file", _HANDLES_CLOSE, _CLOSE_HANDLES,
              handles.read_close, handles.render_closed),
    *(Operation(number, f"Lease File ({action})", _FILE_LEASE, _LEASE_FILE,
                files.read_lease, leases.render_lease_file, NO_LEASE_FILE_BEFORE)
      for number, action in (("F17", "acquire"), ("F18", "change"), ("F19", "release"), ("F20", "break"))),
    Operation("F21", "Rename File", _FILE_CREATE, vocabulary(_RENAME, {"x-ms-content-type": ""}, metadata=True),
              copying.read_rename_file, copying.render_renamed, NO_RENAME_BEFORE),
    Operation("F22", "Create Hard Link", _FILE_CREATE,
              vocabulary(LEASE_ID, TRAILING_DOT, {"x-ms-type": "", "x-ms-file-target-file": ""}),
              links.read_hard_link, links.render_hard_link, "2025-05-05"),
    Operation("F23", "Create Symbolic Link", _FILE_CREATE,
              vocabulary(LEASE_ID, TRAILING_DOT, NFS, _LINK, metadata=True),
              links.read_symbolic_link, paths.render_file_created, "2025-07-05"),
    Operation("F24", "Get Symbolic Link", _FILE_READ, vocabulary(TRAILING_DOT, query=SNAPSHOT),
              links.read_get_symbolic_link, links.render_link_text, "2025-07-05"),
)  # fmt: skip

__all__ = ["OPERATIONS", "Operation"]
