"""A failing request as people have it, read: what ``curl -v`` shows, an HTTP request and its reply, an error of azfiles, a
URL, or a signature alone.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from typing import Final

from azfiles.credentials import is_signature
from azfiles.redaction import REDACTED

_REQUEST: Final = re.compile(
    r"^[> ]*(GET|HEAD|PUT|POST|DELETE|OPTIONS) (\S+) HTTP/[\d.]+\s*$((?:\n[> ]*[\w-]+:[^\n]*)*)", re.MULTILINE
)
_REPLY: Final = re.compile(r"^[< ]*HTTP/[\d.]+ (\d{3})[^\n]*((?:\n[< ]*[\w-]+:[^\n]*)*)", re.MULTILINE)
_OURS: Final = re.compile(r"\[(GET|HEAD|PUT|POST|DELETE|OPTIONS) (\S+), request id ")
_CODE: Final = re.compile(r"x-ms-error-code: *(\w+)|<Code>(\w+)</Code>|\b[45]\d\d (\w+)(?:: |\))", re.IGNORECASE)
_STATUS: Final = re.compile(r"\b([45]\d\d) \w+(?:: |\))")
_DETAIL: Final = re.compile(r"<AuthenticationErrorDetail>(.*?)</AuthenticationErrorDetail>", re.DOTALL)
_OUR_DETAIL: Final = re.compile(r"AuthenticationErrorDetail: (.*?)(?:\]\s*\)?\s*$|\Z)", re.DOTALL | re.MULTILINE)
_SIGNED_BY_KEY: Final = re.compile(r"string to sign: '(.*?)'(?:\.|$|\])", re.DOTALL)
_SIGNED_BY_SAS: Final = re.compile(r"String to sign used was (.*)", re.DOTALL)
_URL: Final = re.compile(r"https?://[^\s'\"<>]+")
_BARE: Final = re.compile(r"[?&]?(?:[a-z]{2,8}=[^\s'\"<>&]*&)+[a-z]{2,8}=[^\s'\"<>&]*")


@dataclass(frozen=True)
class Capture:
    """What was found in a text. ``headers`` are the request's, ``detail`` is what the service says of the authentication,
    ``signed`` the text that it says was to be signed, ``date`` when it answered.
    """

    text: str = field(repr=False)
    method: str = ""
    target: str = field(default="", repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    status: int | None = None
    code: str = ""
    detail: str = field(default="", repr=False)
    signed: str | None = field(default=None, repr=False)
    date: str = ""

    def header(self, name: str) -> str:
        """A header of the request; ``""`` where it has none of that name."""
        return next((value for each, value in self.headers if each.lower() == name.lower()), "")

    @property
    def signature(self) -> str | None:
        """The shared access signature in it: the request's, that of a URL, or the text itself."""
        query = self.target.partition("?")[2]
        found = [query, *(url.partition("?")[2] for url in _URL.findall(self.text)), *_BARE.findall(self.text)]
        return next((one for one in found if is_signature(one)), None)

    @property
    def url(self) -> str | None:
        """The whole URL of what was asked for, where the text tells the host."""
        whole = [
            url for url in _URL.findall(self.text) if ".core.windows.net/" in url or is_signature(url.partition("?")[2])
        ]
        if not self.target:
            return whole[0] if whole else None
        if self.target.startswith("http"):
            return self.target
        host = self.header("host")
        if not host:
            return None
        scheme = "http" if host.startswith(("127.", "localhost", "[::1]")) else "https"
        return f"{scheme}://{host}{self.target}"

    @property
    def whole(self) -> bool:
        """Whether the request is there with its headers, as it was signed."""
        return bool(self.headers)

    @property
    def is_refused(self) -> bool:
        return self.status in {401, 403} or bool(self.detail)


def read_capture(text: str) -> Capture:
    """What can be found in a text. Of several requests the last one that was refused counts, else the last one."""
    text = _plain(text.replace("\r\n", "\n"))
    method, target, headers = _request(text)
    replies = list(_REPLY.finditer(text))
    reply = next((one for one in reversed(replies) if one[1] in {"401", "403"}), replies[-1] if replies else None)
    status = int(reply[1]) if reply else None
    if status is None and (said := _STATUS.search(text)):
        status = int(said[1])
    code = _CODE.search(text)
    detail = _detail(text)
    return Capture(
        text,
        method,
        target,
        headers,
        status,
        next((name for name in code.groups() if name), "") if code else "",
        detail,
        _signed(detail),
        dict(_headers(reply[2])).get("date", "") if reply else "",
    )


def _plain(text: str) -> str:
    """An error of azfiles as it is without ``--json``, where the text is one with it; any other text as it is."""
    for line in text.splitlines():
        if not line.startswith('{"error": '):
            continue
        try:
            error = json.loads(line)["error"]
            details = "".join(f"; {name}: {value}" for name, value in error["details"].items())
            said = f"{error['http_status']} {error['code']}: {error['message']}"
            return f"{said} [{error['request']}, request id {error['request_id']}{details}]"
        except (ValueError, LookupError, TypeError, AttributeError):
            continue
    return text


def _request(text: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    found = list(_REQUEST.finditer(text))
    if found:
        method, target, lines = found[-1].groups()
        return method, target, _headers(lines)
    ours = list(_OURS.finditer(text))
    return (ours[-1][1], ours[-1][2], ()) if ours else ("", "", ())


def _headers(lines: str) -> tuple[tuple[str, str], ...]:
    pairs = (line.lstrip("<> ").partition(":") for line in lines.splitlines() if line.strip("<> "))
    return tuple((name.strip().lower(), value.strip()) for name, _, value in pairs)


def _detail(text: str) -> str:
    found = _DETAIL.search(text)
    if found:
        return html.unescape(found[1]).strip()
    ours = _OUR_DETAIL.search(text)
    return ours[1].strip() if ours else ""


def _signed(detail: str) -> str | None:
    """The text that the service says was to be signed."""
    found = _SIGNED_BY_KEY.search(detail) or _SIGNED_BY_SAS.search(detail)
    return found[1] if found else None


def is_known(signature: str) -> bool:
    """Whether a signature is there to be checked: what azfiles shows is without it."""
    return signature not in {"", REDACTED}


__all__ = ["Capture", "is_known", "read_capture"]
