"""A share as a folder and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import azfiles
from azfiles_sim import ManualClock, Simulator
from azfiles_sim.control import FolderError
from azfiles_sim.control.differences import changed_fields, nodes_by_path
from azfiles_sim.model.errors import ServiceError
from tests.proof import THOROUGH

from .conftest import ACCOUNT, Controlled

GIB = 1024**3
SHOWN_ANEW = {"etag", "created_anew"}


def simulator() -> Simulator:
    return Simulator(clock=ManualClock(), seed=1)


def differing(one: Simulator, other: Simulator, share: str = "data") -> dict[str, object]:
    """What is not the same in two simulators' shares, but for ETags and file ids; contents are compared as written."""
    trees = []
    for side in (one, other):
        view = side._service.store.view()
        trees.append(nodes_by_path(view, view.share(ACCOUNT, share).tree))
    found: dict[str, object] = {"/".join(path): "only one" for path in trees[0].keys() ^ trees[1].keys()}
    for path in trees[0].keys() & trees[1].keys():
        before, after = (tree[path] for tree in trees)
        what = set(changed_fields(before, after)) - SHOWN_ANEW - {"content"}
        if what:
            found["/".join(path)] = what
        if hasattr(before, "content"):
            ranges = [node.content.listed_ranges(0, node.size) for node in (before, after)]
            written = [
                [b"".join(node.content.read(first, last + 1)) for first, last in listed]
                for node, listed in zip((before, after), ranges, strict=True)
            ]
            if ranges[0] != ranges[1] or written[0] != written[1]:
                found["/".join(path)] = "content"
    return found


def test_metadata_headers_times_attributes_permissions_and_holes_come_back(tmp_path):
    one = simulator()
    with azfiles.connect(one.handle, clock=one.clock) as client:
        share = client.share("data")
        share.create(quota_gib=7, metadata={"who": "me"})
        share.directory("d").create(metadata={"a": "b"})
        share.directory("d/empty").create(smb=azfiles.SmbSettings(attributes="Hidden"))
        one.clock.advance(1)
        file = share.file("d/sparse")
        file.create(2 * GIB, metadata={"c": "d"}, http=azfiles.HttpHeaders(content_type="text/plain"))
        file.put_range(0, b"begin")
        file.put_range(GIB, b"middle")
        file.set_smb_properties(azfiles.SmbSettings(attributes="ReadOnly", permission="O:SYG:SYD:(A;;FA;;;WD)"))
    assert one.control.export_share(ACCOUNT, "data", tmp_path / "out") == 3
    assert (tmp_path / "out/content/d/sparse").stat().st_blocks * 512 < 1024**2
    other = simulator()
    other.clock.advance(60)
    assert other.control.import_share(ACCOUNT, "data", tmp_path / "out") == 3
    assert differing(one, other) == {}
    view = other._service.store.view()
    made = view.share(ACCOUNT, "data")
    assert (made.quota_gib, made.metadata) == (7, (("who", "me"),))
    sparse = view.child(made.tree, view.child(made.tree, 0, "D").file_id, "SPARSE")
    assert view.permission(made.tree, sparse.smb.permission_key).startswith("O:SYG:SYD:(A;;FA;;;WD)")


names = st.text(st.sampled_from("ab .%é日😀'#&~"), min_size=1, max_size=8).filter(
    lambda name: name.strip(". ") == name
) | st.sampled_from(["a" * 255, "é" * 255, "日" * 255])
trees = st.dictionaries(
    st.lists(names, min_size=1, max_size=3).map("/".join),
    st.none() | st.binary(max_size=600).map(lambda start: start + bytes(700) + start),
    max_size=6,
)


@settings(
    max_examples=40 if THOROUGH else 12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(files=trees)
def test_any_tree_comes_back_as_it_was(tmp_path_factory, files):
    one, other = simulator(), simulator()
    try:
        one.control.plant(ACCOUNT, "data", files)
    except ServiceError:
        return  # a path below a file, or one twice in another case
    folder = tmp_path_factory.mktemp("out")
    one.control.export_share(ACCOUNT, "data", folder)
    other.control.import_share(ACCOUNT, "data", folder)
    assert differing(one, other) == {}
    again = tmp_path_factory.mktemp("again")
    other.control.export_share(ACCOUNT, "data", again)
    assert (again / "content").is_dir() == (folder / "content").is_dir()


def test_a_snapshot_is_exported_as_it_was_taken(controlled, tmp_path):
    controlled.put("f", "old")
    with azfiles.connect(controlled.simulator.handle, clock=controlled.simulator.clock) as client:
        taken = client.share("data").create_snapshot().snapshot
    controlled.put("f", "new")
    controlled.simulator.control.export_share(ACCOUNT, "data", tmp_path / "out", snapshot=taken)
    assert (tmp_path / "out/content/f").read_text() == "old"
    with pytest.raises(LookupError, match="no snapshot of"):
        controlled.simulator.control.export_share(ACCOUNT, "data", tmp_path / "none", snapshot="x")


def test_a_plain_folder_becomes_a_share(controlled, tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "f").write_text("one")
    (tmp_path / "manifest.json").write_text("[]")
    assert controlled.simulator.control.import_share(ACCOUNT, "data", tmp_path) == 3
    with azfiles.connect(controlled.simulator.handle, clock=controlled.simulator.clock) as client:
        assert client.share("data").file("d/f").download() == b"one"
        assert client.share("data").file("manifest.json").download() == b"[]"


def test_what_was_put_into_the_content_since_is_imported_too(controlled, tmp_path):
    controlled.put("f", "one")
    control = controlled.simulator.control
    control.export_share(ACCOUNT, "data", tmp_path / "out")
    (tmp_path / "out/content/f").write_text("one and more")
    (tmp_path / "out/content/g").write_text("two")
    with pytest.raises(FileExistsError):
        control.import_share(ACCOUNT, "data", tmp_path / "out")
    assert control.import_share(ACCOUNT, "data", tmp_path / "out", replace=True) == 2
    with azfiles.connect(controlled.simulator.handle, clock=controlled.simulator.clock) as client:
        assert client.share("data").file("f").download() == b"one and more"
        assert client.share("data").file("g").download() == b"two"


def test_a_folder_that_is_not_empty_is_never_written_into(controlled, tmp_path):
    controlled.put("f", "one")
    (tmp_path / "mine").write_text("precious")
    with pytest.raises(FileExistsError, match="not an empty folder"):
        controlled.simulator.control.export_share(ACCOUNT, "data", tmp_path)
    with pytest.raises(FileExistsError, match="not an empty folder"):
        controlled.simulator.control.export_share(ACCOUNT, "data", tmp_path / "mine")
    assert [place.name for place in tmp_path.iterdir()] == ["mine"]
    (tmp_path / "empty").mkdir()
    assert controlled.simulator.control.export_share(ACCOUNT, "data", tmp_path / "empty") == 1


def test_a_share_that_is_not_there_is_a_lookup_error(controlled, tmp_path):
    with pytest.raises(LookupError, match="no share named data"):
        controlled.simulator.control.export_share(ACCOUNT, "data", tmp_path / "out")


@pytest.fixture
def exported(controlled: Controlled, tmp_path: Path) -> Path:
    controlled.put("f", "one")
    controlled.simulator.control.export_share(ACCOUNT, "data", tmp_path / "out")
    return tmp_path / "out"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": 3}, "has version 3, and 2 is read here"),
        ({"entries": [{}]}, "entry 0 of"),
        ({"entries": [7]}, "entry 0 of"),
        ({"entries": [{"path": "f", "kind": "file", "stored": "content/g"}]}, "stored outside"),
        ({"entries": [{"path": "f", "kind": "file", "stored": "/etc/passwd"}]}, "stored outside"),
        ({"entries": [{"path": "../../f", "kind": "file", "stored": "content/../../f"}]}, "leads elsewhere"),
        ({"entries": [{"path": "g", "kind": "file", "stored": "content/g"}]}, "its file is not there"),
        ({"entries": [{"path": "f", "kind": "file", "stored": "content/f", "http": {"x": 1}}]}, "entry 0 of"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_refused_before_anything_is_made(controlled, exported, change, says):
    manifest = json.loads((exported / "manifest.json").read_text())
    (exported / "manifest.json").write_text(json.dumps(manifest | change))
    with pytest.raises(FolderError, match=says):
        controlled.simulator.control.import_share(ACCOUNT, "other", exported)
    assert controlled.simulator._service.store.view().share(ACCOUNT, "other") is None


def test_a_manifest_that_is_cut_off_is_refused(controlled, exported):
    text = (exported / "manifest.json").read_text()
    (exported / "manifest.json").write_text(text[: len(text) // 2])
    with pytest.raises(FolderError, match="is not JSON"):
        controlled.simulator.control.import_share(ACCOUNT, "other", exported)


def test_a_symbolic_link_is_never_followed(controlled, exported):
    (exported / "content" / "link").symlink_to("/etc")
    with pytest.raises(FolderError, match="take it out"):
        controlled.simulator.control.import_share(ACCOUNT, "other", exported)
    (exported / "content" / "link").unlink()
    (exported / "content" / "f").unlink()
    (exported / "content" / "f").symlink_to("/etc/hostname")
    with pytest.raises(FolderError, match="is not there"):
        controlled.simulator.control.import_share(ACCOUNT, "other", exported)


def test_a_failed_export_leaves_nothing_behind(controlled, tmp_path, monkeypatch):
    controlled.put("f", "one")
    monkeypatch.setattr(json, "dumps", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        controlled.simulator.control.export_share(ACCOUNT, "data", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_export_and_import_over_http(controlled, tmp_path):
    controlled.put("d/f", "one")
    base = f"/accounts/{ACCOUNT}/shares"
    folder = {"folder": str(tmp_path / "out")}
    assert controlled.ask("POST", f"{base}/data/export", folder) == (201, {"entries": 2})
    assert controlled.ask("POST", f"{base}/data/export", folder)[0] == 409
    assert controlled.ask("POST", f"{base}/copied/import", folder) == (201, {"entries": 2})
    assert controlled.ask("POST", f"{base}/copied/import", folder)[0] == 409
    assert controlled.ask("POST", f"{base}/copied/import", {**folder, "replace": True})[0] == 201
    status, answer = controlled.ask("POST", f"{base}/data/export", {"folder": "/proc/no/such"})
    assert (status, "No such file" in answer["error"]) == (400, True)
