"""Builds the distribution as it is published, and makes environments that have nothing else."""

from __future__ import annotations

import faulthandler
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PATIENCE_S: Final = 300
"""How long one command may take: pip asks an index, which may be slow."""


def run(*command: str | Path, cwd: Path, check: bool = True, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a program outside of the source tree, without what this process' environment says of Python.

    It has a limit of its own, so the one for a whole test is taken off: a test of several installations may need longer.
    """
    faulthandler.cancel_dump_traceback_later()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment | more,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    if check:
        assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return done


@dataclass(frozen=True)
class Environment:
    """A virtual environment of its own, without pip: this process' pip installs into it."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def script(self, name: str) -> Path:
        return self.folder / "bin" / name

    def install(self, *what: str) -> None:
        pip = (sys.executable, "-m", "pip", "--python", str(self.python), "--disable-pip-version-check", "--quiet")
        run(*pip, "install", *what, cwd=self.folder)
        run(*pip, "check", cwd=self.folder)


def new_environment(folder: Path, python: str | Path = sys.executable) -> Environment:
    run(python, "-m", "venv", "--without-pip", folder, cwd=folder.parent)
    return Environment(folder)


def build(folder: Path) -> tuple[Path, Path]:
    """The source distribution, and the wheel that is made of it alone: without the source tree."""
    tools = new_environment(folder / "tools")
    tools.install("build", "hatchling")
    built = folder / "dist"
    run(tools.python, "-m", "build", "--no-isolation", "--outdir", built, ROOT, cwd=folder)
    (source,) = built.glob("*.tar.gz")
    (wheel,) = built.glob("*.whl")
    return source, wheel


def newer_pythons() -> list[Path]:
    """Every Python on this machine that is newer than the one that runs: by name, and those that pyenv made."""
    found: dict[int, Path] = {}
    for minor in range(sys.version_info.minor + 1, 20):
        by_name = shutil.which(f"python3.{minor}")
        made = sorted(
            Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob(f"versions/3.{minor}.*/bin/python")
        )
        for candidate in (*made, *([Path(by_name)] if by_name else [])):
            if run(candidate, "-c", "import venv, ssl, sqlite3", cwd=ROOT, check=False).returncode == 0:
                found[minor] = candidate
    return list(found.values())
