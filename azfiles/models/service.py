"""What operations on the account's file service return and take."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime

from azfiles.records import dataclass


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """How long metrics are kept: ``days`` (1 to 365) where it is ``enabled``."""

    enabled: bool = False
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Metrics:
    """What the service counts, by the hour or by the minute. ``include_apis`` counts each operation by itself; it
    goes with ``enabled`` only.
    """

    enabled: bool = False
    include_apis: bool | None = None
    retention: RetentionPolicy = field(default_factory=RetentionPolicy)
    version: str = "1.0"


@dataclass(frozen=True, slots=True)
class CorsRule:
    """What a web page of another origin may do. ``"*"`` as the only origin or header means any; ``max_age_s`` is how
    many seconds a browser may keep the answer to its preflight request.
    """

    allowed_origins: tuple[str, ...]
    allowed_methods: tuple[str, ...]
    allowed_headers: tuple[str, ...] = ()
    exposed_headers: tuple[str, ...] = ()
    max_age_s: int = 0


@dataclass(frozen=True, slots=True)
class ProtocolSettings:
    """How SMB and NFS clients may connect; ``None`` where the service says nothing, or nothing is to be changed."""

    smb_multichannel: bool | None = None
    smb_encryption_required: bool | None = None
    nfs_encryption_required: bool | None = None


@dataclass(frozen=True, slots=True)
class ServiceProperties:
    """Settings of an account's file service. ``protocols`` is ``None`` where the service does not send them."""

    hour_metrics: Metrics
    minute_metrics: Metrics
    cors: tuple[CorsRule, ...] = ()
    protocols: ProtocolSettings | None = None


@dataclass(frozen=True, slots=True)
class CorsAllowed:
    """The service's yes to a preflight request; ``max_age_s`` is how long a browser may rely on it."""

    origin: str
    methods: tuple[str, ...]
    headers: tuple[str, ...] = ()
    max_age_s: int | None = None
    allows_credentials: bool | None = None


@dataclass(frozen=True, slots=True)
class UserDelegationKey:
    """A key that signs in the name of the user who asked for it, until ``expires_at``, seven days at most."""

    object_id: str
    tenant_id: str
    starts_at: datetime
    expires_at: datetime
    service: str
    version: str
    value: str = field(repr=False)
    delegated_tenant_id: str | None = None


__all__ = [
    "CorsAllowed",
    "CorsRule",
    "Metrics",
    "ProtocolSettings",
    "RetentionPolicy",
    "ServiceProperties",
    "UserDelegationKey",
]
