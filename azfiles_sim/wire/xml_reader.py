"""Reads XML that a stranger sent: no document type, no entities, a bounded depth; anything else is InvalidXmlDocument."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from azfiles_sim.messages import Buffer
from azfiles_sim.model.errors import Code, ServiceError

MAX_DEPTH: Final = 16


@dataclass(slots=True)
class Element:
    """One element: its name, the text directly in it, its children in order. Attributes are not kept."""

    name: str
    text: str = ""
    children: list[Element] = field(default_factory=list["Element"])

    def child_text(self, name: str) -> str | None:
        """The text of the first child of that name, blanks around it cut off; ``None`` without such a child."""
        for child in self.children:
            if child.name == name:
                return child.text.strip()
        return None


class _Forbidden(Exception):
    """The document uses what is not accepted from strangers."""


class _TreeBuilder:
    def __init__(self) -> None:
        self.root = Element("")
        self._open = [self.root]

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        if len(self._open) > MAX_DEPTH:
            raise _Forbidden
        child = Element(name)
        self._open[-1].children.append(child)
        self._open.append(child)

    def end(self, _name: str) -> None:
        self._open.pop()

    def text(self, text: str) -> None:
        self._open[-1].text += text

    @staticmethod
    def forbid(*_details: object) -> int:
        raise _Forbidden


def parse_xml(body: Iterable[Buffer]) -> Element:
    """The root element. Raises InvalidXmlDocument for anything that is not a plain well-formed document."""
    builder = _TreeBuilder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = builder.forbid
    parser.EntityDeclHandler = builder.forbid
    parser.ExternalEntityRefHandler = builder.forbid
    try:
        parser.Parse(b"".join(body), True)
    except (expat.ExpatError, _Forbidden, ValueError, LookupError):  # the latter two: an encoding it does not know
        raise ServiceError(Code.INVALID_XML_DOCUMENT) from None
    return builder.root.children[0]


__all__ = ["Element", "parse_xml"]
