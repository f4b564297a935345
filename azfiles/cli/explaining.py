"""A signature, or a failing request, in words: what is allowed, until when, and why the service does not take it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

from azfiles.address import Endpoint, ResourceAddress, parse_resource_url
from azfiles.cli import wording
from azfiles.cli.captures import Capture, is_known
from azfiles.core.sas import ACCOUNT, PLACE
from azfiles.core.sas_terms import SasKind, SasTerms, read_terms
from azfiles.core.sharedkey import sign, string_to_sign
from azfiles.core.signed_texts import METHOD, PATH, Difference, Lines, differences, sas_lines, shared_key_lines
from azfiles.credentials import SharedKey
from azfiles.errors import InvalidArgument
from azfiles.redaction import redact_text

_ALLOWED: Final[Mapping[str, str]] = {"r": "read", "c": "create", "w": "write", "d": "delete", "l": "list"}
_TYPES: Final[Mapping[str, str]] = {"s": "the service", "c": "shares", "o": "directories and files"}
_SHARED_KEY: Final = frozenset({"SharedKey", "SharedKeyLite"})
_NAMES: Final[Mapping[str, str]] = {
    "sp": "sp (permissions)",
    "st": "st (start)",
    "se": "se (end)",
    "si": "si (stored policy)",
    "sip": "sip (IP addresses)",
    "spr": "spr (protocols)",
    "sv": "sv (service version)",
    "ss": "ss (services)",
    "srt": "srt (resource types)",
}


@dataclass(frozen=True)
class Explanation:
    """``facts`` are pairs for a table, ``problems`` why it does not work, each a sentence, ``differences`` where what was
    signed and what the service computed part. ``plain`` is all of it for programs.
    """

    facts: Sequence[tuple[str, str]]
    problems: Sequence[str]
    notes: Sequence[str] = ()
    differences: Sequence[Difference] = ()
    plain: Mapping[str, object] = field(default_factory=dict[str, object])


def explain(capture: Capture, key: SharedKey | None, now: datetime) -> Explanation:
    """What can be said of a text. ``key`` is the account key in use, which tells whether a signature is its own. Raises
    ``InvalidArgument`` where there is neither a signature nor a refused request in it.
    """
    token = capture.signature
    if token is not None:
        return _explain_sas(capture, read_terms(token), key, now)
    if capture.is_refused or capture.header("authorization"):
        return _explain_shared_key(capture, key)
    raise InvalidArgument(
        "there is neither a shared access signature (it has sv and sig) in it nor a request that was refused; "
        "a URL with a signature, the output of curl -v, or an error of azfiles is expected"
    )


# --- shared access signatures ----------------------------------------------------------------------------------------


def _explain_sas(capture: Capture, terms: SasTerms, key: SharedKey | None, now: datetime) -> Explanation:
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
    return ", ".join(_ALLOWED.get(letter, f"{letter!r} (nothing here)") for letter in terms.permissions)


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
        "permissions": [_ALLOWED.get(letter, letter) for letter in terms.permissions],
        "resource_types": [_TYPES.get(letter, letter) for letter in terms.resource_types],
        "starts_at": None if terms.starts_at is None else terms.starts_at.isoformat(),
        "expires_at": None if until is None else until.isoformat(),
        "expired": until is not None and until <= now,
        "https_only": terms.https_only,
        "ip": terms.ip or None,
        "policy": terms.policy or None,
        "version": terms.version,
        **_trouble(problems, parted),
    }


def _trouble(problems: Sequence[str], parted: Sequence[Difference]) -> dict[str, object]:
    return {
        "problems": list(problems),
        "differences": [
            {"line": one.name, "signed": _shown(one.client), "service": _shown(one.service)} for one in parted
        ],
    }


# --- requests signed with an account key -----------------------------------------------------------------------------


def _explain_shared_key(capture: Capture, key: SharedKey | None) -> Explanation:
    scheme, _, told = capture.header("authorization").partition(" ")
    is_bearer = scheme.lower() == "bearer"
    # Only of these schemes something can be shown: what follows another one may be the secret itself.
    account, _, presented = told.partition(":") if scheme in _SHARED_KEY else ("", "", "")
    facts = [("request", redact_text(f"{capture.method} {capture.target}".strip()) or "not shown")]
    if capture.status is not None:
        facts.append(("answer", f"{capture.status} {capture.code}".strip()))
    by = "an account key, as it seems" if capture.detail else "not shown"
    by = "a bearer token" if is_bearer else f"{scheme} of {account!r}" if account else by
    facts.append(("signed by", by))
    problems: list[str] = []
    parted: Sequence[Difference] = ()
    clock = _clock(capture)
    if clock is not None:
        problems.append(clock)
    elif is_bearer or capture.signed is None:
        said = redact_text(capture.detail or capture.code or "nothing of the signature")
        problems.append(f"the service says: {said}")
    elif scheme == "SharedKeyLite":
        problems.append("the request is signed by SharedKeyLite, which azfiles does not know line by line")
    else:
        parted = differences(*_both(capture, account))
        problems.append(_verdict(capture, key, account, presented, parted))
    plain = {**dict(facts), **_trouble(problems, parted)}
    return Explanation(facts, problems, (), parted, plain)


def _both(capture: Capture, account: str) -> tuple[Lines, Lines]:
    """What azfiles signs of this request and what the service computed; where the headers are not shown only what stands
    in the request's first line.
    """
    theirs = shared_key_lines(capture.signed or "")
    path = dict(theirs).get(PATH, "")
    target = capture.target
    if target.startswith("http"):
        target = "/" + target.partition("://")[2].partition("/")[2]
    headers = [pair for pair in capture.headers if pair[0] != "authorization"]
    ours = shared_key_lines(string_to_sign(capture.method, target, headers, account or path[1:].partition("/")[0]))
    if capture.whole:
        return ours, theirs
    return _first_line(ours), _first_line(theirs) if capture.method else ()


def _first_line(lines: Lines) -> Lines:
    return [(name, value) for name, value in lines if name in {METHOD, PATH} or name.startswith("?")]


def _verdict(
    capture: Capture, key: SharedKey | None, account: str, presented: str, parted: Sequence[Difference]
) -> str:
    if key is not None and is_known(presented) and key.account == account:
        if sign(key, capture.signed or "") == presented:
            return (
                "the signature is that of the service's own text under the key in use, so that key is none of the "
                "account's, or not any more"
            )
        if not parted and capture.whole:
            return (
                "both sides have the same text, and the signature is not that of the key in use: whoever signed it has "
                "another key, or signed another text"
            )
    if parted:
        return "the service computed another text than the request as it is shown gives; the lines differ below"
    if capture.whole:
        return "both sides have the same text, so it was signed with another key than the account's"
    return (
        "as far as the request is shown (its first line) both sides have the same text; where azfiles itself signed it, "
        "the key is none of the account's, or not any more"
    )


def _clock(capture: Capture) -> str | None:
    """A clock that is off, by the dates of request and reply."""
    if "date header too" not in capture.detail.lower():
        return None
    sent, came = _date(capture.header("x-ms-date") or capture.header("date")), _date(capture.date)
    if sent is None or came is None:
        return f"the client's clock is off: {redact_text(capture.detail)}"
    side = "behind" if came > sent else "ahead of"
    return f"the client's clock is {wording.span(came - sent)} {side} the service's; 15 minutes are borne with"


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None


def line_shown(difference: Difference) -> str:
    """The name of a line, with what it means."""
    return _NAMES.get(difference.name, difference.name)


def value_shown(value: str | None) -> str:
    return "no such line" if value is None else wording.shown(_shown(value) or "") or "empty"


def _shown(value: str | None) -> str | None:
    return None if value is None else redact_text(value)


__all__ = ["Explanation", "explain", "line_shown", "value_shown"]
