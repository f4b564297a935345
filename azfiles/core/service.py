"""Operations on the account's file service: List Shares."""

from __future__ import annotations

from collections.abc import Iterable

from azfiles.core.arguments import choose_several, page_query
from azfiles.core.documents import parse_share_page
from azfiles.core.operation import Kind, Operation
from azfiles.core.versions import DELETED_SHARES
from azfiles.models import SharePage

SHARE_INCLUDES = ("snapshots", "metadata", "deleted")


def list_shares(
    *,
    prefix: str | None = None,
    marker: str | None = None,
    page_size: int | None = None,
    include: str | Iterable[str] = (),
) -> Operation[SharePage]:
    """One page of the account's shares, by name (List Shares).

    ``page_size`` is at most 5000, the service's default; ``include`` any of ``snapshots``, ``metadata`` and
    ``deleted``. A page may be short: go on with ``next_marker`` until it is ``None``.
    """
    included = choose_several("include", include, SHARE_INCLUDES)
    query = (("comp", "list"), *page_query(prefix=prefix, marker=marker, page_size=page_size))
    if included:
        query = (*query, ("include", ",".join(included)))
    return Operation(
        name="List Shares",
        kind=Kind.LISTING,
        method="GET",
        path=(),
        success=(200,),
        parse=lambda response: parse_share_page(response.body),
        query=query,
        needs=(DELETED_SHARES,) if "deleted" in included else (),
    )
