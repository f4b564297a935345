"""Checks a built site, as ``make docs`` does: ``python docs/check_site.py build/docs``.

Each link inside the site leads to a page that is there and to an anchor that it has, no page loads anything from elsewhere,
so that all of it reads offline, and every page can be reached from the first.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

# What a browser fetches by itself; a link to elsewhere (<a href>) is for the reader to follow.
_LOADS: Final = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "video": "src"}
_FOR_MACHINES: Final = {"canonical", "next", "prev", "search", "index", "author"}


class _Page(HTMLParser):
    """What one page has to be linked to (``anchors``), links to, and loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = {"", "top"}
        self.links: set[str] = set()
        self.loads: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.add(given["href"])
        if tag in _LOADS and _LOADS[tag] in given and given.get("rel", "") not in _FOR_MACHINES:
            self.loads.add(given[_LOADS[tag]])


def problems_of(site: Path) -> Iterator[str]:
    """All that is wrong with the site, one line each."""
    pages = {path: _Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    leads: dict[Path, set[Path]] = {path: set() for path in pages}
    for path, page in pages.items():
        told = path.relative_to(site)
        for outside in sorted(one for one in page.loads if urlsplit(one).netloc):
            yield f"{told}: loads {outside}"
        for link in sorted(page.links | page.loads):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                yield f"{told}: {link} leads nowhere"
            elif target in pages:
                leads[path].add(target)
                if unquote(parts.fragment) not in pages[target].anchors:
                    yield f"{told}: {link} has no such anchor"
    lonely = pages.keys() - _reached(leads, site / "index.html")
    for path in sorted(lonely - {site / "search.html"}):  # to which its field leads, not a link
        yield f"{path.relative_to(site)}: no link leads here"
    for path in sorted(site.rglob("*.css")):
        if "url(http" in path.read_text(encoding="utf-8").replace('"', "").replace("'", ""):
            yield f"{path.relative_to(site)}: loads from elsewhere"


def _reached(leads: dict[Path, set[Path]], start: Path) -> set[Path]:
    reached: set[Path] = set()
    waiting = [start]
    while waiting:
        page = waiting.pop()
        if page in leads and page not in reached:
            reached.add(page)
            waiting += leads[page]
    return reached


def main() -> int:
    site = Path(sys.argv[1]).resolve()
    problems = list(problems_of(site))
    for problem in problems:
        print(problem, file=sys.stderr)  # noqa: T201 - what it is for
    if not (site / "index.html").is_file():
        print(f"{site} is no site", file=sys.stderr)  # noqa: T201
        return 2
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
