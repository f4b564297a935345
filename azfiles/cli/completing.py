"""Completion in the shell: the script for it, and places on the service."""

from __future__ import annotations

from contextlib import closing
from itertools import islice
from typing import Final

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class, get_completion_class

import azfiles
from azfiles.cli import exits
from azfiles.cli.entry import COMPLETE

SHELLS: Final = ("bash", "zsh", "fish")
_MOST: Final = 200

_INSTALLING: Final = """\
\b
bash  source <(azfiles completion bash)          in ~/.bashrc
zsh   source <(azfiles completion zsh)           in ~/.zshrc, after compinit
fish  azfiles completion fish | source           in ~/.config/fish/config.fish
"""


@add_completion_class
class _Bash(BashComplete):
    """For bash a colon is a word of its own, so what it tells of ``azfiles://data`` are three: here the first two go."""

    def get_completion_args(self) -> tuple[list[str], str]:
        words, incomplete = super().get_completion_args()
        if words[-2:] == ["azfiles", ":"] and incomplete.startswith("//"):
            words = words[:-2]
        return words, incomplete


@click.command(epilog=f"{_INSTALLING}\n{exits.HELP}")
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> int:
    """Write the script that completes azfiles' arguments in a shell.

    It completes commands, options, and places on the service: for those it lists what is there, as the account in the
    environment.
    """
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - click has all three
    root = click.get_current_context().find_root().command
    completer = kind(root, {}, "azfiles", COMPLETE)
    click.echo(completer.source_template % completer.source_vars())
    return exits.DONE


def complete_place(incomplete: str) -> list[CompletionItem]:
    """What a place that has been begun can become. Whatever goes wrong, there is nothing to complete."""
    from azfiles.cli.accounts import Accounts
    from azfiles.cli.places import SCHEME, read_place

    # For bash a colon is a word of its own, so what it asks for may begin behind that of azfiles://.
    text = incomplete.removeprefix(SCHEME).removeprefix("//")
    begun, _, start = text.rpartition("/")
    prefix = incomplete[: len(incomplete) - len(start)]
    try:
        place = read_place(f"{SCHEME}{begun}")
        with closing(Accounts()) as accounts:
            if begun:
                directory = accounts.directory(place).with_retry(None)
                names = [_marked(entry) for entry in islice(directory.list(prefix=start), _MOST)]
            else:
                shares = accounts.service(place).with_retry(None).list_shares(prefix=start)
                names = [f"{share.name}/" for share in islice(shares, _MOST)]
    except (azfiles.AzureFilesError, OSError):
        return []
    return [CompletionItem(prefix + name) for name in names]


def complete_end(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What one end of a copy can become: a place on the service, or a file here, which the shell knows better."""
    from azfiles.cli.places import SCHEME, is_remote

    if is_remote(incomplete) or incomplete.startswith("//"):
        return complete_place(incomplete)
    scheme = [CompletionItem(SCHEME)] if incomplete and SCHEME.startswith(incomplete) else []
    return [*scheme, CompletionItem(incomplete, type="file")]


def _marked(entry: azfiles.DirectoryEntry | azfiles.FileEntry) -> str:
    return entry.name + ("/" if isinstance(entry, azfiles.DirectoryEntry) else "")


__all__ = ["SHELLS", "complete_end", "complete_place", "completion"]
