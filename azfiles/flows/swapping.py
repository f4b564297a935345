"""Replacing a file's content only if it is still what one thinks it is, and making a file only if there is none.

Azure Files knows no ``If-Match``. So a file is compared and written under a lease of one's own: while it is held the
service refuses every other REST writer. And a file is made under a name that nobody else has, then renamed without
replacing: that the service does in one step, and for one of those who try. What these promise and what not is in
``docs/retries.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from azfiles.core import files, leases, ranges
from azfiles.core.arguments import MAX_RANGE_BYTES
from azfiles.errors import AzureFilesError, EtagMismatch, InvalidArgument, LeaseConflict, NotFound, OutcomeUnknown
from azfiles.flows.call import call, refuse_snapshot
from azfiles.flows.effects import Flow, gather, monotonic, new_id, random_fraction, sleep
from azfiles.flows.targets import Target
from azfiles.flows.transfers.carrying import settings_of
from azfiles.flows.transfers.checking import AUTO, chosen_checksum, is_zero
from azfiles.flows.transfers.filling import DEFAULT_CONCURRENCY, Pace, put
from azfiles.flows.transfers.sources import Memory, readable_view
from azfiles.flows.transfers.temporary import (
    Made,
    Renaming,
    beside,
    hasty,
    new_name,
    refuse_without_second_name,
)
from azfiles.flows.transfers.writing import Order
from azfiles.flows.uploading import Uploaded, by_temporary
from azfiles.messages import Buffer
from azfiles.models import FileProperties, HttpHeaders, RangeWritten, SmbSettings, Written

T = TypeVar("T")

DEFAULT_WAIT_S: Final = 30.0
_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 2.0
_HELD_BY_ANOTHER: Final = "LeaseAlreadyPresent"


def update(
    target: Target, transform: Callable[[bytes], Buffer], *, wait_s: float = DEFAULT_WAIT_S, checksum: str | None = AUTO
) -> Flow[Uploaded]:
    """Replace the file's content by what ``transform`` makes of it, and let nobody write in between.

    Takes a lease with an id of its own, reads, writes with the lease and releases it. Where somebody else holds a lease
    it waits, ``wait_s`` seconds at most, and then raises ``LeaseConflict``. ``transform`` is called once, with the whole
    content; what it raises is raised, and nothing is written. Metadata and properties stay. ``checksum="crc64"`` guards
    the content on its way.

    An error whose ``may_have_acted`` is false has written nothing. ``OutcomeUnknown`` may have written all or, where the
    content is larger than 4 MiB or changes its size, a part; or all, and the lease is still held: then ``break_lease``
    ends it. Clients of SMB and whoever sends no lease id while none is held are not kept out; see ``docs/retries.md``.
    """

    def work(lease_id: str) -> Flow[Uploaded]:
        guard = chosen_checksum(target.session, checksum)
        framed = guard if guard == "crc64" else None
        operation = files.get_file(target.share, target.path, lease_id=lease_id, checksum=framed)
        found = yield from call(target.session, operation)
        view = readable_view(transform(bytes(found.content)))
        return (yield from _overwrite(target, view, found.properties, lease_id, checksum))

    return (yield from _under_lease(target, wait_s, work))


def write_if(
    target: Target, content: Buffer, *, etag: str, wait_s: float = DEFAULT_WAIT_S, checksum: str | None = AUTO
) -> Flow[Uploaded]:
    """Replace the file's content if its ETag is still ``etag``, as an earlier read told it; else raise ``EtagMismatch``.

    The same lease, waiting, errors and limits as ``update`` has.
    """
    view = readable_view(content)
    if not etag:
        raise InvalidArgument("etag: the ETag that the file must have is expected, not an empty text")

    def work(lease_id: str) -> Flow[Uploaded]:
        properties = yield from _properties(target, lease_id)
        if properties.etag != etag:
            raise EtagMismatch(
                f"{target.url} has the ETag {properties.etag}, not {etag}", expected=etag, found=properties.etag
            )
        return (yield from _overwrite(target, view, properties, lease_id, checksum))

    return (yield from _under_lease(target, wait_s, work))


def create_new(
    target: Target,
    content: Buffer,
    *,
    http: HttpHeaders | None = None,
    metadata: Mapping[str, str] | None = None,
    smb: SmbSettings | None = None,
    checksum: str | None = AUTO,
) -> Flow[Uploaded]:
    """Make this file with all of its content, if there is none; else raise ``AlreadyExists``.

    It is written under a name of its own beside its place (``.azfiles-<32 hexadecimal digits>.new``) and then renamed
    without replacing: of several who try one succeeds, and nobody sees a part of the content. Where something goes wrong
    the file of that name is deleted, unless that fails too.

    An error whose ``may_have_acted`` is false has made no file. Needs service version 2021-04-10 or later.
    """
    refuse_without_second_name(target, "")
    order = Order(Pace(), chosen_checksum(target.session, checksum))
    settings = settings_of(None, http, metadata, smb)
    source = Memory(readable_view(content))
    made = Made(beside(target, (yield from new_name())))
    return (yield from by_temporary(target, order, source, settings, made, Renaming(smb=settings.smb_last)))


# --- under a lease -------------------------------------------------------------------------------------------------


def _under_lease(target: Target, wait_s: float, work: Callable[[str], Flow[T]]) -> Flow[T]:
    """Do ``work`` with the id of a lease of the file; the lease is given back whatever comes of it."""
    refuse_snapshot(target)
    if wait_s < 0:
        raise InvalidArgument(f"wait_s is {wait_s}: 0 seconds or more are expected")
    lease_id = yield from new_id()
    acquired = False
    try:
        yield from _acquire(target, lease_id, wait_s)
        acquired = True
        result = yield from work(lease_id)
    except GeneratorExit:
        raise  # whoever closes a flow performs no effects any more
    except BaseException as error:
        # Also where no answer came, or the wait for it was cancelled: the lease may have been taken. Its id is ours
        # alone, so giving it back is refused where it was not.
        if acquired or not isinstance(error, AzureFilesError) or error.may_have_acted:
            yield from _let_go(target, lease_id, error)
        raise
    yield from _release(target, lease_id)
    return result


def _acquire(target: Target, lease_id: str, wait_s: float) -> Flow[None]:
    """Take the lease, or wait until it can be taken."""
    began_s = yield from monotonic()
    longest_s = _FIRST_PAUSE_S
    while True:
        try:
            yield from call(target.session, leases.acquire_file_lease(target.share, target.path, proposed_id=lease_id))
        except LeaseConflict as conflict:
            left_s = began_s + wait_s - (yield from monotonic())
            if conflict.code != _HELD_BY_ANOTHER or left_s <= 0:
                raise
        else:
            return
        yield from sleep(min(left_s, longest_s * (yield from random_fraction())))
        longest_s = min(_LONGEST_PAUSE_S, 2 * longest_s)


def _release(target: Target, lease_id: str) -> Flow[None]:
    """Give the lease back after the work was done. That it is not ours any more takes nothing from what was done."""
    try:
        yield from call(target.session, leases.release_file_lease(target.share, target.path, lease_id))
    except (LeaseConflict, NotFound):
        return
    except AzureFilesError as error:
        raise OutcomeUnknown(
            f"{target.url} was written, but its lease may still be held, which break_lease ends: {error}"
        ) from error
    except GeneratorExit:
        raise
    except BaseException as cancellation:
        yield from _let_go(target, lease_id, cancellation)
        raise


def _let_go(target: Target, lease_id: str, error: BaseException) -> Flow[None]:
    """Give the lease back after an error, which is not to be hidden by another one."""
    try:
        yield from call(hasty(target.session), leases.release_file_lease(target.share, target.path, lease_id))
    except (LeaseConflict, NotFound):
        return
    except AzureFilesError:
        error.add_note(f"the lease of {target.url} may still be held; break_lease ends it")


def _properties(target: Target, lease_id: str | None) -> Flow[FileProperties]:
    return (yield from call(target.session, files.get_file_properties(target.share, target.path, lease_id=lease_id)))


def _overwrite(
    target: Target, view: memoryview, properties: FileProperties, lease_id: str, checksum: str | None
) -> Flow[Uploaded]:
    """Write a whole file in place: one request where it keeps its size and fits into one, else several. What is to be zero
    is cleared, for something else may have been there.
    """
    size, guard = len(view), chosen_checksum(target.session, checksum)
    written: Written | RangeWritten | FileProperties = properties
    began = False

    def write(offset: int) -> Flow[RangeWritten]:
        nonlocal began
        part = view[offset : offset + MAX_RANGE_BYTES]
        if is_zero(part):
            operation = ranges.clear_range(target.share, target.path, offset, len(part), lease_id=lease_id)
            done = yield from call(target.session, operation)
        else:
            done = yield from put(target, offset, part, guard, lease_id)
        began = True
        return done

    def resize() -> Flow[Written]:
        nonlocal began
        operation = files.resize_file(target.share, target.path, size, lease_id=lease_id)
        done = yield from call(target.session, operation)
        began = True
        return done

    try:
        if size > properties.size:
            written = yield from resize()
        parts = yield from gather([write(offset) for offset in range(0, size, MAX_RANGE_BYTES)], DEFAULT_CONCURRENCY)
        if len(parts) == 1:
            written = parts[0]
        if size < properties.size:
            written = yield from resize()
        elif len(parts) > 1:
            written = yield from _properties(target, lease_id)
    except AzureFilesError as error:
        if began and not error.may_have_acted:
            raise OutcomeUnknown(f"{target.url} is written in part: {error}") from error
        raise
    return Uploaded(size, written.etag, written.last_modified)


__all__ = ["DEFAULT_WAIT_S", "create_new", "update", "write_if"]
