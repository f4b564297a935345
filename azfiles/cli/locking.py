"""``lock``: a command runs while the lock of a share or file is held."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType
from typing import Final

import click

import azfiles
from azfiles.cli import exits
from azfiles.cli.accounts import LEASE_ID, LEASE_OF, LOCK_TOKEN, accounts
from azfiles.cli.commands import Command
from azfiles.cli.errors import CommandError
from azfiles.cli.kinds import DURATION
from azfiles.cli.places import HELP, PLACE, Place, examples

_FORWARDED: Final = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
    if hasattr(signal, name)
)
# What the keyboard sends goes to the whole group of processes in the foreground, so the command has it already.
_OF_THE_KEYBOARD: Final = frozenset({"SIGINT", "SIGQUIT"})
_GRACE_S: Final = 10.0


class _Lock(Command):
    """Statuses of its own, because the others are the command's."""

    def status_of(self, error: BaseException) -> int:
        if isinstance(error, CommandError):
            return error.exit_status
        return exits.NOT_LOCKED if isinstance(error, azfiles.LockNotAcquired) else exits.LOCK_FAILED


@click.command(
    cls=_Lock,
    epilog=examples(
        "azfiles lock data -- ./nightly.sh",
        'azfiles lock data/report.csv --owner "node 3" -- make report',
        then=f"{HELP}\n{exits.help_of(exits.LOCK_TABLE)}",
    ),
)
@click.argument("place", type=PLACE, metavar="SHARE|FILE")
@click.argument("command", nargs=-1, type=click.UNPROCESSED, required=True, metavar="-- COMMAND [ARGUMENT]...")
@click.option(
    "--wait", type=DURATION, default="1m", show_default=True, metavar="TIME", help="For how long to wait for the lock."
)
@click.option(
    "--ttl",
    type=DURATION,
    metavar="TIME",
    help="After how much silence another one may take the lock: of a file 30s, of a share 1m (15s to 1m).",
)
@click.option("--owner", default="", metavar="TEXT", help="Of a file: who holds it, for people to read.")
def lock(place: Place, command: tuple[str, ...], wait: timedelta, ttl: timedelta | None, owner: str) -> int:
    """Run a command while holding the lock of a share or file.

    Ends with the command's own status, or 128 + N where signal N ended it. Signals are handed on to it. A lock that is
    lost stops it: SIGTERM, and SIGKILL ten seconds later.

    The lock of a share keeps out others who take that lock, and nobody else. The lock of a FILE, which must exist, also
    has the service refuse all who write to it; the command finds what it needs in AZFILES_LOCK_TOKEN (the fencing token)
    and AZFILES_LEASE_ID, and azfiles itself, run by it, makes use of the latter for that file.
    """
    program = shutil.which(command[0])
    if program is None:
        raise CommandError(f"{command[0]}: there is no such command; nothing was locked", status=exits.NO_COMMAND)
    child = _Child(program, command)
    with child.forwarding():
        if not place.path:
            duration_s = 60 if ttl is None else int(ttl.total_seconds())
            share = accounts().share(place)
            with share.lock(duration_s=duration_s, wait_s=wait.total_seconds(), on_lost=child.stop) as of_share:
                status = child.run({})
                _check(share, of_share)
                return status
        file = accounts().file(place)
        ttl_s = 30.0 if ttl is None else ttl.total_seconds()
        with file.lock(ttl=ttl_s, wait_s=wait.total_seconds(), owner=owner, on_lost=child.stop) as held:
            status = child.run({LOCK_TOKEN: str(held.token), LEASE_ID: held.lease_id, LEASE_OF: file.url})
            _check(file, held)
            return status


def _check(locked: azfiles.ShareClient | azfiles.FileClient, held: azfiles.HeldShareLock) -> None:
    """Ask whether the lock is held still: who broke it since the last sign of life has been noticed by nobody yet. Where that
    cannot be had, nothing speaks against it.
    """
    if held.lost:
        return
    try:
        locked.with_retry(None).get_properties(lease_id=held.lease_id)
    except (azfiles.LeaseConflict, azfiles.NotFound):
        raise azfiles.LockLost(
            f"the lock of {locked.url} was lost while the command ran: it was taken over, or its lease was broken"
        ) from None
    except azfiles.AzureFilesError:
        return


class _Child:
    """The command: run, told of signals, and stopped."""

    def __init__(self, program: str, command: tuple[str, ...]) -> None:
        self._program = program
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._guard = threading.Lock()
        self._stopped = False
        self._starting = False
        self._early: list[int] = []

    def run(self, told: Mapping[str, str]) -> int:
        """Run it to its end, and return the exit status that it stands for."""
        with self._guard:
            if self._stopped:
                return exits.LOCK_FAILED
            self._starting = True  # from here on signals are the command's, also where it runs before we know of it
            try:
                self._process = subprocess.Popen(self._command, executable=self._program, env={**os.environ, **told})  # noqa: S603 - what the user asked for
            except OSError as error:
                raise CommandError(f"{self._command[0]}: {error.strerror}", status=exits.NOT_RUN) from None
        for number in self._early:
            self._process.send_signal(number)
        status = self._process.wait()
        return exits.BY_SIGNAL - status if status < 0 else status

    def stop(self, _lost: azfiles.LockLost) -> None:
        """The lock is lost: end the command, gently first. Called from the heartbeat's thread."""
        with self._guard:
            self._stopped = True
            process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            killer = threading.Timer(_GRACE_S, process.kill)
            killer.daemon = True
            killer.start()

    @contextmanager
    def forwarding(self) -> Generator[None]:
        """Hand signals on to the command. Before it runs, they end the waiting."""
        # What is ignored stays so, and the command inherits that: under nohup it is to outlive the terminal.
        heeded = [number for number in _FORWARDED if signal.getsignal(number) is not signal.SIG_IGN]
        former = {number: signal.signal(number, self._take) for number in heeded}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)

    def _take(self, number: int, _frame: FrameType | None) -> None:
        process = self._process
        if process is None and not self._starting:
            raise SystemExit(exits.BY_SIGNAL + number)
        if signal.Signals(number).name in _OF_THE_KEYBOARD and _in_the_foreground():
            return
        if process is None:
            self._early.append(number)
        else:
            process.send_signal(number)


def _in_the_foreground() -> bool:
    """Whether the keyboard's signals go to this group of processes. Stdin may be a file all the same."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except (OSError, AttributeError):
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


__all__ = ["lock"]
