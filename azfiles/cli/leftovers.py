"""``temp clean``: temporary files of transfers that were killed."""

from __future__ import annotations

from datetime import timedelta

import click

from azfiles.cli import exits, wording
from azfiles.cli.accounts import accounts
from azfiles.cli.commands import Command, dry_run_option, json_option, put_json
from azfiles.cli.kinds import DURATION
from azfiles.cli.places import PLACE, Place, epilog


@click.group("temp")
def group() -> None:
    """Temporary files that killed uploads have left."""


@group.command(
    cls=Command, epilog=epilog("azfiles temp clean data --dry-run", "azfiles temp clean data/reports --older-than 7d")
)
@click.argument("place", type=PLACE, metavar="PLACE")
@click.option(
    "--older-than",
    type=DURATION,
    default="1d",
    show_default=True,
    metavar="TIME",
    help="Only what nobody wrote to for so long: 90s, 15m, 1h, 7d.",
)
@dry_run_option
@json_option
def clean(place: Place, older_than: timedelta, *, dry_run: bool, as_json: bool) -> int:
    """Delete what killed uploads have left in a directory and below it.

    An upload writes to .azfiles-<32 hexadecimal digits>.new and renames that in the end; who is killed leaves it behind.
    One that is under way is written to all the time, so leave it more time than that. What is under a lease is left.

    With --json, each line is an object: "url", "size", "modified", "dry_run".
    """
    directory = accounts().directory(place)
    if dry_run:
        found = directory.find_all_temporary(older_than=older_than)
    else:
        found = directory.remove_all_temporary(older_than=older_than)
    for one in found:
        times = one.entry.times
        url = str(place.below(one.path))
        if as_json:
            modified = None if times is None else times.last_write.isoformat()
            put_json({"url": url, "size": one.size, "modified": modified, "dry_run": dry_run})
        else:
            written = "" if times is None else f", last written {wording.local(times.last_write)}"
            click.echo(f"{'would delete' if dry_run else 'deleted'} {url} ({wording.size(one.size)}{written})")
    if not as_json and not found:
        click.echo(f"nothing in {place} is a temporary file and that old")
    return exits.DONE


__all__ = ["group"]
