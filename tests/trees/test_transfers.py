"""Trees up, down and across: what arrives, what a dry run says of it, and what is told meanwhile."""

from __future__ import annotations

import asyncio
import os

import pytest

import azfiles
from azfiles import TreeAction
from azfiles.flows.trees.accounting import Conduct
from azfiles.flows.trees.choosing import choice_of
from azfiles.flows.trees.handling import Handling, LocalFolder
from azfiles.flows.trees.mirroring import Wish, mirror
from azfiles.flows.trees.planning import Existing
from azfiles_sim.faults import Refuse, Rule, Script
from tests.trees.local import content_of, plant, remote_content, times_of


def test_a_tree_that_goes_up_and_comes_down_is_the_same_with_its_times(share, folder, tmp_path):
    os.utime(folder / "a" / "one.txt", ns=(0, 1_234_567_890_123_456_700))
    up = share.directory("p/q").upload_tree(folder)
    down = share.directory("p/q").download_tree(tmp_path / "there")
    assert content_of(tmp_path / "there") == content_of(folder) == remote_content(share.directory("p/q"))
    assert times_of(tmp_path / "there") == times_of(folder)
    assert up.counts == down.counts == {TreeAction.MAKE_DIRECTORY: 4, TreeAction.TRANSFER: 3}
    assert (up.transferred, up.made, up.bytes, up.failures) == (3, 4, 5123, ())
    assert (folder / "a" / "one.txt").stat().st_mtime_ns == 1_234_567_890_123_456_700
    up.raise_for_failures()


def test_without_keeping_times_files_are_as_new_as_their_transfer(share, folder, tmp_path):
    os.utime(folder / "nothing", ns=(0, 0))
    share.root.upload_tree(folder, keep_times=False)
    assert share.file("nothing").get_properties().smb.last_write_time.year > 2000
    share.root.upload_tree(folder)
    assert share.file("nothing").get_properties().smb.last_write_time.year == 1970
    share.root.download_tree(tmp_path / "there", keep_times=False)
    assert (tmp_path / "there" / "nothing").stat().st_mtime > 0


@pytest.mark.parametrize("existing", ["replace", "keep", "size", "time", "md5"])
def test_what_is_there_already_is_replaced_or_kept_as_asked(share, folder, existing):
    share.root.upload_tree(folder)
    (folder / "a" / "one.txt").write_bytes(b"two")
    os.utime(folder / "a" / "one.txt", ns=(0, 5_000_000_000))
    report = share.root.upload_tree(folder, existing=existing)
    replaced = {"replace": 3, "keep": 0, "size": 0, "time": 1, "md5": 3}[existing]  # no MD5 is stored by the first run
    assert (report.transferred, report.unchanged) == (replaced, 3 - replaced)
    assert bytes(share.file("a/one.txt").download()) == (b"one" if existing in {"keep", "size"} else b"two")
    if existing == "md5":
        assert share.root.upload_tree(folder, existing="md5").unchanged == 3


def test_a_replaced_file_keeps_what_an_upload_keeps(share, folder):
    share.root.upload_tree(folder)
    share.file("a/one.txt").set_metadata({"k": "v"})
    share.root.upload_tree(folder)
    assert share.file("a/one.txt").get_metadata().metadata == {"k": "v"}


@pytest.mark.parametrize("version", ["2025-11-05", "2026-06-06"])
def test_a_new_small_file_is_one_request_where_the_version_takes_data_along(simulator, clock, tmp_path, version):
    service = azfiles.connect(simulator.handle, clock=clock, api_version=version, retry=None)
    service.share("data").create()
    plant(tmp_path / "here", {"f": b"data", "g": b""})
    before = len(simulator.journal)
    report = service.share("data").root.upload_tree(tmp_path / "here")
    assert report.transferred == 2
    looks = 2  # at the destination, and its list
    assert len(simulator.journal) - before == looks + (2 if version == "2026-06-06" else 4)
    assert remote_content(service.share("data").root) == {"f": b"data", "g": b""}


def test_a_small_file_comes_in_one_request(share, simulator, tmp_path):
    share.file("f").upload(b"data")
    before = len(simulator.journal)
    share.root.download_tree(tmp_path / "there")
    assert len(simulator.journal) - before == 3  # a look at the source, its list, and the file


class Counting(azfiles.InProcessTransport):
    """Lets others go on while a request is under way, and knows how many there were at once."""

    under_way = most = 0

    async def send_async(self, request, timeout_s):
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        for _ in range(20):
            await asyncio.sleep(0)
        try:
            return await super().send_async(request, timeout_s)
        finally:
            self.under_way -= 1


def test_large_files_go_in_ranges_and_the_limit_holds_for_the_whole_tree(simulator, clock, tmp_path):
    here = plant(tmp_path / "here", {f"f{number}": os.urandom(9000) for number in range(6)})
    transport = Counting(simulator.handle)
    wish = Wish(choice_of((), ()), Existing.REPLACE)
    handling, conduct = Handling(range_size=1000, checksum=None), Conduct(concurrency=4, connections=2)

    async def run():
        async with azfiles.connect_async("UseDevelopmentStorage=true", transport=transport, clock=clock) as service:
            share = service.share("data")
            await share.create()
            for source, destination in (
                (LocalFolder(str(here)), share.target),
                (share.target, LocalFolder(str(tmp_path / "there"))),
            ):
                transport.most = 0
                report = await share.runner.run(mirror(source, destination, wish, handling, conduct))
                assert (report.bytes, transport.most) == (6 * 9000, 4)
            assert [found.path async for found in share.root.walk()] == [f"f{number}" for number in range(6)]

    asyncio.run(run())
    assert content_of(tmp_path / "there") == content_of(here)


def test_types_are_guessed_if_asked_and_content_is_hashed_if_asked(share, folder):
    share.root.upload_tree(folder, guess_content_type=True, content_md5=True)
    http = share.file("a/one.txt").get_properties().http
    assert http.content_type == "text/plain"
    assert http.content_md5 is not None
    assert share.file("nothing").get_properties().http.content_type == "application/octet-stream"


class Forgetful(azfiles.InProcessTransport):
    """A service that does not keep the time of the last write where data comes along with a creation, and says so."""

    def send(self, request, timeout_s):
        told = [pair for pair in request.headers if pair[0].lower() != "x-ms-file-last-write-time"]
        forgets = (
            request.method == "PUT" and "?" not in request.target and request.body and len(told) < len(request.headers)
        )
        response = super().send(request, timeout_s)
        if not forgets:
            return response
        pairs = [
            (name, "2001-01-01T00:00:00.0000000Z" if name.lower() == "x-ms-file-last-write-time" else value)
            for name, value in response.headers.pairs
        ]
        return azfiles.Response(response.status, response.reason, azfiles.Headers(pairs), response.body)


@pytest.mark.parametrize("refused", [False, True])
def test_a_time_that_the_service_did_not_take_is_said_again_and_told_of_if_that_fails(
    simulator, clock, tmp_path, refused
):
    transport = Forgetful(simulator.handle)
    options = {"transport": transport, "clock": clock, "api_version": "2026-06-06", "retry": None}
    share = azfiles.connect("UseDevelopmentStorage=true", **options).share("data")
    share.create()
    here = plant(tmp_path / "here", {"f": b"data"})
    before = len(simulator.journal)
    if refused:
        simulator.faults.plan = Script([Rule(Refuse("ServerBusy"), ("F5",))])
    report = share.root.upload_tree(here)
    said = [entry.operation for entry in list(simulator.journal)[before:]]
    assert remote_content(share.root) == {"f": b"data"}
    if not refused:
        assert said[-2:] == ["Create File", "Set File Properties"]
        assert (report.failures, share.root.sync_up(here).unchanged) == ((), 1)
        return
    [failure] = report.failures
    assert isinstance(failure.error, azfiles.OutcomeUnknown)
    assert failure.error.may_have_acted
