"""The long counts go on where they were interrupted."""

from __future__ import annotations

from pathlib import Path

from tests.proof import Count, code_version, text, totals


def test_a_count_goes_on_with_the_same_seed_and_code_only(tmp_path: Path) -> None:
    count = Count("crash", 1, folder=tmp_path, version="a")
    count.figures["kills"] += 3
    count.save()
    assert Count("crash", 1, folder=tmp_path, version="a").figures == {"kills": 3}
    assert not Count("crash", 2, folder=tmp_path, version="a").figures
    assert not Count("crash", 1, folder=tmp_path, version="b").figures


def test_a_damaged_count_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "crash.json").write_text('{"seed": 1, "vers')
    assert not Count("crash", 1, folder=tmp_path, version="a").figures
    assert totals(tmp_path, "a") == {}


def test_a_count_without_a_folder_is_kept_nowhere(tmp_path: Path) -> None:
    count = Count("crash", 1)
    count.figures["kills"] += 1
    count.save()
    assert not Count("crash", 1).figures


def test_figures_of_one_kind_are_added_up(tmp_path: Path) -> None:
    for seed, version in ((1, "a"), (2, "a"), (3, "b")):
        count = Count(f"fuzz-{seed}", seed, folder=tmp_path, version=version)
        count.figures.update({"requests": 100, "hangs": 0})
        count.save()
    assert text(totals(tmp_path, "a")) == "fuzz: 200 requests, 0 hangs\n"


def test_other_code_has_another_version(tmp_path: Path) -> None:
    code = tmp_path / "a.py"
    code.write_text("1")
    before = code_version([tmp_path])
    assert code_version([tmp_path]) == before
    code.write_text("2")
    assert code_version([tmp_path]) != before
