"""Hypothesis strategies for what Azure Files takes and refuses, chosen where programs tend to break.

What is valid and what is not are apart: a name of ``file_names`` must work, one of ``refused_names`` must be refused.
Where the service's documents are silent or nobody has verified them (blanks at the end of a name, characters beyond
the Basic Multilingual Plane at full length), neither draws it, or only where it is safe.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

import azfiles

MIB: Final = 2**20
PAGE: Final = 512
"""Bytes of a page: what a clear gives back to the share."""
MAX_RANGE: Final = 4 * MIB
"""Bytes that one Put Range takes at most."""

EDGES: Final[Sequence[int]] = (
    0,
    1,
    PAGE - 1,
    PAGE,
    PAGE + 1,
    2 * PAGE - 1,
    2 * PAGE,
    2 * PAGE + 1,
    MAX_RANGE - 1,
    MAX_RANGE,
    MAX_RANGE + 1,
)
"""Sizes and offsets at which something begins or ends: nothing, a page, two pages, the largest range."""

# --- names -------------------------------------------------------------------------------------------------------

RESERVED_CHARACTERS: Final = '"\\/:|<>*?'
DEVICE_NAMES: Final[Sequence[str]] = (
    *(f"{port}{number}" for port in ("LPT", "COM") for number in range(1, 10)),
    "PRN",
    "AUX",
    "NUL",
    "CON",
    "CLOCK$",
)
MAX_NAME: Final = 255

_LETTERS_AND_DIGITS: Final = string.ascii_lowercase + string.digits
_AWKWARD_NAMES: Final[Sequence[str]] = (
    "with space",
    " leading blank",
    "100%",
    "percent%41",
    "%2F",
    "plus+sign",
    "a&b=c;d",
    "#hash",
    "semi;colon",
    "it's",
    "(brackets)[]{}",
    "tilde~",
    "comma,",
    "at@",
    "dollar$",
    "ünïcödé",
    "u\u0308 combining",
    "日本",
    "ß",
    "İ",
    "ﬁ ligature",
    "عربي",
    "\U0001f600",
    "a\uffff",
    ".hidden",
    "dot.",
    "dots...",
    "two..dots",
    "con.txt",
    "nul1",
    "COM0",
    "comp",
    "restype=directory",
    "&amp;",
    "x" * MAX_NAME,
    "é" * MAX_NAME,
)
_NAME_CHARACTERS: Final = st.characters(
    min_codepoint=0x20,
    max_codepoint=0xD7FF,
    exclude_characters=RESERVED_CHARACTERS + "\x7f",
    exclude_categories=("Cc", "Cs", "Cn"),
)


def share_names() -> SearchStrategy[str]:
    """Names that a share can have: 3 to 63 lower-case letters, digits and single hyphens, none at an end."""
    parts = st.lists(st.text(_LETTERS_AND_DIGITS, min_size=1, max_size=12), min_size=1, max_size=5)
    drawn = parts.map("-".join).filter(lambda name: 3 <= len(name) <= 63)
    return st.sampled_from(("abc", "0-0", "1" * 63, "a" * 63, "a-b-c-d-e-f")) | drawn


def refused_share_names() -> SearchStrategy[str]:
    """Names that no share can have: too short or long, upper case, two hyphens in a row or one at an end, and others."""
    known = ("", "ab", "x" * 64, "Upper", "-dash", "dash-", "two--dashes", "dot.dot", "under_score", "ünïcödé", "a b c")
    wrong = st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters=_LETTERS_AND_DIGITS + "-/?#")
    damaged = st.builds(_damaged_share_name, share_names(), wrong)
    return st.sampled_from(known) | damaged


def _damaged_share_name(name: str, sign: str) -> str:
    return f"{name[:2]}{sign}{name[2:]}"[:63]


def file_names() -> SearchStrategy[str]:
    """Names that a file or directory can have, many of them awkward: percent signs and what looks like an escape,
    blanks, dots at the end, characters that XML cannot hold, 255 characters, letters whose case is not simple.

    A dot at the end counts only where the request says so, as azfiles does; case does not tell names apart.
    """
    drawn = st.text(_NAME_CHARACTERS, min_size=1, max_size=40).filter(_is_plain)
    return st.sampled_from(_AWKWARD_NAMES) | drawn


def _is_plain(name: str) -> bool:
    """Not blank at its end, nothing but dots, or a device."""
    return name == name.rstrip() and bool(name.strip(". ")) and name.rstrip(".").upper() not in DEVICE_NAMES


directory_names = file_names
"""A directory can have the names that a file can have."""


def refused_names() -> SearchStrategy[str]:
    """Names that neither a file nor a directory can have, and that azfiles refuses before anything is sent: with a
    reserved or control character, longer than 255 characters, or ``.`` and ``..``. None has a slash, which would make
    it a path of two names.
    """
    reserved = st.sampled_from([sign for sign in RESERVED_CHARACTERS if sign != "/"])
    wrong = reserved | st.characters(max_codepoint=0x1F) | st.sampled_from(("\ud800", "\udfff"))
    damaged = st.tuples(_short(), wrong, _short()).map("".join)
    too_long = st.integers(MAX_NAME + 1, MAX_NAME + 50).map(lambda length: "x" * length)
    return st.sampled_from((".", "..")) | damaged | too_long


def device_names() -> SearchStrategy[str]:
    """Names that Windows keeps for devices, in any case. The service refuses them; azfiles leaves that to it."""
    return st.sampled_from([*DEVICE_NAMES, *map(str.lower, DEVICE_NAMES)])


def _short() -> SearchStrategy[str]:
    return st.text(string.ascii_letters, max_size=5)


def paths(*, max_depth: int = 4) -> SearchStrategy[str]:
    """Paths of 1 to ``max_depth`` names, joined by slashes as azfiles takes them."""
    return st.lists(file_names(), min_size=1, max_size=max_depth).map("/".join).filter(lambda path: len(path) < 2000)


# --- contents ----------------------------------------------------------------------------------------------------


def sizes(*, max_size: int = MAX_RANGE + 1) -> SearchStrategy[int]:
    """Sizes of files in bytes, every second one an edge."""
    return _edges(0, max_size) | st.integers(0, max_size)


def offsets(size: int) -> SearchStrategy[int]:
    """Places in a file of ``size`` bytes, its end included: edges, edges from the end, or any."""
    from_end = [size - edge for edge in EDGES if 0 <= size - edge <= size]
    return _edges(0, size) | st.sampled_from(from_end) | st.integers(0, size)


@st.composite
def ranges(draw: st.DrawFn, size: int, *, max_length: int = MAX_RANGE) -> azfiles.Range:
    """Ranges of 1 to ``max_length`` bytes inside a file of ``size`` bytes, of which there is at least one."""
    if size < 1:
        raise ValueError("a file of no bytes has no range")
    offset = draw(offsets(size - 1))
    most = min(max_length, size - offset)
    return azfiles.Range(offset, draw(_edges(1, most) | st.just(most) | st.integers(1, most)))


def contents(*, max_size: int = 2 * PAGE + 1) -> SearchStrategy[bytes]:
    """Contents of 0 to ``max_size`` bytes. Long ones repeat a few bytes: what hypothesis draws byte by byte is slow."""
    pattern = st.binary(min_size=1, max_size=8)
    return st.builds(_repeated, pattern, sizes(max_size=max_size))


def _repeated(pattern: bytes, size: int) -> bytes:
    return (pattern * (size // len(pattern) + 1))[:size]


def _edges(low: int, high: int) -> SearchStrategy[int]:
    """Edges between two numbers, and those numbers themselves."""
    return st.sampled_from(sorted({low, high, *(edge for edge in EDGES if low <= edge <= high)}))


# --- properties --------------------------------------------------------------------------------------------------

_KEYWORDS: Final = ("class", "_", "__", "x1", "CamelCase", "UP", "a_b", "content_length", "z" * 100)


def metadata_names() -> SearchStrategy[str]:
    """Names of metadata: C# identifiers, which azfiles takes in ASCII."""
    first = st.sampled_from(string.ascii_letters + "_")
    rest = st.text(string.ascii_letters + string.digits + "_", max_size=12)
    return st.sampled_from(_KEYWORDS) | st.builds(str.__add__, first, rest)


def refused_metadata_names() -> SearchStrategy[str]:
    """Names that metadata cannot have."""
    return st.sampled_from(("", "1st", "with-hyphen", "with space", "dot.", "ü", "a=b", "a:b", "tab\t", "line\n"))


def metadata_values() -> SearchStrategy[str]:
    """Values of metadata: printable ASCII without blanks at the ends, which would be lost on the way."""
    drawn = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20).filter(
        lambda value: value == value.strip()
    )
    awkward = ("", "0", "a=b&c", "comma, separated", "quo\"ted'", "100%", "<xml/>", "a  b", "x" * 1000, "==")
    return st.sampled_from(awkward) | drawn


def metadata(*, max_size: int = 4) -> SearchStrategy[dict[str, str]]:
    """Metadata of up to ``max_size`` names, no two of which differ in case only."""
    pairs = st.lists(
        st.tuples(metadata_names(), metadata_values()),
        max_size=max_size,
        unique_by=lambda pair: pair[0].lower(),
    )
    return pairs.map(dict)


def lease_ids() -> SearchStrategy[str]:
    """GUIDs as lease ids are written."""
    return st.uuids().map(str)


def lease_durations() -> SearchStrategy[int]:
    """Seconds that a share lease can last: 15 to 60, or -1 for ever."""
    return st.sampled_from((15, 16, 59, 60, -1)) | st.integers(15, 60)


def smb_attributes() -> SearchStrategy[str]:
    """Attributes of a file, as ``SmbSettings`` takes them. ``ReadOnly``, which refuses later writes, is among them."""
    words = ("ReadOnly", "Hidden", "System", "Archive", "Temporary", "Offline", "NotContentIndexed", "NoScrubData")
    chosen = st.lists(st.sampled_from(words), min_size=1, max_size=4, unique=True).map("|".join)
    return st.just("None") | chosen


def times() -> SearchStrategy[datetime]:
    """Creation and write times to set, in whole microseconds: the beginning of what Windows can tell, the year 2038,
    leap days, the far future, or any.
    """
    first, last = datetime(1601, 1, 2), datetime(3005, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
    edges = (
        datetime(1601, 1, 2, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2000, 2, 29, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
        datetime(3005, 1, 1, tzinfo=UTC),
    )
    later = [edge + timedelta(microseconds=1) for edge in edges]
    return st.sampled_from([*edges, *later]) | st.datetimes(first, last, timezones=st.just(UTC))


__all__ = [
    "DEVICE_NAMES",
    "EDGES",
    "MAX_NAME",
    "MAX_RANGE",
    "MIB",
    "PAGE",
    "RESERVED_CHARACTERS",
    "contents",
    "device_names",
    "directory_names",
    "file_names",
    "lease_durations",
    "lease_ids",
    "metadata",
    "metadata_names",
    "metadata_values",
    "offsets",
    "paths",
    "ranges",
    "refused_metadata_names",
    "refused_names",
    "refused_share_names",
    "share_names",
    "sizes",
    "smb_attributes",
    "times",
]
