"""List Ranges on the wire: differences and pages."""

from __future__ import annotations

import pytest

from .asking import Asker, code, content, header

LIST = "/data/d/f?comp=rangelist"


@pytest.fixture
def asker() -> Asker:
    return Asker().with_share()


def snapshot(asker: Asker) -> str:
    return header(asker.ask("PUT", "/data?restype=share&comp=snapshot"), "x-ms-snapshot") or ""


def test_a_difference_has_both_elements_in_one_order_of_offsets(asker: Asker) -> None:
    base = snapshot(asker)
    asker.ask("PUT", "/data/d/f?comp=range", ("x-ms-write", "clear"), ("x-ms-range", "bytes=0-511"))
    asker.ask("PUT", "/data/d/f?comp=range", ("x-ms-write", "update"), ("x-ms-range", "bytes=600-603"), body=b"abcd")
    reply = asker.ask("GET", f"{LIST}&prevsharesnapshot={base}")
    assert reply.status == 200
    assert b"<ClearRange><Start>0</Start><End>511</End></ClearRange><Range><Start>512</Start>" in content(reply)
    assert header(reply, "x-ms-content-length") == "1024"


def test_the_base_needs_2020_02_10_and_must_be_an_instant(asker: Asker) -> None:
    base = snapshot(asker)
    assert (
        code(asker.ask("GET", f"{LIST}&prevsharesnapshot={base}", version="2019-12-12")) == "UnsupportedQueryParameter"
    )
    assert asker.ask("GET", f"{LIST}&prevsharesnapshot={base}", version="2020-02-10").status == 200
    assert code(asker.ask("GET", f"{LIST}&prevsharesnapshot=yesterday")) == "InvalidQueryParameterValue"


def test_a_difference_after_a_rename_is_409_unless_it_is_asked_to_cope(asker: Asker) -> None:
    base = snapshot(asker)
    source = ("x-ms-file-rename-source", "https://testaccount.file.core.windows.net/data/d/f")
    assert asker.ask("PUT", "/data/d/g?comp=rename", source).status == 200
    target = f"/data/d/g?comp=rangelist&prevsharesnapshot={base}"
    reply = asker.ask("GET", target)
    assert (reply.status, code(reply)) == (409, "PreviousSnapshotNotFound")
    assert reply.reason == "The previous snapshot was not found."
    support = ("x-ms-file-support-rename", "true")
    assert asker.ask("GET", target, support, version="2024-05-04").status == 200
    assert code(asker.ask("GET", target, support, version="2023-11-03")) == "UnsupportedHeader"


def test_a_recreated_file_is_409_in_the_documented_words(asker: Asker) -> None:
    base = snapshot(asker)
    asker.ask("DELETE", "/data/d/f")
    asker.ask("PUT", "/data/d/f", ("x-ms-type", "file"), ("x-ms-content-length", "4"))
    reply = asker.ask("GET", f"{LIST}&prevsharesnapshot={base}")
    assert (reply.status, code(reply)) == (409, "FileGenerationMismatch")
    assert reply.reason == "The file has been recreated since the previous snapshot was taken."


def test_a_page_ends_in_the_recorded_marker_and_the_last_one_has_none(asker: Asker) -> None:
    asker.ask("PUT", "/data/d/g", ("x-ms-type", "file"), ("x-ms-content-length", "4096"))
    for start in (0, 2048):
        headers = (("x-ms-write", "update"), ("x-ms-range", f"bytes={start}-{start + 511}"))
        asker.ask("PUT", "/data/d/g?comp=range", *headers, body=bytes(512))
    first = asker.ask("GET", "/data/d/g?comp=rangelist&maxresults=1")
    assert b"</Range><NextMarker>1!8!MjA0OA--</NextMarker></Ranges>" in content(first)
    second = content(asker.ask("GET", "/data/d/g?comp=rangelist&maxresults=1&marker=1!8!MjA0OA--"))
    assert b"<Start>2048</Start>" in second
    assert b"NextMarker" not in second


def test_pages_need_2026_10_06(asker: Asker) -> None:
    assert code(asker.ask("GET", f"{LIST}&maxresults=1", version="2026-06-06")) == "UnsupportedQueryParameter"
    assert asker.ask("GET", f"{LIST}&maxresults=1", version="2026-10-06").status == 200


@pytest.mark.parametrize("marker", ["nonsense", "1!4!YWJj", "1!4!LTEx"])
def test_a_marker_that_is_none_is_refused(asker: Asker, marker: str) -> None:
    assert code(asker.ask("GET", f"{LIST}&marker={marker}")) == "InvalidQueryParameterValue"
