"""Instants, stamps and clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import hypothesis.strategies as st
import pytest
from freezegun import freeze_time
from hypothesis import given

from azfiles_sim.clock import DEFAULT_START, ManualClock, SystemClock
from azfiles_sim.model import commands as c
from azfiles_sim.model.entities import Account
from azfiles_sim.model.stamps import (
    UNIX_EPOCH_TICKS,
    floor_to_second,
    next_stamp,
    seconds_until,
    ticks_from_datetime,
)


def datetime_from_ticks(ticks: int) -> datetime:
    """The instant, cut down to microseconds."""
    return datetime(1, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)


def test_a_recorded_etag_is_the_instant_that_it_was_given_out_at():
    assert datetime_from_ticks(0x8DDD8990BDFF96A) == datetime(2025, 8, 11, 5, 36, 39, 730212, tzinfo=UTC)


@given(st.datetimes(timezones=st.just(UTC)))
def test_ticks_and_datetimes_are_two_forms_of_one_instant(instant):
    assert datetime_from_ticks(ticks_from_datetime(instant)) == instant


def test_a_datetime_without_a_zone_is_utc_and_one_with_a_zone_is_converted():
    assert ticks_from_datetime(datetime(1970, 1, 1)) == UNIX_EPOCH_TICKS  # noqa: DTZ001 - the point of the test
    east = timezone(timedelta(hours=2))
    assert ticks_from_datetime(datetime(1970, 1, 1, 2, tzinfo=east)) == UNIX_EPOCH_TICKS


@given(st.integers(0, 10**18), st.integers(0, 10**18))
def test_the_next_stamp_is_new_and_not_before_now(last, now):
    stamp = next_stamp(Account("a", last_stamp=last), now)
    assert stamp > last
    assert stamp >= now


def test_seconds_left_are_rounded_up_and_never_negative():
    assert seconds_until(25_000_001, 5_000_000) == 3
    assert seconds_until(25_000_000, 5_000_000) == 2
    assert seconds_until(0, 5) == 0
    assert floor_to_second(39_999_999) == 30_000_000


def test_under_a_frozen_clock_every_write_still_gets_an_etag_of_its_own(world):
    stamps = [world.make_file(f"f{number}").stamp for number in range(5)]
    stamps += [world.write("f0", b"x").stamp for _ in range(5)]
    assert stamps == sorted(set(stamps))
    assert world.view.account("acct").last_stamp == stamps[-1]


def test_stamps_follow_the_clock_again_once_it_has_passed_them(world):
    world.make_file("f")
    world.clock.advance(1)
    assert world.write("f", b"x").stamp == world.clock.now()


def test_stamps_do_not_go_back_with_the_clock(world):
    before = world.make_file("f").stamp
    world.clock.set(datetime(2000, 1, 1, tzinfo=UTC))
    assert world.write("f", b"x").stamp == before + 1


def test_a_manual_clock_moves_only_when_told():
    clock = ManualClock()
    assert clock.now() == ticks_from_datetime(DEFAULT_START)
    clock.advance(0.5)
    assert clock.now() == ticks_from_datetime(DEFAULT_START) + 5_000_000
    assert clock.time() == DEFAULT_START.timestamp() + 0.5
    clock.set(7)
    assert ManualClock(7).now() == clock.now()
    assert repr(clock) == "ManualClock(7)"
    with pytest.raises(ValueError, match="0 seconds or more"):
        clock.advance(-1)


def test_the_system_clock_obeys_freezegun():
    with freeze_time("2024-02-29 12:00:00"):
        clock = SystemClock()
        assert datetime_from_ticks(clock.now()) == datetime(2024, 2, 29, 12, tzinfo=UTC)
        assert clock.time() == datetime(2024, 2, 29, 12, tzinfo=UTC).timestamp()
    assert datetime_from_ticks(clock.now()) > datetime(2024, 3, 1, tzinfo=UTC)
    assert repr(clock) == "SystemClock()"


def test_reading_moves_no_etag(world):
    world.make_file("f", data=b"x")
    account = world.view.account("acct")
    world.read("f")
    world.file("f")
    world.share()
    world.names()
    world.do(c.ListRanges, share="data", path="f")
    assert world.view.account("acct") == account
