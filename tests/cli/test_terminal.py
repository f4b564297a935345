"""What a terminal sees: progress, and completion; and what is not one does not see."""

from __future__ import annotations

import os
import pty
import sys

import pytest

from tests.cli.conftest import Run
from tests.trees.local import plant


class Terminal:
    """A pseudo-terminal in the place of stderr."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._screen, line = pty.openpty()
        self.stderr = os.fdopen(line, "w")
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr(sys, "stderr", self.stderr)

    def seen(self) -> str:
        """What was written to it; closes it."""
        self.stderr.flush()
        os.set_blocking(self._screen, False)
        text = b""
        try:
            while piece := os.read(self._screen, 65536):
                text += piece
        except BlockingIOError:
            pass
        self.stderr.close()
        os.close(self._screen)
        return text.decode()


def test_a_transfer_shows_a_bar_with_the_files_name_and_how_much(azfiles_command: Run, share, tmp_path, monkeypatch):
    terminal = Terminal(monkeypatch)
    (tmp_path / "large.bin").write_bytes(b"x" * 5_000_000)
    assert azfiles_command("cp", tmp_path / "large.bin", "azfiles://data/").out == ""
    seen = terminal.seen()
    assert "large.bin" in seen
    assert "MiB" in seen


def test_a_tree_shows_steps_and_bytes(azfiles_command: Run, share, tmp_path, monkeypatch):
    terminal = Terminal(monkeypatch)
    plant(tmp_path / "here", {f"{number}": b"x" * 1000 for number in range(30)})
    ran = azfiles_command("cp", "-r", tmp_path / "here", "azfiles://data/")
    assert ran.out == "30 files (29.3 KiB) uploaded, 1 directory made\n"
    assert "upload: 31 steps, 29.3 KiB" in terminal.seen()


def test_who_is_told_of_each_file_sees_nothing_else_in_between(azfiles_command: Run, share, tmp_path, monkeypatch):
    terminal = Terminal(monkeypatch)
    plant(tmp_path / "here", {f"{number}": b"x" for number in range(3)})
    assert azfiles_command("cp", "-rv", tmp_path / "here", "azfiles://data/").out.count("transfer: ") == 3
    assert terminal.seen() == ""


def test_what_is_no_terminal_sees_none_of_it(azfiles_command: Run, share, tmp_path):
    plant(tmp_path / "here", {f"{number}": b"x" * 1000 for number in range(3)})
    assert azfiles_command("cp", "-r", tmp_path / "here", "azfiles://data/").err == ""
    assert azfiles_command("cp", tmp_path / "here" / "1", "azfiles://data/") == (0, "", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(azfiles_command: Run, shell):
    ran = azfiles_command("completion", shell)
    assert (ran.status, ran.err) == (0, "")
    assert f"_AZFILES_COMPLETE={shell}_complete" in ran.out


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("azfiles sn", ["snapshot"]),
        ("azfiles lease ", ["break", "find"]),
        ("azfiles ls --js", ["--json"]),
        ("azfiles completion z", ["zsh"]),
        ("azfiles ls d", ["data/"]),
        ("azfiles ls data/ph", ["data/photos/"]),
        ("azfiles cat azfiles://data/photos/", ["azfiles://data/photos/2.jpg", "azfiles://data/photos/summer/"]),
        ("azfiles cp azfiles : //data/n", ["//data/notes.txt"]),
        ("azfiles rm -r azfiles : //da", ["//data/"]),
        ("azfiles cp azf", ["azfiles://", "azf"]),
        ("azfiles ls nothing/", [""]),
    ],
)
def test_commands_options_and_places_are_completed(
    azfiles_command: Run, share, monkeypatch, capsys, words: str, offered: list[str]
):
    monkeypatch.setenv("_AZFILES_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - (0 if words.endswith(" ") else 1)))
    with pytest.raises(SystemExit):
        azfiles_command()
    assert [line.partition(",")[2] for line in capsys.readouterr().out.splitlines()] == offered
