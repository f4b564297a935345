"""What the presets stand for: the service as it is today, and as the sessions of 2019 recorded it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from azfiles_sim.model import commands as c
from azfiles_sim.model.changes import PutAccount
from azfiles_sim.model.commands import SmbRequest
from azfiles_sim.model.lost_sources import SOURCE_GONE
from azfiles_sim.model.quirks import RECORDED_2019, TODAY, Quirks
from azfiles_sim.model.settings import AccountSettings
from tests.model.world import World


@pytest.mark.parametrize(("quirks", "follows"), [(TODAY, False), (RECORDED_2019, True)])
def test_in_2019_a_new_files_etag_was_the_time_that_the_request_gave(quirks: Quirks, follows: bool) -> None:
    world = World(quirks=quirks)
    world.make_share()
    for given in ({"last_write": 5}, {"change": 5}, {"last_write": 9, "change": 5}):
        made = world.make_file("f", smb=SmbRequest(**given))
        assert (made.stamp == 5, made.smb.change == 5) == (follows, follows or "change" in given)


@pytest.mark.parametrize(("quirks", "keeps"), [(TODAY, False), (RECORDED_2019, True)])
def test_in_2019_a_written_range_left_the_times_as_they_were(quirks: Quirks, keeps: bool) -> None:
    world = World(quirks=quirks)
    world.make_share()
    made = world.make_file("f")
    written = world.write("f", b"x")
    assert written.stamp > made.stamp
    assert (written.smb == made.smb) is keeps


def test_names_are_free_at_once_and_copies_end_at_once_both_today_and_in_2019() -> None:
    for quirks in (TODAY, RECORDED_2019):
        assert not quirks.deleted_share_name_is_held
        assert quirks.pending_copy_bytes_per_s is None


@pytest.mark.parametrize("speed", [0, -1])
def test_a_copy_needs_a_speed(speed: int) -> None:
    with pytest.raises(ValueError, match="at least one byte"):
        Quirks(pending_copy_bytes_per_s=speed)
    assert Quirks(pending_copy_bytes_per_s=1).pending_copy_bytes_per_s == 1


@pytest.mark.parametrize("days", [None, 7])
def test_a_pending_copy_fails_when_the_share_that_it_reads_is_deleted_whether_it_can_be_restored_or_not(
    days: int | None,
) -> None:
    world = World(quirks=Quirks(pending_copy_bytes_per_s=1))
    account = world.view.account("acct")
    assert account is not None
    world.store.apply([PutAccount(replace(account, settings=AccountSettings(soft_delete_days=days)))])
    world.make_share()
    world.make_file("from", 100, b"x" * 100)
    world.do(c.CreateShare, account="other", share="mine")
    source = c.CopySource(account="acct", share="data", path=("from",))
    world.do(c.CopyFile, account="other", share="mine", path="to", source=source, source_url="u")
    world.do(c.DeleteShare, share="data")
    left = world.file("to", account="other", share="mine")
    assert left.copy is not None
    assert (left.copy.status, left.copy.description, left.size) == ("failed", SOURCE_GONE, 0)
