"""The transcripts in docs/cli.md are what a shell shows: commands run one after another, in one folder, on one account."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest

import azfiles
from azfiles.cli import exits
from azfiles.cli.root import COMMANDS, root
from azfiles.core import sas
from tests.cli.conftest import Run

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
PLANTING = re.findall(r"```sh\n(mkdir .*?)```", PAGE, re.DOTALL)[0]
TRANSCRIPTS = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)


def commands_of(transcript: str) -> list[tuple[str, str]]:
    """Each command with what it shows."""
    pieces = re.split(r"^\$ (.*)\n", transcript, flags=re.MULTILINE)[1:]
    return list(zip(pieces[::2], pieces[1::2], strict=True))


def test_the_transcripts_are_true(
    azfiles_command: Run, account, key: azfiles.SharedKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    subprocess.run(["bash", "-ec", PLANTING], check=True)
    ended = datetime(2026, 1, 1, tzinfo=UTC)
    begun = ended - timedelta(hours=1)
    token = sas.make_share_sas(key, "backup", now=begun, permissions="rl", expires_at=ended).token
    (tmp_path / "expired.txt").write_text(f"{account.endpoint.replace('http:', 'https:')}/backup?{token}")
    run = 0
    for command, shown in (pair for transcript in TRANSCRIPTS for pair in commands_of(transcript)):
        program, *arguments = shlex.split(command)
        assert program == "azfiles"
        if "--" in arguments:  # its own output passes by; what it runs is run here
            assert azfiles_command(*arguments[: arguments.index("--")], "--", "true").status == 0
            file = azfiles.connect(account.simulator.handle, key).share("backup").file("photos/readme.txt")
            with file.lock(ttl=30, owner="nightly"):
                ran = azfiles_command(*arguments[arguments.index("--") + 2 :])
        else:
            ran = azfiles_command(*arguments)
        expected = ".*".join(map(re.escape, shown.split("...")))
        assert re.fullmatch(expected, ran.out + ran.err), (command, ran)
        run += 1
    assert run == 12


def test_the_page_has_each_exit_status_with_the_words_of_the_help(azfiles_command: Run):
    for table, command in ((exits.TABLE, ("ls",)), (exits.LOCK_TABLE, ("lock",))):
        told = azfiles_command(*command, "--help").out
        for status, meaning in table:
            assert told.count(meaning) == 1
            assert f"| {status} | {meaning} |" in PAGE


def test_the_page_has_the_name_of_each_command_and_option():
    for name in COMMANDS:
        assert f"azfiles {name}" in PAGE, name
        command = root.get_command(click.Context(root), name)
        if name == "cassette":
            continue
        for one in getattr(command, "commands", {"": command}).values():
            for parameter in one.params:
                option = next((text for text in parameter.opts if text.startswith("--")), None)
                assert option is None or option in PAGE, (name, option)
