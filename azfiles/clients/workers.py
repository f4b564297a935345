"""Workers for trees: an executor, and how what is to be done is sent to it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import field
from typing import Any, Final, ParamSpec, TypeVar

from azfiles.core.arguments import check_whole
from azfiles.errors import InvalidArgument
from azfiles.flows.effects import Flow
from azfiles.flows.transfers.filling import MAX_CONCURRENCY
from azfiles.flows.trees.batches import Batch, Executor, Workers
from azfiles.models import TreeReport
from azfiles.records import dataclass

P = ParamSpec("P")
T = TypeVar("T")

_MOST: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class TreeWorkers:
    """Workers of an executor for trees: ``share.root.copy_tree(other, executor=TreeWorkers(pool, batch_steps=1000))``.

    A batch is ``batch_steps`` steps, fewer where ``batch_bytes`` are to be transferred; ``batches`` of them are under way at
    once. A worker makes a client for each batch, for the same endpoint, with the same service version, timeouts and retries,
    and the credential of its own environment (``AZURE_STORAGE_CONNECTION_STRING``, or ``AZURE_STORAGE_SAS_TOKEN`` or
    ``_KEY``); with ``send_credentials`` the client's own travels with each batch instead, pickled. ``connect`` makes the
    client in another way: any function that can be pickled and returns a ``ServiceClient`` of the account.

    A batch whose worker is lost is done again, ``attempts`` times in all; then its steps are failures in the report, with
    ``WorkerLost``. Where the executor says that it is broken, as a ``ProcessPoolExecutor`` does for good when one of its
    processes was killed, the rest is done by the caller.
    """

    executor: Executor
    connect: Callable[[], Any] | None = field(default=None, repr=False)
    send_credentials: bool = False
    batch_steps: int = 200
    batch_bytes: int = 256 * 1024 * 1024
    batches: int = 16
    attempts: int = 3

    def __post_init__(self) -> None:
        if not callable(getattr(self.executor, "submit", None)):
            raise InvalidArgument(f"executor: one that has submit() is expected, not {type(self.executor).__name__}")
        for name in ("batch_steps", "batch_bytes", "attempts"):
            check_whole(name, getattr(self, name), 1, _MOST)
        check_whole("batches", self.batches, 1, MAX_CONCURRENCY)

    def submit(self, batch: Batch, /) -> Future[TreeReport]:
        """Have a batch done."""
        from azfiles.clients.elsewhere import do_batch  # which needs the clients, whose methods need this

        return self.executor.submit(do_batch, batch, self.connect)


def spreading(flow: Callable[P, Flow[T]]) -> Callable[P, Flow[T]]:
    """A flow whose ``executor`` may be a bare one: it gets what its workers need."""

    @functools.wraps(flow)
    def with_workers(*args: P.args, **kwargs: P.kwargs) -> Flow[T]:
        executor: Any = kwargs.get("executor")
        if executor is not None and not isinstance(executor, Workers):
            kwargs["executor"] = TreeWorkers(executor)
        return flow(*args, **kwargs)

    return with_workers


__all__ = ["TreeWorkers", "spreading"]
