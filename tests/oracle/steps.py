"""What one step of a comparison does, in terms that both services have. Each is drawn, sent to both and printed as it is.

Lease ids are symbols: ``A`` to ``C`` are fixed ids, ``auto1``, ``auto2`` are those that the services chose. A range is
its first byte and its length.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Final, TypeAlias

Metadata: TypeAlias = tuple[tuple[str, str], ...]

SHARE: Final = "share"
FILE: Final = "file"


kind_of_step = dataclass(frozen=True, slots=True, repr=False)


@kind_of_step
class Step:
    """One step. All but ``Wait`` and ``Anew`` send something."""

    def __repr__(self) -> str:
        """As it is written: without what is as always."""
        given = ((field, getattr(self, field.name)) for field in fields(self))
        return f"{type(self).__name__}({', '.join(f'{one.name}={value!r}' for one, value in given if value != one.default)})"

    def to_row(self) -> list[Any]:
        """Its name and values, as JSON can hold them, without the defaults at the end."""
        values = [getattr(self, field.name) for field in fields(self)]
        while values and values[-1] == fields(self)[len(values) - 1].default:
            values.pop()
        return [type(self).__name__, *(value.to_row() if isinstance(value, Step) else value for value in values)]


@kind_of_step
class Wait(Step):
    seconds: int


@kind_of_step
class Anew(Step):
    """Go on with a share of another name, because what the last one has become is not comparable any more."""


# --- a share or a file -----------------------------------------------------------------------------------------


@kind_of_step
class Create(Step):
    """Create a share or a file; over a file that is there it is overwritten. ``name`` is that of the share."""

    on: str
    size: int = 0
    metadata: Metadata = ()
    lease: str | None = None
    name: str | None = None


@kind_of_step
class Delete(Step):
    on: str
    lease: str | None = None
    name: str | None = None


@kind_of_step
class Show(Step):
    """Get the properties: everything that tells the state."""

    on: str
    lease: str | None = None
    name: str | None = None


@kind_of_step
class ShowMetadata(Step):
    on: str
    lease: str | None = None


@kind_of_step
class SetMetadata(Step):
    on: str
    metadata: Metadata = ()
    lease: str | None = None


@kind_of_step
class Lease(Step):
    on: str
    action: str
    lease: str | None = None
    proposed: str | None = None
    duration_s: int | None = None
    period_s: int | None = None


@kind_of_step
class ShowPolicies(Step):
    lease: str | None = None


@kind_of_step
class SetPolicies(Step):
    """Each policy is an id and its permission."""

    policies: Metadata = ()
    lease: str | None = None


# --- a file ----------------------------------------------------------------------------------------------------


@kind_of_step
class Write(Step):
    """``fill`` is the byte that is written ``length`` times."""

    start: int
    length: int
    fill: str = "a"
    lease: str | None = None


@kind_of_step
class Clear(Step):
    start: int
    length: int
    lease: str | None = None


@kind_of_step
class Read(Step):
    """``form`` is ``x-ms-range``, ``Range``, both of them or neither; without a length the range has no end."""

    start: int = 0
    length: int | None = None
    form: str = ""
    lease: str | None = None
    md5: bool | None = None


@kind_of_step
class ListRanges(Step):
    start: int | None = None
    length: int | None = None
    lease: str | None = None


@kind_of_step
class Resize(Step):
    size: int
    lease: str | None = None


@kind_of_step
class SetHeaders(Step):
    """Pairs like ``("type", "text/plain")``: the part of the header's name after ``content-``, or ``cache-control``."""

    headers: Metadata
    lease: str | None = None


# --- an account ------------------------------------------------------------------------------------------------


@kind_of_step
class ListShares(Step):
    """All pages, one after another. ``page`` is as text, because what is no number is sent too."""

    prefix: str | None = None
    page: str | None = None
    metadata: bool = False


@kind_of_step
class Signed(Step):
    """A step whose credential is an account SAS. ``start`` and ``expiry`` are seconds from the beginning."""

    step: Step
    permissions: str
    types: str
    expiry: int
    start: int | None = None
    services: str = "f"
    protocol: str = ""
    version: str = "2026-10-06"
    spoilt: str = ""
    """The field whose value is another one than was signed."""


@kind_of_step
class Ask(Step):
    """A request of any form; only whether it is let in is looked at. ``spoilt`` is what is changed after signing."""

    method: str
    path: str
    query: str = ""
    headers: Metadata = ()
    body: str = ""
    host: str = ""
    date: str = "x-ms-date"
    spoilt: str = ""


KINDS: Final[dict[str, type[Step]]] = {
    kind.__name__: kind
    for kind in (
        Wait, Anew, Create, Delete, Show, ShowMetadata, SetMetadata, Lease, ShowPolicies, SetPolicies, Write, Clear, Read,
        ListRanges, Resize, SetHeaders, ListShares, Signed, Ask,
    )
}  # fmt: skip


def from_row(row: list[Any]) -> Step:
    """The step that ``to_row`` made a row of."""
    name, *values = row
    return KINDS[name](*map(_value, values))


def _value(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    if value and isinstance(value[0], str) and value[0] in KINDS:
        return from_row(value)
    return tuple(tuple(pair) for pair in value)


def with_lease(step: Step, lease: str | None) -> Step:
    """The step with a lease id to send."""
    return replace(step, lease=lease)  # type: ignore[call-arg]  # the kinds that are given have one
