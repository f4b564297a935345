"""Directories, and renaming of whatever is in one."""

from __future__ import annotations

from azfiles_sim.testing.expectations import Observation, Refusal, Unknown
from azfiles_sim.testing.model.entities import (
    EXISTS,
    WRONG_TYPE,
    Directory,
    Entries,
    File,
    Metadata,
    leases_below,
    name_of,
)
from azfiles_sim.testing.model.places import Places


class Directories(Places):
    """Operations on directories."""

    def create_directory(self, share: str, path: str, metadata: Metadata) -> Observation:
        parent, key, node = self._place(share, path)
        if node is not None:
            raise Refusal(*((EXISTS,) if isinstance(node, Directory) else (EXISTS, WRONG_TYPE)))
        number = self._id(share)
        made = Directory(number, frozenset({name_of(path)}), self._etag(number.number), dict(metadata))
        parent.children[key] = made
        return {"etag": made.etag, "id": made.id}

    def get_directory(self, share: str, path: str, snapshot: int | None = None) -> Observation:
        found = self._directory(share, path, snapshot)
        return {"etag": found.etag, "metadata": found.metadata, "id": found.id}

    def set_directory_metadata(self, share: str, path: str, metadata: Metadata) -> Observation:
        found = self._directory(share, path)
        found.metadata, found.etag = dict(metadata), self._etag(found.id.number)
        return {"etag": found.etag}

    def delete_directory(self, share: str, path: str) -> Observation:
        if self._directory(share, path).children:
            raise Refusal((409, "DirectoryNotEmpty"))
        parent, key, _ = self._place(share, path)
        del parent.children[key]
        return {}

    def rename_directory(self, share: str, path: str, new_path: str, replace: bool) -> Observation:
        if (new_path.upper() + "/").startswith(path.upper() + "/"):
            raise Unknown("renaming a directory to itself or into itself")
        return self._rename(share, path, new_path, Directory, replace)

    def list_directory(
        self, share: str, path: str, prefix: str = "", page_size: int | None = None, snapshot: int | None = None
    ) -> Observation:  # fmt: skip
        """Pages of any size make the same list."""
        del page_size
        found = self._directory(share, path, snapshot) if path else self._share(share, snapshot).root
        return {"entries": Entries.of(found, prefix)}

    def _rename(
        self,
        share: str,
        path: str,
        new_path: str,
        kind: type[File | Directory],
        replace: bool,
        source_lease_id: str | None = None,
    ) -> Observation:
        obstacles: list[tuple[int, str]] = []
        try:
            found = self._file(share, path) if kind is File else self._directory(share, path)
            obstacles += _refused_move(found, source_lease_id)
        except Refusal as refusal:
            found = None
            obstacles += refusal.possible
        try:
            parent, key, taken = self._place(share, new_path)
            obstacles += _refused_replacement(taken, replace)
        except Refusal as refusal:
            raise Refusal(*refusal.possible, *obstacles) from None
        if found is None or obstacles:
            raise Refusal(*obstacles)
        if any(lease.state != "available" for node in (found, taken) if node for lease in leases_below(node)):
            raise Unknown("what becomes of a lease when its file is renamed or replaced")
        former, former_key, _ = self._place(share, path)
        del former.children[former_key]
        found.names, found.etag = frozenset({name_of(new_path)}), self._etag(found.id.number)
        parent.children[key] = found
        return {"etag": found.etag, "id": found.id}


def _refused_move(found: File | Directory, lease_id: str | None) -> list[tuple[int, str]]:
    if isinstance(found, Directory) or (found.lease.state == "leased" and found.lease.holder == lease_id):
        return []
    if found.lease.state != "leased":
        if lease_id is not None:
            raise Unknown("renaming an unleased file with a lease id")
        return []
    return [(412, "LeaseIdMissing" if lease_id is None else "LeaseIdMismatchWithFileOperation")]


def _refused_replacement(taken: File | Directory | None, replace: bool) -> list[tuple[int, str]]:
    if taken is None:
        return []
    if not replace:
        return [EXISTS]
    if isinstance(taken, Directory):
        return [EXISTS, WRONG_TYPE]
    return [(412, "LeaseIdMissing")] if taken.lease.state == "leased" else []
