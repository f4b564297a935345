"""The operations of the model, carried out by an ``azfiles`` client, and what of its results is compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import azfiles
from azfiles_sim.testing.expectations import Observation

Metadata = Mapping[str, str]


class Driver:
    """One method for each of ``Model``'s, with the same arguments. ``share_name`` gives the full name for a label.

    What the service refuses comes out as ``azfiles.ServiceError``.
    """

    def __init__(self, client: azfiles.ServiceClient, share_name: Callable[[str], str]) -> None:
        self.client = client
        self._share_name = share_name
        self._snapshots: list[str] = []

    def share(self, label: str, snapshot: int | None = None) -> azfiles.ShareClient:
        """The client of a share by its label, or of one of the run's snapshots by its number."""
        share = self.client.share(self._share_name(label))
        return share if snapshot is None else share.snapshot(self._snapshots[snapshot])

    def file(self, share: str, path: str, snapshot: int | None = None) -> azfiles.FileClient:
        return self.share(share, snapshot).file(path)

    def directory(self, share: str, path: str, snapshot: int | None = None) -> azfiles.DirectoryClient:
        found = self.share(share, snapshot)
        return found.directory(path) if path else found.root

    # --- shares ----------------------------------------------------------------------------------------------------

    def create_share(self, share: str, metadata: Metadata, quota_gib: int | None = None) -> Observation:
        return {"etag": self.share(share).create(metadata=metadata, quota_gib=quota_gib).etag}

    def get_share(self, share: str, snapshot: int | None = None) -> Observation:
        found = self.share(share, snapshot).get_properties()
        return {
            "etag": found.etag,
            "metadata": dict(found.metadata),
            "quota": found.quota_gib,
            "lease": _lease(found.lease),
        }

    def set_share_metadata(self, share: str, metadata: Metadata, lease_id: str | None = None) -> Observation:
        return {"etag": self.share(share).set_metadata(metadata, lease_id=lease_id).etag}

    def set_quota(self, share: str, quota_gib: int, lease_id: str | None = None) -> Observation:
        return {"etag": self.share(share).set_quota(quota_gib, lease_id=lease_id).etag}

    def delete_share(self, share: str, include_snapshots: bool, lease_id: str | None = None) -> Observation:
        how = "include" if include_snapshots else None
        self.share(share).delete(delete_snapshots=how, lease_id=lease_id)
        return {}

    def snapshot_share(self, share: str, metadata: Metadata | None = None) -> Observation:
        made = self.share(share).create_snapshot(metadata=metadata)
        self._snapshots.append(made.snapshot)
        return {"etag": made.etag, "snapshot": made.snapshot}

    def delete_snapshot(self, share: str, snapshot: int) -> Observation:
        self.share(share, snapshot).delete()
        return {}

    def acquire_share_lease(self, share: str, lease_id: str, duration_s: int) -> Observation:
        return _held(self.share(share).acquire_lease(duration_s=duration_s, proposed_id=lease_id))

    def renew_share_lease(self, share: str, lease_id: str) -> Observation:
        return _held(self.share(share).renew_lease(lease_id))

    def change_share_lease(self, share: str, lease_id: str, new_id: str) -> Observation:
        return _held(self.share(share).change_lease(lease_id, new_id))

    def release_share_lease(self, share: str, lease_id: str) -> Observation:
        return {"etag": self.share(share).release_lease(lease_id).etag}

    def break_share_lease(self, share: str, period_s: int | None) -> Observation:
        broken = self.share(share).break_lease(period_s=period_s)
        return {"etag": broken.etag, "remaining": broken.remaining_s}

    # --- directories -------------------------------------------------------------------------------------------------

    def create_directory(self, share: str, path: str, metadata: Metadata) -> Observation:
        made = self.directory(share, path).create(metadata=metadata)
        return {"etag": made.etag, "id": made.smb.file_id}

    def get_directory(self, share: str, path: str, snapshot: int | None = None) -> Observation:
        found = self.directory(share, path, snapshot).get_properties()
        return {"etag": found.etag, "metadata": dict(found.metadata), "id": found.smb.file_id}

    def set_directory_metadata(self, share: str, path: str, metadata: Metadata) -> Observation:
        return {"etag": self.directory(share, path).set_metadata(metadata).etag}

    def delete_directory(self, share: str, path: str) -> Observation:
        self.directory(share, path).delete()
        return {}

    def rename_directory(self, share: str, path: str, new_path: str, replace: bool) -> Observation:
        moved = self.directory(share, path).rename(new_path, replace=replace)
        return {"etag": moved.etag, "id": moved.smb.file_id}

    def list_directory(
        self, share: str, path: str, prefix: str = "", page_size: int | None = None, snapshot: int | None = None
    ) -> Observation:
        entries = self.directory(share, path, snapshot).list(prefix=prefix or None, page_size=page_size)
        return {"entries": [(entry.name, getattr(entry, "size", None)) for entry in entries]}

    # --- files -------------------------------------------------------------------------------------------------------

    def create_file(
        self, share: str, path: str, size: int, metadata: Metadata, lease_id: str | None = None
    ) -> Observation:
        made = self.file(share, path).create(size, metadata=metadata, lease_id=lease_id)
        return {"etag": made.etag, "id": made.smb.file_id}

    def get_file(self, share: str, path: str, snapshot: int | None = None) -> Observation:
        found = self.file(share, path, snapshot).get()
        properties = found.properties
        return {
            "etag": properties.etag,
            "id": properties.smb.file_id,
            "content": bytes(found.content),
            "metadata": dict(properties.metadata),
            "content_type": properties.http.content_type,
            "made": properties.smb.creation_time,
            "written": properties.smb.last_write_time,
            "lease": _lease(properties.lease),
        }

    def get_range(
        self, share: str, path: str, offset: int, length: int, lease_id: str | None = None, snapshot: int | None = None
    ) -> Observation:
        found = self.file(share, path, snapshot).get_range(offset, length, lease_id=lease_id)
        return {"etag": found.properties.etag, "content": bytes(found.content)}

    def list_ranges(self, share: str, path: str, snapshot: int | None = None) -> Observation:
        found = self.file(share, path, snapshot).list_ranges()
        return {
            "etag": found.etag,
            "size": found.size,
            "ranges": [(span.offset, span.length) for span in found.ranges],
        }

    def put_range(self, share: str, path: str, offset: int, data: bytes, lease_id: str | None = None) -> Observation:
        return _range_written(self.file(share, path).put_range(offset, data, lease_id=lease_id))

    def clear_range(self, share: str, path: str, offset: int, length: int, lease_id: str | None = None) -> Observation:
        return _range_written(self.file(share, path).clear_range(offset, length, lease_id=lease_id))

    def resize(self, share: str, path: str, size: int, lease_id: str | None = None) -> Observation:
        return {"etag": self.file(share, path).resize(size, lease_id=lease_id).etag}

    def set_content_type(
        self, share: str, path: str, content_type: str | None, lease_id: str | None = None
    ) -> Observation:
        headers = azfiles.HttpHeaders(content_type=content_type, cache_control=None if content_type else "no-store")
        return {"etag": self.file(share, path).set_http_headers(headers, lease_id=lease_id).etag}

    def set_file_metadata(self, share: str, path: str, metadata: Metadata, lease_id: str | None = None) -> Observation:
        return {"etag": self.file(share, path).set_metadata(metadata, lease_id=lease_id).etag}

    def delete_file(self, share: str, path: str, lease_id: str | None = None) -> Observation:
        self.file(share, path).delete(lease_id=lease_id)
        return {}

    def rename_file(
        self, share: str, path: str, new_path: str, replace: bool, source_lease_id: str | None = None
    ) -> Observation:
        moved = self.file(share, path).rename(new_path, replace=replace, source_lease_id=source_lease_id)
        return {"etag": moved.etag, "id": moved.smb.file_id}

    def copy_file(
        self, share: str, source: str, path: str, lease_id: str | None = None, snapshot: int | None = None
    ) -> Observation:
        started = self.file(share, path).start_copy(self.file(share, source, snapshot), lease_id=lease_id)
        return {"etag": started.etag, "status": started.status}

    def acquire_file_lease(self, share: str, path: str, lease_id: str) -> Observation:
        return _held(self.file(share, path).acquire_lease(proposed_id=lease_id))

    def change_file_lease(self, share: str, path: str, lease_id: str, new_id: str) -> Observation:
        return _held(self.file(share, path).change_lease(lease_id, new_id))

    def release_file_lease(self, share: str, path: str, lease_id: str) -> Observation:
        return {"etag": self.file(share, path).release_lease(lease_id).etag}

    def break_file_lease(self, share: str, path: str) -> Observation:
        broken = self.file(share, path).break_lease()
        return {"etag": broken.etag, "remaining": broken.remaining_s}


def _lease(lease: azfiles.LeaseProperties | None) -> Any:
    return None if lease is None else (lease.status, lease.state, lease.duration)


def _held(held: azfiles.LeaseHeld) -> Observation:
    return {"etag": held.etag, "id": held.id}


def _range_written(written: azfiles.RangeWritten) -> Observation:
    return {"etag": written.etag, "md5": written.content_md5, "written": written.last_write_time}


__all__ = ["Driver"]
