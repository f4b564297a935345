"""``sas create`` and ``sas explain``."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

import azfiles
from azfiles.cli import exits
from azfiles.cli.accounts import accounts
from azfiles.cli.captures import read_capture
from azfiles.cli.commands import Command, json_option, put_json
from azfiles.cli.errors import CommandError
from azfiles.cli.explaining import explain
from azfiles.cli.explanations import Explanation, line_shown, value_shown
from azfiles.cli.kinds import MOMENT
from azfiles.cli.places import PLACE, Place, epilog, examples
from azfiles.clients.accounts import AccountOptions, find_account
from azfiles.core.connection import read_connection_string
from azfiles.core.sas_terms import read_terms
from azfiles.credentials import Sas, SharedKey, is_signature

_STDIN = "-"


@click.group("sas")
def group() -> None:
    """Shared access signatures: make them, and understand them."""


@group.command(
    cls=Command,
    epilog=epilog("azfiles sas create data --permissions rl --expires 7d", "azfiles sas create data/report.csv --url"),
)
@click.argument("place", type=PLACE, metavar="PLACE")
@click.option("--permissions", metavar="LETTERS", help="Of rcwdl: read, create, write, delete, list.  [default: r]")
@click.option("--expires", type=MOMENT, metavar="TIME", help="1h, 7d, or a moment in UTC.  [default: 1h]")
@click.option("--starts", type=MOMENT, metavar="TIME", help="Not before; leave it out where clocks may differ.")
@click.option("--ip", metavar="ADDRESS", help="From this IPv4 address, or FIRST-LAST, only.")
@click.option("--policy", metavar="ID", help="A stored access policy of the share says the rest.")
@click.option("--resource-types", metavar="LETTERS", help="Of an account: s, c (shares), o (files).  [default: o]")
@click.option("--allow-http", is_flag=True, help="Also over http.")
@click.option("--url", "as_url", is_flag=True, help="Write the whole URL.")
@json_option
def create(
    place: Place,
    permissions: str | None,
    expires: datetime | timedelta | None,
    starts: datetime | timedelta | None,
    ip: str | None,
    policy: str | None,
    resource_types: str | None,
    *,
    allow_http: bool,
    as_url: bool,
    as_json: bool,
) -> int:
    """Make a signature for a share, a file, or the account.

    The account is written azfiles:// alone. Its key signs; nothing is sent. What is not said is narrow: read only, for an hour, over https. A directory
    cannot have one: sign for the share. Who has the signature has the right, so treat it as a password.

    With --json, one object: "sas", "url", "expires_at".
    """
    if isinstance(starts, timedelta):
        starts = datetime.now(UTC) + starts
    options: dict[str, Any] = {"expires_at": expires, "starts_at": starts, "ip": ip, "https_only": not allow_http}
    if permissions is not None:
        options["permissions"] = permissions
    if isinstance(expires, datetime) and expires <= datetime.now(UTC):
        raise CommandError(f"--expires: {expires.astimezone(UTC):%Y-%m-%d %H:%M} UTC is over", status=exits.FAILED)
    if not place.share and policy is not None:
        raise CommandError(
            "stored access policies are of shares; a signature for the whole account has none", status=exits.FAILED
        )
    if place.share and resource_types is not None:
        raise CommandError(
            "--resource-types is for the whole account; a share's signature is for all in it", status=exits.FAILED
        )
    if place.snapshot is not None:
        raise CommandError(
            f"{place} is in a share snapshot, for which there are no signatures of their own",
            f"azfiles sas create {replace(place, snapshot=None)}  signs for its snapshots, too",
            status=exits.FAILED,
        )
    if place.as_directory and place.path:
        raise CommandError(
            f"{place} is a directory, for which Azure Files has no signatures",
            f"azfiles sas create {Place(place.share)}  signs for all in the share",
            status=exits.FAILED,
        )
    if not place.share:
        made = accounts().service(place).make_sas(resource_types=resource_types or "o", **options)
        url = accounts().service(place).url
    elif not place.path:
        made = accounts().share(place).make_sas(policy=policy, **options)
        url = accounts().share(place).url
    else:
        made = accounts().file(place).make_sas(policy=policy, **options)
        url = accounts().file(place).url
    whole = f"{url}?{made.token}"
    if url.startswith("http:") and not allow_http:
        click.echo(
            "azfiles: warning: the account is reached over http, where this works only with --allow-http", err=True
        )
    if as_json:
        ends = read_terms(made.token).expires_at
        put_json({"sas": made.token, "url": whole, "expires_at": None if ends is None else ends.isoformat()})
    else:
        click.echo(whole if as_url else made.token)
    return exits.DONE


@group.command(
    "explain",
    cls=Command,
    epilog=examples(
        "azfiles sas explain expired.txt",
        'curl -sv "$url" 2>&1 | azfiles sas explain -',
        "azfiles ls data --json 2>&1 | azfiles sas explain -",
    ),
)
@click.argument("text", required=False, metavar="[TEXT|FILE|-]")
@json_option
def explain_(text: str | None, *, as_json: bool) -> int:
    """Say what a signature allows, or why a request was refused.

    TEXT is a signature, a URL with one, or a request that failed: what curl -v shows, or an error of azfiles. It is read
    from a FILE of that name, from stdin ("-"), or else is the signature in use. Where the service tells which text it
    computed, it is compared line by line with what was signed. The signature itself is never shown.

    Ends with 1 where something is wrong with it. With --json, one object: "problems" and "differences" (empty where all is
    well), and of a signature "kind", "resource", "share", "path", "permissions", "starts_at", "expires_at", "expired".
    """
    capture = read_capture(_text(text))
    found = explain(capture, _key_in_use(), datetime.now(UTC))
    if as_json:
        put_json(found.plain)
    else:
        _show(found)
    return exits.FOUND if found.problems else exits.DONE


def _show(found: Explanation) -> None:
    width = max(len(name) for name, _ in found.facts)
    for name, value in found.facts:
        click.echo(f"{name:<{width}}  {value}")
    for note in found.notes:
        click.echo(f"\nThe signature: {note}.")
    if found.problems:
        click.echo("\nIt does not work:" if len(found.problems) > 1 else "")
    for problem in found.problems:
        click.echo(f"- {problem}" if len(found.problems) > 1 else f"It does not work: {problem}.")
    for one in found.differences:
        click.echo(f"\n  {line_shown(one)}")
        click.echo(f"    signed   {value_shown(one.client)}")
        click.echo(f"    service  {value_shown(one.service)}")


def _text(given: str | None) -> str:
    """What is to be explained. Something secret on the command line is warned of."""
    if given == _STDIN or (given is None and not sys.stdin.isatty() and not _in_use()):
        return sys.stdin.read()
    if given is None:
        in_use = _in_use()
        if in_use is None:
            raise CommandError(
                "nothing to explain: no text was given, and no signature is in use",
                "azfiles sas explain -  reads from stdin",
                status=exits.FAILED,
            )
        return in_use
    if is_signature(given.partition("?")[2] or given):
        click.echo(
            "azfiles: warning: the signature was on the command line, where others can read it (ps, the shell's history); "
            "azfiles sas explain - reads it from stdin.",
            err=True,
        )
        return given
    try:
        return Path(given).read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):  # no file of that name, or a text that can be the name of none
        return given


def _in_use() -> str | None:
    token = os.environ.get("AZURE_STORAGE_SAS_TOKEN")
    whole = os.environ.get("AZURE_STORAGE_CONNECTION_STRING")
    if whole:
        _, credential = read_connection_string(whole, allow_http=True)
        token = credential.token if isinstance(credential, Sas) else None
    return token or None


def _key_in_use() -> SharedKey | None:
    """The account key in the environment, where there is one."""
    try:
        account = find_account(AccountOptions(), os.environ)
        credential = account.credential
        if credential is None:
            _, credential = read_connection_string(account.to, allow_http=True)
    except azfiles.InvalidArgument:
        return None
    return credential if isinstance(credential, SharedKey) else None


__all__ = ["group"]
