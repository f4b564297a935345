"""``ls`` and ``tree``: what is there. Nothing is kept that has been shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final

import click

import azfiles
from azfiles.cli import exits, wording
from azfiles.cli.accounts import accounts
from azfiles.cli.commands import Command, concurrency_option, json_option, put_json, snapshot_option
from azfiles.cli.places import PLACE, Place, epilog, read_place
from azfiles.models import DirectoryEntry, Entry, FileEntry, FileProperties, TreeEntry

_TIMES: Final = "Timestamps"
_NO_SIZE: Final = "-"


@click.command(
    cls=Command, epilog=epilog("azfiles ls", "azfiles ls -l data/reports", "azfiles ls -R --json azfiles://data")
)
@click.argument("place", type=PLACE, required=False, metavar="[PLACE]")
@click.option("-l", "--long", is_flag=True, help="Also size and time of the last write.")
@click.option("-R", "--recursive", is_flag=True, help="Also what is in directories, with paths.")
@snapshot_option
@json_option
def ls(place: Place | None, snapshot: str | None, *, long: bool, recursive: bool, as_json: bool) -> int:
    """List the shares, or what is in a directory.

    Names come in the service's order, page by page; those of directories end with a slash. Of a file, the file itself is
    listed. With --json, each line is an object with
    "name" (below PLACE), "type" (share, directory or file), "size" (of a file, in bytes), "modified" and "url".
    """
    place = (place or read_place("")).at(snapshot)
    if not place.share:
        _list_shares(place, long=long, as_json=as_json)
        return exits.DONE
    for found in _found(place, recursive=recursive, times=long or as_json):
        if as_json:
            put_json(found.plain())
        elif long:
            click.echo(_long(found.size, found.modified, found.marked))
        else:
            click.echo(found.marked)
    return exits.DONE


@click.command(cls=Command, epilog=epilog("azfiles tree data", "azfiles tree -L 2 data/reports"))
@click.argument("place", type=PLACE, metavar="PLACE")
@click.option("-L", "--depth", type=click.IntRange(1, 250), metavar="N", help="So many levels only.")
@concurrency_option
@snapshot_option
@json_option
def tree(place: Place, snapshot: str | None, depth: int | None, concurrency: int, *, as_json: bool) -> int:
    """Draw a directory with all that is in it.

    Of each directory on the way one page is kept, so a tree may be as large as it likes. With --json, lines are as those
    of: azfiles ls --recursive --json.
    """
    place = place.at(snapshot)
    root = accounts().directory(place)
    walked = root.walk(include=_TIMES if as_json else (), concurrency=concurrency, max_depth=depth)
    if as_json:
        for found in walked:
            put_json(_Found.below(place, found).plain())
        return exits.DONE
    root.get_properties()
    click.echo(str(place))
    counts = {"directory": 0, "file": 0}
    for line, kind in _drawn(walked):
        counts[kind] += 1
        click.echo(line)
    click.echo(
        f"\n{wording.count(counts['directory'], 'directory', 'directories')}, {wording.count(counts['file'], 'file')}"
    )
    return exits.DONE


def _list_shares(place: Place, *, long: bool, as_json: bool) -> None:
    for share in accounts().service(place).list_shares():
        if as_json:
            put_json(
                {
                    "name": share.name,
                    "type": "share",
                    "quota_gib": share.quota_gib,
                    "modified": _iso(share.last_modified),
                    "protocols": share.enabled_protocols,
                    "url": str(Place(share.name, endpoint=place.endpoint)),
                }
            )
        elif long:
            click.echo(_long(f"{share.quota_gib} GiB", share.last_modified, f"{share.name}/"))
        else:
            click.echo(f"{share.name}/")


@dataclass(frozen=True)
class _Found:
    """What is listed: under which name or path, where it is, and how the service lists it."""

    name: str
    place: Place
    entry: Entry

    @classmethod
    def below(cls, directory: Place, found: TreeEntry) -> _Found:
        return cls(found.path, directory.below(found.path), found.entry)

    @property
    def marked(self) -> str:
        return marked(self.name, self.entry)

    @property
    def size(self) -> str:
        return wording.size(self.entry.size) if isinstance(self.entry, FileEntry) else _NO_SIZE

    @property
    def modified(self) -> datetime | None:
        return None if self.entry.times is None else self.entry.times.last_write

    def plain(self) -> dict[str, object]:
        is_file = isinstance(self.entry, FileEntry)
        return {
            "name": self.name,
            "type": "file" if is_file else "directory",
            "size": self.entry.size if isinstance(self.entry, FileEntry) else None,
            "modified": _iso(self.modified),
            "url": str(self.place),
        }


def _found(place: Place, *, recursive: bool, times: bool) -> Iterator[_Found]:
    """What is in a directory, or a file itself."""
    directory = accounts().directory(place)
    include = (_TIMES,) if times else ()
    walked = directory.walk(include=include) if recursive else map(_as_walked, directory.list(include=include))
    try:
        first = next(walked, None)
    except azfiles.NotFound as missing:
        if not place.path or missing.code != "ResourceNotFound":
            raise
        found = accounts().file(place).get_properties()
        yield _Found(place.name, place, _entry_of(place.name, found))
        return
    if first is not None:
        yield from (_Found.below(place, found) for found in chain((first,), walked))


def _as_walked(entry: Entry) -> TreeEntry:
    return TreeEntry(entry.name, entry)


def _entry_of(name: str, found: FileProperties) -> FileEntry:
    """A file as a listing has it. What a listing knows of its times, its properties have, too."""
    smb = found.smb
    moment = smb.last_write_time or found.last_modified
    exact = azfiles.ExactTimes(last_write=smb.exact.last_write)
    times = azfiles.EntryTimes(moment, moment, moment, moment, found.last_modified, exact)
    return FileEntry(name, found.size, smb.file_id, found.etag, times, smb.attributes, smb.permission_key)


def _drawn(walked: Iterable[TreeEntry]) -> Iterator[tuple[str, str]]:
    """The lines of a tree, and what each is of."""
    indents = [""]  # of each directory on the way
    for found in walked:
        depth = found.path.count("/")
        del indents[depth + 1 :]
        branch, below = ("└── ", "    ") if found.is_last else ("├── ", "│   ")
        yield (
            indents[depth] + branch + marked(found.entry.name, found.entry),
            "directory" if found.is_directory else "file",
        )
        indents.append(indents[depth] + below)


def marked(name: str, entry: Entry) -> str:
    """A name that tells a directory from a file."""
    return wording.shown(name) + ("/" if isinstance(entry, DirectoryEntry) else "")


def _long(size: str, modified: datetime | None, name: str) -> str:
    time = "" if modified is None else wording.local(modified)
    return f"{size:>10}  {time:<16}  {name}"


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


__all__ = ["ls", "tree"]
