"""Finding out whether a try that was never answered has acted, by looking at what is there now.

A look is a flow that asks the service with reads only and ends in a verdict. It claims that a try has acted only where
what the try promises has come about: by the file's own id where it has one, otherwise because what is there is what was
asked for and began to be so since the first try, by the service's clock. Where neither that nor its opposite can be
told, it says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Protocol, TypeAlias, TypeVar
from urllib.parse import unquote

from azfiles.address import Endpoint
from azfiles.core import directories, files, links, service, shares
from azfiles.core.operation import Operation
from azfiles.errors import NotFound, ServiceError
from azfiles.flows.effects import Flow
from azfiles.models import (
    CopyStarted,
    DirectoryProperties,
    FileDeleted,
    FileProperties,
    LeaseBroken,
    LeaseReleased,
    ShareDeleted,
    ShareProperties,
    ShareWritten,
    Written,
)
from azfiles.records import dataclass

T = TypeVar("T")
P = TypeVar("P", FileProperties, DirectoryProperties)
_META: Final = "x-ms-meta-"


@dataclass(frozen=True, slots=True)
class Settled:
    """The earlier try acted; this is what it would have returned, as far as a look can tell."""

    result: Any


@dataclass(frozen=True, slots=True)
class NotDone:
    """The earlier try did nothing."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """Nobody but the service knows."""


Verdict: TypeAlias = Settled | NotDone | Undecided


@dataclass(frozen=True, slots=True)
class Doubt:
    """A try of ``operation`` that may have acted, and the first error after it that says something definite, if one
    did. ``since`` is when the first try began by the service's clock, or a little earlier; ``None`` where the service
    told no time.
    """

    endpoint: Endpoint
    operation: Operation[Any]
    refusal: ServiceError | None
    since: datetime | None

    @property
    def share(self) -> str:
        return self.operation.path[0]

    @property
    def path(self) -> tuple[str, ...]:
        return self.operation.path[1:]

    @property
    def headers(self) -> Mapping[str, str]:
        return {name.lower(): value for name, value in self.operation.headers}

    def is_fresh(self, *moments: datetime | None) -> bool | None:
        """Whether the latest of these moments is none before the first try; ``None`` where that cannot be told."""
        known = [moment for moment in moments if moment is not None]
        if self.since is None or not known:
            return None
        # Headers tell whole seconds.
        return max(known) >= self.since.replace(microsecond=0)


class Asking(Protocol):
    """Carries out one read for a look."""

    def __call__(self, operation: Operation[T], /) -> Flow[T]: ...


Look: TypeAlias = Callable[[Doubt, Asking], Flow[Verdict]]


def gone(result: object) -> Look:
    """What was to be deleted is not there: that was to be reached, and needs no further look."""

    def look(_doubt: Doubt, _ask: Asking) -> Flow[Verdict]:
        yield from ()
        return Settled(result)

    return look


FILE_GONE: Final = gone(FileDeleted())
SHARE_GONE: Final = gone(ShareDeleted())
DIRECTORY_GONE: Final = gone(None)


def another_holds_it(_doubt: Doubt, _ask: Asking) -> Flow[Verdict]:
    """A lease of another id is there, says the refusal: the one asked for is not."""
    yield from ()
    return NotDone()


def share_created(doubt: Doubt, ask: Asking) -> Flow[Verdict]:
    found: ShareProperties = yield from ask(shares.get_share_properties(doubt.share))
    quota = doubt.headers.get("x-ms-share-quota")
    same = quota in {None, str(found.quota_gib)} and _same_metadata(doubt, found.metadata)
    return _created(doubt, _share_written(found), same=same, moment=found.last_modified)


def share_restored(doubt: Doubt, ask: Asking) -> Flow[Verdict]:
    """A deleted share that was brought back is not in the list of deleted ones any more."""
    name, version = doubt.headers["x-ms-deleted-share-name"], doubt.headers["x-ms-deleted-share-version"]
    marker: str | None = None
    while True:
        page = yield from ask(service.list_shares(prefix=name, include="deleted", marker=marker))
        if any(item.name == name and item.version == version for item in page.shares if item.deleted):
            return NotDone()
        marker = page.next_marker
        if marker is None:
            break
    return Settled(_share_written((yield from ask(shares.get_share_properties(doubt.share)))))


def directory_created(doubt: Doubt, ask: Asking) -> Flow[Verdict]:
    try:
        found: DirectoryProperties = yield from ask(directories.get_directory_properties(doubt.share, doubt.path))
    except NotFound:
        return Undecided()  # something else has that name by now, or nothing
    same = _same_metadata(doubt, found.metadata)
    return _created(doubt, _written(found), same=same, moment=found.last_modified)


def hard_link_created(doubt: Doubt, ask: Asking) -> Flow[Verdict]:
    """Both names have the same file's id."""
    target = tuple(unquote(doubt.headers["x-ms-file-target-file"]).split("/"))
    here: FileProperties = yield from ask(files.get_file_properties(doubt.share, doubt.path))
    there: FileProperties = yield from ask(files.get_file_properties(doubt.share, target))
    if here.smb.file_id is None or here.smb.file_id != there.smb.file_id:
        return NotDone()
    return Settled(_written(here))


def symbolic_link_created(doubt: Doubt, ask: Asking) -> Flow[Verdict]:
    found = yield from ask(links.get_symbolic_link(doubt.share, doubt.path))
    same = found.text == unquote(doubt.headers["x-ms-link-text"])
    return _created(doubt, Written(found.etag, found.last_modified), same=same, moment=found.last_modified)


def file_renamed(doubt: Doubt, ask: Asking) -> Flow[Verdict]:
    return (yield from _renamed(doubt, ask, files.get_file_properties))


def directory_renamed(doubt: Doubt, ask: Asking) -> Flow[Verdict]:
    return (yield from _renamed(doubt, ask, directories.get_directory_properties))


def _renamed(
    doubt: Doubt,
    ask: Asking,
    look_at: Callable[[str, tuple[str, ...]], Operation[P]],
) -> Flow[Verdict]:
    """While the source is there nothing was renamed. Without it, the destination must have changed since we began."""
    source = doubt.operation.source
    if source is not None and (yield from _is_there(ask, look_at(source.address.share, source.address.path))):
        return NotDone()
    try:
        found: P = yield from ask(look_at(doubt.share, doubt.path))
    except NotFound:
        return Undecided()
    fresh = doubt.is_fresh(found.smb.change_time, found.last_modified)
    return Settled(_written(found)) if fresh else Undecided()


def copy_started(doubt: Doubt, ask: Asking) -> Flow[Verdict]:
    """A copy is pending: ours if it is of our source."""
    found: FileProperties = yield from ask(files.get_file_properties(doubt.share, doubt.path))
    copy, source = found.copy, doubt.operation.source
    if source is not None:
        wanted = doubt.endpoint.url_of((source.address.share, *source.address.path), snapshot=source.address.snapshot)
    else:
        wanted = doubt.headers["x-ms-copy-source"]
    if copy is None or copy.source is None or _place(copy.source) != _place(wanted):
        return Undecided()
    return Settled(CopyStarted(copy.id, copy.status, found.etag, found.last_modified))


def copy_aborted(doubt: Doubt, ask: Asking) -> Flow[Verdict]:
    found: FileProperties = yield from ask(files.get_file_properties(doubt.share, doubt.path))
    if found.copy is None or found.copy.id != dict(doubt.operation.query)["copyid"]:
        return Undecided()
    return Settled(None) if found.copy.status == "aborted" else NotDone()


def file_lease_released(doubt: Doubt, ask: Asking) -> Flow[Verdict]:
    """The lease is not ours any more, says the refusal; the look is for what a release returns."""
    found: FileProperties = yield from ask(files.get_file_properties(doubt.share, doubt.path))
    return Settled(LeaseReleased(found.etag, found.last_modified))


def share_lease_released(doubt: Doubt, ask: Asking) -> Flow[Verdict]:
    found: ShareProperties = yield from ask(_look_at_share(doubt))
    return Settled(LeaseReleased(found.etag, found.last_modified))


def file_lease_broken(doubt: Doubt, ask: Asking) -> Flow[Verdict]:
    found: FileProperties = yield from ask(files.get_file_properties(doubt.share, doubt.path))
    return _broken(found)


def share_lease_broken(doubt: Doubt, ask: Asking) -> Flow[Verdict]:
    found: ShareProperties = yield from ask(_look_at_share(doubt))
    return _broken(found)


def _broken(found: FileProperties | ShareProperties) -> Verdict:
    """A lease that is held may be another one, taken since ours was broken: that one must not be broken too."""
    state = None if found.lease is None else found.lease.state
    if state == "broken":
        return Settled(LeaseBroken(found.etag, found.last_modified, 0))
    return Undecided() if state in {"leased", None} else NotDone()


def _look_at_share(doubt: Doubt) -> Operation[ShareProperties]:
    return shares.get_share_properties(doubt.share, snapshot=dict(doubt.operation.query).get("sharesnapshot"))


def _created(doubt: Doubt, result: object, *, same: bool, moment: datetime) -> Verdict:
    fresh = doubt.is_fresh(moment)
    if fresh is False:
        return NotDone()
    return Settled(result) if fresh and same else Undecided()


def _is_there(ask: Asking, operation: Operation[Any]) -> Flow[bool]:
    try:
        yield from ask(operation)
    except NotFound:
        return False
    return True


def _same_metadata(doubt: Doubt, found: Mapping[str, str]) -> bool:
    asked = {name[len(_META) :]: value for name, value in doubt.headers.items() if name.startswith(_META)}
    return asked == {name.lower(): value for name, value in found.items()}


def _place(url: str) -> str:
    """A source's URL without its query, where a signature may stand."""
    return unquote(url.partition("?")[0])


def _share_written(found: ShareProperties) -> ShareWritten:
    return ShareWritten(found.etag, found.last_modified, found.quota_gib, found.provisioning)


def _written(found: FileProperties | DirectoryProperties) -> Written:
    return Written(found.etag, found.last_modified, found.smb, found.server_encrypted, nfs=found.nfs)


__all__ = [
    "DIRECTORY_GONE",
    "FILE_GONE",
    "SHARE_GONE",
    "Asking",
    "Doubt",
    "Look",
    "NotDone",
    "Settled",
    "Undecided",
    "Verdict",
    "another_holds_it",
    "copy_aborted",
    "copy_started",
    "directory_created",
    "directory_renamed",
    "file_lease_broken",
    "file_lease_released",
    "file_renamed",
    "hard_link_created",
    "share_created",
    "share_lease_broken",
    "share_lease_released",
    "share_restored",
    "symbolic_link_created",
]
