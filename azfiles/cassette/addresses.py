"""Where a recorded or live request goes: account, path and query out of a URI, whoever wrote it.

Read leniently, unlike ``azfiles.address``: a cassette may come from any client, and what cannot be understood is kept
as it is rather than refused. One place decides what part of a URI is the account, for scrubbing and for matching.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

PSEUDONYM = "storagename"
"""What an account's name becomes in a cassette; a path that begins with it is in path style, whatever the host."""

_SECONDARY = "-secondary"
_SERVICES = r"(?:z\d+\.)?(?:file|blob|queue|table|dfs)\."
_HOST_STYLE = re.compile(rf"([a-z0-9]+?)((?:{_SECONDARY})?\.{_SERVICES}.*)", re.IGNORECASE)
_ADDRESS_OR_LOCAL = re.compile(
    r"(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\]|(?:[\w-]+\.)*localhost|host\.docker\.internal|[\w-]+)(?::\d*)?",
    re.IGNORECASE,
)
_ESCAPED_SCHEME = re.compile("%3a%2f%2f", re.IGNORECASE)
_SLASH = r"(?:/|%2f|%252f)"
_HOST_STYLE_IN_TEXT = re.compile(
    rf"({_SLASH}{{2}})([a-z0-9]+?)((?:{_SECONDARY})?\.{_SERVICES})",
    re.IGNORECASE,
)
_PATH_STYLE_IN_TEXT = re.compile(
    rf"({_SLASH}{{2}}(?:\d{{1,3}}(?:\.\d{{1,3}}){{3}}|\[[0-9a-f:]+\]|(?:[\w-]+\.)*localhost)(?:(?::|%3a)\d+)?{_SLASH})"
    rf"([a-z0-9]+)((?:{_SECONDARY})?)(?![\w.-])",
    re.IGNORECASE,
)


_CONNECTION_STRING_IN_TEXT = re.compile(r"(\bAccountName=)([a-z0-9]{3,24})()(?![A-Za-z0-9-])", re.IGNORECASE)


class Address(NamedTuple):
    """``account`` is empty where the URI names none; ``path`` is percent-decoded, share first, joined by ``/``;
    ``query`` holds decoded pairs in their order, names in lower case.
    """

    account: str
    path: str
    query: tuple[tuple[str, str], ...]


def parse_uri(uri: str, *, account: str = "") -> Address:
    """Read an absolute URI. ``account`` is the name that an Authorization header gave, where there is one."""
    if "://" not in uri and _ESCAPED_SCHEME.search(uri):
        uri = unquote(uri)
    origin, target = split_uri(uri)
    if not origin:
        path, _, query = target.partition("?")
        return Address("", unquote(path).strip("/"), _read_query(query))
    return parse_target(origin, target, account=account)


def parse_target(origin: str, target: str, *, account: str = "") -> Address:
    """Read ``scheme://host[:port]`` and a raw path with query."""
    path, _, query = target.partition("?")
    decoded = (unquote(path) if "%" in path else path).strip("/")
    host_account, authority = _read_origin(origin)
    if host_account:
        found = host_account
    elif _is_path_style(authority, decoded, account):
        first, _, decoded = decoded.partition("/")
        found = first.removesuffix(_SECONDARY)
    else:
        found = account
    return Address(found, decoded, _read_query(query) if query else ())


def split_uri(uri: str) -> tuple[str, str]:
    """``("https://host:1", "/path?query")``; the target of a URI without a path begins with its ``?``."""
    start = uri.find("://")
    if start < 0:
        return "", uri
    path, query = uri.find("/", start + 3), uri.find("?", start + 3)
    if path < 0 or 0 <= query < path:
        path = query
    return (uri, "") if path < 0 else (uri[:path], uri[path:])


def rename_account(uri: str, rename: Callable[[str], str], *, account: str = "") -> str:
    """A URI with its account's name changed, user information left out, and the rest as it stands."""
    origin, target = split_uri(uri)
    if not origin:
        return uri
    authority = _authority(origin)
    host_account, rest = _split_host(authority)
    if host_account:
        authority = rename(host_account) + rest
    else:
        decoded = unquote(target.partition("?")[0]).strip("/")
        if _is_path_style(authority, decoded, account):
            first = re.match(r"(?:/|%2f)*([^/?%]+)", target, re.IGNORECASE)
            if first is not None:
                name = first[1].removesuffix(_SECONDARY)
                start = first.start(1)
                target = target[:start] + rename(name) + target[start + len(name) :]
    scheme, mark, _ = origin.partition("://")
    return f"{scheme}{mark}{authority}{target}"


def rename_accounts_in_text(
    text: str, rename: Callable[[str], str], *, in_host: Callable[[str], str] | None = None
) -> str:
    """Text with the account's name changed in every URL of a storage service and every connection string that stands in
    it, escaped or not. ``in_host`` is used where the name can be nothing but an account's; in a URL of a local server
    it may be another word.
    """
    certain = in_host or rename

    def renamed(found: re.Match[str]) -> str:
        return found[1] + rename(found[2]) + found[3]

    def certainly_renamed(found: re.Match[str]) -> str:
        return found[1] + certain(found[2]) + found[3]

    if "//" in text or "%2" in text:
        text = _PATH_STYLE_IN_TEXT.sub(renamed, _HOST_STYLE_IN_TEXT.sub(certainly_renamed, text))
    return _CONNECTION_STRING_IN_TEXT.sub(certainly_renamed, text) if "ccount" in text else text


def rename_account_in_host(host: str, rename: Callable[[str], str]) -> str:
    """The value of a Host header with the account's name changed."""
    account, rest = _split_host(host)
    return rename(account) + rest if account else host


def account_of(headers: Iterable[tuple[str, str]]) -> str:
    """The account that an Authorization header with a Shared Key names, or ``""``."""
    for name, value in headers:
        if name.lower() == "authorization" and value.startswith("SharedKey"):
            return value.partition(" ")[2].partition(":")[0]
    return ""


def _authority(origin: str) -> str:
    return origin.partition("://")[2].rpartition("@")[2]


@lru_cache(maxsize=256)
def _read_origin(origin: str) -> tuple[str, str]:
    """The account that the host names, if it does, and the authority: most requests go where others went before."""
    authority = _authority(origin)
    return _split_host(authority)[0], authority


@lru_cache(maxsize=256)
def _split_host(authority: str) -> tuple[str, str]:
    found = _HOST_STYLE.fullmatch(authority)
    return (found[1].lower(), found[2]) if found else ("", authority)


def _is_path_style(authority: str, decoded_path: str, account: str) -> bool:
    first = decoded_path.partition("/")[0].removesuffix(_SECONDARY)
    if not first:
        return False
    # A host with a dot in it may be a domain of the user's own, with the share first: only a known name decides.
    return first in {account, PSEUDONYM} or _looks_local(authority)


@lru_cache(maxsize=256)
def _looks_local(authority: str) -> bool:
    return not authority or _ADDRESS_OR_LOCAL.fullmatch(authority) is not None


def _read_query(query: str) -> tuple[tuple[str, str], ...]:
    pairs: list[tuple[str, str]] = []
    for item in query.split("&"):
        name, _, value = item.partition("=")
        if name:
            # A plus sign is a plus sign to this service, so no unquote_plus.
            pairs.append((unquote(name).lower(), unquote(value) if "%" in value else value))
    return tuple(pairs)


__all__ = [
    "PSEUDONYM",
    "Address",
    "account_of",
    "parse_target",
    "parse_uri",
    "rename_account",
    "rename_account_in_host",
    "rename_accounts_in_text",
    "split_uri",
]
