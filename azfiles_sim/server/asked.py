"""One request of the control interface, read, and what an endpoint of it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from azfiles_sim.control import Control
from azfiles_sim.quick import dataclass
from azfiles_sim.server.guarding import Refused
from azfiles_sim.simulator import Simulator

Json: TypeAlias = dict[str, Any]

_MISSING: Final = object()


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, read: the parts of its path, its query and its JSON, and where the service is reached."""

    simulator: Simulator
    base: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    body: Json

    @property
    def control(self) -> Control:
        return self.simulator.control

    def text(self, name: str, default: Any = _MISSING) -> Any:
        return self._take(name, str, "a text", default)

    def number(self, name: str, default: Any = _MISSING) -> Any:
        return self._take(name, (int, float), "a number", default)

    def whole(self, name: str, default: Any = _MISSING) -> Any:
        return self._take(name, int, "a whole number", default)

    def truth(self, name: str, default: Any = _MISSING) -> Any:
        return self._take(name, bool, "true or false", default)

    def folder(self) -> Path:
        folder = Path(self.text("folder"))
        if not folder.is_absolute():
            raise Refused(400, "folder must be an absolute path: the server does not know the client's own folder")
        return folder

    def need(self, name: str, told: str) -> None:
        """Raise Refused where the body does not have ``name``."""
        if name not in self.body:
            raise Refused(400, f"the body must have {name}, {told}")

    def _take(self, name: str, kind: type | tuple[type, ...], told: str, default: Any) -> Any:
        if default is _MISSING:
            self.need(name, told)
        value = self.body.get(name, default)
        if value is default or (isinstance(value, kind) and (kind is bool or not isinstance(value, bool))):
            return value
        raise Refused(400, f"{name} must be {told}")


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint: ``path`` has a ``*`` where a name stands; ``body`` and ``query`` are the keys that it takes."""

    method: str
    path: str
    answer: Callable[[Asked], Json]
    status: int = 200
    body: tuple[str, ...] = ()
    query: tuple[str, ...] = ()


__all__ = ["Asked", "Json", "Route"]
