"""Why serving could not begin, in one line for whoever gave the command."""

from __future__ import annotations

import os


class StartError(Exception):
    """Serving could not begin. The message is one line."""


def reason_of(error: OSError) -> str:
    """The error in one line, without the details that Python adds for its own sake."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else str(error.strerror or error)


__all__ = ["StartError", "reason_of"]
