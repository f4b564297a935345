"""Connections end with the file system that made them, whoever lets go of it and whenever."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import threading

import fsspec
import pytest

from azfiles.filesystem import AzureFilesFileSystem
from azfiles_sim.server import HttpServer
from tests.proof import THOROUGH

TIMEOUT_S = 30


class Watched:
    """How many connections servers of this process have, and waiting until there are none."""

    def __init__(self) -> None:
        self.count = self.made = 0
        self._changed = threading.Condition()

    def change(self, by: int) -> None:
        with self._changed:
            self.count += by
            self.made += by > 0
            self._changed.notify_all()

    def falls_to(self, count: int, *, made: int = 0) -> bool:
        """Whether there are so many in the end, when so many were made."""
        with self._changed:
            return self._changed.wait_for(lambda: self.count == count and self.made >= made, TIMEOUT_S)


@pytest.fixture
def connections(served, monkeypatch):
    """Those of the served simulator, which goes on as it does, and is watched."""
    watched = Watched()
    opened, closed = HttpServer.opened, HttpServer.closed

    def count_opened(server, link):
        opened(server, link)
        watched.change(1)

    def count_closed(server, link):
        closed(server, link)
        watched.change(-1)

    monkeypatch.setattr(HttpServer, "opened", count_opened)
    monkeypatch.setattr(HttpServer, "closed", count_closed)
    return watched


def test_a_file_system_that_fsspec_forgets_ends_its_connections(connections):
    fs = fsspec.filesystem("azfiles")
    fs.mkdir("data")
    fs.pipe({f"data/{number}": b"x" for number in range(4)})
    assert connections.count > 1
    AzureFilesFileSystem.clear_instance_cache()
    assert connections.count > 1  # somebody still has it
    del fs
    gc.collect()  # fsspec ties its instances into cycles
    assert connections.falls_to(0)


def test_an_open_file_keeps_the_connections_of_its_file_system(connections):
    fs = AzureFilesFileSystem(skip_instance_cache=True)
    fs.mkdir("data")
    fs.pipe_file("data/file", b"content")
    opened = fs.open("data/file")
    del fs
    gc.collect()
    made = connections.made
    assert opened.read() == b"content"
    assert (connections.count, connections.made) == (made, made)
    opened.close()
    del opened
    gc.collect()
    assert connections.falls_to(0)


def test_one_that_is_dropped_in_the_event_loop_it_was_awaited_in_ends_its_connections_there(connections):
    async def use() -> None:
        fs = AzureFilesFileSystem(asynchronous=True, skip_instance_cache=True)
        await fs._mkdir("data")
        assert connections.count
        del fs
        gc.collect()
        assert await asyncio.to_thread(connections.falls_to, 0)

    asyncio.run(use())


@pytest.mark.filterwarnings(
    "ignore:This process .* is multi-threaded:DeprecationWarning"
)  # as in any program with fsspec
def test_a_forked_process_ends_its_own_connections_and_leaves_those_of_its_parent(connections):
    fs = AzureFilesFileSystem(skip_instance_cache=True)
    fs.mkdir("data")
    fs.pipe_file("data/file", b"content")
    made = connections.count
    told, tell = os.pipe()
    child = os.fork()
    if not child:
        status = 1
        try:
            os.close(tell)
            assert fs.cat_file("data/file") == b"content"
            del fs
            gc.collect()
            os.read(told, 1)  # the parent has seen that it ended them, though this process lives
            status = 0
        finally:
            os._exit(status)
    os.close(told)
    assert connections.falls_to(made, made=made + 1)
    assert fs.cat_file("data/file") == b"content"
    assert connections.made == made + 1  # the parent's own went on
    os.close(tell)
    assert os.waitpid(child, 0)[1] == 0
    del fs
    gc.collect()
    assert connections.falls_to(0)


LEFT = """
import atexit, os, sys
atexit.register(os.read, 0, 1)  # the last thing that is done: to stay until the server has no connections
import fsspec

fs = fsspec.filesystem("azfiles")
fs.mkdir("data")
fs.pipe_file("data/file", b"content")
if not os.fork():
    atexit.unregister(os.read)
    assert fs.cat_file("data/file") == b"content"
    sys.exit()
assert os.wait()[1] == 0
"""


@pytest.mark.skipif(not THOROUGH, reason="an interpreter of its own takes seconds: THOROUGH has it")
def test_the_end_of_the_interpreter_ends_them_without_a_warning_also_that_of_a_fork(connections):
    command = [sys.executable, "-W", "always::ResourceWarning", "-W", "ignore::DeprecationWarning", "-c", LEFT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert connections.falls_to(0, made=2)
        assert process.poll() is None
        assert process.communicate(b".", TIMEOUT_S)[1] == b""
    assert process.returncode == 0
