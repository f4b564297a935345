"""One Azurite process: started on a free port with the tests' clock, asked over one connection, and stopped."""

from __future__ import annotations

import base64
import http.client
import os
import re
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from queue import Empty, Queue
from types import TracebackType
from typing import Final, Self

from tests.foreign.programs import find_program, found

NODE_DIR: Final = Path(__file__).parent / "node"
VERSION: Final = "3.35.0"
KEY: Final = base64.b64encode(b"the key of every account of the comparison").decode()
ACCOUNTS: Final = tuple(f"oracle{number:04}" for number in range(1000))
"""All have the same key. What is per account (the list of shares) is compared in an account that nobody used before."""

_READY: Final = re.compile(r"successfully listens? (?:on|at) http://127\.0\.0\.1:(\d+)")
_START_TIMEOUT_S: Final = 60


class AzuriteError(Exception):
    """Azurite ended, or answered 500: a request that the generators must not make."""


class Azurite:
    """A context manager around the process. Its state is in memory and gone when it ends."""

    def __init__(self) -> None:
        node = find_program("node")
        main = found("Azurite (npm ci in tests/oracle/node)", NODE_DIR / "node_modules/azurite/dist/src/blob/main.js")
        self._folder = tempfile.TemporaryDirectory(prefix="azurite-")
        self._process = subprocess.Popen(
            [
                node, "--require", NODE_DIR / "clock.js", main, "--silent", "--loose", "--inMemoryPersistence",
                "--disableTelemetry", "--skipApiVersionCheck", "--blobHost", "127.0.0.1", "--blobPort", "0",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self._folder.name,
            env={"PATH": os.environ.get("PATH", ""), "AZURITE_ACCOUNTS": ";".join(f"{name}:{KEY}" for name in ACCOUNTS)},
            text=True,
        )  # fmt: skip
        self._lines: Queue[str] = Queue()
        self._said: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._connection = http.client.HTTPConnection("127.0.0.1", self._wait_until_ready(), timeout=30)
        self._fresh = iter(ACCOUNTS)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _wait_until_ready(self) -> int:
        """The port that Azurite took, told once it listens."""
        deadline = time.monotonic() + _START_TIMEOUT_S
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                line = ""
            self._said.append(line)
            if ready := _READY.search(line):
                return int(ready[1])
            if not line:
                self.close()
                raise AzuriteError(f"Azurite did not start: {''.join(self._said)}")

    def fresh_account(self) -> str | None:
        """An account that was not given out before, or ``None`` when all were: then a new process is needed."""
        return next(self._fresh, None)

    def send(
        self, method: str, target: str, headers: list[tuple[str, str]], body: bytes, now_ms: int
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, headers and body of the answer that Azurite gives at ``now_ms``. Raises AzuriteError where it ends
        or answers 500.
        """
        try:
            connection = self._connection
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            connection.putheader("oracle-now-ms", str(now_ms))
            connection.endheaders(body or None)
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as fault:
            raise AzuriteError(f"{method} {target} {headers} ended the connection; {self._state()}") from fault
        if response.status >= 500 or self._process.poll() is not None:
            raise AzuriteError(f"{method} {target} {headers}: {response.status} {content[:500]!r}; {self._state()}")
        return response.status, response.getheaders(), content

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def _state(self) -> str:
        return "it is alive" if self.is_alive else f"it ended with status {self._process.returncode}"

    def close(self) -> None:
        """End the process: the end of its input ends it."""
        connection = getattr(self, "_connection", None)
        if connection is not None:
            connection.close()
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(10)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
