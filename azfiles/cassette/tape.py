"""A cassette being played: an index from what is asked to what was answered, and the leases seen so far.

Looking up costs the same however long the cassette is. Interactions with the same key are answered in the order in
which they were sent, each once; a read that was played already may be answered again, if that is wanted.

Ids that are new in every run, of leases and of temporary files, are matched by ``correspondence``.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from azfiles.cassette.addresses import PSEUDONYM, account_of, parse_uri, rename_account, rename_accounts_in_text
from azfiles.cassette.bodies import StoredBody
from azfiles.cassette.compression import fit_length
from azfiles.cassette.correspondence import Correspondence
from azfiles.cassette.hashes import hashes_of
from azfiles.cassette.interactions import Interaction, Lost, RecordedRequest, RecordedResponse, turn_of
from azfiles.cassette.known_secrets import check_secrets
from azfiles.cassette.matching import RequestKey, describe, first_difference, key_of, likeness
from azfiles.cassette.operations import carries_request_data, carries_response_data
from azfiles.cassette.patterns import URL_HEADERS
from azfiles.cassette.scrubbing import scrub_request
from azfiles.errors import NotRecorded

_REQUEST_ID = "x-ms-client-request-id"
_STORED_HASH = "x-ms-content-md5"
_PERSONAL_HEADERS = frozenset({_REQUEST_ID, "x-ms-lease-id", *URL_HEADERS})
_PSEUDONYM_BYTES = PSEUDONYM.encode("ascii")
_PSEUDONYM_WORD = re.compile(rf"(?<![A-Za-z0-9]){PSEUDONYM}(?![A-Za-z0-9])")


@dataclass(slots=True)
class _Entry:
    number: int
    key: RequestKey
    interaction: Interaction = field(repr=False)
    brings_content: bool
    """Whether the response's body is a file's content."""
    names_account: bool
    is_personal: bool
    """Whether a header of the response has to say something else in each run."""
    echoes_hash: bool
    """Whether the request told the hash of its content, which the response may tell again."""
    played: bool = False


class Answer(NamedTuple):
    """``number`` is the interaction's place in the cassette, from 1; ``response`` is as this run would have had it."""

    number: int
    response: RecordedResponse | Lost


class Tape:
    """Answers requests from interactions. Not safe to share between threads without a lock."""

    def __init__(
        self,
        interactions: Iterable[Interaction],
        *,
        source: str,
        secrets: Iterable[str] = (),
        repeat_last: bool = False,
    ) -> None:
        self._source = source
        self._secrets = check_secrets(secrets)
        self._repeat_last = repeat_last
        self._last_read: dict[RequestKey, _Entry] = {}
        self._entries = [_entry(number, interaction) for number, interaction in enumerate(interactions, 1)]
        self._exact: dict[RequestKey, deque[_Entry]] = {}
        self._any_ids: dict[RequestKey, deque[_Entry]] = {}
        for entry in sorted(self._entries, key=lambda entry: turn_of(entry.interaction, entry.number)):
            self._exact.setdefault(entry.key, deque()).append(entry)
            if entry.key.ids:
                self._any_ids.setdefault(_blank(entry.key), deque()).append(entry)
        self.correspondence = Correspondence()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def unplayed(self) -> tuple[str, ...]:
        """The recorded requests that were not asked for, described, in their order."""
        return tuple(f"#{entry.number} {describe(entry.key)}" for entry in self._entries if not entry.played)

    def answer(self, request: RecordedRequest) -> Answer:
        """The recorded response to this request, with the lease ids, the account and the client request id of this
        run in it, or how it was lost. Raises ``NotRecorded``.
        """
        found = self.look_up(request)
        if found is None:
            raise NotRecorded(self.explain(request))
        return found

    def look_up(self, request: RecordedRequest) -> Answer | None:
        """The same, but ``None`` where there is none; ``explain`` says why."""
        known = self.correspondence
        key = key_of(request, leases=known.recorded)
        entry = self._find(key)
        if entry is None:
            # The long way: what a request says may hold what only scrubbing takes out, such as its own signature.
            key = self._scrubbed_key(request)
            entry = self._find(key) or self._find_by_stored_hash(key)
        if entry is None:
            return None
        entry.played = True
        if self._repeat_last and request.method in {"GET", "HEAD"}:
            self._last_read[key] = entry
        if key.ids:
            known.bind(key.ids, entry.key.ids, request.headers)
        recorded = entry.interaction.response
        if isinstance(recorded, Lost):
            return Answer(entry.number, _restore_loss(recorded, request))
        return Answer(entry.number, self._restore(entry, recorded, request))

    # --- finding ---

    def _scrubbed_key(self, request: RecordedRequest) -> RequestKey:
        known = self.correspondence.recorded
        scrubbed = scrub_request(request, leases=known, secrets=self._secrets)
        return key_of(scrubbed)._replace(ids=key_of(request, leases=known).ids)

    def _find_by_stored_hash(self, key: RequestKey) -> _Entry | None:
        """A request may tell a file's hash before its content, in which a secret was then overwritten."""
        if not any(name == _STORED_HASH for name, _ in key.headers):
            return None
        for value in self._overwritten:
            headers = tuple((name, value if name == _STORED_HASH else said) for name, said in key.headers)
            if (entry := self._find(key._replace(headers=headers))) is not None:
                return entry
        return None

    @cached_property
    def _overwritten(self) -> tuple[str, ...]:
        """The hashes of contents in which a secret was overwritten."""
        found: set[str] = set()
        for entry in self._entries:
            if carries_request_data(entry.interaction.request, entry.key.operation):
                found |= hashes_of(entry.interaction.request.body)
        return tuple(sorted(found))

    def _find(self, key: RequestKey) -> _Entry | None:
        if not key.ids:
            return _next_unplayed(self._exact.get(key)) or self._last_read.get(key)
        known = self.correspondence
        recorded = known.recorded_ids(key.ids)
        if known.fits(key.ids, recorded):
            entry = _next_unplayed(self._exact.get(key._replace(ids=recorded)))
            if entry is not None:
                return entry
        if all(live in known.recorded for _, live in key.ids):
            return self._last_read.get(key)
        queue = self._any_ids.get(_blank(key))
        if _next_unplayed(queue) is None or queue is None:
            return None
        return next((one for one in queue if not one.played and known.fits(key.ids, one.key.ids)), None)

    # --- answering ---

    def _restore(self, entry: _Entry, recorded: RecordedResponse, request: RecordedRequest) -> RecordedResponse:
        document = not entry.brings_content
        body = recorded.body
        if document and isinstance(body, StoredBody):
            body = bytes(body.read())
        account = ""
        if (isinstance(body, bytes) and document and _PSEUDONYM_BYTES in body) or entry.names_account:
            account = parse_uri(request.uri, account=account_of(request.headers)).account
        headers = recorded.headers
        if entry.is_personal:
            request_id = next((value for name, value in request.headers if name.lower() == _REQUEST_ID), None)
            headers = tuple(
                (name, self._restore_header(name.lower(), value, account, request_id)) for name, value in headers
            )
        if document and body and isinstance(body, bytes):
            body = self._restore_document(body, account, refused=recorded.status >= 400)
        if entry.echoes_hash:
            headers = _with_own_hash(headers, request, entry.interaction.request)
        if headers is recorded.headers and body is recorded.body:
            return recorded
        headers = fit_length(headers, before=len(recorded.body), after=len(body))
        return RecordedResponse(recorded.status, recorded.reason, headers, body)

    def _restore_document(self, body: bytes, account: str, *, refused: bool) -> bytes:
        """A document as this run would have had it; latin-1 keeps every byte of it, and what is put in is ASCII."""
        if not account and not self.correspondence:
            return body
        text = self.correspondence.as_live(body.decode("latin-1"))
        if refused:
            # An error quotes strings to sign anywhere in its text.
            text = _PSEUDONYM_WORD.sub(account or PSEUDONYM, text)
        text = rename_accounts_in_text(text, lambda name: account if account and name == PSEUDONYM else name)
        return text.encode("latin-1")

    def _restore_header(self, name: str, value: str, account: str, request_id: str | None) -> str:
        if name == "x-ms-lease-id":
            return self.correspondence.live_lease(value)
        if name == _REQUEST_ID and request_id is not None:
            return request_id
        if self.correspondence and name.startswith("x-ms-meta-"):
            return self.correspondence.as_live(value)
        if account and name in URL_HEADERS:
            return rename_account(value, lambda found: account if found == PSEUDONYM else found)
        return value

    # --- missing ---

    def explain(self, request: RecordedRequest) -> str:
        """What is not recorded, which recorded request is the nearest, and what the first difference is."""
        key = self._scrubbed_key(request)
        start = f"cassette {self._source}: not recorded: {describe(key)}"
        if not self._entries:
            return f"{start}; the cassette holds no interaction"
        asked = key._replace(ids=self.correspondence.recorded_ids(key.ids))
        nearest = max(self._entries, key=lambda entry: (*likeness(asked, entry.key), not entry.played, -entry.number))
        alike = [entry for entry in self._entries if entry.key == nearest.key]
        played = sum(entry.played for entry in alike)
        difference = first_difference(asked, nearest.key) or "nothing differs, but each was played already"
        return (
            f"{start}; nearest recorded: #{nearest.number} {describe(nearest.key)}; "
            f"first difference: {difference}; {played} of {len(alike)} recorded of that were played already"
        )


def _entry(number: int, one: Interaction) -> _Entry:
    key = key_of(one.request)
    echoes_hash = any(name == "content-md5" for name, _ in key.headers)
    answered = 0 if isinstance(one.response, Lost) else one.response.status
    brings_content = carries_response_data(one.request, key.operation, answered)
    return _Entry(number, key, one, brings_content, *_personality(one.response), echoes_hash)


def _personality(response: RecordedResponse | Lost) -> tuple[bool, bool]:
    """Whether headers of a response name the account, and whether any differs from run to run."""
    if isinstance(response, Lost):
        return False, False
    names_account = is_personal = False
    for name, value in response.headers:
        lowered = name.lower()
        names_account = names_account or (lowered in URL_HEADERS and PSEUDONYM in value)
        is_personal = is_personal or lowered in _PERSONAL_HEADERS or lowered.startswith("x-ms-meta-")
    return names_account, is_personal


def _with_own_hash(
    headers: tuple[tuple[str, str], ...], asked: RecordedRequest, recorded: RecordedRequest
) -> tuple[tuple[str, str], ...]:
    """Headers that echo the hash that was sent: where the recorded content was overwritten, a client expects its own."""
    said, wrote = (_content_md5(one.headers) for one in (asked, recorded))
    if said == wrote or not said or not wrote:
        return headers
    return tuple((name, said if name.lower() == "content-md5" and value == wrote else value) for name, value in headers)


def _content_md5(headers: tuple[tuple[str, str], ...]) -> str:
    return next((value for name, value in headers if name.lower() == "content-md5"), "")


def _restore_loss(lost: Lost, request: RecordedRequest) -> Lost:
    account = parse_uri(request.uri, account=account_of(request.headers)).account
    return Lost(_PSEUDONYM_WORD.sub(account or PSEUDONYM, lost.message), lost.sent)


def _blank(key: RequestKey) -> RequestKey:
    return key._replace(ids=tuple((role, "") for role, _ in key.ids))


def _next_unplayed(queue: deque[_Entry] | None) -> _Entry | None:
    if queue is None:
        return None
    while queue and queue[0].played:
        queue.popleft()
    return queue[0] if queue else None


__all__ = ["Answer", "Tape"]
