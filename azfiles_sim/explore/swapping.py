"""Steps that swap: each is many requests with retries of their own, and claims to be one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Final, TypeVar

from azfiles import FileClient, RetryPolicy
from azfiles.errors import AzureFilesError, ServiceError, TransportError
from azfiles.flows.effects import Flow
from azfiles.flows.targets import Target
from azfiles.models import FileContent
from azfiles_sim.explore.checker import history as h
from azfiles_sim.explore.checker.swaps import rotate
from azfiles_sim.explore.naming import numbered
from azfiles_sim.explore.program import REGISTER_BYTES, Kind, Step
from azfiles_sim.explore.watching import Watch

T = TypeVar("T")

RETRY: Final = RetryPolicy(attempts=4, base_s=0.1)
WAIT_S: Final = 20.0


class Swaps:
    """One client's swaps, and what it writes down of them."""

    def __init__(self, client: int, service: Target, watch: Watch, history: list[h.Entry]) -> None:
        self._client = client
        self._service = replace(service, session=replace(service.session, retry=RETRY))
        self._watch = watch
        self._history = history

    def do(self, step: Step) -> Flow[object]:
        """Carry out one step. Its requests have names of their own, whatever runs beside it."""
        ids = (f"{self._client:08d}-{number:04d}-4000-8000-{step.number:012d}" for number in count(1))
        return (yield from numbered(self._do(step), ids))

    def _do(self, step: Step) -> Flow[object]:
        target, mark = self._target(step.place), f"<{self._client}-{step.number}>".ljust(8)[:8].encode()
        match step.kind:
            case Kind.UPDATE:
                return (yield from self._update(step, target, mark))
            case Kind.WRITE_IF:
                read = yield from self._read(step, target)
                if read is None:
                    return None
                expected, etag = bytes(read.content), read.properties.etag
                action = h.WriteIf(step.place, expected, rotate(expected, mark))
                writing = FileClient.write_if.flow(target, action.data, etag=etag, wait_s=WAIT_S)
                return (yield from self._note(f"{step.number}.2", action, writing, lambda _: h.Told()))
            case Kind.CREATE_NEW:
                content = mark * (REGISTER_BYTES // len(mark))
                creating = FileClient.create_new.flow(target, content)
                made = h.CreateNew(step.place, content)
                return (yield from self._note(f"{step.number}.1", made, creating, lambda _: h.Told()))
            case Kind.READ_WHOLE:
                return (yield from self._read(step, target))
            case _:
                try:
                    return (yield from FileClient.break_lease.flow(target))
                except (ServiceError, TransportError):
                    return None  # nobody judges it: it is only to disturb

    def _update(self, step: Step, target: Target, mark: bytes) -> Flow[object]:
        found = b""

        def transform(content: bytes) -> bytes:
            nonlocal found
            found = content
            return rotate(content, mark)

        updating = FileClient.update.flow(target, transform, wait_s=WAIT_S)
        action = h.Update(step.place, mark)
        return (yield from self._note(f"{step.number}.1", action, updating, lambda _: h.Told(data=found)))

    def _read(self, step: Step, target: Target) -> Flow[FileContent | None]:
        """Read the whole file, and remember what and which version that was."""
        reading = FileClient.get.flow(target)
        action = h.ReadWhole(step.place)
        return (
            yield from self._note(f"{step.number}.1", action, reading, lambda read: h.Told(data=bytes(read.content)))
        )

    def _note(self, name: str, action: h.Action, flow: Flow[T], tell: Callable[[T], h.Told]) -> Flow[T | None]:
        """Carry out a flow and write down what came of it: an error says itself whether something may have."""
        invoked = self._watch.tick()
        result: T | None = None
        outcome: h.Outcome
        try:
            result = yield from flow
        except AzureFilesError as error:
            code = error.code if isinstance(error, ServiceError) else type(error).__name__
            outcome = h.Unknown() if error.may_have_acted else h.Refused(code)
        else:
            outcome = h.Done(tell(result))
        entry = h.Entry(self._client, f"{self._client}.{name}", action, invoked, self._watch.tick(), outcome)
        self._history.append(entry)
        return result

    def _target(self, place: str) -> Target:
        share, _, path = place.partition("/")
        return replace(self._service, share=share, path=(path,))


__all__ = ["Swaps"]
