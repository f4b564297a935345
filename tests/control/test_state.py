"""Going back, telling what changed, time, and accounts of a test's own."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from freezegun import freeze_time
from hypothesis import given
from hypothesis import strategies as st

import azfiles
from azfiles_sim import ManualClock, OffsetClock, Request, Simulator
from azfiles_sim.control import Difference
from azfiles_sim.journal import Entry, Journal
from azfiles_sim.model.entities import TICKS_PER_SECOND
from azfiles_sim.model.stamps import ticks_from_datetime

from .conftest import ACCOUNT, Controlled

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def names_of(controlled: Controlled) -> list[str]:
    with azfiles.connect(controlled.simulator.handle, clock=controlled.simulator.clock) as client:
        return sorted(share.name for share in client.list_shares())


def test_a_fork_is_gone_back_to_as_often_as_one_likes(controlled):
    control = controlled.simulator.control
    controlled.put("a", "1")
    control.fork("one")
    for name in ("more", "others"):
        controlled.put("a", "2", share=name)
        assert controlled.ask("POST", "/forks/one/restore") == (200, {})
        assert names_of(controlled) == ["data"]
    assert controlled.ask("GET", "/forks") == (200, {"forks": ["one"]})
    assert controlled.ask("DELETE", "/forks/one") == (200, {"forks": []})


def test_going_back_gives_out_the_same_ids_again(controlled):
    control = controlled.simulator.control
    control.fork("one")
    first = controlled.simulator.handle(Request("GET", "/"))
    control.restore("one")
    assert controlled.simulator.handle(Request("GET", "/")) == first
    control.seed(1)
    assert controlled.simulator.handle(Request("GET", "/")) == first
    control.seed(2)
    assert controlled.simulator.handle(Request("GET", "/")) != first


def test_a_reset_keeps_the_named_forks_and_empties_the_journal(controlled):
    control = controlled.simulator.control
    controlled.put("a", "1")
    control.fork("full")
    names_of(controlled)
    assert controlled.ask("POST", "/reset") == (200, {})
    assert control.journal() == ()
    assert names_of(controlled) == []
    control.restore("full")
    assert names_of(controlled) == ["data"]


def test_a_fork_needs_a_name(controlled):
    with pytest.raises(ValueError, match="needs a name"):
        controlled.simulator.control.fork("")


def test_equal_states_do_not_differ(controlled):
    controlled.put("d/f", "1")
    controlled.simulator.control.fork("one")
    assert controlled.simulator.control.diff("one") == ()
    assert controlled.simulator.control.diff("one", "one") == ()


def test_a_difference_names_what_was_added_removed_and_changed_and_in_what(controlled):
    control = controlled.simulator.control
    control.plant(ACCOUNT, "data", {"d/kept": b"1", "d/grown": b"1", "d/gone": b"1", "turned": b"1"})
    control.plant(ACCOUNT, "old", {})
    control.fork("before")
    control.advance(1)
    with azfiles.connect(controlled.simulator.handle, clock=controlled.simulator.clock) as client:
        share = client.share("data")
        share.file("d/gone").delete()
        share.file("d/grown").set_metadata({"a": "b"})
        share.file("turned").delete()
        share.directory("turned").create()
        share.create_snapshot()
        client.share("old").delete()
    control.plant(ACCOUNT, "new", {"f": b""})
    controlled.simulator.open_handle(ACCOUNT, "data", "d")
    found = {(one.share, one.path, one.kind, one.change, one.what) for one in control.diff("before")}
    assert found == {
        ("data", "d/gone", "file", "removed", ()),
        ("data", "d/grown", "file", "changed", ("change", "etag", "metadata")),
        ("data", "turned", "file", "removed", ()),
        ("data", "turned", "directory", "added", ()),
        ("data", "", "snapshot", "added", ()),
        ("data", "d", "handle", "added", ()),
        ("old", "", "share", "removed", ()),
        ("new", "", "share", "added", ()),
        ("new", "f", "file", "added", ()),
    }
    assert list(control.diff("before")) == sorted(control.diff("before"))
    status, answer = controlled.ask("GET", "/diff?before=before")
    assert status == 200
    assert {"account": ACCOUNT, "share": "new", "kind": "share", "change": "added"} in answer["differences"]


def test_the_other_way_round_what_was_added_is_removed(controlled):
    control = controlled.simulator.control
    control.fork("empty")
    controlled.put("f", "1")
    control.fork("full")
    added = control.diff("empty", "full")
    removed = control.diff("full", "empty")
    assert [one.change for one in added] == ["added", "added"]
    assert [one.change for one in removed] == ["removed", "removed"]
    assert [(one.share, one.path) for one in added] == [(one.share, one.path) for one in removed]
    assert control.diff() == added


def test_a_share_made_anew_under_its_name_is_told_apart(controlled):
    control = controlled.simulator.control
    controlled.put("f", "1")
    control.fork("before")
    with azfiles.connect(controlled.simulator.handle, clock=controlled.simulator.clock) as client:
        client.share("data").delete()
    controlled.put("f", "1")
    changed = {one.kind: one for one in control.diff("before")}
    assert "created_anew" in changed["share"].what
    assert isinstance(changed["share"], Difference)


def test_what_is_read_twice_is_changed_only_in_content_where_only_that_is_written(controlled):
    control = controlled.simulator.control
    controlled.put("f", "one")
    control.fork("before")
    control.advance(1)
    with azfiles.connect(controlled.simulator.handle, clock=controlled.simulator.clock) as client:
        client.share("data").file("f").put_range(0, b"two")
    (found,) = control.diff("before")
    assert found.what == ("change", "content", "etag", "last_write")


# --- time ----------------------------------------------------------------------------------------------------------


def test_the_clock_is_moved_over_http(controlled):
    assert controlled.ask("PUT", "/clock", {"now": "2026-06-01T12:00:00Z"})[1]["now"] == "2026-06-01T12:00:00.0000000Z"
    assert controlled.ask("POST", "/clock/advance", {"seconds": 1.5})[1] == {
        "now": "2026-06-01T12:00:01.5000000Z",
        "frozen": True,
    }
    assert controlled.ask("POST", "/clock/freeze")[0] == 200


def test_an_offset_clock_runs_on_from_where_it_was_set():
    with freeze_time("2026-01-01") as machine:
        clock = OffsetClock()
        clock.set(NOON)
        machine.tick(2)
        assert clock.now() == ticks_from_datetime(NOON) + 2 * TICKS_PER_SECOND
        clock.advance(3)
        assert clock.time() == NOON.timestamp() + 5


def test_a_frozen_clock_stands_still_until_it_runs_and_can_be_moved_meanwhile():
    with freeze_time("2026-01-01") as machine:
        clock = OffsetClock()
        clock.set(NOON)
        clock.freeze()
        clock.freeze()
        machine.tick(10)
        assert clock.frozen
        assert clock.now() == ticks_from_datetime(NOON)
        clock.advance(1)
        clock.run()
        clock.run()
        machine.tick(1)
        assert clock.now() == ticks_from_datetime(NOON) + 2 * TICKS_PER_SECOND
        clock.freeze()
        clock.set(NOON)
        assert clock.now() == ticks_from_datetime(NOON)
        clock.follow()
        assert clock.time() == time.time()
        assert repr(clock) == "OffsetClock(offset=0, frozen=None)"
    with pytest.raises(ValueError, match="0 seconds or more"):
        clock.advance(-1)


def test_a_forked_simulators_clock_is_set_apart():
    simulator = Simulator()
    simulator.control.freeze()
    fork = simulator.fork()
    fork.control.advance(5)
    assert fork.clock.now() - simulator.clock.now() == 5 * TICKS_PER_SECOND


def test_the_served_clock_is_set_frozen_and_let_go(controlled):
    control = Simulator().control
    control.set_time(NOON)
    control.freeze()
    before = control.clock.now()
    control.unfreeze()
    assert 0 <= control.clock.now() - before < 3600 * TICKS_PER_SECOND
    control.follow_machine()
    assert abs(control.clock.time() - time.time()) < 3600
    control.set_time(ticks_from_datetime(NOON))
    with pytest.raises(ValueError, match="never runs"):
        controlled.simulator.control.follow_machine()
    with pytest.raises(ValueError, match="years"):
        control.set_time(datetime(1, 1, 1, tzinfo=UTC))


# --- accounts ------------------------------------------------------------------------------------------------------


def test_a_fresh_account_is_used_with_the_connection_string_that_it_came_with(controlled):
    status, made = controlled.ask("POST", "/accounts", {"kind": "premium", "soft_delete_days": 3})
    assert status == 201
    assert made["kind"] == "premium"
    assert made["endpoint"] == f"http://127.0.0.1:10004/{made['name']}"
    handle = controlled.simulator.handle
    transport = azfiles.InProcessTransport(handle)
    with azfiles.connect(made["connection_string"], transport=transport, clock=controlled.simulator.clock) as client:
        client.share("mine").create()
    assert names_of(controlled) == []
    assert [one["name"] for one in controlled.ask("GET", "/accounts")[1]["accounts"]] == [ACCOUNT, made["name"]]
    account = controlled.simulator.control.accounts()[1]
    assert (account.settings.soft_delete_days, len(account.keys[0])) == (3, 64)


def test_a_deleted_account_leaves_nothing_behind(controlled):
    control = controlled.simulator.control
    before = controlled.simulator.control.accounts()
    control.fork("before")
    control.create_account("mine", keys=(b"key",), soft_delete_days=1)
    spec = next(spec for spec in controlled.simulator.accounts if spec.name == "mine")
    control.plant("mine", "data", {"d/f": b"1"})
    control.plant("mine", "gone", {"f": b"1"})
    with azfiles.connect(
        "https://mine.file.core.windows.net",
        azfiles.SharedKey("mine", spec.key_text()),
        transport=azfiles.InProcessTransport(controlled.simulator.handle),
        clock=controlled.simulator.clock,
    ) as client:
        client.share("data").create_snapshot()
        client.share("data").acquire_lease()
        client.share("gone").delete()
    controlled.simulator.open_handle("mine", "data", "d/f")
    assert controlled.ask("DELETE", "/accounts/mine") == (200, {})
    assert control.diff("before") == ()
    assert control.accounts() == before
    view = controlled.simulator._service.store.view()
    assert all(len(entries) == 0 for name, entries in view.maps().items() if name in {"trees", "handles", "snapshots"})


def test_an_accounts_soft_delete_is_switched(controlled):
    assert controlled.ask("PATCH", f"/accounts/{ACCOUNT}", {"soft_delete_days": 7})[0] == 200
    assert controlled.simulator.accounts[0].soft_delete_days == 7
    assert controlled.ask("PATCH", f"/accounts/{ACCOUNT}", {"soft_delete_days": None})[0] == 200
    assert controlled.simulator.accounts[0].soft_delete_days is None


# --- handles and the journal ---------------------------------------------------------------------------------------


def test_handles_are_opened_listed_and_closed_over_http(controlled):
    controlled.put("d/f", "1")
    base = f"/accounts/{ACCOUNT}/shares/data/handles"
    opened = {"path": "d/f", "handle_id": 7, "session_id": 8, "client_ip": "10.0.0.1:1", "access_rights": ["Read"]}
    assert controlled.ask("POST", base, opened) == (201, {"handle_id": 7})
    assert controlled.ask("POST", base)[1] == {"handle_id": 8}
    (first, second) = controlled.ask("GET", base)[1]["handles"]
    assert opened.items() <= first.items()
    assert second["path"] == ""
    assert controlled.ask("DELETE", f"{base}/7") == (200, {"closed": 1})
    assert controlled.ask("DELETE", base) == (200, {"closed": 1})
    assert controlled.ask("DELETE", base) == (200, {"closed": 0})


def test_a_handle_opened_over_http_keeps_rest_out_until_it_is_closed_and_its_file_goes(controlled):
    controlled.put("f", "1")
    base = f"/accounts/{ACCOUNT}/shares/data/handles"
    body = {"path": "f", "access": ["read"], "share_mode": [], "locks": [[0, 9, False]], "delete_pending": True}
    assert controlled.ask("POST", base, body)[0] == 201
    (told,) = controlled.ask("GET", base)[1]["handles"]
    assert (told["share_mode"], told["locks"], told["delete_pending"]) == ([], [[0, 9, False]], True)
    with azfiles.connect(controlled.simulator.handle, clock=controlled.simulator.clock) as client:
        file = client.share("data").file("f")
        with pytest.raises(azfiles.ServiceError):
            file.delete()
        assert controlled.ask("DELETE", base) == (200, {"closed": 1})
        with pytest.raises(azfiles.NotFound):
            file.get_properties()


def test_the_journal_tells_what_came_since_and_what_is_asked_for(controlled):
    names_of(controlled)
    controlled.put("f", "1")
    with azfiles.connect(controlled.simulator.handle, clock=controlled.simulator.clock) as client:
        client.share("data").file("f").get_properties()
        with pytest.raises(azfiles.NotFound):
            client.share("data").file("g").get_properties()
    entries = controlled.ask("GET", "/journal")[1]
    assert [one["number"] for one in entries["entries"]] == [1, 2, 3]
    assert entries["last"] == 3
    (missing,) = controlled.ask("GET", "/journal?since=1&status=404")[1]["entries"]
    assert (missing["number"], missing["method"], missing["error_code"]) == (3, "HEAD", "ResourceNotFound")
    assert missing["at"] == "2026-01-01T00:00:00.0000000Z"
    assert [one["number"] for one in controlled.ask("GET", "/journal?limit=1")[1]["entries"]] == [1]
    assert controlled.ask("GET", "/journal?account=other")[1]["entries"] == []


def test_a_journals_numbers_go_on_when_old_entries_are_forgotten():
    journal = Journal(2)
    assert journal.numbered() == ()
    for number in range(5):
        journal.append(Entry(str(number), 0, "GET", "/", "", "", "", 200))
    assert [(number, entry.request_id) for number, entry in journal.numbered()] == [(4, "3"), (5, "4")]
    assert [number for number, _ in journal.numbered(4)] == [5]
    assert journal.numbered(9) == ()
    other = journal.copy()
    journal.clear()
    assert (journal.numbered(), journal.last_number) == ((), 5)
    journal.append(Entry("5", 0, "GET", "/", "", "", "", 200))
    assert [number for number, _ in journal.numbered()] == [6]
    assert [number for number, _ in other.numbered()] == [4, 5]


@given(st.integers(0, 4), st.lists(st.sampled_from("aaaac"), max_size=40), st.integers(0, 40))
def test_a_journal_numbers_as_a_list_of_everything_would(limit, steps, since):
    journal = Journal(limit)
    everything: list[Entry] = []
    cleared = 0
    for step in steps:
        if step == "c":
            journal.clear()
            cleared = len(everything)
        else:
            everything.append(Entry(str(len(everything)), 0, "GET", "/", "", "", "", 200))
            journal.append(everything[-1])
    first = max(cleared, len(everything) - limit)
    expected = list(enumerate(everything, start=1))[max(first, since) :]
    assert list(journal.numbered(since)) == expected
    assert list(journal) == everything[first:]
    assert (len(journal), journal.last_number) == (len(everything) - first, len(everything))


def test_a_clock_of_ones_own_kind_is_shared_by_forks():
    class Fixed:
        def now(self) -> int:
            return ManualClock().now()

    simulator = Simulator(clock=Fixed())
    assert simulator.fork().clock is simulator.clock
