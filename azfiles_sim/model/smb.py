"""SMB properties: what attributes and times a file or directory gets, from what was asked for and what it had."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from azfiles_sim.model.changes import PutPermission
from azfiles_sim.model.commands import NO_SMB, SmbRequest, Word
from azfiles_sim.model.deciding import Context, Place
from azfiles_sim.model.entities import Attributes, SmbProperties, Ticks
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.permissions import Granted, permission_of_changed, permission_of_new


class Created(NamedTuple):
    """Properties of a new node, its ETag's instant, and what must be stored with it."""

    smb: SmbProperties
    stamp: Ticks
    changes: tuple[PutPermission, ...]


class Changed(NamedTuple):
    """Properties of a changed node, and what must be stored with it."""

    smb: SmbProperties
    changes: tuple[PutPermission, ...]


def create_smb(
    context: Context, place: Place, smb: SmbRequest, stamp: Ticks, *, directory: bool, exact: bool = False
) -> Created:
    """Properties of something new: times are now unless given; a file is marked Archive, a directory Directory.

    ``exact`` takes a file's attributes just as given, none if none are (with attributes and a permission: unverified).
    """
    granted = permission_of_new(context.view, place, smb, directory=directory)
    asked = Attributes.NONE if smb.attributes is None else smb.attributes
    if isinstance(asked, Word):
        raise ServiceError(Code.INVALID_HEADER_VALUE, field="attributes")
    attributes = _created_attributes(int(asked), directory, exact)
    if smb is NO_SMB:
        return Created(SmbProperties(attributes, stamp, stamp, stamp, granted.key), stamp, granted.changes)
    change = _pick_time(smb.change, "change", stamp, stamp)
    etag = stamp
    if context.quirks.etag_follows_explicit_times:
        explicit = smb.change if isinstance(smb.change, int) else smb.last_write
        if isinstance(explicit, int):
            etag = change = explicit
    creation = _pick_time(smb.creation, "creation", stamp, stamp)
    last_write = _pick_time(smb.last_write, "last_write", stamp, stamp)
    properties = SmbProperties(attributes, creation, last_write, change, granted.key)
    return Created(properties, etag, granted.changes)


def change_smb(
    context: Context,
    place: Place,
    current: SmbProperties,
    smb: SmbRequest,
    stamp: Ticks,
    *,
    directory: bool = False,
    data_changed: bool = False,
) -> Changed:
    """Properties of something changed: what is not given stays, but change time is now, and so is last-write time
    where data changed. Attributes of a file are taken exactly as given (for None that is unverified).
    """
    granted = permission_of_changed(context.view, place, smb, current.permission_key, directory=directory)
    return Changed(_changed_properties(current, smb, stamp, granted, directory, data_changed), granted.changes)


def copy_smb(
    smb: SmbRequest, source: SmbProperties, stamp: Ticks, permission_key: str, *, set_archive: bool
) -> SmbProperties:
    """Properties of a copy's destination: a new file's, except for what is given or taken from the source."""
    asked = smb.attributes
    if asked is Word.SOURCE:
        attributes = source.attributes
    elif isinstance(asked, Word):
        raise ServiceError(Code.INVALID_HEADER_VALUE, field="attributes")
    else:
        attributes = Attributes.ARCHIVE if asked is None else _with_kind(asked, directory=False)
    return SmbProperties(
        attributes=attributes | Attributes.ARCHIVE if set_archive else attributes,
        creation=_pick_time(smb.creation, "creation", stamp, stamp, source=source.creation),
        last_write=_pick_time(smb.last_write, "last_write", stamp, stamp, source=source.last_write),
        change=_pick_time(smb.change, "change", stamp, stamp, source=source.change),
        permission_key=permission_key,
    )


def _changed_properties(
    current: SmbProperties, smb: SmbRequest, stamp: Ticks, granted: Granted, directory: bool, data_changed: bool
) -> SmbProperties:
    asked = current.attributes if smb.attributes in {None, Word.PRESERVE} else smb.attributes
    if not isinstance(asked, Attributes):
        raise ServiceError(Code.INVALID_HEADER_VALUE, field="attributes")
    last_write = stamp if data_changed else current.last_write
    return SmbProperties(
        attributes=_with_kind(asked, directory=directory),
        creation=_pick_time(smb.creation, "creation", stamp, current.creation, kept=current.creation),
        last_write=_pick_time(smb.last_write, "last_write", stamp, last_write, kept=current.last_write),
        change=_pick_time(smb.change, "change", stamp, stamp, kept=current.change),
        permission_key=granted.key,
    )


@lru_cache(maxsize=1024)
def _created_attributes(asked: int, directory: bool, exact: bool) -> Attributes:
    given = Attributes(asked)
    return _with_kind(given if directory or exact else given | Attributes.ARCHIVE, directory=directory)


def _with_kind(attributes: Attributes, *, directory: bool) -> Attributes:
    """Directory is always set on a directory and never on a file, whatever was asked for."""
    return attributes | Attributes.DIRECTORY if directory else attributes & ~Attributes.DIRECTORY


def _pick_time(
    asked: Ticks | Word | None,
    field: str,
    now: Ticks,
    default: Ticks,
    *,
    kept: Ticks | None = None,
    source: Ticks | None = None,
) -> Ticks:
    """The time that is asked for in ``field``. ``kept`` and ``source`` are what those words stand for where the operation
    knows them.
    """
    if asked is None:
        return default
    if asked is Word.NOW:
        return now
    if isinstance(asked, int):
        return asked
    meaning = kept if asked is Word.PRESERVE else source if asked is Word.SOURCE else None
    if meaning is None:
        raise ServiceError(Code.INVALID_HEADER_VALUE, field=field)
    return meaning


__all__ = ["Changed", "Created", "change_smb", "copy_smb", "create_smb"]
