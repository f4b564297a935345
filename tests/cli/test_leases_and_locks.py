"""``lease find``, ``lease break`` and ``lock``: who holds what, ending it, and a command that runs meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from azfiles.cli import exits
from tests.cli.conftest import Run


def sh(script: str) -> tuple[str, ...]:
    return ("--", "sh", "-c", script)


def test_leases_are_found_and_told_whose_they_are(azfiles_command: Run, share):
    assert azfiles_command("lease", "find", "data").out == "nothing in azfiles://data is leased\n"
    assert azfiles_command("lease", "find", "data", "--json") == (0, "", "")
    share.file("notes.txt").acquire_lease()
    with share.file("photos/2.jpg").lock(ttl=30, owner="node 3"):
        found = azfiles_command("lease", "find", "data").out.splitlines()
        assert found[0] == "azfiles://data/notes.txt  leased, without an end"
        assert found[1].startswith(
            "azfiles://data/photos/2.jpg  locked by 'node 3', to be taken over after 30 s of silence"
        )
        (line,) = azfiles_command("lease", "find", "data/photos", "--json").lines()
        assert (line["url"], line["lock"]["owner"], line["lock"]["ttl_s"]) == (
            "azfiles://data/photos/2.jpg",
            "node 3",
            30,
        )
        assert azfiles_command("lease", "find", "data/photos/2.jpg", "--json").lines() == [line]


def test_the_lease_of_a_file_or_share_is_ended_and_a_dry_run_ends_none(azfiles_command: Run, share):
    share.file("notes.txt").acquire_lease()
    share.acquire_lease(duration_s=60)
    assert azfiles_command("lease", "break", "data/notes.txt", "--dry-run").out.startswith(
        "would end azfiles://data/notes"
    )
    assert azfiles_command("lease", "break", "data", "--dry-run").out.startswith("would end azfiles://data  leased")
    assert len(share.find_leases()) == 2
    assert azfiles_command("lease", "break", "data/notes.txt").out.startswith("ended azfiles://data/notes.txt")
    (line,) = azfiles_command("lease", "break", "data", "--json").lines()
    assert (line["url"], line["duration"], line["lock"]) == ("azfiles://data", "fixed", None)
    assert share.find_leases() == ()
    assert azfiles_command("lease", "break", "data").out == "no lease in azfiles://data\n"
    ran = azfiles_command("lease", "break", "data/photos")
    assert (ran.status, "a directory, which has no lease" in ran.err) == (2, True)


def test_only_locks_of_the_dead_are_stale(azfiles_command: Run, share):
    share.file("notes.txt").acquire_lease()
    assert azfiles_command("lease", "break", "--stale", "data").out == "no lock of a dead holder in azfiles://data\n"
    assert len(share.find_leases()) == 1


def test_a_command_runs_while_the_lock_is_held_and_its_status_is_handed_on(azfiles_command: Run, share, tmp_path):
    seen = tmp_path / "seen"
    script = f"echo lease=$AZFILES_LEASE_ID > {seen}; exit 7"
    assert azfiles_command("lock", "data", *sh(script)) == (7, "", "")
    assert seen.read_text() == "lease=\n"
    assert share.find_leases() == ()
    assert azfiles_command("lock", "data", *sh("kill -9 $$")).status == 128 + 9


def test_what_a_file_lock_runs_knows_the_token_and_azfiles_writes_under_the_lease(
    azfiles_command: Run, share, tmp_path, monkeypatch
):
    seen = tmp_path / "seen"
    script = f'echo "$AZFILES_LOCK_TOKEN|$AZFILES_LEASE_ID|$AZFILES_LEASE_OF" > {seen}'
    ran = azfiles_command("lock", "data/notes.txt", "--owner", "me", "--ttl", "5s", *sh(script))
    token, lease_id, of = seen.read_text().strip().split("|")
    assert (ran.status, int(token) > 0, of.endswith("/data/notes.txt")) == (0, True, True)
    assert lease_id not in ran.out + ran.err
    with share.file("notes.txt").lock(ttl=30) as held:
        ran = azfiles_command("cp", "-", "azfiles://data/notes.txt", stdin=b"new")
        assert (ran.status, "azfiles lease break azfiles://data/notes.txt" in ran.err) == (5, True)
        monkeypatch.setenv("AZFILES_LEASE_OF", of)
        monkeypatch.setenv("AZFILES_LEASE_ID", held.lease_id)
        assert azfiles_command("cp", "-", "azfiles://data/notes.txt", stdin=b"new") == (0, "", "")
        assert azfiles_command("cp", "-", "azfiles://data/other", stdin=b"another") == (0, "", "")
    assert share.file("notes.txt").download() == b"new"


def test_a_lock_that_is_lost_stops_the_command(azfiles_command: Run, share, tmp_path):
    started, asked = tmp_path / "started", tmp_path / "asked"
    script = f"trap 'kill $!; touch {asked}; exit' TERM; touch {started}; sleep 60 & wait"

    def break_it() -> None:
        while not started.exists():
            threading.Event().wait(0.01)
        share.file("notes.txt").break_lease()

    breaker = threading.Thread(target=break_it)
    breaker.start()
    ran = azfiles_command("lock", "data/notes.txt", "--ttl", "1s", *sh(script))
    breaker.join()
    assert asked.exists(), "it was not asked to stop, but killed"
    assert ran.status == exits.LOCK_FAILED
    assert ran.err.startswith("azfiles: ")
    assert "lost" in ran.err


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("data", "--", "no-such-command"), exits.NO_COMMAND, "there is no such command; nothing was locked"),
        (("none", "--", "true"), exits.LOCK_FAILED, "there is no share 'none'"),
        (("data/none", "--", "true"), exits.LOCK_FAILED, "azfiles://data/none is not there"),
        (("data", "--ttl", "5m", "--", "true"), exits.LOCK_FAILED, "duration_s"),
    ],
)
def test_what_cannot_be_locked_runs_nothing(azfiles_command: Run, share, arguments, status, said):
    ran = azfiles_command("lock", *arguments)
    assert ran.status == status
    assert said in ran.err


def test_who_waits_in_vain_runs_nothing(azfiles_command: Run, share, tmp_path):
    share.acquire_lease(duration_s=60)
    ran = azfiles_command("lock", "data", "--wait", "0s", *sh(f"touch {tmp_path / 'ran'}"))
    assert ran.status == exits.NOT_LOCKED
    assert "was not to be had within 0 s" in ran.err
    assert not (tmp_path / "ran").exists()


def test_a_signal_is_handed_on_to_the_command_and_the_lock_is_given_back(share, account):
    script = "trap 'kill $!; echo told; exit 5' TERM; echo ready; sleep 60 & wait"
    command = [sys.executable, "-m", "azfiles", "lock", "data", *sh(script)]
    environment = {**os.environ, "AZURE_STORAGE_CONNECTION_STRING": account.connection_string}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        assert len(share.find_leases()) == 1
        process.send_signal(signal.SIGTERM)
        assert process.stdout.readline() == "told\n"
        assert process.wait() == 5
    assert share.find_leases() == ()


@pytest.mark.parametrize("place", ["data", "data/notes.txt"])
def test_a_lock_that_was_broken_since_the_last_sign_of_life_is_told_in_the_end(
    azfiles_command: Run, share, tmp_path, place
):
    started, go = tmp_path / "started", tmp_path / "go"

    def break_it() -> None:
        while not started.exists():
            threading.Event().wait(0.01)
        if place == "data":
            share.break_lease(period_s=0)
        else:
            share.file("notes.txt").break_lease()
        go.touch()

    breaker = threading.Thread(target=break_it)
    breaker.start()
    script = f"touch {started}; while [ ! -e {go} ]; do sleep 0.01; done"
    ran = azfiles_command("lock", place, "--ttl", "60s", *sh(script))
    breaker.join()
    assert (ran.status, "lost while the command ran" in ran.err) == (exits.LOCK_FAILED, True)


def test_a_signal_that_is_ignored_is_ignored_by_the_command_too(azfiles_command: Run, share):
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup has it
    try:
        assert azfiles_command("lock", "data", *sh("kill -HUP $$; exit 3")).status == 3
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, former)


IN_A_TERMINAL = """
import os, sys
os.login_tty(int(sys.argv[1]))
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
from azfiles.cli import locking
sys.exit(7 if locking._in_the_foreground() else 8)
"""


def test_whose_input_is_a_file_is_in_the_foreground_of_its_terminal_all_the_same():
    """Else the command, which the keyboard's SIGINT has reached, would get another one, and many take two for: at once."""
    screen, line = os.openpty()
    try:
        ran = subprocess.run([sys.executable, "-c", IN_A_TERMINAL, str(line)], pass_fds=[line], check=False)
        assert ran.returncode == 7
    finally:
        os.close(screen)
        os.close(line)
