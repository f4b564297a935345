"""Which functions a change in what a module loads can be seen by: read off the names that the code mentions.

A table is not run, so no trace tells which test depends on it. A function that mentions its name may, and so may what
mentions another table that mentions it. That is more than truly depends on it, never less but for what is looked up by a
name made at run time.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from tests.mutation.mutants import Module, assigned

Function: TypeAlias = tuple[str, str]
"""A file and the qualified name of an outermost function in it."""


class Names:
    """Who mentions what."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self._functions: dict[str, set[Function]] = {}
        self._definitions: dict[str, set[str]] = {}
        for module in modules:
            self._read(module.file, module.tree.body, "")

    def reached(self, names: Iterable[str]) -> set[Function]:
        """The functions that may see what these names stand for."""
        seen: set[str] = set()
        ahead = list(names)
        while ahead:
            name = ahead.pop()
            if name not in seen:
                seen.add(name)
                ahead.extend(self._definitions.get(name, ()))
        return self.mentioning(seen)

    def mentioning(self, names: Iterable[str]) -> set[Function]:
        """The functions in whose text one of the names stands, or that have it."""
        return {function for name in names for function in self._functions.get(name, ())}

    def _read(self, file: str, body: Sequence[ast.stmt], scope: str) -> None:
        for statement in body:
            match statement:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    function = (file, f"{scope}.{name}" if scope else name)
                    for mentioned in (name, *scope.split("."), *_mentioned(statement)):
                        self._functions.setdefault(mentioned, set()).add(function)
                    outside: list[ast.AST] = [statement.args, *statement.decorator_list]
                    self._define([name], outside)
                case ast.ClassDef(name=name):
                    inner = f"{scope}.{name}" if scope else name
                    methods = [child for child in statement.body if isinstance(child, ast.FunctionDef)]
                    self._read(file, methods, inner)
                    others = [child for child in statement.body if not isinstance(child, ast.FunctionDef)]
                    self._define([name], [*statement.bases, *statement.decorator_list, *others])
                case ast.ImportFrom(names=names):
                    for alias in names:
                        if alias.asname is not None:
                            self._definitions.setdefault(alias.name, set()).add(alias.asname)
                case _:
                    self._define([*assigned(statement)], [statement])

    def _define(self, names: Sequence[str], nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            for mentioned in _mentioned(node):
                self._definitions.setdefault(mentioned, set()).update(names)


def identifiers(path: Path) -> frozenset[str]:
    """All names that stand in a file."""
    return frozenset(_mentioned(ast.parse(path.read_bytes(), str(path))))


def _mentioned(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            yield inner.id
        elif isinstance(inner, ast.Attribute):
            yield inner.attr
