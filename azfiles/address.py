"""Where things are: an account's endpoint, and share, path and snapshot to and from URLs and connection strings.

Host style puts the account into the host (``https://ACCOUNT.file.core.windows.net/share/...``); path style, the
emulators' way, puts it first in the path (``http://127.0.0.1:10004/ACCOUNT/share/...``).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import field
from urllib.parse import quote, unquote_to_bytes, urlsplit

from azfiles.errors import InvalidArgument
from azfiles.records import dataclass
from azfiles.redaction import redact_url

EMULATOR_ENDPOINT = "http://127.0.0.1:10004/devstoreaccount1"
DEFAULT_SUFFIX = "core.windows.net"

_HOST_STYLE = re.compile(r"([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)\.file\..+", re.IGNORECASE)
_OTHER_SERVICE = re.compile(r"[a-z0-9-]+\.(blob|dfs|queue|table|web)\..+", re.IGNORECASE)
_ACCOUNT_SEGMENT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SECONDARY = "-secondary"


@dataclass(frozen=True, slots=True)
class ResourceAddress:
    """A share, directory or file inside an account: ``path`` is the decoded components below the share, ``snapshot``
    the share snapshot's time stamp as the service writes it.
    """

    share: str
    path: tuple[str, ...] = ()
    snapshot: str | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An account's file service: ``origin`` is ``scheme://host[:port]``, ``base`` the path components before the
    share (``("devstoreaccount1",)`` in path style, none in host style).
    """

    origin: str
    account: str
    base: tuple[str, ...] = ()

    @property
    def scheme(self) -> str:
        return self.origin.partition("://")[0]

    @property
    def host(self) -> str:
        """The value of the Host header: the port is in it where it is not the scheme's own."""
        return self.origin.partition("://")[2]

    @property
    def url(self) -> str:
        """The account's URL, without a slash at the end."""
        return self.origin + "".join("/" + encode_component(component) for component in self.base)

    def target(self, path: Sequence[str] = (), query: Sequence[tuple[str, str]] = ()) -> str:
        """The request target of a resource: path components and query pairs, percent-encoded as UTF-8."""
        text = "/" + "/".join(map(encode_component, (*self.base, *path)))
        if not path and self.base:
            text += "/"
        return f"{text}?{encode_query(query)}" if query else text

    def url_of(self, path: Sequence[str] = (), *, snapshot: str | None = None) -> str:
        """The absolute URL of a resource, ``path`` beginning with its share; no secret is in it."""
        query = (("sharesnapshot", snapshot),) if snapshot else ()
        return self.origin + self.target(path, query)


@functools.lru_cache(maxsize=1024)
def encode_component(component: str) -> str:
    """One path component, percent-encoded as UTF-8; everything but ``A-Z a-z 0-9 - . _ ~`` is escaped."""
    if "/" in component:
        raise InvalidArgument(f"path component {component!r} holds a slash; give the components one by one")
    try:
        return quote(component, safe="")
    except UnicodeEncodeError:
        raise InvalidArgument(f"path component {component!a} holds half a surrogate pair, which has no UTF-8") from None


def encode_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Query pairs in their order, names and values percent-encoded as UTF-8; a blank is ``%20``, never ``+``."""
    return "&".join([_encode_pair(name, value) for name, value in pairs])


@functools.lru_cache(maxsize=256)
def _encode_pair(name: str, value: str) -> str:
    try:
        return f"{quote(name, safe='')}={quote(value, safe='')}"
    except UnicodeEncodeError:
        raise InvalidArgument("a query value holds half a surrogate pair, which has no UTF-8") from None


def split_path(path: str | Iterable[str]) -> tuple[str, ...]:
    """``"a/b.txt"`` as ``("a", "b.txt")``; components given one by one pass as they are. ``""`` and ``"/"`` are the
    share's root. A slash at either end does not matter; two in a row are refused.
    """
    if not isinstance(path, str):
        return tuple(path)
    text = path.strip("/")
    if not text:
        return ()
    components = tuple(text.split("/"))
    if "" in components:
        raise InvalidArgument(f"path {path!r} has an empty component; write one slash between names")
    return components


def parse_endpoint(url: str, *, account: str | None = None, allow_http: bool = False) -> Endpoint:
    """The endpoint of an account's URL. ``account`` is needed where neither host nor path names it (a domain of your
    own). Plain http is refused unless the host is loopback or ``allow_http`` is true.
    """
    endpoint, rest, query = _read_url(url, account=account, allow_http=allow_http)
    if rest:
        raise InvalidArgument(
            f"{redact_url(url)!r} names something inside the account; the account's own URL is wanted"
        )
    if query:
        raise InvalidArgument("the account's URL has a query; give a shared access signature as the credential")
    return endpoint


def parse_account_url(url: str, *, account: str | None = None, allow_http: bool = False) -> tuple[Endpoint, str | None]:
    """Like ``parse_endpoint``, for a URL that may carry a shared access signature: also its query, or ``None``."""
    bare, mark, query = url.partition("?")
    return parse_endpoint(bare, account=account, allow_http=allow_http), query if mark and query else None


def parse_resource_url(url: str, *, allow_http: bool = False) -> tuple[Endpoint, ResourceAddress, str | None]:
    """The endpoint and the address of a share, directory or file by its whole URL (of the account itself with an empty
    share), and the shared access signature that the URL carries, or ``None``. A share snapshot is told by the parameter
    ``sharesnapshot``.
    """
    endpoint, names, query = _read_url(url, account=None, allow_http=allow_http)
    pairs = [pair for pair in query.split("&") if pair]
    snapshots = [pair for pair in pairs if pair.partition("=")[0].lower() == "sharesnapshot"]
    snapshot = _decode(snapshots[0].partition("=")[2]) if snapshots else ""
    others = "&".join(pair for pair in pairs if pair not in snapshots)
    if len(snapshots) > 1 or (snapshots and not (snapshot and names)):
        raise InvalidArgument(f"{redact_url(url)!r}: one sharesnapshot with a time stamp, of a share, is expected")
    address = ResourceAddress(names[0] if names else "", names[1:], snapshot or None)
    return endpoint, address, others or None


def is_loopback(host: str) -> bool:
    """Whether a host name or address, without port, can only be this machine."""
    name = host.strip("[]").lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    import ipaddress  # only where plain http is spoken

    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _read_url(url: str, *, account: str | None, allow_http: bool) -> tuple[Endpoint, tuple[str, ...], str]:
    shown = redact_url(url)
    if not url.isascii() or re.search(r"[\x00-\x20\x7f]", url):
        raise InvalidArgument(f"{shown!r} holds characters that a URL cannot; percent-encode them as UTF-8")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise InvalidArgument(f"{shown!r} is not a URL: its host or port cannot be read") from None
    if parts.scheme not in _DEFAULT_PORTS or not host:
        raise InvalidArgument(f"{shown!r} is not an absolute http or https URL")
    if "@" in parts.netloc or parts.fragment:
        raise InvalidArgument(f"{shown!r} has user information or a fragment, which the service has no use for")
    _check_scheme(parts.scheme, host, allow_http=allow_http)
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != _DEFAULT_PORTS[parts.scheme]:
        netloc += f":{port}"
    origin = f"{parts.scheme}://{netloc}"
    components = split_path(_decode(parts.path))
    other = _OTHER_SERVICE.fullmatch(host)
    if other:
        raise InvalidArgument(
            f"{shown!r} is the {other[1].lower()} service's; the file service's host has '.file.' in it"
        )
    named = _HOST_STYLE.fullmatch(host)
    if named:
        return Endpoint(origin, named[1].removesuffix(_SECONDARY)), components, parts.query
    if components and _ACCOUNT_SEGMENT.fullmatch(components[0]):
        name = components[0].removesuffix(_SECONDARY)
        return Endpoint(origin, name, components[:1]), components[1:], parts.query
    if account and not components:
        return Endpoint(origin, account), (), parts.query
    raise InvalidArgument(
        f"{shown!r} names no account: expected https://ACCOUNT.file.{DEFAULT_SUFFIX} or http://127.0.0.1:PORT/ACCOUNT"
    )


def _check_scheme(scheme: str, host: str, *, allow_http: bool) -> None:
    if scheme == "http" and not allow_http and not is_loopback(host):
        raise InvalidArgument(
            f"plain http to {host!r} would show names, data and signatures to the network; "
            "use https, or say allow_http=True"
        )


def _decode(text: str) -> str:
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidArgument("the URL's escapes are not UTF-8") from None


@dataclass(frozen=True, slots=True)
class ConnectionString:
    """What a connection string says: where, and with which account key or shared access signature (at most one is
    used: a signature wins over a key, because it is the narrower right). ``account`` is the one that the key is of.
    """

    endpoint: Endpoint
    account: str
    account_key: str | None = field(default=None, repr=False)
    sas: str | None = field(default=None, repr=False)
    is_development: bool = False


_KNOWN_FIELDS = {
    name.lower(): name
    for name in (
        "AccountKey",
        "AccountName",
        "BlobEndpoint",
        "BlobSecondaryEndpoint",
        "DefaultEndpointsProtocol",
        "DevelopmentStorageProxyUri",
        "EndpointSuffix",
        "FileEndpoint",
        "FileSecondaryEndpoint",
        "QueueEndpoint",
        "QueueSecondaryEndpoint",
        "SharedAccessSignature",
        "TableEndpoint",
        "TableSecondaryEndpoint",
        "UseDevelopmentStorage",
    )
}


def parse_connection_string(text: str, *, allow_http: bool = False) -> ConnectionString:
    """Read ``Name=value;...`` as the portal and the emulators write it. Field names are taken in any case.

    ``UseDevelopmentStorage=true`` means ``http://127.0.0.1:10004/devstoreaccount1`` and leaves the key to the caller.
    What is wrong is said in an ``InvalidArgument`` that repeats no value.
    """
    fields = _read_fields(text)
    if "usedevelopmentstorage" in fields:
        return _development_storage(fields, allow_http=allow_http)
    account = fields.get("accountname")
    key = fields.get("accountkey")
    sas = fields.get("sharedaccesssignature")
    if key and not account:
        raise InvalidArgument("the connection string has AccountKey but no AccountName")
    file_endpoint = fields.get("fileendpoint")
    if file_endpoint:
        endpoint, query = parse_account_url(file_endpoint, account=account, allow_http=allow_http)
        if query:
            raise InvalidArgument("FileEndpoint in the connection string has a query; use SharedAccessSignature for it")
        return ConnectionString(endpoint, account or endpoint.account, None if sas else key, sas)
    if not account:
        raise InvalidArgument("the connection string has neither FileEndpoint nor AccountName")
    protocol = fields.get("defaultendpointsprotocol", "https").lower()
    if protocol not in _DEFAULT_PORTS:
        raise InvalidArgument("DefaultEndpointsProtocol in the connection string must be https or http")
    suffix = fields.get("endpointsuffix", DEFAULT_SUFFIX).strip(".")
    url = f"{protocol}://{account}.file.{suffix}"
    return ConnectionString(parse_endpoint(url, allow_http=allow_http), account, None if sas else key, sas)


def _read_fields(text: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for number, item in enumerate(text.strip().split(";"), 1):
        if not item.strip():
            continue
        name, mark, value = item.partition("=")
        known = _KNOWN_FIELDS.get(name.strip().lower())
        if not mark:
            raise InvalidArgument(f"part {number} of the connection string has no '='; expected Name=value;Name=value")
        if known is None:
            # The name is not repeated: in a string that was cut or pasted wrongly it may be half a key.
            raise InvalidArgument(
                f"part {number} of the connection string has a name that is not known; "
                f"known are {', '.join(_KNOWN_FIELDS.values())}"
            )
        if known.lower() in fields:
            raise InvalidArgument(f"{known} stands twice in the connection string")
        if not value.strip():
            raise InvalidArgument(f"{known} in the connection string is empty")
        fields[known.lower()] = value.strip()
    if not fields:
        raise InvalidArgument("the connection string is empty")
    return fields


def _development_storage(fields: dict[str, str], *, allow_http: bool) -> ConnectionString:
    if fields["usedevelopmentstorage"].lower() != "true":
        raise InvalidArgument("UseDevelopmentStorage in the connection string can only be true")
    others = set(fields) - {"usedevelopmentstorage"}
    if others:
        names = ", ".join(sorted(_KNOWN_FIELDS[name] for name in others))
        raise InvalidArgument(
            f"UseDevelopmentStorage=true means {EMULATOR_ENDPOINT} and stands alone, but {names} came with it; "
            "for another address give AccountName, AccountKey and FileEndpoint"
        )
    endpoint = parse_endpoint(EMULATOR_ENDPOINT, allow_http=allow_http)
    return ConnectionString(endpoint, endpoint.account, is_development=True)


__all__ = [
    "DEFAULT_SUFFIX",
    "EMULATOR_ENDPOINT",
    "ConnectionString",
    "Endpoint",
    "ResourceAddress",
    "encode_component",
    "encode_query",
    "is_loopback",
    "parse_account_url",
    "parse_connection_string",
    "parse_endpoint",
    "parse_resource_url",
    "split_path",
]
