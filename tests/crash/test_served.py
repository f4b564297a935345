"""The command itself, killed in the middle: a client's data is there when it is started again on the same folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import azfiles
from tests.proof import some


@contextmanager
def served(folder: Path, *flags: str) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
    """The running command and its start line."""
    command = [sys.executable, "-m", "azfiles_sim", "serve", "--port", "0", "--json", "--data", str(folder), *flags]
    environment = {**os.environ, "AZFILES_SIM_ACCOUNTS": ""}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("flags", some([("--durable",), ()], 1))
def test_data_survives_the_kill_of_the_server(tmp_path: Path, flags: tuple[str, ...]) -> None:
    content = bytes(range(256)) * 40_000  # three ranges, large enough for the server's other threads
    with served(tmp_path, *flags) as (process, said), azfiles.connect(said["connection_string"]) as service:
        service.share("data").create()
        service.share("data").file("f").upload(content)
        process.send_signal(signal.SIGKILL)
        process.wait()
    with served(tmp_path, *flags) as (_, said), azfiles.connect(said["connection_string"]) as service:
        assert bytes(service.share("data").file("f").download()) == content


def test_a_folder_in_use_stops_a_second_server_with_one_line(tmp_path: Path) -> None:
    with served(tmp_path):
        command = [sys.executable, "-m", "azfiles_sim", "serve", "--port", "0", "--data", str(tmp_path)]
        second = subprocess.run(command, capture_output=True, check=False, timeout=60)
        assert second.returncode == 2
        assert second.stdout == b""
        assert second.stderr.decode().splitlines() == [f"azfiles-sim: --data: another process is using {tmp_path}"]
