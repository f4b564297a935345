"""``azfiles cassette``: look at recordings, look for secrets in them, hold them to the simulator, make them."""

from __future__ import annotations

from pathlib import Path

import click

from azfiles.cassette.scanning import find_cassettes, scan_cassettes
from azfiles.cli import exits


@click.group()
def group() -> None:
    """Recorded sessions: look into them, check them, make them."""


_paths = click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH..."
)


@group.command(epilog=exits.HELP)
@_paths
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json", "junit")),
    default="text",
    show_default=True,
    help="How to tell what was found.",
)
@click.option(
    "--as-of",
    "behaviour",
    type=click.Choice(("2019", "2022", "today")),
    help="Hold it to the service as it was then. By default the recording's date decides.",
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file.")
def verify(paths: tuple[Path, ...], form: str, behaviour: str | None, output: Path | None) -> int:
    """Check that recordings are still true.

    Each recorded request is sent to a fresh simulator; each difference of an answer is drift. What a recording takes for
    granted, such as a share that was there before, is made first, as far as its answers tell. Of a folder all cassettes
    below it are checked.
    """
    from azfiles.cli.drift import FORMATS
    from azfiles_sim.testing.cassettes.verifying import verify_cassette

    verdicts = [verify_cassette(path, behaviour=behaviour) for path in find_cassettes(paths)]
    if not verdicts:
        raise click.UsageError("no cassette was found there")
    text = FORMATS[form](verdicts)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
    return exits.FOUND if any(verdict.drift for verdict in verdicts) else exits.DONE


@group.command(epilog=exits.HELP)
@_paths
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
