"""What lies at a path: a file, a directory, or nothing."""

from __future__ import annotations

from dataclasses import replace

from azfiles.address import split_path
from azfiles.core import directories, files
from azfiles.errors import NotFound
from azfiles.flows.call import call
from azfiles.flows.effects import Flow
from azfiles.flows.targets import Target
from azfiles.models import DirectoryProperties, FileProperties

_MAY_BE_A_DIRECTORY = frozenset({"ResourceNotFound", ""})  # a HEAD of an older service version says no code at all


def stat(target: Target, below: str = "") -> Flow[FileProperties | DirectoryProperties]:
    """The properties of whatever lies ``below`` this one, names joined by slashes: of a file (Get File Properties)
    or a directory (Get Directory Properties). One request for a file, two for a directory; the empty path is this itself.

    Raises ``NotFound`` where there is neither, which says whether it is the share, the parent or the last name that is
    missing. Of a share's root the directory's properties are returned, not the share's.
    """
    place = replace(target, path=(*target.path, *split_path(below)))
    session, share, names, snapshot = place.session, place.share, place.path, place.snapshot
    if names:
        try:
            return (yield from call(session, files.get_file_properties(share, names, snapshot=snapshot)))
        except NotFound as missing:
            if missing.code not in _MAY_BE_A_DIRECTORY:
                raise
    return (yield from call(session, directories.get_directory_properties(share, names, snapshot=snapshot)))


__all__ = ["stat"]
