"""Ids that say who asks: the requests of a step are known by their names, whatever runs beside it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import Any, TypeVar

from azfiles.flows.effects import Effect, Flow, Gather, NewId, through

T = TypeVar("T")


def numbered(flow: Flow[T], ids: Iterator[str]) -> Flow[T]:
    """The flow, and the branches of what it gathers, with these ids for those that they ask for."""

    def perform(effect: Effect) -> Flow[Any]:
        if isinstance(effect, NewId):
            return next(ids)
        if isinstance(effect, Gather):
            effect = Gather([numbered(branch, ids) for branch in effect.flows], effect.limit)
        return (yield effect)

    return through(flow, perform)


def named(flow: Flow[T], name: str) -> Flow[T]:
    """The flow of one request, with ``name`` for each id that it asks for."""
    return numbered(flow, repeat(name))


__all__ = ["named", "numbered"]
