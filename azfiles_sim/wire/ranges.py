"""Bytes of files: Get File, Put Range in its two forms, List Ranges."""

from __future__ import annotations

import re
from typing import Final

from azfiles_sim.model.commands import ClearRange, GetFile, ListRanges, PutRange, PutRangeFromUrl
from azfiles_sim.model.crc64 import CRC64_BYTES, crc64, crc64_bytes
from azfiles_sim.model.limits import MAX_RANGE_BYTES
from azfiles_sim.model.results import FileContent, FileResult, RangeCopied, RangesResult, RangeWritten
from azfiles_sim.wire.api_versions import LAST_WRITE_ON_PUT_RANGE_SINCE
from azfiles_sim.wire.call import Answer, Call, HeaderList
from azfiles_sim.wire.copying import read_copy_source
from azfiles_sim.wire.dates import iso_time
from azfiles_sim.wire.headers import (
    base64_text,
    bool_header,
    bounded_range,
    checksum_header,
    choice_header,
    content_md5,
    guid_header,
    instant_query,
    max_results_query,
    own_body,
    parse_range,
    range_header,
    required,
    snapshot_query,
    written_md5,
)
from azfiles_sim.wire.markers import decode_marker, encode_marker
from azfiles_sim.wire.paths import ENCRYPTED_WRITE, echo_structured, read_headers, target_path
from azfiles_sim.wire.refusals import bad_header, bad_query, missing_header
from azfiles_sim.wire.shares import stamp_headers, xml_answer
from azfiles_sim.wire.smb import LAST_WRITE
from azfiles_sim.wire.structured import STRUCTURED_LENGTH, message_size, read_payload, structured_reply
from azfiles_sim.wire.xml_writer import element

RANGE_MD5: Final = "x-ms-range-get-content-md5"
WRITE: Final = "x-ms-write"
SOURCE_RANGE: Final = "x-ms-source-range"
SUPPORT_RENAME: Final = "x-ms-file-support-rename"
_DECIMAL: Final = re.compile(r"[0-9]{1,19}", re.ASCII)


def read_get(call: Call) -> GetFile:
    """Get File. A hash of the range is for ranges of at most 4 MiB ((u) the code for others, and for an open end)."""
    found = range_header(call)
    range_md5 = bool_header(call, RANGE_MD5)
    if range_md5:
        if found is None:
            raise missing_header("x-ms-range")
        _, start, end = found
        if end is None or end - start >= MAX_RANGE_BYTES:
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
    size = result.end - (result.start or 0) + 1
    message = structured_reply(call, result.views, size)
    headers = [("Content-Length", str(size if message is None else message_size(size)))]
    if result.start is None:
        headers += read_headers(call, file)
    else:
        headers.append(("Content-Range", f"bytes {result.start}-{result.end}/{file.size}"))
        headers += read_headers(call, file, hash_name="x-ms-content-md5")
    headers.append(("Accept-Ranges", "bytes"))
    if result.range_md5 is not None:
        headers.append(("Content-MD5", base64_text(result.range_md5)))
    if message is not None:
        headers.append((STRUCTURED_LENGTH, str(size)))
        echo_structured(call, headers)
    return Answer(200 if result.start is None else 206, headers, result.views if message is None else message)


def read_put(call: Call) -> PutRange:
    """Put Range, update: as many bytes as the range says, 4 MiB at most ((u) the code for a wrong length)."""
    if required(call, WRITE).lower() != "update":  # clear has a route of its own
        raise bad_header(WRITE, call.headers[WRITE])
    start, end = _written_range(call)
    data, size = read_payload(call, own_body(call))
    if size != end - start + 1:
        raise bad_header("Content-Length", str(call.body_size))
    return PutRange(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        lease_id=guid_header(call, "x-ms-lease-id"),
        start=start,
        end=end,
        data=data,
        data_md5=written_md5(call, data),
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


def read_put_from_url(call: Call) -> PutRangeFromUrl:
    """Put Range from URL: both ranges, of one length, and no body ((u) the code for other lengths)."""
    if required(call, WRITE).lower() != "update":
        raise bad_header(WRITE, call.headers[WRITE])
    start, end = _written_range(call)
    source_start, source_end = parse_range(SOURCE_RANGE, required(call, SOURCE_RANGE))
    if source_end is None or source_end - source_start != end - start:
        raise bad_header(SOURCE_RANGE, call.headers[SOURCE_RANGE])
    if call.body_size:
        raise bad_header("Content-Length", str(call.body_size))
    return PutRangeFromUrl(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        lease_id=guid_header(call, "x-ms-lease-id"),
        start=start,
        end=end,
        source=read_copy_source(call, takes_token=True),
        source_start=source_start,
        source_crc64=checksum_header(call, "x-ms-source-content-crc64", CRC64_BYTES),
        if_match_crc64=checksum_header(call, "x-ms-source-if-match-crc64", CRC64_BYTES),
        if_none_match_crc64=checksum_header(call, "x-ms-source-if-none-match-crc64", CRC64_BYTES),
        keep_last_write=_keeps_last_write(call),
    )


def _written_range(call: Call) -> tuple[int, int]:
    """The range of an update: at most 4 MiB."""
    start, end = bounded_range(call)
    if end - start >= MAX_RANGE_BYTES:
        raise bad_header("x-ms-range" if "x-ms-range" in call.headers else "Range", f"bytes={start}-{end}")
    return start, end


def render_copied(call: Call, result: RangeCopied) -> Answer:
    """A checksum of another kind than Put Range's, and no hash."""
    headers = stamp_headers(result.file.stamp)
    headers += (("x-ms-content-crc64", base64_text(crc64_bytes(crc64(result.views)))), ENCRYPTED_WRITE)
    _add_last_write(headers, call, result.file.smb.last_write)
    return Answer(201, headers)


def _keeps_last_write(call: Call) -> bool:
    return choice_header(call, LAST_WRITE, ("Now", "Preserve")) == "Preserve"


def render_written(call: Call, result: RangeWritten) -> Answer:
    headers = stamp_headers(result.file.stamp)
    if result.content_md5 is not None:
        headers.append(("Content-MD5", base64_text(result.content_md5)))
    headers.append(ENCRYPTED_WRITE)
    _add_last_write(headers, call, result.file.smb.last_write)
    echo_structured(call, headers)
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
        previous=instant_query(call, "prevsharesnapshot"),
        support_rename=bool_header(call, SUPPORT_RENAME),
        marker=_start_in_marker(call),
        max_results=max_results_query(call),
    )


def _start_in_marker(call: Call) -> int | None:
    marker = call.query.get("marker")
    if not marker:
        return None
    text = decode_marker(marker)
    if not _DECIMAL.fullmatch(text):
        raise bad_query("marker", marker)
    return int(text)


def render_list(_call: Call, result: RangesResult) -> Answer:
    """Written and cleared ranges in one order of offsets. On the last page there is no marker element (recorded)."""
    kinds = [("Range", *found) for found in result.ranges] + [("ClearRange", *found) for found in result.cleared]
    content = "".join(
        [
            f"<{kind}><Start>{start}</Start><End>{end}</End></{kind}>"
            for kind, start, end in sorted(kinds, key=lambda item: item[1])
        ]
    )
    if result.next_start is not None:
        content += element("NextMarker", encode_marker(str(result.next_start)))
    headers = [*stamp_headers(result.file.stamp), ("x-ms-content-length", str(result.file.size))]
    return xml_answer(f"<Ranges>{content}</Ranges>" if content else "<Ranges />", headers)
