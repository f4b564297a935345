"""What a flow works on: an account and how to speak to it, and a share, directory or file inside it."""

from __future__ import annotations

import math
from dataclasses import field, fields, replace
from typing import Final

from azfiles.address import Endpoint, split_path
from azfiles.core.operation import Kind
from azfiles.credentials import Credential
from azfiles.errors import InvalidArgument
from azfiles.flows.health import Health
from azfiles.flows.policies import RetryPolicy
from azfiles.flows.watching import NOBODY, Watch
from azfiles.records import dataclass

_FIELD_OF: Final = {
    Kind.METADATA: "metadata_s",
    Kind.DATA: "data_s",
    Kind.LISTING: "listing_s",
    Kind.LEASE: "lease_s",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How many seconds one request may take, by the kind of its operation; connecting is part of it."""

    metadata_s: float = 20.0
    data_s: float = 60.0
    listing_s: float = 30.0
    lease_s: float = 10.0

    def __post_init__(self) -> None:
        for each in fields(self):
            seconds = getattr(self, each.name)
            if not (seconds > 0 and math.isfinite(seconds)):
                raise InvalidArgument(f"{each.name} is {seconds}: more than 0 seconds, and not endless, are expected")

    def of(self, kind: Kind) -> float:
        """Seconds for an operation of this kind."""
        seconds: float = getattr(self, _FIELD_OF[kind])
        return seconds


@dataclass(frozen=True, slots=True)
class Session:
    """An account, the credential for it, the service version to speak, and how long to wait. With ``backup_intent``
    each request says that it is for backup, which with a bearer token all do.

    ``retry`` says how failed tries are repeated, ``None`` that they are not; ``health`` is what is known of the endpoint,
    ``None`` that nobody keeps account of it; ``watch`` hears of all that is done.
    """

    endpoint: Endpoint
    credential: Credential
    api_version: str
    timeouts: Timeouts = field(default_factory=Timeouts)
    backup_intent: bool = False
    retry: RetryPolicy | None = None
    health: Health | None = field(default=None, repr=False, compare=False)
    watch: Watch = field(default=NOBODY, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Target:
    """A resource of an account: the service itself (no share), a share (no path), a directory or a file.

    ``path`` is the components below the share; ``snapshot`` the time stamp of a share snapshot, or ``None`` for the
    share as it is now.
    """

    session: Session
    share: str = ""
    path: tuple[str, ...] = ()
    snapshot: str | None = None

    @property
    def url(self) -> str:
        """The resource's absolute URL, without any secret."""
        components = (self.share, *self.path) if self.share else ()
        return self.session.endpoint.url_of(components, snapshot=self.snapshot)

    def child(self, path: str) -> Target:
        """What lies at ``path``, names joined by slashes, below this one."""
        components = split_path(path)
        if not components:
            raise InvalidArgument("the path is empty; a name, or names joined by slashes, is expected")
        return replace(self, path=(*self.path, *components))


@dataclass(frozen=True, slots=True)
class HeldLease:
    """A lease of a share or file, by its id."""

    target: Target
    id: str = field(repr=False)


__all__ = ["HeldLease", "Session", "Target", "Timeouts"]
