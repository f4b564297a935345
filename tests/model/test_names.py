"""Names: what is allowed, when two are one, in which order they come."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from azfiles_sim.model import commands as c
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.names import check_path, check_share_name, fold_name, strip_trailing_dots


@pytest.mark.parametrize("name", ["abc", "a-b", "0-1-2", "a" * 63, "123"])
def test_share_names_that_the_service_takes(name):
    check_share_name(name)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("ab", Code.OUT_OF_RANGE_INPUT),
        ("a" * 64, Code.OUT_OF_RANGE_INPUT),
        ("Abc", Code.INVALID_RESOURCE_NAME),
        ("a--b", Code.INVALID_RESOURCE_NAME),
        ("-ab", Code.INVALID_RESOURCE_NAME),
        ("ab-", Code.INVALID_RESOURCE_NAME),
        ("a_b", Code.INVALID_RESOURCE_NAME),
        ("a啊b", Code.INVALID_RESOURCE_NAME),
        ("abc\n", Code.INVALID_RESOURCE_NAME),
    ],
)
def test_share_names_that_are_refused(name, code):
    with pytest.raises(ServiceError) as caught:
        check_share_name(name)
    assert caught.value.code is code


@pytest.mark.parametrize(
    "name", ["a", "啊齄丂狛狜", "a b", "con.txt", "COM10", "...a", "\ufffe", "🙂" * 127, "a" * 255, "x.", "%41", "+"]
)
def test_components_that_the_service_takes(name):
    check_path((name,))


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "con", "LPT9", "Clock$", "nul", *(f"a{bad}" for bad in '"\\/:|<>*?\x00\x1f\x81\ud800\ue000')],
)
def test_components_that_are_refused(name):
    with pytest.raises(ServiceError) as caught:
        check_path(("ok", name))
    assert caught.value.code is Code.INVALID_RESOURCE_NAME


@pytest.mark.parametrize("path", [("a" * 256,), ("🙂" * 128,), ("a",) * 251, ("a" * 250,) * 9])
def test_paths_that_are_too_long_or_too_deep(path):
    with pytest.raises(ServiceError) as caught:
        check_path(path)
    assert caught.value.code is Code.INVALID_FILE_OR_DIRECTORY_PATH_NAME


def test_the_longest_and_deepest_paths_pass():
    check_path(("a",) * 250)
    check_path(("a" * 255,) * 7 + ("a" * 249, "aaaaaa"))
    with pytest.raises(ServiceError) as caught:
        check_path(("a" * 255,) * 7 + ("a" * 249, "aaaaaaa"))
    assert caught.value.code is Code.INVALID_FILE_OR_DIRECTORY_PATH_NAME


@given(st.text())
def test_folding_is_idempotent_and_keeps_the_number_of_letters(name):
    folded = fold_name(name)
    assert len(folded) == len(name)
    assert fold_name(folded) == folded


def test_folding_joins_cases_but_not_letters_whose_upper_case_is_longer():
    assert fold_name("Straße") == fold_name("STRAßE") != fold_name("STRASSE")
    assert fold_name("éa") == fold_name("ÉA")


def test_trailing_dots_are_stripped_from_each_component():
    assert strip_trailing_dots(("a.", "b...", ".c", "d")) == ("a", "b", ".c", "d")


def test_names_are_compared_without_case_and_kept_as_first_spelled(world):
    made = world.make_file("Report.TXT", data=b"old")
    assert world.read("report.txt", start=0, end=2) == b"old"
    again = world.make_file("REPORT.txt")
    assert (again.name, again.file_id) == ("Report.TXT", made.file_id)
    assert world.names() == ["Report.TXT"]
    world.refused(Code.RESOURCE_TYPE_MISMATCH, c.DeleteDirectory, share="data", path="rePORT.txt")
    world.do(c.DeleteFile, share="data", path="report.TXT")
    assert world.names() == []


def test_a_forbidden_name_is_told_before_a_missing_share(world):
    world.refused(Code.INVALID_RESOURCE_NAME, c.GetFile, share="missing", path="a*")
    world.refused(Code.INVALID_RESOURCE_NAME, c.GetFile, share="Missing", path="a")
