"""Which steps may go beside each other: what lies above or below one another goes in the order of the plan."""

from __future__ import annotations

from azfiles.flows.trees.names import Path
from azfiles.models import TreeAction, TreeStep


class UnderWay:
    """Where something is under way, and by whom: numbers that grow, each for a step, or for several that go together."""

    def __init__(self) -> None:
        self._numbers: dict[Path, list[int]] = {}

    def begin(self, number: int, path: Path) -> None:
        self._numbers.setdefault(path, []).append(number)

    def end(self, number: int, path: Path) -> None:
        numbers = self._numbers[path]
        numbers.remove(number)
        if not numbers:
            del self._numbers[path]

    def may_go(self, number: int, step: TreeStep, path: Path) -> bool:
        """Whether nothing that was taken earlier is under way above this path, or at it; and where a directory is to be
        deleted, below it. Whatever else comes to lie above others has been preceded by such a deletion.
        """
        places = self._numbers
        if step.action is TreeAction.DELETE_DIRECTORY:
            depth = len(path)
            if any(numbers[0] < number and other[:depth] == path for other, numbers in places.items()):
                return False
        return not any(
            numbers[0] < number for depth in range(len(path) + 1) if (numbers := places.get(path[:depth])) is not None
        )


__all__ = ["UnderWay"]
