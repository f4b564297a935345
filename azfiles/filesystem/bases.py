"""What is built upon of fsspec, which has no types of its own: here they are written down, as far as they are used."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    import io
    from collections.abc import Callable, Coroutine, MutableMapping, Sequence
    from typing import Any, ParamSpec, TypeVar

    P = ParamSpec("P")
    T = TypeVar("T")

    Info = dict[str, Any]

    class InstanceCache(type):
        """The type of ``AsyncFileSystem``, which keeps its instances."""

    class AsyncFileSystem(metaclass=InstanceCache):
        """``fsspec.asyn.AsyncFileSystem``."""

        storage_args: tuple[Any, ...]
        storage_options: dict[str, Any]
        dircache: MutableMapping[str, list[Info]]
        batch_size: int | None
        asynchronous: bool
        _intrans: bool
        _pid: int
        _loop: asyncio.AbstractEventLoop | None

        def __init__(self, *args: Any, **options: Any) -> None: ...
        @property
        def loop(self) -> asyncio.AbstractEventLoop: ...
        @classmethod
        def _strip_protocol(cls, path: Any) -> Any: ...
        @classmethod
        def _parent(cls, path: str) -> str: ...
        def _ls_from_cache(self, path: str) -> list[Info] | None: ...
        def invalidate_cache(self, path: str | None = None) -> None: ...
        def info(self, path: str) -> Info: ...
        def open(self, path: str, mode: str = "rb", **options: Any) -> Any: ...
        def to_dict(self, *, include_password: bool = True) -> dict[str, Any]: ...
        async def _exists(self, path: str) -> bool: ...
        async def _isdir(self, path: str) -> bool: ...
        async def _expand_path(self, path: Any, recursive: bool = False, maxdepth: int | None = None) -> list[str]: ...
        async def _copy(self, path1: Any, path2: Any, **options: Any) -> None: ...
        async def _cat_ranges(self, paths: Any, starts: Any, ends: Any, **options: Any) -> list[Any]: ...

    class AbstractBufferedFile:
        """``fsspec.spec.AbstractBufferedFile``."""

        path: str
        fs: Any
        mode: str
        size: int
        kwargs: dict[str, Any]
        buffer: io.BytesIO
        autocommit: bool
        forced: bool
        closed: bool

        def __init__(self, fs: Any, path: str, **options: Any) -> None: ...
        def close(self) -> None: ...

    class AbstractAsyncStreamedFile:
        """``fsspec.asyn.AbstractAsyncStreamedFile``, whose reading and writing is awaited."""

        path: str
        fs: Any
        size: int
        buffer: io.BytesIO
        forced: bool
        closed: bool

        def __init__(self, fs: Any, path: str, **options: Any) -> None: ...
        async def close(self) -> None: ...

    def sync_anyhow(
        loop: asyncio.AbstractEventLoop,
        function: Callable[P, Coroutine[Any, Any, T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T: ...
    def sync_wrapper(function: Callable[..., Any]) -> Callable[..., Any]: ...
    def get_loop() -> asyncio.AbstractEventLoop: ...
    async def run_in_chunks(coros: Sequence[Any], **options: Any) -> list[Any]: ...
    def tokenize(*args: Any) -> str: ...
    def isfilelike(given: Any) -> bool: ...

else:
    from fsspec.asyn import (
        AbstractAsyncStreamedFile,
        AsyncFileSystem,
        get_loop,
        sync_wrapper,
    )
    from fsspec.asyn import _run_coros_in_chunks as run_in_chunks
    from fsspec.asyn import sync as sync_anyhow
    from fsspec.spec import AbstractBufferedFile
    from fsspec.utils import isfilelike, tokenize

    InstanceCache = type(AsyncFileSystem)
    Info = dict


def sync(
    loop: asyncio.AbstractEventLoop, function: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run what is to be awaited in the event loop of fsspec's thread. That thread does not outlive the interpreter: a file
    that is closed only then, because it was left open, would wait for it for ever.
    """
    if sys.is_finalizing():
        raise RuntimeError("a file was left open until the interpreter ended: what it had not written yet is lost")
    return sync_anyhow(loop, function, *args, **kwargs)


__all__ = [
    "AbstractAsyncStreamedFile",
    "AbstractBufferedFile",
    "AsyncFileSystem",
    "Info",
    "InstanceCache",
    "get_loop",
    "isfilelike",
    "run_in_chunks",
    "sync",
    "sync_wrapper",
    "tokenize",
]
