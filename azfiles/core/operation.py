"""What one operation is: a value that can be built into a request and knows how to read the response. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from enum import Enum
from typing import Generic, TypeVar

from azfiles.address import ResourceAddress
from azfiles.messages import Buffer, Response
from azfiles.records import dataclass

T = TypeVar("T")


class Kind(Enum):
    """Kinds of operation, each with a timeout of its own."""

    METADATA = "metadata"
    DATA = "data"
    LISTING = "listing"
    LEASE = "lease"


@dataclass(frozen=True, slots=True)
class Source:
    """A resource of the same account that a request names by its absolute URL in ``header``. Only building a request
    knows endpoint and signature, so the URL is written there. Where ``authorize``, a bearer token, which no URL can
    carry, goes along in a header of its own.
    """

    header: str
    address: ResourceAddress
    authorize: bool = False


@dataclass(frozen=True, slots=True)
class Operation(Generic[T]):
    """One call of the REST API, before account, version, date and signature are added.

    ``path`` is the decoded components below the account (share first, then directories, then the name), ``query`` and
    ``headers`` are unencoded pairs in the order they are sent; ``success`` the statuses that mean it worked; ``parse``
    turns such a response into the result, and raises ``ReplyNotUnderstood`` where it cannot. ``since`` is the first
    service version that has the operation; ``needs`` are features of this call that came later, with their version.
    ``unsigned`` operations travel without any credential. ``demanded`` are the SMB properties that a span of versions
    insists on, with the values that stand for the service's defaults: ``settings.demanded`` adds those that
    ``headers`` lack.
    """

    name: str
    kind: Kind
    method: str
    path: tuple[str, ...]
    success: tuple[int, ...]
    parse: Callable[[Response], T]
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: Sequence[Buffer] = field(default=(), repr=False)
    since: str = "2018-11-09"
    needs: tuple[tuple[str, str], ...] = ()
    sink: memoryview | None = field(default=None, repr=False, compare=False)
    source: Source | None = None
    unsigned: bool = False
    demanded: tuple[tuple[str, str], ...] = ()


__all__ = ["Kind", "Operation", "Source"]
