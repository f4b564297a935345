"""The command ``azfiles`` itself. Each group of commands is a module of its own, imported when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Final

import click

COMMANDS: Final[Mapping[str, str]] = {"cassette": "azfiles.cli.cassette:group"}
"""A command's or a group's name, and where it is: the module and its name there."""

WIDTH: Final = 80


class _Late(click.Group):
    """A group that knows its commands by name, and the rest when it has to."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's, too
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=_Late, context_settings={"max_content_width": WIDTH, "help_option_names": ["-h", "--help"]})
@click.version_option(package_name="azfiles-toolkit", message="azfiles %(version)s")
def root() -> None:
    """Azure Files from the command line."""


__all__ = ["COMMANDS", "root"]
