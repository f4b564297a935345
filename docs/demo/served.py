"""The simulator as a program of its own, over HTTPS."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Server:
    """A served simulator; ``stop`` ends it cleanly and may be called twice."""

    process: subprocess.Popen[str]
    endpoint: str
    connection_string: str = field(repr=False)
    ca_file: str

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


@contextmanager
def serve(ca_dir: Path) -> Iterator[Server]:
    """Start ``azfiles_sim serve --https`` on a free port and wait for the line that says it accepts connections."""
    command = [
        sys.executable,
        "-m",
        "azfiles_sim",
        "serve",
        "--https",
        "--port",
        "0",
        "--json",
        "--ca-dir",
        str(ca_dir),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            yield Server(process, said["endpoint"], said["connection_string"], said["ca_file"])
        finally:
            if process.poll() is None:
                process.terminate()
