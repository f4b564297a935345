"""What is documented but not built is refused by name; what is not documented is ignored and noted."""

from __future__ import annotations

import pytest

from .asking import ACCOUNT, CREATE, Asker, code, content, header, xml

SOURCE = ("x-ms-copy-source", f"http://127.0.0.1/{ACCOUNT}/data/d/f")

GAPS = [
    ("PUT", "/data/g", [*CREATE, ("x-ms-file-file-type", "SymLink")], b"", "x-ms-file-file-type"),
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
