"""What an observer raises is logged once and never reaches the operation that it observes."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterable
from typing import Final, cast

from azfiles.errors import InvalidArgument
from azfiles.flows.events import Event, Observer

_log: Final = logging.getLogger("azfiles.observers")


def guarded(observers: Iterable[Observer]) -> tuple[Observer, ...]:
    """These observers, each kept from breaking what it observes. Raises ``InvalidArgument`` where one cannot be one."""
    return tuple(_Guarded(_checked(observer)) for observer in observers)


class _Guarded:
    """One observer. After its first error it is still called: what fails on one kind of event may do for the others."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._failed = False

    def __call__(self, event: Event) -> None:
        try:
            self._observer(event)
        except Exception:  # noqa: BLE001 - whatever it was, it is the observer's and not the operation's
            if not self._failed:
                self._failed = True
                _log.exception("an observer failed at %s; its further errors are not logged", type(event).__name__)

    def __repr__(self) -> str:
        return f"<guarded {self._observer!r}>"


def _checked(observer: object) -> Observer:
    if not callable(observer):
        raise InvalidArgument(f"observers: something to call with an event is expected, not {type(observer).__name__}")
    called = cast(Callable[..., object], getattr(observer, "__call__", None))  # noqa: B004 - of an object, its method
    if inspect.iscoroutinefunction(observer) or inspect.iscoroutinefunction(called):
        raise InvalidArgument("observers: a plain function is expected; nobody would await an async one")
    return cast(Observer, observer)


__all__ = ["guarded"]
