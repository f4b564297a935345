"""The command ``azfiles`` itself: its groups, each in a module of its own that is imported when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Final

import click

GROUPS: Final[Mapping[str, str]] = {"cassette": "azfiles.cli.cassette"}
"""A group's name, and the module in which it is called ``group``."""

WIDTH: Final = 80


class _Groups(click.Group):
    """A group that knows its commands by name, and the rest when it has to."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        return sorted(GROUPS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in GROUPS:
            return None
        group: click.Group = importlib.import_module(GROUPS[cmd_name]).group
        return group


@click.group(cls=_Groups, context_settings={"max_content_width": WIDTH, "help_option_names": ["-h", "--help"]})
@click.version_option(package_name="azfiles-toolkit", message="azfiles %(version)s")
def root() -> None:
    """Azure Files from the command line."""


__all__ = ["GROUPS", "root"]
