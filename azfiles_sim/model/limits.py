"""Limits of the service, and the checks of metadata and sizes that several operations share."""

from __future__ import annotations

import re
from typing import Final

from azfiles_sim.model.changes import PutShare
from azfiles_sim.model.entities import Metadata, Share
from azfiles_sim.model.errors import Code, ServiceError

MAX_FILE_BYTES: Final = 4 << 40
MAX_RANGE_BYTES: Final = 4 << 20
MAX_METADATA_BYTES: Final = 8 << 10
MAX_PAGE_ENTRIES: Final = 5000
MAX_SNAPSHOTS: Final = 200
MAX_POLICIES: Final = 5
MAX_POLICY_ID_CHARACTERS: Final = 64
MAX_QUOTA_GIB: Final = 102_400
DEFAULT_QUOTA_GIB: Final = {"standard": 5120, "provisioned": 32}  # premium: the maximum (unverified)
DEFAULT_TIER: Final = {"standard": "TransactionOptimized"}  # other kinds of account: Premium
_BYTES_PER_GIB: Final = 1 << 30

_METADATA_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")  # a C# identifier, of the letters a header name may have


def check_metadata(metadata: Metadata) -> None:
    """Raise EmptyMetadataKey, InvalidMetadata or MetadataTooLarge."""
    if not metadata:
        return
    for name, _ in metadata:
        if not name:
            raise ServiceError(Code.EMPTY_METADATA_KEY)
        if not _METADATA_NAME.fullmatch(name):
            raise ServiceError(Code.INVALID_METADATA)
    if sum(len(name) + len(value.encode("utf-8", "surrogatepass")) for name, value in metadata) > MAX_METADATA_BYTES:
        raise ServiceError(Code.METADATA_TOO_LARGE)


def check_file_size(size: int) -> None:
    """Raise OutOfRangeInput for a size that a file cannot have (status 400; the code is unverified)."""
    if not 0 <= size <= MAX_FILE_BYTES:
        raise ServiceError(Code.OUT_OF_RANGE_INPUT)


def page_size(max_results: int | None) -> int:
    """Entries of a page: 5000 unless fewer are asked for, at least one; more than that is taken as 5000 (unverified).

    Less than one is refused where the request is read, because the refusal names what was asked.
    """
    return MAX_PAGE_ENTRIES if max_results is None else min(max_results, MAX_PAGE_ENTRIES)


def store_bytes(share: Share, added: int, *, files_added: int = 0) -> tuple[PutShare, ...]:
    """The change that counts ``added`` bytes (negative: given back) and new files; ShareSizeLimitReached over quota."""
    if added == 0 and files_added == 0:
        return ()
    written = share.written + added
    if added > 0 and written > share.quota_gib * _BYTES_PER_GIB:
        raise ServiceError(Code.SHARE_SIZE_LIMIT_REACHED)
    return (
        PutShare(
            Share(
                share.account,
                share.name,
                share.tree,
                share.created,
                share.stamp,
                share.quota_gib,
                share.access_tier,
                share.tier_changed,
                share.metadata,
                share.policies,
                share.lease,
                share.files_made + files_added,
                written,
                share.last_snapshot,
                share.settings,
            )
        ),
    )


__all__ = [
    "DEFAULT_QUOTA_GIB",
    "DEFAULT_TIER",
    "MAX_FILE_BYTES",
    "MAX_METADATA_BYTES",
    "MAX_PAGE_ENTRIES",
    "MAX_POLICIES",
    "MAX_POLICY_ID_CHARACTERS",
    "MAX_QUOTA_GIB",
    "MAX_RANGE_BYTES",
    "MAX_SNAPSHOTS",
    "check_file_size",
    "check_metadata",
    "page_size",
    "store_bytes",
]
