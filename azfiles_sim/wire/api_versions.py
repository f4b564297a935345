"""The API versions that the service knows, and how a request's version is found.

Dates compare as text. What a version turns on stands beside the thing it turns on where that is a row of a table
(``vocabulary`` for headers and query parameters, ``operations`` for operations), else it is a gate below. Each gate
has its row in ``GATES``; a comparison of versions anywhere else names one of them. ``docs/versions.md`` is made from
these tables, and ``tests/versions`` tries each on both sides.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Final

from azfiles_sim.model.copy_sources import SOURCE_DETAIL_SINCE
from azfiles_sim.model.provisioning import PROVISIONING_CODES_SINCE
from azfiles_sim.quick import dataclass
from azfiles_sim.wire.refusals import bad_header, missing_header

KNOWN: Final = (
    "2018-11-09", "2019-02-02", "2019-07-07", "2019-10-10", "2019-12-12", "2020-02-10", "2020-04-08", "2020-06-12",
    "2020-08-04", "2020-10-02", "2020-12-06", "2021-02-12", "2021-04-10", "2021-06-08", "2021-08-06", "2021-12-02",
    "2022-11-02", "2023-01-03", "2023-05-03", "2023-08-03", "2023-11-03", "2024-05-04", "2024-08-04", "2024-11-04",
    "2025-01-05", "2025-05-05", "2025-07-05", "2025-11-05", "2026-02-06", "2026-04-06", "2026-06-06", "2026-10-06",
)  # fmt: skip
OLDEST: Final = KNOWN[0]
NEWEST: Final = KNOWN[-1]
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)

# What replies show, by version.
SMB_SINCE: Final = "2019-02-02"
CLIENT_REQUEST_ID_ECHO_SINCE: Final = "2019-02-02"
FILE_LEASE_HEADERS_SINCE: Final = "2019-02-02"
SHARE_LEASE_HEADERS_SINCE: Final = "2020-02-10"
ACCESS_TIER_SINCE: Final = "2019-12-12"
LAST_WRITE_ON_PUT_RANGE_SINCE: Final = "2021-06-08"
LISTING_IDS_SINCE: Final = "2020-10-02"
ENCODED_NAMES_SINCE: Final = "2021-12-02"
COPY_SOURCE_DETAIL_SINCE: Final = SOURCE_DETAIL_SINCE
# (u) SDKs offer it at 2026-06-06.
CREATE_WITH_DATA_SINCE: Final = "2026-02-06"
NFS_SINCE: Final = "2025-05-05"
BEARER_SINCE: Final = "2022-11-02"
BEARER_EVERYWHERE_SINCE: Final = "2024-11-04"

# SMB headers are mandatory on requests that create a file or directory or set its properties, from 2019-02-02 to the
# version before this one. (u) for setting properties: the contract of those versions demands them there as well.
SMB_OPTIONAL_SINCE: Final = "2021-06-08"

# (u) Recordings of 2024 and later list ids without being asked; the border between is not recorded.
LISTING_IDS_UNASKED_SINCE: Final = "2024-05-04"
# (u) When these came is not recorded; absent in 2018-11-09, present in the newest recordings.
ENCRYPTION_SCOPE_IN_LISTS_SINCE: Final = "2020-02-10"
HANDLES_FAILED_SINCE: Final = "2019-07-07"
HANDLE_ACCESS_RIGHTS_SINCE: Final = "2023-01-03"
HANDLE_CLIENT_NAME_SINCE: Final = "2024-05-04"

# What requests may say, beside the headers, query parameters and operations that are rows of their own.
INCLUDE_LEASED_SINCE: Final = "2020-02-10"
INCLUDE_DELETED_SINCE: Final = "2019-12-12"  # (u) the version that brought soft delete
PROTOCOL_SETTINGS_SINCE: Final = "2020-02-10"
ENCRYPTION_IN_TRANSIT_SINCE: Final = "2026-02-06"
DELEGATED_TENANT_SINCE: Final = "2026-04-06"
DELEGATION_SAS_SINCE: Final = "2026-02-06"
ACCOUNT_EXTRA_LINE_SINCE: Final = "2020-12-06"
BINARY_PERMISSION_SINCE: Final = "2024-11-04"

# The older service of SAS: signed versions before this have another string-to-sign.
OLDEST_SIGNED_VERSION: Final = "2015-04-05"


GATES: Final[dict[str, tuple[str, str]]] = {
    "SMB_SINCE": (SMB_SINCE, "Replies show SMB properties; creating and setting properties demand them"),
    "SMB_OPTIONAL_SINCE": (SMB_OPTIONAL_SINCE, "SMB properties are optional again where they were demanded"),
    "CLIENT_REQUEST_ID_ECHO_SINCE": (CLIENT_REQUEST_ID_ECHO_SINCE, "Replies echo `x-ms-client-request-id`"),
    "FILE_LEASE_HEADERS_SINCE": (FILE_LEASE_HEADERS_SINCE, "Reading a file shows its lease"),
    "SHARE_LEASE_HEADERS_SINCE": (SHARE_LEASE_HEADERS_SINCE, "Reading and listing shares shows their leases"),
    "ACCESS_TIER_SINCE": (ACCESS_TIER_SINCE, "Reading and listing shares shows their access tiers"),
    "LAST_WRITE_ON_PUT_RANGE_SINCE": (
        LAST_WRITE_ON_PUT_RANGE_SINCE,
        "Writing and clearing a range answers `x-ms-file-last-write-time`",
    ),
    "LISTING_IDS_SINCE": (LISTING_IDS_SINCE, "Lists of a directory show ids when they are asked for"),
    "LISTING_IDS_UNASKED_SINCE": (LISTING_IDS_UNASKED_SINCE, "Lists of a directory show ids unasked (u)"),
    "ENCODED_NAMES_SINCE": (ENCODED_NAMES_SINCE, "Lists encode names that XML cannot hold, and say so"),
    "ENCRYPTION_SCOPE_IN_LISTS_SINCE": (
        ENCRYPTION_SCOPE_IN_LISTS_SINCE,
        "Lists of shares show the default encryption scope (u)",
    ),
    "HANDLES_FAILED_SINCE": (HANDLES_FAILED_SINCE, "Closing handles answers how many could not be closed (u)"),
    "HANDLE_ACCESS_RIGHTS_SINCE": (HANDLE_ACCESS_RIGHTS_SINCE, "Lists of handles show access rights (u)"),
    "HANDLE_CLIENT_NAME_SINCE": (HANDLE_CLIENT_NAME_SINCE, "Lists of handles show the client's name (u)"),
    "COPY_SOURCE_DETAIL_SINCE": (
        COPY_SOURCE_DETAIL_SINCE,
        "A copy's source that refuses is quoted: its status, code and message",
    ),
    "PROVISIONING_CODES_SINCE": (
        PROVISIONING_CODES_SINCE,
        "Provisioned v2 has codes of its own for what is out of bounds or lowered too early",
    ),
    "CREATE_WITH_DATA_SINCE": (CREATE_WITH_DATA_SINCE, "Files are created with data (u: SDKs offer it at 2026-06-06)"),
    "NFS_SINCE": (NFS_SINCE, "Replies show mode, owner, group and links of what is in an NFS share"),
    "BEARER_SINCE": (BEARER_SINCE, "Bearer tokens on files and directories"),
    "BEARER_EVERYWHERE_SINCE": (BEARER_EVERYWHERE_SINCE, "Bearer tokens on the service and on shares"),
    "INCLUDE_DELETED_SINCE": (INCLUDE_DELETED_SINCE, "`include=deleted` in List Shares, and restoring shares (u)"),
    "PROTOCOL_SETTINGS_SINCE": (PROTOCOL_SETTINGS_SINCE, "Service properties have protocol settings"),
    "ENCRYPTION_IN_TRANSIT_SINCE": (ENCRYPTION_IN_TRANSIT_SINCE, "Protocol settings have encryption in transit"),
    "DELEGATED_TENANT_SINCE": (DELEGATED_TENANT_SINCE, "User delegation keys for users of another tenant"),
    "DELEGATION_SAS_SINCE": (DELEGATION_SAS_SINCE, "User delegation SAS (by its `sv`)"),
    "INCLUDE_LEASED_SINCE": (INCLUDE_LEASED_SINCE, "`x-ms-delete-snapshots: include-leased`"),
    "ACCOUNT_EXTRA_LINE_SINCE": (
        ACCOUNT_EXTRA_LINE_SINCE,
        "The string to sign of an account SAS has a line more (by its `sv`)",
    ),
    "BINARY_PERMISSION_SINCE": (BINARY_PERMISSION_SINCE, "Permissions in binary form"),
}
"""Each gate by its name: the version that brought it, and what it does."""


@dataclass(frozen=True, slots=True)
class Version:
    """A request's version: ``asked`` is echoed, ``effective`` is what gates compare; they differ where the request
    names a version newer than the newest known.
    """

    asked: str
    effective: str
    is_newer: bool = False


_VERSIONS: Final = {text: Version(text, text) for text in KNOWN}


@lru_cache(maxsize=256)
def is_date(text: str) -> bool:
    """Whether the text is a date ``YYYY-MM-DD`` that the calendar has."""
    if _DATE.fullmatch(text) is None:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def choose_version(text: str | None, *, strict: bool) -> Version:
    """The version that a request asks for.

    A well-formed date newer than the newest known stands for the newest, unless ``strict``. Dates between two known
    ones, older and malformed ones are refused: 400 InvalidHeaderValue. No version at all: 400 MissingRequiredHeader.
    """
    if text is None:
        raise missing_header("x-ms-version")
    known = _VERSIONS.get(text)
    if known is not None:
        return known
    if is_date(text) and text > NEWEST and not strict:
        return Version(text, NEWEST, is_newer=True)
    raise bad_header("x-ms-version", text)
