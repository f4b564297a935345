"""Follows a page of the docs as a reader would: block by block, in one folder, and sees what the page says that he sees.

- ``python`` runs, each block where the one before left off; one that begins with ``# name.py`` is saved under that name.
- ``sh`` runs in bash where ``shell`` is asked for, but ``pip install`` (``tests/packaging`` does that). ``azfiles-sim serve``
  goes on running until the page's end; what it printed stands in wherever the page says so.
- ``text`` right behind one of them is what it prints, word for word.
- Anything else (``toml``, ``yaml``) is saved where it begins with ``# name``; ``console`` is for reading.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from azfiles_sim import Simulator
from azfiles_sim.server import serve_in_thread

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"

_BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_NAME: Final = re.compile(r"# ([\w./-]+\.\w+)\n")
_SERVED: Final = re.compile(r"^azfiles-sim serve\b", re.MULTILINE)
_PRINTED: Final = "<the connection string it printed>"
_DEFAULT_ENDPOINT: Final = "http://127.0.0.1:10004/devstoreaccount1"


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: its language, text, and the line it begins at."""

    language: str
    text: str
    line: int


def blocks_of(page: Path, until: str | None = None) -> list[Block]:
    """All of a page's blocks, or those before a heading."""
    text = page.read_text(encoding="utf-8")
    if until is not None:
        text, found, _ = text.partition(f"\n{until}\n")
        assert found, until
    return [Block(found[1], found[2], text.count("\n", 0, found.start()) + 1) for found in _BLOCK.finditer(text)]


@dataclass
class Reader:
    """Somebody who does what a page says, in the present folder. ``names`` is what his Python knows."""

    page: Path
    shell: bool
    names: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    printed: str | None = None

    def follow(self, until: str | None = None) -> int:
        """Do all of the page, or what stands before a heading, and return how many blocks ran.

        AssertionError where it does not say what is printed.
        """
        done = 0
        self.printed = None
        for block in blocks_of(self.page, until):
            if block.language == "text":
                if self.printed is not None:
                    told = f"{self.page.name}, line {block.line} says\n{block.text}but what came is\n{self.printed}"
                    assert self.printed == block.text, told
                self.printed = None
                continue
            self.printed = self._do(block)
            done += block.language in {"python", "sh"}
        return done

    def _do(self, block: Block) -> str | None:
        named = _NAME.match(block.text)
        if named is not None:
            Path(named[1]).parent.mkdir(parents=True, exist_ok=True)
            Path(named[1]).write_text(self._filled_in(block.text), encoding="utf-8")
            if block.language == "python" and not Path(named[1]).name.startswith("test_"):
                return self._run(block, {})
            return None
        if block.language == "python":
            return self._run(block, self.names)
        if block.language == "sh":
            return self._type(block) if self.shell else self.printed
        return None

    def _run(self, block: Block, names: dict[str, Any]) -> str:
        where = "\n" * block.line + self._filled_in(block.text)
        code = compile(where, self.page.name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        with redirect_stdout(io.StringIO()) as output:
            outcome = eval(code, names)
            if inspect.iscoroutine(outcome):
                asyncio.run(outcome)
        return output.getvalue()

    def _type(self, block: Block) -> str | None:
        text = self._filled_in(block.text)
        if text.startswith(("pip install", "export ")) or _SERVED.match(text):
            return None
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            env={**os.environ, **self.environment, "PATH": path, "COLUMNS": "100", "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{self.page.name}, line {block.line}:\n{text}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def _filled_in(self, text: str) -> str:
        string = self.environment.get("AZURE_STORAGE_CONNECTION_STRING")
        if string is None:
            return text
        endpoint = re.search(r"FileEndpoint=([^;]+)", string)
        assert endpoint is not None
        text = text.replace(_PRINTED, string).replace("UseDevelopmentStorage=true", string)
        return text.replace(_DEFAULT_ENDPOINT, endpoint[1].rstrip("/"))


@contextmanager
def reading(page: Path, *, shell: bool) -> Iterator[Reader]:
    """A reader of one page, with a served simulator beside it where the page has one started or asks for one."""
    text = page.read_text(encoding="utf-8")
    if not (_SERVED.search(text) or "AZURE_STORAGE_CONNECTION_STRING" in text):
        yield Reader(page, shell)
        return
    with serve_in_thread(Simulator()) as server:
        yield Reader(page, shell, environment={"AZURE_STORAGE_CONNECTION_STRING": server.connection_string})
