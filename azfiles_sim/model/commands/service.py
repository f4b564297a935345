"""Commands to an account's file service."""

from __future__ import annotations

from azfiles_sim.model.commands.base import Command
from azfiles_sim.model.entities import Ticks
from azfiles_sim.model.settings import CorsRule, Metrics
from azfiles_sim.quick import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCommand(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ListShares(ServiceCommand):
    prefix: str = ""
    marker: str | None = None
    """The first share name of the page (already taken out of its ``/account/name`` form)."""
    max_results: int | None = None
    snapshots: bool = False
    metadata: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GetServiceProperties(ServiceCommand):
    """Get File Service Properties, and the preflight, which needs their CORS rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetServiceProperties(ServiceCommand):
    """Set File Service Properties; what is ``None`` stays as it is."""

    hour_metrics: Metrics | None = None
    minute_metrics: Metrics | None = None
    cors: tuple[CorsRule, ...] | None = None
    smb_multichannel: bool | None = None
    smb_encryption_required: bool | None = None
    nfs_encryption_required: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetUserDelegationKey(ServiceCommand):
    """Asked for by the user or application ``object_id`` of ``tenant``; for users of ``delegated_tenant``, if given."""

    object_id: str
    tenant: str
    delegated_tenant: str | None
    start: Ticks
    expiry: Ticks
