"""The exit statuses of all commands; scripts may rely on them."""

from __future__ import annotations

from typing import Final

DONE: Final = 0
"""All is well, or was done."""
FOUND: Final = 1
"""A check found what it looks for: drift, or a secret."""
FAILED: Final = 2
"""It could not be done: wrong arguments, a file that cannot be read, an extra that is not installed."""
INTERRUPTED: Final = 130
"""Stopped from the keyboard."""

HELP: Final = """\
\b
Exit status:
  0  all is well, or was done
  1  a check found what it looks for, such as drift or a secret
  2  it could not be done; the message says why, and what would help
"""
"""For the end of a command's help."""
