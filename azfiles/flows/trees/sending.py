"""One local file of a tree to the service.

A small one is read at once, and known to be whole before anything is sent. One that is new goes in a single request where
it is empty or the service version takes data along with a creation: there is no moment at which half of it is there, so it
needs no temporary name.
"""

from __future__ import annotations

from pathlib import PurePath

from azfiles.core import files
from azfiles.core.operation import Operation
from azfiles.core.versions import CREATE_WITH_DATA
from azfiles.errors import AzureFilesError, FileChanged, OutcomeUnknown
from azfiles.flows.call import call
from azfiles.flows.disk import Disk, LocalFile, LocalKind, LocalState
from azfiles.flows.effects import Flow, on_disk
from azfiles.flows.targets import Target
from azfiles.flows.transfers.carrying import Settings
from azfiles.flows.transfers.checking import chosen_checksum
from azfiles.flows.transfers.filling import Pace
from azfiles.flows.transfers.sources import Memory
from azfiles.flows.transfers.temporary import Made
from azfiles.flows.transfers.writing import Order, write_content
from azfiles.flows.trees.handling import Handling
from azfiles.flows.trees.times import NS_PER_TICK, iso_of
from azfiles.flows.uploading import upload
from azfiles.models import HttpHeaders, NfsSettings, SmbSettings, TreeStep, Written
from azfiles.records import dataclass


@dataclass(frozen=True, slots=True)
class _Local:
    """A local file as it was read: its content where it is small, and what is told of it."""

    size: int
    modified_ns: int
    content: memoryview | None
    content_type: str | None
    mode: int | None


def send_file(path: str, target: Target, step: TreeStep, handling: Handling, *, is_nfs: bool) -> Flow[int]:
    """Upload one file; returns its size."""
    local = yield from on_disk("read", lambda disk: _read(disk, path, handling, wants_mode=is_nfs))
    times: SmbSettings | None = None
    if handling.keep_times:
        times = SmbSettings(last_write_time=iso_of(local.modified_ns // NS_PER_TICK))
    http = None if local.content_type is None else HttpHeaders(content_type=local.content_type)
    nfs = None if local.mode is None else NfsSettings(mode=local.mode)
    if local.content is not None and not step.replaces and _fits_one_request(target, local.size):
        settings = Settings(http, {}, times, None, nfs)
        yield from _send_at_once(target, local.content, settings, handling)
        return local.size
    uploaded = yield from upload(
        target,
        PurePath(path) if local.content is None else local.content,
        atomic=handling.atomic,
        http=http,
        smb=times,
        carry_over=step.replaces,
        checksum=handling.checksum,
        content_md5=handling.content_md5,
        range_size=handling.range_size,
        concurrency=handling.connections,
    )
    if nfs is not None:
        yield from _complete(target, files.set_file_nfs_properties(target.share, target.path, nfs))
    return uploaded.size


def _read(disk: Disk, path: str, handling: Handling, *, wants_mode: bool) -> _Local:
    found = disk.state(path)
    if found is not None and found.kind is LocalKind.LINK and not handling.follow_links:
        raise FileChanged(f"{path} has become a symbolic link")
    if found is not None and found.kind is LocalKind.OTHER:  # opening a pipe would wait for somebody to write
        raise FileChanged(f"{path} has become something that is no file")
    file = disk.open_to_read(path)
    try:
        state = file.state()
        content = _content(file, state, path) if state.size <= handling.range_size else None
    finally:
        file.close()
    guessed = _guess(path) if handling.guess_content_type else None
    mode = disk.mode(path) if wants_mode and handling.keep_mode else None
    return _Local(state.size, state.modified_ns, content, guessed, mode)


def _guess(path: str) -> str | None:
    import mimetypes  # it reads tables of the system: only for those who ask for it

    return mimetypes.guess_type(path)[0]


def _content(file: LocalFile, state: LocalState, path: str) -> memoryview:
    content = memoryview(bytearray(state.size))
    if file.read_at(0, content) != state.size or file.state() != state:
        raise FileChanged(f"{path} was changed while it was read")
    return content


def _fits_one_request(target: Target, size: int) -> bool:
    return not size or target.session.api_version >= CREATE_WITH_DATA[1]


def _send_at_once(target: Target, content: memoryview, settings: Settings, handling: Handling) -> Flow[None]:
    """Create the file with all that it is to have. Whether the service keeps the time that it was told is looked at: nobody
    has recorded that it does where data comes along.
    """
    pace = Pace(handling.range_size, 1)
    order = Order(pace, chosen_checksum(target.session, handling.checksum), content_md5=handling.content_md5)
    written = yield from write_content(order, Made(target), Memory(content), settings)
    asked = settings.smb_first
    if asked is None:
        return
    last = written.last
    kept = last.smb.exact.last_write if isinstance(last, Written) else ""
    if kept != asked.last_write_time:
        yield from _complete(target, files.set_file_smb_properties(target.share, target.path, asked))


def _complete(target: Target, operation: Operation[Written]) -> Flow[None]:
    """Say what belongs to a file that is there already."""
    try:
        yield from call(target.session, operation)
    except AzureFilesError as error:
        raise OutcomeUnknown(f"{target.url} is written, but not all of its properties: {error}") from error


__all__ = ["send_file"]
