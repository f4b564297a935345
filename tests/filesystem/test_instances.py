"""One file system after another: which are the same, how they are found, handed on, forked, and used without blocking."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import fsspec
import pytest
from fsspec.asyn import AsyncFileSystem

import azfiles
from azfiles.clients.accounts import AccountOptions
from azfiles.filesystem import AzureFilesFileSystem
from azfiles.filesystem.writing import BLOCK_BYTES
from tests.proof import THOROUGH

KEY = azfiles.EMULATOR_KEY
OTHER = "UseDevelopmentStorage=true"


@pytest.fixture
def remote(served):
    """A file system over HTTP, by the environment alone."""
    fs = fsspec.filesystem("azfiles")
    fs.mkdir("data")
    yield fs
    fs.disconnect()
    fs.clear_instance_cache()


def test_fsspec_finds_it_by_its_protocol_and_the_account_by_the_environment(remote):
    assert isinstance(remote, AzureFilesFileSystem)
    assert isinstance(remote, AsyncFileSystem)
    with fsspec.open("azfiles://data/a/file.txt.gz", "wt", compression="infer") as opened:
        opened.write("over HTTP\n" * 1000)
    with fsspec.open("azfiles://data/a/file.txt.gz", "rt", compression="infer") as opened:
        assert opened.read() == "over HTTP\n" * 1000
    fs, path = fsspec.url_to_fs("azfiles:///data/a/")
    assert (fs, path) == (remote, "data/a")
    assert remote.unstrip_protocol("data/a") == "azfiles://data/a"


def test_instances_are_the_same_by_options_and_environment(served, monkeypatch):
    fs = AzureFilesFileSystem()
    assert AzureFilesFileSystem() is fs
    assert AzureFilesFileSystem(auto_mkdir=False) is not fs
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", OTHER)
    other = AzureFilesFileSystem()
    assert other is not fs
    assert (repr(fs), repr(other)) == (
        f"<AzureFilesFileSystem of {served.endpoint}>",
        "<AzureFilesFileSystem of http://127.0.0.1:10004/devstoreaccount1>",
    )
    fs.clear_instance_cache()


def test_a_pickled_file_system_carries_what_it_was_given_and_nothing_of_the_environment(served):
    by_environment, by_options = (
        AzureFilesFileSystem(),
        AzureFilesFileSystem(connection_string=served.connection_string),
    )
    assert KEY.encode() not in pickle.dumps(by_environment)
    assert KEY.encode() in pickle.dumps(by_options)
    for fs in (by_environment, by_options):
        assert pickle.loads(pickle.dumps(fs)) is fs
        assert KEY not in repr(fs) + str(fs._fs_token) + repr(vars(vars(fs)["_connections"]))
        assert KEY not in fs.to_json(include_password=False)
        assert isinstance(json.loads(fs.to_json()), dict)
    assert AzureFilesFileSystem.from_json(by_options.to_json()) is by_options
    named = AzureFilesFileSystem("devstoreaccount1", KEY, account_url=served.endpoint)
    assert KEY not in named.to_json(include_password=False)
    held = AzureFilesFileSystem(account_url=served.endpoint, credential=azfiles.SharedKey("devstoreaccount1", KEY))
    assert json.loads(held.to_json(include_password=False))["account_url"] == served.endpoint
    signed = f"{served.endpoint}?sv=2025-01-05&ss=f&srt=sco&sp=r&se=2099-01-01T00:00:00Z&sig=c2VjcmV0"
    by_url = AzureFilesFileSystem(account_url=signed, allow_http=True)
    assert "c2VjcmV0" not in by_url.to_json(include_password=False) + repr(by_url)
    assert "c2VjcmV0" not in repr(AccountOptions(account_url=signed))
    named.clear_instance_cache()


def test_a_signed_url_reads_one_file_and_no_other(remote):
    remote.pipe({"data/file": b"for all", "data/other": b""})
    url = remote.sign("data/file", expiration=60)
    with urllib.request.urlopen(url) as reply:
        assert reply.read() == b"for all"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url.replace("/file?", "/other?"))


def test_options_that_do_not_fit_are_refused_at_once(monkeypatch):
    monkeypatch.delenv("AZURE_STORAGE_CONNECTION_STRING", raising=False)
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT", raising=False)
    with pytest.raises(ValueError, match="AZURE_STORAGE_CONNECTION_STRING"):
        AzureFilesFileSystem()
    with pytest.raises(ValueError, match="one of them"):
        AzureFilesFileSystem("account", KEY, anon=True)


@pytest.mark.filterwarnings(
    "ignore:This process .* is multi-threaded:DeprecationWarning"
)  # as in any program with fsspec
def test_a_forked_process_goes_on_with_connections_of_its_own(remote):
    remote.pipe_file("data/file", b"parent")
    child = os.fork()
    if not child:
        status = 1
        signal.alarm(60)  # it would wait for ever on an event loop that only the parent has
        try:
            assert remote.cat_file("data/file") == b"parent"
            remote.pipe_file("data/file", b"child")
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert remote.cat_file("data/file") == b"child"


LEFT_OPEN = """
from azfiles.filesystem import AzureFilesFileSystem
from azfiles_sim import Simulator

fs = AzureFilesFileSystem(handler=Simulator().handle)
fs.mkdir("data")
left = [fs.open(f"data/{mode}", mode) for mode in ("wb", "w", "ab")]
for file in left:
    file.write("x" if hasattr(file, "encoding") else b"x")
"""


@pytest.mark.skipif(not THOROUGH, reason="an interpreter of its own takes seconds: THOROUGH has it")
def test_files_that_are_left_open_do_not_keep_the_interpreter_from_ending():
    ended = subprocess.run(
        [sys.executable, "-c", LEFT_OPEN],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    assert "left open until the interpreter ended" in ended.stderr


def test_a_file_that_is_closed_when_the_interpreter_ends_says_that_it_is_lost_and_waits_for_nothing(fs, monkeypatch):
    opened = fs.open("data/file", "wb")
    opened.write(b"x")
    with monkeypatch.context() as ending:
        ending.setattr(sys, "is_finalizing", lambda: True)
        with pytest.raises(RuntimeError, match="left open"):
            opened.close()
    assert not fs.exists("data/file")


def test_it_is_awaited_in_one_event_loop_after_another(simulator, fs):
    own = AzureFilesFileSystem(handler=simulator.handle, retry=None, asynchronous=True, skip_instance_cache=True)

    async def use(name: str) -> bytes:
        await own._pipe_file(f"data/{name}", name.encode())
        async with await own.open_async(f"data/{name}-stream", "wb") as opened:
            await opened.write(b"x" * BLOCK_BYTES)
            await opened.write(name.encode())
        async with await own.open_async(f"data/{name}-stream") as opened:
            head, rest = await opened.read(2), await opened.read()
        assert head + rest == b"x" * BLOCK_BYTES + name.encode()
        own_content: bytes = await own._cat_file(f"data/{name}")
        await own.close_connections()
        return own_content

    assert [asyncio.run(use(name)) for name in ("one", "two")] == [b"one", b"two"]
    assert own.loop is None


def test_an_async_file_that_is_forgotten_is_not_closed_and_says_so_if_it_was_written(simulator, fs):
    fs.pipe_file("data/file", b"old")
    own = AzureFilesFileSystem(handler=simulator.handle, retry=None, asynchronous=True, skip_instance_cache=True)

    async def forget(mode: str) -> None:
        opened = await own.open_async("data/file", mode)
        await (opened.read(1) if mode == "rb" else opened.write(b"new"))

    asyncio.run(forget("rb"))
    with pytest.warns(ResourceWarning, match="data/file was not closed"):
        asyncio.run(forget("wb"))
    assert fs.cat_file("data/file") == b"old"


def test_an_error_in_an_async_with_statement_leaves_the_old_file(simulator, fs):
    fs.pipe_file("data/file", b"old")
    own = AzureFilesFileSystem(handler=simulator.handle, retry=None, asynchronous=True, skip_instance_cache=True)

    async def fail() -> None:
        async with await own.open_async("data/file", "wb") as opened:
            await opened.write(b"x" * BLOCK_BYTES)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(fail())
    assert fs.cat_file("data/file") == b"old"
    assert fs.ls("data", detail=False) == ["data/file"]
    with pytest.raises(ValueError, match="xb"):
        asyncio.run(own.open_async("data/file", "xb"))
