from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azfiles.errors import ReplyNotUnderstood, TransportError
from azfiles.flows.effects import sleep
from azfiles.flows.paging import Pages


@dataclass
class Page:
    items: list
    next_marker: str | None


def run(flow):
    try:
        while True:
            next(flow)
    except StopIteration as end:
        return end.value


def walk(pages):
    while (page := run(pages.following())) is not None:
        yield page


@given(st.lists(st.lists(st.integers(), max_size=3), min_size=1, max_size=6))
def test_all_pages_are_walked_by_marker_even_empty_ones(contents):
    asked = []

    def fetch(marker):
        asked.append(marker)
        yield from sleep(0.0)
        number = 0 if marker is None else int(marker)
        return Page(contents[number], str(number + 1) if number + 1 < len(contents) else None)

    assert [page.items for page in walk(Pages(fetch))] == contents
    assert asked == [None, *map(str, range(1, len(contents)))]


def test_a_walk_may_begin_at_a_marker():
    def fetch(marker):
        yield from sleep(0.0)
        return Page([marker], None)

    assert [page.items for page in walk(Pages(fetch, "7"))] == [["7"]]


def test_a_page_that_names_itself_as_the_next_is_refused():
    def fetch(marker):
        yield from sleep(0.0)
        return Page([], "same")

    pages = Pages(fetch)
    run(pages.following())
    with pytest.raises(ReplyNotUnderstood, match="never end"):
        run(pages.following())


def test_a_page_that_failed_can_be_asked_for_again():
    failures = [TransportError("gone", sent=True)]

    def fetch(marker):
        yield from sleep(0.0)
        if failures:
            raise failures.pop()
        return Page([1], None)

    pages = Pages(fetch)
    with pytest.raises(TransportError):
        run(pages.following())
    assert run(pages.following()).items == [1]
    assert run(pages.following()) is None
