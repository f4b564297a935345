"""What is handed to another process: some steps of a plan, and all that is needed to do them, as values to be pickled."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import field
from typing import Any, Protocol, TypeAlias, runtime_checkable

from azfiles.address import ResourceAddress
from azfiles.credentials import Credential
from azfiles.errors import InvalidArgument
from azfiles.flows.effects import Flow
from azfiles.flows.policies import RetryPolicy
from azfiles.flows.targets import Session, Target, Timeouts
from azfiles.flows.trees.accounting import Conduct
from azfiles.flows.trees.handling import Handling, LocalFolder, Places, Root
from azfiles.flows.trees.planning import Plan
from azfiles.flows.trees.running import Run
from azfiles.flows.trees.slots import Slots
from azfiles.models import TreeReport, TreeStep
from azfiles.records import dataclass


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach an account from anywhere. Where there is no ``credential``, whoever connects takes that of its own
    environment; where there is one, it is pickled with the rest.
    """

    url: str
    account: str
    credential: Credential | None = field(repr=False)
    api_version: str
    timeouts: Timeouts
    retry: RetryPolicy | None
    backup_intent: bool


def connection_of(session: Session, *, with_credential: bool) -> Connection:
    """How to do what this session does; observers and what is known of the endpoint's health stay here."""
    return Connection(
        session.endpoint.url,
        session.endpoint.account,
        session.credential if with_credential else None,
        session.api_version,
        session.timeouts,
        session.retry,
        session.backup_intent,
    )


@dataclass(frozen=True, slots=True)
class RemoteFolder:
    """The root of a tree on the service, as it can be handed on."""

    connection: Connection
    address: ResourceAddress


Place: TypeAlias = RemoteFolder | LocalFolder


@dataclass(frozen=True, slots=True)
class Batch:
    """Steps that follow one another in a plan, where they are done, and how."""

    steps: Sequence[TreeStep]
    source: Place | None
    destination: Place
    is_nfs: bool
    handling: Handling
    conduct: Conduct


class Executor(Protocol):
    """One of ``concurrent.futures``, or any other that calls functions elsewhere."""

    def submit(self, function: Any, /, *args: Any) -> Future[Any]: ...


@runtime_checkable
class Workers(Protocol):
    """Whoever does batches elsewhere: ``batches`` of them at once, of at most ``batch_steps`` steps each, fewer where
    ``batch_bytes`` are to be transferred. One that is lost is done anew, ``attempts`` times in all.
    """

    @property
    def batch_steps(self) -> int: ...
    @property
    def batch_bytes(self) -> int: ...
    @property
    def batches(self) -> int: ...
    @property
    def attempts(self) -> int: ...
    @property
    def send_credentials(self) -> bool: ...

    def submit(self, batch: Batch, /) -> Future[TreeReport]: ...


def workers_of(executor: Executor | Workers | None) -> Workers | None:
    """What a caller gave, when the client has said how its workers make clients; ``InvalidArgument`` for anything else."""
    if executor is None or isinstance(executor, Workers):
        return executor
    raise InvalidArgument("executor: an executor of concurrent.futures, or TreeWorkers with one, is expected")


def place_of(root: Root, workers: Workers) -> Place:
    """A root of a tree, as it can be handed on."""
    if isinstance(root, LocalFolder):
        return root
    connection = connection_of(root.session, with_credential=workers.send_credentials)
    return RemoteFolder(connection, ResourceAddress(root.share, root.path, root.snapshot))


def root_of(place: Place, session: Session | None) -> Root:
    """The root of a tree that was handed on, with the session that was made for it."""
    if isinstance(place, LocalFolder):
        return place
    if session is None:
        raise TypeError("a place on the service needs a session")
    address = place.address
    return Target(session, address.share, address.path, address.snapshot)


def carry_out(steps: Sequence[TreeStep], places: Places, handling: Handling, conduct: Conduct) -> Flow[TreeReport]:
    """Do some steps of a plan here, under a limit of their own."""
    planning: Any = (step for step in steps)
    return Run(Plan(planning), places, handling, conduct, Slots(conduct.concurrency)).report()


__all__ = [
    "Batch",
    "Connection",
    "Executor",
    "Place",
    "RemoteFolder",
    "Workers",
    "carry_out",
    "connection_of",
    "place_of",
    "root_of",
    "workers_of",
]
