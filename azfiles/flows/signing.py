"""Making shared access signatures, with the client's own account key or a user delegation key. Signing sends nothing;
only the clock is read.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from azfiles.core import sas, service
from azfiles.core.versions import USER_DELEGATION_KEY
from azfiles.credentials import Sas, SharedKey, Token
from azfiles.errors import InvalidArgument
from azfiles.flows.call import call
from azfiles.flows.effects import Flow, wall_clock
from azfiles.flows.targets import Target
from azfiles.models import HttpHeaders, UserDelegationKey


def make_account_sas(
    target: Target,
    *,
    permissions: str = "r",
    resource_types: str = "o",
    expires_at: datetime | timedelta | None = None,
    starts_at: datetime | None = None,
    ip: str | None = None,
    https_only: bool = True,
) -> Flow[Sas]:
    """Make a signature for the account's file service: read only, files and directories only, one hour, https only.

    ``permissions`` are letters of ``rwdlc`` (read, write, delete, list, create), ``resource_types`` of ``sco``
    (service, shares, files and directories); ``expires_at`` is a moment or a time from now; ``ip`` an IPv4 address or
    ``first-last``. Needs an account key (``SharedKey``); nothing is sent.
    """
    return sas.make_account_sas(
        _key(target),
        now=(yield from wall_clock()),
        permissions=permissions,
        resource_types=resource_types,
        expires_at=expires_at,
        starts_at=starts_at,
        ip=ip,
        allow_http=not https_only,
        version=target.session.api_version,
    )


def make_share_sas(
    target: Target,
    *,
    permissions: str | None = None,
    expires_at: datetime | timedelta | None = None,
    starts_at: datetime | None = None,
    policy: str | None = None,
    ip: str | None = None,
    https_only: bool = True,
    response_headers: HttpHeaders | None = None,
) -> Flow[Sas]:
    """Make a signature for what is in this share, never the share itself: read only, one hour, https only.

    ``permissions`` are letters of ``rwdlc``. With ``policy``, the id of a stored access policy, the policy says what is
    not given here. ``response_headers`` replace those of the service's answers; the rest as for an account's signature.
    """
    return sas.make_share_sas(
        _key(target),
        target.share,
        now=(yield from wall_clock()),
        permissions=permissions,
        expires_at=expires_at,
        starts_at=starts_at,
        policy_id=policy,
        ip=ip,
        allow_http=not https_only,
        response_headers=response_headers,
        version=target.session.api_version,
    )


def make_file_sas(
    target: Target,
    *,
    permissions: str | None = None,
    expires_at: datetime | timedelta | None = None,
    starts_at: datetime | None = None,
    policy: str | None = None,
    ip: str | None = None,
    https_only: bool = True,
    response_headers: HttpHeaders | None = None,
) -> Flow[Sas]:
    """Make a signature for this file alone: read only, one hour, https only.

    ``permissions`` are letters of ``rcwd``; the rest as for a share's signature.
    """
    return sas.make_file_sas(
        _key(target),
        target.share,
        target.path,
        now=(yield from wall_clock()),
        permissions=permissions,
        expires_at=expires_at,
        starts_at=starts_at,
        policy_id=policy,
        ip=ip,
        allow_http=not https_only,
        response_headers=response_headers,
        version=target.session.api_version,
    )


def get_user_delegation_key(
    target: Target,
    *,
    expires_at: datetime | timedelta = sas.DEFAULT_LIFETIME,
    starts_at: datetime | None = None,
    delegated_tenant_id: str | None = None,
) -> Flow[UserDelegationKey]:
    """Get a key that signs in the name of the user whose bearer token this client has (Get User Delegation Key).

    ``expires_at`` is a moment or a time from the start, one hour if not given and seven days at most. ``starts_at`` is
    now if not given. ``delegated_tenant_id`` is the tenant of the users who alone may use the signatures.
    """
    credential = target.session.credential
    if not isinstance(credential, Token):
        raise InvalidArgument(
            f"a user delegation key needs a bearer token, but this client's credential is {type(credential).__name__}"
        )
    start = (yield from wall_clock()) if starts_at is None else starts_at
    end = start + expires_at if isinstance(expires_at, timedelta) else expires_at
    operation = service.get_user_delegation_key(start, end, delegated_tenant_id=delegated_tenant_id)
    return (yield from call(target.session, operation))


def make_user_delegation_share_sas(
    target: Target,
    key: UserDelegationKey,
    *,
    permissions: str = "r",
    expires_at: datetime | timedelta | None = None,
    starts_at: datetime | None = None,
    delegated_object_id: str | None = None,
    ip: str | None = None,
    https_only: bool = True,
    response_headers: HttpHeaders | None = None,
) -> Flow[Sas]:
    """Make a signature in a user's name for what is in this share: read only, one hour, https only.

    ``key`` comes from the service client's ``get_user_delegation_key``; the signature ends with it at the latest, and
    allows what the user may do besides. ``permissions`` are letters of ``rwdlc``. ``delegated_object_id`` is the one
    user who may use the signature, together with a bearer token of his own.
    """
    return sas.make_user_delegation_sas(
        target.session.endpoint.account,
        key,
        target.share,
        now=(yield from wall_clock()),
        permissions=permissions,
        expires_at=expires_at,
        starts_at=starts_at,
        delegated_object_id=delegated_object_id,
        ip=ip,
        allow_http=not https_only,
        response_headers=response_headers,
        version=_delegation_version(target),
    )


def make_user_delegation_file_sas(
    target: Target,
    key: UserDelegationKey,
    *,
    permissions: str = "r",
    expires_at: datetime | timedelta | None = None,
    starts_at: datetime | None = None,
    delegated_object_id: str | None = None,
    ip: str | None = None,
    https_only: bool = True,
    response_headers: HttpHeaders | None = None,
) -> Flow[Sas]:
    """Make a signature in a user's name for this file alone: read only, one hour, https only.

    ``permissions`` are letters of ``rcwd``; the rest as for a share's.
    """
    return sas.make_user_delegation_sas(
        target.session.endpoint.account,
        key,
        target.share,
        target.path,
        now=(yield from wall_clock()),
        permissions=permissions,
        expires_at=expires_at,
        starts_at=starts_at,
        delegated_object_id=delegated_object_id,
        ip=ip,
        allow_http=not https_only,
        response_headers=response_headers,
        version=_delegation_version(target),
    )


def _delegation_version(target: Target) -> str:
    """Signatures say their own version; the client's may be older than signing in a user's name."""
    return max(target.session.api_version, USER_DELEGATION_KEY)


def _key(target: Target) -> SharedKey:
    credential = target.session.credential
    if not isinstance(credential, SharedKey):
        raise InvalidArgument(
            f"a signature is made with an account key, but this client's credential is {type(credential).__name__}"
        )
    return credential


__all__ = [
    "get_user_delegation_key",
    "make_account_sas",
    "make_file_sas",
    "make_share_sas",
    "make_user_delegation_file_sas",
    "make_user_delegation_share_sas",
]
