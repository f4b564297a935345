"""Copies of trees inside the service: in a share, across shares and accounts, and such as take their time."""

from __future__ import annotations

from datetime import timedelta

import pytest

import azfiles
from azfiles.runners.blocking import BlockingRunner
from azfiles.runners.seeded import SeededRunner
from azfiles_sim import AccountSpec, Quirks, Simulator
from azfiles_sim.faults import Refuse, Rule, Script
from tests.trees.local import content_of, plant, remote_content


def test_a_copy_is_the_same_with_times_attributes_metadata_and_headers(service, share, folder):
    share.directory("from").upload_tree(folder, guess_content_type=True)
    share.file("from/a/one.txt").set_metadata({"k": "v"})
    share.file("from/nothing").set_smb_properties(azfiles.SmbSettings(attributes="Hidden"))
    other = service.share("other")
    other.create()
    dry = share.directory("from").copy_tree(other.directory("x/to"), dry_run=True)
    assert list(other.root.walk()) == []
    report = share.directory("from").copy_tree(other.directory("x/to"), keep_steps=True)
    assert dry.steps == report.steps
    assert remote_content(other.directory("x/to")) == content_of(folder)
    before, after = (each.get_properties() for each in (share.file("from/a/one.txt"), other.file("x/to/a/one.txt")))
    assert (before.smb.exact.last_write, before.metadata, before.http) == (
        after.smb.exact.last_write,
        after.metadata,
        after.http,
    )
    assert other.file("x/to/nothing").get_properties().smb.attributes == "Hidden"
    assert share.directory("from").copy_tree(other.directory("x/to"), existing="time").unchanged == 3


def test_a_copy_deletes_what_is_extra_if_asked(share, tmp_path):
    share.directory("from").upload_tree(plant(tmp_path / "here", {"f": b"1"}))
    share.directory("to").upload_tree(plant(tmp_path / "there", {"g": b"2", "d/h": b"3"}))
    assert share.directory("from").copy_tree(share.directory("to")).deleted == 0
    assert share.directory("from").copy_tree(share.directory("to"), delete=True).deleted == 3
    assert remote_content(share.directory("to")) == {"f": b"1"}


def test_a_copy_into_itself_or_one_that_would_delete_its_source_is_refused(share, folder):
    share.directory("A").upload_tree(folder)
    for wrong in ("a", "A/x", "a/X/y"):
        with pytest.raises(azfiles.InvalidArgument, match="in one another"):
            share.directory("A").copy_tree(share.directory(wrong))
    with pytest.raises(azfiles.InvalidArgument, match="in one another"):
        share.directory("A/a").copy_tree(share.root, delete=True)
    share.directory("A/a").copy_tree(share.root).raise_for_failures()
    assert {"A/a/one.txt", "one.txt", "b/deep.bin"} <= set(remote_content(share.root))


@pytest.fixture
def two(clock):
    """Shares in two accounts; copies between them take their time."""
    keys = AccountSpec.from_text("elsewhere", azfiles.EMULATOR_KEY).keys
    simulator = Simulator(
        [AccountSpec("devstoreaccount1", keys=keys), AccountSpec("elsewhere", keys=keys)],
        clock=clock,
        quirks=Quirks(pending_copy_bytes_per_s=10),
    )
    far = azfiles.connect(
        simulator.handle, azfiles.SharedKey("elsewhere", azfiles.EMULATOR_KEY), clock=clock, retry=None
    )
    sas = far.make_sas(permissions="rl", resource_types="sco", expires_at=timedelta(days=1))
    near = azfiles.connect(simulator.handle, clock=clock, retry=None).share("near")
    near.create()
    far.share("far").create()
    signed = azfiles.connect(
        f"https://elsewhere.file.core.windows.net?{sas.token}",
        transport=azfiles.InProcessTransport(simulator.handle),
        clock=clock,
        retry=None,
    )
    return simulator, near, far.share("far"), signed.share("far")


def test_a_copy_that_takes_its_time_is_waited_for_and_appears_when_it_is_whole(two, clock, tmp_path):
    simulator, near, far, signed = two
    far.root.upload_tree(plant(tmp_path / "here", {"f": bytes(range(100)), "d/g": b"12345"}))
    began = clock.time()
    signed.root.copy_tree(near.directory("to")).raise_for_failures()
    assert clock.time() - began >= 10
    assert remote_content(near.directory("to")) == {"f": bytes(range(100)), "d": None, "d/g": b"12345"}
    assert near.file("to/f").get_copy_status().status == "success"
    renames = [
        entry for entry in simulator.journal if entry.target.startswith("/near/") and "comp=rename" in entry.target
    ]
    assert len(renames) == 2


def test_a_copy_that_cannot_be_followed_is_a_failure_and_leaves_nothing(two, tmp_path):
    simulator, near, far, signed = two
    far.root.upload_tree(plant(tmp_path / "here", {"f": bytes(100), "g": b"1"}))
    simulator.faults.plan = Script([Rule(Refuse("InternalError"), ("F3",), path="near/to/*", times=1)])
    report = signed.root.copy_tree(near.directory("to"), concurrency=1)
    assert [failure.path for failure in report.failures] == ["f"]
    assert not report.failures[0].error.may_have_acted
    assert remote_content(near.directory("to")) == {"g": b"1"}


def test_a_source_without_a_signature_is_a_failure_for_each_file(two, tmp_path):
    _, near, far, _ = two
    far.root.upload_tree(plant(tmp_path / "here", {"f": b"1", "g": b"2"}))
    report = far.root.copy_tree(near.directory("to"))
    assert [failure.path for failure in report.failures] == ["f", "g"]
    assert remote_content(near.root) == {"to": None}


@pytest.mark.parametrize("seed", range(3))
def test_a_copy_that_is_waited_for_no_more_is_aborted_and_leaves_nothing(two, clock, tmp_path, seed):
    simulator, near, far, signed = two
    far.root.upload_tree(plant(tmp_path / "here", {"quick": b"1", "slow": bytes(10_000)}))

    def tell(progress):
        if progress.step.path == "quick":
            raise ZeroDivisionError

    runner = SeededRunner(azfiles.InProcessTransport(simulator.handle), seed=seed, clock=clock)
    with pytest.raises(ZeroDivisionError):
        azfiles.DirectoryClient(signed.root.target, runner).copy_tree(
            near.directory("to"), progress=tell, progress_every=1
        )
    assert remote_content(near.directory("to")) == {"quick": b"1"}
    assert "Abort Copy File" in {entry.operation for entry in simulator.journal}


def test_a_failed_copy_is_a_failure_that_says_why(two, tmp_path):
    simulator, near, far, signed = two
    far.root.upload_tree(plant(tmp_path / "here", {"f": bytes(1000)}))

    class Deleting(azfiles.InProcessTransport):
        """The source goes while it is copied."""

        def send(self, request, timeout_s):
            response = super().send(request, timeout_s)
            if request.method == "PUT" and any(name == "x-ms-copy-source" for name, _ in request.headers):
                far.file("f").delete()
            return response

    runner = BlockingRunner(Deleting(simulator.handle), clock=simulator.clock)
    report = azfiles.DirectoryClient(signed.root.target, runner).copy_tree(near.directory("to"))
    [failure] = report.failures
    assert "could not be copied" in str(failure.error)
    assert not failure.error.may_have_acted
    assert remote_content(near.directory("to")) == {}
