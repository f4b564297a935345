"""Leases: ids by what they were, waits by what they wait for."""

from __future__ import annotations

import hypothesis.strategies as st

from tests.oracle import steps as s
from tests.oracle.machines.base import METADATA, OracleMachine, drawn
from tests.oracle.obs import Obs

IDS = st.sampled_from(["current", "current", "current", "former", "A", "B", "C"])
"""The id that holds or last held the lease, the one before it, or one by its name."""

OPTIONAL_IDS = st.one_of(st.none(), IDS)
DURATIONS = st.sampled_from([15, 20, 30, 60, -1])
PERIODS = st.sampled_from([None, 0, 5, 20, 60])
SHORT = 512


class LeaseMachine(OracleMachine):
    """Follows Azurite's answers, so that ids and waits can be drawn as what they mean."""

    on: str

    def __init__(self) -> None:
        super().__init__()
        self.current: str | None = None
        self.former: str | None = None
        self.duration_s = -1
        self.deadline: int | None = None

    def named(self, which: str | None) -> str | None:
        if which == "current":
            return self.current or "A"
        return (self.former or "B") if which == "former" else which

    def lease(self, action: str, **values: object) -> Obs:
        observed = self.take(s.Lease(self.on, action, **values))  # type: ignore[arg-type]
        if observed.succeeded:
            self._follow(action, observed, values)
        return observed

    def _follow(self, action: str, observed: Obs, values: dict[str, object]) -> None:
        holder = observed.get("id")
        if holder and holder != self.current:
            self.current, self.former = holder, self.current
        if action == "acquire":
            self.duration_s = int(str(values["duration_s"]))
        if action in {"acquire", "renew"}:
            self.deadline = None if self.duration_s < 0 else self.compared.judge.seconds + self.duration_s
        elif action == "break":
            self.deadline = self.compared.judge.seconds + int(observed.get("time") or 0)
        elif action == "release":
            self.deadline = None

    def delete(self, lease: str | None) -> None:
        if self.take(s.Delete(self.on, self.named(lease))).succeeded:
            self.deadline = None

    def wait(self, kind: str) -> None:
        left = 10 if self.deadline is None else max(0, self.deadline - self.compared.judge.seconds)
        seconds = {"before": left - 1, "until": left, "after": left + 1, "half": left // 2, "long": 100, "tick": 1}[
            kind
        ]
        self.take(s.Wait(max(0, seconds)))


WAITS = st.sampled_from(["before", "until", "after", "half", "long", "tick"])


class ShareLease(LeaseMachine):
    """The lease of a share against that of a container."""

    on = s.SHARE
    prelude = (s.Create(s.SHARE),)
    probes = (s.Show(s.SHARE),)

    @drawn(4, duration_s=DURATIONS, proposed=OPTIONAL_IDS)
    def acquire(self, duration_s: int, proposed: str | None) -> None:
        self.lease("acquire", duration_s=duration_s, proposed=self.named(proposed))

    @drawn(duration_s=st.sampled_from([14, 61, 0, -2]), proposed=OPTIONAL_IDS)
    def acquire_for_no_legal_time(self, duration_s: int, proposed: str | None) -> None:
        self.lease("acquire", duration_s=duration_s, proposed=self.named(proposed))

    @drawn(3, lease=IDS)
    def renew(self, lease: str) -> None:
        self.lease("renew", lease=self.named(lease))

    @drawn(2, lease=IDS, proposed=IDS)
    def change(self, lease: str, proposed: str) -> None:
        self.lease("change", lease=self.named(lease), proposed=self.named(proposed))

    @drawn(1, lease=IDS)
    def release(self, lease: str) -> None:
        self.lease("release", lease=self.named(lease))

    @drawn(2, period_s=PERIODS, lease=OPTIONAL_IDS)
    def break_it(self, period_s: int | None, lease: str | None) -> None:
        self.lease("break", lease=self.named(lease), period_s=period_s)

    @drawn(1, lease=OPTIONAL_IDS)
    def look(self, lease: str | None) -> None:
        self.take(s.Show(s.SHARE, self.named(lease)))

    @drawn(lease=OPTIONAL_IDS, metadata=METADATA)
    def change_metadata(self, lease: str | None, metadata: s.Metadata) -> None:
        self.take(s.SetMetadata(s.SHARE, metadata, self.named(lease)))

    @drawn(lease=OPTIONAL_IDS, permission=st.sampled_from(["r", "rwdl"]))
    def change_policies(self, lease: str | None, permission: str) -> None:
        self.take(s.SetPolicies((("p", permission),), self.named(lease)))
        self.take(s.ShowPolicies(self.named(lease)))

    @drawn(1, lease=OPTIONAL_IDS)
    def delete_share(self, lease: str | None) -> None:
        self.delete(lease)

    @drawn(1, metadata=METADATA)
    def create_share(self, metadata: s.Metadata) -> None:
        self.take(s.Create(s.SHARE, metadata=metadata))

    @drawn(
        4,
        duration_s=st.sampled_from([15, 30]),
        period_s=st.one_of(st.just("none"), PERIODS),
        kind=st.sampled_from(["before", "until", "after"]),
        then=st.sampled_from(["renew", "acquire", "release", "break", "change", "delete", "look"]),
        lease=IDS,
    )
    def let_it_end(self, duration_s: int, period_s: int | str | None, kind: str, then: str, lease: str) -> None:
        """Acquire it, break it or not, wait for about its end, and do something with an id."""
        self.lease("acquire", duration_s=duration_s, proposed=self.named("current"))
        if period_s != "none":
            self.lease("break", period_s=period_s)
        self.wait(kind)
        named = self.named(lease)
        match then:
            case "acquire":
                self.lease(then, duration_s=60, proposed=named)
            case "change":
                self.lease(then, lease=named, proposed="C")
            case "delete":
                self.delete(lease)
            case "look":
                self.take(s.Show(s.SHARE, named))
            case _:
                self.lease(then, lease=named)

    @drawn(4, kind=WAITS)
    def let_time_pass(self, kind: str) -> None:
        self.wait(kind)


class FileLease(LeaseMachine):
    """The lease of a file against an infinite one of a page blob."""

    on = s.FILE
    prelude = (s.Create(s.SHARE), s.Create(s.FILE, 1024))
    probes = (s.Show(s.FILE),)

    @drawn(4, proposed=OPTIONAL_IDS)
    def acquire(self, proposed: str | None) -> None:
        self.lease("acquire", duration_s=-1, proposed=self.named(proposed))

    @drawn(2, lease=IDS, proposed=IDS)
    def change(self, lease: str, proposed: str) -> None:
        self.lease("change", lease=self.named(lease), proposed=self.named(proposed))

    @drawn(1, lease=IDS)
    def release(self, lease: str) -> None:
        self.lease("release", lease=self.named(lease))

    @drawn(2, lease=OPTIONAL_IDS)
    def break_it(self, lease: str | None) -> None:
        self.lease("break", lease=self.named(lease))

    @drawn(
        3, lease=OPTIONAL_IDS, kind=st.sampled_from([s.Show(s.FILE), s.ShowMetadata(s.FILE), s.Read(), s.ListRanges()])
    )
    def look(self, lease: str | None, kind: s.Step) -> None:
        self.take(s.with_lease(kind, self.named(lease)))

    @drawn(
        4,
        lease=OPTIONAL_IDS,
        kind=st.sampled_from(
            [
                s.Write(0, SHORT),
                s.Write(0, SHORT, "b"),
                s.Clear(0, SHORT),
                s.SetMetadata(s.FILE, (("a", "1"),)),
                s.SetMetadata(s.FILE),
                s.SetHeaders((("content-type", "text/plain"),)),
                s.Resize(2048),
                s.Create(s.FILE, 1024),
            ]
        ),
    )
    def write(self, lease: str | None, kind: s.Step) -> None:
        self.take(s.with_lease(kind, self.named(lease)))

    @drawn(lease=OPTIONAL_IDS)
    def delete_file(self, lease: str | None) -> None:
        self.delete(lease)

    @drawn(4, then=st.sampled_from(["acquire", "release", "change", "break", "write", "look"]), lease=IDS)
    def go_on_after_a_break(self, then: str, lease: str) -> None:
        self.lease("acquire", duration_s=-1, proposed=self.named("current"))
        self.lease("break")
        named = self.named(lease)
        match then:
            case "acquire":
                self.lease(then, duration_s=-1, proposed=named)
            case "change":
                self.lease(then, lease=named, proposed="C")
            case "write":
                self.take(s.Write(0, SHORT))
            case "look":
                self.take(s.Show(s.FILE, named))
            case _:
                self.lease(then, lease=named)

    @drawn()
    def tick(self) -> None:
        self.take(s.Wait(1))
