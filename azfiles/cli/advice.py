"""What an error means to whoever typed the command, and what would help."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import azfiles
from azfiles.address import parse_resource_url
from azfiles.cli.accounts import ALLOW_HTTP, SET_ONE, Accounts
from azfiles.cli.commands import Advice
from azfiles.cli.errors import CommandError
from azfiles.cli.places import Place
from azfiles.cli.wording import PERMISSIONS, relative, shown
from azfiles.core.sas_terms import read_terms
from azfiles.credentials import Sas, SharedKey, Token
from azfiles.errors import (
    AuthenticationFailed,
    AzureFilesError,
    Conflict,
    InvalidArgument,
    LeaseConflict,
    NotFound,
    ServiceError,
    TransportError,
)
from azfiles.flows.transfers.temporary import is_temporary
from azfiles.redaction import redact_text

_REQUEST: Final = re.compile(r"[A-Z]+ ([^?\s]*)")
_URL: Final = re.compile(r"https?://\S+")
_WILDCARD: Final = re.compile(r"component .* holds '[*?]'")
_NAMES_LOOKED_AT: Final = 5000
_CLOCK: Final = re.compile(r"Request date header too (old|new)")
_EXPIRED: Final = re.compile(r"not valid in the specified time frame|Signed expiry time")


def advise(error: BaseException, accounts: Accounts | None, *, status: int) -> Advice:
    """What to tell of an error. Where a name is missing, the service is asked for one that is like it."""
    service = None if accounts is None else accounts.last
    if isinstance(error, CommandError):
        return Advice(str(error), *error.hints, status=status)
    if isinstance(error, ServiceError):
        message, hints = _refusal(error, service)
        facts = {
            "code": error.code,
            "http_status": error.status,
            "request": error.request,
            "request_id": error.request_id,
            "details": {name: redact_text(text) for name, text in error.details.items()},
        }
        return Advice(message, *hints, *_notes(error), status=status, **facts)
    if isinstance(error, TransportError):
        return Advice(str(error), *_unreached(error, service), *_notes(error), status=status)
    if isinstance(error, AzureFilesError):
        return Advice(str(error), *_of_an_argument(error), *_notes(error), status=status)
    return Advice(_of_the_disk(error), status=status)


def _of_an_argument(error: AzureFilesError) -> Sequence[str]:
    if "allow_http=True" in str(error):
        return (f"{ALLOW_HTTP}=1 in the environment allows it",)
    if isinstance(error, InvalidArgument) and _WILDCARD.search(str(error)):
        return ("patterns are options of commands for trees: azfiles cp -r DIRECTORY DESTINATION --include '*.txt'",)
    return ()


def _of_the_disk(error: BaseException) -> str:
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        # Of two names the second is where something should have gone; the first is that of a temporary file. Where that could
        # not even be made, its directory is what people know.
        name = error.filename2 or error.filename
        place = Path(os.fsdecode(name) if isinstance(name, (str, bytes)) else str(name))  # a number is a descriptor's
        return f"{shown(str(place.parent if is_temporary(place.name) else place))}: {error.strerror}"
    return str(error) or type(error).__name__


def _notes(error: BaseException) -> Sequence[str]:
    return getattr(error, "__notes__", ())


def _refusal(error: ServiceError, service: azfiles.ServiceClient | None) -> tuple[str, Sequence[str]]:
    place = _place_of(error, service)
    code = f"{error.status} {error.code}".strip()
    if isinstance(error, NotFound):
        return _missing(error, place, service, code)
    if isinstance(error, AuthenticationFailed):
        what = str(place) if place.share else "the account"
        return f"{what}: {error.message} ({code})", _not_authorized(error, service)
    if isinstance(error, LeaseConflict):
        return f"{place} is leased: {error.message} ({code})", (
            f"azfiles lease find {place}   shows who holds it",
            f"azfiles lease break {place}  ends the lease: whoever holds it can write no more",
        )
    if isinstance(error, Conflict) and error.code == "DirectoryNotEmpty":
        return f"{place} is a directory and not empty ({code})", ("rm -r deletes it with all that is in it",)
    if error.code == "ShareHasSnapshots":
        return f"{place} has snapshots, which keep it ({code})", (
            f"azfiles snapshot list {place}  tells them; azfiles snapshot delete  deletes one",
        )
    return f"{place}: {error}", ()


def _missing(
    error: NotFound, place: Place, service: azfiles.ServiceClient | None, code: str
) -> tuple[str, Sequence[str]]:
    if error.code == "ShareNotFound":
        if place.snapshot is not None:
            return f"there is no share {place.share!r} with the snapshot {place.snapshot} ({code})", (
                f"azfiles snapshot list {Place(place.share)}  tells those that there are",
            )
        near = _nearest(place.share, _shares(service))
        hints = [*near, "azfiles ls  tells the shares; azfiles mkdir " + str(Place(place.share)) + "  makes this one"]
        return f"there is no share {place.share!r} ({code})", hints
    if error.code == "ParentNotFound":
        above = Place(place.share, place.path.rpartition("/")[0], place.snapshot, place.endpoint)
        return f"{place}: the directory {above} is not there ({code})", (
            *_nearest(above.name, _siblings(above, service)),
            f"azfiles mkdir -p {above}  makes it, where something is to be written there",
        )
    names = _siblings(place, service)
    if place.name in names and "restype=directory" in error.request:
        return f"{place} is a file, not a directory ({code})", ()
    if place.name in names:
        return f"{place} is a directory, not a file ({code})", (f"azfiles ls {place}  shows what is in it",)
    return f"{place} is not there ({code})", _nearest(place.name, names)


def _not_authorized(error: AuthenticationFailed, service: azfiles.ServiceClient | None) -> Sequence[str]:
    credential = None if service is None else service.target.session.credential
    detail = error.details.get("AuthenticationErrorDetail", "")
    if _CLOCK.search(detail):
        return (
            f"this machine's clock says {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC, too far from the service's",
            "set it (timedatectl set-ntp true), and try again",
        )
    if isinstance(credential, Sas):
        return _of_a_signature(credential, detail)
    if isinstance(credential, SharedKey):
        if "MAC signature" not in detail and error.code != "AuthenticationFailed":
            return ()
        return (
            f"the key in use is none of the account {credential.account!r}, or not any more; the portal shows its two,",
            f"and so does: az storage account keys list --account-name {credential.account}",
            "the same with  --json 2>&1 | azfiles sas explain -  says what the service computed",
        )
    if isinstance(credential, Token):
        return ("whoever is logged in needs a role there, such as Storage File Data Privileged Contributor",)
    return (SET_ONE,)


def _of_a_signature(credential: Sas, detail: str) -> Sequence[str]:
    terms = read_terms(credential.token)
    now = datetime.now(UTC)
    hints: list[str] = []
    if terms.expires_at is not None and terms.expires_at <= now:
        hints.append(
            f"the signature in use expired {relative(terms.expires_at, now)}; azfiles sas create makes a new one"
        )
    elif terms.starts_at is not None and terms.starts_at > now:
        hints.append(f"the signature in use begins {relative(terms.starts_at, now)}")
    elif _EXPIRED.search(detail):
        hints.append("the signature in use is out of its time, by the service's clock")
    allowed = ", ".join(PERMISSIONS.get(letter, letter) for letter in terms.permissions)
    if allowed and not hints:
        hints.append(f"the signature in use is for {terms.resource or 'something else'} and allows: {allowed}")
    return (*hints, "azfiles sas explain  tells all that the signature in use says")


def _unreached(error: TransportError, service: azfiles.ServiceClient | None) -> Sequence[str]:
    if service is None or error.sent:
        return ()
    endpoint = service.target.session.endpoint
    if endpoint.base:
        return (f"is something serving at {endpoint.origin}? azfiles-sim serve starts a simulator",)
    return (f"is there an account {endpoint.account!r}, and does the network let {endpoint.host} through?",)


def _place_of(error: ServiceError, service: azfiles.ServiceClient | None) -> Place:
    """What the request was about, as people write it. Where none was sent, the message has its URL."""
    if not error.request and (url := _URL.search(error.message)):
        try:
            _, address, _ = parse_resource_url(url[0], allow_http=True)
        except InvalidArgument:
            return Place("")
        return Place(address.share, "/".join(address.path), address.snapshot)
    match = _REQUEST.match(error.request)
    names = [unquote(part) for part in match[1].split("/") if part] if match else []
    if service is not None:
        base = service.target.session.endpoint.base
        if tuple(names[: len(base)]) == base:
            names = names[len(base) :]
    snapshot = re.search(r"[?&]sharesnapshot=([^&\s]+)", error.request)
    return Place(names[0] if names else "", "/".join(names[1:]), unquote(snapshot[1]) if snapshot else None)


def _shares(service: azfiles.ServiceClient | None) -> Sequence[str]:
    if service is None:
        return ()
    return _names(share.name for share in service.with_retry(None).list_shares())


def _siblings(place: Place, service: azfiles.ServiceClient | None) -> Sequence[str]:
    if service is None or not place.path:
        return ()
    share = service.with_retry(None).share(place.share)
    if place.snapshot is not None:
        share = share.snapshot(place.snapshot)
    above = place.path.rpartition("/")[0]
    directory = share.directory(above) if above else share.root
    return _names(entry.name for entry in directory.list())


def _names(found: Iterable[str]) -> Sequence[str]:
    """So many of them, or none where they cannot be had: that is not what went wrong."""
    try:
        return tuple(islice(found, _NAMES_LOOKED_AT))
    except AzureFilesError:
        return ()


def _nearest(name: str, names: Sequence[str]) -> list[str]:
    """A hint at the name that was meant, perhaps."""
    known = {one.lower(): one for one in names}
    near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.6)
    return [f"did you mean {shown(known[near[0]])!r}?"] if near else []


__all__ = ["advise"]
