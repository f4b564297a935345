"""Security descriptors in SDDL text: what is well formed, the form the service gives back, what a child inherits.

One that came in binary form may have entries that SDDL cannot say; they are kept within the text in a spelling of their
own, which is never told.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_SID: Final = r"(?:S-1-(?:0x[0-9A-Fa-f]+|\d+)(?:-\d+)+|[A-Z]{2})"
_ACL_FLAGS: Final = r"(?:NO_ACCESS_CONTROL|P|AR|AI)*"
_RIGHTS: Final = r"(?:0x[0-9A-Fa-f]+|\d+|(?:[A-Z]{2})*)"
_GUID: Final = r"(?:[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})?"
_ACE: Final = (
    rf"\((?:A|D|AU|AL|OA|OD|OU|OL|ML|RA|SP|TL);(?:OI|CI|NP|IO|ID|SA|FA|TP|CR)*;{_RIGHTS};{_GUID};{_GUID};{_SID}"
    r"(?:;\([^()]*\))?\)"
)
# An entry that SDDL cannot say (it came in binary form): its kind, flags, and all that follows them, in hexadecimal.
_CUSTOM_ACE: Final = r"\(x[0-9a-f]{2};(?:OI|CI|NP|IO|ID|SA|FA|CR)*;[0-9a-f]*\)"
_ANY_ACE: Final = rf"(?:{_ACE}|{_CUSTOM_ACE})"
_DESCRIPTOR: Final = re.compile(
    rf"O:(?P<owner>{_SID})G:(?P<group>{_SID})D:(?P<flags>{_ACL_FLAGS})(?P<aces>{_ANY_ACE}*)"
    rf"(?P<sacl>S:{_ACL_FLAGS}{_ANY_ACE}*)?"
)
_NO_AUDIT: Final = "S:NO_ACCESS_CONTROL"
_ACE_TEXT: Final = re.compile(r"\(([A-Z]+|x[0-9a-f]{2});([A-Z]*);([^()]*(?:\([^()]*\))?)\)")


class _Descriptor(NamedTuple):
    owner: str
    group: str
    flags: str
    aces: tuple[tuple[str, tuple[str, ...], str], ...]
    sacl: str

    def text(self) -> str:
        aces = "".join(f"({kind};{''.join(flags)};{rest})" for kind, flags, rest in self.aces)
        return f"O:{self.owner}G:{self.group}D:{self.flags}{aces}{self.sacl}"


def normalise(text: str) -> str | None:
    """The text as the service gives it back: with ``S:NO_ACCESS_CONTROL`` where it has no audit part. None if it is
    not a descriptor with owner, group and access list (the documents demand all three), in this order.
    """
    parsed = _parse(text.strip())
    return None if parsed is None else parsed.text()


def has_custom_entries(text: str) -> bool:
    """Whether a descriptor has entries that SDDL cannot say."""
    return re.search(_CUSTOM_ACE, text) is not None


def as_set_explicitly(text: str) -> str:
    """What a normalised descriptor becomes when it is set on a file or directory by a request.

    Recorded: the key of an inherited descriptor, set explicitly, reads back as another key. How the service rewrites
    it is unverified; here its entries stop being marked as inherited, and so an explicit one stays as it is.
    """
    parsed = _parse_normalised(text)
    aces = tuple((kind, tuple(flag for flag in flags if flag != "ID"), rest) for kind, flags, rest in parsed.aces)
    return parsed._replace(flags=parsed.flags.replace("AI", ""), aces=aces).text()


def inherited(text: str, *, directory: bool) -> str | None:
    """What a new child gets from a parent with this normalised descriptor, by the rules of NTFS; None if nothing in it
    is meant for such a child.
    """
    parsed = _parse_normalised(text)
    aces: list[tuple[str, tuple[str, ...], str]] = []
    for kind, flags, rest in parsed.aces:
        for_this = "CI" in flags if directory else "OI" in flags
        passes_on = directory and "NP" not in flags
        if not for_this and not (passes_on and "OI" in flags):
            continue
        kept = tuple(flag for flag in ("OI", "CI") if passes_on and flag in flags)
        only_passes_on = () if for_this else ("IO",)
        aces.append((kind, (*kept, *only_passes_on, "ID"), rest))
    return parsed._replace(flags="AI", aces=tuple(aces), sacl=_NO_AUDIT).text() if aces else None


def _parse(text: str) -> _Descriptor | None:
    match = _DESCRIPTOR.fullmatch(text)
    if match is None:
        return None
    aces = tuple(
        (kind, tuple(flags[index : index + 2] for index in range(0, len(flags), 2)), rest)
        for kind, flags, rest in _ACE_TEXT.findall(match["aces"])
    )
    return _Descriptor(match["owner"], match["group"], match["flags"], aces, match["sacl"] or _NO_AUDIT)


def _parse_normalised(text: str) -> _Descriptor:
    parsed = _parse(text)
    if parsed is None:
        raise ValueError("a stored security descriptor is not well formed")
    return parsed


__all__ = ["as_set_explicitly", "has_custom_entries", "inherited", "normalise"]
