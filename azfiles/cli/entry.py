"""Where the command line begins: it needs the extra ``cli`` and says so; errors become one line and an exit status."""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from azfiles.cli import exits
from azfiles.cli.streams import drop_output, open_what_is_closed
from azfiles.errors import AzureFilesError
from azfiles.redaction import redact_text

if TYPE_CHECKING:
    import click

COMPLETE: Final = "_AZFILES_COMPLETE"
"""Set by the shell that wants to have something completed."""

USAGE = """\
usage: azfiles COMMAND ...

Azure Files from the command line. Its commands need: pip install 'azfiles-toolkit[cli]'
"""


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit status."""
    open_what_is_closed()
    try:
        return _run(arguments)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in {"click", "rich"}:
            raise
        if not arguments or not {"-h", "--help"}.isdisjoint(arguments):
            sys.stdout.write(USAGE)
        return _complain(f"{missing} is missing; install azfiles-toolkit[cli]")
    except AzureFilesError as error:
        return _complain(redact_text(str(error)))
    except OSError as error:  # from what is not a command of the service, such as a help that has no room
        drop_output()
        return _complain(redact_text(str(error)))


def _run(arguments: Sequence[str]) -> int:
    import click

    from azfiles.cli.root import root

    if COMPLETE in os.environ:
        importlib.import_module("azfiles.cli.completing")  # which knows what bash makes of places
    try:
        status = root.main(list(arguments), prog_name="azfiles", standalone_mode=False)
    except click.ClickException as error:
        _tell_of_usage(error, as_json="--json" in takewhile("--".__ne__, arguments))
        return exits.FAILED
    except click.Abort:
        return exits.INTERRUPTED
    return status if isinstance(status, int) else exits.DONE


def _tell_of_usage(error: click.ClickException, *, as_json: bool) -> None:
    """Tell of wrong arguments. They are repeated, and one may be a URL with its signature."""
    from azfiles.cli.commands import Advice, tell

    if as_json:
        tell(Advice(error.format_message(), status=exits.FAILED), as_json=True)
        return
    told = io.StringIO()
    error.show(told)
    sys.stderr.write(redact_text(told.getvalue()))


def _complain(message: str) -> int:
    sys.stderr.write(f"azfiles: {message}\n")
    return exits.FAILED


__all__ = ["COMPLETE", "run"]
