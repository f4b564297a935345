"""What the commands that reach the service have in common: options, output for programs, and errors that name the fix."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from azfiles.cli import exits
from azfiles.cli.streams import settle_output
from azfiles.errors import AzureFilesError
from azfiles.redaction import redact_text

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


class Command(click.Command):
    """A command whose errors are told with what would help, as one JSON object with ``--json``, and whose exit status
    they decide.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("epilog", exits.HELP)
        super().__init__(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            status = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            raise  # nobody reads, and whoever runs the commands knows what that is
        except KeyboardInterrupt as stop:
            # What a transfer left, or how it goes on, stands in notes.
            tell(Advice("stopped", *getattr(stop, "__notes__", ()), status=exits.INTERRUPTED), as_json=_is_json(ctx))
            return exits.INTERRUPTED
        except (AzureFilesError, OSError) as error:
            status = _tell_error(error, ctx, self.status_of(error))
            settle_output()
        return status

    def status_of(self, error: BaseException) -> int:
        """The exit status that an error stands for."""
        return exits.status_of(error)


def each(items: Sequence[T], act: Callable[[T], int]) -> int:
    """Do something to one thing after the other, as cp(1) and rm(1) do: what fails is told, and the others are done all the
    same. Returns the exit status: that of all of them, or that a part failed.
    """
    if len(items) == 1:
        return act(items[0])
    context = click.get_current_context()
    statuses: set[int] = set()
    for item in items:
        try:
            statuses.add(act(item))
        except BrokenPipeError:
            raise
        except (AzureFilesError, OSError) as error:
            statuses.add(_tell_error(error, context, exits.status_of(error)))
    return statuses.pop() if len(statuses) == 1 else exits.IN_PART


def _tell_error(error: BaseException, ctx: click.Context, status: int) -> int:
    from azfiles.cli.accounts import Accounts
    from azfiles.cli.advice import advise

    tell(advise(error, ctx.find_object(Accounts), status=status), as_json=_is_json(ctx))
    return status


def _is_json(ctx: click.Context) -> bool:
    return bool(ctx.params.get("as_json"))


class Advice:
    """What went wrong, in one sentence, and what would help; ``facts`` are for programs."""

    def __init__(self, message: str, *hints: str, status: int = exits.FAILED, **facts: Any) -> None:
        self.message = redact_text(message)
        self.hints = tuple(map(redact_text, hints))
        self.status = status
        self.facts = facts


def tell(advice: Advice, *, as_json: bool) -> None:
    """Tell what went wrong, on stderr."""
    if as_json:
        told = {"message": advice.message, "hints": list(advice.hints), "exit": advice.status, **advice.facts}
        click.echo(json.dumps({"error": told}), err=True)
        return
    click.echo(f"azfiles: {advice.message}", err=True)
    for hint in advice.hints:
        click.echo("".join(f"  {line}\n" for line in hint.splitlines()), err=True, nl=False)


def put_json(value: object) -> None:
    """One JSON value on a line of its own."""
    click.echo(json.dumps(value))


json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Change nothing; tell what would be done.")
snapshot_option = click.option("--snapshot", metavar="TIME", help="The share as it was at this snapshot.")
recursive_option = click.option("-r", "--recursive", is_flag=True, help="Directories with all that is in them.")
concurrency_option = click.option(
    "--concurrency",
    type=click.IntRange(1, 128),
    default=8,
    show_default=True,
    metavar="N",
    help="Requests under way at once.",
)


def tree_options(command: F) -> F:
    """The options of commands that move whole trees."""
    for add in reversed(
        (
            click.option("--include", multiple=True, metavar="PATTERN", help="Only files like this: '*.txt', 'a/**'."),
            click.option("--exclude", multiple=True, metavar="PATTERN", help="No files or directories like this."),
            click.option(
                "--links",
                type=click.Choice(("skip", "inside", "follow")),
                default="skip",
                show_default=True,
                help="Going up: leave symbolic links, follow those that stay inside, or all.",
            ),
            concurrency_option,
        )
    ):
        command = add(command)
    return command


__all__ = [
    "Advice",
    "Command",
    "concurrency_option",
    "dry_run_option",
    "each",
    "json_option",
    "put_json",
    "recursive_option",
    "snapshot_option",
    "tell",
    "tree_options",
]
