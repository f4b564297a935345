"""Which headers and query parameters an operation knows, and the version that brought each.

A name newer than the request's version is refused with 400; a name that is not documented for the operation is
ignored, as on the service, and noted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Final, TypeAlias

from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.quick import dataclass
from azfiles_sim.wire.header_names import META_PREFIX
from azfiles_sim.wire.refusals import unsupported_header, unsupported_query
from azfiles_sim.wire.sas import PARAMETERS

Names: TypeAlias = Mapping[str, str]
"""Lower-case name to the version that brought it; empty: always there."""

COMMON_HEADERS: Final[Names] = {
    "x-ms-date": "",
    "x-ms-version": "",
    "x-ms-client-request-id": "",
    "x-ms-file-request-intent": "2022-11-02",
}
COMMON_QUERY: Final = frozenset({"restype", "comp", "timeout", "api-version"}) | PARAMETERS

LEASE_ID: Final[Names] = {"x-ms-lease-id": "2019-02-02"}
SHARE_LEASE_ID: Final[Names] = {"x-ms-lease-id": "2020-02-10"}
TRAILING_DOT: Final[Names] = {"x-ms-allow-trailing-dot": "2022-11-02"}
SOURCE_TRAILING_DOT: Final[Names] = {"x-ms-source-allow-trailing-dot": "2022-11-02"}
RANGE: Final[Names] = {"x-ms-range": ""}
SNAPSHOT: Final[Names] = {"sharesnapshot": ""}
PAGE: Final[Names] = {"marker": "", "maxresults": ""}

SMB: Final[Names] = {
    "x-ms-file-permission": "2019-02-02",
    "x-ms-file-permission-key": "2019-02-02",
    "x-ms-file-permission-format": "2024-11-04",
    "x-ms-file-attributes": "2019-02-02",
    "x-ms-file-creation-time": "2019-02-02",
    "x-ms-file-last-write-time": "2019-02-02",
    "x-ms-file-change-time": "2021-06-08",
}
_SMB_ON_COPY_SINCE: Final = "2019-07-07"
SMB_ON_COPY: Final[Names] = {
    **{name: max(since, _SMB_ON_COPY_SINCE) for name, since in SMB.items()},
    "x-ms-file-permission-copy-mode": _SMB_ON_COPY_SINCE,
    "x-ms-file-copy-ignore-readonly": _SMB_ON_COPY_SINCE,
    "x-ms-file-copy-set-archive": _SMB_ON_COPY_SINCE,
}
NFS: Final[Names] = {"x-ms-mode": "2025-05-05", "x-ms-owner": "2025-05-05", "x-ms-group": "2025-05-05"}
NFS_ON_COPY: Final[Names] = {
    **NFS,
    "x-ms-file-mode-copy-mode": "2025-05-05",
    "x-ms-file-owner-copy-mode": "2025-05-05",
}
HTTP: Final[Names] = {
    "x-ms-content-type": "",
    "x-ms-content-encoding": "",
    "x-ms-content-language": "",
    "x-ms-content-md5": "",
    "x-ms-content-disposition": "",
    "x-ms-cache-control": "",
}
SHARE_SIZE: Final[Names] = {"x-ms-share-quota": "", "x-ms-access-tier": "2019-12-12"}
SHARE_SETTINGS: Final[Names] = {
    "x-ms-root-squash": "2020-02-10",
    "x-ms-enable-snapshot-virtual-directory-access": "2023-08-03",
    "x-ms-share-paid-bursting-enabled": "2024-11-04",
    "x-ms-share-paid-bursting-max-iops": "2024-11-04",
    "x-ms-share-paid-bursting-max-bandwidth-mibps": "2024-11-04",
    "x-ms-share-provisioned-iops": "2025-01-05",
    "x-ms-share-provisioned-bandwidth-mibps": "2025-01-05",
    "x-ms-enable-smb-directory-lease": "2026-02-06",
}
# What replies and lists show of a share, under the names of the reply's headers.
SHOWN_OF_SHARES: Final[Names] = {
    "x-ms-share-provisioned-iops": "2019-07-07",
    "x-ms-share-provisioned-ingress-mbps": "2019-07-07",
    "x-ms-share-provisioned-egress-mbps": "2019-07-07",
    "x-ms-share-provisioned-bandwidth-mibps": "2021-02-12",
    "x-ms-share-next-allowed-quota-downgrade-time": "2019-07-07",
    "x-ms-share-included-burst-iops": "2025-01-05",
    "x-ms-share-max-burst-credits-for-iops": "2025-01-05",
    "x-ms-share-next-allowed-provisioned-iops-downgrade-time": "2025-01-05",
    "x-ms-share-next-allowed-provisioned-bandwidth-downgrade-time": "2025-01-05",
    "x-ms-enabled-protocols": "2020-02-10",
    "x-ms-root-squash": "2020-02-10",
    "x-ms-enable-snapshot-virtual-directory-access": "2023-08-03",
    "x-ms-share-paid-bursting-enabled": "2024-11-04",
    "x-ms-share-paid-bursting-max-iops": "2024-11-04",
    "x-ms-share-paid-bursting-max-bandwidth-mibps": "2024-11-04",
    "x-ms-enable-smb-directory-lease": "2026-02-06",
}
SEMANTICS: Final[Names] = {"x-ms-file-property-semantics": "2026-02-06"}
# (u) which version brought structured bodies to files.
STRUCTURED_BODY: Final[Names] = {
    "x-ms-structured-body": "2025-01-05",
    "x-ms-structured-content-length": "2025-01-05",
}
LEASE_ACTION: Final[Names] = {
    "x-ms-lease-action": "",
    "x-ms-lease-duration": "",
    "x-ms-lease-break-period": "",
    "x-ms-proposed-lease-id": "",
}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What one operation knows. ``metadata`` says whether ``x-ms-meta-*`` belong to it."""

    headers: Names = field(default_factory=dict[str, str])
    query: Names = field(default_factory=dict[str, str])
    metadata: bool = False


def vocabulary(*headers: Names, query: Names | None = None, metadata: bool = False) -> Vocabulary:
    """What an operation knows: these groups of headers beside those that all know."""
    merged = dict(COMMON_HEADERS)
    for group in headers:
        merged.update(group)
    return Vocabulary(merged, query or {}, metadata)


def check_headers(names: Iterable[str], version: str, known: Vocabulary, notes: list[str]) -> None:
    """Refuse headers of the service's that are newer than the version; add notes on those that are not documented."""
    for name in names:
        since = known.headers.get(name)
        if since is None:
            if not (known.metadata and name.startswith(META_PREFIX)):
                notes.append(f"ignored header {name}")
        elif since > version:
            raise unsupported_header(name)


def check_query(query: Mapping[str, str], version: str, known: Vocabulary, notes: list[str]) -> None:
    """The same for query parameters. A ``sharesnapshot`` where the operation has none: the service's own refusal."""
    for name, value in query.items():
        if name in COMMON_QUERY:
            continue
        since = known.query.get(name)
        if since is not None:
            # (u) the code for a parameter newer than the version; an empty one asks for nothing.
            if since > version and value:
                raise unsupported_query(name, value)
        elif name == "sharesnapshot" and value:
            # (u) what a write with sharesnapshot answers is not recorded; the code is official.
            raise ServiceError(Code.SHARE_SNAPSHOT_OPERATION_NOT_SUPPORTED)
        else:
            notes.append(f"ignored query parameter {name}")
