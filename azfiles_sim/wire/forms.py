"""What is refused of a request for its form alone: which headers and parameters it has, at its version.

Clients send few forms again and again, so each is looked at once; what these checks look at is all in it.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

from azfiles_sim.model.errors import ServiceError
from azfiles_sim.wire.header_names import HEADER_NAMES, are_short
from azfiles_sim.wire.headers import check_timeout_query, refuse_conditions
from azfiles_sim.wire.kept import Kept
from azfiles_sim.wire.operations import OPERATIONS
from azfiles_sim.wire.query import QUERIES, is_short_query
from azfiles_sim.wire.routes import check_since
from azfiles_sim.wire.vocabulary import check_headers, check_query

Form: TypeAlias = tuple[str, str, tuple[str, ...], str]
"""The operation's number, the version, the headers' names in lower case, and the query's text."""


class Looked(NamedTuple):
    """What was found of a form."""

    ignored: tuple[str, ...]
    """Notes on what is ignored; of a refused form, on what was looked at before it was refused."""
    holds: bool


def _look(form: Form) -> Looked:
    ignored: list[str] = []
    try:
        check_form(form, ignored)
    except ServiceError:
        return Looked(tuple(ignored), holds=False)
    return Looked(tuple(ignored), holds=True)


def check_form(form: Form, ignored: list[str]) -> None:
    """Raise the refusal of a form that does not hold, and add notes on what is ignored."""
    number, version, names, query_text = form
    operation, query = OPERATIONS[number], QUERIES[query_text]
    check_since(operation, version, query)
    refuse_conditions(names)
    check_headers(HEADER_NAMES[names].service, version, operation.known, ignored)
    check_query(query, version, operation.known, ignored)
    check_timeout_query(query)


def _is_short(form: Form) -> bool:
    return are_short(form[2]) and is_short_query(form[3])


FORMS: Final = Kept(_look, short=_is_short)
"""By the form. Whoever finds that it does not hold has ``check_form`` raise the refusal: an exception cannot be shared."""

__all__ = ["FORMS", "Form", "Looked", "check_form"]
