"""Names that cannot be on the other side, or would be one there, or would lead out of it."""

from __future__ import annotations

import os
import unicodedata

import pytest

import azfiles
from azfiles_sim import AccountSpec, Simulator
from tests.proof import some
from tests.trees.local import content_of, plant, remote_content

HOSTILE = ["..", "..\\x", "../up", "/etc/passwd", ".", "..\\..\\evil", "a\\b", "a/../b", "C:evil", "a:b"]


class Twisting(azfiles.InProcessTransport):
    """Answers as the service does, but for names in lists that it makes others of."""

    def __init__(self, handler, names):
        super().__init__(handler)
        self.names = names

    def send(self, request, timeout_s):
        response = super().send(request, timeout_s)
        body = bytes(response.body)
        if b"<EnumerationResults" not in body:
            return response
        for old, new in self.names.items():
            body = body.replace(f"<Name>{old}</Name>".encode(), f"<Name>{new}</Name>".encode())
        headers = [pair for pair in response.headers.pairs if pair[0].lower() != "content-length"]
        return azfiles.Response(response.status, response.reason, azfiles.Headers(headers), body)


def twisted(simulator, clock, names):
    transport = Twisting(simulator.handle, names)
    return azfiles.connect("UseDevelopmentStorage=true", transport=transport, clock=clock, retry=None).share("data")


@pytest.mark.parametrize("hostile", some(HOSTILE, 4))
@pytest.mark.parametrize("directory", [True, False])
def test_a_name_from_the_service_never_leads_out_of_the_folder(simulator, share, clock, tmp_path, hostile, directory):
    share.file("good").upload(b"good")
    if directory:
        share.directory("victim").create()
        share.file("victim/inside").upload(b"evil")
    else:
        share.file("victim").upload(b"evil")
    there = tmp_path / "a" / "there"
    for method in ("download_tree", "sync_down"):
        report = getattr(twisted(simulator, clock, {"victim": hostile}).root, method)(there)
        assert [failure.path for failure in report.failures] == [hostile]
        assert isinstance(report.failures[0].error, azfiles.InvalidArgument)
        assert content_of(tmp_path) == {"a": None, "a/there": None, "a/there/good": b"good"}


def test_a_hostile_name_deletes_nothing_but_is_a_failure(simulator, share, clock):
    share.directory("a").create()
    share.directory("a/b").create()
    share.file("outside").upload(b"x")
    report = twisted(simulator, clock, {"b": ".."}).directory("a").delete_tree()
    assert [failure.path for failure in report.failures] == ["..", ""]
    assert remote_content(share.root) == {"a": None, "a/b": None, "outside": b"x"}


@pytest.mark.parametrize(
    "name",
    some(
        [
            "CON",
            "a\\b",
            "a:b",
            "aux",
            "Nul",
            "clock$",
            "com1",
            "LPT9",
            "a?b",
            "a*b",
            'a"b',
            "a<b",
            "a>b",
            "a|b",
            "a\nb",
        ],
        3,
    ),
)
def test_a_name_that_the_service_refuses_is_a_failure_and_all_else_goes(share, tmp_path, name):
    here = plant(tmp_path / "here", {name: b"bad", "good": b"good", f"d/{name}": b"bad", f"e/{name}/in": b"bad"})
    dry = share.root.upload_tree(here, dry_run=True)
    report = share.root.upload_tree(here, keep_steps=True)
    assert dry.steps == report.steps
    assert {failure.path for failure in report.failures} == {name, f"d/{name}", f"e/{name}"}
    assert remote_content(share.root) == {"good": b"good", "d": None, "e": None}


def test_names_with_dots_at_the_end_keep_them(share, tmp_path):
    content = {"a.": b"1", "a": b"2", "d./x..": b"3", "d.": None}
    share.root.upload_tree(plant(tmp_path / "here", content)).raise_for_failures()
    assert remote_content(share.root) == content
    share.root.download_tree(tmp_path / "there").raise_for_failures()
    assert content_of(tmp_path / "there") == content


def test_in_an_older_version_a_dot_at_the_end_is_a_failure_and_another_file_is_left_alone(
    simulator, share, clock, tmp_path
):
    old = azfiles.connect(simulator.handle, clock=clock, api_version="2021-12-02", retry=None)
    share.file("a").upload(b"old")
    report = old.share("data").root.upload_tree(plant(tmp_path / "here", {"a.": b"new", "b": b"b"}))
    assert [(failure.path, "2022-11-02" in str(failure.error)) for failure in report.failures] == [("a.", True)]
    assert remote_content(share.root) == {"a": b"old", "b": b"b"}


def test_a_path_that_is_too_long_is_a_failure(share, tmp_path):
    deep = "/".join(["d" * 200] * 9)
    here = plant(tmp_path / "here", {"n" * 255: b"long enough", "b": b"b", f"{deep}/{'e' * 240}": b"too deep"})
    report = share.directory("1/2/3").upload_tree(here)
    assert [failure.path for failure in report.failures] == [f"{deep}/{'e' * 240}"]
    assert (report.transferred, report.made) == (2, 10)


def test_names_that_differ_by_case_only_are_failures_and_nothing_is_overwritten(share, tmp_path):
    share.file("readme").upload(b"there before")
    content = {
        "README": b"1",
        "ReadMe": b"2",
        "other": b"3",
        "Dir/x": b"4",
        "dIR/y": b"5",
        "stra\u00dfe": b"6",
        "STRASSE": b"7",
    }
    here = plant(tmp_path / "here", content)
    dry = share.root.sync_up(here, delete=True, dry_run=True)
    report = share.root.sync_up(here, delete=True)
    assert [failure.path for failure in report.failures] == [failure.path for failure in dry.failures]
    assert {failure.path for failure in report.failures} == {"README", "ReadMe", "Dir", "dIR"}
    assert remote_content(share.root) == {
        "readme": b"there before",
        "other": b"3",
        "stra\u00dfe": b"6",
        "STRASSE": b"7",
    }


def test_a_pattern_that_leaves_one_of_two_out_lets_the_other_go(share, tmp_path):
    here = plant(tmp_path / "here", {"README": b"1", "readme": b"2"})
    assert not share.root.upload_tree(here, exclude="readme").failures
    assert remote_content(share.root) == {"README": b"1"}


def nfs_share(clock):
    keys = AccountSpec.from_text("premiumaccount", azfiles.EMULATOR_KEY).keys
    simulator = Simulator([AccountSpec("premiumaccount", "premium", keys)], clock=clock)
    credential = azfiles.SharedKey("premiumaccount", azfiles.EMULATOR_KEY)
    service = azfiles.connect(simulator.handle, credential, clock=clock, retry=None)
    share = service.share("links")
    share.create(enabled_protocols="NFS")
    return share


def test_an_nfs_share_tells_case_apart_and_keeps_modes_if_asked(clock, tmp_path):
    share = nfs_share(clock)
    here = plant(tmp_path / "here", {"README": b"1", "readme": b"2", "d/run.sh": b"3"})
    (here / "d" / "run.sh").chmod(0o750)
    share.root.upload_tree(here, keep_mode=True).raise_for_failures()
    assert share.file("d/run.sh").get_properties().nfs.mode == "0750"
    share.root.download_tree(tmp_path / "there", keep_mode=True).raise_for_failures()
    assert content_of(tmp_path / "there") == content_of(here)
    assert (tmp_path / "there" / "d" / "run.sh").stat().st_mode & 0o7777 == 0o750
    copied = share.root.directory("copy")
    share.directory("d").copy_tree(copied, keep_mode=True).raise_for_failures()
    assert copied.file("run.sh").get_properties().nfs.mode == "0750"


def test_a_link_on_an_nfs_share_is_a_failure_of_a_download_and_deleted_as_a_link(clock, tmp_path):
    share = nfs_share(clock)
    share.file("f").upload(b"data")
    share.file("s").create_symbolic_link("f")
    report = share.root.download_tree(tmp_path / "there")
    assert [failure.path for failure in report.failures] == ["s"]
    assert content_of(tmp_path / "there") == {"f": b"data"}
    assert share.root.delete_tree().deleted == 2


def test_composed_and_decomposed_names_are_two_and_stay_so(share, tmp_path):
    names = [unicodedata.normalize(form, "\u00fc\u00f6") for form in ("NFC", "NFD")]
    content = {names[0]: b"composed", names[1]: b"decomposed"}
    share.root.upload_tree(plant(tmp_path / "here", content)).raise_for_failures()
    share.root.download_tree(tmp_path / "there").raise_for_failures()
    assert remote_content(share.root) == content_of(tmp_path / "there") == content
    assert share.root.sync_up(tmp_path / "there").unchanged == 2


def test_a_local_name_that_is_no_text_is_a_failure(share, tmp_path):
    plant(tmp_path / "here", {"good": b"good"})
    (tmp_path / "here" / os.fsdecode(b"\xff\xfe")).touch()
    report = share.root.upload_tree(tmp_path / "here")
    assert [failure.path for failure in report.failures] == ["\udcff\udcfe"]
    assert remote_content(share.root) == {"good": b"good"}
    assert str(report.failures[0].error).isascii()
