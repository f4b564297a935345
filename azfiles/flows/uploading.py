"""A whole file from memory, a local file, a file object or an iterable, of any length: written under another name and then
renamed, so that a reader sees the old file or the new one, or in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from azfiles.core import files, leases
from azfiles.core.arguments import MAX_RANGE_BYTES
from azfiles.errors import (
    AuthenticationFailed,
    AzureFilesError,
    Conflict,
    ContentMismatch,
    FileChanged,
    InvalidArgument,
    LeaseConflict,
    NotFound,
    OutcomeUnknown,
)
from azfiles.flows.call import call, refuse_snapshot
from azfiles.flows.effects import Flow
from azfiles.flows.targets import Target
from azfiles.flows.transfers import manifests
from azfiles.flows.transfers.carrying import Settings, is_read_only, settings_of
from azfiles.flows.transfers.checking import AUTO, chosen_checksum
from azfiles.flows.transfers.filling import DEFAULT_CONCURRENCY, MAX_CONCURRENCY, Pace, Progress
from azfiles.flows.transfers.manifests import Manifest
from azfiles.flows.transfers.sources import LocalSource, Source, Uploadable, open_source
from azfiles.flows.transfers.temporary import (
    Made,
    Renaming,
    beside,
    discard,
    is_temporary,
    new_name,
    nothing_made,
    refuse_without_second_name,
    rename,
)
from azfiles.flows.transfers.writing import Answer, Content, Order, begin, write_content
from azfiles.models import FileProperties, HttpHeaders, SmbSettings
from azfiles.records import dataclass

_IN_PLACE: Final = "; atomic=False writes in place"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file was written whole; ``etag`` and ``last_modified`` are those after that. ``content_md5`` is the hash that was
    stored with it (base64), ``None`` where none was asked for.
    """

    size: int
    etag: str
    last_modified: datetime
    content_md5: str | None = None


def upload(
    target: Target,
    data: Uploadable,
    *,
    size: int | None = None,
    atomic: bool = True,
    http: HttpHeaders | None = None,
    metadata: Mapping[str, str] | None = None,
    smb: SmbSettings | None = None,
    carry_over: bool = True,
    lease_id: str | None = None,
    checksum: str | None = AUTO,
    content_md5: bool = False,
    read_back: bool = False,
    resume: bool = False,
    range_size: int = MAX_RANGE_BYTES,
    concurrency: int = DEFAULT_CONCURRENCY,
    progress: Progress | None = None,
) -> Flow[Uploaded]:
    """Write a whole file; one that exists is replaced. ``docs/transfers.md`` tells the whole story.

    ``data`` is bytes, the path of a local file (``pathlib.Path``), a file object, or an iterable of bytes; ``size`` says
    how much a file object or iterable gives, where that is known. It is sent in ranges of ``range_size`` bytes (4 MiB at
    most), ``concurrency`` at once, which takes that many buffers at most; ranges of zeros are not sent. ``progress`` is
    called with the bytes of each range that is done.

    The file is written as ``.azfiles-<32 hexadecimal digits>.new`` in the same directory and then renamed over the old
    one: a reader sees the old file or the new one, never a part, and the file gets another id. An error whose
    ``may_have_acted`` is false has changed nothing. With ``atomic=False`` it is written in place, where readers see it
    grow, an error may leave a part of it, and the id stays; that also works below service version 2021-04-10 and with a
    signature for this file alone.

    HTTP headers, metadata, attributes and permission of the old file are kept where ``http``, ``metadata`` and ``smb``
    do not give them, unless ``carry_over=False``, which also saves a request. A leased file needs its ``lease_id``, and
    stays leased.

    ``checksum`` guards each range on its way: ``"crc64"``, ``"md5"`` or ``None``; ``"auto"`` is ``crc64`` where the extra
    ``checksums`` is installed. ``content_md5=True`` stores the hash of the whole file with it. ``read_back=True`` reads
    the file again before it gets its name, and raises ``ContentMismatch`` where it is not what was sent. With
    ``resume=True`` a local file's upload that was interrupted goes on where it stopped; what is needed for that is noted
    beside the local file. Local files raise ``OSError``.
    """
    refuse_snapshot(target)
    if http is not None and http.content_md5 is not None and content_md5:
        raise InvalidArgument("content_md5: it is computed here; leave it out of http")
    told = target.session.watch.transfer("upload")
    order = Order(
        Pace(range_size, concurrency, told.also(progress)),
        chosen_checksum(target.session, checksum),
        content_md5=content_md5,
        read_back=read_back,
    )
    if atomic:
        refuse_without_second_name(target, _IN_PLACE)
    source = yield from open_source(data, size)
    try:
        if resume and not (atomic and isinstance(source, LocalSource)):
            raise InvalidArgument("resume: only an atomic upload of a local file, given as a path, can be resumed")
        with told:
            old = (yield from look_at_old(target, lease_id)) if carry_over else None
            source = yield from begin(source, range_size)  # after a look that may refuse: a stream is read only once
            told.bytes_total = source.size
            settings = settings_of(old, http, metadata, smb)
            if not atomic:
                return (yield from _in_place(target, order, source, settings, lease_id))
            renaming = Renaming(replaces=True, smb=settings.smb_last, lease_id=lease_id)
            if resume and isinstance(source, LocalSource):
                return (yield from _resuming(target, order, source, settings, renaming))
            made = Made(beside(target, (yield from new_name())))
            return (yield from by_temporary(target, order, source, settings, made, renaming))
    finally:
        source.close()


def by_temporary(
    target: Target,
    order: Order,
    source: Source,
    settings: Settings,
    made: Made,
    renaming: Renaming,
    manifest: Manifest | None = None,
) -> Flow[Uploaded]:
    """Write a temporary file and give it its name. Where that goes wrong the temporary file is deleted, unless another run
    can go on with it.
    """
    try:
        content = yield from nothing_made(prepared(order, source, settings, made, renaming, manifest))
        renamed = yield from rename(made, target, renaming)
    except GeneratorExit:
        raise  # whoever closes a flow performs no effects any more
    except BaseException as error:
        if manifest is None:
            yield from discard(made, error)
        elif isinstance(error, FileChanged):
            yield from discard(made, error)
            yield from manifest.remove()
        else:
            error.add_note(f"the same call again goes on where this one stopped, by the note at {manifest.path}")
        raise
    return Uploaded(content.size, renamed.etag, renamed.last_modified, content.content_md5)


def prepared(
    order: Order, source: Source, settings: Settings, made: Made, renaming: Renaming, manifest: Manifest | None
) -> Flow[Content]:
    """The temporary file as it has to be for its new name: whole, and under the lease of the file that it replaces, so that
    whoever holds that one holds the new file too.
    """
    content = yield from write_content(order, made, source, settings, manifest=manifest)
    if renaming.lease_id is not None:
        made.lease_id = renaming.lease_id
        place = made.place
        yield from call(
            place.session, leases.acquire_file_lease(place.share, place.path, proposed_id=renaming.lease_id)
        )
    return content


def look_at_old(target: Target, lease_id: str | None) -> Flow[FileProperties | None]:
    """The file that is to be replaced; refused at once where the service would refuse it in the end."""
    operation = files.get_file_properties(target.share, target.path, lease_id=lease_id)
    try:
        found = yield from call(target.session, operation)
    except NotFound:
        if lease_id is not None:
            raise
        return None
    except AuthenticationFailed as refusal:
        refusal.add_note("the old file's properties are read to be kept; carry_over=False does without")
        raise
    if lease_id is None and found.lease is not None and found.lease.state == "leased":
        raise LeaseConflict(
            412, "LeaseIdMissing", f"{target.url} is leased, and no lease_id was given; nothing was sent"
        )
    if is_read_only(found):
        raise Conflict(409, "ReadOnlyAttribute", f"{target.url} is read-only; nothing was sent")
    return found


def _in_place(target: Target, order: Order, source: Source, settings: Settings, lease_id: str | None) -> Flow[Uploaded]:
    """Overwrite the file where it is. Creating it empties it, so from there on an error leaves a part."""
    made = Made(target)
    try:
        content = yield from write_content(order, made, source, settings, lease_id=lease_id)
        last: Answer | FileProperties | None = content.last
        if settings.smb_last is not None:
            operation = files.set_file_smb_properties(target.share, target.path, settings.smb_last, lease_id=lease_id)
            last = yield from call(target.session, operation)
        if last is None:
            last = yield from call(target.session, files.get_file_properties(target.share, target.path))
    except ContentMismatch:
        raise  # which says that it was written, and how it came out
    except AzureFilesError as error:
        if made.created and not error.may_have_acted:
            raise OutcomeUnknown(f"{target.url} is written in part: {error}") from error
        raise
    return Uploaded(content.size, last.etag, last.last_modified, content.content_md5)


# --- going on where another run stopped ------------------------------------------------------------------------------


def _resuming(
    target: Target, order: Order, source: LocalSource, settings: Settings, renaming: Renaming
) -> Flow[Uploaded]:
    path = manifests.manifest_path(source.path, target.url, "upload")
    facts: dict[str, str | int] = {
        "url": target.url,
        "size": source.state.size,
        "modified_ns": source.state.modified_ns,
        "settings": manifests.fingerprint(settings),
    }
    manifest = yield from manifests.load(path)
    made: Made | None = None
    if manifest is not None and is_temporary(manifest.temporary):
        made = yield from _left_behind(target, manifest, facts, renaming.lease_id)
    if manifest is None or made is None:
        manifest = Manifest(path, facts, (yield from new_name()))
        made = Made(beside(target, manifest.temporary))
    uploaded = yield from by_temporary(target, order, source, settings, made, renaming, manifest)
    yield from manifest.remove()
    return uploaded


def _left_behind(
    target: Target, manifest: Manifest, facts: dict[str, str | int], lease_id: str | None
) -> Flow[Made | None]:
    """The temporary file of an earlier run, if it is what the note says; one of no use is deleted."""
    if manifest.facts.get("url") != facts["url"]:
        return None
    made = Made(beside(target, manifest.temporary))
    try:
        operation = files.get_file_properties(made.place.share, made.place.path)
        found = yield from call(target.session, operation)
    except NotFound:
        return None
    leased = found.lease is not None and found.lease.state == "leased"
    same = manifest.file_id == found.smb.file_id and found.size == facts["size"]
    if manifest.facts == facts and same and not leased:
        made.created, made.file_id = True, found.smb.file_id
        return made
    if found.smb.file_id == manifest.file_id:
        made.lease_id = lease_id if leased else None
        yield from discard(made, FileChanged("of no use any more"))
    return None


__all__ = ["DEFAULT_CONCURRENCY", "MAX_CONCURRENCY", "Uploaded", "by_temporary", "look_at_old", "prepared", "upload"]
