"""Whose account a request or a source URL speaks of, and which share and path, in host style and in path style.

Host style is ``<account>[-secondary].file.<anything>[:port]``; a Host of another service is refused; every other
Host is path style, where the path's first segment is the account.
"""

from __future__ import annotations

from dataclasses import field
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from azfiles_sim.model.entities import Account
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.view import View
from azfiles_sim.quick import dataclass
from azfiles_sim.wire.call import Call
from azfiles_sim.wire.query import Query, parse_query

OTHER_SERVICES: Final = frozenset({"blob", "queue", "table", "dfs", "web"})
AZURE_HOST: Final = ".file.core.windows.net"
# What a listing names as the endpoint where a request in process carries no Host header.
DEFAULT_HOST: Final = "127.0.0.1:10004"
_SECONDARY: Final = "-secondary"
_LONGEST_KEPT: Final = 2048


@lru_cache(maxsize=256)
def bare_host(host: str) -> str:
    """The host's name in lower case, its port cut off."""
    name = host.strip().lower()
    if name.startswith("["):
        return name.partition("]")[0] + "]"
    return name.partition(":")[0]


@lru_cache(maxsize=256)
def account_of_host(host: str) -> str | None:
    """The account that a Host names, or ``None`` for path style. Raises InvalidUri for another service's Host."""
    labels = bare_host(host).split(".")
    if len(labels) < 3:
        return None
    if labels[1] in OTHER_SERVICES:
        raise ServiceError(Code.INVALID_URI, details=(("Reason", f"This is a {labels[1]} host, not a file host."),))
    return primary(labels[0]) if labels[1] == "file" else None


def primary(account: str) -> str:
    """The account's name without the suffix of its secondary endpoint."""
    return account.removesuffix(_SECONDARY)


def decode_path(raw_path: str) -> tuple[str, ...]:
    """The components of a path as they are meant. Raises InvalidUri."""
    return _decode_path_once(raw_path) if len(raw_path) <= _LONGEST_KEPT else _decode_path(raw_path)


def _decode_path(raw_path: str) -> tuple[str, ...]:
    """The components of a path: decoded once, ``%2F`` and a backslash as good as a slash, a slash at the end ignored.

    (u) an empty component elsewhere (``a//b``) is refused: what the service makes of it is not recorded.
    """
    if "%" in raw_path:
        try:
            path = unquote(raw_path, errors="strict")
        except UnicodeDecodeError:
            raise ServiceError(Code.INVALID_URI) from None
    else:
        path = raw_path
    if "\\" in path:
        path = path.replace("\\", "/")
    path = path.removeprefix("/")
    path = path.removesuffix("/")
    if not path:
        return ()
    segments = tuple(path.split("/"))
    if "" in segments:
        raise ServiceError(Code.INVALID_URI)
    return segments


_decode_path_once: Final = lru_cache(maxsize=2048)(_decode_path)


def address(call: Call) -> None:
    """Find account, path segments, style and effective scheme of a request.

    Raises InvalidUri for a Host of another service and for an account that is not served here.
    """
    host = call.host
    account = account_of_host(host) if host else None
    segments = decode_path(call.raw_path)
    if account is not None:
        found = call.view.account(account)
    else:
        call.path_style = True
        call.host = host or DEFAULT_HOST
        account = primary(segments[0]) if segments else ""
        found = call.view.account(account)
        if found is not None:
            segments = segments[1:]
        elif segments:
            found = _account_that_path_lacks(call)
    if found is None:
        reason = f"No account named {account!r} is served here." if account else "The path names no account."
        raise ServiceError(Code.INVALID_URI, details=(("Reason", reason),))
    call.account = found.name
    call.keys = found.keys
    call.cors = found.settings.service.cors
    call.segments = segments
    call.https = is_https(call, host)


def is_https(call: Call, host: str) -> bool:
    """Whether the request counts as made over https: the listener speaks TLS; or the Host is Azure's own, so that
    something in front must have ended TLS; or a loopback peer says so.
    """
    connection = call.connection
    if connection.tls or bare_host(host).endswith(AZURE_HOST):
        return True
    told = call.headers.get("x-forwarded-proto")
    return told is not None and told.lower() == "https" and connection.is_loopback


def _account_that_path_lacks(call: Call) -> Account | None:
    """The JavaScript SDK's rename loses the account from the path, and so does the client that it returns; the signature
    or the source still names it.
    """
    found = _account_of_authorization(call)
    return _account_of_source(call) if found is None and call.query.get("comp") == "rename" else found


def _account_of_authorization(call: Call) -> Account | None:
    _, _, rest = call.headers.get("authorization", "").partition(" ")
    account = primary(rest.partition(":")[0].strip())
    return call.view.account(account) if account else None


def _account_of_source(call: Call) -> Account | None:
    source = locate(call.headers.get("x-ms-file-rename-source", ""), call.view)
    return call.view.account(source.account) if source is not None else None


@dataclass(frozen=True, slots=True)
class Located:
    """A source URL taken apart; ``query`` holds its parameters (a SAS among them, so it is not shown)."""

    account: str
    keys: tuple[bytes, ...] = field(repr=False)
    segments: tuple[str, ...]
    query: Query = field(repr=False)


def locate(url: str, view: View) -> Located | None:
    """Resolve a source URL by account, never by network address; ``None`` where it names no account served here.

    The scheme and the port are not looked at: TLS may end elsewhere.
    """
    scheme, separator, rest = _as_utf8(url).partition("://")
    if not separator or scheme.lower() not in {"http", "https"}:
        return None
    authority, _, tail = rest.partition("/")
    raw_path, _, raw_query = tail.partition("?")
    try:
        segments = decode_path(f"/{raw_path}")
        query = parse_query(raw_query)
        account = account_of_host(authority)
    except ServiceError:
        return None
    if account is None:
        if not segments:
            return None
        account, segments = primary(segments[0]), segments[1:]
    found = view.account(account)
    return Located(account, found.keys, segments, query) if found is not None else None


def _as_utf8(text: str) -> str:
    """Header text from a socket is latin-1; a URL in it that was sent as UTF-8 is read as such."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


__all__ = [
    "AZURE_HOST",
    "DEFAULT_HOST",
    "Located",
    "account_of_host",
    "address",
    "bare_host",
    "decode_path",
    "is_https",
    "locate",
    "primary",
]
