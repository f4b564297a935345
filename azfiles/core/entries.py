"""The entries of a listing as they nearly always come, read in one pass without a tree of elements.

A page of 5,000 entries is more to read than anything else that the service says. Its entries are matched as a whole by a
pattern that only well-formed XML can match: text without markup, escapes or control characters, in elements that are
closed as they were opened. What does not match to its last character (a name that had to be encoded, an element that
nobody knows) is left to the parser for all of XML, and so are all errors.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Final

from azfiles.core.dates import parse_http_date, parse_iso
from azfiles.errors import ReplyNotUnderstood
from azfiles.models import DirectoryEntry, Entry, EntryTimes, ExactTimes, FileEntry

_TEXT: Final = r"[^<>&\x00-\x1f]"
_NO_CHARACTERS: Final = re.compile(
    "[\ufffe\uffff]"
)  # XML cannot hold them, and looking at each character for them is slow
_ENTRY: Final = (
    rf"(<(File|Directory)><Name>({_TEXT}++)</Name>(?:<FileId>({_TEXT}*+)</FileId>)?+"
    r"(?:<Properties ?/>|<Properties>(?:<Content-Length>([0-9]{1,19}+)</Content-Length>)?+"
    rf"((?:<([A-Za-z][A-Za-z-]*+)>{_TEXT}*+</\7>)*+)</Properties>)"
    rf"(?:<Attributes>({_TEXT}*+)</Attributes>)?+(?:<PermissionKey>({_TEXT}*+)</PermissionKey>)?+</\2>)"
)
_PROPERTY: Final = rf"<([A-Za-z][A-Za-z-]*+)>({_TEXT}*+)</\1>"
_OPEN: Final = "<Entries>"
_TIMES: Final = ("CreationTime", "LastWriteTime", "ChangeTime", "LastAccessTime", "Last-Modified")


def plain_entries(text: str) -> tuple[str, tuple[Entry, ...], str] | None:
    """The document before the entries, they themselves, and the document after them; ``None`` where they are not as
    plain as that. ``before + after`` is the document without entries, which is still to be read.
    """
    if text.count("<Entries") != 1 or "<!" in text or not (text.isascii() or _NO_CHARACTERS.search(text) is None):
        return None  # what is commented out, for instance, would be read
    begin, end = text.find(_OPEN) + len(_OPEN), text.find("</Entries>")
    if not len(_OPEN) <= begin <= end:
        return None
    entry, leaf = _patterns()
    found = entry.findall(text, begin, end)
    if sum([len(each[0]) for each in found]) != end - begin:
        return None
    entries: list[Entry] = []
    for _, kind, name, file_id, size, rest, _, attributes, permission_key in found:
        etag: str | None = None
        times: EntryTimes | None = None
        if rest:
            pairs = leaf.findall(rest)
            properties = dict(pairs)
            if len(properties) != len(pairs):
                return None
            etag = properties.get("Etag") or None
            if "CreationTime" in properties:
                if not all(map(properties.get, _TIMES)):
                    return None
                try:
                    times = entry_times(properties.__getitem__)
                except ReplyNotUnderstood:
                    return None  # the document may be broken elsewhere, and then that is what is said
        if kind == "Directory":
            made = DirectoryEntry(name, file_id or None, etag, times, attributes or None, permission_key or None)
            entries.append(made)
        elif size:
            told = attributes or None, permission_key or None
            entries.append(FileEntry(name, int(size), file_id or None, etag, times, *told))
        else:
            return None
    return text[:begin], tuple(entries), text[end:]


@functools.cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Compiled when the first listing comes: a client that lists nothing starts without them."""
    return re.compile(_ENTRY), re.compile(_PROPERTY)


def entry_times(text_of: Callable[[str], str]) -> EntryTimes:
    """Times of an entry, given the text of each element."""
    exact = ExactTimes(
        creation=text_of("CreationTime"),
        last_write=text_of("LastWriteTime"),
        change=text_of("ChangeTime"),
        last_access=text_of("LastAccessTime"),
    )
    return EntryTimes(
        creation=parse_iso(exact.creation, "CreationTime"),
        last_write=parse_iso(exact.last_write, "LastWriteTime"),
        change=parse_iso(exact.change, "ChangeTime"),
        last_access=parse_iso(exact.last_access, "LastAccessTime"),
        last_modified=parse_http_date(text_of("Last-Modified"), "Last-Modified"),
        exact=exact,
    )
