"""``sync``: one directory is made like another."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import click

import azfiles
from azfiles.cli import exits
from azfiles.cli.accounts import accounts
from azfiles.cli.commands import Command, dry_run_option, json_option, snapshot_option, tree_options
from azfiles.cli.completing import complete_end
from azfiles.cli.ends import Stream, read_end
from azfiles.cli.errors import CommandError
from azfiles.cli.places import SCHEME, Place, epilog
from azfiles.cli.progress import tree_shown
from azfiles.cli.reports import show_report, show_step
from azfiles.cli.wording import shown
from azfiles.models import TreeReport


@click.command(
    cls=Command,
    epilog=epilog(
        "azfiles sync photos azfiles://backup/photos --delete --dry-run", "azfiles sync azfiles://backup/photos photos"
    ),
)
@click.argument("source", metavar="SOURCE", shell_complete=complete_end)
@click.argument("destination", metavar="DESTINATION", shell_complete=complete_end)
@click.option("--delete", is_flag=True, help="Delete what is only at the destination.")
@click.option(
    "--allow-empty-source", is_flag=True, help="With --delete: an empty SOURCE is meant, and empties DESTINATION."
)
@dry_run_option
@click.option(
    "--compare",
    type=click.Choice(("time", "size", "md5")),
    default="time",
    show_default=True,
    help="A file differs by size and time of its last write, by size, or by size and stored MD5.",
)
@tree_options
@click.option("-v", "--verbose", is_flag=True, help="Tell of each file.")
@snapshot_option
@json_option
def sync(
    source: str,
    destination: str,
    compare: str,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    links: str,
    concurrency: int,
    snapshot: str | None,
    *,
    delete: bool,
    allow_empty_source: bool,
    dry_run: bool,
    verbose: bool,
    as_json: bool,
) -> int:
    """Make one directory like another: copy what is missing or differs.

    What is in SOURCE comes into DESTINATION itself, which is made if it is not there. At least one of them is on the
    service. Run it with --dry-run first: that tells all that would be done, and changes nothing. With --delete an empty
    SOURCE is refused where DESTINATION is not, for a disk that is not mounted looks like that.

    With --json, one object is written, as that of: azfiles cp --json.
    """
    here, there = read_end(source, snapshot=snapshot), read_end(destination)
    if isinstance(here, Stream) or isinstance(there, Stream):
        raise azfiles.InvalidArgument("sync: two directories are expected, not a stream")
    if delete and not allow_empty_source:
        _refuse_empty(here, there)
    options: dict[str, Any] = {
        "delete": delete,
        "include": include,
        "exclude": exclude,
        "concurrency": concurrency,
        "dry_run": dry_run,
        "progress_every": 1,
    }
    verb = "download" if isinstance(there, Path) else "upload" if isinstance(here, Path) else "copy"
    with tree_shown(verb, hidden=verbose) as progress:
        options["progress"] = show_step if verbose and not as_json else progress
        report = _sync(here, there, compare, links, options)
    return show_report(report, verb, source=str(here), destination=str(there), as_json=as_json)


def _refuse_empty(here: Place | Path, there: Place | Path) -> None:
    """Raise where all that is at the destination would be deleted because there is nothing at the source."""
    if _is_empty(here) and _is_empty(there) is False:
        source, destination = shown(str(here)), shown(str(there))
        raise CommandError(
            f"{source} is empty, and --delete would delete all that is in {destination}; nothing was done",
            "is it the right directory, and mounted?",
            "--allow-empty-source  says that it is meant so",
            status=exits.FAILED,
        )


def _is_empty(end: Place | Path) -> bool | None:
    """Whether nothing is in a directory; ``None`` where there is none, which whoever wants to read it says better."""
    if isinstance(end, Path):
        return next(end.iterdir(), None) is None if end.is_dir() else None
    with suppress(azfiles.NotFound):
        return next(accounts().directory(end).list(page_size=1), None) is None
    return None


def _sync(here: Place | Path, there: Place | Path, compare: str, links: str, options: dict[str, Any]) -> TreeReport:
    if isinstance(there, Place):
        destination = accounts().directory(there)
        if isinstance(here, Path):
            return destination.sync_up(here, compare=compare, links=links, **options)
        return accounts().directory(here).copy_tree(destination, existing=compare, **options)
    if isinstance(here, Place):
        return accounts().directory(here).sync_down(there, compare=compare, **options)
    raise CommandError(
        "both directories are here; sync goes to, from or within the service",
        f"a place on the service is written {SCHEME}SHARE/PATH",
        status=exits.FAILED,
    )


__all__ = ["sync"]
