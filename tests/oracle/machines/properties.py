"""What changes an ETag, and what is kept of what is set."""

from __future__ import annotations

import hypothesis.strategies as st

from tests.oracle import steps as s
from tests.oracle.machines.base import BAD_METADATA, METADATA, OracleMachine, drawn

PAGE = 512
ON = st.sampled_from([s.SHARE, s.FILE])


class EtagMetadata(OracleMachine):
    prelude = (s.Create(s.SHARE), s.Create(s.FILE, 2 * PAGE))
    probes = (s.Show(s.SHARE), s.Show(s.FILE))

    @drawn(3, on=ON, metadata=METADATA)
    def set_metadata(self, on: str, metadata: s.Metadata) -> None:
        self.take(s.SetMetadata(on, metadata))

    @drawn(on=ON, metadata=BAD_METADATA)
    def set_metadata_that_is_none(self, on: str, metadata: s.Metadata) -> None:
        self.take(s.SetMetadata(on, metadata))

    @drawn(on=ON)
    def show_metadata(self, on: str) -> None:
        self.take(s.ShowMetadata(on))

    @drawn(2, metadata=METADATA)
    def overwrite_file(self, metadata: s.Metadata) -> None:
        self.take(s.Create(s.FILE, 2 * PAGE, metadata))

    @drawn(on=ON, metadata=METADATA)
    def delete_and_create(self, on: str, metadata: s.Metadata) -> None:
        self.take(s.Delete(on))
        self.take(s.Create(on, 2 * PAGE if on == s.FILE else 0, metadata))
        if on == s.SHARE:
            self.take(s.Create(s.FILE, 2 * PAGE))

    @drawn(
        names=st.lists(st.sampled_from(["p", "q", "R"]), max_size=3, unique=True),
        permission=st.sampled_from(["r", "rwdl"]),
    )
    def set_policies(self, names: list[str], permission: str) -> None:
        self.take(s.SetPolicies(tuple((name, permission) for name in names)))
        self.take(s.ShowPolicies())

    @drawn(2,
        headers=st.lists(
            st.sampled_from(
                [("content-language", "de"), ("content-language", "en, de"), ("cache-control", "no-cache"),
                 ("content-disposition", "inline"), ("content-encoding", "x-none")]
            ),
            max_size=3, unique_by=lambda pair: pair[0],
        ),
        kind=st.sampled_from(["text/plain", "application/x; a=b"]),
    )  # fmt: skip
    def set_headers(self, headers: list[tuple[str, str]], kind: str) -> None:
        self.take(s.SetHeaders((("content-type", kind), *sorted(headers))))

    @drawn(
        3,
        step=st.sampled_from(
            [s.Write(0, PAGE), s.Clear(0, PAGE), s.Clear(PAGE, PAGE), s.Resize(2 * PAGE), s.Resize(PAGE)]
        ),
    )
    def change_content(self, step: s.Step) -> None:
        self.take(step)

    @drawn(on=ON)
    def lease_and_release(self, on: str) -> None:
        self.take(s.Lease(on, "acquire", proposed="A", duration_s=-1))
        self.take(s.Lease(on, "release", "A"))

    @drawn(step=st.sampled_from([s.Read(), s.ListRanges(), s.ShowPolicies(), s.ListShares(None, None, True)]))
    def look(self, step: s.Step) -> None:
        self.take(step)

    @drawn(2)
    def tick(self) -> None:
        self.take(s.Wait(1))
