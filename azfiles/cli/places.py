"""How places are written on the command line: on the service as ``azfiles://SHARE/PATH`` or a whole URL, else here.

As ``s3://`` and ``gs://`` have it, so that no place on the service can be taken for a local file; the same text names the
place for fsspec. A share's name has no ``@``, so one after it begins a share snapshot's time stamp.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import click

from azfiles.address import Endpoint, parse_resource_url, split_path
from azfiles.cli import exits
from azfiles.cli.kinds import Kind
from azfiles.cli.wording import shown
from azfiles.errors import InvalidArgument

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

SCHEME: Final = "azfiles://"
_SCHEME: Final = re.compile(r"azfiles:/+", re.IGNORECASE)
_URL: Final = re.compile(r"https?://", re.IGNORECASE)
_LIKE_A_URL: Final = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)
_SHARE: Final = re.compile(r"\$?[a-z0-9-]+", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """A place on the service: the account itself (no share), a share, or what is in it, names joined by slashes.

    ``endpoint`` and ``signature`` come with a whole URL. ``as_directory`` says that the text ended with a slash.
    """

    share: str
    path: str = ""
    snapshot: str | None = None
    endpoint: Endpoint | None = None
    signature: str | None = field(default=None, repr=False)
    as_directory: bool = False

    def __str__(self) -> str:
        """How it is written, without its signature."""
        names = split_path(self.path)
        if self.endpoint is not None:
            return self.endpoint.url_of((self.share, *names) if self.share else (), snapshot=self.snapshot)
        snapshot = f"@{self.snapshot}" if self.snapshot else ""
        return SCHEME + "/".join((f"{self.share}{snapshot}", *map(shown, names)))

    @property
    def name(self) -> str:
        """The last name, of a share its own."""
        return split_path(self.path)[-1] if self.path else self.share

    def below(self, path: str) -> Place:
        """What lies at ``path`` in this directory."""
        joined = "/".join((*split_path(self.path), *split_path(path)))
        return replace(self, path=joined, as_directory=False)

    def at(self, snapshot: str | None) -> Place:
        """This place at a snapshot that an option names, ``None`` where none does."""
        if snapshot is None:
            return self
        if self.snapshot not in {None, snapshot}:
            raise InvalidArgument("two share snapshots: one stands in the place, and another after --snapshot")
        return replace(self, snapshot=snapshot)


def is_remote(text: str) -> bool:
    """Whether a text names a place on the service, where one here could be meant as well."""
    return _SCHEME.match(text) is not None or _URL.match(text) is not None


def read_place(text: str) -> Place:
    """The place that a text names; the ``azfiles://`` may be missing. Raises ``InvalidArgument``."""
    if _URL.match(text):
        endpoint, address, signature = parse_resource_url(text, allow_http=True)
        path, ends_so = "/".join(address.path), text.partition("?")[0].endswith("/")
        return Place(address.share, path, address.snapshot, endpoint, signature, as_directory=ends_so)
    other = _LIKE_A_URL.match(text)
    if other is not None and not _SCHEME.match(text):
        raise InvalidArgument(f"{other[1]}:// is not known; a place is {SCHEME}SHARE/PATH, or a whole https URL")
    scheme = _SCHEME.match(text)
    if scheme is None:
        return _read_short(text)
    rest = text[scheme.end() :]
    if scheme[0].lower() != SCHEME:
        raise InvalidArgument(
            f"{shown(text)!r}: two slashes come before the share ({SCHEME}{shown(rest)}); "
            "the account is that of the environment, or of a whole URL"
        )
    return _read_short(rest)


def _read_short(text: str) -> Place:
    first, _, path = text.partition("/")
    share, mark, snapshot = first.partition("@")
    if share and not _SHARE.fullmatch(share):
        raise InvalidArgument(
            f"{shown(share)!r} cannot be the name of a share (letters, digits and hyphens); "
            f"a place on the service is {SCHEME}SHARE/PATH"
        )
    if ((path or mark) and not share) or (mark and not snapshot):
        raise InvalidArgument(f"{shown(text)!r}: {SCHEME}SHARE/PATH, or {SCHEME}SHARE@SNAPSHOT/PATH, is expected")
    return Place(share, "/".join(split_path(path)), snapshot or None, as_directory=text.endswith("/"))


class PlaceKind(Kind[Place]):
    """A place on the service, with or without its ``azfiles://``."""

    name = "place"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Place:
        if isinstance(value, Place):
            return value
        if not value:
            self.fail(f"it is empty: a variable that is not set, perhaps? The whole account is {SCHEME}", param, ctx)
        try:
            return read_place(value)
        except InvalidArgument as error:
            self.fail(str(error), param, ctx)

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature; what completes a place needs no more than its text
        param: click.Parameter,  # noqa: ARG002 - likewise
        incomplete: str,
    ) -> list[CompletionItem]:
        from azfiles.cli.completing import complete_place

        return complete_place(incomplete)


PLACE: Final = PlaceKind()

HELP: Final = """\
\b
A place on the service is written
  azfiles://SHARE/PATH            as for fsspec; SHARE alone is its root
  azfiles://SHARE@SNAPSHOT/PATH   in a share snapshot, by its time stamp
  https://ACCOUNT.file.core.windows.net/SHARE/PATH
Where nothing but the service can be meant, SHARE/PATH will do.
"""


def epilog(*lines: str) -> str:
    """The end of a command's help: examples, how places are written, and the exit statuses."""
    return examples(*lines, then=f"{HELP}\n{exits.HELP}")


def examples(*lines: str, then: str = exits.HELP) -> str:
    """The end of a command's help that takes no places: examples, and the exit statuses."""
    shown = "".join(f"  {line}\n" for line in lines)
    return f"\b\nExamples:\n{shown}\n{then}"


__all__ = ["HELP", "PLACE", "SCHEME", "Place", "PlaceKind", "epilog", "examples", "is_remote", "read_place"]
