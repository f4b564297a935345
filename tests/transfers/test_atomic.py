"""An atomic upload, killed or disturbed at every point: a reader sees the old file, the new one or none, never a mixture."""

from __future__ import annotations

import re
from itertools import combinations, product
from types import SimpleNamespace

import pytest

import azfiles
from azfiles.flows.effects import Gather
from azfiles.flows.swapping import create_new
from azfiles.flows.uploading import upload
from tests.flows.test_lost_replies import FAULTS, Trouble
from tests.proof import PROVING, THOROUGH
from tests.transfers.dying import Fuse, Killed, dying_runner
from tests.transfers.worlds import LEASE, NEW, OLD, RANGE, TEMPORARY, OnlyIterable, make_world

WORLD = make_world()
FAILURES = [name for name in FAULTS if name != "none"]

DEEDS = {
    "over an old file": ("f", lambda file: upload(file.target, NEW, range_size=RANGE)),
    "where there is none": ("new", lambda file: upload(file.target, NEW, range_size=RANGE)),
    "over a leased file": ("held", lambda file: upload(file.target, NEW, range_size=RANGE, lease_id=LEASE)),
    "of unknown length": ("f", lambda file: upload(file.target, OnlyIterable(NEW * 3, 20), range_size=RANGE)),
    "with all checks": (
        "f",
        lambda file: upload(
            file.target, NEW, range_size=RANGE, checksum="md5", content_md5=True, read_back=True, concurrency=1
        ),
    ),
    "as a new file": ("new", lambda file: create_new(file.target, NEW)),
}
TRIED = list(DEEDS) if THOROUGH else ["over an old file", "over a leased file", "as a new file"]
WHOLE = {"of unknown length": NEW * 3}


class Watched:
    """A service, and a reader who looks at one file after each request of somebody else."""

    def __init__(self, world, name):
        self.inside, self.file, self.seen = world.simulator, world.share().file(f"d/{name}"), []
        self.look()

    def handle(self, request, *connection):
        reply = self.inside.handle(request, *connection)
        self.look()
        return reply

    def look(self):
        try:
            self.seen.append(bytes(self.file.get().content))
        except azfiles.NotFound:
            self.seen.append(None)


def carried_out(deed, fuse, seed=0):
    """The world after a process did it, or died; what a reader saw; and what came of it."""
    name, flow_of = DEEDS[deed]
    world = WORLD.fork()
    watched = Watched(world, name)
    runner = dying_runner(world.simulator, world.clock, fuse, seed, watched.handle)
    try:
        outcome = runner.run(flow_of(world.share().file(f"d/{name}")))
    except (Killed, azfiles.AzureFilesError) as error:
        outcome = error
    return world, watched.seen, outcome


@pytest.mark.parametrize("deed", TRIED)
def test_killed_at_any_effect_it_leaves_the_old_file_or_the_new_one_and_at_most_a_recognisable_temporary_file(deed):
    """The effect that it dies at is performed, or is not: ``make test`` tries one of the two at each, CI both."""
    name = DEEDS[deed][0]
    whole = Fuse()
    world, seen, outcome = carried_out(deed, whole)
    assert isinstance(outcome, azfiles.Uploaded)
    new = WHOLE.get(deed, NEW)
    old = seen[0]
    assert (world.contents()[name], seen[-1]) == (new, new)
    assert set(world.contents()) == {"f", "held", name}
    seeds = range(8 if PROVING else 2 if THOROUGH else 1)
    for seed, place, performed in product(seeds, range(1, whole.steps + 1), [False, True]):
        if not THOROUGH and place % 2 == performed:
            continue
        world, seen, outcome = carried_out(deed, Fuse(place, performed=performed), seed)
        assert isinstance(outcome, Killed)
        assert set(seen) <= {old, new}, f"killed at {place}"
        assert seen == sorted(seen, key=lambda content: content == new), f"killed at {place}: it came and went"
        left = set(world.contents()) - {"f", "held", name}
        assert len(left) <= 1
        assert all(re.fullmatch(TEMPORARY, each) for each in left), left
        assert world.leased() - left <= {"held"}


@pytest.mark.parametrize("deed", TRIED)
def test_whatever_its_requests_meet_a_reader_sees_one_or_the_other_and_nothing_is_left(deed):
    name, flow_of = DEEDS[deed]
    old, new = WORLD.contents().get(name), WHOLE.get(deed, NEW)
    depth = 2 if PROVING else 1
    requests = Fuse()
    carried_out(deed, requests)
    places = range(requests.steps)
    runs = 0
    for chosen, met in product(combinations(places, depth), product(FAILURES, repeat=depth)):
        if not THOROUGH and (sum(chosen) + FAILURES.index(met[0])) % 8:
            continue  # an eighth of them, at every request
        faults = ["none"] * (max(chosen) + 1)
        for place, kind in zip(chosen, met, strict=True):
            faults[place] = kind
        world = WORLD.fork()
        watched = Watched(world, name)
        trouble = Trouble(SimpleNamespace(simulator=watched, clock=world.clock), faults)
        service = azfiles.connect(trouble.handle, clock=world.clock, seed=5)
        service.runner.run(flow_of(service.share("data").file(f"d/{name}")))
        assert set(watched.seen) <= {old, new}, faults
        assert world.contents() == {"f": OLD, "held": OLD, name: new}, faults
        runs += 1
    assert runs >= (15 if THOROUGH else 1)


@pytest.mark.parametrize("kind", FAILURES)
@pytest.mark.parametrize("deed", TRIED)
def test_a_service_that_is_gone_from_any_request_on_leaves_what_the_error_says(deed, kind):
    name, flow_of = DEEDS[deed]
    before, new = WORLD.contents(), WHOLE.get(deed, NEW)
    requests = Fuse()
    carried_out(deed, requests)
    places = range(requests.steps) if THOROUGH else range(FAILURES.index(kind), requests.steps, 9)
    for place in places:
        world = WORLD.fork()
        trouble = Trouble(world, ["none"] * place + [kind] * 400)
        service = azfiles.connect(trouble.handle, clock=world.clock, seed=5)
        with pytest.raises(azfiles.AzureFilesError) as caught:
            service.runner.run(flow_of(service.share("data").file(f"d/{name}")))
        error, contents = caught.value, world.contents()
        visible = {each: content for each, content in contents.items() if not re.fullmatch(TEMPORARY, each)}
        assert visible in (before, {**before, name: new}), place
        if not error.may_have_acted:
            assert visible == before, f"{place}: {error!r}"
        if visible != contents:
            assert "left behind" in str(getattr(error, "__notes__", "")), place


@pytest.mark.parametrize("seed", range(200 if PROVING else 60 if THOROUGH else 6))
def test_a_reader_of_many_ranges_beside_it_gets_one_whole_version_or_hears_that_the_file_changed(seed):
    world = WORLD.fork()
    share = world.share(seed=seed)
    read = []

    def reader():
        for _ in range(3):
            try:
                flow = azfiles.FileClient.download.flow(share.file("d/f").target, range_size=5, concurrency=2)
                read.append(bytes((yield from flow)))
            except azfiles.FileChanged:
                read.append("changed")

    def both():
        return (yield Gather([upload(share.file("d/f").target, NEW, range_size=RANGE), reader(), reader()], 3))

    share.runner.run(both())
    assert set(read) <= {OLD, NEW, "changed"}
    assert world.contents() == {"f": NEW, "held": OLD}


@pytest.mark.parametrize("seed", range(60 if THOROUGH else 4))
def test_of_several_uploads_at_once_one_whole_content_is_there_in_the_end(seed):
    world = WORLD.fork()
    share = world.share(seed=seed)
    contents = [bytes([65 + number]) * 30 for number in range(4)]

    def all_of_them():
        target = share.file("d/f").target
        return (yield Gather([upload(target, content, range_size=RANGE) for content in contents], 4))

    share.runner.run(all_of_them())
    assert world.contents()["f"] in contents
    assert set(world.contents()) == {"f", "held"}


@pytest.mark.parametrize("seed", range(60 if THOROUGH else 12))
def test_a_cancelled_upload_leaves_no_temporary_file(seed):
    world = WORLD.fork()
    share = world.share(seed=seed)

    def failing():
        for _ in range(seed % 12):
            yield from azfiles.FileClient.get_properties.flow(share.file("d/f").target)
        raise ZeroDivisionError

    def both():
        return (yield Gather([upload(share.file("d/new").target, NEW, range_size=RANGE), failing()], 2))

    with pytest.raises(ZeroDivisionError):
        share.runner.run(both())
    assert set(world.contents()) <= {"f", "held", "new"}
    assert world.contents().get("new", NEW) == NEW
