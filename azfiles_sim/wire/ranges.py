"""Bytes of files: Get File, Put Range in its two forms, List Ranges."""

from __future__ import annotations

import base64
from typing import Final

from azfiles_sim.model.commands import ClearRange, GetFile, ListRanges, PutRange
from azfiles_sim.model.results import FileContent, FileResult, RangesResult, RangeWritten
from azfiles_sim.wire.api_versions import LAST_WRITE_ON_PUT_RANGE_SINCE
from azfiles_sim.wire.call import Answer, Call, HeaderList
from azfiles_sim.wire.dates import iso_time
from azfiles_sim.wire.headers import (
    MAX_BODY,
    bool_header,
    bounded_range,
    choice_header,
    content_md5,
    guid_header,
    md5_of,
    own_body,
    range_header,
    required,
    snapshot_query,
)
from azfiles_sim.wire.paths import ENCRYPTED_WRITE, read_headers, target_path
from azfiles_sim.wire.refusals import bad_header, missing_header
from azfiles_sim.wire.shares import stamp_headers, xml_answer
from azfiles_sim.wire.smb import LAST_WRITE

RANGE_MD5: Final = "x-ms-range-get-content-md5"
WRITE: Final = "x-ms-write"


def read_get(call: Call) -> GetFile:
    """Get File. A hash of the range is for ranges of at most 4 MiB ((u) the code for others, and for an open end)."""
    found = range_header(call)
    range_md5 = bool_header(call, RANGE_MD5)
    if range_md5:
        if found is None:
            raise missing_header("x-ms-range")
        _, start, end = found
        if end is None or end - start >= MAX_BODY:
            raise bad_header(RANGE_MD5, call.headers[RANGE_MD5])
    return GetFile(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        snapshot=snapshot_query(call),
        lease_id=guid_header(call, "x-ms-lease-id"),
        start=found[1] if found else None,
        end=found[2] if found else None,
        range_md5=range_md5,
    )


def render_content(call: Call, result: FileContent) -> Answer:
    """200 for a whole file, 206 for a range. With a range the stored hash has a name of its own."""
    file = result.file
    if result.start is None:
        headers = [("Content-Length", str(file.size)), *read_headers(call, file), ("Accept-Ranges", "bytes")]
        return Answer(200, headers, result.views)
    headers = [
        ("Content-Length", str(result.end - result.start + 1)),
        ("Content-Range", f"bytes {result.start}-{result.end}/{file.size}"),
        *read_headers(call, file, hash_name="x-ms-content-md5"),
        ("Accept-Ranges", "bytes"),
    ]
    if result.range_md5 is not None:
        headers.append(("Content-MD5", md5_text(result.range_md5)))
    return Answer(206, headers, result.views)


def read_put(call: Call) -> PutRange:
    """Put Range, update: as many bytes as the range says, 4 MiB at most ((u) the code for a wrong length)."""
    if required(call, WRITE).lower() != "update":  # clear has a route of its own
        raise bad_header(WRITE, call.headers[WRITE])
    start, end = bounded_range(call)
    if end - start >= MAX_BODY:
        raise bad_header("x-ms-range" if "x-ms-range" in call.headers else "Range", f"bytes={start}-{end}")
    if call.body_size != end - start + 1:
        raise bad_header("Content-Length", str(call.body_size))
    data = own_body(call)
    return PutRange(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        lease_id=guid_header(call, "x-ms-lease-id"),
        start=start,
        end=end,
        data=data,
        data_md5=md5_of(data),
        content_md5=content_md5(call),
        keep_last_write=_keeps_last_write(call),
    )


def read_clear(call: Call) -> ClearRange:
    """Put Range, clear: no body, no hash, a range of any size."""
    start, end = bounded_range(call)
    if call.body_size:
        raise bad_header("Content-Length", str(call.body_size))
    if call.headers.get("content-md5"):
        raise bad_header("Content-MD5", call.headers["content-md5"])
    return ClearRange(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        lease_id=guid_header(call, "x-ms-lease-id"),
        start=start,
        end=end,
        keep_last_write=_keeps_last_write(call),
    )


def _keeps_last_write(call: Call) -> bool:
    return choice_header(call, LAST_WRITE, ("Now", "Preserve")) == "Preserve"


def render_written(call: Call, result: RangeWritten) -> Answer:
    headers = stamp_headers(result.file.stamp)
    headers += (("Content-MD5", md5_text(result.content_md5)), ENCRYPTED_WRITE)
    _add_last_write(headers, call, result.file.smb.last_write)
    return Answer(201, headers)


def render_cleared(call: Call, result: FileResult) -> Answer:
    """ETag and Last-Modified only, and from 2021-06-08 the last-write time: no hash, no encryption mark."""
    headers = stamp_headers(result.file.stamp)
    _add_last_write(headers, call, result.file.smb.last_write)
    return Answer(201, headers)


def _add_last_write(headers: HeaderList, call: Call, last_write: int) -> None:
    if call.version >= LAST_WRITE_ON_PUT_RANGE_SINCE:
        headers.append((LAST_WRITE, iso_time(last_write)))


def read_list(call: Call) -> ListRanges:
    found = range_header(call)
    return ListRanges(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        snapshot=snapshot_query(call),
        lease_id=guid_header(call, "x-ms-lease-id"),
        start=found[1] if found else None,
        end=found[2] if found else None,
    )


def render_list(_call: Call, result: RangesResult) -> Answer:
    content = "".join([f"<Range><Start>{start}</Start><End>{end}</End></Range>" for start, end in result.ranges])
    headers = [*stamp_headers(result.file.stamp), ("x-ms-content-length", str(result.file.size))]
    return xml_answer(f"<Ranges>{content}</Ranges>" if content else "<Ranges />", headers)


def md5_text(digest: bytes) -> str:
    return base64.b64encode(digest).decode("ascii")
