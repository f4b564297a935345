"""The control interface over HTTP: ``/_azfiles/v1/...``, JSON both ways. ``docs/control.md`` tells how to use it."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, cast
from urllib.parse import parse_qsl, unquote

from azfiles_sim.messages import Connection, Reply, Request
from azfiles_sim.model.errors import ServiceError
from azfiles_sim.server.asked import Asked, Json, Route
from azfiles_sim.server.control_routes import ROUTES
from azfiles_sim.server.endpoints import CONTROL_PATH
from azfiles_sim.server.guarding import Guard, Refused
from azfiles_sim.server.serving import MAX_BODY_BYTES
from azfiles_sim.simulator import Simulator

_log: Final = logging.getLogger("azfiles_sim.server")


class ControlInterface:
    """Answers what is under ``/_azfiles/``. A plain call that may be made from several threads; it never raises."""

    def __init__(self, simulator: Simulator, guard: Guard, routes: Sequence[Route] = ROUTES) -> None:
        self._simulator = simulator
        self._guard = guard
        self._routes = routes

    def handle(self, request: Request, connection: Connection) -> Reply:
        """One request of the control interface."""
        try:
            self._guard.check(request.headers)
            route, asked = self._read(request, connection)
            answer = route.answer(asked)
            self._simulator.control.wait_until_kept()
            return _reply(route.status, answer)
        except Refused as refusal:
            return _refusal(refusal.status, str(refusal))
        except ServiceError as refusal:
            return _refusal(409, f"the service's rules refuse it: {refusal.code.value}")
        except FileExistsError as error:
            return _refusal(409, str(error))
        except OSError as error:
            return _refusal(400, f"{error.filename or 'the folder'}: {error.strerror or type(error).__name__}")
        except ValueError as error:
            return _refusal(400, str(error))
        except Exception as error:  # noqa: BLE001 - one request must not end the server; a bug is a 500
            if type(error) is LookupError:
                return _refusal(404, str(error))
            _log.error("a control request failed with %s", type(error).__name__)
            return _refusal(500, "a fault of the simulator's own; its log names it")

    def _read(self, request: Request, connection: Connection) -> tuple[Route, Asked]:
        path, _, query = request.target.partition("?")
        route, names = find_route(request.method, path, self._routes)
        given = dict(parse_qsl(query, keep_blank_values=True))
        body = _read_json(request)
        _refuse_unknown(given, route.query, "query")
        _refuse_unknown(body, route.body, "body")
        host = next(value for name, value in request.headers if name.lower() == "host")
        base = f"{'https' if connection.tls else 'http'}://{host}"
        return route, Asked(self._simulator, base, names, given, body)


def find_route(method: str, path: str, routes: Sequence[Route] = ROUTES) -> tuple[Route, tuple[str, ...]]:
    """The endpoint of a path, and the names in it. Raises Refused: 404, or 405 where only the method is wrong."""
    parts = path.rstrip("/").split("/")
    others: list[str] = []
    for route in routes:
        pattern = f"{CONTROL_PATH}{route.path}".split("/")
        if len(pattern) == len(parts) and all(want in {"*", got} for want, got in zip(pattern, parts, strict=True)):
            if route.method == method:
                return route, tuple(unquote(got) for want, got in zip(pattern, parts, strict=True) if want == "*")
            others.append(route.method)
    if others:
        raise Refused(405, f"this path takes {', '.join(others)}")
    raise Refused(404, f"there is no such path; GET {CONTROL_PATH} lists those that there are")


def _read_json(request: Request) -> Json:
    size = sum(map(len, request.body))
    if size > MAX_BODY_BYTES:
        raise Refused(413, "the body is too large; import a folder instead")
    if not size:
        return {}
    try:
        value = json.loads(b"".join(request.body), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not JSON") from None
    if not isinstance(value, dict):
        raise Refused(400, "the body must be a JSON object")
    return cast("Json", value)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _refuse_unknown(given: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    unknown = sorted(given.keys() - set(known))
    if unknown:
        told = f"it takes {', '.join(known)}" if known else "it takes none"
        raise Refused(400, f"unknown in the {where}: {', '.join(unknown)}; {told}")


def _reply(status: int, value: Json) -> Reply:
    body = json.dumps(value).encode("ascii")
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    if status == 401:
        headers.append(("WWW-Authenticate", "Bearer"))
    return Reply(status, HTTPStatus(status).phrase, headers, [memoryview(body)])


def _refusal(status: int, message: str) -> Reply:
    return _reply(status, {"error": message})


__all__ = ["ControlInterface", "find_route"]
