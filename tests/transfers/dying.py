"""A process that is killed at its n-th effect on the world: a request, or something done to a local disk."""

from __future__ import annotations

from typing import Any

import azfiles
from azfiles.runners.disk import LOCAL_DISK
from azfiles.runners.seeded import SeededRunner


class Killed(BaseException):
    """Nothing is done any more."""


class Fuse:
    """Burns one step with each effect; at number ``place`` (from 1) the process dies, before the effect or after it."""

    def __init__(self, place: int | None = None, *, performed: bool = False) -> None:
        self.place, self.performed = place, performed
        self.steps = 0
        self.names: list[str] = []
        self.dead = False

    def burn(self, name: str, effect):
        if self.dead:
            raise Killed
        self.steps += 1
        self.names.append(name)
        if self.steps != self.place:
            return effect()
        self.dead = True
        if self.performed:
            effect()
        raise Killed


class DyingTransport(azfiles.InProcessTransport):
    """Sends until the fuse has burnt down."""

    def __init__(self, handler, fuse: Fuse) -> None:
        super().__init__(handler)
        self.fuse = fuse

    def send(self, request, timeout_s):
        return self.fuse.burn(request.method, lambda: super(DyingTransport, self).send(request, timeout_s))


class DyingDisk:
    """The local disk, until the fuse has burnt down. ``cut`` keeps only a part of what is written at the last moment."""

    def __init__(self, fuse: Fuse) -> None:
        self.fuse = fuse

    def __getattr__(self, name: str) -> Any:
        method = getattr(LOCAL_DISK, name)

        def call(*arguments, **options):
            result = self.fuse.burn(name, lambda: method(*arguments, **options))
            return DyingFile(result, self.fuse) if name.startswith("open_to_") else result

        return call


class DyingFile:
    def __init__(self, file, fuse: Fuse) -> None:
        self.file, self.fuse = file, fuse

    def write_at(self, offset, data):
        self.fuse.burn("write_at", lambda: self.file.write_at(offset, data))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


def dying_runner(simulator, clock, fuse: Fuse, seed: int, handle=None) -> SeededRunner:
    """A runner whose process dies when the fuse has burnt down."""
    transport = DyingTransport(handle or simulator.handle, fuse)
    return SeededRunner(transport, seed=seed, clock=clock, disk=DyingDisk(fuse))
