"""What a mutant is made of: for one node of a syntax tree, the nodes that could stand there by mistake.

Each operator is one kind of mistake. Texts for people (a string with white space in it) are never changed: no test of this
house claims a wording, but for those that the protocol fixes, and these are told by the recordings.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias, TypeVar

T = TypeVar("T")
Replacement: TypeAlias = tuple[str, ast.AST]
Enums: TypeAlias = Mapping[str, tuple[str, ...]]

_COMPARISONS: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
}
_SEQUENCES: Final = (ast.Tuple, ast.List, ast.Set)
_ROWS: Final = (ast.keyword, ast.Compare, ast.Starred, ast.AnnAssign, ast.Assign)  # where a pair may be two rows


def replacements(node: ast.AST, parent: ast.AST, enums: Enums) -> Iterator[Replacement]:
    """Everything that may stand in the place of ``node``, each with its operator's name."""
    match node:
        case ast.Compare():
            yield from _comparisons(node)
        case ast.BinOp() if not isinstance(node.op, ast.Add) or not (
            _is_sequence(node.left) or _is_sequence(node.right)
        ):
            yield "arithmetic", _with(node, op=_ARITHMETIC.get(type(node.op), ast.Add)())
        case ast.AugAssign():
            yield "arithmetic", _with(node, op=_ARITHMETIC.get(type(node.op), ast.Add)())
            yield "deletion", ast.Pass()
        case ast.BoolOp():
            yield from _conditions(node)
        case ast.UnaryOp(op=ast.Not()):
            yield "boolean", node.operand
        case ast.Constant():
            yield from _constants(node.value)
        case ast.Attribute(value=ast.Name(id=name), attr=member) if member in enums.get(name, ()):
            members = enums[name]
            yield "member", _with(node, attr=members[(members.index(member) + 1) % len(members)])
        case ast.Slice():
            if node.lower is not None:
                yield "slice", _with(node, lower=None)
            if node.upper is not None:
                yield "slice", _with(node, upper=None)
        case ast.Tuple() | ast.List() | ast.Set():
            yield from _shorter(node, parent)
        case ast.Dict():
            for place in range(len(node.keys)):
                yield "row", _with(node, keys=_without(node.keys, place), values=_without(node.values, place))
        case ast.Call():
            for place, keyword in enumerate(node.keywords):
                if keyword.arg is not None:
                    yield "keyword", _with(node, keywords=_without(node.keywords, place))
        case ast.ExceptHandler(type=ast.AST()):
            yield "handler", _with(node, type=ast.Tuple([], ast.Load()))
        case ast.stmt():
            yield from _statements(node)
        case _:
            pass
    if _decides(node, parent):
        yield "boolean", ast.UnaryOp(ast.Not(), node)  # type: ignore[arg-type]


def _comparisons(node: ast.Compare) -> Iterator[Replacement]:
    for place, operator in enumerate(node.ops):
        for other in _COMPARISONS[type(operator)]:
            yield "comparison", _with(node, ops=[*node.ops[:place], other(), *node.ops[place + 1 :]])


def _conditions(node: ast.BoolOp) -> Iterator[Replacement]:
    yield "boolean", _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    for place in range(len(node.values)):
        rest = _without(node.values, place)
        yield "boolean", rest[0] if len(rest) == 1 else _with(node, values=rest)


def _constants(value: object) -> Iterator[Replacement]:
    match value:
        case bool():
            yield "constant", ast.Constant(not value)
        case int() | float():
            yield "constant", ast.Constant(value + 1)
            yield "constant", ast.Constant(value - 1)
        case str() if not any(map(str.isspace, value)):
            yield "text", ast.Constant(value + "X")
        case bytes():
            yield "text", ast.Constant(value + b"X")
        case _:
            pass


def _shorter(node: ast.Tuple | ast.List | ast.Set, parent: ast.AST) -> Iterator[Replacement]:
    """One row fewer. Most pairs are no rows, and a tuple as an index or a target has a fixed length."""
    if isinstance(parent, ast.Subscript) or isinstance(getattr(node, "ctx", None), ast.Store):
        return
    if isinstance(node, ast.Tuple) and len(node.elts) == 2 and not isinstance(parent, _ROWS):
        return
    for place in range(len(node.elts)):
        rest = _without(node.elts, place)
        empty_set = isinstance(node, ast.Set) and not rest
        yield "row", ast.Call(ast.Name("set", ast.Load()), [], []) if empty_set else _with(node, elts=rest)


def _statements(node: ast.stmt) -> Iterator[Replacement]:
    match node:
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and not value.value):
            yield "return", ast.Return(ast.Constant(None))
        case ast.Raise(exc=ast.Call(func=ast.Name(id=name)) as call):
            yield "exception", _with(node, exc=_with(call, func=ast.Name("RuntimeError", ast.Load())))
            if name not in {"AssertionError", "NotImplementedError"}:
                yield "deletion", ast.Pass()
        case ast.Raise() | ast.Continue() | ast.Break() | ast.Delete() | ast.Assert() | ast.Expr():
            yield "deletion", ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript(), *_]):
            yield "deletion", ast.Pass()
        case ast.If(
            orelse=[], body=[_, _, *_] | [ast.Assign() | ast.AnnAssign() | ast.Return() | ast.For() | ast.If()]
        ):
            yield "deletion", ast.Pass()
        case _:
            pass


def _decides(node: ast.AST, parent: ast.AST) -> bool:
    """Whether a condition is this node, and no other operator turns it round."""
    if isinstance(node, ast.UnaryOp | ast.NamedExpr) or (isinstance(node, ast.Compare) and len(node.ops) == 1):
        return False
    if isinstance(parent, ast.comprehension):
        return node in parent.ifs
    if isinstance(parent, ast.match_case):
        return node is parent.guard
    return isinstance(parent, ast.If | ast.While | ast.IfExp | ast.Assert) and node is parent.test


def _is_sequence(node: ast.expr) -> bool:
    return isinstance(node, (*_SEQUENCES, ast.JoinedStr)) or isinstance(getattr(node, "value", None), str | bytes)


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _without(items: list[T], place: int) -> list[T]:
    return [*items[:place], *items[place + 1 :]]
