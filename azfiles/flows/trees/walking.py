"""A walk through a tree of the service: depth first, in the service's order of names, with bounded memory.

Of each directory on the way from the root one page at a time is kept, with the last entry of the page before, and of the
first pages of those that come next as many as there are requests at once; so memory depends on the depth of the tree and
not on its size.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from azfiles.core import directories
from azfiles.core.arguments import MAX_COMPONENTS, check_whole
from azfiles.errors import AzureFilesError, ReplyNotUnderstood
from azfiles.flows.call import call
from azfiles.flows.effects import Flow, gather
from azfiles.flows.targets import Target
from azfiles.flows.transfers.filling import MAX_CONCURRENCY
from azfiles.flows.trees.handling import below
from azfiles.flows.trees.names import Path, text_of
from azfiles.models import DirectoryEntry, Entry, ListingPage, TreeEntry

OnError = Callable[[str, AzureFilesError], object]


@dataclass(slots=True)
class _Level:
    """A directory on the way: what is left of its page, and where the next one begins."""

    path: Path
    entries: deque[Entry] = field(default_factory=deque[Entry])
    begun: bool = False
    marker: str | None = None

    def take(self, page: ListingPage) -> None:
        if self.begun and page.next_marker is not None and page.next_marker == self.marker:
            raise ReplyNotUnderstood("the page of a list names itself as the next one; going on would never end")
        self.entries.extend(page.entries)
        self.begun, self.marker = True, page.next_marker

    @property
    def is_known(self) -> bool:
        """Whether it is known what follows the next entry; the last one of a page waits for the next page."""
        return len(self.entries) > 1 or (bool(self.entries) and self.marker is None)


class Walk:
    """One walk. ``following`` gives the next entries, none of them where the walk has ended."""

    def __init__(
        self,
        root: Target,
        include: str | Iterable[str],
        page_size: int | None,
        concurrency: int,
        on_error: OnError | None,
        max_depth: int | None = None,
    ) -> None:
        self._root = root
        self._include = include
        self._page_size = page_size
        self._concurrency = concurrency
        self._on_error = on_error
        self._max_depth = max_depth
        self._way = [_Level(())]
        self._ahead: dict[Path, ListingPage | AzureFilesError] = {}

    def following(self) -> Flow[Sequence[TreeEntry] | None]:
        """What comes next, up to the next directory; ``None`` after the last."""
        while self._way:
            level = self._way[-1]
            if level.is_known:
                return self._go_on(level)
            if level.begun and level.marker is None:
                self._way.pop()
                continue
            yield from self._turn_page(level)
        return None

    def _go_on(self, level: _Level) -> Sequence[TreeEntry]:
        found: list[TreeEntry] = []
        while level.is_known:
            entry = level.entries.popleft()
            path = (*level.path, entry.name)
            found.append(TreeEntry(text_of(path), entry, is_last=not level.entries))
            if isinstance(entry, DirectoryEntry) and self._is_within(path):
                self._way.append(_Level(path))
                break
        return found

    def _turn_page(self, level: _Level) -> Flow[None]:
        page: ListingPage | AzureFilesError | None = self._ahead.pop(level.path, None) if not level.begun else None
        if page is None:
            page = yield from self._fetch(level)
        if not isinstance(page, AzureFilesError):
            level.take(page)
            return
        if self._on_error is None or not level.path:
            raise page
        self._on_error(text_of(level.path), page)
        self._way.pop()

    def _fetch(self, level: _Level) -> Flow[ListingPage | AzureFilesError]:
        """The page of this directory, and beside it the first ones of directories that come after it."""
        room = self._concurrency - 1 - len(self._ahead)
        coming = self._coming(room) if room > 0 else []
        flows = [self._page(level.path, level.marker), *(self._page(path, None) for path in coming)]
        page, *others = yield from gather(flows, len(flows))
        self._ahead.update(zip(coming, others, strict=True))
        return page

    def _coming(self, most: int) -> list[Path]:
        """The directories that are known to come next, nearest first."""
        found: list[Path] = []
        for level in reversed(self._way):
            for entry in level.entries:
                path = (*level.path, entry.name)
                if isinstance(entry, DirectoryEntry) and path not in self._ahead and self._is_within(path):
                    found.append(path)
                    if len(found) == most:
                        return found
        return found

    def _is_within(self, path: Path) -> bool:
        """Whether what is in the directory at ``path`` is asked for."""
        return self._max_depth is None or len(path) < self._max_depth

    def _page(self, path: Path, marker: str | None) -> Flow[ListingPage | AzureFilesError]:
        target = below(self._root, path)
        operation = directories.list_directory(
            target.share,
            target.path,
            marker=marker,
            page_size=self._page_size,
            include=self._include,
            snapshot=target.snapshot,
        )
        try:
            return (yield from call(target.session, operation))
        except AzureFilesError as error:
            return error


def walk(
    target: Target,
    *,
    include: str | Iterable[str] = (),
    page_size: int | None = None,
    concurrency: int = 4,
    on_error: OnError | None = None,
    max_depth: int | None = None,
) -> Walk:
    """Iterate over all that is in this directory and below it, as ``TreeEntry`` with the path from here on: a directory
    comes before what is in it, names come in the service's order (List Directories and Files).

    ``include`` and ``page_size`` as for ``list``. Up to ``concurrency`` lists are fetched at once. A directory that cannot
    be listed ends the walk with its error, unless ``on_error`` is there to be called with its path and the error; then the
    walk goes on behind it. ``max_depth`` levels are walked; with 1 only what is in this directory itself. Works on a share
    snapshot too; without one, what is changed meanwhile may be seen or not.
    """
    at_once = check_whole("concurrency", concurrency, 1, MAX_CONCURRENCY)
    if max_depth is not None:
        check_whole("max_depth", max_depth, 1, MAX_COMPONENTS)
    return Walk(target, include, page_size, at_once, on_error, max_depth)


__all__ = ["OnError", "Walk", "walk"]
