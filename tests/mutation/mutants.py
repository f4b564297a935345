"""All mutants of some packages in a fixed order, and the draw of some of them by a seed."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import CodeType
from typing import Any, Final

from tests.mutation.operators import Enums, replacements

_NO_BEHAVIOUR: Final = {"__all__", "__slots__", "__match_args__"}
_OF_TYPES: Final = {"cast", "TypeVar", "ParamSpec", "NewType", "assert_never"}
_SCOPES: Final = (ast.FunctionDef, ast.ClassDef, ast.Module)
_CONTEXT: Final = 40  # characters around what differs, enough to tell one place of a function from another


class Module:
    """A source file and its tree."""

    def __init__(self, root: Path, path: Path) -> None:
        self.file: Final = path.relative_to(root).as_posix()
        self.path: Final = path
        parts = path.relative_to(root).with_suffix("").parts
        self.name: Final = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        self.tree: Final = ast.parse(path.read_bytes(), str(path))


@dataclass(frozen=True, slots=True)
class Context:
    """Where the walk is. ``function`` is the outermost one that is running there, or None while the module loads."""

    scope: str
    function: str | None
    names: tuple[str, ...]
    statement: ast.stmt | None


@dataclass(frozen=True, eq=False)
class Mutant:
    """One change of one node. ``names`` are what is assigned by the statement that a module runs while it loads."""

    module: Module
    operator: str
    parent: ast.AST
    field: str
    place: int | None
    replacement: ast.AST
    context: Context

    @property
    def line(self) -> int:
        return getattr(self._node, "lineno", 0) or getattr(self.context.statement, "lineno", 0)

    def compile(self) -> CodeType:
        """The module's code with the change in it."""
        original = self._node
        new = ast.fix_missing_locations(ast.copy_location(self.replacement, original))
        self._put(new)
        try:
            return compile(self.module.tree, str(self.module.path), "exec", dont_inherit=True)
        finally:
            self._put(original)

    @cached_property
    def texts(self) -> tuple[str, str]:
        """The statement before and after, cut down to what differs and a little around it.

        A statement that is changed as a whole is shown in the branch or loop that it stands in: ``raise Malformed``
        may stand in one function twice.
        """
        original, statement = self._node, self.context.statement
        whole = self.parent if original is statement and not isinstance(self.parent, _SCOPES) else statement
        before = _one_line(whole)
        if original is whole:
            return _differing(before, _one_line(self.replacement))
        self._put(self.replacement)
        try:
            return _differing(before, _one_line(whole))
        finally:
            self._put(original)

    @property
    def _node(self) -> ast.AST:
        value = getattr(self.parent, self.field)
        node: ast.AST = value if self.place is None else value[self.place]
        return node

    def _put(self, node: ast.AST) -> None:
        if self.place is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.place] = node


def modules_of(root: Path, packages: Sequence[str]) -> list[Module]:
    return [Module(root, path) for package in packages for path in sorted((root / package).rglob("*.py"))]


def enums_of(modules: Sequence[Module]) -> dict[str, tuple[str, ...]]:
    """The members of each enumeration, by its name."""
    return {
        node.name: members
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and any("Enum" in ast.unparse(base) for base in node.bases)
        if len(members := tuple(name for child in node.body for name in assigned(child))) > 1
    }


def assigned(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement gives a value."""
    match statement:
        case ast.Assign(targets=targets):
            yield from (node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case _:
            pass


def candidates(module: Module, enums: Enums) -> Iterator[Mutant]:
    """All mutants of a module, in the order of its text."""
    yield from _visit(module, module.tree, Context("", None, (), None), enums)


def draw(everything: Sequence[Mutant], count: int, seed: int) -> list[Mutant]:
    """``count`` of all mutants: the same code and seed give the same ones, and a higher count adds to a lower one's."""
    places = list(range(len(everything)))
    random.Random(seed).shuffle(places)
    return [everything[place] for place in places[:count]]


def _visit(module: Module, node: ast.AST, context: Context, enums: Enums) -> Iterator[Mutant]:
    for field, value in ast.iter_fields(node):
        inner = _inside(node, field, context)
        if inner is None:
            continue
        children: list[Any] = value if isinstance(value, list) else [value]
        for index, child in enumerate(children):
            if not isinstance(child, ast.AST) or _means_nothing(child, node, index):
                continue
            here = inner
            if isinstance(child, ast.stmt):
                names = inner.names or tuple(assigned(child))
                here = replace(inner, statement=child, names=names if inner.function is None else ())
            place = index if isinstance(value, list) else None
            for operator, new in replacements(child, node, enums):
                yield Mutant(module, operator, node, field, place, new, here)
            yield from _visit(module, child, here, enums)


def _inside(node: ast.AST, field: str, context: Context) -> Context | None:
    """The context of one field of a node, None where nothing behaves: types, decorators, what only a checker reads."""
    if field in {"annotation", "returns", "decorator_list", "bases", "format_spec", "targets", "target"}:
        return None
    match node:
        case ast.FunctionDef(name=name, decorator_list=decorators):
            if any("overload" in ast.unparse(decorator) for decorator in decorators):
                return None
            scope = f"{context.scope}.{name}" if context.scope else name
            function = context.function or (scope if field == "body" else None)
            return replace(context, scope=scope, function=function)
        case ast.ClassDef(name=name, bases=bases):
            scope = f"{context.scope}.{name}" if context.scope else name
            enum = any("Enum" in ast.unparse(base) for base in bases)
            return replace(context, scope=scope, names=() if enum else (name,))
        case ast.Call(func=ast.Name(id=name)) if name in _OF_TYPES and field in {"args", "keywords"}:
            return context if name == "cast" else None
        case ast.AnnAssign(annotation=annotation) if "TypeAlias" in ast.unparse(annotation):
            return None
        case ast.Assign(targets=[ast.Name(id=name)]) if name in _NO_BEHAVIOUR:
            return None
        case ast.JoinedStr(values=values) if any(_is_text(value) for value in values) and field == "values":
            return None
        case _:
            return context


def _means_nothing(child: ast.AST, parent: ast.AST, index: int) -> bool:
    match child:
        case ast.Expr(value=ast.Constant()):  # a docstring, an ellipsis
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id="assert_never"))):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Constant(value=str()):
            return isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id == "cast"
        case _:
            return False


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and any(map(str.isspace, node.value))


def _one_line(node: ast.AST | None) -> str:
    return "" if node is None else " ".join(ast.unparse(ast.fix_missing_locations(node)).split())


def _differing(before: str, after: str) -> tuple[str, str]:
    shortest = min(len(before), len(after))
    start = next((i for i in range(shortest) if before[i] != after[i]), shortest)
    most = shortest - start
    end = next((i for i in range(most) if before[-1 - i] != after[-1 - i]), most)
    first, rest = max(0, start - _CONTEXT), max(0, end - _CONTEXT)
    head, tail = "…" if first else "", "…" if rest else ""
    return (
        head + before[first : len(before) - rest] + tail,
        head + after[first : len(after) - rest] + tail,
    )
