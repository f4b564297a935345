"""azcopy, as it is released, takes the served simulator for Azure."""

from __future__ import annotations

import functools
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from azure.storage.fileshare import ShareClient, generate_account_sas

from azfiles_sim.accounts import EMULATOR_ACCOUNT, EMULATOR_KEY
from azfiles_sim.server import ServedSimulator

from .conftest import HOST
from .programs import Ended, find_azcopy, run_program
from .trees import large_content, plant, read_tree

SHARE = "data"
FILES = 200
LARGE = 64 * 1024 * 1024

Azcopy = Callable[..., Ended]


def sas(permission: str = "rwdlc") -> str:
    expiry = datetime.now(UTC) + timedelta(hours=1)
    return generate_account_sas(EMULATOR_ACCOUNT, EMULATOR_KEY, "sco", permission, expiry)


@pytest.fixture
def share(plain: ServedSimulator) -> Iterator[ShareClient]:
    with ShareClient.from_connection_string(plain.connection_string, SHARE, retry_total=0) as client:
        client.create_share()
        yield client


@pytest.fixture
def azcopy(tmp_path: Path) -> Azcopy:
    program = find_azcopy(tmp_path)
    settings = {
        "HOME": str(tmp_path),
        "AZCOPY_LOG_LOCATION": str(tmp_path / "logs"),
        "AZCOPY_JOB_PLAN_LOCATION": str(tmp_path / "plans"),
        "AZCOPY_DISABLE_SYSLOG": "true",
        "AZCOPY_CONCURRENCY_VALUE": "16",
        "AZCOPY_BUFFER_GB": "0.3",
        "AZCOPY_DOWNLOAD_TO_TEMP_PATH": "false",  # its temporary names would be too long for this machine
    }

    def run(
        *arguments: str | Path, status: int = 0, timeout_s: float = 120, environment: Mapping[str, str] = settings
    ) -> Ended:
        command = [program, *arguments, "--output-type=json", "--skip-version-check"]
        ended = run_program(command, timeout_s=timeout_s, environment={**settings, **environment})
        assert ended.status == status, str(ended)
        return ended

    return run


def url(served: ServedSimulator, path: str = "", permission: str = "rwdlc") -> str:
    return f"{served.endpoint}/{SHARE}{path}?{sas(permission)}"


def messages(ended: Ended, kind: str) -> list[dict[str, str]]:
    lines = [json.loads(line) for line in ended.out.splitlines()]
    return [json.loads(line["MessageContent"]) for line in lines if line["MessageType"] == kind]


def counts(ended: Ended) -> tuple[int, int]:
    """How many transfers were completed, and how many failed."""
    (last,) = messages(ended, "EndOfJob")
    return int(last["TransfersCompleted"]), int(last["TransfersFailed"])


def listed(azcopy: Azcopy, address: str) -> dict[str, int]:
    ended = azcopy("list", address, "--location=File", "--machine-readable")
    return {found["Path"]: int(found["ContentLength"]) for found in messages(ended, "ListObject")}


def test_it_copies_a_tree_of_awkward_names_up_and_down_lists_and_removes_it(plain, share, azcopy, tmp_path):
    source, back = tmp_path / "source", tmp_path / "back"
    plant(source, count=FILES)
    planted = read_tree(source)
    folders = sum(path.is_dir() for path in source.rglob("*"))

    done = counts(azcopy("copy", f"{source}/*", url(plain, "/top"), "--from-to=LocalFile", "--recursive"))
    assert done == (FILES + folders, 0)
    found = listed(azcopy, url(plain, "/top"))
    # azcopy percent-encodes what Windows forbids in names, and shows such a name as it stands in the share.
    assert sorted(size for path, size in found.items() if not path.endswith("/")) == sorted(map(len, planted.values()))
    assert counts(azcopy("copy", url(plain, "/top/*"), back, "--from-to=FileLocal", "--recursive"))[1] == 0
    assert read_tree(back) == planted

    azcopy("remove", url(plain, "/top"), "--from-to=FileTrash", "--recursive")
    assert list(share.list_directories_and_files()) == []


@pytest.mark.evidence(operation="D1", source="client:azcopy")
@pytest.mark.evidence(operation="D7", source="client:azcopy")
@pytest.mark.evidence(operation="F1", source="client:azcopy")
@pytest.mark.evidence(operation="F2", source="client:azcopy")
@pytest.mark.evidence(operation="F4", source="client:azcopy")
@pytest.mark.evidence(operation="F8", source="client:azcopy")
def test_it_syncs_both_ways_and_deletes_what_is_gone(plain, share, azcopy, tmp_path):
    source, back = tmp_path / "source", tmp_path / "back"
    (source / "sub").mkdir(parents=True)
    for name in ("one.txt", "two.txt", "sub/three.txt"):
        (source / name).write_text(name)
    up = ("sync", source, url(plain, "/top"), "--from-to=LocalFile", "--delete-destination=true")
    share.create_directory("top")
    azcopy(*up)
    assert listed(azcopy, url(plain, "/top")) == {"/": 0, "one.txt": 7, "two.txt": 7, "sub/": 0, "sub/three.txt": 13}

    (source / "two.txt").unlink()
    later = time.time() + 10
    (source / "one.txt").write_text("changed!")
    os.utime(source / "one.txt", (later, later))
    azcopy(*up)
    assert listed(azcopy, url(plain, "/top")) == {"/": 0, "one.txt": 8, "sub/": 0, "sub/three.txt": 13}

    back.mkdir()
    (back / "stray.txt").write_text("stray")
    azcopy("sync", url(plain, "/top"), back, "--from-to=FileLocal", "--delete-destination=true")
    assert read_tree(back) == {"one.txt": b"changed!", "sub/three.txt": b"sub/three.txt"}


def test_it_copies_a_large_file_up_across_and_down(plain, share, azcopy, tmp_path):
    large = tmp_path / "large.bin"
    large.write_bytes(large_content(LARGE))
    share.create_directory("top")
    azcopy("copy", large, url(plain, "/top/large.bin"), "--from-to=LocalFile", "--put-md5")
    azcopy(
        "copy",
        url(plain, "/top/large.bin"),
        tmp_path / "back.bin",
        "--from-to=FileLocal",
        "--check-md5=FailIfDifferent",
    )
    assert (tmp_path / "back.bin").read_bytes() == large.read_bytes()


@pytest.mark.evidence(operation="F10", source="client:azcopy")
def test_it_copies_from_share_to_share_inside_the_service(plain, share, azcopy):
    share.create_directory("top").upload_file("large.bin", large_content(10 * 1024 * 1024))
    other = url(plain, "/other")
    azcopy("copy", url(plain, "/top"), other, "--from-to=FileFile", "--recursive")
    copied = share.get_file_client("other/top/large.bin").download_file().readall()
    assert copied == large_content(10 * 1024 * 1024)


def test_by_azures_own_host_names_it_makes_a_share_and_copies(proxied, azcopy, tmp_path):
    address = f"https://{HOST}/made"
    made = functools.partial(azcopy, environment=proxied.environment)
    made("make", f"{address}?{sas()}")
    (tmp_path / "one.txt").write_text("one")
    made("copy", tmp_path / "one.txt", f"{address}/one.txt?{sas()}")
    made("copy", f"{address}/one.txt?{sas()}", tmp_path / "back.txt")
    assert (tmp_path / "back.txt").read_text() == "one"
    made("remove", f"{address}/one.txt?{sas()}")
    assert messages(made("list", f"{address}?{sas()}", "--machine-readable"), "ListObject") == [
        {"Path": "/", "ContentLength": "0"}
    ]


@pytest.mark.evidence(error="AuthorizationPermissionMismatch", source="client:azcopy")
@pytest.mark.evidence(error="ShareNotFound", source="client:azcopy")
def test_it_tells_its_user_what_azure_would_refuse(plain, share, azcopy, tmp_path):
    (tmp_path / "one.txt").write_text("one")
    azcopy("copy", tmp_path / "one.txt", url(plain, "/one.txt", "r"), "--from-to=LocalFile", status=1)
    assert list(share.list_directories_and_files()) == []
    assert "AuthorizationPermissionMismatch" in _log(tmp_path)
    share.delete_share()
    absent = azcopy("list", url(plain), "--location=File", status=1)
    assert "ShareNotFound" in absent.out


def _log(folder: Path) -> str:
    return "".join(path.read_text() for path in (folder / "logs").glob("*.log"))
