"""``lease find`` and ``lease break``: who holds what, and ending that."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import click

from azfiles.cli import exits, wording
from azfiles.cli.accounts import accounts
from azfiles.cli.commands import Command, dry_run_option, json_option, put_json
from azfiles.cli.errors import CommandError
from azfiles.cli.places import PLACE, Place, epilog
from azfiles.models import FileProperties, FoundLease, LeaseProperties

_DURATIONS: Final = {"infinite": ", without an end", "fixed": ", for a limited time"}


@click.group("lease")
def group() -> None:
    """Leases of shares and files: who holds them, and ending them."""


@group.command(cls=Command, epilog=epilog("azfiles lease find data", "azfiles lease find data/report.csv"))
@click.argument("place", type=PLACE, metavar="PLACE")
@json_option
def find(place: Place, *, as_json: bool) -> int:
    """Show the leases of a share, a directory, or a file.

    Takes a request for each file, because lists do not tell. Of a lease that is one of azfiles' locks, who holds it and
    the last sign of life are shown. Nobody can see a lease's id but who took it.

    With --json, each line is an object: "url", "duration" (infinite or fixed), "lock" (null, or "owner", "token", "ttl_s",
    "beat"), "last_sign".
    """
    found = _leases(place)
    for lease in found:
        if as_json:
            put_json(_plain(place, lease))
        else:
            click.echo(_told(place, lease))
    if not found and not as_json:
        click.echo(f"nothing in {place} is leased")
    return exits.DONE


@group.command(
    "break", cls=Command, epilog=epilog("azfiles lease break data/report.csv", "azfiles lease break --stale data")
)
@click.argument("place", type=PLACE, metavar="PLACE")
@click.option("--stale", is_flag=True, help="Only locks whose holders have died, of PLACE and all in it.")
@dry_run_option
@json_option
def break_(place: Place, *, stale: bool, dry_run: bool, as_json: bool) -> int:
    """End the lease of a file or share, whoever holds it.

    Its holder can write no more, and a lock is lost to it. With --stale each of azfiles' locks in PLACE is watched for its
    time to live first, and only those that give no sign of life are ended; leases that are no locks are left alone.

    With --json, each line is an object for one lease, as that of: azfiles lease find --json.
    """
    ended = _broken_stale(place, dry_run=dry_run) if stale else _broken(place, dry_run=dry_run)
    for lease in ended:
        if as_json:
            put_json(_plain(place, lease))
        else:
            click.echo(f"{'would end' if dry_run else 'ended'} {_told(place, lease)}")
    if not ended and not as_json:
        click.echo(f"{'no lock of a dead holder' if stale else 'no lease'} in {place}")
    return exits.DONE


def _leases(place: Place) -> tuple[FoundLease, ...]:
    """Those of a whole share or directory, or of one file."""
    if not place.path:
        return accounts().share(place).find_leases()
    if _is_directory(place):
        return accounts().directory(place).find_leases()
    found = accounts().file(place).find_lease()
    return () if found is None else (found,)


def _is_directory(place: Place) -> bool:
    return not isinstance(accounts().share(place).stat(place.path), FileProperties)


def _broken_stale(place: Place, *, dry_run: bool) -> tuple[FoundLease, ...]:
    if not place.path:
        return accounts().share(place).break_stale(dry_run=dry_run)
    if _is_directory(place):
        return accounts().directory(place).break_stale(dry_run=dry_run)
    found = accounts().file(place).break_stale(dry_run=dry_run)
    return () if found is None else (found,)


def _broken(place: Place, *, dry_run: bool) -> tuple[FoundLease, ...]:
    if place.path and _is_directory(place):
        raise CommandError(
            f"{place} is a directory, which has no lease",
            f"azfiles lease find {place}  shows what is leased in it",
            "--stale ends the locks of all in it whose holders have died",
            status=exits.FAILED,
        )
    if not place.path:
        share = accounts().share(place)
        lease = share.get_properties().lease
        if not _is_held(lease):
            return ()
        if not dry_run:
            share.break_lease(period_s=0)
        return (FoundLease(place.share, "", None if lease is None else lease.duration),)
    file = accounts().file(place)
    found = file.find_lease()
    if found is None:
        return ()
    if not dry_run:
        file.break_lease()
    return (found,)


def _is_held(lease: LeaseProperties | None) -> bool:
    return lease is not None and lease.status == "locked"


def _url(place: Place, lease: FoundLease) -> str:
    whole = Place(place.share, "", place.snapshot, place.endpoint)
    return str(whole.below(lease.path) if lease.path else whole)


def _told(place: Place, lease: FoundLease) -> str:
    url = _url(place, lease)
    if lease.lock is None:
        return f"{url}  leased{_DURATIONS.get(lease.duration or '', '')}"
    owner = f" by {wording.shown(lease.lock.owner)!r}" if lease.lock.owner else ""
    sign = "" if lease.last_sign is None else f", last sign of life {wording.relative(lease.last_sign, _now())}"
    return f"{url}  locked{owner}, to be taken over after {lease.lock.ttl_s:g} s of silence{sign}"


def _plain(place: Place, lease: FoundLease) -> dict[str, object]:
    lock = lease.lock
    return {
        "url": _url(place, lease),
        "duration": lease.duration,
        "lock": None
        if lock is None
        else {"owner": lock.owner, "token": lock.token, "ttl_s": lock.ttl_s, "beat": lock.beat},
        "last_sign": None if lease.last_sign is None else lease.last_sign.isoformat(),
    }


def _now() -> datetime:
    return datetime.now(UTC)


__all__ = ["group"]
