"""What is done to a tree of directories and files: entries of a walk, steps of a plan, and the report of a run.

Paths are relative to the root of the tree, names joined by slashes; the root itself is ``""``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from azfiles.errors import TreeIncomplete
from azfiles.models.files import DirectoryEntry, Entry, FileEntry
from azfiles.records import dataclass


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """A directory or file that a walk came by: its ``path`` below where the walk began, and how it was listed. ``is_last``
    says that no other follows it in its directory.
    """

    path: str
    entry: Entry
    is_last: bool = False

    @property
    def is_directory(self) -> bool:
        return isinstance(self.entry, DirectoryEntry)

    @property
    def size(self) -> int:
        """Bytes of a file; 0 for a directory."""
        return self.entry.size if isinstance(self.entry, FileEntry) else 0


class TreeAction(Enum):
    """What a step of a plan comes to. ``COMPARE`` looks at the contents first, and is then ``KEEP`` or ``TRANSFER``. The last
    three do nothing but count: what is as it should be, what is left alone on purpose, and what cannot be done, as the plan
    knows already.
    """

    MAKE_DIRECTORY = "make directory"
    TRANSFER = "transfer"
    DELETE_FILE = "delete file"
    DELETE_DIRECTORY = "delete directory"
    COMPARE = "compare"
    KEEP = "keep"
    SKIP = "skip"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class TreeStep:
    """One thing to do, or to leave. ``size`` is the bytes of a file to transfer, and ``ticks`` when it was last written,
    in units of 100 ns since 1970, where that is known; ``replaces`` says that the destination has a file of that name.
    ``why`` is for people to read. Steps are values: they can be compared, pickled, and done elsewhere.

    Steps whose paths lie one above the other are done in the order of the plan; all others in any order.
    """

    action: TreeAction
    path: str
    size: int = 0
    ticks: int | None = None
    replaces: bool = False
    why: str = ""
    error: Exception | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TreeFailure:
    """A step that was not done, and why. Whether it may have been done in part, ``error.may_have_acted`` says where the
    error has that; an ``OSError`` is of the local disk.
    """

    step: TreeStep
    error: Exception

    @property
    def path(self) -> str:
        return self.step.path


@dataclass(frozen=True, slots=True)
class TreeProgress:
    """How far a run is: the step that ended last, whether it failed, and what has been counted until now."""

    step: TreeStep
    failed: bool
    ended: int
    failures: int
    bytes: int


@dataclass(frozen=True, slots=True)
class TreeReport:
    """What became of a tree. ``counts`` says how many steps of each kind were done, or with ``dry_run`` would be; ``bytes``
    is what the transferred files hold. ``skipped`` was left alone (links, special files, temporary files), ``failures``
    could not be done; everything else was, whatever failed beside it.

    ``steps`` is the plan, in its order: after a dry run, or where it was asked for.
    """

    counts: Mapping[TreeAction, int]
    bytes: int
    skipped: tuple[TreeStep, ...] = ()
    failures: tuple[TreeFailure, ...] = ()
    steps: tuple[TreeStep, ...] = ()
    dry_run: bool = False

    @property
    def transferred(self) -> int:
        """Files that were uploaded, downloaded or copied."""
        return self.counts.get(TreeAction.TRANSFER, 0)

    @property
    def unchanged(self) -> int:
        """Files that were as they should be."""
        return self.counts.get(TreeAction.KEEP, 0)

    @property
    def made(self) -> int:
        """Directories that were made."""
        return self.counts.get(TreeAction.MAKE_DIRECTORY, 0)

    @property
    def deleted(self) -> int:
        """Files and directories that were deleted."""
        return self.counts.get(TreeAction.DELETE_FILE, 0) + self.counts.get(TreeAction.DELETE_DIRECTORY, 0)

    def raise_for_failures(self) -> None:
        """Raise ``TreeIncomplete``, which has this report, if anything failed."""
        if self.failures:
            first = self.failures[0]
            raise TreeIncomplete(
                f"{len(self.failures)} of the tree's steps failed, the first one at {first.path!r}: {first.error}",
                report=self,
            )


__all__ = ["TreeAction", "TreeEntry", "TreeFailure", "TreeProgress", "TreeReport", "TreeStep"]
