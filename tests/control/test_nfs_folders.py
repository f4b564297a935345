"""An NFS share as a folder and back: modes, owners, links; and links that lead out of the folder."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import azfiles
from azfiles_sim import AccountSpec, ManualClock, Simulator
from azfiles_sim.accounts import DEFAULT_ACCOUNTS
from azfiles_sim.control import FolderError
from azfiles_sim.control.differences import nodes_by_path
from azfiles_sim.control.planting import Planting
from azfiles_sim.model.commands import NfsRequest, SmbRequest
from azfiles_sim.model.entities import File
from azfiles_sim.model.errors import ServiceError
from azfiles_sim.model.invariants import check
from azfiles_sim.wire.dates import iso_time
from tests.proof import THOROUGH

from .conftest import ACCOUNT

KEYS = DEFAULT_ACCOUNTS[0].keys
AS_ROOT = os.geteuid() == 0


def simulator(kind: str = "premium") -> Simulator:
    return Simulator([AccountSpec(ACCOUNT, kind, KEYS)], clock=ManualClock(), seed=1)


def connect(one: Simulator) -> azfiles.ServiceClient:
    return azfiles.connect(one.handle, clock=one.clock)


def make_tree(one: Simulator) -> None:
    with connect(one) as client:
        share = client.share("data")
        share.create(quota_gib=100, enabled_protocols="NFS", root_squash="AllSquash", metadata={"who": "me"})
        share.root.set_nfs_properties(azfiles.NfsSettings(mode="0711", owner="7", group="8"))
        share.directory("d").create(nfs=azfiles.NfsSettings(mode="2750", owner="1234", group="99"))
        file = share.file("d/f")
        file.create(4096, nfs=azfiles.NfsSettings(mode="4640", owner="1234", group="99"), metadata={"a": "b"})
        file.put_range(1024, b"data")
        share.file("d/secret").create(0, nfs=azfiles.NfsSettings(mode="0000"))
        share.file("again").create_hard_link("d/f")
        share.file("d/third").create_hard_link("again")
        share.file("inside").create_symbolic_link("d/f")
        share.file("outside").create_symbolic_link("/etc/passwd", nfs=azfiles.NfsSettings(owner="5"))
        share.file("d/up").create_symbolic_link("../../..")
        one.clock.advance(60)


def shown(one: Simulator, share: str = "data") -> dict[str, Any]:
    """All that a client sees of a share's tree, but for ETags and ids."""
    view = one._service.store.view()
    check(view)
    tree = view.share(ACCOUNT, share).tree
    nodes = nodes_by_path(view, tree)
    names: dict[int, list[str]] = {}
    for path, node in nodes.items():
        names.setdefault(node.file_id, []).append("/".join(path))
    found = {}
    for path, node in {(): view.child(tree, 0, ""), **nodes}.items():
        told: list[Any] = [type(node).__name__, node.nfs, node.metadata]
        if path:
            told += [iso_time(node.smb.creation), iso_time(node.smb.last_write), iso_time(node.smb.change)]
        if isinstance(node, File):
            data = b"".join(node.content.read(0, node.size))
            told += [node.link_text, node.http, data, node.content.listed_ranges(0, node.size), names[node.file_id]]
        found["/".join(path)] = told
    return found


def test_modes_owners_and_links_come_back(tmp_path):
    one, other = simulator(), simulator()
    make_tree(one)
    assert one.control.export_share(ACCOUNT, "data", tmp_path / "out") == 8
    other.clock.advance(3600)
    assert other.control.import_share(ACCOUNT, "data", tmp_path / "out") == 8
    assert shown(other) == shown(one)
    kept, made = (side._service.store.view().share(ACCOUNT, "data") for side in (one, other))
    assert (made.settings.protocol, made.settings.root_squash) == ("NFS", "AllSquash")
    assert (made.quota_gib, made.metadata) == (kept.quota_gib, kept.metadata)
    assert made.written == 512  # a page, of a file that has three names
    assert other.control.import_share(ACCOUNT, "data", tmp_path / "out", replace=True) == 8
    assert shown(other) == shown(one)


def test_the_folder_has_links_as_links_and_modes_without_special_bits(tmp_path):
    one = simulator()
    make_tree(one)
    one.control.export_share(ACCOUNT, "data", tmp_path / "out")
    content = tmp_path / "out/content"
    assert (content / "outside").readlink() == Path("/etc/passwd")
    assert (content / "d/up").readlink() == Path("../../..")
    assert (content / "inside").read_bytes()[1024:1028] == b"data"
    assert (content / "again").samefile(content / "d/f")
    assert (content / "d/third").stat().st_nlink == 3
    modes = {name: stat.S_IMODE((content / name).lstat().st_mode) for name in ("d", "d/f", "d/secret")}
    assert modes == {"d": 0o750, "d/f": 0o640, "d/secret": 0o400}  # whoever exported it can read it
    owner = (content / "d/f").stat().st_uid, (content / "outside").lstat().st_uid
    assert owner == ((1234, 5) if AS_ROOT else (os.geteuid(), os.geteuid()))
    told = {entry["path"]: entry for entry in json.loads((tmp_path / "out/manifest.json").read_text())["entries"]}
    assert told["d/f"]["kind"] == told["d/third"]["kind"] == "hardlink"
    assert told["again"]["nfs"] == {"mode": "4640", "owner": "1234", "group": "99"}


def test_owners_that_this_process_may_not_give_stand_in_the_manifest_alone(tmp_path, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "chown", refuse)
    one, other = simulator(), simulator()
    make_tree(one)
    one.control.export_share(ACCOUNT, "data", tmp_path / "out")
    assert (tmp_path / "out/content/d/f").stat().st_uid == os.geteuid()
    other.control.import_share(ACCOUNT, "data", tmp_path / "out")
    assert shown(other) == shown(one)


texts = st.binary(min_size=1, max_size=40).map(quote) | st.sampled_from(["a//b/", "%2e%2E/x", "/", "a%00b", "b" * 5000])


@settings(
    max_examples=60 if THOROUGH else 12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=texts)
def test_any_text_of_a_symbolic_link_comes_back_as_it_was_spelt(tmp_path_factory, text):
    """Also where no file system could hold it; then it stands in the manifest alone."""
    one, other = simulator(), simulator()
    with connect(one) as client:
        client.share("data").create(enabled_protocols="NFS")
    planting = Planting(one._service, ACCOUNT, "data")
    planting.symbolic_link(("s",), text, metadata=(), smb=SmbRequest(), nfs=NfsRequest())
    folder = tmp_path_factory.mktemp("out")
    one.control.export_share(ACCOUNT, "data", folder)
    other.control.import_share(ACCOUNT, "data", folder)
    assert shown(other)["s"][6] == text
    assert shown(other) == shown(one)


def test_names_too_long_for_a_file_system_may_be_names_of_one_file(tmp_path):
    one, other = simulator(), simulator()
    long, longer = "é" * 200, "日" * 200
    with connect(one) as client:
        share = client.share("data")
        share.create(enabled_protocols="NFS")
        share.file(long).upload(b"one")
        share.file(longer).create_hard_link(long)
        share.file("short").create_hard_link(long)
    one.control.export_share(ACCOUNT, "data", tmp_path / "out")
    other.control.import_share(ACCOUNT, "data", tmp_path / "out")
    assert shown(other) == shown(one)
    assert len(shown(other)["short"][-1]) == 3


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    one = simulator()
    make_tree(one)
    one.control.export_share(ACCOUNT, "data", tmp_path / "out")
    return tmp_path / "out"


def test_what_was_put_into_the_content_since_is_taken_with_its_links_and_modes(exported):
    content = exported / "content"
    (content / "inside").unlink()
    (content / "inside").symlink_to("d/else where")
    (content / "new").write_text("new")
    (content / "new").chmod(0o604)
    (content / "newer").hardlink_to(content / "new")
    (content / "away").symlink_to("/root")
    other = simulator()
    assert other.control.import_share(ACCOUNT, "data", exported) == 11
    found = shown(other)
    assert found["inside"][6] == "d%2Felse%20where"
    assert found["away"][6] == "%2Froot"
    assert found["new"][-1] == found["newer"][-1] == ["new", "newer"]
    assert (found["new"][1].mode, found["new"][1].owner) == (0o604, str(os.geteuid()))


def test_a_plain_folder_goes_into_an_nfs_share_with_its_links(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/f").write_text("one")
    (tmp_path / "in/g").hardlink_to(tmp_path / "in/f")
    (tmp_path / "in/loop").symlink_to(tmp_path)
    one = simulator()
    with connect(one) as client:
        client.share("data").create(enabled_protocols="NFS")
        with pytest.raises(FolderError, match="take it out"):
            one.control.import_share(ACCOUNT, "other", tmp_path / "in")
        assert one.control.import_share(ACCOUNT, "data", tmp_path / "in", replace=True) == 3
        assert client.share("data").file("g").download() == b"one"
        assert client.share("data").file("g").get_properties().nfs.link_count == 2


@pytest.mark.parametrize("moved", ["content/d", "content"])
def test_a_file_is_not_read_through_a_folder_that_is_a_link(exported, tmp_path, moved):
    """Neither one that the manifest lists, nor one that was put there since."""
    secret = tmp_path / "elsewhere"
    (exported / moved).rename(secret)
    (exported / moved).symlink_to(secret)
    other = simulator()
    with pytest.raises(FolderError, match=r"is not there|none is followed"):
        other.control.import_share(ACCOUNT, "data", exported)
    manifest = json.loads((exported / "manifest.json").read_text())
    (exported / "manifest.json").write_text(json.dumps(manifest | {"entries": []}))
    if moved == "content":
        with pytest.raises(FolderError, match="none is followed"):
            other.control.import_share(ACCOUNT, "data", exported)
        assert other._service.store.view().share(ACCOUNT, "data") is None
    else:
        other.control.import_share(ACCOUNT, "data", exported)
        assert "d/f" not in shown(other)
        assert shown(other)["d"][6] == quote(str(secret), safe="")


def test_long_names_are_not_read_through_a_link(tmp_path):
    one = simulator()
    with connect(one) as client:
        client.share("data").create(enabled_protocols="NFS")
        client.share("data").file("é" * 200).upload(b"one")
    one.control.export_share(ACCOUNT, "data", tmp_path / "out")
    (tmp_path / "out/long-names").rename(tmp_path / "elsewhere")
    (tmp_path / "out/long-names").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FolderError, match="is not there"):
        simulator().control.import_share(ACCOUNT, "data", tmp_path / "out")


@pytest.mark.parametrize(
    ("path", "change", "says"),
    [
        ("again", {"kind": "fifo"}, "no kind that is known"),
        ("d/f", {"target": "../../etc/passwd"}, "leads elsewhere"),
        ("d/f", {"target": "inside"}, "another name of no file"),
        ("d/f", {"target": "d/third"}, "another name of no file"),
        ("inside", {"stored": "content/outside"}, "stored outside"),
        ("inside", {"stored": "long-names/7"}, "its link is not there"),
        ("again", {"stored": None}, "its file is not there"),
        ("d", {"nfs": {"mode": "rwx", "owner": "0", "group": "0"}}, "cannot be read"),
        ("d", {"nfs": {"mode": "0755", "owner": "root", "group": "0"}}, "cannot be read"),
    ],
)
def test_links_and_properties_that_make_no_sense_are_refused_before_anything_is_made(exported, path, change, says):
    manifest = json.loads((exported / "manifest.json").read_text())
    next(entry for entry in manifest["entries"] if entry["path"] == path).update(change)
    (exported / "manifest.json").write_text(json.dumps(manifest))
    other = simulator()
    with pytest.raises(FolderError, match=says):
        other.control.import_share(ACCOUNT, "data", exported)
    assert other._service.store.view().share(ACCOUNT, "data") is None


def test_an_nfs_share_goes_into_no_other(exported, tmp_path):
    with pytest.raises(ServiceError, match="InvalidHeaderValue"):
        simulator("standard").control.import_share(ACCOUNT, "data", exported)
    one = simulator()
    one.control.plant(ACCOUNT, "data", {"f": b"one"})
    with pytest.raises(FolderError, match="from an NFS share, and data is an SMB share"):
        one.control.import_share(ACCOUNT, "data", exported, replace=True)
    one.control.export_share(ACCOUNT, "data", tmp_path / "smb")
    other = simulator()
    make_tree(other)
    with pytest.raises(FolderError, match="from an SMB share, and data is an NFS share"):
        other.control.import_share(ACCOUNT, "data", tmp_path / "smb", replace=True)
