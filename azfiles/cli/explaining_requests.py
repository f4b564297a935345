"""A request that was signed with an account key, or a token, and refused: why, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

from azfiles.cli import wording
from azfiles.cli.captures import Capture, is_known
from azfiles.cli.explanations import Explanation, trouble
from azfiles.core.sharedkey import sign, string_to_sign
from azfiles.core.signed_texts import METHOD, PATH, Difference, Lines, differences, shared_key_lines
from azfiles.credentials import SharedKey
from azfiles.redaction import redact_text

_SHARED_KEY: Final = frozenset({"SharedKey", "SharedKeyLite"})


def explain_request(capture: Capture, key: SharedKey | None) -> Explanation:
    """Explain why the request in ``capture`` was refused. ``key`` is the account key in use, where there is one."""
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
    plain = {**dict(facts), **trouble(problems, parted)}
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


__all__ = ["explain_request"]
