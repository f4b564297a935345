"""What became of a tree, or would with ``--dry-run``: for people, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import click

from azfiles.cli import exits, wording
from azfiles.cli.commands import put_json
from azfiles.cli.places import is_remote
from azfiles.errors import LeaseConflict, ServiceError
from azfiles.models import TreeAction, TreeFailure, TreeProgress, TreeReport, TreeStep
from azfiles.redaction import redact_text

_DONE: Final[Mapping[str, str]] = {
    "upload": "uploaded",
    "download": "downloaded",
    "copy": "copied",
    "delete": "deleted",
}
_AT_THE_DESTINATION: Final = frozenset({TreeAction.MAKE_DIRECTORY, TreeAction.DELETE_FILE, TreeAction.DELETE_DIRECTORY})
_COUNTED_ONLY: Final = frozenset({TreeAction.KEEP, TreeAction.SKIP, TreeAction.FAIL})


def show_report(report: TreeReport, verb: str, *, source: str, destination: str | None, as_json: bool) -> int:
    """Tell of one tree, and return the exit status that it stands for. ``verb`` is upload, download, copy or delete."""
    if as_json:
        put_json(_plain(report, verb, source, destination))
    else:
        if report.dry_run:
            for step in report.steps:
                if step.action not in {TreeAction.KEEP, TreeAction.FAIL}:
                    click.echo(_would(step, verb, _place(step, source, destination)))
        else:
            for step in report.skipped:
                click.echo(f"azfiles: {_place(step, source, destination)} is left alone: {step.why}", err=True)
        for failure in report.failures:
            click.echo(f"azfiles: {_place(failure.step, source, destination)}: {_why(failure)}", err=True)
        click.echo(_summary(report, verb))
        if any(isinstance(failure.error, LeaseConflict) for failure in report.failures):
            where = destination if destination is not None and is_remote(destination) else source
            click.echo(f"  azfiles lease find {where}  shows who holds what", err=True)
    return exits.IN_PART if report.failures else exits.DONE


def show_step(done: TreeProgress) -> None:
    """Tell of one step when it has been done, as ``--verbose`` wants it."""
    if not done.failed and done.step.action not in _COUNTED_ONLY:
        click.echo(f"{done.step.action.value}: {wording.shown(done.step.path) or '.'}")


def _summary(report: TreeReport, verb: str) -> str:
    told: list[str] = []
    if report.transferred or verb != "delete":
        files = wording.count(report.transferred, "file")
        told.append(f"{files} ({wording.size(report.bytes)}) {_DONE[verb]}")
    if report.made:
        told.append(f"{wording.count(report.made, 'directory', 'directories')} made")
    if report.deleted or verb == "delete":
        told.append(f"{report.deleted} deleted")
    if report.unchanged:
        told.append(f"{report.unchanged} left as they are")
    if report.skipped:
        told.append(f"{len(report.skipped)} left alone")
    if report.failures:
        told.append(f"{wording.count(len(report.failures), 'failure')}")
    return ("would be: " if report.dry_run else "") + ", ".join(told)


def _would(step: TreeStep, verb: str, place: str) -> str:
    match step.action:
        case TreeAction.TRANSFER:
            replacing = ", replacing what is there" if step.replaces else ""
            return f"would {verb} {place} ({wording.size(step.size)}){replacing}"
        case TreeAction.SKIP:
            return f"would leave {place} alone: {step.why}"
        case _:
            return f"would {step.action.value} {place}"


def _place(step: TreeStep, source: str, destination: str | None) -> str:
    """Where a step is done: what is made or deleted is so at the destination, where there is one."""
    root = source if destination is None or step.action not in _AT_THE_DESTINATION else destination
    return "/".join(filter(None, (wording.shown(root).rstrip("/"), wording.shown(step.path))))


def _why(failure: TreeFailure) -> str:
    error = failure.error
    if isinstance(error, ServiceError):
        return f"{error.message} ({error.status} {error.code})"
    return redact_text(str(error))


def _plain(report: TreeReport, verb: str, source: str, destination: str | None) -> dict[str, object]:
    return {
        "action": verb,
        "source": source,
        "destination": destination,
        "dry_run": report.dry_run,
        "transferred": report.transferred,
        "bytes": report.bytes,
        "made": report.made,
        "deleted": report.deleted,
        "unchanged": report.unchanged,
        "skipped": [{"path": step.path, "why": step.why} for step in report.skipped],
        "failures": [
            {
                "path": failure.path,
                "action": failure.step.action.value,
                "why": _why(failure),
                "code": failure.error.code if isinstance(failure.error, ServiceError) else None,
            }
            for failure in report.failures
        ],
        "steps": list(map(_plain_step, report.steps)),
    }


def _plain_step(step: TreeStep) -> dict[str, object]:
    return {"action": step.action.value, "path": step.path, "bytes": step.size, "replaces": step.replaces}


__all__ = ["show_report", "show_step"]
