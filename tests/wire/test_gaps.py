"""What is documented but not built is refused by name; what is not documented is ignored and noted."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import azfiles_sim
from azfiles_sim.wire import gaps
from azfiles_sim.wire.operations import OPERATIONS

from .asking import CREATE, Asker, code, content, detail, header, xml

EXAMPLES = {
    gaps.FILE_TYPE: ("PUT", "/data/g", [*CREATE, ("x-ms-file-file-type", "SymLink")]),
    gaps.PERMISSION_TO_BINARY: (
        "GET",
        "/data?restype=share&comp=filepermission",
        [("x-ms-file-permission-key", "{key}"), ("x-ms-file-permission-format", "Binary")],
    ),
    gaps.STRUCTURED_SIZE: ("GET", "/data/huge", [("x-ms-structured-body", "XSM/1.0; properties=crc64")]),
}
"""For each row of the table of what is answered with 501, a request that is."""


@pytest.mark.parametrize("gap", gaps.GAPS, ids=lambda gap: gap.what)
def test_a_gap_is_501_named_in_the_reason_and_changes_nothing(gap: gaps.Gap) -> None:
    asker = Asker().with_share()
    huge = (("x-ms-type", "file"), ("x-ms-content-length", str(1 << 40)))
    assert asker.ask("PUT", "/data/huge", *huge).status == 201
    body = b'{"permission":"O:DAG:SYD:(A;;FA;;;SY)"}'
    made = asker.ask("PUT", "/data?restype=share&comp=filepermission", body=body)
    key = header(made, "x-ms-file-permission-key") or ""
    before = asker.simulator.fork()
    method, target, headers = EXAMPLES[gap]
    reply = asker.ask(method, target, *[(name, value.replace("{key}", key)) for name, value in headers])
    assert (reply.status, code(reply)) == (501, "NotImplemented")
    assert gap.what in reply.reason
    assert gap.what in (xml(reply).findtext("NotImplemented") or "")
    assert asker.simulator._service.store.view() is before._service.store.view()
    operation = asker.simulator.journal.entries()[-1].operation
    assert operation in {OPERATIONS[number].name for number in gap.operations}


def test_the_table_of_gaps_is_all_that_is_answered_with_501() -> None:
    """Every refusal of that code is made by ``not_built``, each call of which names a row, and every row is named."""
    named, makers = set(), set()
    for path in Path(azfiles_sim.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "not_built" in text or "NOT_IMPLEMENTED" in text else ():
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "not_built":
                row = ast.unparse(node.args[0])
                assert row.startswith("gaps."), f"{path.name}:{node.lineno}"
                named.add(getattr(gaps, row.removeprefix("gaps.")))
            if isinstance(node, ast.Call) and "NOT_IMPLEMENTED" in ast.unparse(node):
                makers.add(path.name)
    assert named == set(gaps.GAPS)
    assert makers == {"refusals.py"}


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


def test_what_was_ignored_before_a_refusal_is_noted_with_it() -> None:
    asker = Asker().with_share()
    for _ in range(2):  # the second time the form is known
        refused = asker.ask("GET", "/data?restype=share&colour=red&timeout=soon", ("x-ms-colour", "red"))
        assert code(refused) == "InvalidQueryParameterValue"
        assert asker.simulator.journal.entries()[-1].notes == (
            "ignored header x-ms-colour",
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


def test_a_file_type_that_is_none_is_400() -> None:
    reply = Asker().with_share().ask("PUT", "/data/g", *CREATE, ("x-ms-file-file-type", "Fifo"))
    assert (reply.status, code(reply), detail(reply, "HeaderName")) == (
        400,
        "InvalidHeaderValue",
        "x-ms-file-file-type",
    )
