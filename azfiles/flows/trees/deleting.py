"""Deleting a whole tree: files first, each directory when it is empty."""

from __future__ import annotations

from azfiles.flows.call import refuse_snapshot
from azfiles.flows.effects import Flow
from azfiles.flows.handles import close_all_directory_handles
from azfiles.flows.targets import Target
from azfiles.flows.trees.accounting import DEFAULT_CONCURRENCY, DEFAULT_PROGRESS_EVERY, Conduct, Progress
from azfiles.flows.trees.batches import Executor, Workers, workers_of
from azfiles.flows.trees.choosing import Choice
from azfiles.flows.trees.handling import Handling, Places
from azfiles.flows.trees.planning import Plan, Planning, Removal
from azfiles.flows.trees.roots import look_at_remote_source
from azfiles.flows.trees.sides import RemoteSide
from azfiles.flows.trees.slots import Slots
from azfiles.flows.trees.spreading import report_of
from azfiles.models import TreeReport


def delete_tree(
    target: Target,
    *,
    keep_root: bool = False,
    close_handles: bool = False,
    ignore_readonly: bool = False,
    concurrency: int = DEFAULT_CONCURRENCY,
    dry_run: bool = False,
    keep_steps: bool = False,
    progress: Progress | None = None,
    progress_every: int = DEFAULT_PROGRESS_EVERY,
    executor: Executor | Workers | None = None,
) -> Flow[TreeReport]:
    """Delete this directory and all in it, for good; with ``keep_root``, and of the share's root always, only what is in it.

    What cannot be deleted (a leased file, one that somebody has open, a read-only one), and the directories that it is in,
    are failures in the report, and everything else is deleted. ``close_handles`` first closes all handles of SMB clients
    in the tree, who lose what they have not yet written; ``ignore_readonly`` takes the attribute off. Of an NFS link the
    link goes, not what it leads to. ``concurrency``, ``dry_run``, ``keep_steps``, ``progress`` and ``executor`` as for ``upload_tree``.
    """
    refuse_snapshot(target)
    conduct = Conduct(concurrency, 1, dry_run, keep_steps, progress, progress_every)
    found = yield from look_at_remote_source(target)
    if close_handles and not dry_run:
        yield from close_all_directory_handles(target, recursive=True)
    slots = Slots(concurrency)
    side = RemoteSide(target, slots, times=False, folds=found.folds, ahead=concurrency)
    removal = Removal(side, Choice())
    planning: Planning[bool | None] = removal.content(()) if keep_root or not target.path else removal.directory(())
    handling = Handling(ignore_readonly=ignore_readonly)
    places = Places(None, target, found.is_nfs)
    return (yield from report_of(Plan(planning), places, handling, conduct, slots, workers_of(executor)))


__all__ = ["delete_tree"]
