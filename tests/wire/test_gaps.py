"""What is documented but not built is refused by name; what is not documented is ignored and noted."""

from __future__ import annotations

import pytest

from .asking import ACCOUNT, CREATE, UPDATE, Asker, code, content, header, xml

SOURCE = ("x-ms-copy-source", f"http://127.0.0.1/{ACCOUNT}/data/d/f")
STRUCTURED = ("x-ms-structured-body", "XSM/1.0; properties=crc64")

GAPS = [
    ("PUT", "/new?restype=share", [("x-ms-enabled-protocols", "NFS")], b"", "x-ms-enabled-protocols"),
    ("PUT", "/new?restype=share", [("x-ms-root-squash", "NoRootSquash")], b"", "x-ms-root-squash"),
    ("PUT", "/new?restype=share", [("x-ms-share-provisioned-iops", "3000")], b"", "x-ms-share-provisioned-iops"),
    ("PUT", "/data?restype=share&comp=properties", [("x-ms-share-paid-bursting-enabled", "true")], b"", "x-ms-share-paid-bursting-enabled"),
    ("GET", "/?comp=list&include=deleted", [], b"", "include"),
    ("PUT", "/data/e?restype=directory", [("x-ms-mode", "0755")], b"", "x-ms-mode"),
    ("PUT", "/data/e?restype=directory", [("x-ms-file-property-semantics", "New")], b"", "x-ms-file-property-semantics"),
    ("PUT", "/data/g", [*CREATE, ("x-ms-owner", "0")], b"", "x-ms-owner"),
    ("PUT", "/data/g", [*CREATE, ("x-ms-file-file-type", "SymLink")], b"", "x-ms-file-file-type"),
    ("PUT", "/data/g", [*CREATE, ("x-ms-file-permission-format", "Binary")], b"", "x-ms-file-permission-format"),
    ("PUT", "/data/g", [*CREATE], b"data", "data on creation"),
    ("PUT", "/data/d/f?comp=range", [*UPDATE, STRUCTURED], b"abcd", "x-ms-structured-body"),
    ("GET", "/data/d/f", [STRUCTURED], b"", "x-ms-structured-body"),
    ("GET", "/data/d/f?comp=rangelist&prevsharesnapshot=2026-05-04T00:00:00.0000000Z", [], b"", "prevsharesnapshot"),
    ("GET", "/data/d/f?comp=rangelist", [("x-ms-file-support-rename", "true")], b"", "x-ms-file-support-rename"),
    ("PUT", "/data?comp=forceclosehandles&marker=x", [("x-ms-handle-id", "*")], b"", "marker"),
    ("PUT", "/data/g", [SOURCE, ("x-ms-file-mode-copy-mode", "source")], b"", "x-ms-file-mode-copy-mode"),
    ("GET", "/data?restype=share&comp=filepermission", [("x-ms-file-permission-key", "1*1"), ("x-ms-file-permission-format", "binary")], b"", "x-ms-file-permission-format"),
    ("PUT", "/data?restype=share&comp=filepermission", [], b'{"format":"binary","permission":"AQ=="}', "format"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "target", "headers", "body", "name"), GAPS)
def test_a_gap_is_501_named_in_the_reason_and_changes_nothing(
    method: str, target: str, headers: list[tuple[str, str]], body: bytes, name: str
) -> None:
    asker = Asker().with_share()
    before = asker.simulator.fork()
    reply = asker.ask(method, target, *headers, body=body)
    assert (reply.status, code(reply)) == (501, "NotImplemented")
    assert name in reply.reason
    assert name in (xml(reply).findtext("NotImplemented") or "")
    assert asker.simulator._service.store.view() is before._service.store.view()


def test_a_gap_is_told_only_to_those_who_may_ask() -> None:
    reply = Asker().ask("GET", "/?restype=service&comp=properties", key=b"wrong")
    assert code(reply) == "AuthenticationFailed"


def test_undocumented_headers_and_parameters_are_ignored_and_noted() -> None:
    asker = Asker()
    reply = asker.ask("PUT", "/data?restype=share&colour=red", ("x-ms-colour", "red"), ("x-ms-meta", "{}"))
    assert reply.status == 201
    assert asker.simulator.journal.entries()[-1].notes == (
        "ignored header x-ms-colour",
        "ignored header x-ms-meta",
        "ignored query parameter colour",
    )


def test_an_empty_parameter_that_is_not_built_asks_for_nothing() -> None:
    asker = Asker().with_share()
    assert asker.ask("GET", "/data/d/f?comp=rangelist&prevsharesnapshot=&marker=&maxresults=").status == 200


def test_a_snapshot_cannot_be_written_to() -> None:
    asker = Asker().with_share()
    snapshot = header(asker.ask("PUT", "/data?restype=share&comp=snapshot"), "x-ms-snapshot")
    for method, target, headers in (
        ("PUT", "/data/d/f?comp=metadata", ()),
        ("DELETE", "/data/d/f?", ()),
        ("PUT", "/data/g?", CREATE),
        ("PUT", "/data/e?restype=directory", ()),
    ):
        reply = asker.ask(method, f"{target}&sharesnapshot={snapshot}".replace("?&", "?"), *headers)
        assert (reply.status, code(reply)) == (400, "ShareSnapshotOperationNotSupported"), content(reply)


def test_values_that_ask_for_what_is_anyhow_are_accepted() -> None:
    asker = Asker().with_share()
    assert asker.ask("PUT", "/new?restype=share", ("x-ms-enabled-protocols", "SMB")).status == 201
    sddl = ("x-ms-file-permission-format", "Sddl")
    assert asker.ask("PUT", "/data/g", *CREATE, sddl, ("x-ms-file-file-type", "Regular")).status == 201
