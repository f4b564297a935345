"""Reading response headers into models. What an operation promises and does not come is ``ReplyNotUnderstood``."""

from __future__ import annotations

from datetime import datetime

from azfiles.core.dates import parse_http_date, parse_iso
from azfiles.errors import ReplyNotUnderstood
from azfiles.messages import Headers, Response
from azfiles.models import (
    CopyProgress,
    ExactTimes,
    FileProperties,
    HttpHeaders,
    LeaseProperties,
    NfsProperties,
    Provisioning,
    ResourceMetadata,
    ShareWritten,
    SmbProperties,
    Written,
)

_MOST_DIGITS = 20  # of what 64 bits can say; Python itself reads no number of thousands of digits
_NFS_HEADERS = ("x-ms-mode", "x-ms-owner", "x-ms-group", "x-ms-file-file-type", "x-ms-link-count")


def nothing(_response: Response) -> None:
    """For operations whose success says everything."""


def required(headers: Headers, name: str) -> str:
    value = headers.get(name.lower())
    if value is None:
        raise ReplyNotUnderstood(f"the reply lacks the header {name}")
    return value


def whole_number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise ReplyNotUnderstood(f"{name} is {text[:40]!r}, not a whole number")
    return int(text)


def required_number(headers: Headers, name: str) -> int:
    return whole_number(required(headers, name), name)


def optional_number(headers: Headers, name: str) -> int | None:
    value = headers.get(name)
    return None if value is None else whole_number(value, name)


def optional_http_date(headers: Headers, name: str) -> datetime | None:
    value = headers.get(name)
    return None if value is None else parse_http_date(value, name)


def optional_iso(headers: Headers, name: str) -> datetime | None:
    return _iso(headers.by_name.get(name), name)


def _iso(value: str | None, name: str) -> datetime | None:
    return None if value is None else parse_iso(value, name)


def optional_flag(headers: Headers, name: str) -> bool | None:
    value = headers.get(name)
    if value is None:
        return None
    lowered = value.lower()
    if lowered not in {"true", "false"}:
        raise ReplyNotUnderstood(f"{name} is {value!r}, neither true nor false")
    return lowered == "true"


def etag(headers: Headers) -> str:
    return required(headers, "ETag")


def last_modified(headers: Headers) -> datetime:
    return parse_http_date(required(headers, "Last-Modified"), "Last-Modified")


def metadata(headers: Headers) -> dict[str, str]:
    return dict(headers.with_prefix("x-ms-meta-"))


def smb_properties(headers: Headers) -> SmbProperties:
    get = headers.by_name.get
    creation, last_write = get("x-ms-file-creation-time"), get("x-ms-file-last-write-time")
    change = get("x-ms-file-change-time")
    return SmbProperties(
        attributes=get("x-ms-file-attributes"),
        creation_time=_iso(creation, "x-ms-file-creation-time"),
        last_write_time=_iso(last_write, "x-ms-file-last-write-time"),
        change_time=_iso(change, "x-ms-file-change-time"),
        file_id=get("x-ms-file-id"),
        parent_id=get("x-ms-file-parent-id"),
        permission_key=get("x-ms-file-permission-key"),
        exact=ExactTimes(creation=creation or "", last_write=last_write or "", change=change or ""),
    )


def nfs_properties(headers: Headers) -> NfsProperties | None:
    """What NFS knows, ``None`` where nothing came: the share is no NFS share."""
    by_name = headers.by_name
    if by_name.keys().isdisjoint(_NFS_HEADERS):
        return None
    return NfsProperties(
        mode=by_name.get("x-ms-mode"),
        owner=by_name.get("x-ms-owner"),
        group=by_name.get("x-ms-group"),
        file_type=by_name.get("x-ms-file-file-type"),
        link_count=optional_number(headers, "x-ms-link-count"),
    )


def lease_properties(headers: Headers) -> LeaseProperties | None:
    get = headers.by_name.get
    status, state = get("x-ms-lease-status"), get("x-ms-lease-state")
    if status is None or state is None:
        return None
    return LeaseProperties(status, state, get("x-ms-lease-duration"))


def http_properties(headers: Headers, *, content_md5: str | None) -> HttpHeaders:
    get = headers.by_name.get
    return HttpHeaders(
        content_type=get("content-type"),
        content_encoding=get("content-encoding"),
        content_language=get("content-language"),
        content_md5=content_md5,
        content_disposition=get("content-disposition"),
        cache_control=get("cache-control"),
    )


def copy_progress(headers: Headers) -> CopyProgress | None:
    copy_id = headers.get("x-ms-copy-id")
    if copy_id is None:
        return None
    status = headers.get("x-ms-copy-status")
    if status is None:
        return None
    copied = total = None
    progress = headers.get("x-ms-copy-progress")
    if progress is not None:
        done, mark, whole = progress.partition("/")
        if not mark:
            raise ReplyNotUnderstood(f"x-ms-copy-progress is {progress!r}, not copied/total")
        copied = whole_number(done, "x-ms-copy-progress")
        total = whole_number(whole, "x-ms-copy-progress")
    return CopyProgress(
        id=copy_id,
        status=status,
        source=headers.get("x-ms-copy-source"),
        bytes_copied=copied,
        bytes_total=total,
        completed_at=optional_http_date(headers, "x-ms-copy-completion-time"),
        description=headers.get("x-ms-copy-status-description"),
    )


def file_properties(headers: Headers, *, size: int, stored_md5: str | None) -> FileProperties:
    return FileProperties(
        etag=etag(headers),
        last_modified=last_modified(headers),
        size=size,
        http=http_properties(headers, content_md5=stored_md5),
        metadata=metadata(headers),
        smb=smb_properties(headers),
        lease=lease_properties(headers),
        copy=copy_progress(headers),
        server_encrypted=optional_flag(headers, "x-ms-server-encrypted"),
        nfs=nfs_properties(headers),
    )


def provisioning(headers: Headers) -> Provisioning:
    return Provisioning(
        iops=optional_number(headers, "x-ms-share-provisioned-iops"),
        bandwidth_mibps=optional_number(headers, "x-ms-share-provisioned-bandwidth-mibps"),
        included_burst_iops=optional_number(headers, "x-ms-share-included-burst-iops"),
        max_burst_credits_for_iops=optional_number(headers, "x-ms-share-max-burst-credits-for-iops"),
        next_quota_downgrade_at=optional_http_date(headers, "x-ms-share-next-allowed-quota-downgrade-time"),
        next_iops_downgrade_at=optional_http_date(headers, "x-ms-share-next-allowed-provisioned-iops-downgrade-time"),
        next_bandwidth_downgrade_at=optional_http_date(
            headers, "x-ms-share-next-allowed-provisioned-bandwidth-downgrade-time"
        ),
        ingress_mbps=optional_number(headers, "x-ms-share-provisioned-ingress-mbps"),
        egress_mbps=optional_number(headers, "x-ms-share-provisioned-egress-mbps"),
    )


def written(response: Response) -> Written:
    """A create, rename or set of a file or directory."""
    headers = response.headers
    return Written(
        etag=etag(headers),
        last_modified=last_modified(headers),
        smb=smb_properties(headers),
        server_encrypted=optional_flag(headers, "x-ms-request-server-encrypted"),
        content_md5=headers.get("content-md5"),
        nfs=nfs_properties(headers),
    )


def resource_metadata(response: Response) -> ResourceMetadata:
    headers = response.headers
    return ResourceMetadata(etag(headers), last_modified(headers), metadata(headers))


def share_written(response: Response) -> ShareWritten:
    """A create or set of a share."""
    headers = response.headers
    return ShareWritten(
        etag=etag(headers),
        last_modified=last_modified(headers),
        quota_gib=optional_number(headers, "x-ms-share-quota"),
        provisioning=provisioning(headers),
    )
