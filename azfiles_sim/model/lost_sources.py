"""What becomes of pending copies when the file that they read is deleted: they fail.

(u) the description, and that the destination is empty then, as an aborted copy's is, and keeps its ETag.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final, TypeAlias

from azfiles_sim.model.changes import Change
from azfiles_sim.model.content import EMPTY_CONTENT
from azfiles_sim.model.deciding import Context
from azfiles_sim.model.entities import CopyRecord, File, TreeKey
from azfiles_sim.model.limits import store_bytes
from azfiles_sim.model.nfs import put_file
from azfiles_sim.model.pending import FAILED, PENDING, settle_copy

Gone: TypeAlias = tuple[TreeKey, int | None]
"""A file by its tree and id, or with None every file of a tree."""

SOURCE_GONE: Final = "404 ResourceNotFound: the source of the copy was deleted"


def fail_copies(context: Context, account_name: str, gone: Collection[Gone]) -> Iterator[Change]:
    """The changes for everything that one command deletes now, all of it in one account.

    Only copies from another account are ever pending, so what changes lies in other accounts than the file does. All
    their files are looked at, and none where no copy takes time.
    """
    if context.quirks.pending_copy_bytes_per_s is None or not gone:
        return
    for account in context.view.accounts():
        if account.name == account_name:
            continue
        for share in context.view.shares(account.name):
            freed = 0
            seen: set[int] = set()
            for node in context.view.nodes(share.tree):
                record = _pending(context, node, gone) if isinstance(node, File) else None
                if record is None or not isinstance(node, File) or node.file_id in seen:
                    continue
                seen.add(node.file_id)
                freed += node.content.written
                failed = replace(record, status=FAILED, completed=context.now, description=SOURCE_GONE)
                yield from put_file(share.tree, replace(node, size=0, content=EMPTY_CONTENT, copy=failed))
            yield from store_bytes(share, -freed)


def _pending(context: Context, file: File, gone: Collection[Gone]) -> CopyRecord | None:
    record = None if file.copy is None else settle_copy(file.copy, context.now)
    if record is None or record.status != PENDING or record.source_tree is None:
        return None
    tree = record.source_tree
    return record if (tree, record.source_id) in gone or (tree, None) in gone else None


__all__ = ["SOURCE_GONE", "Gone", "fail_copies"]
