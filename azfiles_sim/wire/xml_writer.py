"""Writes the service's XML: UTF-8 with a BOM, no line break after the declaration, empty elements as ``<Name />``."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

_DECLARATION: Final = '\ufeff<?xml version="1.0" encoding="utf-8"?>'.encode()

_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ATTRIBUTE_ESCAPES: Final = {**_ESCAPES, '"': "&quot;"}
_REPLACEMENT: Final = "\ufffd"


def _is_illegal(character: str) -> bool:
    code = ord(character)
    return (code < 0x20 and character not in "\t\n\r") or 0xD800 <= code <= 0xDFFF or code in {0xFFFE, 0xFFFF}


def is_legal(text: str) -> bool:
    """Whether XML 1.0 can hold every character of the text."""
    return (text.isascii() and text.isprintable()) or not any(map(_is_illegal, text))


def escape(text: str) -> str:
    """Text for an element's content. What XML cannot hold becomes U+FFFD."""
    if text.isalnum():
        return text
    for character, entity in _ESCAPES.items():
        text = text.replace(character, entity)
    return text if is_legal(text) else "".join(_REPLACEMENT if _is_illegal(one) else one for one in text)


def attribute(text: str) -> str:
    """Text for an attribute's value, without the quotes around it."""
    return escape(text).replace('"', _ATTRIBUTE_ESCAPES['"'])


def element(name: str, text: str) -> str:
    """``<Name>text</Name>``, or ``<Name />`` where the text is empty."""
    return f"<{name}>{escape(text)}</{name}>" if text else f"<{name} />"


def encoded_element(name: str, text: str, *, encoded: bool) -> str:
    """As ``element``; where ``encoded``, a text that XML cannot hold is percent-encoded and marked so."""
    if encoded and not is_legal(text):
        return f'<{name} Encoded="true">{quote(text, safe="")}</{name}>'
    return element(name, text)


def document(root: str) -> bytes:
    """The bytes of a whole document."""
    # Encoded apart: with the BOM in it, a text takes twice the memory and is encoded letter by letter.
    return _DECLARATION + root.encode("utf-8", "replace")


__all__ = ["attribute", "document", "element", "encoded_element", "escape", "is_legal"]
