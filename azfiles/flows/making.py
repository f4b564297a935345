"""Directories that are there afterwards, whether they were before or not."""

from __future__ import annotations

from dataclasses import replace

from azfiles.core import directories
from azfiles.errors import AlreadyExists, Conflict, NotFound
from azfiles.flows.call import call, refuse_snapshot
from azfiles.flows.effects import Flow
from azfiles.flows.targets import Target


def make_directories(target: Target) -> Flow[None]:
    """Make this directory, and those above it that are missing (Create Directory); one that is there stays as it is.

    Raises ``AlreadyExists`` where a file is in the way, and ``NotFound`` where the share is missing.
    """
    refuse_snapshot(target)
    if target.path:
        yield from make_directory(target, with_parents=True)


def make_directory(target: Target, *, with_parents: bool) -> Flow[None]:
    """Make one directory, with those above it if asked; one that is there stays as it is."""
    try:
        yield from call(target.session, directories.create_directory(target.share, target.path))
    except AlreadyExists as taken:
        try:
            yield from call(target.session, directories.get_directory_properties(target.share, target.path))
        except (NotFound, Conflict):
            raise taken from None  # by a file
    except NotFound as missing:
        if not (with_parents and missing.code == "ParentNotFound" and len(target.path) > 1):
            raise
        yield from make_directory(replace(target, path=target.path[:-1]), with_parents=True)
        yield from make_directory(target, with_parents=False)


__all__ = ["make_directories", "make_directory"]
