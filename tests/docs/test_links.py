"""Links lead somewhere: in the pages as they are read in a repository, and in the built site, whose checker finds all else."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.docs.following import DOCS, ROOT

PAGES = sorted({*DOCS.rglob("*.md"), *ROOT.glob("*.md"), ROOT / "cassettes" / "README.md"})
_CODE = re.compile(r"^```.*?^```$|`[^`\n]+`", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def anchors_of(page: Path) -> set[str]:
    """The names that headings get, as GitHub and the site make them."""
    headings = re.findall(
        r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE), re.MULTILINE
    )
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8"))):
        place, _, anchor = link.partition("#")
        if "://" in place:
            continue
        target = (page.parent / place).resolve() if place else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors_of(target), link


@pytest.fixture
def problems_of() -> Iterator[Callable[[Path], Iterator[str]]]:
    specification = importlib.util.spec_from_file_location("check_site", DOCS / "check_site.py")
    assert specification is not None
    assert specification.loader is not None
    module: Any = importlib.util.module_from_spec(specification)
    sys.modules["check_site"] = module
    specification.loader.exec_module(module)
    yield module.problems_of
    del sys.modules["check_site"]


def made(folder: Path, **pages: str) -> Path:
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(f"<html><body>{text}</body></html>", encoding="utf-8")
    return folder


def test_a_whole_site_has_no_problems(problems_of: Callable[[Path], Iterator[str]], tmp_path: Path) -> None:
    site = made(
        tmp_path,
        index='<a href="a.html#x">a</a><a href="https://example.com">elsewhere</a><a href="">here</a>',
        a='<h2 id="x">x</h2><a href="index.html">up</a>',
        search="",
    )
    assert list(problems_of(site)) == []


@pytest.mark.parametrize(
    ("mistake", "problem"),
    [
        ('<a href="b.html">b</a>', "a.html: b.html leads nowhere"),
        ('<a href="#y">y</a>', "a.html: #y has no such anchor"),
        ('<a href="index.html#y">y</a>', "a.html: index.html#y has no such anchor"),
        ('<script src="https://example.com/a.js"></script>', "a.html: loads https://example.com/a.js"),
        ('<link rel="stylesheet" href="//example.com/a.css">', "a.html: loads //example.com/a.css"),
        ('<img src="b.png">', "a.html: b.png leads nowhere"),
    ],
)
def test_a_mistake_is_a_problem(
    mistake: str, problem: str, problems_of: Callable[[Path], Iterator[str]], tmp_path: Path
) -> None:
    assert list(problems_of(made(tmp_path, index='<a href="a.html">a</a>', a=mistake))) == [problem]


def test_a_page_that_nothing_leads_to_and_a_font_from_elsewhere_are_problems(
    problems_of: Callable[[Path], Iterator[str]], tmp_path: Path
) -> None:
    site = made(tmp_path, index="", a="")
    (site / "a.css").write_text('@font-face { src: url("https://example.com/a.woff") }', encoding="utf-8")
    assert list(problems_of(site)) == ["a.html: no link leads here", "a.css: loads from elsewhere"]
