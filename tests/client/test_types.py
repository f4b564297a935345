"""Type checkers see each operation's exact signature in both colours, and refuse wrong calls."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.proof import THOROUGH

ROOT = Path(__file__).parents[2]
SLOW = pytest.mark.skipif(
    not THOROUGH, reason="a type checker that starts anew takes seconds: AZFILES_THOROUGH=1, as in CI"
)

GOOD = """
import io
from pathlib import Path
from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import Any
from typing_extensions import assert_type
import azfiles

async def items() -> AsyncIterator[bytes]:
    yield b"x"

def blocking(client: azfiles.ServiceClient) -> None:
    share = client.share("data")
    file = share.file("a/b.txt")
    assert_type(file.put_range(0, b"x", lease_id=None), azfiles.RangeWritten)
    assert_type(file.get_range(0, 1, into=bytearray(1)), azfiles.FileContent)
    assert_type(file.upload(b"x"), azfiles.Uploaded)
    assert_type(file.download(), bytes | memoryview)
    assert_type(file.upload(Path("f"), resume=True), azfiles.Uploaded)
    assert_type(file.upload(io.BytesIO(b"x"), size=1), azfiles.Uploaded)
    assert_type(file.upload(part for part in [b"x"]), azfiles.Uploaded)
    assert_type(file.download_to(Path("f"), restarts=2), azfiles.Downloaded)
    assert_type(file.download_to(io.BytesIO()), azfiles.Downloaded)
    assert_type(file.iterate(length=5), Iterator[memoryview])
    assert_type(file.open(), azfiles.FileReader)
    assert_type(share.root.find_temporary(), tuple[azfiles.FileEntry, ...])
    assert_type(share.root.remove_temporary(), tuple[str, ...])
    assert_type(file.update(lambda content: content[:5], wait_s=1.0), azfiles.Uploaded)
    assert_type(file.write_if(b"x", etag="e"), azfiles.Uploaded)
    assert_type(file.create_new(b"x", metadata={"k": "v"}), azfiles.Uploaded)
    assert_type(file.with_retry(None), azfiles.FileClient)
    assert_type(share.lease("id").with_retry(azfiles.RetryPolicy(attempts=2)), azfiles.LeaseClient)
    assert_type(file.acquire_lease(proposed_id="id"), azfiles.LeaseHeld)
    assert_type(file.delete(), azfiles.FileDeleted)
    assert_type(file.get_copy_status(), azfiles.CopyProgress | None)
    assert_type(file.start_copy(file), azfiles.CopyStarted)
    assert_type(share.lease("id").renew(), azfiles.LeaseHeld)
    assert_type(share.make_sas(permissions="r"), azfiles.Sas)
    assert_type(client.list_shares(prefix="a"), Iterator[azfiles.ShareItem])
    assert_type(share.root.list(), Iterator[azfiles.DirectoryEntry | azfiles.FileEntry])
    assert_type(share.root.list_page(page_size=1), azfiles.ListingPage)
    assert_type(client.get_properties(), azfiles.ServiceProperties)
    assert_type(client.get_user_delegation_key(), azfiles.UserDelegationKey)
    assert_type(share.undelete("version"), azfiles.ShareWritten)
    assert_type(share.root.list_handles(recursive=True), Iterator[azfiles.Handle])
    assert_type(share.root.close_all_handles(recursive=True), azfiles.HandlesClosed)
    assert_type(file.iterate_ranges(previous_snapshot="x"), Iterator[azfiles.Range])
    assert_type(file.put_range_from_url(0, 1, file, 0), azfiles.RangeWritten)
    assert_type(file.create_hard_link(file), azfiles.Written)
    assert_type(file.get_symbolic_link(), azfiles.SymbolicLink)
    with file.lock(ttl=30) as held, share.lock(duration_s=15) as share_held:
        assert_type(held, azfiles.HeldFileLock)
        assert_type(share_held, azfiles.HeldShareLock)
    assert_type(file.with_lock(lambda held: held.token, owner="me"), int)
    assert_type(share.with_lock(lambda held: held.lost), bool)
    assert_type(share.find_leases(), tuple[azfiles.FoundLease, ...])
    assert_type(file.break_stale(dry_run=True), azfiles.FoundLease | None)

async def inside(held: azfiles.HeldFileLock) -> str:
    return str(held.token)

async def waiting(client: azfiles.AsyncServiceClient) -> None:
    share = client.share("data")
    file = share.file("a/b.txt")
    pending: Coroutine[Any, Any, azfiles.RangeWritten] = file.put_range(0, b"x")
    assert_type(await pending, azfiles.RangeWritten)
    assert_type(await file.put_range(0, b"x"), azfiles.RangeWritten)
    assert_type(await file.start_copy(file), azfiles.CopyStarted)
    assert_type(await file.update(bytes.upper), azfiles.Uploaded)
    assert_type(await file.upload(items()), azfiles.Uploaded)
    assert_type(await file.download_to(Path("f")), azfiles.Downloaded)
    assert_type(file.iterate(), AsyncIterator[memoryview])
    assert_type(await (await file.open()).read(5), bytes)
    assert_type(await file.write_if(b"x", etag="e"), azfiles.Uploaded)
    assert_type(await file.with_retry(None).create_new(b"x"), azfiles.Uploaded)
    assert_type(client.with_retry(None), azfiles.AsyncServiceClient)
    assert_type(client.list_shares(), AsyncIterator[azfiles.ShareItem])
    assert_type([item.name async for item in client.list_shares()], list[str])
    assert_type(await share.lease("id").release(), azfiles.LeaseReleased)
    assert_type(file.list_handles(), AsyncIterator[azfiles.Handle])
    async with file.lock(ttl=30) as held, share.lock(duration_s=15) as share_held:
        assert_type(held, azfiles.HeldFileLock)
        assert_type(share_held, azfiles.HeldShareLock)
    assert_type(await file.with_lock(inside), str)
    assert_type(await share.root.break_stale(), tuple[azfiles.FoundLease, ...])
    assert_type(await file.put_range_from_url(0, 1, file, 0, keep_last_write=True), azfiles.RangeWritten)
    assert_type(await file.create_hard_link(file), azfiles.Written)
"""

BAD = """
import azfiles

def blocking(file: azfiles.FileClient) -> None:
    file.put_range("0", b"x")
    file.put_range(0)
    file.put_range(0, b"x", leaseid="x")
    file.get_range()
    file.write_if(b"x")
    file.update(lambda content: 1)
    file.no_such_operation()

async def waiting(file: azfiles.AsyncFileClient) -> None:
    await file.put_range("0", b"x")
    await file.upload(1)
    file.resize(1)  # never awaited
"""

CHECKERS = {
    "mypy": [sys.executable, "-m", "mypy", "--strict", "--no-error-summary"],
    "pyright": [sys.executable, "-m", "pyright", "--pythonpath", sys.executable],
}


def lines_with_errors(checker: str, code: str, folder: Path) -> tuple[set[int], str]:
    path = folder / "snippet.py"
    path.write_text(code)
    shown = subprocess.run([*CHECKERS[checker], str(path)], cwd=ROOT, capture_output=True, text=True, check=False)
    found = re.findall(r"snippet\.py:(\d+):(?:\d+)?:? *(?:- )?error", shown.stdout)
    return {int(number) for number in found}, shown.stdout + shown.stderr


@SLOW
@pytest.mark.parametrize("checker", CHECKERS)
def test_both_colours_have_exact_types(checker: str, tmp_path: Path) -> None:
    errors, shown = lines_with_errors(checker, GOOD, tmp_path)
    assert errors == set(), shown


@SLOW
@pytest.mark.parametrize("checker", CHECKERS)
def test_every_wrong_call_is_found(checker: str, tmp_path: Path) -> None:
    errors, shown = lines_with_errors(checker, BAD, tmp_path)
    expected = {number for number, line in enumerate(BAD.splitlines(), 1) if "file." in line}
    assert errors == expected, shown
