"""Ids that say who asks: the requests of a step are known by their names, whatever runs beside it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import TypeVar

from azfiles.flows.effects import Flow, Gather, NewId

T = TypeVar("T")


def numbered(flow: Flow[T], ids: Iterator[str]) -> Flow[T]:
    """The flow, and the branches of what it gathers, with these ids for those that they ask for."""
    try:
        effect = flow.send(None)
        while True:
            if isinstance(effect, NewId):
                effect = flow.send(next(ids))
                continue
            if isinstance(effect, Gather):
                effect = Gather([numbered(branch, ids) for branch in effect.flows], effect.limit)
            try:
                value = yield effect
            except BaseException as error:  # noqa: BLE001 - whatever happened is the flow's to handle
                effect = flow.throw(error)
            else:
                effect = flow.send(value)
    except StopIteration as end:
        result: T = end.value
        return result


def named(flow: Flow[T], name: str) -> Flow[T]:
    """The flow of one request, with ``name`` for each id that it asks for."""
    return numbered(flow, repeat(name))


__all__ = ["named", "numbered"]
