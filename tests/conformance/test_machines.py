"""Two small models against the client and the simulator together: file ranges, and the share lease."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

import azfiles
from azfiles_sim import ManualClock, Simulator

IDS = ("aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002")


class FileRanges(RuleBasedStateMachine):
    """A file is a byte array: ranges are written, cleared, resized and read at any place."""

    @initialize(size=st.integers(0, 3000))
    def create(self, size: int) -> None:
        self.model = bytearray(size)
        self.client = azfiles.connect(Simulator().handle)
        self.client.share("data").create()
        self.file = self.client.share("data").file("f")
        self.file.create(size)

    @rule(offset=st.integers(0, 3000), data=st.binary(min_size=1, max_size=1200))
    def put(self, offset: int, data: bytes) -> None:
        if offset + len(data) > len(self.model):
            with pytest.raises(azfiles.InvalidRange):
                self.file.put_range(offset, data)
        else:
            self.file.put_range(offset, data)
            self.model[offset : offset + len(data)] = data

    @rule(offset=st.integers(0, 3000), length=st.integers(1, 3000))
    def clear(self, offset: int, length: int) -> None:
        if offset + length > len(self.model):
            with pytest.raises(azfiles.InvalidRange):
                self.file.clear_range(offset, length)
        else:
            self.file.clear_range(offset, length)
            self.model[offset : offset + length] = bytes(length)

    @rule(size=st.integers(0, 3000))
    def resize(self, size: int) -> None:
        self.file.resize(size)
        del self.model[size:]
        self.model.extend(bytes(size - len(self.model)))

    @rule(offset=st.integers(0, 3000), length=st.integers(1, 3000))
    def read(self, offset: int, length: int) -> None:
        if offset >= len(self.model):
            with pytest.raises(azfiles.InvalidRange):
                self.file.get_range(offset, length)
        else:
            assert bytes(self.file.get_range(offset, length).content) == self.model[offset : offset + length]

    @invariant()
    def the_whole_file_is_the_byte_array(self) -> None:
        if hasattr(self, "model"):
            assert bytes(self.file.get().content) == self.model

    @invariant()
    def listed_ranges_are_ordered_apart_inside_the_file_and_all_else_is_zero(self) -> None:
        if not hasattr(self, "model"):
            return
        end = -1
        rest = bytearray(self.model)
        for span in self.file.list_ranges().ranges:
            assert end < span.offset
            assert span.length > 0
            assert span.end <= len(self.model)
            rest[span.offset : span.end] = bytes(span.length)
            end = span.end
        assert not any(rest)


# What a share lease does, written from the documents as a table: state, action -> code of the refusal, or the new state.
# "mine" is the id that holds (or last held) the lease, "other" another one.
HELD = {
    "acquire mine": "leased",
    "acquire other": "LeaseAlreadyPresent",
    "renew mine": "leased",
    "release mine": "available",
}
TABLE: dict[str, dict[str, str]] = {
    "available": {"acquire mine": "leased", "acquire other": "leased"},
    "leased": {**HELD, "break 10": "breaking", "break 0": "broken", "delete": "LeaseIdMissing"},
    "breaking": {
        "acquire mine": "LeaseIsBreakingAndCannotBeAcquired",
        "acquire other": "LeaseAlreadyPresent",
        "release mine": "available",
        "break 0": "broken",
        "delete": "LeaseIdMissing",
    },
    "broken": {"acquire mine": "leased", "acquire other": "leased", "renew mine": "LeaseIsBrokenAndCannotBeRenewed"},
    "expired": {"acquire mine": "leased", "acquire other": "leased", "renew mine": "leased"},
}


class ShareLease(RuleBasedStateMachine):
    """The share lease follows its table under a clock that only the machine moves."""

    @initialize()
    def create(self) -> None:
        self.clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
        self.client = azfiles.connect(Simulator(clock=self.clock).handle, clock=self.clock)
        self.share = self.client.share("data")
        self.share.create()
        self.state, self.mine, self.until = "available", IDS[0], 0.0

    @rule(
        action=st.sampled_from(sorted({action for row in TABLE.values() for action in row})), length=st.integers(15, 60)
    )
    def act(self, action: str, length: int) -> None:
        expected = TABLE[self.state].get(action)
        if expected is None:
            return
        verb, _, what = action.partition(" ")
        holder = self.mine if what != "other" else next(guid for guid in IDS if guid != self.mine)
        calls = {
            "acquire": lambda: self.share.acquire_lease(duration_s=length, proposed_id=holder),
            "renew": lambda: self.share.renew_lease(holder),
            "release": lambda: self.share.release_lease(holder),
            "break": lambda: self.share.break_lease(period_s=int(what)),
            "delete": self.share.delete,
        }
        if expected[0].isupper():
            with pytest.raises(azfiles.LeaseConflict) as refusal:
                calls[verb]()
            assert refusal.value.code == expected
            return
        calls[verb]()
        if verb == "acquire":
            self.mine, self.length = holder, length
        if expected == "leased":
            self.until = self.clock.time() + self.length
        elif expected == "breaking":
            self.until = min(self.until, self.clock.time() + 10)
        self.state = expected

    @rule(seconds=st.sampled_from([1, 5, 10, 14, 15, 60]))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds)
        if self.state in {"leased", "breaking"} and self.clock.time() >= self.until:
            self.state = "expired" if self.state == "leased" else "broken"

    @invariant()
    def the_share_shows_the_state(self) -> None:
        if hasattr(self, "share"):
            lease = self.share.get_properties().lease
            assert lease is not None
            assert lease.state == self.state
            assert lease.status == ("locked" if self.state in {"leased", "breaking"} else "unlocked")


@pytest.mark.parametrize("machine", [FileRanges, ShareLease])
def test_the_service_agrees_with_a_small_model(machine: type[RuleBasedStateMachine]) -> None:
    """Hypothesis prints the failing steps and the seed that finds them again."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=60,
            stateful_step_count=30,
            deadline=None,
            print_blob=True,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
