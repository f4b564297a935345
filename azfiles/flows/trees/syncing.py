"""Bringing one side into line with the other: only what differs goes, and what is extra may be deleted."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from azfiles.errors import InvalidArgument
from azfiles.flows.effects import Flow
from azfiles.flows.targets import Target
from azfiles.flows.transfers.checking import AUTO
from azfiles.flows.transfers.sources import LocalPath
from azfiles.flows.trees.accounting import (
    DEFAULT_CONCURRENCY,
    DEFAULT_CONNECTIONS,
    DEFAULT_PROGRESS_EVERY,
    Conduct,
    Progress,
)
from azfiles.flows.trees.batches import Executor, Workers, workers_of
from azfiles.flows.trees.choosing import choice_of
from azfiles.flows.trees.handling import Handling, LocalFolder
from azfiles.flows.trees.mirroring import Wish, mirror
from azfiles.flows.trees.planning import Existing
from azfiles.flows.trees.roots import local_root
from azfiles.flows.trees.transferring import existing_of, links_of
from azfiles.models import TreeReport

_COMPARE: Final = ("time", "size", "md5")
_TICKS_PER_S: Final = 10_000_000


def sync_up(
    target: Target,
    local: LocalPath,
    *,
    compare: str = "time",
    time_window_s: float = 0.0,
    delete: bool = False,
    include: str | Iterable[str] = (),
    exclude: str | Iterable[str] = (),
    links: str = "skip",
    keep_mode: bool = False,
    guess_content_type: bool = False,
    atomic: bool = True,
    checksum: str | None = AUTO,
    concurrency: int = DEFAULT_CONCURRENCY,
    connections_per_file: int = DEFAULT_CONNECTIONS,
    dry_run: bool = False,
    keep_steps: bool = False,
    progress: Progress | None = None,
    progress_every: int = DEFAULT_PROGRESS_EVERY,
    executor: Executor | Workers | None = None,
) -> Flow[TreeReport]:
    """Make this directory like a local one: upload what is missing or differs, with ``delete`` also delete what is not
    there locally.

    ``compare`` says when a file differs: by its size and the time of its last write (``"time"``), which is why times are
    always kept; by its size alone; or by size and the MD5 of the content (``"md5"``), which is read here and asked for
    there, file by file, and stored with what is uploaded. ``time_window_s`` is by how much times of the same file may
    differ, for disks that do not keep 100 ns. What is left alone here (links, special files, what ``exclude`` names or
    ``include`` does not) is not deleted there. All else as for ``upload_tree``.
    """
    wish = Wish(
        choice_of(include, exclude),
        existing_of("compare", compare, _COMPARE),
        delete=delete,
        window_ticks=_window(time_window_s),
        links=links_of(links),
    )
    handling = Handling(
        keep_mode=keep_mode,
        guess_content_type=guess_content_type,
        content_md5=wish.existing is Existing.MD5,
        atomic=atomic,
        checksum=checksum,
    )
    conduct = Conduct(concurrency, connections_per_file, dry_run, keep_steps, progress, progress_every)
    return (yield from mirror(LocalFolder(local_root(local)), target, wish, handling, conduct, workers_of(executor)))


def sync_down(
    target: Target,
    local: LocalPath,
    *,
    compare: str = "time",
    time_window_s: float = 0.0,
    delete: bool = False,
    include: str | Iterable[str] = (),
    exclude: str | Iterable[str] = (),
    keep_mode: bool = False,
    checksum: str | None = AUTO,
    concurrency: int = DEFAULT_CONCURRENCY,
    connections_per_file: int = DEFAULT_CONNECTIONS,
    dry_run: bool = False,
    keep_steps: bool = False,
    progress: Progress | None = None,
    progress_every: int = DEFAULT_PROGRESS_EVERY,
    executor: Executor | Workers | None = None,
) -> Flow[TreeReport]:
    """Make a local directory like this one, also one in a share snapshot: download what is missing or differs, with
    ``delete`` also delete what is not here.

    Local links, special files and what the patterns leave out are never deleted, nor the directories that they are in.
    All else as for ``sync_up`` and ``download_tree``.
    """
    wish = Wish(
        choice_of(include, exclude),
        existing_of("compare", compare, _COMPARE),
        delete=delete,
        window_ticks=_window(time_window_s),
    )
    handling = Handling(keep_mode=keep_mode, checksum=checksum)
    conduct = Conduct(concurrency, connections_per_file, dry_run, keep_steps, progress, progress_every)
    return (yield from mirror(target, LocalFolder(local_root(local)), wish, handling, conduct, workers_of(executor)))


def _window(seconds: float) -> int:
    if not (seconds >= 0 and math.isfinite(seconds)):
        raise InvalidArgument(f"time_window_s {seconds}: 0 seconds or more are expected")
    return round(seconds * _TICKS_PER_S)


__all__ = ["sync_down", "sync_up"]
