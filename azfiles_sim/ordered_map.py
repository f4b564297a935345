"""A persistent ordered map: every change gives a new map, the old one stays as it was, and the two share what is equal.

A B-tree of tuples with path copying. Python's ``bisect`` finds the place in a tuple in C, and a node of a few dozen
entries is copied in well under a microsecond, so a change costs a few copies and no lock is needed to read.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import Any, Final, Generic, Protocol, TypeVar, cast, final, overload


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


@final
class _Leaf:
    """Keys in order and the value of each."""

    __slots__ = ("keys", "values")

    def __init__(self, keys: tuple[Any, ...], values: tuple[Any, ...]) -> None:
        self.keys = keys
        self.values = values


@final
class _Branch:
    """Subtrees in order; ``keys[i]`` is not above any key of ``children[i + 1]`` and above all of ``children[i]``."""

    __slots__ = ("children", "keys")

    def __init__(self, keys: tuple[Any, ...], children: tuple[Any, ...]) -> None:
        self.keys = keys
        self.children = children


_Node = _Leaf | _Branch
_EMPTY_LEAF: Final = _Leaf((), ())
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
        node = self._root
        while type(node) is _Branch:
            node = node.children[bisect_right(node.keys, key)]
        keys = node.keys
        index = bisect_left(keys, key)
        if index < len(keys) and keys[index] == key:
            return node.values[index]
        return default

    def set(self, key: K, value: V) -> OrderedMap[K, V]:
        """A map that is equal to this one but has ``value`` at ``key``."""
        root = self._root
        if type(root) is _Leaf:  # most maps are small, and most of their entries are replaced again and again
            keys = root.keys
            index = bisect_left(keys, key)
            if index < len(keys) and keys[index] == key:
                values = root.values
                return self._with(_Leaf(keys, (*values[:index], value, *values[index + 1 :])), self._size)
        left, separator, right, added = _set(self._root, key, value)
        if right is not None:
            left = _Branch((separator,), (left, right))
        return self._with(left, self._size + added)

    def delete(self, key: K) -> OrderedMap[K, V]:
        """A map without ``key``. Raises KeyError if this one does not have it."""
        root = _delete(self._root, key)
        while type(root) is _Branch and len(root.children) == 1:
            root = root.children[0]
        return self._with(root, self._size - 1)

    def items(self, start: K | None = None) -> Iterator[tuple[K, V]]:
        """Entries in key order; from the first key that is not below ``start`` if one is given."""
        for keys, values in self.runs(start):
            yield from zip(keys, values, strict=True)

    def runs(self, start: K | None = None) -> Iterator[tuple[tuple[K, ...], tuple[V, ...]]]:
        """The same in runs of a few dozen entries, for who reads many: their keys and their values. None is empty."""
        path: list[tuple[_Branch, int]] = []
        node = self._root
        while type(node) is _Branch:
            index = 0 if start is None else bisect_right(node.keys, start)
            path.append((node, index))
            node = node.children[index]
        leaf = node
        begin = 0 if start is None else bisect_left(leaf.keys, start)
        while True:
            if begin < len(leaf.keys):
                yield (leaf.keys[begin:], leaf.values[begin:]) if begin else (leaf.keys, leaf.values)
            begin = 0
            while path and path[-1][1] + 1 == len(path[-1][0].children):
                path.pop()
            if not path:
                return
            branch, index = path.pop()
            path.append((branch, index + 1))
            node = branch.children[index + 1]
            while type(node) is _Branch:
                path.append((node, 0))
                node = node.children[0]
            leaf = node

    def floor(self, key: K) -> tuple[K, V] | None:
        """The entry with the greatest key that is not above ``key``, or None."""
        node = self._root
        lower: _Node | None = None  # the subtree just left of the path: where the answer is if the leaf has none
        while type(node) is _Branch:
            index = bisect_right(node.keys, key)
            if index:
                lower = node.children[index - 1]
            node = node.children[index]
        index = bisect_right(node.keys, key)
        if index:
            return node.keys[index - 1], node.values[index - 1]
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
    while type(node) is _Branch:
        node = node.children[-1]
    return node.keys[-1], node.values[-1]


def _set(node: _Node, key: Any, value: Any) -> tuple[_Node, Any, _Node | None, int]:
    """The node with ``key`` set, the separator and right half if it had to be split, and how many keys were added."""
    keys = node.keys
    if type(node) is _Leaf:
        index = bisect_left(keys, key)
        values = node.values
        if index < len(keys) and keys[index] == key:
            return _Leaf(keys, (*values[:index], value, *values[index + 1 :])), None, None, 0
        return *_split_leaf((*keys[:index], key, *keys[index:]), (*values[:index], value, *values[index:])), 1
    index = bisect_right(keys, key)
    children = node.children
    left, separator, right, added = _set(children[index], key, value)
    if right is None:
        return _Branch(keys, (*children[:index], left, *children[index + 1 :])), None, None, added
    return (
        *_split_branch(
            (*keys[:index], separator, *keys[index:]), (*children[:index], left, right, *children[index + 1 :])
        ),
        added,
    )


def _split_leaf(keys: tuple[Any, ...], values: tuple[Any, ...]) -> tuple[_Node, Any, _Node | None]:
    size = len(keys)
    if size <= MAX_ENTRIES:
        return _Leaf(keys, values), None, None
    middle = size // 2
    return _Leaf(keys[:middle], values[:middle]), keys[middle], _Leaf(keys[middle:], values[middle:])


def _split_branch(keys: tuple[Any, ...], children: tuple[Any, ...]) -> tuple[_Node, Any, _Node | None]:
    size = len(children)
    if size <= MAX_ENTRIES:
        return _Branch(keys, children), None, None
    middle = size // 2
    left = _Branch(keys[: middle - 1], children[:middle])
    return left, keys[middle - 1], _Branch(keys[middle:], children[middle:])


def _delete(node: _Node, key: Any) -> _Node:
    keys = node.keys
    if type(node) is _Leaf:
        index = bisect_left(keys, key)
        if index == len(keys) or keys[index] != key:
            raise KeyError(key)
        return _Leaf(keys[:index] + keys[index + 1 :], node.values[:index] + node.values[index + 1 :])
    index = bisect_right(keys, key)
    children = node.children
    child = _delete(children[index], key)
    if _entries(child) >= MIN_ENTRIES or len(children) == 1:
        return _Branch(keys, (*children[:index], child, *children[index + 1 :]))
    first = max(index - 1, 0)  # join with the left neighbour, the first child with its right one
    pair = (children[first], child) if index else (child, children[1])
    left, separator, right = _join(pair[0], keys[first], pair[1])
    rest_keys, rest = keys[first + 1 :], children[first + 2 :]
    if right is None:
        return _Branch(keys[:first] + rest_keys, (*children[:first], left, *rest))
    return _Branch((*keys[:first], separator, *rest_keys), (*children[:first], left, right, *rest))


def _entries(node: _Node) -> int:
    return len(node.keys) if type(node) is _Leaf else len(node.children)


def _join(left: _Node, separator: Any, right: _Node) -> tuple[_Node, Any, _Node | None]:
    """Two neighbours as one node, or as two that are both filled well if one cannot hold them."""
    if type(left) is _Leaf:
        neighbour = cast("_Leaf", right)
        return _split_leaf(left.keys + neighbour.keys, left.values + neighbour.values)
    one, two = left, cast("_Branch", right)
    return _split_branch((*one.keys, separator, *two.keys), one.children + two.children)


def _open_taller(ours: list[Any], theirs: list[Any]) -> None:
    """Replace the taller of the two topmost subtrees by its parts, the first part on top."""
    taller = ours if _height(ours[-1] if ours else None) >= _height(theirs[-1] if theirs else None) else theirs
    node = taller.pop()
    taller.extend(reversed(node.children if type(node) is _Branch else tuple(zip(node.keys, node.values, strict=True))))


def _height(part: Any) -> int:
    """0 for one entry or none, 1 for a leaf, more for a branch."""
    height = 0
    while type(part) is _Branch:
        part = part.children[0]
        height += 1
    return height + 1 if type(part) is _Leaf else 0


EMPTY_MAP: Final[OrderedMap[Any, Any]] = OrderedMap()

__all__ = ["EMPTY_MAP", "OrderedMap"]
