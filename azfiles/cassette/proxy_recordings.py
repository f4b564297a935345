"""Recordings of the Azure SDKs' test proxy: JSON with ``Entries``, as plain values in the shape of vcrpy's.

A body of a text type is text, its lines, or a JSON value; any other is base64. The status has no reason phrase there.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from azfiles.cassette.loading import is_list, is_mapping

_TEXT_TYPE = re.compile(r"text/.*|application/(?:.*[+.-])?(?:json|xml|x-www-form-urlencoded)", re.IGNORECASE)


def is_proxy_recording(document: Any) -> bool:
    """Whether plain values are such a recording."""
    return is_mapping(document) and is_list(document.get("Entries"))


def is_proxy_file(path: Path) -> bool:
    """Whether a file that is a cassette is such a recording, by how it begins."""
    with path.open("rb") as file:
        return re.match(rb'(?:\xef\xbb\xbf)?\s*\{\s*"Entries"', file.read(4096)) is not None


def as_vcrpys(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same recording as vcrpy would have it. What is damaged in an entry is left for the reader of those to find."""
    entries: list[Any] = document["Entries"]
    return {"interactions": [_interaction(entry) for entry in entries], "version": 1}


def _interaction(parts: Any) -> Any:
    if not is_mapping(parts):
        return parts
    asked, answered = parts.get("RequestHeaders"), parts.get("ResponseHeaders")
    return {
        "request": {
            "method": parts.get("RequestMethod"),
            "uri": parts.get("RequestUri"),
            "headers": asked,
            "body": _body(parts.get("RequestBody"), asked),
        },
        "response": {
            "status": {"code": parts.get("StatusCode"), "message": ""},
            "headers": answered,
            "body": {"string": _body(parts.get("ResponseBody"), answered)},
        },
    }


def _body(value: Any, headers: Any) -> Any:
    if value is None:
        return None
    content_type = _content_type(headers)
    if not _TEXT_TYPE.fullmatch(content_type.partition(";")[0].strip()):
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, TypeError, ValueError):
            pass  # an older one, or a sanitized one: text after all
    if isinstance(value, str):
        return value
    if is_list(value) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _content_type(headers: Any) -> str:
    if not is_mapping(headers):
        return ""
    found = next((value for name, value in headers.items() if str(name).lower() == "content-type"), "")
    return str(found[0] if is_list(found) and found else found)


__all__ = ["as_vcrpys", "is_proxy_file", "is_proxy_recording"]
