"""Names of shares, directories and files: what is allowed, when two are the same, how they are ordered."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from azfiles_sim.model.entities import Node, Share
from azfiles_sim.model.errors import Code, ServiceError

MAX_COMPONENT_CHARACTERS: Final = 255  # UTF-16 code units, as NTFS counts (which unit the service counts: unverified)
MAX_PATH_CHARACTERS: Final = 2048
MAX_PATH_COMPONENTS: Final = 250
SHARE_NAME_LENGTHS: Final = range(3, 64)

_SHARE_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# The private-use block is refused as a whole; the documents only give U+E000 as an example (unverified, and refusing
# is the safe side). U+FFFE and U+FFFF are recorded as allowed.
_FORBIDDEN: Final = re.compile('[\\x00-\\x1f"\\\\/:|<>*?\\x80-\\x9f\ud800-\udfff\ue000-\uf8ff]')
_RESERVED: Final = frozenset(
    {".", "..", "PRN", "AUX", "NUL", "CON", "CLOCK$"}
    | {f"{device}{number}" for device in ("LPT", "COM") for number in range(1, 10)}
)


def check_share_name(name: str) -> None:
    """Raise InvalidResourceName for a forbidden form, OutOfRangeInput for a forbidden length."""
    refusal = _share_name_refusal(name)
    if refusal is not None:
        raise ServiceError(refusal)


@lru_cache(maxsize=256)
def _share_name_refusal(name: str) -> Code | None:
    if len(name) not in SHARE_NAME_LENGTHS:
        return Code.OUT_OF_RANGE_INPUT
    return None if _SHARE_NAME.fullmatch(name) else Code.INVALID_RESOURCE_NAME


def check_path(path: tuple[str, ...]) -> None:
    """Raise InvalidResourceName for a forbidden component, InvalidFileOrDirectoryPathName for a length or depth.

    A reserved device name is refused as a whole component only, not with an extension (unverified).
    """
    if len(path) > MAX_PATH_COMPONENTS or sum(map(len, path)) + len(path) - 1 > MAX_PATH_CHARACTERS:
        raise ServiceError(Code.INVALID_FILE_OR_DIRECTORY_PATH_NAME)
    for name in path:
        refusal = _component_refusal(name)
        if refusal is not None:
            raise ServiceError(refusal)


@lru_cache(maxsize=4096)
def _component_refusal(name: str) -> Code | None:
    if not name or _FORBIDDEN.search(name) or name.upper() in _RESERVED:
        return Code.INVALID_RESOURCE_NAME
    if len(name) > MAX_COMPONENT_CHARACTERS or (not name.isascii() and _utf16_length(name) > MAX_COMPONENT_CHARACTERS):
        return Code.INVALID_FILE_OR_DIRECTORY_PATH_NAME
    return None


def _utf16_length(name: str) -> int:
    return len(name) + sum(character > "\uffff" for character in name)


def fold_name(name: str) -> str:
    """The name's upper-case form, by which SMB shares compare and order names: letter by letter, as NTFS does.

    A letter whose upper case is not one letter stays as it is. Beyond lower-case ASCII the order is unverified.
    """
    return name.upper() if name.isascii() else _fold_letters(name)


@lru_cache(maxsize=4096)
def _fold_letters(name: str) -> str:
    return "".join(upper if len(upper := letter.upper()) == 1 else letter for letter in name)


def name_key(share: Share, name: str) -> str:
    """What a name, or a path, is compared by in a share: on NFS its very letters, (u) also for the order of lists."""
    return name if share.settings.protocol == "NFS" else fold_name(name)


def node_key(node: Node) -> str:
    """What a node's own name is compared by; only nodes of NFS shares have NFS properties."""
    return fold_name(node.name) if node.nfs is None else node.name


def strip_trailing_dots(path: tuple[str, ...]) -> tuple[str, ...]:
    """The path as the service takes it unless told to allow trailing dots: each component without them."""
    return tuple(component.rstrip(".") for component in path)


__all__ = [
    "MAX_COMPONENT_CHARACTERS",
    "MAX_PATH_CHARACTERS",
    "MAX_PATH_COMPONENTS",
    "check_path",
    "check_share_name",
    "fold_name",
    "name_key",
    "node_key",
    "strip_trailing_dots",
]
