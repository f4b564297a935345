"""``cp``: files and trees up, down, and from one place of the service to another."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

import azfiles
from azfiles.cli import exits
from azfiles.cli.accounts import accounts, lease_id_for
from azfiles.cli.commands import (
    Command,
    dry_run_option,
    each,
    json_option,
    recursive_option,
    snapshot_option,
    tree_options,
)
from azfiles.cli.completing import complete_end
from azfiles.cli.ends import (
    End,
    Stream,
    folder_of,
    is_directory,
    name_of,
    read_end,
    refuse_one_name_for_two,
    wrong_kind,
)
from azfiles.cli.errors import CommandError
from azfiles.cli.places import SCHEME, Place, epilog
from azfiles.cli.progress import transfer_shown, tree_shown
from azfiles.cli.reports import show_report, show_step
from azfiles.cli.wording import shown
from azfiles.flows.trees.choosing import choice_of
from azfiles.flows.trees.times import NS_PER_TICK, iso_of, ticks_of
from azfiles.models import FileProperties, TreeAction, TreeReport, TreeStep


@dataclass(frozen=True)
class _Wish:
    """How the copies of one command are made."""

    recursive: bool
    keep: bool
    dry_run: bool
    resume: bool
    verbose: bool
    as_json: bool
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    links: str
    concurrency: int

    def tree(self) -> dict[str, Any]:
        """The options of a tree's copy."""
        return {
            "existing": "keep" if self.keep else "replace",
            "include": self.include,
            "exclude": self.exclude,
            "concurrency": self.concurrency,
            "dry_run": self.dry_run,
            "progress_every": 1,
        }


@click.command(
    cls=Command,
    epilog=epilog(
        "azfiles cp report.csv azfiles://data/reports/",
        "azfiles cp -r azfiles://data/reports .",
        "azfiles cp -r azfiles://data/reports azfiles://backup",
        "pg_dump shop | azfiles cp - azfiles://backup/shop.sql",
    ),
)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...", shell_complete=complete_end)
@click.argument("destination", metavar="DESTINATION", shell_complete=complete_end)
@recursive_option
@click.option("-n", "--no-clobber", is_flag=True, help="Keep files that are there already.")
@dry_run_option
@click.option("--resume", is_flag=True, help="Go on where an interrupted copy of a large file (not of a tree) stopped.")
@tree_options
@click.option("-v", "--verbose", is_flag=True, help="Tell of each file.")
@snapshot_option
@json_option
def cp(
    sources: tuple[str, ...],
    destination: str,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    links: str,
    concurrency: int,
    snapshot: str | None,
    *,
    recursive: bool,
    no_clobber: bool,
    dry_run: bool,
    resume: bool,
    verbose: bool,
    as_json: bool,
) -> int:
    """Copy files up, down, or within the service.

    As with cp(1), a DESTINATION that is a directory gets the copies in it; any other is the name of the copy, and a file that
    is there is replaced. Whoever reads it meanwhile sees the old file or the new one. Times of the last write are kept.
    "-" stands for stdin or stdout. Patterns choose from what is in a directory, and from the files among SOURCE. What an upload does not finish, --resume of the same command finishes.

    With --json, each line is an object for one SOURCE: "action", "source", "destination", "dry_run", "transferred" (files),
    "bytes", "made", "deleted", "unchanged", "skipped", "failures" and, of a dry run, "steps".
    """
    wish = _Wish(recursive, no_clobber, dry_run, resume, verbose, as_json, include, exclude, links, concurrency)
    if (include or exclude) and not recursive:
        raise CommandError(
            "--include and --exclude choose from the files of directories",
            "azfiles cp -r  takes directories; without it, name the files that are meant",
            status=exits.FAILED,
        )
    end = read_end(destination)
    if isinstance(end, Place) and end.snapshot:
        raise azfiles.InvalidArgument(f"{end} is in a share snapshot, which nobody can write to")
    given = [read_end(source, snapshot=snapshot) for source in sources]
    if not any(isinstance(one, Place) for one in (end, *given)):
        raise CommandError(
            "all of this is here; cp copies to, from or within the service",
            f"a place on the service is written {SCHEME}SHARE/PATH",
            status=exits.FAILED,
        )
    folder = None if isinstance(end, Stream) else folder_of(end, destination, many=len(given) > 1)
    if folder is not None:
        refuse_one_name_for_two(given, folder)

    def copy(source: End) -> int:
        if folder is None:
            return _copy(source, end, wish)
        if isinstance(source, Stream):
            raise CommandError(
                f"{folder.end} is a directory; give stdin a name there: {folder.at('NAME')}", status=exits.FAILED
            )
        return _copy(source, folder.at(name_of(source)), wish)

    return each(given, copy)


def _copy(source: End, destination: End, wish: _Wish) -> int:
    if isinstance(source, Place):
        if isinstance(destination, Stream):
            accounts().file(source).download_to(sys.stdout.buffer)
            return exits.DONE
        found = accounts().share(source).stat(source.path)
        if not isinstance(found, FileProperties):
            return _copy_tree(source, destination, wish)
        verb = "copy" if isinstance(destination, Place) else "download"
        return _copy_file(source, destination, wish, verb, found.size, lambda: _fetch(source, destination, found, wish))
    if not isinstance(destination, Place):
        raise CommandError(f"{source} and {destination} are both here", status=exits.FAILED)
    if isinstance(source, Stream):
        return _copy_file(source, destination, wish, "upload", None, lambda: _send(source, destination, None, wish))
    if source.is_dir():
        return _copy_tree(source, destination, wish)
    state = source.stat()
    return _copy_file(
        source, destination, wish, "upload", state.st_size, lambda: _send(source, destination, state, wish)
    )


def _copy_tree(source: Place | Path, destination: Place | Path, wish: _Wish) -> int:
    if not wish.recursive:
        raise wrong_kind(source, "cp")
    if isinstance(source, Path):
        assert isinstance(destination, Place)  # noqa: S101 - said by the one who calls
        verb, root = "upload", accounts().directory(destination)
    else:
        verb, root = "copy" if isinstance(destination, Place) else "download", accounts().directory(source)
    with tree_shown(verb, hidden=wish.verbose) as progress:
        options: dict[str, Any] = {
            **wish.tree(),
            "progress": show_step if wish.verbose and not wish.as_json else progress,
        }
        if isinstance(source, Path):
            report = root.upload_tree(source, links=wish.links, **options)
        elif isinstance(destination, Place):
            report = root.copy_tree(accounts().directory(destination), **options)
        else:
            report = root.download_tree(destination, **options)
    return show_report(report, verb, source=str(source), destination=str(destination), as_json=wish.as_json)


def _copy_file(
    source: End, destination: Place | Path, wish: _Wish, verb: str, size: int | None, copy: Callable[[], int]
) -> int:
    """One file. What a tree would count is counted here, too."""
    if not isinstance(source, Stream) and not choice_of(wish.include, wish.exclude).takes_file((name_of(source),)):
        return _tell(TreeReport({}, 0, dry_run=wish.dry_run), verb, source, destination, wish)
    there = is_directory(destination) if wish.dry_run or wish.keep else None
    action = TreeAction.KEEP if there is False and wish.keep else TreeAction.TRANSFER
    step = TreeStep(action, "", size=size or 0, replaces=there is False and not wish.keep)
    count = 0
    if action is TreeAction.TRANSFER:
        count = step.size if wish.dry_run else copy()
    report = TreeReport({action: 1}, count, steps=(step,) if wish.dry_run else (), dry_run=wish.dry_run)
    if wish.verbose and not (wish.as_json or wish.dry_run):
        click.echo(f"{action.value}: {shown(str(destination))}")
    return _tell(report, verb, source, destination, wish)


def _tell(report: TreeReport, verb: str, source: End, destination: Place | Path, wish: _Wish) -> int:
    """Of one file nothing is told but where somebody asks for it."""
    if wish.as_json or wish.dry_run:
        return show_report(report, verb, source=str(source), destination=str(destination), as_json=wish.as_json)
    return exits.DONE


def _send(source: Path | Stream, destination: Place, state: os.stat_result | None, wish: _Wish) -> int:
    file = accounts().file(destination)
    times = None if state is None else azfiles.SmbSettings(last_write_time=iso_of(state.st_mtime_ns // NS_PER_TICK))
    with transfer_shown(destination.name, None if state is None else state.st_size) as progress:
        uploaded = file.upload(
            sys.stdin.buffer if isinstance(source, Stream) else source,
            smb=times,
            lease_id=lease_id_for(file),
            resume=wish.resume,
            progress=progress,
        )
    return uploaded.size


def _fetch(source: Place, destination: Place | Path, found: FileProperties, wish: _Wish) -> int:
    file = accounts().file(source)
    if isinstance(destination, Place):
        return file.copy_to(accounts().file(destination))
    with transfer_shown(source.name, found.size) as progress:
        if destination.exists() and not destination.is_file():
            # A pipe or a device is written to. A file put in its place would be the end of /dev/null.
            with destination.open("wb") as stream:
                return file.download_to(stream, progress=progress).size
        if destination.is_symlink():
            destination = Path(os.path.realpath(destination))  # what it leads to is written, and the link stays
        downloaded = file.download_to(destination, resume=wish.resume, progress=progress)
    if downloaded.etag == found.etag and found.smb.exact.last_write:
        modified_ns = ticks_of(found.smb.exact.last_write) * NS_PER_TICK
        os.utime(destination, ns=(destination.stat().st_atime_ns, modified_ns))
    return downloaded.size


__all__ = ["cp"]
