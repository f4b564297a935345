"""Making shared access signatures for the whole account, a share, or one file, with an account key or a user's key.

Least privilege is the default: read only, the narrowest resource, one hour, https only. Strings to sign follow "Create
an account SAS", "Create a service SAS" and "Create a user delegation SAS".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from azfiles.address import encode_query
from azfiles.core.arguments import check_guid, check_policy_id, choose_letters, directory_path, file_path, header_text
from azfiles.core.dates import format_seconds
from azfiles.core.sharedkey import sign
from azfiles.core.versions import DEFAULT_API_VERSION, USER_DELEGATION_KEY, check_version
from azfiles.credentials import Sas, SharedKey
from azfiles.errors import InvalidArgument
from azfiles.models import HttpHeaders, UserDelegationKey

# Letters in the order that the service wants them signed.
FILE_PERMISSIONS = "rcwd"
SHARE_PERMISSIONS = "rcwdl"
ACCOUNT_PERMISSIONS = "rwdlc"
RESOURCE_TYPES = "sco"

DEFAULT_LIFETIME = timedelta(hours=1)
# From this version on an account SAS signs one more line, an encryption scope, which Azure Files leaves empty.
_ENCRYPTION_SCOPE_SINCE = "2020-12-06"
_OLDEST_SERVICE_SAS = "2015-04-05"
# Not verified against the service: that versions before 2026-04-06 sign the two lines on delegated users too.
_DELEGATED = ("skoid", "sktid", "skt", "ske", "sks", "skv", "skdutid", "sduoid")
_OVERRIDES = ("rscc", "rscd", "rsce", "rscl", "rsct")

# What is signed, line by line: query parameters, and what is none.
ACCOUNT = "the account"
PLACE = "the resource"
ACCOUNT_LINES = (ACCOUNT, "sp", "ss", "srt", "st", "se", "sip", "spr", "sv")
SERVICE_LINES = ("sp", "st", "se", PLACE, "si", "sip", "spr", "sv", *_OVERRIDES)
DELEGATION_LINES = ("sp", "st", "se", PLACE, *_DELEGATED, "sip", "spr", "sv", *_OVERRIDES)


def make_account_sas(
    credential: SharedKey,
    *,
    now: datetime,
    permissions: str = "r",
    resource_types: str = "o",
    expires_at: datetime | timedelta | None = None,
    starts_at: datetime | None = None,
    ip: str | None = None,
    allow_http: bool = False,
    version: str = DEFAULT_API_VERSION,
) -> Sas:
    """A signature for the account's file service.

    ``permissions`` are letters of ``rwdlc`` (read, write, delete, list, create); ``resource_types`` of ``sco``
    (service, shares, files and directories). ``expires_at`` is a moment or a time from ``now``; one hour if not given.
    ``starts_at`` is left out by default, so that clocks that differ do no harm. ``ip`` is an IPv4 address or
    ``first-last``.
    """
    letters = choose_letters("permissions", permissions, ACCOUNT_PERMISSIONS)
    types = choose_letters("resource_types", resource_types, RESOURCE_TYPES)
    start, expiry = _window(now, starts_at, expires_at)
    fields = {
        "sv": _sas_version(version),
        "ss": "f",
        "srt": types,
        "sp": letters,
        "st": start,
        "se": expiry,
        "sip": _ip(ip),
        "spr": _protocol(allow_http=allow_http),
    }
    return _signed(credential, fields, account_string_to_sign(credential.account, fields))


def make_share_sas(
    credential: SharedKey,
    share: str,
    *,
    now: datetime,
    permissions: str | None = None,
    expires_at: datetime | timedelta | None = None,
    starts_at: datetime | None = None,
    policy_id: str | None = None,
    ip: str | None = None,
    allow_http: bool = False,
    response_headers: HttpHeaders | None = None,
    version: str = DEFAULT_API_VERSION,
) -> Sas:
    """A signature for everything in a share (not for the share itself): letters of ``rcwdl``, ``r`` if not given.

    With ``policy_id``, a stored access policy of the share, only what is given here is signed and the policy says the
    rest. ``response_headers`` replace those of the service's answers. For the other options see
    ``make_account_sas``.
    """
    return _service_sas(
        credential,
        resource="s",
        path=directory_path(share, ()),
        letters=SHARE_PERMISSIONS,
        now=now,
        permissions=permissions,
        expires_at=expires_at,
        starts_at=starts_at,
        policy_id=policy_id,
        ip=ip,
        allow_http=allow_http,
        response_headers=response_headers,
        version=version,
    )


def make_file_sas(
    credential: SharedKey,
    share: str,
    path: Sequence[str],
    *,
    now: datetime,
    permissions: str | None = None,
    expires_at: datetime | timedelta | None = None,
    starts_at: datetime | None = None,
    policy_id: str | None = None,
    ip: str | None = None,
    allow_http: bool = False,
    response_headers: HttpHeaders | None = None,
    version: str = DEFAULT_API_VERSION,
) -> Sas:
    """A signature for one file: letters of ``rcwd``, ``r`` if not given. For the options see ``make_share_sas``."""
    return _service_sas(
        credential,
        resource="f",
        path=file_path(share, path),
        letters=FILE_PERMISSIONS,
        now=now,
        permissions=permissions,
        expires_at=expires_at,
        starts_at=starts_at,
        policy_id=policy_id,
        ip=ip,
        allow_http=allow_http,
        response_headers=response_headers,
        version=version,
    )


def make_user_delegation_sas(
    account: str,
    key: UserDelegationKey,
    share: str,
    path: Sequence[str] | None = None,
    *,
    now: datetime,
    permissions: str = "r",
    expires_at: datetime | timedelta | None = None,
    starts_at: datetime | None = None,
    delegated_object_id: str | None = None,
    ip: str | None = None,
    allow_http: bool = False,
    response_headers: HttpHeaders | None = None,
    version: str = USER_DELEGATION_KEY,
) -> Sas:
    """A signature in a user's name for everything in a share, or with ``path`` for one file.

    ``expires_at`` is one hour from ``now`` if not given, and never after the key's own end. ``delegated_object_id`` is
    the one user who may use it, who must show a bearer token of his own beside it. For the other options see
    ``make_share_sas``.
    """
    resource, components, known = (
        ("s", directory_path(share, ()), SHARE_PERMISSIONS)
        if path is None
        else ("f", file_path(share, path), FILE_PERMISSIONS)
    )
    if version < USER_DELEGATION_KEY:
        raise InvalidArgument(f"version {version!r}: {USER_DELEGATION_KEY} or later is expected")
    start, expiry = _window(now, starts_at, expires_at)
    limit = format_seconds(key.expires_at)
    if expiry > limit:
        if expires_at is not None:
            raise InvalidArgument(f"expires_at: the key ends at {limit}, and what it signs must end by then")
        expiry = limit
    fields = {
        "sv": _sas_version(version),
        "sr": resource,
        "sp": choose_letters("permissions", permissions, known),
        "st": start,
        "se": expiry,
        "sip": _ip(ip),
        "spr": _protocol(allow_http=allow_http),
        "skoid": key.object_id,
        "sktid": key.tenant_id,
        "skt": format_seconds(key.starts_at),
        "ske": limit,
        "sks": key.service,
        "skv": key.version,
        "skdutid": key.delegated_tenant_id or "",
        "sduoid": "" if delegated_object_id is None else check_guid("delegated_object_id", delegated_object_id),
        **_overrides(response_headers),
    }
    return _signed(SharedKey(account, key.value), fields, string_to_sign(account, components, fields))


def _service_sas(
    credential: SharedKey,
    *,
    resource: str,
    path: tuple[str, ...],
    letters: str,
    now: datetime,
    permissions: str | None,
    expires_at: datetime | timedelta | None,
    starts_at: datetime | None,
    policy_id: str | None,
    ip: str | None,
    allow_http: bool,
    response_headers: HttpHeaders | None,
    version: str,
) -> Sas:
    if policy_id is None:
        permissions = "r" if permissions is None else permissions
        start, expiry = _window(now, starts_at, expires_at)
    else:
        start, expiry = _window(now, starts_at, expires_at, lifetime=None)
    fields = {
        "sv": _sas_version(version),
        "sr": resource,
        "sp": "" if permissions is None else choose_letters("permissions", permissions, letters),
        "st": start,
        "se": expiry,
        "si": "" if policy_id is None else check_policy_id(policy_id),
        "sip": _ip(ip),
        "spr": _protocol(allow_http=allow_http),
        **_overrides(response_headers),
    }
    return _signed(credential, fields, string_to_sign(credential.account, path, fields))


def account_string_to_sign(account: str, fields: Mapping[str, str]) -> str:
    """The text that the signature of an account's signature signs; ``fields`` are its query parameters, unescaped."""
    lines = [account, *(fields.get(name, "") for name in ACCOUNT_LINES[1:])]
    if fields.get("sv", "") >= _ENCRYPTION_SCOPE_SINCE:
        lines.append("")
    return "\n".join(lines) + "\n"


def string_to_sign(account: str, path: Sequence[str], fields: Mapping[str, str]) -> str:
    """The same for a share (``path`` is its name alone) or a file (the names from the share on), whether an account key
    signs or, where ``fields`` name one, a user delegation key.
    """
    place = "/".join(("/file", account, *path))
    names = DELEGATION_LINES if "skoid" in fields else SERVICE_LINES
    return "\n".join(place if name == PLACE else fields.get(name, "") for name in names)


def _signed(credential: SharedKey, fields: dict[str, str], text: str) -> Sas:
    pairs = [(name, value) for name, value in fields.items() if value]
    # Encoded by itself: encoded pairs are remembered, and a signature must not be.
    return Sas(f"{encode_query(pairs)}&sig={quote(sign(credential, text), safe='')}")


def _window(
    now: datetime,
    starts_at: datetime | None,
    expires_at: datetime | timedelta | None,
    *,
    lifetime: timedelta | None = DEFAULT_LIFETIME,
) -> tuple[str, str]:
    """Start and expiry as text, ``""`` where one is left out."""
    _check_time("starts_at", starts_at, (datetime,))
    _check_time("expires_at", expires_at, (datetime, timedelta))
    begin = now if starts_at is None else starts_at
    end = lifetime if expires_at is None else expires_at
    start = "" if starts_at is None else format_seconds(starts_at)
    if end is None:
        return start, ""
    moment = begin + end if isinstance(end, timedelta) else end
    expiry = format_seconds(moment)
    if (isinstance(end, timedelta) and end <= timedelta(0)) or (start and expiry <= start):
        raise InvalidArgument("expires_at: a moment after the start is expected")
    return start, expiry


def _check_time(name: str, value: object, kinds: tuple[type, ...]) -> None:
    if value is not None and not isinstance(value, kinds):
        expected = " or ".join(f"a {kind.__name__}" for kind in kinds)
        raise InvalidArgument(f"{name}: {expected} is expected, not {type(value).__name__}")


def _sas_version(version: str) -> str:
    if check_version(version) < _OLDEST_SERVICE_SAS:
        raise InvalidArgument(f"version {version!r}: {_OLDEST_SERVICE_SAS} or later is expected")
    return version


def _ip(text: str | None) -> str:
    if text is None:
        return ""
    ends = text.split("-")
    try:
        import ipaddress  # rarely given, and slow to import

        addresses = [ipaddress.IPv4Address(end) for end in ends]
    except ValueError:
        addresses = []
    if len(addresses) not in {1, 2} or addresses[0] > addresses[-1]:
        raise InvalidArgument(f"ip {text!r}: an IPv4 address, or first-last, is expected")
    return text


def _protocol(*, allow_http: bool) -> str:
    return "https,http" if allow_http else "https"


def _overrides(headers: HttpHeaders | None) -> dict[str, str]:
    given = headers or HttpHeaders()
    if given.content_md5 is not None:
        raise InvalidArgument("response_headers: a signature cannot replace Content-MD5")
    values = {
        "rscc": given.cache_control,
        "rscd": given.content_disposition,
        "rsce": given.content_encoding,
        "rscl": given.content_language,
        "rsct": given.content_type,
    }
    return {name: "" if value is None else header_text(name, value) for name, value in values.items()}
