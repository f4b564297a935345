"""What a shared access signature says, read back from its text. Whether the service takes it, only the service knows: a
stored policy may say the rest, and its key may have been changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final
from urllib.parse import unquote

from azfiles.core import sas
from azfiles.core.sharedkey import sign
from azfiles.credentials import Sas, SharedKey
from azfiles.records import dataclass

_TIME: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?(?:Z|([+-])(\d\d):(\d\d)))?", re.ASCII
)
_VERSION: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_RESOURCES: Final = {"s": "share", "f": "file"}
_NOT_OF_FILES: Final = {
    "b": "a blob",
    "bs": "a blob snapshot",
    "bv": "a blob version",
    "c": "a blob container",
    "d": "a directory, which only Blob Storage signs for",
}


class SasKind(Enum):
    """Who signed, and for what: an account key for the whole account or for a share or file, or a user's key."""

    ACCOUNT = "account"
    SERVICE = "service"
    USER_DELEGATION = "user delegation"


@dataclass(frozen=True, slots=True)
class SasTerms:
    """``fields`` are all parameters but the signature, unescaped, in their order. ``resource`` is ``account``, ``share``
    or ``file`` (``""`` where that cannot be told), ``resource_types`` the letters of an account's signature.
    ``key_ends_at`` is when the user delegation key ends, and all that it signed. ``problems`` are what no service takes.
    """

    kind: SasKind
    fields: tuple[tuple[str, str], ...]
    signature: str = field(repr=False)
    permissions: str
    resource: str
    resource_types: str
    starts_at: datetime | None
    expires_at: datetime | None
    ip: str
    https_only: bool
    policy: str
    version: str
    key_ends_at: datetime | None
    problems: tuple[str, ...]

    @property
    def by_name(self) -> Mapping[str, str]:
        return dict(self.fields)

    @property
    def lines(self) -> tuple[str, ...]:
        """What is signed, line by line: the names of parameters, and what is none."""
        match self.kind:
            case SasKind.ACCOUNT:
                return sas.ACCOUNT_LINES
            case SasKind.SERVICE:
                return sas.SERVICE_LINES
            case SasKind.USER_DELEGATION:
                return sas.DELEGATION_LINES

    def string_to_sign(self, account: str, path: Sequence[str] = ()) -> str:
        """The text that was signed if this is meant for the resource at ``path``: the names from the share on."""
        if self.kind is SasKind.ACCOUNT:
            return sas.account_string_to_sign(account, self.by_name)
        names = path[:1] if self.resource == "share" else path
        return sas.string_to_sign(account, names, self.by_name)

    def is_signed_by(self, key: SharedKey, path: Sequence[str] = ()) -> bool:
        """Whether the signature is that of this text under an account's key."""
        return sign(key, self.string_to_sign(key.account, path)) == self.signature


def read_terms(token: str) -> SasTerms:
    """The terms of a shared access signature; ``InvalidArgument`` where the text is none."""
    pairs = [pair.partition("=") for pair in Sas(token).token.split("&")]
    read = [(unquote(name).strip().lower(), unquote(value)) for name, _, value in pairs]
    signature = next(value for name, value in read if name == "sig")
    fields = tuple((name, value) for name, value in read if name != "sig")
    found = dict(fields)
    kind = _kind(found)
    times = {name: _read_time(found.get(name, "")) for name in ("st", "se", "ske")}
    return SasTerms(
        kind,
        fields,
        signature,
        found.get("sp", ""),
        "account" if kind is SasKind.ACCOUNT else _RESOURCES.get(found.get("sr", ""), ""),
        found.get("srt", ""),
        times["st"],
        times["se"],
        found.get("sip", ""),
        found.get("spr", "") == "https",
        found.get("si", ""),
        found.get("sv", ""),
        times["ske"],
        tuple(_problems(kind, found, times, [name for name, _ in read])),
    )


def _kind(found: Mapping[str, str]) -> SasKind:
    if "skoid" in found:
        return SasKind.USER_DELEGATION
    return SasKind.ACCOUNT if "ss" in found or "srt" in found else SasKind.SERVICE


def _problems(
    kind: SasKind, found: Mapping[str, str], times: Mapping[str, datetime | None], names: Sequence[str]
) -> list[str]:
    said = [f"{name} stands in it twice" for name in dict.fromkeys(names) if names.count(name) > 1]
    if not _VERSION.fullmatch(found.get("sv", "")):
        said.append("sv, the service version, is missing or is no date like 2025-11-05")
    said += [
        f"{name} is {found[name]!r}, which is no time in UTC like 2026-05-09T12:00:00Z"
        for name in ("st", "se")
        if found.get(name) and times[name] is None
    ]
    begin, end = times["st"], times["se"]
    if begin is not None and end is not None and end <= begin:
        said.append("it ends before it begins (se is not after st)")
    if kind is SasKind.ACCOUNT:
        said += _account_problems(found)
    else:
        said += _resource_problems(found)
    return said


def _account_problems(found: Mapping[str, str]) -> list[str]:
    said = [f"{name} is missing" for name in ("ss", "srt", "sp", "se") if not found.get(name)]
    services = found.get("ss", "")
    if services and "f" not in services:
        said.append(f"it is not for Azure Files: ss is {services!r} and has no 'f'")
    said += _strange("srt", found.get("srt", ""), sas.RESOURCE_TYPES)
    return said


def _resource_problems(found: Mapping[str, str]) -> list[str]:
    resource, letters = found.get("sr", ""), found.get("sp", "")
    known = sas.SHARE_PERMISSIONS if resource == "s" else sas.FILE_PERMISSIONS
    said: list[str] = []
    if resource not in _RESOURCES:
        what = f"{resource!r}, for {_NOT_OF_FILES[resource]}" if resource in _NOT_OF_FILES else repr(resource)
        said.append(f"sr is {what}; of Azure Files it is 's' (a share) or 'f' (a file)")
    else:
        said += _strange("sp", letters, known)
        if sorted(letters, key=sas.SHARE_PERMISSIONS.find) != list(letters):
            said.append(f"sp is {letters!r}: its letters must come in the order {known!r}")
    if not found.get("si"):
        said += [
            f"{name} is missing, and no stored policy (si) says it" for name in ("sp", "se") if not found.get(name)
        ]
    return said


def _strange(name: str, letters: str, known: str) -> list[str]:
    strange = "".join(letter for letter in letters if letter not in known)
    return [f"{name} has letters that mean nothing here: {strange!r}"] if strange else []


def _read_time(text: str) -> datetime | None:
    """A time as signatures have it: a day, or a moment to the minute, second, or part of one."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, sign_of, hours, minutes = match.groups()
    micros = int((fraction or "0").ljust(7, "0")[:6])
    try:
        moment = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), micros, tzinfo=UTC
        )
    except ValueError:
        return None
    if sign_of is None:
        return moment
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return moment - offset if sign_of == "+" else moment + offset


__all__ = ["SasKind", "SasTerms", "read_terms"]
