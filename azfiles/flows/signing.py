"""Making shared access signatures with the client's own account key. Nothing is sent; only the clock is read."""

from __future__ import annotations

from datetime import datetime, timedelta

from azfiles.core import sas
from azfiles.credentials import Sas, SharedKey
from azfiles.errors import InvalidArgument
from azfiles.flows.effects import Flow, wall_clock
from azfiles.flows.targets import Target
from azfiles.models import HttpHeaders


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


def _key(target: Target) -> SharedKey:
    credential = target.session.credential
    if not isinstance(credential, SharedKey):
        raise InvalidArgument(
            f"a signature is made with an account key, but this client's credential is {type(credential).__name__}"
        )
    return credential


__all__ = ["make_account_sas", "make_file_sas", "make_share_sas"]
