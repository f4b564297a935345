"""Shares in an account: their names, their lists, their coming and going."""

from __future__ import annotations

import hypothesis.strategies as st

from tests.oracle import steps as s
from tests.oracle.machines.base import METADATA, OracleMachine, drawn

LISTED = st.sampled_from(["a-1", "a-b", "a1a", "aa", "aaa", "aab", "ab-c", "abc", "b00", "b-0", "zzz"]).filter(
    lambda name: len(name) > 2
)
PREFIXES = st.sampled_from([None, "", "a", "a-", "aa", "ab", "b", "A", "z", "zzzz", "a1a"])
BAD_PAGES = st.sampled_from(["0", "-1", "abc"])


class ShareList(OracleMachine):
    """Pages of every size: in order, whole, without repetition, only what the prefix says."""

    prelude = tuple(s.Create(s.SHARE, name=name) for name in ("a-b", "aab", "abc"))

    @drawn(4, name=LISTED, metadata=METADATA)
    def create(self, name: str, metadata: s.Metadata) -> None:
        self.take(s.Create(s.SHARE, metadata=metadata, name=name))

    @drawn(name=LISTED)
    def delete(self, name: str) -> None:
        self.take(s.Delete(s.SHARE, name=name))

    @drawn(5, prefix=PREFIXES, page=st.one_of(st.none(), st.integers(1, 5).map(str)), metadata=st.booleans())
    def walk(self, prefix: str | None, page: str | None, metadata: bool) -> None:
        self.take(s.ListShares(prefix, page, metadata))

    @drawn(page=BAD_PAGES)
    def ask_for_no_page(self, page: str) -> None:
        self.take(s.ListShares(None, page))


NAMES = st.one_of(
    st.sampled_from(["abc", "abd", "a-c", "a" * 63, "0ab", "a--b", "ab", "a" * 64, "Abc", "a_c", "-bc", "ab-", "a.c", "a b", "ä00"]),
    st.text("ab0-", min_size=2, max_size=4),
)  # fmt: skip


class Lifecycle(OracleMachine):
    """Creating, finding, deleting and creating again, by names that are allowed and others."""

    probes = (s.ListShares(),)

    @drawn(3, name=NAMES, metadata=METADATA)
    def create(self, name: str, metadata: s.Metadata) -> None:
        self.take(s.Create(s.SHARE, metadata=metadata, name=name))

    @drawn(name=NAMES)
    def show(self, name: str) -> None:
        self.take(s.Show(s.SHARE, name=name))

    @drawn(2, name=NAMES)
    def delete(self, name: str) -> None:
        self.take(s.Delete(s.SHARE, name=name))

    @drawn()
    def create_the_share(self) -> None:
        self.take(s.Create(s.SHARE))

    @drawn()
    def delete_the_share(self) -> None:
        self.take(s.Delete(s.SHARE))

    @drawn(
        step=st.sampled_from(
            [s.Create(s.FILE, 512), s.Show(s.FILE), s.Delete(s.FILE), s.Read(), s.Lease(s.SHARE, "break")]
        )
    )
    def reach_into_the_share(self, step: s.Step) -> None:
        self.take(step)

    @drawn()
    def tick(self) -> None:
        self.take(s.Wait(1))
