"""A persistent ordered map: every change gives a new map, the old one stays as it was, and the two share what is equal.

A B-tree of tuples with path copying. Python's ``bisect`` finds the place in a tuple in C, and a node of a few dozen
entries is copied in well under a microsecond, so a change costs a few copies and no lock is needed to read.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar, cast, overload


class Comparable(Protocol):
    """A key: all keys of one map can be ordered among themselves."""

    def __lt__(self, other: Any, /) -> bool: ...


K = TypeVar("K", bound=Comparable)
V = TypeVar("V")
D = TypeVar("D")

MAX_ENTRIES: Final = 32
MIN_ENTRIES: Final = (
    MAX_ENTRIES // 4
)  # far below half, so that adding and deleting at one place does not split and merge


_Node: TypeAlias = tuple[tuple[Any, ...], tuple[Any, ...], bool]
"""Keys in order, the parts, and whether it is a branch; plain tuples, because a change makes one on each level.

The parts of a leaf are the values of its keys. Those of a branch are subtrees in order, one more than there are keys:
``keys[i]`` is not above any key of ``parts[i + 1]`` and above all of ``parts[i]``.
"""

_EMPTY_LEAF: Final[_Node] = ((), (), False)
_NODE_PARTS: Final = 3
_ABSENT: Final = object()
_new_map: Final[Any] = object.__new__


class OrderedMap(Generic[K, V]):
    """An immutable map in key order. ``set`` and ``delete`` return another map in O(log n)."""

    __slots__ = ("_root", "_size")

    _root: _Node
    _size: int

    def __init__(self, items: Iterable[tuple[K, V]] = ()) -> None:
        self._root = _EMPTY_LEAF
        self._size = 0
        for key, value in items:
            grown = self.set(key, value)
            self._root, self._size = grown._root, grown._size  # noqa: SLF001 - another object of this very class

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[K]:
        return (key for key, _ in self.items())

    def __contains__(self, key: object) -> bool:
        return self.get(cast("K", key), _ABSENT) is not _ABSENT

    def __getitem__(self, key: K) -> V:
        value = self.get(key, _ABSENT)
        if value is _ABSENT:
            raise KeyError(key)
        return cast("V", value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OrderedMap):
            return NotImplemented
        same = cast("Any", other)
        if self._root is same._root:
            return True
        return self._size == same._size and all(a == b for a, b in zip(self.items(), same.items(), strict=True))

    __hash__ = None  # type: ignore[assignment]  # equal by content, and values need not be hashable

    def __repr__(self) -> str:
        return f"OrderedMap({self._size} entries)"

    @overload
    def get(self, key: K) -> V | None: ...
    @overload
    def get(self, key: K, default: D) -> V | D: ...
    def get(self, key: K, default: Any = None) -> Any:
        """The value of ``key``, or ``default``."""
        keys, parts, is_branch = self._root
        while is_branch:
            keys, parts, is_branch = parts[bisect_right(keys, key)]
        index = bisect_right(keys, key)
        if index and keys[index - 1] == key:
            return parts[index - 1]
        return default

    def set(self, key: K, value: V) -> OrderedMap[K, V]:
        """A map that is equal to this one but has ``value`` at ``key``."""
        path: list[tuple[tuple[K, ...], tuple[_Node, ...], int]] = []
        keys, parts, is_branch = self._root
        while is_branch:
            index = bisect_right(keys, key)
            path.append((keys, parts, index))
            keys, parts, is_branch = parts[index]
        index = bisect_right(keys, key)
        changed: list[Any] = [*parts]
        right: _Node | None = None  # what had to be split off from the node on the level below, and where it begins
        separator: Any = None
        size = self._size
        if index and keys[index - 1] == key:
            changed[index - 1] = value
            left: _Node = (keys, tuple(changed), False)
        else:
            size += 1
            changed.insert(index, value)
            left, separator, right = _split_leaf((*keys[:index], key, *keys[index:]), tuple(changed))
        while path:
            keys, parts, index = path.pop()
            changed = [*parts]
            changed[index] = left
            if right is None:
                left = (keys, tuple(changed), True)
            else:
                changed.insert(index + 1, right)
                left, separator, right = _split_branch((*keys[:index], separator, *keys[index:]), tuple(changed))
        if right is not None:
            left = ((separator,), (left, right), True)
        return self._with(left, size)

    def delete(self, key: K) -> OrderedMap[K, V]:
        """A map without ``key``. Raises KeyError if this one does not have it."""
        root = _delete(self._root, key)
        while root[2] and len(root[1]) == 1:
            root = root[1][0]
        return self._with(root, self._size - 1)

    def items(self, start: K | None = None) -> Iterator[tuple[K, V]]:
        """Entries in key order; from the first key that is not below ``start`` if one is given."""
        for keys, values in self.runs(start):
            yield from zip(keys, values, strict=True)

    def runs(self, start: K | None = None) -> Iterator[tuple[tuple[K, ...], tuple[V, ...]]]:
        """The same in runs of a few dozen entries, for who reads many: their keys and their values. None is empty."""
        rest: list[Iterator[_Node]] = []  # of the branches on the way down, what lies beyond it
        keys, parts, is_branch = self._root
        while is_branch:
            index = 0 if start is None else bisect_right(keys, start)
            rest.append(iter(parts[index + 1 :]))
            keys, parts, is_branch = parts[index]
        begin = 0 if start is None else bisect_left(keys, start)
        if begin < len(keys):
            yield keys[begin:], parts[begin:]
        while rest:
            for keys, parts, is_branch in rest[-1]:  # goes on where it was left
                if is_branch:
                    rest.append(iter(parts))
                    break
                yield keys, parts
            else:
                rest.pop()

    def floor(self, key: K) -> tuple[K, V] | None:
        """The entry with the greatest key that is not above ``key``, or None."""
        keys, parts, is_branch = self._root
        lower: _Node | None = None  # the subtree just left of the path: where the answer is if the leaf has none
        while is_branch:
            index = bisect_right(keys, key)
            if index:
                lower = parts[index - 1]
            keys, parts, is_branch = parts[index]
        index = bisect_right(keys, key)
        if index:
            return keys[index - 1], parts[index - 1]
        return None if lower is None else _last(lower)

    def last(self) -> tuple[K, V] | None:
        """The entry with the greatest key, or None."""
        return _last(self._root) if self._size else None

    def changes_since(self, old: OrderedMap[K, V]) -> Iterator[tuple[K, V | None, V | None]]:
        """Each key whose value is not the same object in ``old`` and here, in order, with both values; None: has none.

        What the two share is skipped unread, so the cost follows what was changed between them and not their size. No
        value may be None.
        """
        ours: list[Any] = [old._root]
        theirs: list[Any] = [self._root]
        while ours or theirs:
            left: Any = ours[-1] if ours else None
            right: Any = theirs[-1] if theirs else None
            if left is right:
                ours.pop()
                theirs.pop()
            elif _have_same_keys(left, right):  # as most that differ: only values were replaced in them or below them
                ours.pop()
                theirs.pop()
                keys, parts, is_branch = left
                if is_branch:
                    differing = [pair for pair in zip(parts, right[1], strict=True) if pair[0] is not pair[1]]
                    ours += [pair[0] for pair in reversed(differing)]
                    theirs += [pair[1] for pair in reversed(differing)]
                else:
                    for key, before, after in zip(keys, parts, right[1], strict=True):
                        if before is not after:
                            yield key, before, after
            elif _height(left) or _height(right):
                _open_taller(ours, theirs)
            elif right is None or (left is not None and left[0] < right[0]):
                ours.pop()
                yield left[0], left[1], None
            elif left is None or right[0] < left[0]:
                theirs.pop()
                yield right[0], None, right[1]
            else:
                ours.pop()
                theirs.pop()
                if left[1] is not right[1]:
                    yield left[0], left[1], right[1]

    def _with(self, root: _Node, size: int) -> OrderedMap[K, V]:
        other: OrderedMap[K, V] = _new_map(OrderedMap)
        other._root = root
        other._size = size
        return other


def _last(node: _Node) -> tuple[Any, Any]:
    keys, parts, is_branch = node
    while is_branch:
        keys, parts, is_branch = parts[-1]
    return keys[-1], parts[-1]


def _split_leaf(keys: tuple[Any, ...], values: tuple[Any, ...]) -> tuple[_Node, Any, _Node | None]:
    """The leaf; or where it is too large its two halves, and between them the key that the second begins with."""
    size = len(keys)
    if size <= MAX_ENTRIES:
        return (keys, values, False), None, None
    middle = size // 2
    return (keys[:middle], values[:middle], False), keys[middle], (keys[middle:], values[middle:], False)


def _split_branch(keys: tuple[Any, ...], children: tuple[Any, ...]) -> tuple[_Node, Any, _Node | None]:
    """The same of a branch."""
    size = len(children)
    if size <= MAX_ENTRIES:
        return (keys, children, True), None, None
    middle = size // 2
    left = (keys[: middle - 1], children[:middle], True)
    return left, keys[middle - 1], (keys[middle:], children[middle:], True)


def _delete(node: _Node, key: Any) -> _Node:
    keys, parts, is_branch = node
    if not is_branch:
        index = bisect_left(keys, key)
        if index == len(keys) or keys[index] != key:
            raise KeyError(key)
        return keys[:index] + keys[index + 1 :], parts[:index] + parts[index + 1 :], False
    index = bisect_right(keys, key)
    child = _delete(parts[index], key)
    if len(child[1]) >= MIN_ENTRIES or len(parts) == 1:
        return keys, (*parts[:index], child, *parts[index + 1 :]), True
    first = max(index - 1, 0)  # join with the left neighbour, the first child with its right one
    pair = (parts[first], child) if index else (child, parts[1])
    left, separator, right = _join(pair[0], keys[first], pair[1])
    rest_keys, rest = keys[first + 1 :], parts[first + 2 :]
    if right is None:
        return keys[:first] + rest_keys, (*parts[:first], left, *rest), True
    return (*keys[:first], separator, *rest_keys), (*parts[:first], left, right, *rest), True


def _join(left: _Node, separator: Any, right: _Node) -> tuple[_Node, Any, _Node | None]:
    """Two neighbours as one node, or as two that are both filled well if one cannot hold them."""
    if left[2]:
        return _split_branch((*left[0], separator, *right[0]), left[1] + right[1])
    return _split_leaf(left[0] + right[0], left[1] + right[1])


def _have_same_keys(left: Any, right: Any) -> bool:
    """Whether both are nodes of one kind whose keys are the same tuple, as ``set`` leaves them where the key was there."""
    return (
        left is not None
        and right is not None
        and len(left) == len(right) == _NODE_PARTS
        and left[0] is right[0]
        and left[2] is right[2]
        and len(left[1]) == len(right[1])
    )


def _open_taller(ours: list[Any], theirs: list[Any]) -> None:
    """Replace the taller of the two topmost subtrees by its parts, the first part on top."""
    taller = ours if _height(ours[-1] if ours else None) >= _height(theirs[-1] if theirs else None) else theirs
    keys, parts, is_branch = taller.pop()
    taller.extend(reversed(parts if is_branch else tuple(zip(keys, parts, strict=True))))


def _height(part: Any) -> int:
    """0 for none or one entry, which is a key and its value; 1 for a leaf, more for a branch."""
    height = 0
    while part is not None and len(part) == _NODE_PARTS:
        height += 1
        part = part[1][0] if part[2] else None
    return height


EMPTY_MAP: Final[OrderedMap[Any, Any]] = OrderedMap()

__all__ = ["EMPTY_MAP", "OrderedMap"]
