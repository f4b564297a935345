"""Requests as bytes, signed by an account SAS, of one kind again and again: for Azure Files, and the like for Blob."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from urllib.parse import quote

KIB, MIB = 1024, 1024 * 1024
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
LEASE = "11111111-2222-4333-8444-555555555555"
VERSION = "2021-12-02"
SIZES = {"1k": KIB, "4m": 4 * MIB}


@dataclass(frozen=True)
class Dialect:
    """How one service says it: headers that make something of a size, the header and parameter of a write, a listing."""

    make: Callable[[int], dict[str, str]]
    write: tuple[str, str]
    listing: Callable[[str], str]


def _make_file(size: int) -> dict[str, str]:
    times = dict.fromkeys(("x-ms-file-creation-time", "x-ms-file-last-write-time"), "now")
    return {
        "x-ms-type": "file",
        "x-ms-content-length": str(size),
        "x-ms-file-permission": "inherit",
        "x-ms-file-attributes": "None",
        **times,
    }


FILES = Dialect(
    _make_file, ("x-ms-write", "range"), lambda folder: f"/{folder}?restype=directory&comp=list&maxresults=100&"
)
BLOB = Dialect(
    lambda size: {"x-ms-blob-type": "PageBlob", "x-ms-blob-content-length": str(size)},
    ("x-ms-page-write", "page"),
    lambda folder: f"?restype=container&comp=list&maxresults=100&prefix={folder}%2F&",
)


def requests(dialect: Dialect, sas: str, kind: str) -> Iterator[bytes]:
    """Requests of one kind without end. Kinds: ``container``, ``create``, ``make NAME SIZE``, ``put NAME``, ``get NAME``,
    ``lease NAME``, ``folder D``, ``entry D``, ``list D``, ``piece NAME`` (4 MiB, each further on) and ``cut NAME N`` (512
    bytes in one of ``N`` places that do not touch) with ``peek NAME N``, which reads them.
    """
    verb, *words = kind.split()
    header, comp = dialect.write

    def write(name: str, offset: int, body: bytes) -> bytes:
        headers = {header: "update", "x-ms-range": f"bytes={offset}-{offset + len(body) - 1}"}
        return _message("PUT", f"/{name}?comp={comp}&{sas}", headers, body)

    whole = {name: bytes([1 + len(name)]) * size for name, size in SIZES.items()}
    leasing = {"x-ms-lease-action": "acquire", "x-ms-lease-duration": "-1", "x-ms-proposed-lease-id": LEASE}
    for number in count():
        match verb, words:
            case "container", []:
                yield _message("PUT", f"?restype=container&{sas}", {})
            case "create", []:
                yield _message("PUT", f"/new-{next(_created)}?{sas}", dialect.make(KIB))
            case "make", [name, size]:
                yield _message("PUT", f"/{name}?{sas}", dialect.make(int(size)))
            case "put", [name]:
                yield write(name, 0, whole[name])
            case "get", [name]:
                yield _message("GET", f"/{name}?{sas}", {"x-ms-range": f"bytes=0-{SIZES[name] - 1}"})
            case "peek", [name, places]:
                at = number % int(places) * 4 * KIB
                yield _message("GET", f"/{name}?{sas}", {"x-ms-range": f"bytes={at}-{at + 511}"})
            case "lease", [name]:
                yield _message("PUT", f"/{name}?comp=lease&{sas}", leasing)
            case "folder", [name]:
                yield _message("PUT", f"/{name}?restype=directory&{sas}", _make_file(0))
            case "entry", [folder]:
                yield _message("PUT", f"/{folder}/entry-{number:06}?{sas}", dialect.make(512))
            case "list", [folder]:
                yield _message("GET", f"{dialect.listing(folder)}{sas}", {})
            case "piece", [name]:
                yield write(name, number * 4 * MIB, whole["4m"])
            case "cut", [name, places]:
                yield write(name, number % int(places) * 4 * KIB, whole["1k"][:512])
            case _:
                raise ValueError(kind)


_created = count()


def _message(method: str, target: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    lines = [f"{method} /{ACCOUNT}/bench{target} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in {"x-ms-version": VERSION, **headers}.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def blob_sas() -> str:
    """An account signature for Azurite's blobs: all rights, one day."""
    expiry = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    text = f"{ACCOUNT}\nrwdlac\nb\nsco\n\n{expiry}\n\n\n{VERSION}\n\n"
    signature = base64.b64encode(hmac.digest(base64.b64decode(KEY), text.encode(), hashlib.sha256)).decode()
    parameters = {"sv": VERSION, "ss": "b", "srt": "sco", "sp": "rwdlac", "se": expiry, "sig": signature}
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())
