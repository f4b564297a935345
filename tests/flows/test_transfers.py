"""Whole files up and down, against a byte array that answers as the service does, and against the simulator."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import azfiles
from azfiles.errors import FileChanged, InvalidArgument, InvalidRange, ServiceError
from azfiles.flows.downloading import download
from azfiles.flows.effects import Gather
from azfiles.flows.uploading import upload
from azfiles_sim import ManualClock, Simulator
from tests.flows.feeding import feed, response, target

MIB = 2**20


class OneFile:
    """One file under any name; ``meddle`` is called before each read and may change it."""

    def __init__(self, content=b"", meddle=lambda file: None):
        self.content, self.etag, self.meddle = bytearray(content), 1, meddle
        self.requests = []

    def answer(self, request):
        headers = dict(request.headers)
        self.requests.append(f"{request.method} {headers.get('x-ms-range', '')}".strip())
        etag = {"ETag": f'"{self.etag}"'}
        if request.method == "DELETE":
            return response(202)
        if request.method == "PUT" and "comp=rename" in request.target:
            return response(200, **etag)
        if request.method == "PUT" and "comp=range" in request.target:
            first, last = map(int, re.findall(r"\d+", headers["x-ms-range"]))
            self.content[first : last + 1] = b"".join(request.body)
            self.etag += 1
            return response(201, **{**etag, "ETag": f'"{self.etag}"'})
        if request.method == "PUT":
            self.content = bytearray(int(headers["x-ms-content-length"]))
            return response(201, **etag)
        self.meddle(self)
        etag = {"ETag": f'"{self.etag}"'}
        if request.method == "HEAD":
            length = str(len(self.content))
            return azfiles.Response(
                200, "", azfiles.Headers([("Content-Length", length), *response(200, **etag).headers.pairs[:-1]])
            )
        first, last = map(int, re.findall(r"\d+", headers["x-ms-range"]))
        if "comp=rangelist" in request.target:
            return response(200, self.written(first, last + 1), x_ms_content_length=str(len(self.content)), **etag)
        part = bytes(self.content[first : last + 1])
        if not part:
            return response(416, x_ms_error_code="InvalidRange")
        place = f"bytes {first}-{first + len(part) - 1}/{len(self.content)}"
        if request.sink is None:
            return response(206, part, Content_Range=place, **etag)
        request.sink[: len(part)] = part
        done = response(206, part, Content_Range=place, **etag)
        return azfiles.Response(206, "", done.headers, request.sink[: len(part)])

    def written(self, first, end):
        """The document of the ranges that hold anything but zeros."""
        spans = (each.span() for each in re.compile(rb"[^\0]+").finditer(self.content, first, end))
        ranges = "".join(f"<Range><Start>{start}</Start><End>{stop - 1}</End></Range>" for start, stop in spans)
        return f'<?xml version="1.0" encoding="utf-8"?><Ranges>{ranges}</Ranges>'.encode()


@given(st.binary(max_size=40), st.integers(1, 50), st.integers(1, 4))
def test_what_is_uploaded_is_what_the_file_then_holds(data, range_size, concurrency):
    file, done = OneFile(), []
    result = feed(
        upload(target("f"), data, atomic=False, range_size=range_size, concurrency=concurrency, progress=done.append),
        file.answer,
    )
    assert file.content == data
    assert (result.size, result.etag) == (len(data), f'"{file.etag}"')
    assert sum(done) == len(data)
    assert len(done) == -(-len(data) // range_size)


@example(data=bytes(17), range_size=1, concurrency=1, into=False)
@example(data=bytes(12) + b"end of it", range_size=1, concurrency=3, into=True)
@given(st.binary(max_size=40), st.integers(1, 50), st.integers(1, 4), st.booleans())
def test_what_is_downloaded_is_what_the_file_holds(data, range_size, concurrency, into):
    file, done = OneFile(data), []
    buffer = bytearray(50) if into else None
    content = feed(
        download(target("f"), into=buffer, range_size=range_size, concurrency=concurrency, progress=done.append),
        file.answer,
    )
    assert bytes(content) == data
    assert sum(done) == len(data)
    assert buffer is None or buffer[: len(data)] == data


def test_a_small_file_is_one_request_down_and_four_up_of_which_two_are_for_keeping_the_old_one():
    file = OneFile(b"data")
    feed(download(target("f")), file.answer)
    assert file.requests == ["GET bytes=0-4194303"]
    file = OneFile()
    feed(upload(target("f"), b"data"), file.answer)
    assert file.requests == ["HEAD", "PUT", "PUT bytes=0-3", "PUT"]
    file = OneFile()
    feed(upload(target("f"), b"data", atomic=False, carry_over=False), file.answer)
    assert file.requests == ["PUT", "PUT bytes=0-3"]


def test_a_transfer_has_as_many_workers_as_asked_for_and_no_more_than_have_something_to_do():
    seen = []
    for concurrency in (7, 2):
        feed(upload(target("f"), b"0123456789", range_size=3, concurrency=concurrency), OneFile().answer, seen)
        feed(download(target("f"), range_size=3, concurrency=concurrency), OneFile(bytes(10)).answer, seen)
    assert [(len(each.flows), each.limit) for each in seen if isinstance(each, Gather)] == [
        (4, 4),
        (3, 3),
        (2, 2),
        (2, 2),
    ]


def test_data_of_any_item_size_is_sent_as_its_bytes():
    file = OneFile()
    feed(upload(target("f"), memoryview(b"\1\0\2\0").cast("H"), atomic=False), file.answer)
    assert file.content == b"\1\0\2\0"


@pytest.mark.parametrize("data", ["text", None, memoryview(b"abcd")[::2]])
def test_what_has_no_bytes_in_a_row_cannot_be_uploaded(data):
    with pytest.raises(InvalidArgument, match="contiguous"):
        feed(upload(target("f"), data), OneFile().answer)


@pytest.mark.parametrize("into", [b"frozen", "text", memoryview(bytearray(8))[::2]])
def test_what_cannot_be_written_to_cannot_be_downloaded_into(into):
    with pytest.raises(InvalidArgument, match="writable"):
        feed(download(target("f"), into=into), OneFile(b"x").answer)


@pytest.mark.parametrize("room", [0, 3])
def test_a_buffer_too_small_for_the_file_is_refused(room):
    with pytest.raises((InvalidArgument, FileChanged), match="4 bytes"):
        feed(download(target("f"), into=bytearray(room)), OneFile(b"data").answer)


@pytest.mark.parametrize("range_size", [0, 4 * MIB + 1])
def test_a_range_size_that_the_service_cannot_take_is_refused(range_size):
    for flow in (upload(target("f"), b"x", range_size=range_size), download(target("f"), range_size=range_size)):
        with pytest.raises(InvalidArgument, match="range_size"):
            feed(flow, OneFile(b"x").answer)


@pytest.mark.parametrize("concurrency", [0, -1, 2.0])
def test_a_concurrency_that_is_none_is_refused_before_a_file_is_overwritten(concurrency):
    file = OneFile(b"x")
    for flow in (upload(target("f"), b"y", concurrency=concurrency), download(target("f"), concurrency=concurrency)):
        with pytest.raises(InvalidArgument, match="concurrency"):
            feed(flow, file.answer)
    assert file.requests == []


def after(count, change):
    """Calls ``change`` before the read with this number."""
    reads = [0]

    def meddle(file):
        reads[0] += 1
        if reads[0] == count:
            change(file)

    return meddle


def rewrite(file):
    file.etag += 1


def shrink_in_a_range(file):
    del file.content[7:]


def shrink_before_a_range(file):
    del file.content[6:]


@pytest.mark.parametrize("change", [rewrite, shrink_in_a_range, shrink_before_a_range])
def test_a_file_that_changes_between_two_ranges_is_not_pieced_together(change):
    file = OneFile(b"0123456789", after(3, change))
    with pytest.raises(FileChanged, match="changed while it was read"):
        feed(download(target("f"), range_size=3), file.answer)


def test_a_file_that_was_empty_and_then_was_not_has_changed():
    file = OneFile(b"", after(2, lambda file: file.content.extend(b"x")))
    with pytest.raises(FileChanged):
        feed(download(target("f")), file.answer)


def test_an_empty_file_goes_into_an_empty_buffer():
    assert bytes(feed(download(target("f"), into=bytearray(0)), OneFile(b"").answer)) == b""


def test_the_error_of_one_range_is_the_error_of_the_transfer():
    file = OneFile()
    file.answer = lambda request, answer=file.answer: (
        response(416, x_ms_error_code="InvalidRange") if "bytes=3" in str(request.headers) else answer(request)
    )
    with pytest.raises(InvalidRange):
        feed(upload(target("f"), b"0123456789", range_size=3), file.answer)


@given(st.integers())
@settings(max_examples=30, deadline=None)
def test_two_writers_of_one_file_never_leave_a_mixture_that_a_reader_takes_for_whole(seed):
    """Under any interleaving a download is one writer's content, or says that the file changed."""
    clock = ManualClock()
    simulator = Simulator(clock=clock)
    client = azfiles.connect(simulator.handle, clock=clock, seed=seed)
    client.share("data").create()
    file = client.share("data").file("f")
    first, second = b"a" * 12, b"b" * 12
    file.upload(first, range_size=4)

    def rewrite_all():
        yield from upload(file.target, second, range_size=12, atomic=False)

    def read_all():
        try:
            return bytes((yield from download(file.target, range_size=4, concurrency=3)))
        except (FileChanged, ServiceError) as error:
            return error

    _, read = client.runner.run(azfiles_gather([rewrite_all(), read_all()]))
    # Between Create File and Put Range the file is zeros: one content of its own.
    assert isinstance(read, Exception) or read in {first, second, bytes(12)}
    assert bytes(file.download()) == second


def azfiles_gather(flows):
    return (yield Gather(flows, len(flows)))
