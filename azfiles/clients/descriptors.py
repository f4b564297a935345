"""Write an operation once, call it from both colours.

A class attribute ``create = operation(flow)`` becomes, on a blocking client, a method that returns the flow's result
and, on an async one, a method that returns a coroutine of it. Signature, name and documentation are the flow's own,
for type checkers as for ``help()``.
"""

from __future__ import annotations

import copy
import functools
import inspect
import re
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from types import FunctionType, MethodType
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar, overload

from azfiles.flows.effects import Flow
from azfiles.flows.paging import Page, Pages

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
X = TypeVar("X")
G = TypeVar("G", bound=Page)

_RESULT = re.compile(r"(?:Operation|Flow)\[(.*)\]")


class Runner(Protocol):
    """Carries flows out in the caller's thread."""

    def run(self, flow: Flow[T], /) -> T: ...
    def beside(self, flow: Flow[None], /) -> AbstractContextManager[None]: ...
    def monotonic(self) -> float: ...
    def close(self, error: BaseException | None = None, /) -> None: ...


class AwaitedRunner(Protocol):
    """Carries flows out as part of the caller's task."""

    async def run(self, flow: Flow[T], /) -> T: ...
    def beside(self, flow: Flow[None], /) -> AbstractAsyncContextManager[None]: ...
    def monotonic(self) -> float: ...
    async def aclose(self, error: BaseException | None = None, /) -> None: ...


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


class _Described(ABC):
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
        self._made: dict[bool, FunctionType] = {}

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

    def _bound(self, obj: Blocking[Any] | Awaiting[Any]) -> MethodType:
        """The method of one client. The function behind it is made once for each colour, when it is first called for."""
        awaited = isinstance(obj, Awaiting)
        method = self._made.get(awaited)
        if method is None:
            method = self._made[awaited] = self._awaiting() if awaited else self._blocking()
        return MethodType(method, obj)

    @abstractmethod
    def _blocking(self) -> FunctionType: ...

    @abstractmethod
    def _awaiting(self) -> FunctionType: ...

    def _describe(self, method: Any, result: str | None = None) -> FunctionType:
        method.__name__ = self.__name__
        method.__qualname__ = self.__qualname__
        method.__module__ = self.__module__
        method.__doc__ = self.__doc__
        method.__signature__ = (
            self.__signature__ if result is None else self.__signature__.replace(return_annotation=result)
        )
        made: FunctionType = method
        return made


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
        return self if obj is None else self._bound(obj)

    def _blocking(self) -> FunctionType:
        flow = self.flow

        def method(self: Blocking[X], /, *args: P.args, **kwargs: P.kwargs) -> T:
            return self.runner.run(flow(self.target, *args, **kwargs))

        return self._describe(method)

    def _awaiting(self) -> FunctionType:
        flow = self.flow

        async def method(self: Awaiting[X], /, *args: P.args, **kwargs: P.kwargs) -> T:
            return await self.runner.run(flow(self.target, *args, **kwargs))

        return self._describe(method)

    def __call__(self, obj: Blocking[X] | Awaiting[X], /, *args: P.args, **kwargs: P.kwargs) -> Any:
        method: Callable[P, Any] = self.__get__(obj, type(obj))
        return method(*args, **kwargs)


class Batches(Protocol[T_co]):
    """Gives some items after the others, and in the end ``None``; each time, some may be none."""

    def following(self) -> Flow[Sequence[T_co] | None]: ...


class stream(_Described, Generic[X, P, T]):  # noqa: N801 - reads as a decorator at the place of use
    """A method that iterates over what ``begin`` gives in batches; ``of`` is the type of an item, as ``help()`` shows it."""

    def __init__(self, begin: Callable[Concatenate[X, P], Batches[T]], *, of: str) -> None:
        super().__init__(begin)
        self._of = of
        self._say_result(f"Iterator[{of}]")
        self.begin = begin

    @overload
    def __get__(self, obj: None, owner: type) -> Self: ...
    @overload
    def __get__(self, obj: Blocking[X], owner: type) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, obj: Awaiting[X], owner: type) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, obj: Blocking[X] | Awaiting[X] | None, owner: type) -> Any:
        if obj is None:
            return self._awaited() if issubclass(owner, Awaiting) else self
        return self._bound(obj)

    def _blocking(self) -> FunctionType:
        begin = self.begin

        def method(self: Blocking[X], /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
            batches = begin(self.target, *args, **kwargs)
            while (items := self.runner.run(batches.following())) is not None:
                left = deque(items)
                del items  # what is large is kept no longer than until the next item is asked for
                while left:
                    yield left.popleft()

        return self._describe(method)

    def _awaiting(self) -> FunctionType:
        begin = self.begin

        async def method(self: Awaiting[X], /, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
            batches = begin(self.target, *args, **kwargs)
            while (items := await self.runner.run(batches.following())) is not None:
                left = deque(items)
                del items  # what is large is kept no longer than until the next item is asked for
                while left:
                    yield left.popleft()

        return self._describe(method, f"AsyncIterator[{self._of}]")

    def __call__(self, obj: Blocking[X] | Awaiting[X], /, *args: P.args, **kwargs: P.kwargs) -> Any:
        method: Callable[P, Any] = self.__get__(obj, type(obj))
        return method(*args, **kwargs)

    def _awaited(self) -> Self:
        """This method as an async client's class shows it."""
        shown = copy.copy(self)
        shown.__signature__ = self.__signature__.replace(return_annotation=f"AsyncIterator[{self._of}]")
        return shown


class _ItemsOfPages(Generic[G, T]):
    """The items of all pages, page by page."""

    def __init__(self, pages: Pages[G], items: Callable[[G], Sequence[T]]) -> None:
        self._pages = pages
        self._items = items

    def following(self) -> Flow[Sequence[T] | None]:
        page = yield from self._pages.following()
        return None if page is None else self._items(page)


class listing(stream[X, P, T], Generic[X, P, G, T]):  # noqa: N801 - reads as a decorator at the place of use
    """A method that iterates over the items of all pages: ``fetch`` gets one page and takes a keyword ``marker``;
    ``of`` is the type of an item, as ``help()`` shows it.
    """

    def __init__(
        self, fetch: Callable[Concatenate[X, P], Flow[G]], items: Callable[[G], Sequence[T]], *, of: str
    ) -> None:
        def begin(target: X, /, *args: P.args, **kwargs: P.kwargs) -> Batches[T]:
            options: dict[str, Any] = dict(kwargs)
            first: str | None = options.pop("marker", None)
            get: Callable[..., Flow[G]] = fetch
            pages = Pages(lambda marker: get(target, *args, **options, marker=marker), first)
            return _ItemsOfPages(pages, items)

        functools.update_wrapper(begin, fetch)
        super().__init__(begin, of=of)
        told = inspect.cleandoc(fetch.__doc__ or "")
        self.__doc__ = f"Iterate over the items of all pages, each fetched when it is needed. Of a page:\n\n{told}"
        self.fetch = fetch


__all__ = ["AwaitedRunner", "Awaiting", "Batches", "Blocking", "Runner", "listing", "operation", "stream"]
