"""One program, recorded against the simulator and replayed with the simulator gone, gives the same results."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

import azfiles
from azfiles import InProcessTransport, recording, replaying
from azfiles.cassette.document import read_cassette
from azfiles_sim import Simulator

NEVER_SHOWN = (azfiles.EMULATOR_KEY.encode(), b"devstoreaccount1", b"Authorization:", b"SharedKey ")
LEASE = "5f0c1a54-9a3e-4b7f-8a51-0d2d6a1be001"


URL = f"https://{azfiles.EMULATOR_ACCOUNT}.file.core.windows.net"
KEY = azfiles.SharedKey(azfiles.EMULATOR_ACCOUNT, azfiles.EMULATOR_KEY)


def record(path: Path) -> azfiles.ServiceClient:
    """A client of a fresh simulator; when it is closed, all it did is in the cassette."""
    return azfiles.connect(URL, KEY, transport=recording(InProcessTransport(Simulator().handle), path))


def replay(path: Path, *, allow_unplayed: bool = False) -> azfiles.ServiceClient:
    """A client that has no simulator, only the cassette."""
    return azfiles.connect(URL, KEY, transport=replaying(path, allow_unplayed=allow_unplayed))


def refused(client: azfiles.ServiceClient) -> azfiles.ServiceClient:
    """A client over the same transport whose key is wrong; the error quotes the signature and the string to sign."""
    session = replace(client.target.session, credential=azfiles.SharedKey(azfiles.EMULATOR_ACCOUNT, "d3Jvbmc="))
    return azfiles.ServiceClient(replace(client.target, session=session), client.runner)


def outcome(call: Callable[[], object]) -> object:
    """A result, or what an error says, without the id of the request."""
    try:
        return call()
    except azfiles.ServiceError as error:
        return type(error).__name__, error.status, error.code, error.message, error.details


def program(client: azfiles.ServiceClient) -> list[object]:
    """Metadata, data, listings, snapshots, copies, leases and refusals; returns all that came back."""
    share = client.share("data")
    file = share.directory("folder").file("a b.txt")
    seen: list[object] = [
        share.create(quota_gib=5, metadata={"Owner": "me"}),
        share.directory("folder").create(),
        outcome(share.directory("folder").create),
        file.create(8, metadata={"kind": "text"}),
        file.put_range(0, b"abcdefgh"),
        file.get_range(4, 4),
        file.get_range(0, 4),
        file.get_properties(),
        share.create_snapshot(),
    ]
    file.put_range(0, b"\xff\xfe")
    seen += [
        file.get(),
        file.list_ranges(),
        list(share.directory("folder").list()),
        list(client.list_shares()),
        share.file("copy.txt").start_copy(file),
        share.file("copy.txt").get_properties(),
        outcome(share.file("missing").get_properties),
        outcome(share.directory("folder").delete),
        outcome(share.create),
        outcome(lambda: refused(client).share("data").get_properties()),
    ]
    held = file.acquire_lease(proposed_id=LEASE)
    seen += [
        held,
        outcome(lambda: file.put_range(0, b"zz")),
        file.put_range(0, b"zz", lease_id=held.id),
        file.release_lease(held.id),
        file.put_range(0, b"yy"),
    ]
    return seen


def random_leases(client: azfiles.ServiceClient) -> list[object]:
    """The same with ids that are new in each run: what comes back is told without them."""
    file = client.share("data").file("leased")
    client.share("data").create()
    file.create(4)
    first = file.acquire_lease()
    refused = outcome(file.acquire_lease)
    again = file.acquire_lease(proposed_id=first.id)
    changed = file.change_lease(first.id, "7e57ab1e-0000-4000-8000-00000000beef")
    wrong = outcome(lambda: file.put_range(0, b"no", lease_id=first.id))
    file.put_range(0, b"yes", lease_id=changed.id)
    released = file.release_lease(changed.id)
    return [first.id == again.id, refused, changed.id, wrong, released]


@pytest.mark.parametrize("run", [program, random_leases])
def test_a_recorded_program_replays_with_identical_results_and_without_its_key(tmp_path: Path, run):
    path = tmp_path / "a.yaml"
    with record(path) as client:
        expected = run(client)
    written = path.read_bytes()
    assert [secret for secret in NEVER_SHOWN if secret in written] == []
    assert LEASE.encode() not in written
    replayer = replaying(path)
    with azfiles.connect(
        "https://other.file.core.windows.net?sv=2025-11-05&sig=eA%3D%3D", transport=replayer
    ) as client:
        replayed = run(client)
    assert [_without_account(one) for one in replayed] == [_without_account(one) for one in expected]
    assert replayer.unplayed == ()


def _without_account(result: object) -> str:
    return re.sub(r"(?<=/)(other|devstoreaccount1)(?=[./])", "ACCOUNT", repr(result))


def test_the_replay_of_one_account_is_equal_value_for_value(tmp_path: Path):
    path = tmp_path / "a.yaml"
    with record(path) as client:
        expected = program(client)
    with replay(path) as client:
        assert program(client) == expected


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_what_a_blocking_client_recorded_an_async_one_replays(tmp_path: Path, backend: str):
    path = tmp_path / "a.yaml"
    with record(path) as client:
        expected = program(client)

    async def replay_async():
        async with azfiles.connect_async(URL, KEY, transport=replaying(path, allow_unplayed=True)) as client:
            file = client.share("data").directory("folder").file("a b.txt")
            return await file.get_range(0, 4), await file.get_range(4, 4), [one async for one in client.list_shares()]

    first, last, shares = anyio.run(replay_async, backend=backend)
    assert (last, first) == (expected[5], expected[6])
    assert shares == expected[12]


def test_a_range_that_was_not_recorded_is_a_clear_error(tmp_path: Path):
    path = tmp_path / "a.yaml"
    with record(path) as client:
        file = client.share("data").file("f")
        client.share("data").create()
        file.create(8)
        file.put_range(0, b"abcdefgh")
        file.get_range(0, 4)
    with (
        replay(path, allow_unplayed=True) as client,
        pytest.raises(azfiles.NotRecorded) as caught,
    ):
        client.share("data").file("f").get_range(4, 4)
    assert "range: asked bytes=4-7, recorded bytes=0-3" in str(caught.value)


def test_a_release_does_not_replay_the_acquire(tmp_path: Path):
    path = tmp_path / "a.yaml"
    with record(path) as client:
        client.share("data").create()
        file = client.share("data").file("f")
        file.create(0)
        file.acquire_lease(proposed_id=LEASE)
    with (
        replay(path, allow_unplayed=True) as client,
        pytest.raises(azfiles.NotRecorded) as caught,
    ):
        client.share("data").file("f").release_lease(LEASE)
    assert "lease action: asked release, recorded acquire" in str(caught.value)


def test_an_upload_and_a_download_in_parallel_ranges_replay(tmp_path: Path):
    path = tmp_path / "a.yaml"
    content = bytes(range(256)) * 4096 * 9

    def transfer(client: azfiles.ServiceClient) -> bytes:
        client.share("data").create()
        file = client.share("data").file("large")
        file.upload(content)
        return bytes(file.get().content)

    with record(path) as client:
        assert transfer(client) == content
    assert len(read_cassette(path)) > 4
    with replay(path) as client:
        assert transfer(client) == content
