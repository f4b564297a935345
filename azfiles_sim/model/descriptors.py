"""Security descriptors in their binary, self-relative form, to and from the SDDL text that is stored.

A header of 20 bytes (revision, control, four offsets), then SIDs and lists; all numbers little-endian but a SID's
authority. An entry of an object has up to two GUIDs before its SID. Entries of other kinds (with conditions, with
attributes of the resource, an application's own) are kept byte for byte.
"""

from __future__ import annotations

import re
import struct
from typing import Final, NamedTuple

from azfiles_sim.model.sddl import normalise

_HEADER: Final = struct.Struct("<BBHIIII")
_ACL: Final = struct.Struct("<BBHHH")
_ACE: Final = struct.Struct("<BBH")
_GUID: Final = struct.Struct("<IHH8s")
_SELF_RELATIVE: Final = 0x8000
_DACL_PRESENT: Final = 0x0004
_SACL_PRESENT: Final = 0x0010
_ACL_FLAGS: Final = {"P": 0x1000, "AR": 0x0100, "AI": 0x0400}  # of the access list; the audit list's are twice as high
_NO_CONTROL: Final = "NO_ACCESS_CONTROL"

_PLAIN_KINDS: Final = {"A": 0x00, "D": 0x01, "AU": 0x02, "AL": 0x03, "ML": 0x11, "SP": 0x13, "TL": 0x14}
_OBJECT_KINDS: Final = {"OA": 0x05, "OD": 0x06, "OU": 0x07, "OL": 0x08}
_KINDS: Final = {**_PLAIN_KINDS, **_OBJECT_KINDS}
_KIND_WORDS: Final = {number: word for word, number in _KINDS.items()}
_ACE_FLAGS: Final = {"OI": 0x01, "CI": 0x02, "NP": 0x04, "IO": 0x08, "ID": 0x10, "CR": 0x20, "SA": 0x40, "FA": 0x80}
_HAS_TYPE: Final = 0x1
_HAS_INHERITED_TYPE: Final = 0x2

_RIGHTS: Final = {
    "GA": 0x10000000, "GX": 0x20000000, "GW": 0x40000000, "GR": 0x80000000,
    "FA": 0x001F01FF, "FR": 0x00120089, "FW": 0x00120116, "FX": 0x001200A0,
    "KA": 0x000F003F, "KR": 0x00020019, "KW": 0x00020006, "KX": 0x00020019,
    "RC": 0x00020000, "SD": 0x00010000, "WD": 0x00040000, "WO": 0x00080000,
    "CC": 0x01, "DC": 0x02, "LC": 0x04, "SW": 0x08, "RP": 0x10, "WP": 0x20, "DT": 0x40, "LO": 0x80, "CR": 0x100,
    "NW": 0x01, "NR": 0x02, "NX": 0x04,
}  # fmt: skip
# Written as words where they fit exactly; everything else as a number.
_RIGHT_WORDS: Final = {_RIGHTS[word]: word for word in ("GA", "GX", "GW", "GR", "FA", "FR", "FW", "FX")}
_SIDS: Final = {
    "WD": "S-1-1-0", "CO": "S-1-3-0", "CG": "S-1-3-1", "OW": "S-1-3-4", "NU": "S-1-5-2", "IU": "S-1-5-4",
    "SU": "S-1-5-6", "AN": "S-1-5-7", "ED": "S-1-5-9", "PS": "S-1-5-10", "AU": "S-1-5-11", "RC": "S-1-5-12",
    "SY": "S-1-5-18", "LS": "S-1-5-19", "NS": "S-1-5-20", "BA": "S-1-5-32-544", "BU": "S-1-5-32-545",
    "BG": "S-1-5-32-546", "PU": "S-1-5-32-547", "AO": "S-1-5-32-548", "SO": "S-1-5-32-549", "PO": "S-1-5-32-550",
    "BO": "S-1-5-32-551", "RE": "S-1-5-32-552", "RU": "S-1-5-32-554", "RD": "S-1-5-32-555", "NO": "S-1-5-32-556",
    "LW": "S-1-16-4096", "ME": "S-1-16-8192", "HI": "S-1-16-12288", "SI": "S-1-16-16384", "AC": "S-1-15-2-1",
}  # fmt: skip
_SID_WORDS: Final = {sid: word for word, sid in _SIDS.items()}

_TEXT: Final = re.compile(
    r"O:(?P<owner>[^:()]+)G:(?P<group>[^:()]+)D:(?P<dacl>[A-Z_]*(?:\([^()]*\))*)(?:S:(?P<sacl>[A-Z_]*(?:\([^()]*\))*))?"
)
_LIST_TEXT: Final = re.compile(r"(?P<flags>(?:P|AR|AI)*)(?P<none>NO_ACCESS_CONTROL)?(?P<entries>(?:\([^()]*\))*)")


class Malformed(ValueError):
    """It is no security descriptor, or one without owner, group or access list."""


class NotConvertible(ValueError):
    """A text with what is not converted here: conditions, attributes of a resource, names relative to a domain."""


class _Acl(NamedTuple):
    """One list: its control bits as those of the access list, and its bytes; empty for ``NO_ACCESS_CONTROL``."""

    control: int
    content: bytes


# --- from text -------------------------------------------------------------------------------------------------


def to_binary(text: str) -> bytes:
    """The binary form of a normalised descriptor. Raises NotConvertible."""
    match = _TEXT.fullmatch(text)
    if match is None:
        raise NotConvertible
    dacl = _list_bytes(match["dacl"])
    sacl = _list_bytes(match["sacl"]) if match["sacl"] is not None else None
    control = _SELF_RELATIVE | _DACL_PRESENT | dacl.control
    if sacl is not None:
        control |= _SACL_PRESENT | sacl.control << 1
    offsets: list[int] = []
    body = b""
    pieces = (_sid_bytes(match["owner"]), _sid_bytes(match["group"]), sacl.content if sacl else b"", dacl.content)
    for piece in pieces:
        offsets.append(_HEADER.size + len(body) if piece else 0)
        body += piece
    return _HEADER.pack(1, 0, control, *offsets) + body


def _list_bytes(text: str) -> _Acl:
    match = _LIST_TEXT.fullmatch(text)
    if match is None or (match["none"] and match["entries"]):
        raise NotConvertible
    control = 0
    for flag in re.findall("P|AR|AI", match["flags"]):
        control |= _ACL_FLAGS[flag]
    if match["none"]:
        return _Acl(control, b"")
    entries = [_entry_bytes(entry) for entry in re.findall(r"\(([^()]*)\)", match["entries"])]
    content = b"".join(entries)
    return _Acl(control, _ACL.pack(2, 0, _ACL.size + len(content), len(entries), 0) + content)


def _entry_bytes(text: str) -> bytes:
    kind, flag_words, *fields = text.split(";")
    flags = sum(_ACE_FLAGS.get(flag, 0x100) for flag in set(re.findall("..", flag_words)))
    if flags > 0xFF:
        raise NotConvertible
    if kind.startswith("x"):
        number, content = int(kind[1:], 16), bytes.fromhex(fields[0])
    elif len(fields) != 4 or kind not in _KINDS or (kind in _PLAIN_KINDS and (fields[1] or fields[2])):
        raise NotConvertible
    else:
        number = _KINDS[kind]
        guids = _guid_bytes(fields[1], fields[2]) if kind in _OBJECT_KINDS else b""
        content = struct.pack("<I", _mask(fields[0])) + guids + _sid_bytes(fields[3])
    return _ACE.pack(number, flags, _ACE.size + len(content)) + content


def _guid_bytes(kind: str, inherited: str) -> bytes:
    """Which object, or which of its parts, an entry is about, and which kind of child inherits it."""
    present = (_HAS_TYPE if kind else 0) | (_HAS_INHERITED_TYPE if inherited else 0)
    guids = (text.split("-") for text in (kind, inherited) if text)
    try:
        packed = [
            _GUID.pack(*(int(part, 16) for part in parts[:3]), bytes.fromhex("".join(parts[3:]))) for parts in guids
        ]
    except (ValueError, struct.error):
        raise NotConvertible from None
    return struct.pack("<I", present) + b"".join(packed)


def _mask(text: str) -> int:
    if re.fullmatch(r"0x[0-9A-Fa-f]{1,8}", text):
        return int(text, 16)
    if re.fullmatch(r"[0-9]{1,10}", text) and int(text) < 1 << 32:
        return int(text)
    mask = 0
    for word in re.findall("..", text):
        mask |= _RIGHTS.get(word, 1 << 32)
    if mask >> 32:
        raise NotConvertible
    return mask


def _sid_bytes(text: str) -> bytes:
    parts = _SIDS.get(text, text).split("-")
    if len(parts) < 4 or len(parts) > 18 or parts[:2] != ["S", "1"]:
        raise NotConvertible  # an alias that is relative to a domain, too
    try:
        authority, *rest = (int(part, 0) if part.startswith("0x") else int(part) for part in parts[2:])
        return struct.pack("<BB", 1, len(rest)) + authority.to_bytes(6, "big") + struct.pack(f"<{len(rest)}I", *rest)
    except (ValueError, OverflowError, struct.error):
        raise NotConvertible from None


# --- from binary -----------------------------------------------------------------------------------------------


def to_text(data: bytes) -> str:
    """The normalised text of a descriptor in binary form. Raises Malformed; owner, group and access list are a must."""
    try:
        revision, _, control, owner, group, sacl, dacl = _HEADER.unpack_from(data)
        if revision != 1 or not control & _SELF_RELATIVE or not owner or not group or not control & _DACL_PRESENT:
            raise Malformed
        text = f"O:{_sid_text(data, owner)}G:{_sid_text(data, group)}D:{_list_text(data, dacl, control)}"
        if control & _SACL_PRESENT:
            text += f"S:{_list_text(data, sacl, control >> 1)}"
    except struct.error:
        raise Malformed from None
    normalised = normalise(text)
    if normalised is None:
        raise Malformed
    return normalised


def _list_text(data: bytes, offset: int, control: int) -> str:
    flags = "".join(word for word, bit in _ACL_FLAGS.items() if control & bit)
    if not offset:
        return flags + _NO_CONTROL
    _, _, size, count, _ = _ACL.unpack_from(data, offset)
    if offset + size > len(data):
        raise Malformed
    position = offset + _ACL.size
    entries = ""
    for _ in range(count):
        kind, entry_flags, length = _ACE.unpack_from(data, position)
        if position + length > offset + size or length < _ACE.size:
            raise Malformed
        words = "".join(name for name, bit in _ACE_FLAGS.items() if entry_flags & bit)
        entries += _entry_text(kind, words, data[position + _ACE.size : position + length])
        position += length
    return flags + entries


def _entry_text(kind: int, flags: str, content: bytes) -> str:
    word = _KIND_WORDS.get(kind)
    if word is None:
        return f"(x{kind:02x};{flags};{content.hex()})"
    (mask,) = struct.unpack_from("<I", content)
    guids, at = (";", 4) if word in _PLAIN_KINDS else _guid_text(content)
    return f"({word};{flags};{_RIGHT_WORDS.get(mask) or hex(mask)};{guids};{_sid_text(content, at)})"


def _guid_text(content: bytes) -> tuple[str, int]:
    """The two fields of an entry of an object, and where its SID begins."""
    (present,) = struct.unpack_from("<I", content, 4)
    at = 8
    fields: list[str] = []
    for bit in (_HAS_TYPE, _HAS_INHERITED_TYPE):
        if present & bit:
            first, second, third, rest = _GUID.unpack_from(content, at)
            fields.append(f"{first:08x}-{second:04x}-{third:04x}-{rest[:2].hex()}-{rest[2:].hex()}")
            at += _GUID.size
        else:
            fields.append("")
    return ";".join(fields), at


def _sid_text(data: bytes, offset: int) -> str:
    revision, count = struct.unpack_from("<BB", data, offset)
    if revision != 1 or not 1 <= count <= 15:
        raise Malformed
    rest = struct.unpack_from(f"<{count}I", data, offset + 8)
    authority = int.from_bytes(data[offset + 2 : offset + 8], "big")
    sid = "-".join(map(str, ("S", 1, authority, *rest)))
    return _SID_WORDS.get(sid, sid)


__all__ = ["Malformed", "NotConvertible", "to_binary", "to_text"]
