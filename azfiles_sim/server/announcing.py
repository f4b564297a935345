"""What the command tells: one line to stdout, all else to stderr."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TextIO


def announce(line: str) -> None:
    """Write the one line to stdout. Nobody has to be listening: a closed stdout does not end the server."""
    stdout: TextIO | None = sys.stdout  # None where the descriptor was closed before Python began
    if stdout is None:
        return
    try:
        stdout.write(f"{line}\n")
        stdout.flush()
    except (OSError, ValueError):
        # The line is still in the buffer; flushed at exit it would turn status 0 into 120.
        with contextlib.suppress(OSError, ValueError), Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), stdout.fileno())


def complain(message: str) -> None:
    """Write one line to stderr."""
    stderr: TextIO | None = sys.stderr
    if stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            stderr.write(f"azfiles-sim: {message}\n")


def tell_faults(diary: str) -> None:
    """Write the diary of faults to stderr."""
    complain(f"the faults that happened:\n{diary.rstrip()}" if diary else "no fault happened")


__all__ = ["announce", "complain", "tell_faults"]
