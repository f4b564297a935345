"""``azfiles cassette``: look at recordings, look for secrets in them, hold them to the simulator, make them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TypeVar

import click

from azfiles.cassette.describing import summarize
from azfiles.cassette.document import read_cassette
from azfiles.cassette.scanning import find_cassettes, scan_cassette
from azfiles.cli import exits
from azfiles.cli.places import examples
from azfiles.errors import AzureFilesError, CassetteError
from azfiles.redaction import redact_text

T = TypeVar("T")


@click.group()
def group() -> None:
    """Recorded sessions: look into them, check them, make them."""


_paths = click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH..."
)


@group.command(
    epilog=examples(
        "azfiles cassette verify tests/cassettes", "azfiles cassette verify --format junit -o drift.xml tests/cassettes"
    )
)
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

    verdicts, unread = _each(paths, partial(verify_cassette, behaviour=behaviour))
    text = FORMATS[form](verdicts, unread)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
    return _status(found=any(verdict.drift for verdict in verdicts), failed=bool(unread))


@group.command(epilog=examples("azfiles cassette scan tests/cassettes"))
@_paths
def scan(paths: tuple[Path, ...]) -> int:
    """Look for secrets in cassettes, whoever recorded them.

    Each is told with file and line, and what kind of secret it is, never the secret itself. Of a folder all
    cassettes below it are looked through.
    """
    scanned, unread = _each(paths, scan_cassette)
    for finding in (finding for findings in scanned for finding in findings):
        click.echo(str(finding))
    return _status(found=any(scanned), failed=bool(unread))


@group.command(
    epilog=examples("azfiles cassette info tests/cassettes", "azfiles cassette info --format json upload.yaml")
)
@_paths
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
def info(paths: tuple[Path, ...], form: str) -> int:
    """Tell what is in cassettes.

    How many requests of which operations, what was refused, how large it is, from when, in which API versions, and who
    wrote it. Of a folder all cassettes below it are told. A sealed cassette needs no key for this.
    """
    from azfiles.cli.summaries import FORMATS

    summaries, unread = _each(paths, summarize)
    click.echo(FORMATS[form](summaries), nl=False)
    return _status(found=False, failed=bool(unread))


@group.command("from-sim", epilog=examples("azfiles cassette from-sim session.py -o upload.yaml"))
@click.argument("script", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The cassette to write."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Decides the ids that the client makes up.")
@click.option("--sealed", is_flag=True, help="Encrypt bodies under the key in AZFILES_CASSETTE_KEY.")
def from_sim(script: Path, output: Path, seed: int, *, sealed: bool) -> int:
    """Record a scripted session with a fresh simulator.

    SCRIPT is a Python file with a function session(client), which is called with a ServiceClient. It may also take, by
    name: clock, which moves time; connect(credential), which makes another client; simulator. The script may set
    ACCOUNTS, a list of AccountSpec, and FAULTS, a plan of mishaps. The same script gives the same bytes again.
    """
    from azfiles.cli.scripts import explain_failure
    from azfiles_sim.testing.cassettes.scripting import record_script

    try:
        record_script(script, output, seed=seed, sealed=sealed)
    except (Exception, SystemExit) as error:
        told = explain_failure(script, error)
        if told is None and isinstance(error, AzureFilesError):
            told = str(error)
        if told is None:
            raise
        raise CassetteError(told) from error
    click.echo(f"{output}: {len(read_cassette(output))} requests recorded")
    return exits.DONE


def _each(paths: Iterable[Path], look: Callable[[Path], T]) -> tuple[list[T], dict[str, str]]:
    """What is found in each cassette, and why one could not be read: that is told at once, and the others looked at."""
    found: list[T] = []
    unread: dict[str, str] = {}
    for path in find_cassettes(paths):
        try:
            found.append(look(path))
        except CassetteError as error:
            unread[str(path)] = redact_text(str(error))
            click.echo(f"azfiles: {unread[str(path)]}", err=True)
    if not found and not unread:
        raise click.UsageError("there is no cassette: a file that ends in .yaml, .yml or .json")
    return found, unread


def _status(*, found: bool, failed: bool) -> int:
    if failed:
        return exits.FAILED
    return exits.FOUND if found else exits.DONE


__all__ = ["group"]
