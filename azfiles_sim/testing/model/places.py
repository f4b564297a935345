"""What the model knows, and how it finds things: by share, snapshot and path."""

from __future__ import annotations

import itertools

from azfiles_sim.testing.expectations import Refusal, Symbol, Unknown
from azfiles_sim.testing.model.entities import NOT_FOUND, SHARE_NOT_FOUND, WRONG_TYPE, Directory, File, Share


class Places:
    """The state that all operations share. ``real_time`` is for a service whose clock nobody moves."""

    def __init__(self, *, real_time: bool = False) -> None:
        self.now: float = 0.0
        self.shares: dict[str, Share] = {}
        self._deleted: dict[str, float] = {}
        self._real_time = real_time
        self._numbers = itertools.count()
        self._snapshots = itertools.count()

    def _share(self, share: str, snapshot: int | None = None) -> Share:
        found = self.shares.get(share)
        if found is None:
            being = ((409, "ShareBeingDeleted"),) if share in self._deleted else ()
            raise Refusal(SHARE_NOT_FOUND, *being)
        if snapshot is None:
            return found
        if snapshot not in found.snapshots:
            raise Refusal(SHARE_NOT_FOUND, (404, "ShareSnapshotNotFound"))
        return found.snapshots[snapshot]

    def _place(
        self, share: str, path: str, snapshot: int | None = None
    ) -> tuple[Directory, str, File | Directory | None]:  # fmt: skip
        """The parent of a path, the key there, and what lies there."""
        parent = self._share(share, snapshot).root
        *above, key = path.upper().split("/")
        for name in above:
            node = parent.children.get(name)
            if isinstance(node, File):
                raise Unknown("a path that leads through a file")
            if node is None:
                raise Refusal((404, "ParentNotFound"))
            parent = node
        return parent, key, parent.children.get(key)

    def _file(self, share: str, path: str, snapshot: int | None = None) -> File:
        _, _, node = self._place(share, path, snapshot)
        if not isinstance(node, File):
            raise Refusal(*((NOT_FOUND,) if node is None else (NOT_FOUND, WRONG_TYPE)))
        return node

    def _directory(self, share: str, path: str, snapshot: int | None = None) -> Directory:
        _, _, node = self._place(share, path, snapshot)
        if not isinstance(node, Directory):
            raise Refusal(*((NOT_FOUND,) if node is None else (NOT_FOUND, WRONG_TYPE)))
        return node

    def _etag(self, owner: int) -> Symbol:
        return Symbol("etag", owner, next(self._numbers))

    def _id(self, share: str) -> Symbol:
        """Another id than any that the share gave before."""
        return Symbol("id", self.shares[share].owner, next(self._numbers))
