"""Files: contents, ranges, properties, copies and leases."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace

from azfiles_sim.testing.expectations import ANYTHING, Instant, LeaseId, Observation, Refusal, Unknown
from azfiles_sim.testing.model.directories import Directories
from azfiles_sim.testing.model.entities import (
    BYTE_MAYBE,
    BYTE_NO,
    BYTE_YES,
    EXISTS,
    IN_A_LEASE_STATE,
    NOT_FOUND,
    PAGE,
    SHARE_NOT_FOUND,
    WRONG_TYPE,
    Directory,
    File,
    Lease,
    Metadata,
    Ranges,
    name_of,
)


class Files(Directories):
    """Operations on files."""

    def create_file(
        self, share: str, path: str, size: int, metadata: Metadata, lease_id: str | None = None
    ) -> Observation:  # fmt: skip
        parent, key, node = self._writable_place(share, path, lease_id)
        made = self._new_file(share, path, node, bytearray(size), bytearray(size), metadata)
        parent.children[key] = made
        return {"etag": made.etag, "id": made.id}

    def get_file(self, share: str, path: str, snapshot: int | None = None) -> Observation:
        """Content and properties."""
        found = self._file(share, path, snapshot)
        return {
            "etag": found.etag,
            "id": found.id,
            "content": bytes(found.content),
            "metadata": found.metadata,
            "content_type": found.content_type,
            "made": found.made,
            "written": found.written,
            "lease": ANYTHING if snapshot is not None else found.lease.shown(),
        }

    def get_range(
        self, share: str, path: str, offset: int, length: int, lease_id: str | None = None, snapshot: int | None = None
    ) -> Observation:  # fmt: skip
        found = self._file(share, path, snapshot)
        if lease_id is not None and (snapshot is not None or found.lease.state != "leased"):
            raise Unknown("reading an unleased file with a lease id")
        if lease_id is not None:
            _guard_file(found.lease, lease_id)
        if offset >= len(found.content):
            raise Refusal((416, "InvalidRange"))
        return {"etag": found.etag, "content": bytes(found.content[offset : offset + length])}

    def list_ranges(self, share: str, path: str, snapshot: int | None = None) -> Observation:
        found = self._file(share, path, snapshot)
        return {"etag": found.etag, "size": len(found.content), "ranges": Ranges(bytes(found.kept))}

    def put_range(
        self, share: str, path: str, offset: int, data: bytes, lease_id: str | None = None
    ) -> Observation:  # fmt: skip
        found = self._writable_range(share, path, offset, len(data), lease_id)
        found.content[offset : offset + len(data)] = data
        found.kept[offset : offset + len(data)] = bytes([BYTE_YES]) * len(data)
        self._changed(found, written=True)
        hashed = hashlib.md5(data, usedforsecurity=False).digest()
        return {"etag": found.etag, "md5": base64.b64encode(hashed).decode(), "written": found.written}

    def clear_range(
        self, share: str, path: str, offset: int, length: int, lease_id: str | None = None
    ) -> Observation:  # fmt: skip
        found = self._writable_range(share, path, offset, length, lease_id)
        end = offset + length
        found.content[offset:end] = bytes(length)
        for start in range(-(-offset // PAGE) * PAGE, end, PAGE):
            whole = start + PAGE <= end
            if whole or end == len(found.content):  # of the page at the end of the file, whole or not, nobody knows
                found.kept[start : min(start + PAGE, end)] = bytes(
                    BYTE_NO if whole or not byte else BYTE_MAYBE for byte in found.kept[start : min(start + PAGE, end)]
                )
        self._changed(found, written=True)
        return {"etag": found.etag, "md5": None, "written": found.written}

    def resize(self, share: str, path: str, size: int, lease_id: str | None = None) -> Observation:
        found = self._file(share, path)
        _guard_file(found.lease, lease_id)
        for part in (found.content, found.kept):
            del part[size:]
            part.extend(bytes(size - len(part)))
        self._changed(found, written=True)
        return {"etag": found.etag}

    def set_content_type(
        self, share: str, path: str, content_type: str | None, lease_id: str | None = None
    ) -> Observation:  # fmt: skip
        found = self._file(share, path)
        _guard_file(found.lease, lease_id)
        found.content_type = content_type
        self._changed(found)
        found.written = ANYTHING  # whether this moves the last-write time is not known
        return {"etag": found.etag}

    def set_file_metadata(
        self, share: str, path: str, metadata: Metadata, lease_id: str | None = None
    ) -> Observation:  # fmt: skip
        found = self._file(share, path)
        _guard_file(found.lease, lease_id)
        found.metadata = dict(metadata)
        self._changed(found)
        return {"etag": found.etag}

    def delete_file(self, share: str, path: str, lease_id: str | None = None) -> Observation:
        _guard_file(self._file(share, path).lease, lease_id)
        parent, key, _ = self._place(share, path)
        del parent.children[key]
        return {}

    def rename_file(
        self, share: str, path: str, new_path: str, replace: bool, source_lease_id: str | None = None
    ) -> Observation:  # fmt: skip
        if path.upper() == new_path.upper():
            raise Unknown("renaming a file to itself")
        return self._rename(share, path, new_path, File, replace, source_lease_id)

    def copy_file(
        self, share: str, source: str, path: str, lease_id: str | None = None, snapshot: int | None = None
    ) -> Observation:  # fmt: skip
        if snapshot is None and source.upper() == path.upper():
            raise Unknown("copying a file to itself")
        obstacles: list[tuple[int, str]] = []
        found = None
        try:
            found = self._file(share, source, snapshot)
        except Refusal:
            self._share(share)
            obstacles += [
                NOT_FOUND,
                SHARE_NOT_FOUND,
                (404, "ParentNotFound"),
                (404, "CannotVerifyCopySource"),
                (409, ""),
            ]
        try:
            parent, key, node = self._writable_place(share, path, lease_id)
        except Refusal as refusal:
            raise Refusal(*refusal.possible, *obstacles) from None
        if found is None:
            raise Refusal(*obstacles)
        kept = bytearray(BYTE_YES if byte else BYTE_MAYBE for byte in found.content)
        made = self._new_file(share, path, node, bytearray(found.content), kept, found.metadata)
        made.content_type = found.content_type
        parent.children[key] = made
        return {"etag": made.etag, "status": "success"}

    # --- file leases -------------------------------------------------------------------------------------------------

    def acquire_file_lease(self, share: str, path: str, lease_id: str) -> Observation:
        found = self._file(share, path)
        if found.lease.state == "leased" and found.lease.holder != lease_id:
            raise Refusal((409, "LeaseAlreadyPresent"))
        found.lease = Lease("leased", lease_id)
        return {"etag": found.etag, "id": LeaseId(lease_id)}

    def change_file_lease(self, share: str, path: str, lease_id: str, new_id: str) -> Observation:
        found = self._file(share, path)
        if found.lease.state == "broken" or found.lease.holder == new_id:
            raise Unknown("changing a broken lease, or to the id that it has")
        if found.lease.state != "leased" or found.lease.holder != lease_id:
            raise Refusal(IN_A_LEASE_STATE)
        found.lease = Lease("leased", new_id)
        return {"etag": found.etag, "id": LeaseId(new_id)}

    def release_file_lease(self, share: str, path: str, lease_id: str) -> Observation:
        found = self._file(share, path)
        if found.lease.state == "broken" and found.lease.holder != lease_id:
            raise Unknown("releasing a broken lease with another id")
        if found.lease.state == "available" or found.lease.holder != lease_id:
            raise Refusal(IN_A_LEASE_STATE)
        found.lease = Lease()
        return {"etag": found.etag}

    def break_file_lease(self, share: str, path: str) -> Observation:
        found = self._file(share, path)
        if found.lease.state == "available":
            raise Refusal(IN_A_LEASE_STATE)
        found.lease = replace(found.lease, state="broken")
        return {"etag": found.etag, "remaining": 0}

    # --- changing ---------------------------------------------------------------------------------------------------

    def _writable_place(self, share: str, path: str, lease_id: str | None) -> tuple[Directory, str, File | None]:
        """Where a whole file can be put: the parent, the key there, and the file that it replaces."""
        parent, key, node = self._place(share, path)
        if isinstance(node, Directory):
            raise Refusal(WRONG_TYPE, EXISTS)
        if node is None and lease_id is not None:
            raise Unknown("putting a new file with a lease id")
        if node is not None:
            _guard_file(node.lease, lease_id)
        return parent, key, node

    def _writable_range(self, share: str, path: str, offset: int, length: int, lease_id: str | None) -> File:
        found = self._file(share, path)
        _guard_file(found.lease, lease_id)
        if offset + length > len(found.content):
            raise Refusal((416, "InvalidRange"))
        return found

    def _new_file(
        self, share: str, path: str, former: File | None, content: bytearray, kept: bytearray, metadata: Metadata
    ) -> File:  # fmt: skip
        """A file in place of another one, whose id and lease it keeps, and maybe the spelling of its name."""
        number = former.id if former else self._id(share)
        names = frozenset({name_of(path)}) | (former.names if former else frozenset[str]())
        now = Instant(self.now)
        made = File(number, names, self._etag(number.number), content, kept, dict(metadata), now, now)
        if former is not None and former.lease.state == "leased":
            made.lease = former.lease
        return made

    def _changed(self, found: File, *, written: bool = False) -> None:
        found.etag = self._etag(found.id.number)
        if written:
            found.written = Instant(self.now)
        if found.lease.state == "broken":
            found.lease = Lease()


def _guard_file(lease: Lease, lease_id: str | None) -> None:
    """What a write finds, and a read with a lease id."""
    if lease.state == "leased":
        if lease_id is None:
            raise Refusal((412, "LeaseIdMissing"))
        if lease_id != lease.holder:
            raise Refusal((412, "LeaseIdMismatchWithFileOperation"))
    elif lease_id is not None:
        raise Refusal((412, "LeaseNotPresentWithFileOperation"))
