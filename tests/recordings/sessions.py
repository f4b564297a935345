"""A recorded session: what was asked of the real service and what it answered, one interaction after another.

The format is vcrpy's YAML, version 1. A recording is read as bytes and texts only; what they mean is for the referee.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

FOLDER_VARIABLE = "AZFILES_RECORDINGS"
DEFAULT_FOLDER = Path(__file__).resolve().parents[3] / "shared" / "recordings"

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # both are safe; the one in C is ten times as fast

Headers = tuple[tuple[str, str], ...]


def header(headers: Headers, name: str) -> str | None:
    """The value of one header, its name in any case; ``None`` where it is absent."""
    return next((value for known, value in headers if known.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``body`` is the payload without its transfer coding."""

    status: int
    reason: str
    headers: Headers
    body: bytes = b""

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300

    @property
    def code(self) -> str | None:
        return header(self.headers, "x-ms-error-code")

    def header(self, name: str) -> str | None:
        return header(self.headers, name)


@dataclass(frozen=True, slots=True)
class Interaction:
    """One request, ``target`` raw as on the wire, and its answer."""

    method: str
    host: str
    target: str
    headers: Headers
    body: bytes
    answer: Answer

    @property
    def components(self) -> tuple[str, ...]:
        """The decoded path: the share's name, then the names below it."""
        return tuple(unquote(part) for part in self.target.partition("?")[0].split("/") if part)

    @property
    def query(self) -> dict[str, str]:
        return parse_query(self.target)

    def header(self, name: str) -> str | None:
        return header(self.headers, name)


@dataclass(frozen=True, slots=True)
class Session:
    name: str
    interactions: tuple[Interaction, ...]


def parse_query(target: str) -> dict[str, str]:
    """The query parameters with their values decoded (a plus sign is a plus sign)."""
    pairs = [part.partition("=") for part in target.partition("?")[2].split("&") if part]
    return {unquote(name): unquote(value) for name, _, value in pairs}


def recordings_folder() -> Path:
    """Where the recordings are: the folder that the environment names, else the one shared beside the repository."""
    return Path(os.environ.get(FOLDER_VARIABLE) or DEFAULT_FOLDER)


def find_recordings() -> list[Path]:
    return sorted(recordings_folder().glob("*.yaml"))


def load_session(path: Path) -> Session:
    """Read one recording. Raises ValueError where it is not a vcrpy cassette of version 1."""
    return read_session(path.stem, path.read_text(encoding="utf-8"))


def read_session(name: str, text: str) -> Session:
    document = yaml.load(text, Loader=_Loader)
    if not isinstance(document, dict) or document.get("version") != 1 or not document.get("interactions"):
        raise ValueError(f"{name} is not a vcrpy cassette of version 1")
    return Session(name, tuple(_read_interaction(item) for item in document["interactions"]))


def _read_interaction(item: dict[str, Any]) -> Interaction:
    request, response = item["request"], item["response"]
    url = urlsplit(request["uri"])
    answer = Answer(
        status=response["status"]["code"],
        reason=response["status"]["message"],
        headers=_pairs(response["headers"]),
        body=_as_bytes((response["body"] or {}).get("string")),
    )
    return Interaction(
        method=request["method"],
        host=url.netloc,
        target=(url.path or "/") + ("?" + url.query if url.query else ""),
        headers=_pairs(request["headers"]),
        body=_as_bytes(request["body"]),
        answer=answer,
    )


def _pairs(headers: dict[str, list[str] | str]) -> Headers:
    return tuple(
        (name, str(value))
        for name, values in headers.items()
        for value in (values if isinstance(values, list) else [values])
    )


def _as_bytes(body: str | bytes | None) -> bytes:
    return body.encode() if isinstance(body, str) else body or b""
