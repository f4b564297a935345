"""Transports that are used in a ``with`` or ``async with``, and closed at its end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Closing(ABC):
    """What closing means, blocking and async, is said once in ``close`` and ``aclose``; what it means to forget, in
    ``drop``. Where a ``with`` ends in an error, this is told to forget before it is closed.
    """

    _entered = False

    @abstractmethod
    def close(self) -> None: ...

    @abstractmethod
    async def aclose(self) -> None: ...

    def drop(self, error: BaseException | None = None) -> None:  # noqa: B027 - most have nothing to forget
        """Forget what would be saved when this is closed, and tell ``error`` so. By default there is nothing to forget."""

    def close_after(self, error: BaseException) -> None:
        """Close without saving: a ``with`` ended in ``error``. Where that was a client's, and this has one of its own that
        goes on, that one decides.
        """
        if not self._entered:
            self.drop(error)
            self.close()

    async def aclose_after(self, error: BaseException) -> None:
        """The same as ``close_after``."""
        if not self._entered:
            self.drop(error)
            await self.aclose()

    def __enter__(self) -> Self:
        self._entered = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._entered = False
        if error is None:
            self.close()
        else:
            self.close_after(error)

    async def __aenter__(self) -> Self:
        self._entered = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._entered = False
        if error is None:
            await self.aclose()
        else:
            await self.aclose_after(error)


__all__ = ["Closing"]
