"""The inspector over HTTP: one handler for the page's files and for what the page asks.

It is served on a port of its own, on loopback only. A path on the service's port would not do: shares hold HTML files,
which a browser would run with the inspector's rights if both were one origin; every path of that port is the service's;
and where the service is let out of this machine, this stays in. What it asks goes the way of the control interface, with
its guard and those of its routes that it needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from importlib.resources import files
from typing import Final, NamedTuple

from azfiles_sim.inspector.cassettes import OpenCassette
from azfiles_sim.inspector.looking import Looking
from azfiles_sim.inspector.watching import InspectedSimulator
from azfiles_sim.messages import Connection, Reply, Request
from azfiles_sim.server.asked import Route
from azfiles_sim.server.control import ControlInterface
from azfiles_sim.server.control_routes import ROUTES
from azfiles_sim.server.endpoints import CONTROL_PREFIX
from azfiles_sim.server.guarding import Guard, Refused

# With trusted types no text ever becomes markup: the browser itself refuses innerHTML and its like.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS: Final = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)
_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class _Page(NamedTuple):
    kind: str
    data: bytes


class Inspector:
    """Answers the page of one simulator. A plain call that may be made from several threads; it never raises.

    Without ``acts`` nothing can be changed by it.
    """

    def __init__(self, simulator: InspectedSimulator, guard: Guard, *, acts: bool, open_cassette: OpenCassette) -> None:
        self._guard = guard
        looking = Looking(simulator, open_cassette, acts=acts)
        routes = (*_needed_of_control(), *looking.acting_routes())
        if not acts:
            routes = tuple(route for route in routes if route.method == "GET")
        self._interface = ControlInterface(simulator, guard, (*routes, *looking.routes()))
        self._pages = _read_pages()

    def handle(self, request: Request, connection: Connection) -> Reply:
        """One request. Only this machine's own are answered."""
        if not connection.is_loopback:
            return _plain(403, "the inspector is for this machine only")
        if request.target.startswith(CONTROL_PREFIX):
            reply = self._interface.handle(request, connection)
            return Reply(reply.status, reply.reason, (*reply.headers, *_without_doubles(reply)), reply.body)
        try:
            self._guard.check_site(request.headers)
        except Refused as refusal:
            return _plain(refusal.status, str(refusal))
        page = self._pages.get(request.target.partition("?")[0])
        if page is None:
            return _plain(404, "there is no such page")
        if request.method not in {"GET", "HEAD"}:
            return _plain(405, "a page is read with GET")
        return _reply(200, page)


def _needed_of_control() -> tuple[Route, ...]:
    """What of the control interface the page uses. The rest tells account keys or reaches folders; it needs neither."""
    return tuple(route for route in ROUTES if route.path.split("/")[1:2] in (["clock"], ["faults"], ["journal"]))


def _read_pages() -> Mapping[str, _Page]:
    """The page's files by their paths: they come out of this package, so no path leads out of it."""
    pages: dict[str, _Page] = {}
    for file in files("azfiles_sim.inspector").joinpath("page").iterdir():
        kind = next((kind for ending, kind in _TYPES.items() if file.name.endswith(ending)), None)
        if kind is not None:
            pages[f"/{file.name}"] = _Page(kind, file.read_bytes())
    pages["/"] = pages["/index.html"]
    return pages


def _plain(status: int, text: str) -> Reply:
    return _reply(status, _Page("text/plain; charset=utf-8", f"{text}\n".encode()))


def _reply(status: int, page: _Page) -> Reply:
    headers = (("Content-Type", page.kind), ("Content-Length", str(len(page.data))), *HEADERS)
    return Reply(status, HTTPStatus(status).phrase, headers, [memoryview(page.data)])


def _without_doubles(reply: Reply) -> tuple[tuple[str, str], ...]:
    there = {name.lower() for name, _ in reply.headers}
    return tuple(pair for pair in HEADERS if pair[0].lower() not in there)


__all__ = ["HEADERS", "POLICY", "Inspector"]
