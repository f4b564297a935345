"""The command ``azfiles`` itself. Each group of commands is a module of its own, imported when it is asked for."""

from __future__ import annotations

import difflib
import importlib
import sys
from collections.abc import Mapping
from typing import Any, Final

import click

from azfiles.cli import exits
from azfiles.cli.streams import drop_output

SECTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "Files and directories": {
        "ls": "azfiles.cli.listing:ls",
        "tree": "azfiles.cli.listing:tree",
        "stat": "azfiles.cli.looking:stat",
        "cat": "azfiles.cli.looking:cat",
        "cp": "azfiles.cli.copying:cp",
        "sync": "azfiles.cli.syncing:sync",
        "mkdir": "azfiles.cli.changing:mkdir",
        "mv": "azfiles.cli.changing:mv",
        "rm": "azfiles.cli.removing:rm",
        "temp": "azfiles.cli.leftovers:group",
    },
    "Shares, leases and locks": {
        "snapshot": "azfiles.cli.snapshots:group",
        "lease": "azfiles.cli.leases:group",
        "lock": "azfiles.cli.locking:lock",
    },
    "Signatures, recordings, this shell": {
        "sas": "azfiles.cli.signatures:group",
        "cassette": "azfiles.cli.cassette:group",
        "completion": "azfiles.cli.completing:completion",
    },
}

COMMANDS: Final[Mapping[str, str]] = {name: where for commands in SECTIONS.values() for name, where in commands.items()}
"""A command's or a group's name, and where it is: the module and its name there."""

WIDTH: Final = 80


class _Late(click.Group):
    """A group that knows its commands by name, and the rest when it has to."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section, names in SECTIONS.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(section):
                formatter.write_dl(
                    [(name, command.get_short_help_str(WIDTH)) for name, command in commands if command is not None]
                )

    def invoke(self, ctx: click.Context) -> Any:
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()
        except BrokenPipeError:
            drop_output()
            return exits.NOBODY_READS

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args[0] not in COMMANDS and not ctx.resilient_parsing:
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            if near:
                ctx.fail(f"No such command {args[0]!r}. Did you mean {near[0]!r}?")
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's, too
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


HELP: Final = """\
Azure Files from the command line.

\b
  export AZURE_STORAGE_CONNECTION_STRING='...'
  azfiles ls
  azfiles cp -r photos azfiles://backup/2026
  azfiles sync azfiles://backup/2026 photos --dry-run

A place on the service is azfiles://SHARE/PATH, or a whole https URL; anything
else is here. A share snapshot is azfiles://SHARE@SNAPSHOT/PATH.

The account and its credential come from AZURE_STORAGE_CONNECTION_STRING, or from
AZURE_STORAGE_ACCOUNT with AZURE_STORAGE_SAS_TOKEN or AZURE_STORAGE_KEY, as for
the Azure CLI; with AZURE_STORAGE_AUTH_MODE=login, from its login. To try it without an account: azfiles-sim serve

azfiles COMMAND --help tells more of each, with examples.
"""


@click.group(cls=_Late, help=HELP, context_settings={"max_content_width": WIDTH, "help_option_names": ["-h", "--help"]})
@click.version_option(package_name="azfiles-toolkit", message="azfiles %(version)s")
def root() -> None:
    pass


__all__ = ["COMMANDS", "root"]
