"""Whole trees up, down, and from one place of the service to another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from azfiles.core.arguments import choose
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
from azfiles.flows.trees.names import folded
from azfiles.flows.trees.planning import Existing
from azfiles.flows.trees.roots import local_root
from azfiles.flows.trees.sides import Links
from azfiles.models import TreeReport

_EXISTING: Final = ("replace", "keep", "time", "size", "md5")
_LINKS: Final = tuple(links.value for links in Links)


class DirectoryLike(Protocol):
    """A client of a directory, blocking or async."""

    @property
    def target(self) -> Target: ...


def existing_of(name: str, given: str, choices: tuple[str, ...] = _EXISTING) -> Existing:
    """What is done to files that are there; ``InvalidArgument`` for another word."""
    return Existing(choose(name, given, choices))


def links_of(given: str) -> Links:
    """What becomes of local links; ``InvalidArgument`` for another word."""
    return Links(choose("links", given, _LINKS))


def upload_tree(
    target: Target,
    local: LocalPath,
    *,
    existing: str = "replace",
    include: str | Iterable[str] = (),
    exclude: str | Iterable[str] = (),
    links: str = "skip",
    keep_times: bool = True,
    keep_mode: bool = False,
    guess_content_type: bool = False,
    content_md5: bool = False,
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
    """Upload a local directory, all that is in it, into this one, which is made if it is not there. ``docs/trees.md`` tells
    the whole story.

    What cannot be done is in the report, and everything else is done: ``raise_for_failures()`` of it raises. A file that
    is there already is replaced, or by ``existing`` kept (``"keep"``), or replaced if it differs (``"time"``, ``"size"``,
    ``"md5"``, as for ``sync_up``). Nothing is deleted; where a file and a directory have the same name, that is a failure.

    ``include`` and ``exclude`` are patterns of names (``"*.txt"``) or paths (``"a/**"``). Symbolic ``links`` are left alone
    (``"skip"``), or followed, those that lead out of the directory not (``"inside"``) or also (``"follow"``).
    ``keep_times`` keeps the time of the last write, in units of 100 ns; ``keep_mode`` on NFS shares the permission bits;
    ``guess_content_type`` goes by the name. ``content_md5``, ``atomic`` and ``checksum`` as for ``upload``.

    ``concurrency`` requests are under way at once, ``connections_per_file`` of them for one file at most; each takes 4 MiB
    of memory at most. With ``dry_run`` nothing is changed, and the report says what would be; it has the ``steps``, and
    another one with ``keep_steps``. ``progress`` is called with a ``TreeProgress`` after each ``progress_every`` steps.

    With an ``executor`` (of ``concurrent.futures``, or what Dask's ``get_executor`` gives) the steps are done in batches by
    its workers, each with a client and a ``concurrency`` of its own, and the report is the same; ``TreeWorkers`` says more of
    how. They must see the same local files, and find a credential in their environment. ``docs/dask.md`` has the rest.
    """
    wish = Wish(choice_of(include, exclude), existing_of("existing", existing), links=links_of(links))
    handling = Handling(
        keep_times=keep_times,
        keep_mode=keep_mode,
        guess_content_type=guess_content_type,
        content_md5=content_md5 or wish.existing is Existing.MD5,
        atomic=atomic,
        checksum=checksum,
    )
    conduct = Conduct(concurrency, connections_per_file, dry_run, keep_steps, progress, progress_every)
    return (yield from mirror(LocalFolder(local_root(local)), target, wish, handling, conduct, workers_of(executor)))


def download_tree(
    target: Target,
    local: LocalPath,
    *,
    existing: str = "replace",
    include: str | Iterable[str] = (),
    exclude: str | Iterable[str] = (),
    keep_times: bool = True,
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
    """Download this directory, also one in a share snapshot, with all that is in it, into a local one, which is made if it
    is not there.

    Each file appears when it is whole. Nothing is written outside of ``local``: a name that would lead elsewhere is a
    failure, and so is a symbolic link that lies where a directory or file belongs. All else as for ``upload_tree``.
    """
    wish = Wish(choice_of(include, exclude), existing_of("existing", existing))
    handling = Handling(keep_times=keep_times, keep_mode=keep_mode, checksum=checksum)
    conduct = Conduct(concurrency, connections_per_file, dry_run, keep_steps, progress, progress_every)
    return (yield from mirror(target, LocalFolder(local_root(local)), wish, handling, conduct, workers_of(executor)))


def copy_tree(
    target: Target,
    destination: DirectoryLike,
    *,
    existing: str = "replace",
    delete: bool = False,
    include: str | Iterable[str] = (),
    exclude: str | Iterable[str] = (),
    keep_times: bool = True,
    keep_attributes: bool = True,
    keep_mode: bool = False,
    concurrency: int = DEFAULT_CONCURRENCY,
    dry_run: bool = False,
    keep_steps: bool = False,
    progress: Progress | None = None,
    progress_every: int = DEFAULT_PROGRESS_EVERY,
    executor: Executor | Workers | None = None,
) -> Flow[TreeReport]:
    """Copy this directory, also one in a share snapshot, with all that is in it, into another one, which is made if it is
    not there (Copy File). The service copies; no content passes through here.

    ``destination`` is the client of a directory, of any share. Where it is of another account, the source's client needs a
    signature for its credential, and copies that take their time are waited for. ``delete`` deletes what is only there.
    ``keep_attributes`` keeps the SMB attributes, ``keep_mode`` on NFS shares mode, owner and group. All else as for
    ``upload_tree``.
    """
    _refuse_overlap(target, destination.target, delete=delete)
    wish = Wish(choice_of(include, exclude), existing_of("existing", existing), delete=delete)
    handling = Handling(keep_times=keep_times, keep_attributes=keep_attributes, keep_mode=keep_mode)
    conduct = Conduct(concurrency, 1, dry_run, keep_steps, progress, progress_every)
    return (yield from mirror(target, destination.target, wish, handling, conduct, workers_of(executor)))


def _refuse_overlap(source: Target, destination: Target, *, delete: bool) -> None:
    """A copy into its own source would never end, and deleting what is extra around a source would delete the source."""
    if source.snapshot is not None or source.session.endpoint != destination.session.endpoint:
        return
    if source.share != destination.share:
        return
    here, there = tuple(map(folded, source.path)), tuple(map(folded, destination.path))
    if there[: len(here)] == here or (delete and here[: len(there)] == there):
        raise InvalidArgument(f"destination: {destination.url} and the source {source.url} lie in one another")


__all__ = ["DirectoryLike", "copy_tree", "download_tree", "existing_of", "links_of", "upload_tree"]
