"""The control interface where the state is in a folder."""

from __future__ import annotations

import azfiles
from azfiles_sim import ManualClock, Simulator
from azfiles_sim.storage.disk import DiskStore

from .conftest import ACCOUNT, control_of

LARGE = bytes(range(256)) * 4096


def test_what_was_gone_back_to_is_what_the_folder_holds_next_time(tmp_path):
    clock = ManualClock()
    first = Simulator(clock=clock, store=DiskStore.open(tmp_path))
    assert first.is_on_disk
    control = first.control
    control.plant(ACCOUNT, "data", {"d/f": LARGE})
    control.fork("kept")
    control.plant(ACCOUNT, "data", {"d/f": b"overwritten", "g": b"more"})
    control.create_account("mine", keys=(b"key",))
    assert control_of(first).ask("POST", "/forks/kept/restore") == (200, {})
    first.close()
    second = Simulator(clock=clock, store=DiskStore.open(tmp_path))
    assert [account.name for account in second.control.accounts()] == [ACCOUNT]
    with azfiles.connect(second.handle, clock=clock) as client:
        assert client.share("data").file("d/f").download() == LARGE
        assert [entry.name for entry in client.share("data").root.list()] == ["d"]
    second.close()


def test_a_reset_leads_back_to_what_the_folder_held_when_it_was_opened(tmp_path):
    with DiskStore.open(tmp_path) as store:
        Simulator(store=store).control.plant(ACCOUNT, "old", {"f": LARGE})
    with DiskStore.open(tmp_path) as store:
        simulator = Simulator(store=store)
        simulator.control.plant(ACCOUNT, "new", {"f": b"1"})
        assert {one.share for one in simulator.control.diff()} == {"new"}
        simulator.reset()
        assert simulator.control.diff() == ()
        with azfiles.connect(simulator.handle) as client:
            assert [share.name for share in client.list_shares()] == ["old"]
            assert client.share("old").file("f").download() == LARGE


def test_an_account_made_by_control_is_there_next_time_and_a_deleted_one_is_not(tmp_path):
    with DiskStore.open(tmp_path) as store:
        control = Simulator(store=store).control
        control.create_account("kept", keys=(b"key",), soft_delete_days=3)
        control.create_account("gone", keys=(b"key",))
        control.set_soft_delete(ACCOUNT, 7)
        control.plant("gone", "data", {"f": LARGE})
        control.delete_account("gone")
    with DiskStore.open(tmp_path) as store:
        accounts = Simulator(store=store).accounts
        assert [(spec.name, spec.soft_delete_days) for spec in accounts] == [(ACCOUNT, 7), ("kept", 3)]


def test_an_exported_share_comes_back_in_a_folder_store(tmp_path):
    with DiskStore.open(tmp_path / "state") as store:
        simulator = Simulator(store=store)
        simulator.control.plant(ACCOUNT, "data", {"d/f": LARGE})
        simulator.control.export_share(ACCOUNT, "data", tmp_path / "out")
        assert (tmp_path / "out/content/d/f").read_bytes() == LARGE
        simulator.control.import_share(ACCOUNT, "copied", tmp_path / "out")
        with azfiles.connect(simulator.handle) as client:
            assert client.share("copied").file("d/f").download() == LARGE


def test_a_simulator_in_memory_has_nothing_to_close():
    simulator = Simulator()
    assert not simulator.is_on_disk
    simulator.close()
    assert simulator.control.forks() == ()
