"""Makes blobs of the buffers that a new view's files hold, so that they can leave memory once they are committed."""

from __future__ import annotations

from collections.abc import Callable

from azfiles_sim.model.content import EMPTY_CONTENT, Content, Received
from azfiles_sim.model.entities import File
from azfiles_sim.ordered_map import EMPTY_MAP
from azfiles_sim.storage.blobs import StoredExtent
from azfiles_sim.storage.memory import MemoryView, Tree


class Intake:
    """Turns a view into an equal one of which every extent is stored. ``old`` is one of which that is true already;
    only what differs from it is looked at. ``store`` keeps a buffer.
    """

    def __init__(self, old: MemoryView, store: Callable[[memoryview], StoredExtent]) -> None:
        self._old = old
        self._store = store
        self._contents: dict[int, Content] = {}  # by id, so that the names of one file go on sharing its content
        self._writes: dict[int, StoredExtent] = {}  # by id, so that the pieces of one write go on being known as such

    def take(self, view: MemoryView) -> MemoryView:
        trees = view.trees
        taken: dict[int, Tree] = {}  # by id, so that a tree and its fork go on being one
        for key, before, after in trees.changes_since(self._old.trees):
            if after is not None:
                if id(after) not in taken:
                    taken[id(after)] = self._tree(EMPTY_MAP if before is None else before, after)
                if taken[id(after)] is not after:
                    trees = trees.set(key, taken[id(after)])
        return view if trees is view.trees else view.with_trees(trees)

    def _tree(self, old: Tree, new: Tree) -> Tree:
        changed = list(new.changes_since(old))
        former = {before.file_id: before.content for _, before, _ in changed if isinstance(before, File)}
        tree = new
        for key, _, after in changed:
            if isinstance(after, File):
                content = self._content(former.get(after.file_id, EMPTY_CONTENT), after.content)
                if content is not after.content:
                    tree = tree.set(key, after.evolved(content=content))
        return tree

    def _content(self, old: Content, new: Content) -> Content:
        found = self._contents.get(id(new))
        if found is not None:
            return found
        extents = new.extents
        for start, _, extent in new.extents.changes_since(old.extents):
            if isinstance(extent, Received):
                extents = extents.set(start, self._stored(extent))
        content = new if extents is new.extents else Content(extents, new.written, new.cleared)
        self._contents[id(new)] = content
        return content

    def _stored(self, extent: Received) -> StoredExtent:
        whole = self._writes.get(id(extent.write))
        if whole is None:
            whole = self._writes[id(extent.write)] = self._store(extent.write)
        return whole if extent.size == whole.size else whole[extent.start : extent.start + extent.size]


__all__ = ["Intake"]
