"""A shared access signature in words: what it allows, until when, and why the service does not take it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from azfiles.address import Endpoint, ResourceAddress, parse_resource_url
from azfiles.cli import wording
from azfiles.cli.captures import Capture, is_known
from azfiles.cli.explanations import Explanation, trouble
from azfiles.core.sas import ACCOUNT, PLACE
from azfiles.core.sas_terms import SasKind, SasTerms, read_terms
from azfiles.core.signed_texts import Difference, differences, sas_lines
from azfiles.credentials import SharedKey
from azfiles.errors import InvalidArgument
from azfiles.redaction import redact_text

_TYPES: Final[Mapping[str, str]] = {"s": "the service", "c": "shares", "o": "directories and files"}


def explain_sas(capture: Capture, token: str, key: SharedKey | None, now: datetime) -> Explanation:
    """Explain the signature in ``capture``. ``key`` is the account key in use, where there is one."""
    terms = read_terms(token)
    endpoint, address = _where(capture)
    problems = list(terms.problems)
    until = terms.expires_at
    if terms.key_ends_at is not None and (until is None or terms.key_ends_at < until):
        until = terms.key_ends_at
    if until is not None and until <= now:
        problems.append(f"it expired {wording.relative(until, now)}")
    elif terms.starts_at is not None and terms.starts_at > now:
        problems.append(f"it begins {wording.relative(terms.starts_at, now)}")
    if endpoint is not None and endpoint.scheme == "http" and terms.https_only:
        problems.append("it is for https only, and the URL is http")
    notes: list[str] = []
    parted: Sequence[Difference] = ()
    account = endpoint.account if endpoint is not None else key.account if key is not None else None
    if endpoint is None and capture.signed is not None:  # no host is shown, but the service says what it took this for
        account, address = _where_by_the_service(capture.signed, terms)
    path = (address.share, *address.path) if address is not None and address.share else ()
    if capture.signed is not None and account is not None:
        ours = terms.string_to_sign(account, path)
        parted = differences(sas_lines(ours, terms.lines), sas_lines(capture.signed, terms.lines))
    told, wrong = _signature(capture, terms, key, account, path, parted)
    (problems if wrong else notes).extend(told)
    if capture.detail and capture.signed is None:
        problems.append(f"the service says: {redact_text(capture.detail)}")
    elif capture.code and not capture.detail and capture.status == 403:
        problems.append(f"the service says: {capture.code}")
    facts = _sas_facts(terms, address, until, now)
    return Explanation(facts, problems, notes, parted, _sas_plain(terms, address, until, now, problems, parted))


def _signature(
    capture: Capture,
    terms: SasTerms,
    key: SharedKey | None,
    account: str | None,
    path: Sequence[str],
    parted: Sequence[Difference],
) -> tuple[list[str], bool]:
    """What can be said of the signature itself, and whether that is bad."""
    if parted:
        return [
            "the service computes another text than the one that this signature is of; the lines differ below"
        ], True
    refused = capture.signed is not None
    checkable = is_known(terms.signature) and terms.kind is not SasKind.USER_DELEGATION
    checkable = checkable and (bool(path) or terms.kind is SasKind.ACCOUNT)
    if key is None or key.account != account or not checkable:
        if refused:
            other = "" if terms.kind is SasKind.ACCOUNT else "for another resource, or "
            same = "the service reads the same text, so the signature" if account is not None else "the signature"
            return [f"{same} was made {other}with another key than the account's"], True
        return [], False
    if terms.is_signed_by(key, path):
        if refused:
            return ["it was made with the key in use, which is none of the account's, or not any more"], True
        return ["it was made with the key in use"], False
    return ["it does not fit: it was changed after it was made, is for another resource, or of another key"], True


def _where(capture: Capture) -> tuple[Endpoint | None, ResourceAddress | None]:
    url = capture.url
    if url is None:
        return None, None
    bare, _, query = url.partition("?")
    snapshots = [pair for pair in query.split("&") if pair.lower().startswith("sharesnapshot=")]
    try:
        endpoint, address, _ = parse_resource_url(f"{bare}?{snapshots[0]}" if snapshots else bare, allow_http=True)
    except InvalidArgument:
        return None, None
    return endpoint, address


def _where_by_the_service(signed: str, terms: SasTerms) -> tuple[str | None, ResourceAddress | None]:
    """The account and the address that stand in the text that the service computed."""
    lines = dict(sas_lines(signed, terms.lines))
    if terms.kind is SasKind.ACCOUNT:
        return lines.get(ACCOUNT) or None, None
    match lines.get(PLACE, "").strip("/").split("/"):
        case [_, account, share, *path]:
            return account, ResourceAddress(share, tuple(path))
        case _:
            return None, None


def _sas_facts(
    terms: SasTerms, address: ResourceAddress | None, until: datetime | None, now: datetime
) -> list[tuple[str, str]]:
    facts = [("signature", _kind(terms)), ("for", _resource(terms, address)), ("allows", _allowed(terms))]
    if terms.starts_at is not None:
        facts.append(("from", _moment(terms.starts_at, now)))
    if until is not None:
        facts.append(("until", _moment(until, now)))
    facts.append(("over", "https" if terms.https_only else "https and http"))
    if terms.ip:
        facts.append(("from address", terms.ip))
    if terms.policy:
        facts.append(("stored policy", f"{terms.policy!r} of the share says the rest, and can be withdrawn"))
    facts.append(("version", terms.version or "none"))
    return facts


def _kind(terms: SasTerms) -> str:
    match terms.kind:
        case SasKind.ACCOUNT:
            return "of an account key, for the account (account SAS)"
        case SasKind.SERVICE:
            return "of an account key, for one resource (service SAS)"
        case SasKind.USER_DELEGATION:
            return "of a user, for one resource (user delegation SAS)"


def _resource(terms: SasTerms, address: ResourceAddress | None) -> str:
    name = "" if address is None or not address.share else f" {address.share!r}"
    match terms.resource:
        case "account":
            types = [_TYPES[letter] for letter in terms.resource_types if letter in _TYPES]
            return f"the account's {', '.join(types)}" if types else "nothing of Azure Files"
        case "share":
            return f"all in the share{name}, not the share itself"
        case "file":
            path = "" if address is None or not address.path else f" {'/'.join(address.path)!r} in the share{name}"
            return f"the file{path}" if path else "one file"
        case _:
            return "nothing of Azure Files"


def _allowed(terms: SasTerms) -> str:
    if not terms.permissions:
        return "what its stored policy says" if terms.policy else "nothing"
    return ", ".join(wording.PERMISSIONS.get(letter, f"{letter!r} (nothing here)") for letter in terms.permissions)


def _moment(moment: datetime, now: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC ({wording.relative(moment, now)})"


def _sas_plain(
    terms: SasTerms,
    address: ResourceAddress | None,
    until: datetime | None,
    now: datetime,
    problems: Sequence[str],
    parted: Sequence[Difference],
) -> dict[str, object]:
    return {
        "kind": terms.kind.value,
        "resource": terms.resource,
        "share": None if address is None else address.share or None,
        "path": None if address is None else "/".join(address.path) or None,
        "permissions": [wording.PERMISSIONS.get(letter, letter) for letter in terms.permissions],
        "resource_types": [_TYPES.get(letter, letter) for letter in terms.resource_types],
        "starts_at": None if terms.starts_at is None else terms.starts_at.isoformat(),
        "expires_at": None if until is None else until.isoformat(),
        "expired": until is not None and until <= now,
        "https_only": terms.https_only,
        "ip": terms.ip or None,
        "policy": terms.policy or None,
        "version": terms.version,
        **trouble(problems, parted),
    }


__all__ = ["explain_sas"]
