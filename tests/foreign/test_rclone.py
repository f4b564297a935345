"""rclone's azurefiles backend, as it is released, takes the served simulator for Azure."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from azure.storage.fileshare import ShareClient, generate_account_sas

from azfiles_sim import Simulator
from azfiles_sim.accounts import EMULATOR_ACCOUNT, EMULATOR_KEY
from azfiles_sim.server import ServedSimulator, serve_in_thread
from azfiles_sim.storage.disk import DiskStore

from .programs import Ended, find_rclone, run_program
from .trees import BEYOND_AZCOPY, large_content, plant, read_tree

SHARE = "data"
REMOTE = ":azurefiles:"
FILES = 1000
LARGE = 100 * 1024 * 1024

Rclone = Callable[..., Ended]


@pytest.fixture(params=["http", "https"])
def served(request) -> ServedSimulator:
    return request.getfixturevalue("plain" if request.param == "http" else "secure")


def make_share(server: ServedSimulator) -> None:
    verify = str(server.ca_file) if server.ca_file else True
    with ShareClient.from_connection_string(
        server.connection_string, SHARE, retry_total=0, connection_verify=verify
    ) as share:
        share.create_share()


def rclone_for(server: ServedSimulator, folder: Path, *, by_key: bool = True, new: bool = True) -> Rclone:
    """A function that runs rclone against a share of ``server``, new or not, and expects the given exit status."""
    program = find_rclone()
    if new:
        make_share(server)
    settings = {
        "HOME": str(folder),
        "RCLONE_CONFIG": str(folder / "none.conf"),
        "RCLONE_AZUREFILES_SHARE_NAME": SHARE,
        "RCLONE_RETRIES": "1",
        "RCLONE_LOW_LEVEL_RETRIES": "1",
    }
    if by_key:
        settings["RCLONE_AZUREFILES_ACCOUNT"] = EMULATOR_ACCOUNT
        settings["RCLONE_AZUREFILES_KEY"] = EMULATOR_KEY
        settings["RCLONE_AZUREFILES_ENDPOINT"] = server.endpoint
    if server.ca_file:
        settings["RCLONE_CA_CERT"] = str(server.ca_file)

    def rclone(*arguments: str | Path, status: int = 0, timeout_s: float = 120, text_in: str | None = None) -> Ended:
        ended = run_program([program, *arguments], timeout_s=timeout_s, environment=settings, text_in=text_in)
        assert ended.status == status, str(ended)
        return ended

    return rclone


@pytest.mark.evidence(operation="D1", source="client:rclone")
@pytest.mark.evidence(operation="D3", source="client:rclone")
@pytest.mark.evidence(operation="D7", source="client:rclone")
@pytest.mark.evidence(operation="F1", source="client:rclone")
@pytest.mark.evidence(operation="F2", source="client:rclone")
@pytest.mark.evidence(operation="F4", source="client:rclone")
@pytest.mark.evidence(operation="F8", source="client:rclone")
@pytest.mark.evidence(operation="F13", source="client:rclone")
@pytest.mark.evidence(operation="F21", source="client:rclone")
def test_it_copies_lists_moves_checks_and_purges(served, tmp_path):
    rclone = rclone_for(served, tmp_path)
    source = tmp_path / "source"
    (source / "sub/deeper").mkdir(parents=True)
    (source / "one.txt").write_bytes(b"first")
    (source / "sub/two.txt").write_bytes(b"second")
    (source / "sub/deeper/empty").write_bytes(b"")

    rclone("copy", source, f"{REMOTE}top")
    listed = json.loads(rclone("lsjson", "--recursive", "--hash", f"{REMOTE}top").out)
    files = {entry["Path"]: entry["Size"] for entry in listed if not entry["IsDir"]}
    assert files == {"one.txt": 5, "sub/two.txt": 6, "sub/deeper/empty": 0}
    assert {entry["Path"] for entry in listed if entry["IsDir"]} == {"sub", "sub/deeper"}
    (one,) = [entry for entry in listed if entry["Path"] == "one.txt"]
    assert one["Hashes"] == {"md5": "8b04d5e3775d298e78455efc5ca404d5"}
    assert "0 differences found" in rclone("check", source, f"{REMOTE}top").err

    rclone("moveto", f"{REMOTE}top/one.txt", f"{REMOTE}top/sub/moved.txt")
    rclone("copyto", f"{REMOTE}top/sub/moved.txt", f"{REMOTE}top/copied.txt")
    rclone("mkdir", f"{REMOTE}elsewhere")  # for a move of a directory rclone does not make the parent
    rclone("move", f"{REMOTE}top/sub", f"{REMOTE}elsewhere/sub", "--delete-empty-src-dirs")
    assert rclone("cat", f"{REMOTE}elsewhere/sub/moved.txt").out == "first"
    assert rclone("cat", "--offset", "1", "--count", "3", f"{REMOTE}top/copied.txt").out == "irs"
    rclone("rcat", f"{REMOTE}elsewhere/streamed.txt", text_in="from standard input")
    assert rclone("cat", f"{REMOTE}elsewhere/streamed.txt").out == "from standard input"
    assert sorted(rclone("lsf", "-R", REMOTE).out.split()) == [
        "elsewhere/",
        "elsewhere/streamed.txt",
        "elsewhere/sub/",
        "elsewhere/sub/deeper/",
        "elsewhere/sub/deeper/empty",
        "elsewhere/sub/moved.txt",
        "elsewhere/sub/two.txt",
        "top/",
        "top/copied.txt",
    ]

    rclone("mkdir", f"{REMOTE}made/on/the/way")
    rclone("rmdirs", f"{REMOTE}made")
    rclone("deletefile", f"{REMOTE}top/copied.txt")
    rclone("purge", f"{REMOTE}elsewhere")
    assert rclone("lsf", "-R", REMOTE).out.split() == ["top/"]
    assert "directory not found" in rclone("lsf", f"{REMOTE}elsewhere", status=3).err


def test_after_a_sync_of_a_thousand_awkward_names_its_check_finds_no_difference(plain, tmp_path):
    rclone = rclone_for(plain, tmp_path)
    source, back = tmp_path / "source", tmp_path / "back"
    plant(source, count=FILES, more=BEYOND_AZCOPY)
    planted = read_tree(source)
    assert len(planted) == FILES

    wide = ("--transfers", "8", "--checkers", "16")
    rclone("sync", source, f"{REMOTE}tree", *wide)
    checked = rclone("check", source, f"{REMOTE}tree", *wide)
    assert "0 differences found" in checked.err
    assert f"{FILES} matching files" in checked.err
    rclone("sync", f"{REMOTE}tree", back, *wide)
    assert read_tree(back) == planted

    gone = [path for path in source.rglob("*") if path.is_file()][:100]
    for path in gone[:50]:
        path.unlink()
    for path in gone[50:]:
        path.write_bytes(b"changed")
    rclone("sync", source, f"{REMOTE}tree", *wide)
    checked = rclone("check", source, f"{REMOTE}tree", "--download", *wide)
    assert "0 differences found" in checked.err
    assert f"{FILES - 50} matching files" in checked.err


def test_after_a_restart_of_a_server_that_keeps_its_state_on_disk_its_check_finds_no_difference(tmp_path):
    source, kept = tmp_path / "source", tmp_path / "kept"
    plant(source, count=200, more=BEYOND_AZCOPY)
    for ask, new in (("sync", True), ("check", False)):
        simulator = Simulator(store=DiskStore.open(kept))
        with serve_in_thread(simulator) as served:
            ended = rclone_for(served, tmp_path, new=new)(ask, source, f"{REMOTE}tree", "--transfers", "8")
        simulator.close()
    assert "0 differences found" in ended.err
    assert "200 matching files" in ended.err


def test_it_copies_a_file_of_100_mb_up_and_down(plain, tmp_path):
    rclone = rclone_for(plain, tmp_path)
    large = tmp_path / "large.bin"
    large.write_bytes(large_content(LARGE))
    rclone("copy", large, f"{REMOTE}folder")
    rclone("copy", f"{REMOTE}folder/large.bin", tmp_path / "back")
    assert (tmp_path / "back/large.bin").read_bytes() == large.read_bytes()
    assert "0 differences found" in rclone("check", "--download", tmp_path / "back", f"{REMOTE}folder").err


@pytest.mark.evidence(error="AuthenticationFailed", source="client:rclone")
@pytest.mark.evidence(error="ShareNotFound", source="client:rclone")
def test_it_tells_its_user_what_azure_would_refuse(plain, tmp_path):
    rclone = rclone_for(plain, tmp_path)
    wrong_key = "bm90IHRoZSBrZXk="
    for refused, code in [
        (rclone("lsf", REMOTE, f"--azurefiles-key={wrong_key}", status=1), "AuthenticationFailed"),
        (rclone("lsf", f"{REMOTE}folder", "--azurefiles-share-name=absent", status=1), "ShareNotFound"),
        (rclone("mkdir", f"{REMOTE}folder", "--azurefiles-share-name=absent", status=1), "ShareNotFound"),
    ]:
        assert f"ERROR CODE: {code}" in refused.err
    assert "directory not found" in rclone("cat", f"{REMOTE}nothing.txt", status=3).err


@pytest.mark.parametrize("way", ["connection string", "account SAS"])
def test_it_logs_in_by_connection_string_and_by_account_sas(plain, tmp_path, way):
    rclone = rclone_for(plain, tmp_path, by_key=False)
    if way == "connection string":
        login = f"--azurefiles-connection-string={plain.connection_string}"
    else:
        sas = generate_account_sas(
            EMULATOR_ACCOUNT,
            EMULATOR_KEY,
            resource_types="sco",
            permission="rwdlc",
            expiry=datetime.now(UTC) + timedelta(hours=1),
        )
        login = f"--azurefiles-sas-url={plain.endpoint}?{sas}"
    (tmp_path / "one.txt").write_bytes(b"first")
    rclone("copyto", tmp_path / "one.txt", f"{REMOTE}folder/one.txt", login)
    assert rclone("cat", f"{REMOTE}folder/one.txt", login).out == "first"


def test_by_azures_own_host_names_it_needs_no_endpoint(proxied, tmp_path):
    with ShareClient(
        proxied.endpoint, SHARE, credential=EMULATOR_KEY, connection_verify=proxied.environment["SSL_CERT_FILE"]
    ) as share:
        share.create_share()
    settings = {
        **proxied.environment,
        "HOME": str(tmp_path),
        "RCLONE_CONFIG": str(tmp_path / "none.conf"),
        "RCLONE_AZUREFILES_ACCOUNT": EMULATOR_ACCOUNT,
        "RCLONE_AZUREFILES_KEY": EMULATOR_KEY,
        "RCLONE_AZUREFILES_SHARE_NAME": SHARE,
    }
    (tmp_path / "one.txt").write_bytes(b"first")
    for arguments in (["copyto", tmp_path / "one.txt", f"{REMOTE}folder/one.txt"], ["cat", f"{REMOTE}folder/one.txt"]):
        ended = run_program([find_rclone(), *arguments], timeout_s=60, environment=settings)
        assert ended.status == 0, str(ended)
    assert ended.out == "first"
