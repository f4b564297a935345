"""What a request asks for, as far as its head tells: which of the 57 operations, in which account, on which path."""

from __future__ import annotations

from typing import Any, Final, NamedTuple, Protocol, cast

from azfiles_sim.messages import IN_PROCESS, RequestLike
from azfiles_sim.model.entities import Account
from azfiles_sim.model.errors import ServiceError
from azfiles_sim.wire.addressing import address
from azfiles_sim.wire.api_versions import NEWEST
from azfiles_sim.wire.call import read_call
from azfiles_sim.wire.routes import route


class Recognized(NamedTuple):
    """``operation`` is the number in ``docs/coverage.md`` and ``title`` the name there; all is empty where the request
    cannot be read. ``path`` has no slash at its ends: ``share/directory/file``.
    """

    operation: str = ""
    title: str = ""
    account: str = ""
    path: str = ""


UNKNOWN: Final = Recognized()


class Accounts(Protocol):
    """Tells whether there is an account of a name: a view of a store does."""

    def account(self, name: str) -> Account | None: ...


class AnyAccount:
    """For what is no simulator: there every name may be an account's."""

    def account(self, name: str) -> Account | None:
        return Account(name)


ANY_ACCOUNT: Final = AnyAccount()


def recognize(request: RequestLike, accounts: Accounts = ANY_ACCOUNT) -> Recognized:
    """What ``request`` asks for; nobody checks whether it may."""
    head = _Head(request)
    try:
        call = read_call(head, IN_PROCESS, cast("Any", accounts), 0)
        call.version = call.headers.get("x-ms-version") or call.query.get("api-version") or NEWEST
        address(call)
    except ServiceError:
        return UNKNOWN
    path = "/".join(call.segments)
    try:
        operation = route(call)
    except ServiceError:
        return Recognized(account=call.account, path=path)
    return Recognized(operation.number, operation.name, call.account, path)


class _Head:
    """A request without its body, which tells nothing here."""

    __slots__ = ("headers", "method", "target")
    body = ()

    def __init__(self, request: RequestLike) -> None:
        self.method = request.method
        self.target = request.target
        self.headers = request.headers


__all__ = ["ANY_ACCOUNT", "UNKNOWN", "Accounts", "Recognized", "recognize"]
