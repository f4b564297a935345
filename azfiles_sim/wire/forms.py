"""What is refused of a request for its form alone: which headers and parameters it has, at its version.

Clients send few forms again and again, so each is looked at once; what these checks look at is all in it.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from azfiles_sim.wire.header_names import HEADER_NAMES
from azfiles_sim.wire.headers import check_timeout_query, refuse_conditions
from azfiles_sim.wire.kept import LONGEST, Kept
from azfiles_sim.wire.operations import OPERATIONS
from azfiles_sim.wire.query import QUERIES
from azfiles_sim.wire.routes import check_since
from azfiles_sim.wire.vocabulary import check_headers, check_query

Form: TypeAlias = tuple[str, str, tuple[str, ...], str]
"""The operation's number, the version, the headers' names in lower case, and the query's text."""


def _check(form: Form) -> tuple[str, ...]:
    number, version, names, query_text = form
    operation, query = OPERATIONS[number], QUERIES[query_text]
    check_since(operation, version, query)
    refuse_conditions(names)
    ignored = check_headers(HEADER_NAMES[names].service, version, operation.known)
    ignored += check_query(query, version, operation.known)
    check_timeout_query(query)
    return tuple(ignored)


def _is_short(form: Form) -> bool:
    return sum(map(len, form[2])) + len(form[3]) <= LONGEST


FORMS: Final = Kept(_check, short=_is_short)
"""By the form, notes on what of it is ignored. Raises the refusal of a form that does not hold."""

__all__ = ["FORMS", "Form"]
