"""What a file that is written anew takes over from the one that it replaces, and when it is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Final

from azfiles.models import FileProperties, HttpHeaders, NfsSettings, SmbProperties, SmbSettings
from azfiles.records import dataclass

_READ_ONLY: Final = "ReadOnly"
DEFAULT_CONTENT_TYPE: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Settings:
    """Properties of a file to be written. ``smb_first`` is said when it is created, ``smb_last`` when its content is
    there: writing moves its times, and nobody can write to a read-only file.
    """

    http: HttpHeaders | None = None
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    smb_first: SmbSettings | None = None
    smb_last: SmbSettings | None = None
    nfs: NfsSettings | None = None

    def with_md5(self, content_md5: str) -> HttpHeaders:
        """All HTTP headers, with this hash: the service replaces them together, the content type too."""
        http = self.http or HttpHeaders()
        return replace(http, content_md5=content_md5, content_type=http.content_type or DEFAULT_CONTENT_TYPE)


def settings_of(
    old: FileProperties | None,
    http: HttpHeaders | None,
    metadata: Mapping[str, str] | None,
    smb: SmbSettings | None,
) -> Settings:
    """What is given, and for the rest what ``old`` has: HTTP headers but the hash of its content, metadata, attributes and
    permission; of an NFS file mode, owner and group.
    """
    nfs: NfsSettings | None = None
    if old is not None:
        http = replace(old.http, content_md5=None) if http is None else http
        metadata = old.metadata if metadata is None else metadata
        if old.nfs is not None:
            nfs = NfsSettings(old.nfs.mode, old.nfs.owner, old.nfs.group)
        else:
            smb = _carried(smb, old.smb)
    first, last = _in_time(smb)
    return Settings(http, metadata or {}, first, last, nfs)


def is_read_only(properties: FileProperties) -> bool:
    """Whether the service refuses to write to the file."""
    return _READ_ONLY in _names(properties.smb.attributes)


def _carried(smb: SmbSettings | None, old: SmbProperties) -> SmbSettings | None:
    given = smb or SmbSettings()
    if given.attributes is None:
        given = replace(given, attributes=old.attributes)
    if given.permission is None and given.permission_key is None:
        given = replace(given, permission_key=old.permission_key)
    return None if given == SmbSettings() else given


def _in_time(smb: SmbSettings | None) -> tuple[SmbSettings | None, SmbSettings | None]:
    """What to say first and what last."""
    if smb is None:
        return None, None
    last = SmbSettings(
        creation_time=smb.creation_time, last_write_time=smb.last_write_time, change_time=smb.change_time
    )
    first = replace(smb, creation_time=None, last_write_time=None, change_time=None)
    if _READ_ONLY in _names(smb.attributes):
        first, last = replace(first, attributes=None), replace(last, attributes=smb.attributes)
    nothing = SmbSettings()
    return None if first == nothing else first, None if last == nothing else last


def _names(attributes: str | None) -> set[str]:
    return {name.strip() for name in (attributes or "").split("|")}


__all__ = ["DEFAULT_CONTENT_TYPE", "Settings", "is_read_only", "settings_of"]
