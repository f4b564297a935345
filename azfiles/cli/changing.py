"""``mkdir`` and ``mv``."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import click

import azfiles
from azfiles.address import split_path
from azfiles.cli import exits
from azfiles.cli.accounts import accounts, lease_id_for
from azfiles.cli.commands import Command, dry_run_option, each, json_option, put_json
from azfiles.cli.ends import Folder, folder_of, is_directory, name_of, refuse_one_name_for_two
from azfiles.cli.errors import CommandError
from azfiles.cli.places import PLACE, Place, epilog
from azfiles.models import FileProperties


@click.command(cls=Command, epilog=epilog("azfiles mkdir azfiles://backup", "azfiles mkdir -p backup/2026/05"))
@click.argument("places", type=PLACE, nargs=-1, required=True, metavar="PLACE...")
@click.option("-p", "--parents", is_flag=True, help="Also the directories above; what is there already is no error.")
@click.option("--quota", type=click.IntRange(1, 102400), metavar="GIB", help="Of a share: how much it may hold.")
@json_option
def mkdir(places: tuple[Place, ...], quota: int | None, *, parents: bool, as_json: bool) -> int:
    """Make directories, or shares.

    PLACE is a share, which is made, or a directory in one that is there.

    With --json, each line is an object: "made", the place.
    """

    def make(place: Place) -> int:
        if place.path and quota is not None:
            raise CommandError(f"{place} is to be a directory, and --quota is of a share", status=exits.FAILED)
        if not place.path:
            with suppress(*((azfiles.AlreadyExists,) if parents else ())):
                accounts().share(place).create(quota_gib=quota)
        elif parents:
            accounts().directory(place).create_with_parents()
        else:
            accounts().directory(place).create()
        if as_json:
            put_json({"made": str(place)})
        return exits.DONE

    return each(places, make)


@click.command(
    cls=Command, epilog=epilog("azfiles mv data/new.csv data/report.csv", "azfiles mv data/a data/b data/old/")
)
@click.argument("sources", type=PLACE, nargs=-1, required=True, metavar="SOURCE...")
@click.argument("destination", type=PLACE, metavar="DESTINATION")
@click.option("-n", "--no-clobber", is_flag=True, help="Fail where a file is there already.")
@dry_run_option
@json_option
def mv(sources: tuple[Place, ...], destination: Place, *, no_clobber: bool, dry_run: bool, as_json: bool) -> int:
    """Move or rename files and directories within a share.

    As with mv(1), a DESTINATION that is a directory gets them in it; any other is the new name, and a file that is there is
    replaced. All of it is one step of the service, however large a directory is. A name may be spelled anew in capitals or
    small letters, though an SMB share tells them not apart.

    With --json, each line is an object: "source", "destination", "replaces", "dry_run".
    """
    if destination.snapshot:
        raise CommandError(f"{destination} is in a share snapshot, which nobody can write to", status=exits.FAILED)
    respells = len(sources) == 1 and _respells(sources[0], destination)
    folder = None if respells else folder_of(destination, str(destination), many=len(sources) > 1)
    if folder is not None:
        refuse_one_name_for_two(sources, folder)

    def move(source: Place) -> int:
        there = destination if folder is None else _inside(folder, source)
        if (source.share, source.endpoint) != (there.share, there.endpoint) or source.snapshot:
            raise CommandError(
                "mv moves within one share, as it is now",
                f"azfiles cp -r {source} {there}  copies",
                status=exits.FAILED,
            )
        above = replace(there, path="/".join(split_path(there.path)[: len(split_path(source.path))]))
        if above.path != there.path and _are_one(source, above):
            raise CommandError(f"{source} cannot be moved into itself, to {there}", status=exits.FAILED)
        _move(source, there, keep=no_clobber, respells=respells, dry_run=dry_run, as_json=as_json)
        return exits.DONE

    return each(sources, move)


def _respells(source: Place, destination: Place) -> bool:
    """Whether a thing is only to have capitals where it has small letters, or the other way round."""
    if source.path == destination.path or destination.as_directory:
        return False
    return (source.share, source.endpoint) == (destination.share, destination.endpoint) and _are_one(
        source, destination
    )


def _are_one(one: Place, other: Place) -> bool:
    """Whether two paths of a share lead to the same thing: an SMB share does not tell capitals and small letters apart."""
    if one.path == other.path or one.path.casefold() != other.path.casefold():
        return one.path == other.path
    share = accounts().share(one)
    with suppress(azfiles.NotFound):
        return share.stat(one.path).smb.file_id == share.stat(other.path).smb.file_id
    return False


def _inside(folder: Folder, source: Place) -> Place:
    there = folder.at(name_of(source))
    assert isinstance(there, Place)  # noqa: S101 - what is below a place is one
    return there


def _move(source: Place, there: Place, *, keep: bool, respells: bool, dry_run: bool, as_json: bool) -> None:
    found = accounts().share(source).stat(source.path)
    replaces = not respells and is_directory(there) is False
    may_replace = not (keep or respells)
    if replaces and keep:
        raise CommandError(f"{there} is there already, and --no-clobber keeps it", status=exits.IN_THE_WAY)
    if replaces and not isinstance(found, FileProperties):
        raise CommandError(
            f"{source} is a directory, and {there} is a file, which it would replace", status=exits.IN_THE_WAY
        )
    if not dry_run:
        if isinstance(found, FileProperties):
            file = accounts().file(source)
            lease_id = lease_id_for(file)
            file.rename(
                there.path,
                replace=may_replace,
                source_lease_id=lease_id,
                destination_lease_id=lease_id_for(accounts().file(there)),
            )
        else:
            accounts().directory(source).rename(there.path, replace=may_replace)
    if as_json:
        put_json({"source": str(source), "destination": str(there), "replaces": replaces, "dry_run": dry_run})
    elif dry_run:
        click.echo(f"would move {source} to {there}" + (", replacing what is there" if replaces else ""))


__all__ = ["mkdir", "mv"]
