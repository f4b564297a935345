"""The two ends of a copy: a place on the service, a path here, or a stream; and what lies there."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from azfiles.address import split_path
from azfiles.cli import exits
from azfiles.cli.accounts import accounts
from azfiles.cli.errors import CommandError
from azfiles.cli.places import Place, is_remote, read_place
from azfiles.cli.wording import shown
from azfiles.errors import InvalidArgument, NotFound
from azfiles.models import FileProperties


class Stream:
    """Standard input, or standard output."""

    def __str__(self) -> str:
        return "-"


STREAM: Final = Stream()
End: TypeAlias = Place | Path | Stream


@dataclass(frozen=True)
class Folder:
    """A destination that is a directory: what is copied gets its own name in it."""

    end: Place | Path

    def at(self, name: str) -> Place | Path:
        return self.end.below(name) if isinstance(self.end, Place) else self.end / name


def read_end(text: str, *, snapshot: str | None = None) -> End:
    """An end as it was typed. ``InvalidArgument`` where it can be none."""
    if is_remote(text):
        return read_place(text).at(snapshot)
    if snapshot is not None:
        raise InvalidArgument(f"--snapshot is for a source on the service, and {shown(text)!r} is here")
    if not text:
        # Path has it that this is the directory one is in, which is no place to mirror into by an oversight.
        raise InvalidArgument("'' is no path: a variable that is not set, perhaps? The directory that you are in is .")
    return STREAM if text == "-" else Path(text)


def is_directory(end: Place | Path) -> bool | None:
    """Whether a directory lies there; ``None`` where nothing does. Where the directory above is missing, too, that is an
    error of the service.
    """
    if isinstance(end, Path):
        return end.is_dir() if end.exists() or end.is_symlink() else None
    if not end.path:
        accounts().share(end).root.get_properties()
        return True
    try:
        return not isinstance(accounts().share(end).stat(end.path), FileProperties)
    except NotFound as missing:
        if missing.code != "ResourceNotFound":
            raise
        return None


def folder_of(end: Place | Path, text: str, *, many: bool) -> Folder | None:
    """The destination as a directory to copy into, ``None`` where it is the name that the copy gets, as cp has it."""
    wanted = many or (end.as_directory if isinstance(end, Place) else text.endswith(os.sep))
    there = is_directory(end)
    if there:
        return Folder(end)
    if wanted:
        state = "is not there" if there is None else "is a file"
        make = f"azfiles mkdir -p {end}" if isinstance(end, Place) else f"mkdir -p {end}"
        raise CommandError(f"{end} is to be a directory, but {state}", f"{make}  makes it", status=exits.MISSING)
    return None


def name_of(end: Place | Path) -> str:
    """The name that something has where it is copied into a directory."""
    if isinstance(end, Place):
        return split_path(end.path)[-1] if end.path else end.share
    # A link gives the copy its own name, and not that of what it leads to.
    return end.name if end.name not in {"", ".."} else end.resolve().name


def refuse_one_name_for_two(sources: Iterable[End], folder: Folder) -> None:
    """Several things go into a directory: raises where one would replace another that came just before."""
    came: dict[str, End] = {}
    for source in sources:
        if isinstance(source, Stream):
            continue
        name = name_of(source)
        known = name.casefold() if isinstance(folder.end, Place) else name
        if known in came:
            raise CommandError(
                f"{shown(str(came[known]))} and {shown(str(source))} would both be {shown(str(folder.at(name)))}; "
                "nothing was done",
                status=exits.FAILED,
            )
        came[known] = source


def wrong_kind(end: Place | Path, command: str) -> CommandError:
    """A directory where the command wants to be told that it may be one."""
    text = str(end) if isinstance(end, Place) else shown(str(end))
    return CommandError(
        f"{text} is a directory",
        f"azfiles {command} -r takes it with all that is in it",
        status=exits.FAILED,
    )


__all__ = [
    "STREAM",
    "End",
    "Folder",
    "Stream",
    "folder_of",
    "is_directory",
    "name_of",
    "read_end",
    "refuse_one_name_for_two",
    "wrong_kind",
]
