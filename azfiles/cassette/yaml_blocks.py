"""A fast reader for the YAML that cassettes are made of: what vcrpy and this project write, and little more.

It goes through the lines once and makes no tree of nodes. Whatever it does not know exactly is ``UnusualYaml``; then
PyYAML reads the file. So it may refuse anything, and must never read a text otherwise than PyYAML does.
"""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, Final

_KEY = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*):(?: (?=[^ ])(.*))?")
_SINGLE_QUOTED = re.compile(r"'([^']*(?:''[^']*)*)'")
_DOUBLE_QUOTED = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"')
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")
_FLOW_TOKEN = re.compile(
    r"""\ *(?:
        ([\[\]{},])
      | '((?:[^'\n]|'')*)'
      | "((?:[^"\\\n]|\\.)*)"
      | ([A-Za-z0-9/_(](?:[A-Za-z0-9/_()+=.;@*~$^%!&<>|\\ -]|:(?=[A-Za-z0-9/_]))*)
    )(\ *:(?=[\ ]))?""",
    re.VERBOSE,
)
_STARTS_PLAIN = re.compile(r"[A-Za-z0-9/_(.+~$^<=;\\]|[-?:](?=[^ ])")
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)|(-?[0-9]+\.[0-9]+)")
_KNOWN_LENGTH: Final = 200
_BLOCK_SIZE: Final = 4096  # lines of base64 that are decoded at once: 57 bytes each, so padding only comes at the end

_WORDS: Final[dict[str, Any]] = {
    **dict.fromkeys(("~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"), False),
}
_MAY_BE_NO_TEXT: Final = frozenset("yYnNtTfFoO~-+0123456789.<=")
_ESCAPES: Final = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip

TakeBinary = Callable[[Iterable[bytes]], Any]
"""Makes a value of a ``!!binary`` block, which comes in pieces."""


class UnusualYaml(ValueError):
    """Something that this reader leaves to PyYAML."""


def read_blocks(lines: Iterable[str], take_binary: TakeBinary = b"".join) -> Any:
    """The value of a YAML document in block style, given line by line. Raises ``UnusualYaml``."""
    reader = _Reader(iter(lines), take_binary)
    while reader.line is not None and reader.line.startswith("#"):
        reader.advance()
    value = reader.mapping(0)
    if reader.line is not None:
        raise UnusualYaml("more than a mapping")
    return value


class _Reader:
    """``line`` is the line that comes next, without its end, ``None`` after the last; ``depth`` the blanks it starts with."""

    __slots__ = ("_known", "_lines", "_take_binary", "depth", "line")

    def __init__(self, lines: Iterator[str], take_binary: TakeBinary) -> None:
        self._lines = lines
        self._take_binary = take_binary
        self._known: dict[str, Any] = {}  # single-line scalars and what they stand for: headers repeat
        self.line: str | None = None
        self.depth = -1
        self.advance()

    def advance(self) -> None:
        line = next(self._lines, None)
        if line is None:
            self.line, self.depth = None, -1
        else:
            self._take(line)

    def _take(self, line: str) -> None:
        """Make ``line`` the next one. What YAML may read in a way of its own, such as other line ends, is not for us."""
        self.line = line = line.removesuffix("\n")
        text = line.lstrip(" ")
        if not text or not line.isascii() or not line.isprintable():
            raise UnusualYaml("an empty line, or one that is not printable ASCII")
        self.depth = len(line) - len(text)

    def mapping(self, indent: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while self.depth == indent and self.line is not None:
            match = _KEY.fullmatch(self.line, indent)
            if match is None:
                raise UnusualYaml("not a key where one is due")
            key, value = match.groups()
            if key in _WORDS:
                raise UnusualYaml("a key that is no text")
            found[key] = self._nested(indent) if value is None else self._scalar(value, indent)
        if not found or self.depth > indent:
            raise UnusualYaml("an empty mapping, or one that goes on")
        return found

    def _nested(self, indent: int) -> Any:
        """The value of a key that has the rest of its line to itself."""
        self.advance()
        depth, line = self.depth, self.line
        if line is None or depth < indent:
            return None
        if line.startswith("- ", depth):
            return self._sequence(depth)
        return self.mapping(depth) if depth > indent else None

    def _sequence(self, indent: int) -> list[Any]:
        items: list[Any] = []
        known = self._known
        while self.depth == indent and (line := self.line) is not None and line.startswith("- ", indent):
            rest = line[indent + 2 :]
            if rest not in known and _KEY.fullmatch(rest) is not None:
                self.line, self.depth = " " * (indent + 2) + rest, indent + 2
                items.append(self.mapping(indent + 2))
            else:
                items.append(self._scalar(rest, indent))
        if self.depth > indent:
            raise UnusualYaml("an item that goes on")
        return items

    # --- scalars ---

    def _scalar(self, text: str, indent: int) -> Any:
        """The value that ``text``, the rest of this line, begins; the lines that it takes up are passed over."""
        if text in self._known:
            self.advance()
            if self.depth <= indent:
                return self._known[text]
            if text[0] in "'\"":
                raise UnusualYaml("something after a quoted text")
            return self._folded_plain(text, indent)
        first = text[:1]
        if first == "'":
            return self._quoted(text, indent, _SINGLE_QUOTED, _unquote_single)
        if first == '"':
            return self._quoted(text, indent, _DOUBLE_QUOTED, _unquote_double)
        if first in {"[", "{"}:
            value = _read_flow(text)
            self._end(indent)
            return value
        if first == "!":
            return self._binary(text, indent)
        value = _plain(text)
        self.advance()
        if self.depth > indent:
            return self._folded_plain(text, indent)
        if len(text) < _KNOWN_LENGTH:
            self._known[text] = value
        return value

    def _end(self, indent: int) -> None:
        """Pass over this line, the last of its value."""
        self.advance()
        if self.depth > indent:
            raise UnusualYaml("something after a value")

    def _folded_plain(self, text: str, indent: int) -> Any:
        parts = [text]
        while self.line is not None and self.depth > indent:
            part = self.line.strip(" ")
            if part.startswith("#"):
                raise UnusualYaml("a comment")
            parts.append(part)
            self.advance()
        return _plain(" ".join(parts))

    def _quoted(self, text: str, indent: int, whole: re.Pattern[str], unquote: Callable[[str], str]) -> str:
        match = whole.fullmatch(text)
        if match is not None:
            self._end(indent)
            value = unquote(match[1])
            if len(text) < _KNOWN_LENGTH:
                self._known[text] = value
            return value
        quote = text[0]
        parts = [text]
        while True:
            self.advance()
            if self.line is None or self.depth <= indent:
                raise UnusualYaml("a quoted text without its end")
            parts.append(self.line)
            if quote in self.line and _closes(self.line, quote):
                break
        match = whole.fullmatch(_fold(parts, quote))
        if match is None:
            raise UnusualYaml("a quote inside a quoted text")
        self._end(indent)
        return unquote(match[1])

    def _binary(self, text: str, indent: int) -> Any:
        if text != "!!binary |":
            raise UnusualYaml("a tag")
        first = next(self._lines, None)
        depth = 0 if first is None else len(first) - len(first.lstrip(" "))
        if first is None or depth <= indent:
            raise UnusualYaml("an empty block")
        pieces = self._base64(first, depth)
        value = self._take_binary(pieces)
        for _ in pieces:
            raise UnusualYaml("a block that was not taken whole")
        if self.depth > indent:
            raise UnusualYaml("a block with lines of other depths")
        return value

    def _base64(self, first: str, depth: int) -> Iterator[bytes]:
        """The bytes of a block that ``first`` begins; afterwards ``line`` is the one after it."""
        prefix = " " * depth
        batch: list[str] = []
        self.line, self.depth = None, -1
        for line in chain((first,), self._lines):
            if not line.startswith(prefix):
                self._take(line)
                break
            batch.append(line)
            if len(batch) == _BLOCK_SIZE:
                yield _decode(batch)
                batch.clear()
        yield _decode(batch)


def _decode(lines: list[str]) -> bytes:
    text = "".join(lines).replace(" ", "").replace("\n", "")
    try:
        return a2b_base64(text, strict_mode=True) if text else b""
    except (Base64Error, ValueError):
        raise UnusualYaml("not base64, or not in lines of equal length") from None


def _plain(text: str) -> Any:
    """What an unquoted scalar stands for in YAML 1.1."""
    if not _STARTS_PLAIN.match(text) or ": " in text or " #" in text or text[-1] in ": ":
        raise UnusualYaml("not a plain scalar, or one that ends in a comment")
    if text[0] not in _MAY_BE_NO_TEXT:
        return text
    if text in _WORDS:
        return _WORDS[text]
    number = _PLAIN_NUMBER.fullmatch(text)
    if number is not None:
        return int(text) if number[1] is None else float(text)
    if any(pattern.match(text) for pattern in _implicit(text[0])):
        raise UnusualYaml("a scalar that may be a date or an uncommon number")
    return text


def _implicit(first: str) -> list[re.Pattern[str]]:
    """PyYAML's own patterns of what is no text, for a first character."""
    from yaml.resolver import Resolver

    resolvers: Any = Resolver.yaml_implicit_resolvers
    return [pattern for _, pattern in (*resolvers.get(first, ()), *resolvers.get(None, ()))]


def _unquote_single(text: str) -> str:
    return text.replace("''", "'")


def _unquote_double(text: str) -> str:
    return _ESCAPE.sub(_unescape, text) if "\\" in text else text


def _unescape(found: re.Match[str]) -> str:
    escape = found[1]
    if len(escape) == 1:
        if escape not in _ESCAPES:
            raise UnusualYaml("an unknown escape")
        return _ESCAPES[escape]
    code = int(escape[1:], 16)
    if 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
        raise UnusualYaml("an escape that is no character")
    return chr(code)


def _closes(line: str, quote: str) -> bool:
    """Whether a line of a quoted text ends it: its last character is a quote that stands for itself."""
    if not line.endswith(quote):
        return False
    body = line[:-1]
    return (len(body) - len(body.rstrip("'" if quote == "'" else "\\"))) % 2 == 0


def _fold(lines: list[str], quote: str) -> str:
    """The lines of a quoted text as one: a line's end is a blank, or nothing where a backslash escapes it."""
    whole: list[str] = []
    glue = ""
    for line in lines:
        part = line.lstrip(" ") if whole else line
        escaped = quote == '"' and (len(line) - len(line.rstrip("\\"))) % 2 == 1
        if escaped:
            part = part[:-1]
        elif part.endswith(" ") or not part:
            raise UnusualYaml("blanks at a line's end")
        whole += (glue, part)
        glue = "" if escaped else " "
    return "".join(whole)


def _read_flow(text: str) -> Any:
    """A flow sequence or mapping in one line."""
    tokens = _flow_tokens(text)
    value = _flow_value(next(tokens), tokens)
    if next(tokens, None) is not None:
        raise UnusualYaml("something after a flow collection")
    return value


def _flow_tokens(text: str) -> Iterator[tuple[str, Any, bool]]:
    """(punctuation or ``""``, value, whether a colon follows)"""
    at = 0
    while at < len(text):
        match = _FLOW_TOKEN.match(text, at)
        if match is None:
            raise UnusualYaml("a flow collection of another kind, or of several lines")
        mark, single, double, plain, colon = match.groups()
        if single is not None:
            yield "", _unquote_single(single), colon is not None
        elif double is not None:
            yield "", _unquote_double(double), colon is not None
        elif plain is not None:
            yield "", _plain(plain.rstrip(" ")), colon is not None
        else:
            yield mark, None, colon is not None
        at = match.end()


def _flow_value(token: tuple[str, Any, bool], tokens: Iterator[tuple[str, Any, bool]]) -> Any:
    mark, value, colon = token
    if colon:
        raise UnusualYaml("a pair inside a flow sequence")
    if not mark:
        return value
    if mark == "[":
        return _flow_sequence(tokens)
    if mark == "{":
        return _flow_mapping(tokens)
    raise UnusualYaml("a flow collection with a hole")


def _flow_sequence(tokens: Iterator[tuple[str, Any, bool]]) -> list[Any]:
    items: list[Any] = []
    for token in tokens:
        if token[0] == "]" and not items and not token[2]:
            return items
        items.append(_flow_value(token, tokens))
        mark, _, colon = next(tokens, ("", None, True))
        if colon or mark not in {",", "]"}:
            break
        if mark == "]":
            return items
    raise UnusualYaml("a flow sequence without its end")


def _flow_mapping(tokens: Iterator[tuple[str, Any, bool]]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for mark, key, colon in tokens:
        if mark == "}" and not found and not colon:
            return found
        if mark or not colon or not isinstance(key, str):
            break
        found[key] = _flow_value(next(tokens, ("?", None, True)), tokens)
        mark, _, colon = next(tokens, ("", None, True))  # noqa: PLW2901 - the separator after the pair
        if colon or mark not in {",", "}"}:
            break
        if mark == "}":
            return found
    raise UnusualYaml("a flow mapping without its end")


__all__ = ["TakeBinary", "UnusualYaml", "read_blocks"]
