"""Walks: the order, the pages, the memory, snapshots, and directories that cannot be listed."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

import azfiles
from azfiles.flows.trees.walking import Walk
from azfiles_sim.faults import Refuse, Rule, Script
from tests.proof import some
from tests.trees.local import plant

TREE = {
    "B/b2/x": b"1",
    "B/b1": b"22",
    "a/c/d/e/f": b"333",
    "a/z": None,
    "C": b"",
    **{f"wide/{number:03}/leaf": b"x" for number in range(12)},
}
# A directory before what is in it; names in the service's order, which does not tell case apart.
ORDER = [
    "a", "a/c", "a/c/d", "a/c/d/e", "a/c/d/e/f", "a/z", "B", "B/b1", "B/b2", "B/b2/x", "C", "wide",
    *(f"wide/{number:03}{leaf}" for number in range(12) for leaf in ("", "/leaf")),
]  # fmt: skip


@pytest.fixture
def root(share, tmp_path):
    share.root.upload_tree(plant(tmp_path / "here", TREE)).raise_for_failures()
    return share.root


PACES = [(page_size, concurrency) for page_size in (3, None, 1) for concurrency in (2, 1, 8)]


@pytest.mark.parametrize(("page_size", "concurrency"), some(PACES, 3))
def test_a_walk_is_depth_first_in_the_services_order_whatever_the_pages_and_however_many_at_once(
    root, page_size, concurrency
):
    found = list(root.walk(page_size=page_size, concurrency=concurrency))
    assert [entry.path for entry in found] == ORDER
    assert {entry.path: entry.size for entry in found if entry.size} == {
        path: len(data) for path, data in TREE.items() if data
    }
    assert [entry.path for entry in found if entry.is_directory] == [
        path for path in ORDER if any(other.startswith(f"{path}/") for other in ORDER) or path == "a/z"
    ]
    assert all(isinstance(entry.entry, azfiles.DirectoryEntry) is entry.is_directory for entry in found)
    assert {entry.path for entry in found if entry.is_last} == {
        "a/c/d/e/f", "a/c/d/e", "a/c/d", "a/z", "B/b2/x", "B/b2", "wide", "wide/011",
        *(f"wide/{number:03}/leaf" for number in range(12)),
    }  # fmt: skip


def test_a_walk_of_so_many_levels_asks_for_no_directory_below_them(simulator, root, clock):
    asked: list[str] = []

    def count(request):
        asked.append(request.target.partition("?")[0])
        return simulator.handle(request)

    walk = azfiles.connect(count, clock=clock, retry=None).share("data").root.walk(max_depth=2)
    assert [entry.path for entry in walk] == [path for path in ORDER if path.count("/") < 2]
    assert sorted(asked) == ["/data", "/data/B", "/data/a", "/data/wide"]
    with pytest.raises(azfiles.InvalidArgument, match="max_depth 0"):
        next(root.walk(max_depth=0))


def test_a_walk_from_a_directory_has_paths_from_there_and_what_was_asked_for(share, root):
    found = list(share.directory("a").walk(include="Timestamps"))
    assert [entry.path for entry in found] == ["c", "c/d", "c/d/e", "c/d/e/f", "z"]
    assert all(entry.entry.times is not None for entry in found)


@pytest.mark.parametrize("concurrency", [1, 3])
def test_memory_is_bounded_by_depth_and_pages_not_by_the_size_of_the_tree(share, tmp_path, concurrency):
    bushy = {f"{a}/{b}/{c}": None for a in "abc" for b in "abc" for c in "abcd"}
    share.root.upload_tree(plant(tmp_path / "here", bushy)).raise_for_failures()
    walk, page_size, count, most_ahead = Walk(share.root.target, (), 3, concurrency, None), 3, 0, 0
    while (found := share.root.runner.run(walk.following())) is not None:
        count += len(found)
        most_ahead = max(most_ahead, len(walk._ahead))
        kept = sum(len(level.entries) for level in walk._way) + sum(len(page.entries) for page in walk._ahead.values())
        assert kept <= (len(walk._way) + concurrency - 1) * page_size + len(walk._way)
    assert (count, most_ahead) == (3 + 9 + 36, concurrency - 1)


def test_lists_are_fetched_side_by_side(simulator, root, clock):
    class Counting(azfiles.InProcessTransport):
        under_way = most = 0

        async def send_async(self, request, timeout_s):
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            await asyncio.sleep(0)
            self.under_way -= 1
            return await super().send_async(request, timeout_s)

    async def run(concurrency):
        transport = Counting(simulator.handle)
        async with azfiles.connect_async("UseDevelopmentStorage=true", transport=transport, clock=clock) as service:
            walk = service.share("data").root.walk(concurrency=concurrency)
            assert [entry.path async for entry in walk] == ORDER
        return transport.most

    assert [asyncio.run(run(concurrency)) for concurrency in (1, 3, 5)] == [1, 3, 5]


def test_a_snapshot_is_walked_as_it_was(share, root):
    snapshot = share.create_snapshot().snapshot
    share.directory("a").delete_tree()
    assert [entry.path for entry in share.snapshot(snapshot).root.walk()] == ORDER
    assert next(entry.path for entry in root.walk()) == "B"


def test_a_directory_that_cannot_be_listed_ends_the_walk_or_is_told_of(simulator, root):
    simulator.faults.plan = Script([Rule(Refuse("InternalError"), ("D7",), path="data/a/c")])
    with pytest.raises(azfiles.ServerFault):
        list(root.walk())
    told = []
    found = list(root.walk(on_error=lambda path, error: told.append((path, type(error)))))
    assert told == [("a/c", azfiles.ServerFault)]
    assert [entry.path for entry in found] == [path for path in ORDER if not path.startswith("a/c/")]


def test_a_root_that_is_not_there_is_an_error_also_where_others_are_told_of(share):
    with pytest.raises(azfiles.NotFound):
        list(share.directory("none").walk(on_error=lambda *_: None))


@pytest.mark.parametrize("concurrency", [0, -1, 1.5])
def test_a_limit_that_is_none_is_refused(share, concurrency):
    with pytest.raises(azfiles.InvalidArgument, match="concurrency"):
        list(share.root.walk(concurrency=concurrency))


class Endless(azfiles.InProcessTransport):
    """Each page of a list names itself as the next one."""

    def send(self, request, timeout_s):
        response = super().send(replace(request, target=request.target.replace("&marker=again", "")), timeout_s)
        body = bytes(response.body).replace(b"<NextMarker />", b"<NextMarker>again</NextMarker>")
        pairs = [pair for pair in response.headers.pairs if pair[0].lower() != "content-length"]
        return azfiles.Response(response.status, response.reason, azfiles.Headers(pairs), body)


def test_a_list_without_an_end_is_an_error_and_not_an_endless_loop(simulator, share, tmp_path, clock):
    sas = azfiles.connect(simulator.handle, clock=clock).make_sas(
        permissions="rwdl", resource_types="sco", https_only=False
    )
    transport = Endless(simulator.handle)
    url = f"http://127.0.0.1:10004/devstoreaccount1?{sas.token}"
    root = azfiles.connect(url, transport=transport, clock=clock, retry=None).share("data").root
    share.file("f").upload(b"x")
    with pytest.raises(azfiles.ReplyNotUnderstood, match="never end"):
        list(root.walk())
    report = root.download_tree(tmp_path / "there")
    assert [type(failure.error) for failure in report.failures] == [azfiles.ReplyNotUnderstood]
