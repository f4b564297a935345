"""What a request says about a file or directory: HTTP headers stored with it, SMB and NFS properties. Values to headers."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime

from azfiles.core import versions
from azfiles.core.arguments import MAX_PERMISSION_HEADER_BYTES, Pairs, check_whole, choose, header_text
from azfiles.core.dates import format_ticks, is_iso
from azfiles.core.versions import Feature
from azfiles.errors import InvalidArgument
from azfiles.models import HttpHeaders, NfsSettings, SmbSettings
from azfiles.records import dataclass

_HTTP_HEADERS = {
    "content_type": "x-ms-content-type",
    "content_encoding": "x-ms-content-encoding",
    "content_language": "x-ms-content-language",
    "content_md5": "x-ms-content-md5",
    "content_disposition": "x-ms-content-disposition",
    "cache_control": "x-ms-cache-control",
}

_ATTRIBUTES = (
    "None",
    "ReadOnly",
    "Hidden",
    "System",
    "Directory",
    "Archive",
    "Temporary",
    "Offline",
    "NotContentIndexed",
    "NoScrubData",
)
PERMISSION_FORMATS = ("Sddl", "Binary")
PROPERTY_SEMANTICS = ("New", "Restore")
# Not verified against the service: permission bits with set-uid, set-gid and sticky, and ids of 32 bits.
MAX_MODE = 0o7777
MAX_NFS_ID = 2**32 - 1


@dataclass(frozen=True, slots=True)
class _Use:
    """Which words a kind of operation takes instead of a value."""

    times: tuple[str, ...]
    attributes: tuple[str, ...]
    permission: tuple[str, ...]
    since: Feature


CREATE = _Use(("Now",), (), ("Inherit",), versions.SMB_PROPERTIES)
SET = _Use(("Now", "Preserve"), ("Preserve",), ("Preserve",), versions.SMB_PROPERTIES)
RENAME = _Use(("Now", "Preserve"), ("Preserve",), ("Preserve",), versions.SMB_PROPERTIES)
COPY = _Use(("Now", "source"), ("source",), ("Inherit",), versions.COPY_SMB)


def _defaults(attributes: str, creation: str, last_write: str, permission: str) -> Pairs:
    return (
        ("x-ms-file-attributes", attributes),
        ("x-ms-file-creation-time", creation),
        ("x-ms-file-last-write-time", last_write),
        (_PERMISSION, permission),
    )


_PERMISSION = "x-ms-file-permission"
# What later versions do where nothing is said, in the words of the versions that want it said (see ``demanded``).
CREATE_DEFAULTS = _defaults("None", "Now", "Now", "Inherit")
SET_DEFAULTS = _defaults("Preserve", "Preserve", "Preserve", "Preserve")
RESIZE_DEFAULTS = _defaults("Preserve", "Preserve", "Now", "Preserve")


def demanded(defaults: Pairs, headers: Pairs, version: str) -> Pairs:
    """The SMB properties that ``version`` insists on and ``headers`` lack; a permission key stands for a permission."""
    if not versions.SMB_PROPERTIES[1] <= version < versions.SMB_OPTIONAL_AGAIN:
        return ()
    said = {name for name, _ in headers}
    if "x-ms-file-permission-key" in said:
        said.add(_PERMISSION)
    return tuple((name, value) for name, value in defaults if name not in said)


def http_headers(headers: HttpHeaders | None) -> Pairs:
    """``x-ms-content-*`` headers, those that are given."""
    _check_kind("http", headers, HttpHeaders)
    if headers is None:
        return ()
    given = ((field.name, getattr(headers, field.name)) for field in fields(HttpHeaders))
    return tuple((_HTTP_HEADERS[name], header_text(name, value)) for name, value in given if value is not None)


def smb_headers(smb: SmbSettings | None, use: _Use) -> tuple[Pairs, tuple[Feature, ...]]:
    """Headers for SMB properties, and the features that they need."""
    _check_kind("smb", smb, SmbSettings)
    if smb is None:
        return (), ()
    pairs: list[tuple[str, str]] = []
    if smb.attributes is not None:
        pairs.append(("x-ms-file-attributes", _attributes(smb.attributes, use.attributes)))
    times = (
        ("x-ms-file-creation-time", smb.creation_time),
        ("x-ms-file-last-write-time", smb.last_write_time),
        ("x-ms-file-change-time", smb.change_time),
    )
    pairs += [(name, _time(name, value, use.times)) for name, value in times if value is not None]
    pairs += _permission(smb, use.permission)
    needs = [use.since] if pairs else []
    if smb.change_time is not None:
        needs.append(versions.CHANGE_TIME)
    if smb.permission_format is not None:
        needs.append(versions.BINARY_PERMISSION)
    return tuple(pairs), tuple(needs)


def _check_kind(name: str, value: object, kind: type) -> None:
    """Callers without a type checker hand in a mapping now and then; say what is expected instead of failing in it."""
    if value is not None and not isinstance(value, kind):
        raise InvalidArgument(f"{name}: {kind.__name__}(...) is expected, not {type(value).__name__}")


def _attributes(text: str, words: Sequence[str]) -> str:
    names = [name.strip() for name in text.split("|")]
    if len(names) == 1:
        return choose("attributes", names[0], (*_ATTRIBUTES, *words))
    return "|".join(choose("attributes", name, _ATTRIBUTES[1:]) for name in names)


def _time(header: str, value: datetime | str, words: Sequence[str]) -> str:
    if isinstance(value, datetime):
        return format_ticks(value)
    if is_iso(value):
        return value
    for word in words:
        if word.lower() == value.lower():
            return word
    raise InvalidArgument(
        f"{header} {value!r}: an aware datetime, a time like 2019-05-09T01:34:42.1234567Z, or {' or '.join(words)} "
        "is expected"
    )


def _permission(smb: SmbSettings, words: Sequence[str]) -> list[tuple[str, str]]:
    if smb.permission is not None and smb.permission_key is not None:
        raise InvalidArgument("permission and permission_key: at most one of the two is expected")
    pairs: list[tuple[str, str]] = []
    if smb.permission is not None:
        text = next((word for word in words if word.lower() == smb.permission.lower()), smb.permission)
        if not text:
            raise InvalidArgument("permission: a security descriptor is expected, not an empty text")
        if len(text) > MAX_PERMISSION_HEADER_BYTES:
            raise InvalidArgument(
                f"permission of {len(text)} bytes, {MAX_PERMISSION_HEADER_BYTES} at most here; "
                "make a permission key with create_permission"
            )
        pairs.append((_PERMISSION, header_text("permission", text)))
    if smb.permission_key is not None:
        pairs.append(("x-ms-file-permission-key", header_text("permission_key", smb.permission_key)))
    if smb.permission_format is not None:
        chosen = choose("permission_format", smb.permission_format, PERMISSION_FORMATS)
        pairs.append(("x-ms-file-permission-format", chosen))
    return pairs


def nfs_headers(nfs: NfsSettings | None) -> tuple[Pairs, tuple[Feature, ...]]:
    """Headers for NFS properties, and the features that they need."""
    _check_kind("nfs", nfs, NfsSettings)
    if nfs is None:
        return (), ()
    pairs: list[tuple[str, str]] = []
    if nfs.mode is not None:
        pairs.append(("x-ms-mode", _mode(nfs.mode)))
    for header, name, value in (("x-ms-owner", "owner", nfs.owner), ("x-ms-group", "group", nfs.group)):
        if value is not None:
            pairs.append((header, str(check_whole(name, _number(value), 0, MAX_NFS_ID))))
    return tuple(pairs), (versions.NFS_PROPERTIES,) if pairs else ()


def property_semantics(chosen: str | None) -> tuple[Pairs, tuple[Feature, ...]]:
    """``New`` or ``Restore``: whether the service adds defaults of its own to what is set."""
    if chosen is None:
        return (), ()
    text = choose("property_semantics", chosen, PROPERTY_SEMANTICS)
    return (("x-ms-file-property-semantics", text),), (versions.PROPERTY_SEMANTICS,)


def combined(*parts: tuple[Pairs, tuple[Feature, ...]]) -> tuple[Pairs, tuple[Feature, ...]]:
    """Headers and features of several settings, in order."""
    pairs = tuple(pair for given, _ in parts for pair in given)
    return pairs, tuple(feature for _, needs in parts for feature in needs)


def _mode(mode: int | str) -> str:
    if isinstance(mode, str):
        if not re.fullmatch(r"[0-7]{3,4}", mode):
            raise InvalidArgument(f"mode {mode!r}: octal text like '0644', or a number like 0o644, is expected")
        return mode.rjust(4, "0")
    return f"{check_whole('mode', mode, 0, MAX_MODE):04o}"


def _number(value: int | str) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value  # type: ignore[return-value]  # any other text is refused by the check that follows


def md5_text(value: bytes | str) -> str:
    """An MD5 hash given as 16 bytes or as their base64, as base64."""
    try:
        raw = value if isinstance(value, bytes) else base64.b64decode(value, validate=True)
    except ValueError:
        raw = b""
    if len(raw) != 16:
        raise InvalidArgument("content_md5: 16 bytes, or the base64 of 16 bytes, are expected")
    return base64.b64encode(raw).decode("ascii")
