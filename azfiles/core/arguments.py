"""Arguments that the service cannot take are refused here, before anything is sent, with a word on what would do.

Only what the documents are sure of is refused; where they are silent the service decides.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from azfiles.address import ResourceAddress
from azfiles.core.versions import TRAILING_DOT, Feature
from azfiles.errors import InvalidArgument
from azfiles.messages import Buffer

MAX_RANGE_BYTES = 4 * 1024 * 1024
MAX_FILE_BYTES = 4 * 1024**4
MAX_PAGE = 5000
MAX_POLICIES = 5
MAX_POLICY_ID = 64
MAX_PERMISSION_HEADER_BYTES = 8 * 1024
INFINITE_LEASE = -1
# Not verified against the service: the largest quota of any account kind, the size of all metadata together, and
# the limits of a path. Numbers from the documents, kept generous.
MAX_QUOTA_GIB = 256 * 1024
MAX_METADATA_BYTES = 8 * 1024
MAX_PATH_CHARACTERS = 2048
MAX_COMPONENT_CHARACTERS = 255
MAX_COMPONENTS = 250
MAX_SOURCE_URL_CHARACTERS = 2048

Pairs = tuple[tuple[str, str], ...]

_SHARE_NAME = re.compile(r"[a-z0-9](?:[a-z0-9]|-(?=[a-z0-9])){2,62}")
# Names that need no closer look: no service has another word on them. The first character is no dot, as in ".".
_ORDINARY = re.compile(rf"[0-9A-Za-z_-][0-9A-Za-z_. -]{{0,{MAX_COMPONENT_CHARACTERS - 1}}}")
_FORBIDDEN = re.compile(r"[\"\\:|<>*?\x00-\x1f\ud800-\udfff]")
_METADATA_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HEADER_TEXT = re.compile(r"[\x20-\x7e]*")
_GUID = re.compile(r"[{(]?[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}[)}]?")


@functools.lru_cache(maxsize=256)
def check_share_name(name: str) -> str:
    if not _SHARE_NAME.fullmatch(name):
        raise InvalidArgument(
            f"share name {name!r}: 3 to 63 lower-case letters, digits and single hyphens are expected, "
            "with a letter or digit at both ends"
        )
    return name


def directory_path(share: str, path: Sequence[str]) -> tuple[str, ...]:
    """The request path of a directory; no components mean the share's root."""
    return (check_share_name(share), *check_components(path))


def file_path(share: str, path: Sequence[str]) -> tuple[str, ...]:
    """The request path of a file, which needs a name."""
    components = directory_path(share, path)
    if len(components) == 1:
        raise InvalidArgument(f"a file in share {share!r} needs a path; none was given")
    return components


def check_components(path: Sequence[str]) -> tuple[str, ...]:
    if isinstance(path, str):
        raise InvalidArgument(f"path {path!r}: the components are expected one by one, as split_path gives them")
    components = tuple(path)
    for component in components:
        if _ORDINARY.fullmatch(component):
            continue
        if component in {"", ".", ".."}:
            raise InvalidArgument(f"path component {component!r}: a name is expected, not a blank, '.' or '..'")
        found = _FORBIDDEN.search(component)
        if found or "/" in component:
            character = found[0] if found else "/"
            raise InvalidArgument(
                f"path component {component!a} holds {character!a}; "
                'names cannot hold " \\ / : | < > * ? or control characters'
            )
        if len(component) > MAX_COMPONENT_CHARACTERS:
            raise InvalidArgument(
                f"path component {component[:40]!r}... has {len(component)} characters, {MAX_COMPONENT_CHARACTERS} at most"
            )
    if len(components) > MAX_COMPONENTS or sum(map(len, components)) + len(components) > MAX_PATH_CHARACTERS:
        raise InvalidArgument(
            f"the path has {len(components)} components; at most {MAX_COMPONENTS}, "
            f"and {MAX_PATH_CHARACTERS} characters in all, are expected"
        )
    return components


def trailing_dots(path: Sequence[str]) -> tuple[Pairs, tuple[Feature, ...]]:
    """Keep a dot at the end of a name. Unless told so, the service drops it silently and means another file."""
    return _dots("x-ms-allow-trailing-dot", path)


def source_trailing_dots(path: Sequence[str]) -> tuple[Pairs, tuple[Feature, ...]]:
    """The same for the source of a copy or rename."""
    return _dots("x-ms-source-allow-trailing-dot", path)


def _dots(header: str, path: Sequence[str]) -> tuple[Pairs, tuple[Feature, ...]]:
    for component in path:  # a loop, as each request of a path comes by here
        if component.endswith("."):
            return ((header, "true"),), (TRAILING_DOT,)
    return (), ()


def header_text(name: str, value: str) -> str:
    """A header value: printable ASCII, and no blanks at its ends, which do not survive the way."""
    try:
        fits = _HEADER_TEXT.fullmatch(value)
    except TypeError:
        raise InvalidArgument(f"{name}: a text is expected, not {type(value).__name__}") from None
    if not fits:
        raise InvalidArgument(f"{name}: a header takes printable ASCII only; encode other characters yourself")
    if value != value.strip():
        raise InvalidArgument(f"{name}: blanks at the start or end of a header value are lost on the way")
    return value


def metadata_headers(metadata: Mapping[str, str] | None) -> Pairs:
    if not metadata:
        return ()
    seen: set[str] = set()
    size = 0
    for name, value in metadata.items():
        if not _METADATA_NAME.fullmatch(name):
            raise InvalidArgument(
                f"metadata name {name!r}: ASCII letters, digits and underscores are expected, no digit first"
            )
        if name.lower() in seen:
            raise InvalidArgument(f"metadata name {name!r} stands twice; the service does not tell case apart")
        seen.add(name.lower())
        size += len(name) + len(header_text(f"metadata {name!r}", value))
    if size > MAX_METADATA_BYTES:
        raise InvalidArgument(f"metadata of {size} bytes, {MAX_METADATA_BYTES} at most")
    return tuple((f"x-ms-meta-{name}", value) for name, value in metadata.items())


def lease_header(lease_id: str | None, header: str = "x-ms-lease-id") -> Pairs:
    return () if lease_id is None else ((header, check_guid(header, lease_id)),)


def check_guid(name: str, value: str) -> str:
    if not _GUID.fullmatch(value):
        # Not repeated: whoever reads a lease id may act for its owner.
        raise InvalidArgument(f"{name}: a GUID is expected, like 01234567-89ab-cdef-0123-456789abcdef")
    return value


def snapshot_query(snapshot: str | None) -> Pairs:
    if snapshot is None:
        return ()
    if not snapshot:
        raise InvalidArgument("snapshot: a time stamp as the service gave it is expected, not an empty text")
    return (("sharesnapshot", snapshot),)


def page_query(*, prefix: str | None = None, marker: str | None, page_size: int | None) -> Pairs:
    if page_size is not None:
        check_whole("page_size", page_size, 1, MAX_PAGE)
    given = (("prefix", prefix), ("marker", marker), ("maxresults", None if page_size is None else str(page_size)))
    return tuple((name, value) for name, value in given if value)


def choose(name: str, value: str, choices: Sequence[str]) -> str:
    """One of ``choices`` in the service's spelling; case does not matter."""
    given = str(value).lower()  # whatever else it is, the refusal below names it
    for choice in choices:
        if choice.lower() == given:
            return choice
    raise InvalidArgument(f"{name} {value!r}: one of {', '.join(choices)} is expected")


def choose_several(name: str, values: str | Iterable[str], choices: Sequence[str]) -> tuple[str, ...]:
    """Some of ``choices``, each once, in the table's order. A text is taken as a list with commas."""
    given = values.split(",") if isinstance(values, str) else values
    chosen = {choose(name, value.strip(), choices) for value in given}
    return tuple(choice for choice in choices if choice in chosen)


def check_whole(name: str, value: int, low: int, high: int) -> int:
    """A whole number between two others, both included."""
    if type(value) is not int or not low <= value <= high:
        raise InvalidArgument(f"{name} {value!r}: a whole number from {low} to {high} is expected")
    return value


def check_offset(name: str, value: int) -> int:
    return check_whole(name, value, 0, MAX_FILE_BYTES)


def check_size(value: int) -> int:
    return check_whole("size", value, 0, MAX_FILE_BYTES)


def range_text(offset: int, length: int) -> str:
    """``bytes=a-b`` for ``length`` bytes from ``offset``; both ends lie inside."""
    check_offset("offset", offset)
    check_whole("length", length, 1, MAX_FILE_BYTES)
    return f"bytes={offset}-{offset + length - 1}"


def body_buffers(data: Buffer | Sequence[Buffer]) -> tuple[tuple[Buffer, ...], int]:
    """Buffers of single bytes, ready to be sent without joining, and how many bytes they are."""
    if isinstance(data, str):
        raise InvalidArgument("data: bytes are expected, not text; encode it first")
    if isinstance(data, (bytes, bytearray, memoryview)):
        buffers: tuple[Buffer, ...] = (_byte_view(data),)
    else:
        buffers = tuple(_byte_view(part) for part in data)
    return buffers, sum(map(len, buffers))


def _byte_view(part: Any) -> Buffer:
    if isinstance(part, (bytes, bytearray)):
        return part
    try:
        view = memoryview(part)
    except TypeError:
        raise InvalidArgument(f"data: bytes, bytearray or memoryview are expected, not {type(part).__name__}") from None
    if not view.c_contiguous:
        return bytes(view)
    return view if view.format == "B" and view.ndim == 1 else view.cast("B")


def check_source_url(url: str) -> str:
    """A URL to copy from: absolute, percent-encoded, at most 2 KiB."""
    if not re.fullmatch(r"https?://[\x21-\x7e]+", url, re.IGNORECASE):
        raise InvalidArgument("the source's URL must be absolute http or https, and percent-encoded")
    if len(url) > MAX_SOURCE_URL_CHARACTERS:
        raise InvalidArgument(f"the source's URL has {len(url)} characters, {MAX_SOURCE_URL_CHARACTERS} at most")
    return url


def check_address(address: ResourceAddress) -> ResourceAddress:
    file_path(address.share, address.path)
    snapshot_query(address.snapshot)
    return address


def check_policy_id(policy_id: str) -> str:
    if not 1 <= len(policy_id) <= MAX_POLICY_ID or not re.fullmatch(
        r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?", policy_id
    ):
        raise InvalidArgument(f"policy id {policy_id!r}: 1 to {MAX_POLICY_ID} printable ASCII characters are expected")
    return policy_id


def choose_letters(name: str, letters: str, known: str) -> str:
    """Permission letters, each known and given once, in the order that the service wants."""
    if not letters or len(set(letters)) != len(letters) or not set(letters) <= set(known):
        raise InvalidArgument(f"{name} {letters!r}: one or more of the letters {known}, each once, are expected")
    return "".join(letter for letter in known if letter in letters)
