"""``rm``: files, whole trees, what is in a share, or a share."""

from __future__ import annotations

import click

import azfiles
from azfiles.cli import exits
from azfiles.cli.accounts import accounts, lease_id_for
from azfiles.cli.commands import Command, dry_run_option, each, json_option, recursive_option
from azfiles.cli.ends import wrong_kind
from azfiles.cli.errors import CommandError
from azfiles.cli.places import PLACE, Place, epilog
from azfiles.cli.progress import tree_shown
from azfiles.cli.reports import show_report, show_step
from azfiles.models import FileProperties, TreeAction, TreeReport, TreeStep


@click.command(
    cls=Command,
    epilog=epilog(
        "azfiles rm data/report.csv", "azfiles rm -r --dry-run data/old", "azfiles rm -r --keep-root azfiles://data"
    ),
)
@click.argument("places", type=PLACE, nargs=-1, required=True, metavar="PLACE...")
@recursive_option
@dry_run_option
@click.option("-f", "--force", is_flag=True, help="What is not there is no error.")
@click.option("--keep-root", is_flag=True, help="Keep the directory itself, or the share.")
@click.option("--share", "whole_share", is_flag=True, help="PLACE is a share, and is to go with all that is in it.")
@click.option("--ignore-readonly", is_flag=True, help="Delete read-only files, too.")
@click.option("--close-handles", is_flag=True, help="First close what SMB clients have open there.")
@click.option("-v", "--verbose", is_flag=True, help="Tell of each file.")
@json_option
def rm(
    places: tuple[Place, ...],
    *,
    recursive: bool,
    dry_run: bool,
    force: bool,
    keep_root: bool,
    whole_share: bool,
    ignore_readonly: bool,
    close_handles: bool,
    verbose: bool,
    as_json: bool,
) -> int:
    """Delete files, and with -r directories with all that is in them.

    What is leased or open stays, with the directories above it, and is told; all else is deleted. There is no undo but a
    share snapshot: run it with --dry-run first. A share goes with --share only, and not while it has snapshots.

    With --json, each line is an object for one PLACE, as that of: azfiles cp --json.
    """
    if whole_share and keep_root:
        raise CommandError("--share deletes the share itself, and --keep-root keeps it", status=exits.FAILED)

    def remove(place: Place) -> int:
        try:
            if not place.path:
                report = _share(place, whole=whole_share, keep_root=keep_root and recursive, dry_run=dry_run)
            else:
                report = _file(place, dry_run=dry_run, ignore_readonly=ignore_readonly, close_handles=close_handles)
            if report is None:
                if not recursive:
                    raise wrong_kind(place, "rm")
                with tree_shown("delete", hidden=verbose) as progress:
                    report = (
                        accounts()
                        .directory(place)
                        .delete_tree(
                            keep_root=keep_root,
                            close_handles=close_handles,
                            ignore_readonly=ignore_readonly,
                            dry_run=dry_run,
                            progress=show_step if verbose and not as_json else progress,
                            progress_every=1,
                        )
                    )
        except azfiles.NotFound:
            if not force:
                raise
            return exits.DONE
        if as_json or dry_run or recursive:
            return show_report(report, "delete", source=str(place), destination=None, as_json=as_json)
        if verbose:
            click.echo(f"delete file: {place}")
        return exits.DONE

    return each(places, remove)


def _share(place: Place, *, whole: bool, keep_root: bool, dry_run: bool) -> TreeReport | None:
    """A share goes, or all that is in it; ``None`` for the latter, which is a tree."""
    if keep_root and not whole:
        return None
    share = accounts().share(place)
    if not whole:
        raise CommandError(
            f"{place} is a whole share",
            f"azfiles rm -r --keep-root {place}  deletes all that is in it",
            f"azfiles rm --share {place}  deletes the share itself",
            status=exits.FAILED,
        )
    if dry_run:
        share.get_properties()
    else:
        share.delete()
    step = TreeStep(TreeAction.DELETE_DIRECTORY, "")
    return TreeReport({step.action: 1}, 0, steps=(step,) if dry_run else (), dry_run=dry_run)


def _file(place: Place, *, dry_run: bool, ignore_readonly: bool, close_handles: bool) -> TreeReport | None:
    """A file goes; ``None`` where a directory lies there."""
    if not isinstance(accounts().share(place).stat(place.path), FileProperties):
        return None
    if place.as_directory:
        raise CommandError(f"{place}/ is to be a directory, but is a file", status=exits.FAILED)
    step = TreeStep(TreeAction.DELETE_FILE, "")
    if not dry_run:
        file = accounts().file(place)
        if close_handles:
            file.close_all_handles()
        file.delete(lease_id=lease_id_for(file), ignore_readonly=ignore_readonly)
    return TreeReport({step.action: 1}, 0, steps=(step,) if dry_run else (), dry_run=dry_run)


__all__ = ["rm"]
