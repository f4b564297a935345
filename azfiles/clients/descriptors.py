"""Write an operation once, call it from both colours.

A class attribute ``create = operation(flow)`` becomes, on a blocking client, a method that returns the flow's result
and, on an async one, a method that returns a coroutine of it. Signature, name and documentation are the flow's own,
for type checkers as for ``help()``.
"""

from __future__ import annotations

import copy
import inspect
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar, overload

from azfiles.flows.effects import Flow
from azfiles.flows.paging import Page, Pages

P = ParamSpec("P")
T = TypeVar("T")
X = TypeVar("X")
G = TypeVar("G", bound=Page)

_RESULT = re.compile(r"(?:Operation|Flow)\[(.*)\]")


class Runner(Protocol):
    """Carries flows out in the caller's thread."""

    def run(self, flow: Flow[T], /) -> T: ...
    def beside(self, flow: Flow[None], /) -> AbstractContextManager[None]: ...
    def monotonic(self) -> float: ...
    def close(self) -> None: ...


class AwaitedRunner(Protocol):
    """Carries flows out as part of the caller's task."""

    async def run(self, flow: Flow[T], /) -> T: ...
    def beside(self, flow: Flow[None], /) -> AbstractAsyncContextManager[None]: ...
    def monotonic(self) -> float: ...
    async def aclose(self) -> None: ...


class Blocking(Generic[X]):
    """A blocking client of one resource.

    ``target`` is what flows work on and ``runner`` carries them out, so a flow of your own runs as
    ``client.runner.run(flow(client.target))``.
    """

    __slots__ = ("runner", "target")

    def __init__(self, target: X, runner: Runner) -> None:
        self.target = target
        self.runner = runner


class Awaiting(Generic[X]):
    """An async client of one resource; a flow of your own runs as ``await client.runner.run(flow(client.target))``."""

    __slots__ = ("runner", "target")

    def __init__(self, target: X, runner: AwaitedRunner) -> None:
        self.target = target
        self.runner = runner


class _Described:
    """Name, documentation and signature of a method, taken from the function behind it."""

    def __init__(self, function: Callable[..., Any]) -> None:
        signature = inspect.signature(function)
        _, *parameters = signature.parameters.values()
        signature = signature.replace(return_annotation=self._result_of(str(signature.return_annotation)))
        receiver = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
        self.__doc__ = function.__doc__
        self.__name__ = getattr(function, "__name__", type(function).__name__)
        self.__qualname__ = self.__name__
        self.__module__ = function.__module__
        self.__signature__ = signature.replace(parameters=[receiver, *parameters])
        self._method_signature = signature.replace(parameters=parameters)

    def __set_name__(self, owner: type, name: str) -> None:
        self.__name__ = name
        self.__qualname__ = f"{owner.__qualname__}.{name}"
        self.__module__ = owner.__module__

    @staticmethod
    def _result_of(annotation: str) -> str:
        """What comes out of an operation or a flow, by the text of its annotation."""
        found = _RESULT.fullmatch(annotation)
        return found[1] if found else annotation

    def _say_result(self, annotation: str) -> None:
        self.__signature__ = self.__signature__.replace(return_annotation=annotation)
        self._method_signature = self._method_signature.replace(return_annotation=annotation)

    def _describe(self, method: Any, result: str | None = None) -> None:
        method.__name__ = self.__name__
        method.__qualname__ = self.__qualname__
        method.__module__ = self.__module__
        method.__doc__ = self.__doc__
        method.__signature__ = (
            self._method_signature if result is None else self._method_signature.replace(return_annotation=result)
        )


class operation(_Described, Generic[X, P, T]):  # noqa: N801 - reads as a decorator at the place of use
    """A method that carries out one flow. On the class itself, ``flow`` is the function that makes it."""

    def __init__(self, flow: Callable[Concatenate[X, P], Flow[T]]) -> None:
        super().__init__(flow)
        self.flow = flow

    @overload
    def __get__(self, obj: None, owner: type) -> Self: ...
    @overload
    def __get__(self, obj: Blocking[X], owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, obj: Awaiting[X], owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, obj: Blocking[X] | Awaiting[X] | None, owner: type) -> Any:
        if obj is None:
            return self
        flow, target = self.flow, obj.target
        if isinstance(obj, Awaiting):
            waiting = obj.runner

            async def method(*args: P.args, **kwargs: P.kwargs) -> T:
                return await waiting.run(flow(target, *args, **kwargs))

            self._describe(method)
            return method
        runner = obj.runner

        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            return runner.run(flow(target, *args, **kwargs))

        self._describe(call)
        return call

    def __call__(self, obj: Blocking[X] | Awaiting[X], /, *args: P.args, **kwargs: P.kwargs) -> Any:
        method: Callable[P, Any] = self.__get__(obj, type(obj))
        return method(*args, **kwargs)


class listing(_Described, Generic[X, P, G, T]):  # noqa: N801 - reads as a decorator at the place of use
    """A method that iterates over the items of all pages: ``fetch`` gets one page and takes a keyword ``marker``;
    ``of`` is the type of an item, as ``help()`` shows it.
    """

    def __init__(
        self, fetch: Callable[Concatenate[X, P], Flow[G]], items: Callable[[G], Sequence[T]], *, of: str
    ) -> None:
        super().__init__(fetch)
        self._of = of
        self._say_result(f"Iterator[{of}]")
        self.__doc__ = (
            f"Iterate over the items of all pages, each fetched when it is needed. Of a page:\n\n{fetch.__doc__}"
        )
        self.fetch = fetch
        self._items = items

    @overload
    def __get__(self, obj: None, owner: type) -> Self: ...
    @overload
    def __get__(self, obj: Blocking[X], owner: type) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, obj: Awaiting[X], owner: type) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, obj: Blocking[X] | Awaiting[X] | None, owner: type) -> Any:
        if obj is None:
            return self._awaited() if issubclass(owner, Awaiting) else self
        items, target = self._items, obj.target
        if isinstance(obj, Awaiting):
            waiting = obj.runner

            async def method(*args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
                pages = self._pages(target, *args, **kwargs)
                while (page := await waiting.run(pages.following())) is not None:
                    for item in items(page):
                        yield item

            self._describe(method, f"AsyncIterator[{self._of}]")
            return method
        runner = obj.runner

        def call(*args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
            pages = self._pages(target, *args, **kwargs)
            while (page := runner.run(pages.following())) is not None:
                yield from items(page)

        self._describe(call)
        return call

    def __call__(self, obj: Blocking[X] | Awaiting[X], /, *args: P.args, **kwargs: P.kwargs) -> Any:
        method: Callable[P, Any] = self.__get__(obj, type(obj))
        return method(*args, **kwargs)

    def _awaited(self) -> Self:
        """This method as an async client's class shows it."""
        shown = copy.copy(self)
        shown.__signature__ = self.__signature__.replace(return_annotation=f"AsyncIterator[{self._of}]")
        return shown

    def _pages(self, target: X, *args: P.args, **kwargs: P.kwargs) -> Pages[G]:
        options: dict[str, Any] = dict(kwargs)
        first: str | None = options.pop("marker", None)
        fetch: Callable[..., Flow[G]] = self.fetch
        return Pages(lambda marker: fetch(target, *args, **options, marker=marker), first)


__all__ = ["AwaitedRunner", "Awaiting", "Blocking", "Runner", "listing", "operation"]
