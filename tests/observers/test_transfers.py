"""Transfers of whole files tell how far they are, and of the error that ends them."""

from __future__ import annotations

import io

import pytest

import azfiles
from azfiles.observers import OperationEnded, TransferFailed, TransferProgress
from azfiles_sim.messages import Dropped, Reply

from .watched import Kept, World

DATA = bytes(range(256)) * 4
OPTIONS = {"range_size": 300, "concurrency": 2}


@pytest.fixture
def kept():
    return Kept()


@pytest.fixture
def world():
    return World()


@pytest.fixture
def file(world, kept):
    return world.client(kept, retry=None).share("data").file("a")


def progress(kept):
    return [(event.direction, event.bytes_done, event.bytes_total) for event in kept.of(TransferProgress)]


def ups(file, source, **more):
    file.upload(source, **{**OPTIONS, **more})


UPLOADS = {
    "bytes": lambda file: ups(file, DATA),
    "in place": lambda file: ups(file, DATA, atomic=False),
    "a file object": lambda file: ups(file, io.BytesIO(DATA), size=len(DATA)),
}
DOWNLOADS = {
    "bytes": lambda file: file.download(**OPTIONS),
    "a buffer": lambda file: file.download(into=bytearray(len(DATA)), **OPTIONS),
    "a file object": lambda file: file.download_to(io.BytesIO(), **OPTIONS),
}


@pytest.mark.parametrize("how", UPLOADS)
def test_an_upload_tells_of_each_range_what_is_done_and_how_much_there_is(kept, file, how):
    UPLOADS[how](file)
    assert [total for _, _, total in progress(kept)] == [len(DATA)] * 4
    assert progress(kept)[-1][:2] == ("upload", len(DATA))
    done = [count for _, count, _ in progress(kept)]
    assert done == sorted(done)
    assert kept.of(TransferFailed) == []


@pytest.mark.parametrize("how", DOWNLOADS)
def test_a_download_tells_of_each_range_too(kept, file, how):
    file.upload(DATA)
    kept.clear()
    DOWNLOADS[how](file)
    assert [done for _, done, _ in progress(kept)][-1] == len(DATA)
    assert len(progress(kept)) == 4
    assert {direction for direction, _, _ in progress(kept)} == {"download"}


@pytest.mark.parametrize("observed", [True, False])
def test_a_progress_of_ones_own_is_called_all_the_same(world, observed):
    counts, kept = [], Kept()
    file = world.client(*([kept] if observed else [])).share("data").file("a")
    file.upload(DATA, progress=counts.append, **OPTIONS)
    file.download(progress=counts.append, **OPTIONS)
    assert sum(counts) == 2 * len(DATA)
    assert len(kept.of(TransferProgress)) == (8 if observed else 0)


@pytest.mark.parametrize(
    ("answer", "kind", "status"),
    [
        (Dropped(applied=False), "TransportError", None),
        (Reply(500, "", (("x-ms-error-code", "InternalError"),)), "ServerFault", 500),
    ],
)
@pytest.mark.parametrize("direction", ["upload", "download"])
def test_a_transfer_that_fails_tells_once_why_and_how_far_it_came(kept, world, file, direction, answer, kind, status):
    file.upload(DATA)
    kept.clear()
    asked = []
    method = "PUT" if direction == "upload" else "GET"

    def before(request):
        ranged = any(name == "x-ms-range" for name, _ in request.headers)
        if ranged and request.method == method:
            asked.append(request)
        return answer if len(asked) > 1 and ranged else None

    world._before = before
    with pytest.raises(azfiles.AzureFilesError) as caught:
        file.upload(DATA, **OPTIONS) if direction == "upload" else file.download(**OPTIONS)
    [failed] = kept.of(TransferFailed)
    assert (failed.direction, failed.error_kind) == (direction, type(caught.value).__name__)
    assert failed.status == (status if direction == "download" else None)  # nothing was made, says an upload's error
    assert failed.bytes_done == 300
    cause = next(event for event in kept.of(OperationEnded) if event.error_kind == kind)
    assert kept.index(cause) < kept.index(failed)


def test_a_file_that_is_changed_while_it_is_read_is_a_failed_transfer(kept, world, file):
    file.upload(DATA)
    asked = []

    def before(request):
        if any(name == "x-ms-range" for name, _ in request.headers):
            asked.append(request)
            if len(asked) == 2:
                azfiles.connect(world.simulator.handle, clock=world.clock).share("data").file("a").set_metadata(
                    {"a": "b"}
                )

    world._before = before
    with pytest.raises(azfiles.FileChanged):
        file.download(**OPTIONS)
    [failed] = kept.of(TransferFailed)
    assert (failed.error_kind, failed.status) == ("FileChanged", None)


def test_a_transfer_that_is_left_did_not_fail(kept, file):
    flow = azfiles.FileClient.upload.flow(file.target, DATA, **OPTIONS)
    flow.send(None)
    flow.close()
    assert kept.of(TransferFailed) == []


def test_what_cannot_be_a_transfer_is_none(kept, file):
    with pytest.raises(azfiles.InvalidArgument):
        file.upload(DATA, range_size=0)
    assert kept == []
