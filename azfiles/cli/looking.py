"""``stat`` and ``cat``: one thing, and what is in it."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

import click

from azfiles.cli import exits, wording
from azfiles.cli.accounts import accounts
from azfiles.cli.commands import Command, each, json_option, put_json, snapshot_option
from azfiles.cli.places import PLACE, Place, epilog
from azfiles.models import FileProperties

# Of these records the fields' own names would not say enough.
_PREFIXED: Final = frozenset({"copy", "lease"})


@click.command(cls=Command, epilog=epilog("azfiles stat data", "azfiles stat --json data/report.csv"))
@click.argument("places", type=PLACE, nargs=-1, required=True, metavar="PLACE...")
@snapshot_option
@json_option
def stat(places: tuple[Place, ...], snapshot: str | None, *, as_json: bool) -> int:
    """Show all that the service knows of a share, directory or file.

    With --json, each line is an object: "url", "type" (share, directory or file), and the properties that this one has.
    """
    first = True

    def show(given: Place) -> int:
        nonlocal first
        place = given.at(snapshot)
        kind, found = _looked_at(place)
        facts = {"url": str(place), "type": kind, **_facts(found)}
        if as_json:
            put_json(facts)
            return exits.DONE
        width = max(map(len, facts))
        lines = (f"{name:<{width}}  {wording.shown(_readable(value))}" for name, value in facts.items())
        click.echo(("" if first else "\n") + "\n".join(lines))
        first = False
        return exits.DONE

    return each(places, show)


@click.command(
    cls=Command, epilog=epilog("azfiles cat data/report.csv", "azfiles cat data/log --offset 1000000 | less")
)
@click.argument("places", type=PLACE, nargs=-1, required=True, metavar="PLACE...")
@click.option("--offset", type=click.IntRange(0), default=0, metavar="N", help="Begin after so many bytes.")
@click.option("--length", type=click.IntRange(1), metavar="N", help="So many bytes at most.")
@snapshot_option
def cat(places: tuple[Place, ...], snapshot: str | None, offset: int, length: int | None) -> int:
    """Write the content of files to stdout, one after the other."""

    def write(given: Place) -> int:
        file = accounts().file(given.at(snapshot))
        file.download_to(sys.stdout.buffer, offset=offset, length=length)
        return exits.DONE

    return each(places, write)


def _looked_at(place: Place) -> tuple[str, object]:
    share = accounts().share(place)
    if not place.path and not place.as_directory:
        return "share", share.get_properties()
    found = share.stat(place.path)
    return ("file" if isinstance(found, FileProperties) else "directory"), found


def _facts(found: Any) -> dict[str, Any]:
    """The properties of a record, and those of the records in it, as far as there are any."""
    facts: dict[str, Any] = {}
    for field in dataclasses.fields(found):
        value: Any = getattr(found, field.name)
        if value is None or not field.repr:
            continue
        if dataclasses.is_dataclass(value):
            prefix = f"{field.name}_" if field.name in _PREFIXED else ""
            facts |= {f"{prefix}{name}": inner for name, inner in _facts(value).items()}
        else:
            facts[field.name] = value.isoformat() if isinstance(value, datetime) else value
    return facts


def _readable(value: Any) -> str:
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, str]", value)
        return ", ".join(f"{name}={text}" for name, text in pairs.items()) or "none"
    return str(value)


__all__ = ["cat", "stat"]
