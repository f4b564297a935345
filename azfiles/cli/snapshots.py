"""``snapshot``: a share as it is now, kept, listed, deleted."""

from __future__ import annotations

import click

import azfiles
from azfiles.cli import exits, wording
from azfiles.cli.accounts import accounts
from azfiles.cli.commands import Command, dry_run_option, json_option, put_json
from azfiles.cli.places import PLACE, Place, examples


@click.group("snapshot")
def group() -> None:
    """Share snapshots: make, list, delete."""


@group.command(cls=Command, epilog=examples("azfiles snapshot create data"))
@click.argument("share", type=PLACE, metavar="SHARE")
@json_option
def create(share: Place, *, as_json: bool) -> int:
    """Keep a share as it is now, and write where it is kept.

    What is written is a place: azfiles ls, cp, sync and the others read there. With --json, one object: "snapshot" (the
    time stamp), "url".
    """
    place = _share(share)
    kept = place.at(accounts().share(place).create_snapshot().snapshot)
    if as_json:
        put_json({"snapshot": kept.snapshot, "url": str(kept)})
    else:
        click.echo(str(kept))
    return exits.DONE


@group.command("list", cls=Command, epilog=examples("azfiles snapshot list data"))
@click.argument("share", type=PLACE, metavar="SHARE")
@json_option
def list_(share: Place, *, as_json: bool) -> int:
    """List the snapshots of a share, the oldest first.

    With --json, each line is an object: "snapshot", "url", "metadata".
    """
    place = _share(share)
    service = accounts().service(place)
    accounts().share(place).get_properties()
    for found in service.list_shares(prefix=place.share, include=("snapshots", "metadata")):
        if found.name != place.share or found.snapshot is None:
            continue
        kept = place.at(found.snapshot)
        if as_json:
            put_json({"snapshot": found.snapshot, "url": str(kept), "metadata": dict(found.metadata or {})})
        else:
            click.echo(str(kept))
    return exits.DONE


@group.command(cls=Command, epilog=examples("azfiles snapshot delete data@2026-05-01T00:00:00.0000000Z"))
@click.argument("share", type=PLACE, metavar="SHARE@SNAPSHOT")
@click.option("--snapshot", metavar="TIME", help="Which one, where SHARE is written without it.")
@dry_run_option
@json_option
def delete(share: Place, snapshot: str | None, *, dry_run: bool, as_json: bool) -> int:
    """Delete one snapshot of a share. The share itself stays as it is.

    With --json, one object: "deleted", "dry_run".
    """
    place = share.at(snapshot)
    if place.path or not place.snapshot:
        raise azfiles.InvalidArgument(f"{place}: a snapshot is named by SHARE@SNAPSHOT; snapshot list tells them")
    kept = accounts().share(place)
    if dry_run:
        kept.get_properties()
    else:
        kept.delete()
    if as_json:
        put_json({"deleted": str(place), "dry_run": dry_run})
    elif dry_run:
        click.echo(f"would delete {wording.shown(str(place))}")
    return exits.DONE


def _share(place: Place) -> Place:
    if not place.share or place.path or place.snapshot:
        raise azfiles.InvalidArgument(f"{place}: a share is expected")
    return place


__all__ = ["group"]
