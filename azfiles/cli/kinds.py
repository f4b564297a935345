"""Kinds of arguments: times from now, and moments. Places have a module of their own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from click import ParamType as Kind
else:

    class Kind(click.ParamType):
        """A kind of argument. Type checkers know what it gives; older versions of click do not."""

        def __class_getitem__(cls, _gives: object) -> type[Kind]:
            return cls


_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class DurationKind(Kind[timedelta]):
    """A time such as ``90s``, ``15m``, ``1h``, ``7d``."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        number, unit = value[:-1], value[-1:]
        if unit not in _SECONDS or not (number.isascii() and number.isdigit() and len(number) < 9):
            self.fail(f"{value!r} is no time such as 90s, 15m, 1h or 7d", param, ctx)
        return timedelta(seconds=int(number) * _SECONDS[unit])


class MomentKind(Kind["datetime | timedelta"]):
    """A time from now (``1h``, ``7d``), or a moment (``2026-05-09``, ``2026-05-09T12:00:00Z``)."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime | timedelta:
        if isinstance(value, (datetime, timedelta)):
            return value
        if value[:1].isdigit() and "-" not in value:
            return DURATION.convert(value, param, ctx)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is neither a time such as 1h nor a moment such as 2026-05-09T12:00Z", param, ctx)
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


DURATION: Final = DurationKind()
MOMENT: Final = MomentKind()

__all__ = ["DURATION", "MOMENT", "DurationKind", "Kind", "MomentKind"]
