"""The standard streams where they are not as usual: closed from the beginning, or with nobody or no room at the other end."""

from __future__ import annotations

import os
import sys


def open_what_is_closed() -> None:
    """Standard streams that were closed (``>&-``) are opened so that using one fails. Else the next file or connection that is
    opened has its number, and Python has ``None`` in its place.
    """
    for number, name, mode in ((0, "stdin", os.O_WRONLY), (1, "stdout", os.O_RDONLY), (2, "stderr", os.O_RDWR)):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, mode)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            mode_of_text = "r" if number == 0 else "w"
            stream = open(number, mode_of_text, encoding="utf-8", closefd=False)  # noqa: SIM115 - open as long as we run
            setattr(sys, name, stream)


def drop_output() -> None:
    """Have what is still in the buffer of stdout go nowhere: it cannot be written, and Python would try when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def settle_output() -> None:
    """Write what is still in the buffer of stdout, or drop it where that cannot be."""
    try:
        sys.stdout.flush()
    except OSError:
        drop_output()


__all__ = ["drop_output", "open_what_is_closed", "settle_output"]
