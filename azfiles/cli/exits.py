"""The exit statuses of all commands, in one table; scripts may rely on them."""

from __future__ import annotations

from typing import Final

from azfiles.cli.errors import CommandError
from azfiles.errors import (
    AlreadyExists,
    AuthenticationFailed,
    AzureFilesError,
    CircuitOpen,
    Conflict,
    EtagMismatch,
    FileChanged,
    LockNotAcquired,
    NotFound,
    PreconditionFailed,
    ServerFault,
    Throttled,
    TransportError,
    TreeIncomplete,
)

DONE: Final = 0
"""All is well, or was done."""
FOUND: Final = 1
"""A check found what it looks for: drift, a secret, a signature that does not work."""
FAILED: Final = 2
"""It could not be done: wrong arguments, a file that cannot be read, an extra that is not installed."""
MISSING: Final = 3
"""What was named is not there: a share, a directory, a file, on the service or here."""
REFUSED: Final = 4
"""No credential, a wrong or expired one, or one that does not allow this."""
IN_THE_WAY: Final = 5
"""Something is in the way: a lease, a lock, a file of that name, a change in between."""
IN_PART: Final = 6
"""A part of it failed, and the rest was done."""
LATER: Final = 7
"""The service was not reached, or is not well or too busy; the same command may go well later."""
INTERRUPTED: Final = 130
"""Stopped from the keyboard."""
NOBODY_READS: Final = 141
"""Whoever read the output has gone, as ``head`` does; the status that shells give for SIGPIPE."""

# Of ``azfiles lock``, which otherwise ends with its command's own status; those of timeout(1), env(1) and shells.
NOT_LOCKED: Final = 124
LOCK_FAILED: Final = 125
NOT_RUN: Final = 126
NO_COMMAND: Final = 127
BY_SIGNAL: Final = 128

TABLE: Final[tuple[tuple[int, str], ...]] = (
    (DONE, "all is well, or was done"),
    (FOUND, "a check found what it looks for, such as drift or a secret"),
    (FAILED, "it could not be done; the message says why, and what would help"),
    (MISSING, "a share, directory or file that was named is not there"),
    (REFUSED, "no credential, a wrong one, or one that does not allow it"),
    (IN_THE_WAY, "a lease, a lock, a file or a change is in the way"),
    (IN_PART, "a part of it failed, and the rest was done"),
    (LATER, "the service was not reached or is too busy; try again later"),
    (INTERRUPTED, "stopped from the keyboard"),
)

LOCK_TABLE: Final[tuple[tuple[int, str], ...]] = (
    (NOT_LOCKED, "somebody else held the lock all the time; nothing was run"),
    (LOCK_FAILED, "the lock was lost, or could not be taken for another reason"),
    (NOT_RUN, "the command was found but could not be run"),
    (NO_COMMAND, "there is no such command"),
)


def help_of(table: tuple[tuple[int, str], ...]) -> str:
    """A table as it stands at the end of a command's help."""
    width = max(len(str(status)) for status, _ in table)
    return "\b\nExit status:\n" + "".join(f"  {status:<{width}}  {meaning}\n" for status, meaning in table)


HELP: Final = help_of(TABLE)
"""For the end of a command's help."""

# The first class that an error is of decides.
_BY_CLASS: Final[tuple[tuple[type[BaseException], int], ...]] = (
    (TreeIncomplete, IN_PART),
    (NotFound, MISSING),
    (AuthenticationFailed, REFUSED),
    (AlreadyExists, IN_THE_WAY),
    (Conflict, IN_THE_WAY),
    (PreconditionFailed, IN_THE_WAY),
    (EtagMismatch, IN_THE_WAY),
    (FileChanged, IN_THE_WAY),
    (LockNotAcquired, IN_THE_WAY),
    (TransportError, LATER),
    (Throttled, LATER),
    (ServerFault, LATER),
    (CircuitOpen, LATER),
    (AzureFilesError, FAILED),
    (FileNotFoundError, MISSING),
    (FileExistsError, IN_THE_WAY),
)


def status_of(error: BaseException) -> int:
    """The exit status that an error stands for."""
    if isinstance(error, CommandError):
        return error.exit_status
    return next((status for kind, status in _BY_CLASS if isinstance(error, kind)), FAILED)


__all__ = [
    "BY_SIGNAL",
    "DONE",
    "FAILED",
    "FOUND",
    "HELP",
    "INTERRUPTED",
    "IN_PART",
    "IN_THE_WAY",
    "LATER",
    "LOCK_FAILED",
    "LOCK_TABLE",
    "MISSING",
    "NOBODY_READS",
    "NOT_LOCKED",
    "NOT_RUN",
    "NO_COMMAND",
    "REFUSED",
    "TABLE",
    "help_of",
    "status_of",
]
