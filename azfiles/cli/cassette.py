"""``azfiles cassette``: look at recordings, look for secrets in them, hold them to the simulator, make them."""

from __future__ import annotations

from pathlib import Path

import click

from azfiles.cassette.scanning import scan_cassettes
from azfiles.cli import exits


@click.group()
def group() -> None:
    """Recorded sessions: look into them, check them, make them."""


@group.command(epilog=exits.HELP)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH...")
def scan(paths: tuple[Path, ...]) -> int:
    """Look for secrets in cassettes, whoever recorded them.

    Each is told with file and line, and what kind of secret it is, never the secret itself. Of a folder all
    cassettes below it are looked through.
    """
    found = scan_cassettes(paths)
    for finding in found:
        click.echo(str(finding))
    return exits.FOUND if found else exits.DONE


__all__ = ["group"]
