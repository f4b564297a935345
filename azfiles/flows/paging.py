"""Lists that come in pages. The marker says whether there is more, never the number of items: a page may be empty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from azfiles.errors import ReplyNotUnderstood
from azfiles.flows.effects import Flow


class Page(Protocol):
    """One page of a list; ``next_marker`` asks for the following one and is ``None`` at the end."""

    @property
    def next_marker(self) -> str | None: ...


G = TypeVar("G", bound=Page)


class Pages(Generic[G]):
    """Walks through the pages that ``fetch`` gets by marker, from ``marker`` on."""

    def __init__(self, fetch: Callable[[str | None], Flow[G]], marker: str | None = None) -> None:
        self._fetch = fetch
        self._marker = marker
        self._ended = False

    def following(self) -> Flow[G | None]:
        """The next page, or ``None`` after the last. A page that fails may be asked for again."""
        if self._ended:
            return None
        page = yield from self._fetch(self._marker)
        if page.next_marker is None:
            self._ended = True
        elif page.next_marker == self._marker:
            raise ReplyNotUnderstood("the page of a list names itself as the next one; going on would never end")
        self._marker = page.next_marker
        return page


__all__ = ["Page", "Pages"]
