"""The content of one file from a source, under whatever name: created, filled, checked."""

from __future__ import annotations

import base64
from typing import TypeAlias

from azfiles.core import files
from azfiles.core.versions import CREATE_WITH_DATA
from azfiles.errors import FileChanged
from azfiles.flows.call import call
from azfiles.flows.effects import Flow
from azfiles.flows.targets import Target
from azfiles.flows.transfers.carrying import Settings
from azfiles.flows.transfers.checking import WholeHash, is_zero, range_md5
from azfiles.flows.transfers.comparing import check_read_back
from azfiles.flows.transfers.filling import Filling, Pace, first_capacity
from azfiles.flows.transfers.manifests import Manifest
from azfiles.flows.transfers.sources import Begun, Memory, Room, Source
from azfiles.flows.transfers.temporary import Made
from azfiles.models import RangeWritten, Written
from azfiles.records import dataclass

Answer: TypeAlias = Written | RangeWritten


@dataclass(frozen=True, slots=True)
class Order:
    """How content is to be written: ``checksum`` is ``crc64``, ``md5`` or ``None`` for each range."""

    pace: Pace
    checksum: str | None = None
    content_md5: bool = False
    read_back: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """``last`` is the answer to the last request, ``None`` where several ended in any order."""

    size: int
    content_md5: str | None
    last: Answer | None


def begin(source: Source, range_size: int) -> Flow[Source]:
    """Read the first chunk of a source whose size nobody knows: most have no second one, and then it is known."""
    if source.size is not None:
        return source
    room = Room(range_size)
    first = yield from source.chunk(0, range_size, room)
    return Memory(first) if len(first) < range_size else Begun(first, room, source)


def write_content(
    order: Order,
    made: Made,
    source: Source,
    settings: Settings,
    *,
    lease_id: str | None = None,
    manifest: Manifest | None = None,
) -> Flow[Content]:
    """Create the file (or go on with one that was created before) and write all that the source has."""
    place = made.place
    whole = WholeHash() if order.content_md5 or order.read_back else None
    created: Written | None = None
    capacity = first_capacity(order.pace) if source.size is None else source.size
    if not made.created:
        if _is_for_one_request(order, place, source):
            return (yield from _create_with_data(order, made, source, settings, lease_id))
        created = yield from _create(place, capacity, settings, lease_id)
        made.created, made.file_id = True, created.smb.file_id
        if manifest is not None:
            manifest.file_id = made.file_id or ""
            yield from manifest.save()
    filling = Filling(
        place,
        source,
        order.pace,
        capacity=capacity,
        checksum=order.checksum,
        lease_id=lease_id,
        whole_hash=whole,
        manifest=manifest,
    )
    filled = yield from filling.run()
    yield from source.check()
    last: Answer | None = filled.only if filled.requests else created
    if whole is not None and order.read_back:
        yield from check_read_back(place, filled.size, whole.text, order.pace, order.checksum, lease_id)
    if whole is None or not order.content_md5:
        return Content(filled.size, None, last)
    http = settings.with_md5(whole.text)
    last = yield from call(place.session, files.set_file_http_headers(place.share, place.path, http, lease_id=lease_id))
    return Content(filled.size, whole.text, last)


def _create(place: Target, size: int, settings: Settings, lease_id: str | None) -> Flow[Written]:
    operation = files.create_file(
        place.share,
        place.path,
        size,
        http=settings.http,
        metadata=settings.metadata,
        smb=settings.smb_first,
        nfs=settings.nfs,
        lease_id=lease_id,
    )
    return (yield from call(place.session, operation))


def _is_for_one_request(order: Order, place: Target, source: Source) -> bool:
    """Whether the service version takes the data along when a file is created, and the source is small enough."""
    size = source.size
    small = size is not None and 0 < size <= order.pace.range_size and not source.in_turn
    return small and place.session.api_version >= CREATE_WITH_DATA[1]


def _create_with_data(
    order: Order, made: Made, source: Source, settings: Settings, lease_id: str | None
) -> Flow[Content]:
    """One request for all of it."""
    size = source.size or 0
    data = yield from source.chunk(0, size, Room(size))
    if len(data) != size:
        raise FileChanged(f"the local file ended after {len(data)} bytes, while it was uploaded")
    md5 = (yield from range_md5(data)) if order.content_md5 or order.read_back or order.checksum == "md5" else None
    text = None if md5 is None else base64.b64encode(md5).decode("ascii")
    place = made.place
    operation = files.create_file(
        place.share,
        place.path,
        size,
        http=settings.with_md5(text) if text is not None and order.content_md5 else settings.http,
        metadata=settings.metadata,
        smb=settings.smb_first,
        nfs=settings.nfs,
        lease_id=lease_id,
        data=None if is_zero(data) else data,
        checksum=order.checksum if order.checksum == "crc64" and not is_zero(data) else None,
        content_md5=md5 if order.checksum == "md5" and not is_zero(data) else None,
    )
    created = yield from call(place.session, operation)
    made.created, made.file_id = True, created.smb.file_id
    order.pace.advance(size)
    yield from source.check()
    if order.read_back and text is not None:
        yield from check_read_back(place, size, text, order.pace, order.checksum, lease_id)
    return Content(size, text if order.content_md5 else None, created)


__all__ = ["Answer", "Content", "Order", "begin", "write_content"]
