"""NFS on the wire: what replies show, links, and the versions that brought them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from azfiles_sim import Reply
from azfiles_sim.model.changes import PutShare
from azfiles_sim.model.settings import ShareSettings

from .asking import ACCOUNT, CREATE, KEY, Asker, code, content, header, xml

SYMBOLIC = "/data/s?restype=symboliclink"
TEXT = ("x-ms-link-text", "to%20where%2Fever")


@pytest.fixture
def asker() -> Asker:
    asker = Asker()
    asker.ask("PUT", "/data?restype=share")
    store = asker.simulator._service.store
    share = store.view().share(ACCOUNT, "data")
    assert share is not None
    store.apply([PutShare(replace(share, settings=ShareSettings(protocol="NFS")))])
    assert asker.ask("PUT", "/data/f", *CREATE).status == 201
    return asker


def hard_link(asker: Asker, target: str = "/f", path: str = "/data/h", **how: str):
    headers = (("x-ms-type", "file"), ("x-ms-file-target-file", target))
    return asker.ask("PUT", f"{path}?restype=hardlink", *headers, **how)  # type: ignore[arg-type]


def test_a_file_shows_mode_owner_group_and_kind_in_place_of_smb_properties(asker: Asker) -> None:
    made = asker.ask("PUT", "/data/g", *CREATE, ("x-ms-mode", "0600"), ("x-ms-owner", "12"), ("x-ms-group", "13"))
    for reply in (made, asker.ask("HEAD", "/data/g"), asker.ask("PUT", "/data/g?comp=properties")):
        shown = [header(reply, name) for name in ("x-ms-mode", "x-ms-owner", "x-ms-group", "x-ms-file-file-type")]
        assert shown == ["0600", "12", "13", "Regular"]
        assert header(reply, "x-ms-file-attributes") is header(reply, "x-ms-file-permission-key") is None
        assert header(reply, "x-ms-file-parent-id") == "1"
    assert header(made, "x-ms-link-count") is None
    assert header(asker.ask("GET", "/data/g"), "x-ms-link-count") == "1"


def test_a_directory_is_told_as_one(asker: Asker) -> None:
    made = asker.ask("PUT", "/data/d?restype=directory")
    assert [header(made, name) for name in ("x-ms-mode", "x-ms-file-file-type")] == ["0755", "Directory"]
    changed = asker.ask("PUT", "/data/d?restype=directory&comp=properties", ("x-ms-mode", "700"))
    assert header(changed, "x-ms-mode") == "0700"
    inside = asker.ask("PUT", "/data/d/g", *CREATE)
    assert header(inside, "x-ms-file-parent-id") == header(made, "x-ms-file-id")


def test_the_root_is_told_by_the_id_that_its_children_name_as_their_parent(asker: Asker) -> None:
    control = asker.simulator.control
    control.create_account("unix", kind="premium", keys=(KEY,))

    def ask(method: str, target: str, *headers: tuple[str, str]) -> Reply:
        return asker.ask(method, target, *headers, account="unix")

    ask("PUT", "/data?restype=share", ("x-ms-enabled-protocols", "NFS"))
    assert header(ask("PUT", "/data/f", *CREATE), "x-ms-file-parent-id") == "1"
    root = ask("GET", "/data?restype=directory")
    assert [header(root, name) for name in ("x-ms-file-id", "x-ms-file-parent-id")] == ["1", "1"]
    assert xml(ask("GET", "/data?restype=directory&comp=list")).findtext("DirectoryId") == "1"


def test_nfs_headers_need_2025_05_05(asker: Asker) -> None:
    mode = ("x-ms-mode", "0600")
    assert code(asker.ask("PUT", "/data/g", *CREATE, mode, version="2025-01-05")) == "UnsupportedHeader"
    assert header(asker.ask("PUT", "/data/g", *CREATE, mode, version="2025-05-05"), "x-ms-mode") == "0600"
    assert header(asker.ask("HEAD", "/data/g", version="2025-01-05"), "x-ms-mode") is None
    assert header(asker.ask("HEAD", "/data/g", version="2025-01-05"), "x-ms-link-count") is None


@pytest.mark.parametrize(
    ("name", "value"), [("x-ms-mode", "0999"), ("x-ms-mode", "rw"), ("x-ms-owner", "root"), ("x-ms-group", "-1")]
)
def test_values_that_are_none_are_refused(asker: Asker, name: str, value: str) -> None:
    assert code(asker.ask("PUT", "/data/g", *CREATE, (name, value))) == "InvalidHeaderValue"


def test_smb_properties_are_refused_there_and_nfs_ones_elsewhere(asker: Asker) -> None:
    assert code(asker.ask("PUT", "/data/g", *CREATE, ("x-ms-file-attributes", "Hidden"))) == "UnsupportedHeader"
    asker.with_share("smb")
    assert code(asker.ask("PUT", "/smb/g", *CREATE, ("x-ms-mode", "0600"))) == "UnsupportedHeader"


def test_a_hard_link_is_told_as_recorded(asker: Asker) -> None:
    reply = hard_link(asker)
    assert reply.status == 201
    assert header(reply, "x-ms-request-server-encrypted") == "false"
    assert header(reply, "x-ms-link-count") == "2"
    assert header(reply, "x-ms-file-file-type") == "Regular"
    assert header(reply, "x-ms-file-id") == header(asker.ask("HEAD", "/data/f"), "x-ms-file-id")
    assert header(asker.ask("DELETE", "/data/h"), "x-ms-link-count") == "1"
    assert header(asker.ask("DELETE", "/data/f", version="2025-01-05"), "x-ms-link-count") is None


def test_a_hard_link_needs_2025_05_05_a_target_and_an_nfs_share(asker: Asker) -> None:
    assert code(hard_link(asker, version="2025-01-05")) == "InvalidQueryParameterValue"
    assert code(asker.ask("PUT", "/data/h?restype=hardlink", ("x-ms-type", "file"))) == "MissingRequiredHeader"
    for target in ("/", "a%ff", "a//b"):
        assert code(hard_link(asker, target)) == "InvalidHeaderValue"
    assert (hard_link(asker, "none").status, hard_link(asker, path="/data/f").status) == (404, 409)
    asker.with_share("smb")
    assert hard_link(asker, "d/f", "/smb/h").status == 400
    assert hard_link(asker, version="2025-05-05").status == 201


def test_a_symbolic_link_is_created_shown_and_read(asker: Asker) -> None:
    made = asker.ask("PUT", SYMBOLIC, TEXT, ("x-ms-meta-a", "b"))
    assert made.status == 201
    assert [header(made, name) for name in ("x-ms-mode", "x-ms-file-file-type")] == ["0777", "SymLink"]
    read = asker.ask("GET", SYMBOLIC)
    assert (read.status, header(read, "x-ms-link-text")) == (200, TEXT[1])
    assert header(read, "ETag") == header(made, "ETag")
    assert header(asker.ask("HEAD", "/data/s"), "x-ms-file-file-type") == "SymLink"
    assert content(read) == b""


def test_a_symbolic_link_needs_2025_07_05_and_a_text(asker: Asker) -> None:
    for method in ("PUT", "GET"):
        assert code(asker.ask(method, SYMBOLIC, TEXT, version="2025-05-05")) == "InvalidQueryParameterValue"
    assert code(asker.ask("PUT", SYMBOLIC)) == "MissingRequiredHeader"
    assert asker.ask("PUT", SYMBOLIC, TEXT, version="2025-07-05").status == 201
    assert asker.ask("GET", SYMBOLIC, version="2025-07-05").status == 200


def test_create_file_over_a_symbolic_link_is_409_as_azcopy_expects(asker: Asker) -> None:
    asker.ask("PUT", SYMBOLIC, TEXT)
    reply = asker.ask("PUT", "/data/s", *CREATE)
    assert (reply.status, code(reply)) == (409, "ResourceTypeMismatch")
