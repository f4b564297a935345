"""Leaked secrets in cassettes, whoever recorded them: what the scrubber would have taken out, with file and line."""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from azfiles.cassette.addresses import parse_uri
from azfiles.cassette.bodies import StoredBody
from azfiles.cassette.compression import LARGEST_BYTES, decompressed, encoding_of
from azfiles.cassette.document import read_cassette
from azfiles.cassette.interactions import Body, Interaction, Lost, RecordedRequest
from azfiles.cassette.loading import import_yaml
from azfiles.cassette.names import Part, parts_of_document, parts_of_uri
from azfiles.cassette.operations import carries_request_data, carries_response_data, is_of_files, operation_of
from azfiles.cassette.patterns import (
    ACCOUNT_KEY_IN_DATA,
    CLIENT_ADDRESS_HEADERS,
    CLIENT_ADDRESS_IN_XML,
    IPV4,
    LEASE_HEADERS,
    LONE_SIGNATURE,
    NO_CLIENTS_ADDRESS,
    SECRET_HEADERS,
    SIGNATURE_IN_DATA,
    SIGNED_ADDRESS,
    URL_HEADERS,
    secrets_in_name,
    secrets_in_text,
)
from azfiles.cassette.sealing import VARIABLE
from azfiles.errors import CassetteError
from azfiles.messages import Buffer, HeaderPairs

_PLACEHOLDER = re.compile(
    r"redacted.*|sanitized.*|scrubbed|hidden|removed|masked|filtered|dummy.*|fake.*|example|none|null|\W*|x{3,}|"
    r"<[^>]*>|\$?\{[^}]*\}|sharedkey(?:lite)? \S*:(?:redacted|fake\w*|x*)|bearer (?:redacted|fake\w*|x*)",
    re.IGNORECASE,
)
_ACCOUNT_PSEUDONYM = re.compile(
    r"(?:storagename\d*|fake\w*|sanitized\w*|devstoreaccount1|account(?:name)?)(?:-secondary)?"
)
_LEASE_PSEUDONYM = re.compile(r"0{8}-0{4}-[04]0{3}-[08]0{3}-[0-9a-f]{12}|not-a-guid-\d+|", re.IGNORECASE)
_KNOWN_ADDRESS: Final = (*NO_CLIENTS_ADDRESS, "[", "::1")
_ACCOUNT_IN_URL = re.compile(r"//[a-z0-9-]+\.(?:z\d+\.)?(?:file|blob|queue|table|dfs)\.core\.[\w.]+", re.IGNORECASE)
_GZIP_MARK: Final = b"\x1f\x8b"
_DATA_PATTERNS: Final = (("signature", SIGNATURE_IN_DATA), ("account key", ACCOUNT_KEY_IN_DATA))


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A secret at a place. It says what kind of secret it is, and never the secret itself."""

    path: str
    line: int
    kind: str
    where: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.kind} in {self.where}"


def scan_cassette(path: str | os.PathLike[str]) -> list[Finding]:
    """The secrets in a cassette, in the order of its lines; none where it is clean. ``CassetteError`` where it cannot be
    read: what is no cassette is not called clean.

    Lines are those on which a value begins. Of bodies in the side store only the kinds that show in any data are looked
    for. Texts that stand for secrets, such as ``REDACTED``, are no findings. Sealed bodies are looked into as far as they
    lie in the side store and the environment holds their key; headers and URLs of a sealed cassette need none.
    """
    name = os.fspath(path)
    interactions = read_cassette(path, leave_sealed=not os.environ.get(VARIABLE))
    yaml = import_yaml()
    text = Path(path).read_text(encoding="utf-8-sig")
    try:
        root: Any = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError:
        raise CassetteError(f"cassette {path}: has no lines that can be told: it is not readable as YAML") from None
    found = {Finding(name, line, kind, where) for line, kind, where in _in_document(root)}
    for number, one in enumerate(interactions, 1):
        found.update(_in_stored_bodies(number, one))
    return sorted(found)


def scan_cassettes(paths: Iterable[str | os.PathLike[str]]) -> list[Finding]:
    """The secrets in several cassettes; of a folder, in all ``.yaml``, ``.yml`` and ``.json`` files below it that are
    cassettes, while a file that is named must be one.
    """
    return [finding for path in find_cassettes(paths) for finding in scan_cassette(path)]


def find_cassettes(paths: Iterable[str | os.PathLike[str]]) -> Iterator[Path]:
    """The files that are named, and of each folder the cassettes below it: ``.yaml``, ``.yml`` and ``.json`` files."""
    for given in map(Path, paths):
        if given.is_dir():
            named = (path for path in given.rglob("*") if path.suffix in {".yaml", ".yml", ".json"})
            yield from filter(_is_cassette, sorted(named))
        else:
            yield given


def _is_cassette(path: Path) -> bool:
    """Whether a file means to be a cassette: a damaged one does."""
    with path.open("rb") as file:
        start = file.read(65536)
    return b"interactions" in start or b'"Entries"' in start


# --- the side store ---------------------------------------------------------------------------------------------------


def _in_stored_bodies(number: int, one: Interaction) -> Iterator[Finding]:
    status = 0 if isinstance(one.response, Lost) else one.response.status
    for side, (headers, body) in zip(_sides(str(number), one.request, status), _bodies_of(one), strict=False):
        if not isinstance(body, StoredBody):
            continue
        name = str(body.store.folder / body.name)
        yield from _in_stored_data(name, body.blocks())
        if not side.is_data and len(body) <= LARGEST_BYTES:
            yield from _in_stored_document(name, bytes(body.read()), encoding_of(headers), side)


def _bodies_of(one: Interaction) -> Iterator[tuple[HeaderPairs, Body]]:
    yield one.request.headers, one.request.body
    if not isinstance(one.response, Lost):
        yield one.response.headers, one.response.body


def _in_stored_data(name: str, blocks: Iterable[Buffer]) -> Iterator[Finding]:
    line, tail = 1, b""
    for block in blocks:
        data = tail + bytes(block)
        for kind, pattern in _DATA_PATTERNS:
            for match in pattern.finditer(data):
                yield Finding(name, line + data.count(b"\n", 0, match.start()), kind, "a stored body")
        tail = data[-256:]
        line += data.count(b"\n", 0, len(data) - len(tail))


def _in_stored_document(name: str, body: bytes, encoding: str, side: _Side) -> Iterator[Finding]:
    """Line by line; what spans lines is told with the first one. Of a compressed document they are those without that."""
    plain = _decompressed(body, encoding or "gzip") if encoding or body.startswith(_GZIP_MARK) else None
    where = "a stored body" if plain is None else "a stored body, decompressed"
    text = (body if plain is None else plain).decode("latin-1")
    seen: set[str] = set()
    for line, part in enumerate(text.split("\n"), 1):
        for kind in _in_answer(part, side):
            seen.add(kind)
            yield Finding(name, line, kind, where)
    for kind in set(_in_answer(text, side)) - seen:
        yield Finding(name, 1, kind, where)


# --- the document: YAML nodes, because only they know their lines ----------------------------------------------------


class _Side(NamedTuple):
    """What is known of a request or a response before its texts are looked into."""

    where: str
    is_refusal: bool = False
    is_data: bool = False
    """Whether the body is a file's content, as the scrubber has it, and no document."""
    of_files: bool = False
    """Whether it is said to or by a storage service, so that names stand in the URI and in documents."""


def _in_document(root: Any) -> Iterator[tuple[int, str, str]]:
    parts = _pairs(root)
    for number, item in enumerate(_items(parts.get("interactions")), 1):
        sides = _pairs(item)
        request, response = _pairs(sides.get("request")), _pairs(sides.get("response"))
        code = _pairs(response.get("status")).get("code", response.get("status_code"))
        asked, answered = _sides(str(number), _asked(request, request.get("method")), _status(code))
        yield from _in_side(request, asked)
        yield from _in_side(response, answered)
    for number, item in enumerate(_items(parts.get("lost")), 1):
        sides = _pairs(item)
        request = _pairs(sides.get("request"))
        where = f"lost request {number}"
        asked, _ = _sides(str(number), _asked(request, request.get("method")), 0)
        yield from _in_side(request, asked._replace(where=where))
        yield from _in_side({"error": sides.get("error")}, _Side(where, is_refusal=True))
    for number, item in enumerate(_items(parts.get("Entries")), 1):  # of the Azure SDKs' test proxy
        entry = _pairs(item)
        request = {
            "headers": entry.get("RequestHeaders"),
            "uri": entry.get("RequestUri"),
            "body": entry.get("RequestBody"),
        }
        response = {"headers": entry.get("ResponseHeaders"), "body": entry.get("ResponseBody")}
        asked, answered = _sides(
            str(number), _asked(request, entry.get("RequestMethod")), _status(entry.get("StatusCode"))
        )
        yield from _in_side(request, asked)
        yield from _in_side(response, answered)


def _asked(request: dict[str, Any], method: Any) -> RecordedRequest:
    return RecordedRequest(_value(method), _value(request.get("uri")), _header_pairs(request.get("headers")))


def _status(node: Any) -> int:
    return int(_value(node)) if _value(node).isdigit() else 0


def _sides(number: str, asked: RecordedRequest, status: int) -> tuple[_Side, _Side]:
    operation, of_files = operation_of(asked), is_of_files(asked)
    sent, received = carries_request_data(asked, operation), carries_response_data(asked, operation, status)
    return (
        _Side(f"request {number}", is_data=sent, of_files=of_files),
        _Side(f"response {number}", is_refusal=status >= 400, is_data=received, of_files=of_files),
    )


def _header_pairs(node: Any) -> tuple[tuple[str, str], ...]:
    return tuple((path.rpartition("/")[2], str(scalar.value)) for path, scalar in _scalars(node, ""))


def _in_side(parts: dict[str, Any], side: _Side) -> Iterator[tuple[int, str, str]]:
    encoding = encoding_of(_header_pairs(parts.get("headers")))
    for name, value in parts.items():
        for path, scalar in _scalars(value, name):
            text = _text_of(scalar)
            kinds: Iterable[str]
            if name == "headers":
                kinds = _in_header(path.rpartition("/")[2].lower(), text, refused=side.is_refusal)
            elif name == "uri":
                kinds = _in_uri(text, of_files=side.of_files)
            elif name == "body":
                kinds = _in_body(text, encoding, side)
            else:
                kinds = [*_in_text(text, refused=side.is_refusal), *_in_data(text.encode("latin-1", "replace"))]
            shown = path.replace("headers/", "header ").replace("/", " ")
            for kind in dict.fromkeys(kinds):
                yield scalar.start_mark.line + 1, kind, f"{side.where}, {shown}"


def _in_body(text: str, encoding: str, side: _Side) -> Iterator[str]:
    """``text`` is a body, byte for byte where it is base64 in the file."""
    body = text.encode("latin-1", "replace")
    yield from _in_data(body)
    if side.is_data:
        return  # of a file's content the scrubber takes out no more, either
    if encoding or body.startswith(_GZIP_MARK):
        plain = _decompressed(body, encoding or "gzip")
        text = text if plain is None else plain.decode("latin-1")
    yield from _in_answer(text, side)


def _in_answer(text: str, side: _Side) -> Iterator[str]:
    """In a document: names are looked at as names where the scrubber does so."""
    if not side.of_files or side.is_refusal:
        yield from _in_text(text, refused=side.is_refusal)
        return
    yield from _in_parts(parts_of_document(text))


def _in_parts(parts: Iterable[Part]) -> Iterator[str]:
    for text, is_name in parts:
        yield from _in_name(text) if is_name else _in_text(text, refused=False)


def _in_name(text: str) -> Iterator[str]:
    for kind, _ in secrets_in_name(text):
        yield kind


def _decompressed(body: bytes, encoding: str) -> bytes | None:
    plain = decompressed(body, encoding)
    if plain is not None:
        return plain
    try:  # the Azure SDKs' test proxy has such bodies as base64
        return decompressed(base64.b64decode(body, validate=True), encoding)
    except binascii.Error:
        return None


def _in_uri(uri: str, *, of_files: bool) -> Iterator[str]:
    if not _ACCOUNT_PSEUDONYM.fullmatch(parse_uri(uri).account or "account"):
        yield "account name"
    yield from _in_parts(parts_of_uri(uri) if of_files else [Part(uri, is_name=False)])


def _in_header(name: str, value: str, *, refused: bool) -> Iterator[str]:
    if name in SECRET_HEADERS:
        if not _PLACEHOLDER.fullmatch(value.strip()):
            yield f"{name} header"
        return
    if name in LEASE_HEADERS:
        if not _LEASE_PSEUDONYM.fullmatch(value.strip()):
            yield "lease id"
        return
    if name in CLIENT_ADDRESS_HEADERS and any(map(_is_real_address, IPV4.findall(value))):
        yield "client address"
    if name == "host" or name in URL_HEADERS:
        account = parse_uri(value if "://" in value else f"https://{value}/").account
        if account and not _ACCOUNT_PSEUDONYM.fullmatch(account):
            yield "account name"
    if name in URL_HEADERS:
        yield from _in_parts(parts_of_uri(value))
    else:
        yield from _in_text(value, refused=refused)


def _in_text(text: str, *, refused: bool) -> Iterator[str]:
    for kind, secret in secrets_in_text(text):
        if not _PLACEHOLDER.fullmatch(secret.strip("\"'")):
            yield kind
    signed = [address for _, first, last in SIGNED_ADDRESS.findall(text) for address in (first, last[1:])]
    if any(map(_is_real_address, CLIENT_ADDRESS_IN_XML.findall(text) + signed)):
        yield "client address"
    for url in _ACCOUNT_IN_URL.findall(text):
        if not _ACCOUNT_PSEUDONYM.fullmatch(parse_uri(f"https:{url}/").account or "account"):
            yield "account name"
    if refused:
        if LONE_SIGNATURE.search(text):
            yield "signature"
        if any(map(_is_real_address, IPV4.findall(text))):
            yield "client address"


def _in_data(data: bytes) -> Iterator[str]:
    for kind, pattern in _DATA_PATTERNS:
        if pattern.search(data):
            yield kind


def _is_real_address(address: str) -> bool:
    return bool(address) and not address.startswith(_KNOWN_ADDRESS)


# --- nodes ------------------------------------------------------------------------------------------------------------


def _pairs(node: Any) -> dict[str, Any]:
    """A mapping's nodes by the text of their keys; nothing for any other node."""
    if getattr(node, "id", "") != "mapping":
        return {}
    return {str(key.value): value for key, value in node.value}


def _value(node: Any) -> str:
    return str(getattr(node, "value", ""))


def _items(node: Any) -> Sequence[Any]:
    return node.value if getattr(node, "id", "") == "sequence" else ()


def _scalars(node: Any, path: str) -> Iterator[tuple[str, Any]]:
    if node is None:
        return
    if node.id == "mapping":
        for key, value in node.value:
            yield from _scalars(value, f"{path}/{key.value}")
    elif node.id == "sequence":
        for value in node.value:
            yield from _scalars(value, path)
    else:
        yield path, node


def _text_of(scalar: Any) -> str:
    """A scalar's text; of base64 what it hides, byte for byte."""
    text = str(scalar.value)
    if scalar.tag != "tag:yaml.org,2002:binary":
        return text
    try:
        return base64.b64decode(text).decode("latin-1")
    except binascii.Error:
        return text


__all__ = ["Finding", "find_cassettes", "scan_cassette", "scan_cassettes"]
