"""Service versions: the one we send, and the first one that has each later feature.

An operation names the features it uses; building it for an older version is refused before anything is sent.
"""

from __future__ import annotations

import functools
import re
from typing import TypeAlias

from azfiles.errors import InvalidArgument, RequestNotSent

DEFAULT_API_VERSION = "2025-11-05"

Feature: TypeAlias = tuple[str, str]

# Operations.
SMB_PERMISSIONS = "2019-02-02"
FILE_LEASES = "2019-02-02"  # the documents; client libraries offer them from 2019-07-07
SHARE_LEASES = "2020-02-10"
RENAME = "2021-04-10"
PUT_RANGE_FROM_URL = "2019-02-02"
UNDELETE_SHARE = "2019-12-12"  # not verified: the exact version, as for deleted shares in lists
USER_DELEGATION_KEY = "2026-02-06"
HARD_LINK = "2025-05-05"
SYMBOLIC_LINK = "2025-07-05"

# Features of an operation. Unverified are the exact versions of access tiers, deleted shares in lists, snapshot
# virtual directories, SMB directory leases, structured bodies, create with data and property semantics: for these the
# client libraries' change logs are the source, and this table is the only place that says so.
ACCESS_TIER: Feature = ("the access tier", "2019-12-12")
BEARER_ON_FILES: Feature = ("a bearer token for files and directories", "2022-11-02")
BEARER_ON_SHARES: Feature = ("a bearer token for shares and the service", "2024-11-04")
BINARY_PERMISSION: Feature = ("the permission format", "2024-11-04")
BACKUP_INTENT: Feature = ("the intent of a request", "2022-11-02")
CHANGE_TIME: Feature = ("the change time", "2021-06-08")
COPY_SMB: Feature = ("SMB properties on a copy", "2019-07-07")
CREATE_WITH_DATA: Feature = ("creating a file together with data", "2026-06-06")
DELETED_SHARES: Feature = ("deleted shares in a list", "2019-12-12")
DELETE_LEASED_SNAPSHOTS: Feature = ("deleting leased snapshots", "2020-02-10")
EXTENDED_INFO: Feature = ("extended information in a listing", "2020-10-02")
DELEGATED_TENANT: Feature = ("a delegated tenant", "2026-04-06")
ENCRYPTION_IN_TRANSIT: Feature = ("encryption in transit", "2026-02-06")
LAST_WRITE_MODE: Feature = ("keeping the last write time", "2021-06-08")
MULTICHANNEL: Feature = ("SMB multichannel", "2020-02-10")
NFS_PROPERTIES: Feature = ("NFS properties", "2025-05-05")
PAGED_RANGES: Feature = ("pages of ranges", "2026-10-06")
PAID_BURSTING: Feature = ("paid bursting", "2024-11-04")
PROPERTY_SEMANTICS: Feature = ("property semantics", "2026-06-06")
PROTOCOLS: Feature = ("protocols and root squash", "2020-02-10")
PROVISIONED: Feature = ("provisioned figures", "2025-01-05")
RANGE_DIFF: Feature = ("comparing ranges with a snapshot", "2020-02-10")
RANGE_DIFF_RENAMES: Feature = ("comparing ranges across renames", "2024-05-04")
SMB_DIRECTORY_LEASE: Feature = ("SMB directory leases", "2026-02-06")
SMB_PROPERTIES: Feature = ("SMB properties", "2019-02-02")
SNAPSHOT_DIRECTORY: Feature = ("the snapshot virtual directory", "2023-08-03")
STRUCTURED_BODY: Feature = ("a structured body with checksums", "2025-01-05")
TRAILING_DOT: Feature = ("names that end with a dot", "2022-11-02")

# From ``SMB_PROPERTIES`` to the version before this one, requests that create a file or directory or set its properties
# must carry SMB properties. Not verified for setting properties: the contract of those versions says so.
SMB_OPTIONAL_AGAIN = "2021-06-08"

_VERSION = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")


@functools.lru_cache(maxsize=16)
def check_version(version: str) -> str:
    """A service version as text, ``YYYY-MM-DD``."""
    if not _VERSION.fullmatch(version):
        raise InvalidArgument(f"api_version {version!r}: a date like {DEFAULT_API_VERSION!r} is expected")
    return version


def check_features(name: str, *, version: str, since: str, needs: tuple[Feature, ...]) -> None:
    """Refuse, with ``RequestNotSent``, an operation or a feature of it that ``version`` does not have yet."""
    if version < since:
        raise RequestNotSent(f"{name} needs service version {since} or later, but api_version is {version}")
    for feature, first in needs:
        if version < first:
            raise RequestNotSent(
                f"{name}: {feature} needs service version {first} or later, but api_version is {version}"
            )
