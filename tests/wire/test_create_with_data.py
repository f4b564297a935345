"""Create File with data, and the two ways of taking attributes on creation."""

from __future__ import annotations

import pytest

from .asking import CREATE, Asker, code, content, header


@pytest.fixture
def asker() -> Asker:
    return Asker().with_share()


def test_data_is_written_from_the_start_and_its_hash_told_but_not_stored(asker: Asker) -> None:
    reply = asker.ask("PUT", "/data/g", *CREATE, ("Content-MD5", "jXd/OF09/siBXSD3SWAm3A=="), body=b"data")
    assert (reply.status, header(reply, "Content-MD5")) == (201, "jXd/OF09/siBXSD3SWAm3A==")
    got = asker.ask("GET", "/data/g")
    assert content(got) == b"data" + bytes(1020)
    assert header(got, "Content-MD5") is None
    assert b"<Start>0</Start><End>511</End>" in content(asker.ask("GET", "/data/g?comp=rangelist"))


def test_data_over_a_file_replaces_all_it_held(asker: Asker) -> None:
    assert asker.ask("PUT", "/data/d/f", *CREATE, body=b"xy").status == 201
    assert content(asker.ask("GET", "/data/d/f")) == b"xy" + bytes(1022)


def test_a_wrong_hash_and_too_much_data_create_nothing(asker: Asker) -> None:
    wrong = asker.ask("PUT", "/data/g", *CREATE, ("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="), body=b"data")
    assert (wrong.status, code(wrong)) == (400, "Md5Mismatch")
    assert asker.ask("PUT", "/data/g", *CREATE, body=bytes(1025)).status == 416
    assert asker.ask("HEAD", "/data/g").status == 404


def test_data_needs_2026_02_06(asker: Asker) -> None:
    assert code(asker.ask("PUT", "/data/g", *CREATE, body=b"data", version="2025-11-05")) == "InvalidHeaderValue"
    assert asker.ask("PUT", "/data/g", *CREATE, body=b"data", version="2026-02-06").status == 201


@pytest.mark.parametrize(
    ("semantics", "attributes", "shown"),
    [
        ("New", "None", "Archive"),
        ("Restore", "None", "None"),
        ("restore", "ReadOnly", "ReadOnly"),
        ("New", "ReadOnly", "ReadOnly | Archive"),
    ],
)
def test_restored_attributes_are_those_given(asker: Asker, semantics: str, attributes: str, shown: str) -> None:
    headers = (("x-ms-file-property-semantics", semantics), ("x-ms-file-attributes", attributes))
    assert header(asker.ask("PUT", "/data/g", *CREATE, *headers), "x-ms-file-attributes") == shown


def test_restoring_without_attributes_gives_none_and_a_directory_stays_one(asker: Asker) -> None:
    restore = ("x-ms-file-property-semantics", "Restore")
    assert header(asker.ask("PUT", "/data/g", *CREATE, restore), "x-ms-file-attributes") == "None"
    made = asker.ask("PUT", "/data/e?restype=directory", restore)
    assert header(made, "x-ms-file-attributes") == "Directory"


def test_semantics_need_2026_02_06_and_one_of_two_words(asker: Asker) -> None:
    word = ("x-ms-file-property-semantics", "New")
    assert code(asker.ask("PUT", "/data/g", *CREATE, word, version="2025-11-05")) == "UnsupportedHeader"
    other = ("x-ms-file-property-semantics", "Old")
    assert code(asker.ask("PUT", "/data/g", *CREATE, other)) == "InvalidHeaderValue"
