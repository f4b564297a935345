"""How much goes with a share or a snapshot that is deleted, which provisioned v2 tells.

None of it is recorded. Unverified, and decided here only: a snapshot's use is what it alone holds, page by page, beside
the next newer snapshot or the live share; of a snapshot that is deleted by itself only its own use is told.
"""

from __future__ import annotations

from collections.abc import Sequence

from azfiles_sim.model.content import EMPTY_CONTENT, Content
from azfiles_sim.model.entities import File, Share, Snapshot, TreeKey
from azfiles_sim.model.provisioning import PROVISIONED
from azfiles_sim.model.range_diff import differing_ranges
from azfiles_sim.model.results import ShareDeleted
from azfiles_sim.model.view import View


def deleted_use(
    view: View, kind: str, share: Share, snapshots: Sequence[Snapshot], only: Snapshot | None = None
) -> ShareDeleted:
    """What deleting a share with its snapshots, or ``only`` one of them, answers in an account of this kind."""
    if kind != PROVISIONED:
        return ShareDeleted()
    if only is None:
        return ShareDeleted(share.written, snapshot_use(view, share, snapshots))
    return ShareDeleted(snapshot_usage=snapshot_use(view, share, snapshots, only))


def snapshot_use(view: View, share: Share, snapshots: Sequence[Snapshot], only: Snapshot | None = None) -> int:
    """The bytes that the snapshots (oldest first), or ``only`` one of them, hold and what is newer does not."""
    used = 0
    newer = _contents(view, share.tree)
    for snapshot in reversed(snapshots):
        contents = _contents(view, snapshot.tree)
        if only is None or only.snapshot == snapshot.snapshot:
            used += sum(_held_only(newer.get(number, (0, EMPTY_CONTENT))[1], *one) for number, one in contents.items())
        newer = contents
    return used


def _contents(view: View, tree: TreeKey) -> dict[int, tuple[int, Content]]:
    return {node.file_id: (node.size, node.content) for node in view.nodes(tree) if isinstance(node, File)}


def _held_only(newer: Content, size: int, content: Content) -> int:
    return sum(end + 1 - start for start, end in differing_ranges(newer, content, 0, size).written)


__all__ = ["deleted_use", "snapshot_use"]
