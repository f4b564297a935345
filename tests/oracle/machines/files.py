"""What is in a file: bytes, ranges, sizes."""

from __future__ import annotations

import hypothesis.strategies as st

from tests.oracle import steps as s
from tests.oracle.dialects import PAGES
from tests.oracle.machines.base import OracleMachine, drawn

PAGE = 512
FILLS = st.sampled_from("abc")
PAGES_LONG = st.integers(1, 8)


class Content(OracleMachine):
    """Follows the size, so that nothing is asked for where Azurite is known to be wrong: at the end and beyond it."""

    probes = (s.Read(),)
    unit = 1

    def __init__(self) -> None:
        super().__init__()
        self.size = 8 * self.unit

    def within(self, start: int, length: int) -> tuple[int, int]:
        """A range of these units that lies in the file."""
        start = start * self.unit % self.size
        return start, min(length * self.unit, self.size - start)

    @drawn(6, start=st.integers(0, 7), length=PAGES_LONG, fill=FILLS)
    def write(self, start: int, length: int, fill: str) -> None:
        self.take(s.Write(*self.within(start, length), fill))

    @drawn(2, start=st.integers(0, 7), length=PAGES_LONG)
    def clear(self, start: int, length: int) -> None:
        self.take(s.Clear(*self.within(start, length)))

    @drawn(3, size=PAGES_LONG)
    def resize(self, size: int) -> None:
        self.size = size * self.unit
        self.take(s.Resize(self.size))

    @drawn(size=PAGES_LONG)
    def create_again(self, size: int) -> None:
        self.size = size * self.unit
        self.take(s.Create(s.FILE, self.size))


class Ranges(Content):
    """Page-aligned writes, and what reads and lists of any range then tell."""

    unit = PAGE
    prelude = (s.Create(s.SHARE), s.Create(s.FILE, 8 * PAGE))
    probes = (s.Read(), s.ListRanges())

    @drawn(
        2,
        start=st.integers(0, 8 * PAGE - 1),
        length=st.one_of(st.none(), st.integers(1, 8 * PAGE), st.sampled_from([1, PAGE - 1, PAGE, PAGE + 1])),
        form=st.sampled_from(["x-ms-range", "Range", "both"]),
    )
    def read(self, start: int, length: int | None, form: str) -> None:
        self.take(s.Read(start % self.size, length, form))

    @drawn(start=st.integers(0, 7), length=PAGES_LONG)
    def read_with_hash(self, start: int, length: int) -> None:
        self.take(s.Read(*self.within(start, length), "x-ms-range", md5=True))

    @drawn(beyond=st.integers(1, 2000))
    def read_beyond_the_end(self, beyond: int) -> None:
        self.take(s.Read(self.size + beyond, 10, "x-ms-range"))

    @drawn(start=st.integers(0, 8 * PAGE - 1), length=st.integers(1, 8 * PAGE))
    def list_some(self, start: int, length: int) -> None:
        self.take(s.ListRanges(start % self.size, length))

    @drawn()
    def delete(self) -> None:
        self.take(s.Delete(s.FILE))
        self.take(s.Create(s.FILE, self.size))


class Bytes(Content):
    """Writes of single bytes against pages that stand for them: the algebra of ranges that overlap, touch and split."""

    dialect = PAGES
    prelude = (s.Create(s.SHARE), s.Create(s.FILE, 8))

    @drawn(start=st.integers(0, 7))
    def read_from(self, start: int) -> None:
        self.take(s.Read(start % self.size, None, "x-ms-range"))
