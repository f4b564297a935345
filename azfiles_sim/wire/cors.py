"""Cross-origin sharing: the answer to a browser's preflight, and what an actual request's reply carries for it.

The first rule of the account that fits decides. Recorded: an account with rules sends ``Vary: Origin`` on reads and not
on writes, also to requests without ``Origin``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from azfiles_sim.model.commands import GetServiceProperties
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.results import ServiceResult
from azfiles_sim.model.settings import CorsRule
from azfiles_sim.wire.call import Answer, Call, HeaderList

_VARYING: Final = frozenset({"GET", "HEAD"})
_ANY: Final = "*"


def read_preflight(call: Call) -> GetServiceProperties:
    """Preflight File Request. (u) the code where a header is missing; the documents say 400."""
    if not call.headers.get("origin") or not call.headers.get("access-control-request-method"):
        raise ServiceError(Code.INVALID_HEADER_VALUE, variant="cors")
    return GetServiceProperties(account=call.account, version=call.version)


def render_preflight(call: Call, result: ServiceResult) -> Answer:
    """200 with what the browser may do, or CorsPreflightFailure (403) where no rule fits."""
    origin, method = call.headers["origin"], call.headers["access-control-request-method"]
    asked = call.headers.get("access-control-request-headers")
    names = [name for piece in (asked or "").lower().split(",") if (name := piece.strip())]
    for rule in result.properties.cors:
        if _fits(rule, origin, method) and all(_is_among(name, rule.allowed_headers) for name in names):
            headers: HeaderList = [("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Methods", method)]
            if asked is not None:
                headers.append(("Access-Control-Allow-Headers", asked))
            headers += (
                ("Access-Control-Max-Age", str(rule.max_age_s)),
                ("Access-Control-Allow-Credentials", "true"),
            )
            return Answer(200, headers)
    raise ServiceError(Code.CORS_PREFLIGHT_FAILURE)


def sharing_headers(
    rules: Sequence[CorsRule], method: str, origin: str | None, names: Iterable[str]
) -> list[tuple[str, str]]:
    """What the reply to an actual request carries beside its own headers, which ``names`` are."""
    vary = [("Vary", "Origin")] if method in _VARYING else []
    for rule in rules:
        if not _fits(rule, origin, method):
            continue
        exposed = ",".join(_exposed(rule, names))
        shared = [("Access-Control-Expose-Headers", exposed)] if exposed else []
        if _ANY in rule.origins or origin is None:
            return [("Access-Control-Allow-Origin", _ANY), *shared]
        return [
            ("Access-Control-Allow-Origin", origin),
            *shared,
            ("Access-Control-Allow-Credentials", "true"),
            *vary,
        ]
    return vary


def _fits(rule: CorsRule, origin: str | None, method: str) -> bool:
    """Whether a rule is for the origin, letter by letter, and the method."""
    return (_ANY in rule.origins or origin in rule.origins) and method in rule.methods


def _is_among(name: str, patterns: Iterable[str]) -> bool:
    return any(
        name.startswith(pattern[:-1]) if pattern.endswith(_ANY) else name == pattern
        for pattern in map(str.lower, patterns)
    )


def _exposed(rule: CorsRule, names: Iterable[str]) -> list[str]:
    """The headers that a script may read: those named in full, and those of the reply that begin as allowed."""
    literal = [name for name in rule.exposed_headers if not name.endswith(_ANY)]
    prefixes = [name for name in rule.exposed_headers if name.endswith(_ANY)]
    known = {name.lower() for name in literal}
    return [*literal, *(name for name in names if name.lower() not in known and _is_among(name.lower(), prefixes))]


__all__ = ["read_preflight", "render_preflight", "sharing_headers"]
