"""A file that is written now and gets its name later, or never: what ``upload`` does, in two steps."""

from __future__ import annotations

from azfiles.core.arguments import MAX_RANGE_BYTES
from azfiles.errors import AzureFilesError
from azfiles.flows.effects import Flow
from azfiles.flows.targets import Target
from azfiles.flows.transfers.carrying import settings_of
from azfiles.flows.transfers.checking import AUTO, chosen_checksum
from azfiles.flows.transfers.filling import DEFAULT_CONCURRENCY, Pace, Progress
from azfiles.flows.transfers.sources import Uploadable, open_source
from azfiles.flows.transfers.temporary import (
    Made,
    Renaming,
    beside,
    discard,
    new_name,
    nothing_made,
    refuse_without_second_name,
    rename,
)
from azfiles.flows.transfers.writing import Order, begin
from azfiles.flows.uploading import Uploaded, look_at_old, prepared
from azfiles.records import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole file of ``size`` bytes under a temporary name beside ``target``."""

    target: Target
    made: Made
    renaming: Renaming
    size: int


def draft(
    target: Target,
    data: Uploadable,
    *,
    replaces: bool = True,
    checksum: str | None = AUTO,
    range_size: int = MAX_RANGE_BYTES,
    concurrency: int = DEFAULT_CONCURRENCY,
    progress: Progress | None = None,
) -> Flow[Draft]:
    """Write all that ``data`` gives, as ``upload`` does, under a temporary name. What the file that it will replace has of
    headers, metadata, attributes and permission is taken over; without ``replaces`` there must be none in the end.

    Where something goes wrong, or this is cancelled, the temporary file is deleted again.
    """
    refuse_without_second_name(target, "")
    order = Order(Pace(range_size, concurrency, progress), chosen_checksum(target.session, checksum))
    source = yield from open_source(data, None)
    try:
        old = (yield from look_at_old(target, None)) if replaces else None
        source = yield from begin(source, range_size)
        settings = settings_of(old, None, None, None)
        renaming = Renaming(replaces=replaces, smb=settings.smb_last)
        made = Made(beside(target, (yield from new_name())))
        try:
            content = yield from nothing_made(prepared(order, source, settings, made, renaming, None))
        except GeneratorExit:
            raise  # whoever closes a flow performs no effects any more
        except BaseException as error:
            yield from discard(made, error)
            raise
    finally:
        source.close()
    return Draft(target, made, renaming, content.size)


def publish(written: Draft) -> Flow[Uploaded]:
    """Give the file its name, and replace what has it. Where that fails, the temporary file is deleted."""
    try:
        renamed = yield from rename(written.made, written.target, written.renaming)
    except GeneratorExit:
        raise
    except BaseException as error:
        yield from discard(written.made, error)
        raise
    return Uploaded(written.size, renamed.etag, renamed.last_modified)


def throw_away(written: Draft) -> Flow[None]:
    """Delete the temporary file; where that fails, say so."""
    error = AzureFilesError(f"the draft of {written.target.url} was not thrown away")
    yield from discard(written.made, error)
    if hasattr(error, "__notes__"):
        raise error


__all__ = ["Draft", "draft", "publish", "throw_away"]
