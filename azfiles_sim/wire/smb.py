"""SMB properties in headers: what a request asks for, and what a reply shows."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, TypeAlias

from azfiles_sim.model.commands import NO_HTTP, NO_NFS, NO_SMB, HttpHeadersRequest, NfsRequest, SmbRequest, Word
from azfiles_sim.model.entities import Attributes, Directory, File, Node, Ticks
from azfiles_sim.model.nfs import link_count
from azfiles_sim.wire.api_versions import NFS_SINCE, SMB_OPTIONAL_SINCE, SMB_SINCE
from azfiles_sim.wire.call import Call, HeaderList
from azfiles_sim.wire.dates import iso_time, parse_full_iso_time
from azfiles_sim.wire.kept import LONGEST, Kept
from azfiles_sim.wire.permission_format import PERMISSION_FORMAT, asks_for_binary, read_binary, read_sddl
from azfiles_sim.wire.refusals import bad_header, missing_header
from azfiles_sim.wire.vocabulary import HTTP, NFS, SMB

ATTRIBUTES: Final = "x-ms-file-attributes"
CREATION: Final = "x-ms-file-creation-time"
LAST_WRITE: Final = "x-ms-file-last-write-time"
CHANGE: Final = "x-ms-file-change-time"
PERMISSION: Final = "x-ms-file-permission"
PERMISSION_KEY: Final = "x-ms-file-permission-key"
MODE: Final = "x-ms-mode"
OWNER: Final = "x-ms-owner"
GROUP: Final = "x-ms-group"
FILE_TYPE: Final = "x-ms-file-file-type"
LINK_COUNT: Final = "x-ms-link-count"
MAX_PERMISSION: Final = 8 * 1024

# In the canonical order in which replies join them.
ATTRIBUTE_NAMES: Final = (
    (Attributes.READ_ONLY, "ReadOnly"),
    (Attributes.HIDDEN, "Hidden"),
    (Attributes.SYSTEM, "System"),
    (Attributes.DIRECTORY, "Directory"),
    (Attributes.ARCHIVE, "Archive"),
    (Attributes.TEMPORARY, "Temporary"),
    (Attributes.OFFLINE, "Offline"),
    (Attributes.NOT_CONTENT_INDEXED, "NotContentIndexed"),
    (Attributes.NO_SCRUB_DATA, "NoScrubData"),
)
_BY_NAME: Final = {"none": Attributes.NONE, **{name.lower(): flag for flag, name in ATTRIBUTE_NAMES}}
_WORDS: Final = {word.value: word for word in Word}
_TEXTS: Final[dict[int, str]] = {}

# The words that stand for a value, by kind of request. Others are malformed values, or SDDL where a permission is.
CREATE_WORDS: Final = frozenset({Word.NOW, Word.INHERIT})
SET_WORDS: Final = frozenset({Word.NOW, Word.PRESERVE})
COPY_WORDS: Final = frozenset({Word.NOW, Word.SOURCE, Word.INHERIT})
_MANDATORY: Final = (ATTRIBUTES, CREATION, LAST_WRITE)
_HTTP: Final = frozenset(HTTP)
_NFS: Final = frozenset(NFS)
_SMB: Final = frozenset(SMB)
_OCTAL: Final = re.compile(r"[0-7]{3,5}", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]{1,10}", re.ASCII)


def attributes_text(attributes: Attributes) -> str:
    """``ReadOnly | Archive``, or ``None`` for the empty set."""
    number = int(attributes)
    text = _TEXTS.get(number)
    if text is None:
        text = " | ".join(name for flag, name in ATTRIBUTE_NAMES if number & flag) or "None"
        _TEXTS[number] = text
    return text


def read_smb(call: Call, words: frozenset[Word], *, mandatory: bool = False) -> SmbRequest:
    """The SMB properties that a request asks for.

    ``mandatory`` marks requests on which versions from 2019-02-02 to 2021-04-10 insist on attributes, creation time,
    last-write time and one of permission and permission key.
    """
    headers = call.headers
    if mandatory and SMB_SINCE <= call.version < SMB_OPTIONAL_SINCE:
        _check_mandatory(call)
    if _SMB.isdisjoint(headers):
        return NO_SMB
    binary = PERMISSION_FORMAT in headers and asks_for_binary(call)
    get = headers.get
    return _SMB_REQUESTS[
        words,
        binary,
        get(ATTRIBUTES),
        get(CREATION),
        get(LAST_WRITE),
        get(CHANGE),
        get(PERMISSION),
        get(PERMISSION_KEY),
    ]


def _read_smb(asked: _Asked) -> SmbRequest:
    """What the values of the headers ask for, of which requests say a few again and again."""
    words, binary, attributes, creation, last_write, change, permission, key = asked
    if permission and key:
        raise bad_header(PERMISSION_KEY, key)
    if permission and len(permission) > MAX_PERMISSION:
        raise bad_header(PERMISSION, f"{permission[:64]}...")
    return SmbRequest(
        attributes=_attributes(attributes, words),
        creation=_time(CREATION, creation, words),
        last_write=_time(LAST_WRITE, last_write, words),
        change=_time(CHANGE, change, words),
        permission=_permission(permission, words, binary=binary) if permission else None,
        permission_key=key or None,
    )


def _is_short(asked: _Asked) -> bool:
    return sum([len(text) for text in asked[2:] if text]) <= LONGEST


_Text: TypeAlias = str | None
_Asked: TypeAlias = tuple[frozenset[Word], bool, _Text, _Text, _Text, _Text, _Text, _Text]
_SMB_REQUESTS: Final = Kept(_read_smb, short=_is_short)


def _permission(text: str, words: frozenset[Word], *, binary: bool) -> str | Word:
    word = _word(text, words, Word.NOW, Word.SOURCE)
    if word is not None:
        return word
    return read_binary(text) if binary else read_sddl(text)


def _check_mandatory(call: Call) -> None:
    for name in _MANDATORY:
        if not call.headers.get(name):
            raise missing_header(name)
    if not call.headers.get(PERMISSION) and not call.headers.get(PERMISSION_KEY):
        raise missing_header(PERMISSION)


def _word(text: str, words: frozenset[Word], *barred: Word) -> Word | None:
    """The word that a text is, if it is one of ``words`` but none of those that have no meaning for the property."""
    word = _WORDS.get(text.lower())
    return word if word is not None and word in words and word not in barred else None


def _attributes(text: str | None, words: frozenset[Word]) -> Attributes | Word | None:
    if text is None:
        return None
    word = _word(text, words, Word.NOW, Word.INHERIT)
    if word is not None:
        return word
    attributes = _parse_attributes(text)
    if attributes is None:
        raise bad_header(ATTRIBUTES, text)
    return attributes


@lru_cache(maxsize=256)
def _parse_attributes(text: str) -> Attributes | None:
    result = Attributes.NONE
    for piece in text.split("|"):
        flag = _BY_NAME.get(piece.strip().lower())
        if flag is None:
            return None
        result |= flag
    return result


def _time(name: str, text: str | None, words: frozenset[Word]) -> Ticks | Word | None:
    if text is None:
        return None
    word = _word(text, words, Word.INHERIT)
    if word is not None:
        return word
    instant = parse_full_iso_time(text)
    if instant is None:
        raise bad_header(name, text)
    return instant


def read_http_headers(call: Call) -> HttpHeadersRequest:
    """The stored HTTP headers that a request asks for (``x-ms-content-*`` and ``x-ms-cache-control``)."""
    if _HTTP.isdisjoint(call.headers):
        return NO_HTTP
    get = call.headers.get
    return HttpHeadersRequest(
        content_type=get("x-ms-content-type"),
        content_encoding=get("x-ms-content-encoding"),
        content_language=get("x-ms-content-language"),
        content_md5=get("x-ms-content-md5"),
        content_disposition=get("x-ms-content-disposition"),
        cache_control=get("x-ms-cache-control"),
    )


def read_nfs(call: Call) -> NfsRequest:
    """The NFS properties that a request asks for. (u) owner and group are numbers, as the service gives them."""
    if _NFS.isdisjoint(call.headers):
        return NO_NFS
    text = call.headers.get(MODE)
    if text is not None and not _OCTAL.fullmatch(text):
        raise bad_header(MODE, text)
    for name in (OWNER, GROUP):
        if name in call.headers and not _NUMBER.fullmatch(call.headers[name]):
            raise bad_header(name, call.headers[name])
    return NfsRequest(None if text is None else int(text, 8) & 0o7777, call.headers.get(OWNER), call.headers.get(GROUP))


def add_smb_headers(headers: HeaderList, node: Node, version: str) -> None:
    """What a reply shows of a node's properties, from 2019-02-02 on: SMB's or, on an NFS share, that protocol's."""
    if version < SMB_SINCE:
        return
    smb = node.smb
    if node.nfs is None:
        headers += ((PERMISSION_KEY, smb.permission_key), (ATTRIBUTES, attributes_text(smb.attributes)))
    headers += (
        (CREATION, iso_time(smb.creation)),
        (LAST_WRITE, iso_time(smb.last_write)),
        (CHANGE, iso_time(smb.change)),
        ("x-ms-file-id", shown_id(node, node.file_id)),
        ("x-ms-file-parent-id", shown_id(node, node.parent_id)),
    )
    if node.nfs is not None and version >= NFS_SINCE:
        headers += (
            (MODE, f"{node.nfs.mode:04o}"),
            (OWNER, node.nfs.owner),
            (GROUP, node.nfs.group),
            (FILE_TYPE, _file_type(node)),
        )


def shown_id(node: Node, number: int) -> str:
    """A node's id or its parent's, as replies say it. Recorded: the root of an NFS share is its children's parent 1, that
    of an SMB share 0; (u) so the NFS root is 1 where it is told itself.
    """
    return str(number if node.nfs is None else number or 1)


def _file_type(node: Node) -> str:
    if isinstance(node, Directory):
        return "Directory"
    return "Regular" if node.link_text is None else "SymLink"


def add_link_count(headers: HeaderList, file: File, version: str) -> None:
    """How many names a file on an NFS share has."""
    if file.nfs is not None and version >= NFS_SINCE:
        headers.append(link_count_header(file))


def link_count_header(file: File) -> tuple[str, str]:
    return LINK_COUNT, str(link_count(file))
