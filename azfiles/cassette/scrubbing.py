"""What leaves a recording before it becomes a file, and what stands in its place.

Dropped: Authorization and its like. Replaced: signatures, tokens, keys, passwords, and any secret the caller names.
Mapped, the same value to the same pseudonym all through a cassette: lease ids, account names and clients' addresses,
because a replay needs to tell one from another.

A file's content is evidence and stays as it is, with one exception: a secret in it is overwritten by as many
letters, so that sizes and ranges still agree, and hashes of it are computed anew. A secret that is cut in two by a range border is not seen.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import unquote

from azfiles.cassette.addresses import account_of, parse_uri
from azfiles.cassette.bodies import BodyStore, StoredBody
from azfiles.cassette.compression import fit_length, without_compression
from azfiles.cassette.hashes import Hashes, overwrite
from azfiles.cassette.interactions import Body, Interaction, Lost, RecordedRequest, RecordedResponse
from azfiles.cassette.known_secrets import KnownSecrets, secrets_of
from azfiles.cassette.names import Part, parts_of_document, parts_of_uri
from azfiles.cassette.operations import carries_request_data, carries_response_data, is_of_files, operation_of
from azfiles.cassette.patterns import (
    CLIENT_ADDRESS_HEADERS,
    CLIENT_ADDRESS_IN_XML,
    LEASE_HEADERS,
    LONE_SIGNATURE,
    MASK,
    SECRET_HEADERS,
    URL_HEADERS,
    mask_data,
    mask_name,
    mask_text,
)
from azfiles.cassette.pseudonyms import Pseudonyms

_TOKEN = re.compile(r"[\w+/%.~-]{8,}={0,2}")
_TOKEN_IN_NAME = re.compile(r"[\w+%.~-]{8,}={0,2}")


def scrub_interactions(
    interactions: Sequence[Interaction],
    *,
    secrets: Iterable[str] = (),
    leases: Mapping[str, str] | None = None,
    clean: BodyStore | None = None,
) -> list[Interaction]:
    """Copies without anything secret. ``secrets`` are further texts that must not appear, such as an account key.
    ``leases`` are ids that have a pseudonym already. Bodies in the store ``clean`` were scrubbed when they were put
    there (``scrub_data``).

    All is read before anything is replaced, so that a secret is also found where it stands before its first use.
    """
    scrubber = _Scrubber(secrets, leases, clean)
    own = [scrubber.learn(interaction) for interaction in interactions]
    scrubbed = [scrubber.scrub(interaction, tokens) for interaction, tokens in zip(interactions, own, strict=True)]
    # Last, because a file's hash may be told before its content.
    return [scrubber.hashes.renew_all(interaction) for interaction in scrubbed]


def scrub_request(request: RecordedRequest, *, leases: Mapping[str, str], secrets: Iterable[str]) -> RecordedRequest:
    """A live request as it would stand in a cassette in which live lease ids became those that ``leases`` says."""
    nothing = Interaction(request, RecordedResponse(0, ""))
    scrubber = _Scrubber(secrets, leases)
    return scrubber.hashes.renew_all(scrubber.scrub(nothing, scrubber.learn(nothing))).request


class _Scrubber:
    """What a recording taught, and the replacing. Two passes: first ``learn`` from all, then ``scrub`` each."""

    def __init__(
        self, secrets: Iterable[str], leases: Mapping[str, str] | None = None, clean: BodyStore | None = None
    ) -> None:
        self._given = tuple(secrets)
        self._tokens: set[str] = set()
        self._shortest_token: float = math.inf
        self._shortest_secret = min(map(len, self._given), default=math.inf)
        self._harmless: set[str] = set()
        self._pseudonyms = Pseudonyms(leases)
        self._clean = clean
        self.hashes = Hashes()

    def __repr__(self) -> str:
        return f"<Scrubber: {self._pseudonyms!r}>"

    # --- first pass ---

    def learn(self, interaction: Interaction) -> set[str]:
        """Take in what is to be replaced; returns the secrets that the request carries itself."""
        request, response = interaction.request, interaction.response
        named = account_of(request.headers)
        self._pseudonyms.learn_account(parse_uri(request.uri, account=named).account)
        self._pseudonyms.learn_account(named)
        tokens = secrets_of(request)
        self._tokens |= tokens
        self._shortest_token = min((self._shortest_token, *map(len, tokens)))
        self._shortest_secret = min(self._shortest_secret, self._shortest_token)
        answered = () if isinstance(response, Lost) else response.headers
        for name, value in (*request.headers, *answered):
            lowered = name.lower()
            if lowered in LEASE_HEADERS:
                self._pseudonyms.learn_lease(value)
            elif lowered in URL_HEADERS:
                self._pseudonyms.learn_account(parse_uri(value).account)
        return tokens

    # --- second pass ---

    def scrub(self, interaction: Interaction, tokens: set[str]) -> Interaction:
        request, response = interaction.request, interaction.response
        named = account_of(request.headers)
        secrets = KnownSecrets((*self._given, *tokens))
        operation, of_files = operation_of(request), is_of_files(request)
        self._learn_stored_hashes(interaction)
        data = carries_request_data(request, operation)
        headers, sent = (request.headers, request.body) if data else without_compression(request.headers, request.body)
        return Interaction(
            RecordedRequest(
                request.method,
                self._uri(request.uri, secrets, account=named, of_files=of_files),
                self._headers(headers, secrets),
                self._body(sent, secrets, data=data, of_files=of_files),
            ),
            Lost(self._text(response.message, secrets, refused=True), response.sent)
            if isinstance(response, Lost)
            else self._response(
                response,
                secrets,
                data=carries_response_data(request, operation, response.status),
                of_files=of_files,
            ),
            interaction.timing,
        )

    def _learn_stored_hashes(self, interaction: Interaction) -> None:
        request, response = interaction.request, interaction.response
        answered = () if isinstance(response, Lost) else response.headers
        if isinstance(request.body, StoredBody) and ("x-ms-error-code", "Md5Mismatch") not in answered:
            self.hashes.learn_stored(request.body, (*answered, *request.headers))
        if isinstance(response, RecordedResponse) and isinstance(response.body, StoredBody):
            self.hashes.learn_stored(response.body, response.headers)

    def _response(
        self, response: RecordedResponse, secrets: KnownSecrets, *, data: bool, of_files: bool
    ) -> RecordedResponse:
        refused = response.status >= 400
        headers, received = (
            (response.headers, response.body) if data else without_compression(response.headers, response.body)
        )
        body = self._body(received, secrets, data=data, of_files=of_files, refused=refused)
        headers = self._headers(headers, secrets, refused=refused)
        return RecordedResponse(
            response.status,
            self._text(response.reason, secrets),
            fit_length(headers, before=len(received), after=len(body)),
            body,
        )

    def _headers(
        self, headers: Iterable[tuple[str, str]], secrets: KnownSecrets, *, refused: bool = False
    ) -> tuple[tuple[str, str], ...]:
        return tuple(
            (name, self._header(name.lower(), value, secrets, refused=refused))
            for name, value in headers
            if name.lower() not in SECRET_HEADERS
        )

    def _header(self, name: str, value: str, secrets: KnownSecrets, *, refused: bool) -> str:
        if name in LEASE_HEADERS:
            return self._pseudonyms.lease(value)
        if name == "host":
            value = self._pseudonyms.host(value)
        elif name in URL_HEADERS:
            return self._uri(value, secrets)
        elif name in CLIENT_ADDRESS_HEADERS:
            value = self._pseudonyms.addresses_in(value)
        return self._text(value, secrets, refused=refused)

    def _uri(self, uri: str, secrets: KnownSecrets, *, account: str = "", of_files: bool = True) -> str:
        uri = self._pseudonyms.uri(uri, account=account)
        return self._in_parts(parts_of_uri(uri), secrets) if of_files else self._text(uri, secrets)

    def _body(self, body: Body, secrets: KnownSecrets, *, data: bool, of_files: bool, refused: bool = False) -> Body:
        if not body:
            return body
        if isinstance(body, StoredBody):
            if self._clean is not None and self._clean.holds(body):
                return body
            body = bytes(body.read())
        if data:
            changed = overwrite(body, lambda content: mask_data(secrets.overwrite(content)))
            if changed != body:
                self.hashes.learn(body, changed)
            return changed
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            return mask_data(secrets.overwrite(body))  # not a document of this protocol after all
        text = self._pseudonyms.address_at(CLIENT_ADDRESS_IN_XML, text)
        if of_files and not refused and _may_name_secrets(text):
            return self._in_parts(parts_of_document(text), secrets).encode("utf-8")
        return self._text(text, secrets, refused=refused).encode("utf-8")

    def _in_parts(self, parts: Iterable[Part], secrets: KnownSecrets) -> str:
        """A text in which names stand."""
        return "".join([self._name(text, secrets) if is_name else self._text(text, secrets) for text, is_name in parts])

    def _name(self, text: str, secrets: KnownSecrets) -> str:
        text = mask_name(secrets.mask(text))
        if len(text) >= self._shortest_token:
            text = _TOKEN_IN_NAME.sub(self._token, text)
        return self._pseudonyms.leases_in(text)

    def _text(self, text: str, secrets: KnownSecrets, *, refused: bool = False) -> str:
        """Any text of the protocol. ``refused``: the text of an error, which quotes strings to sign and the like, so
        that there the account's name is replaced wherever it stands as a word.
        """
        if text in self._harmless and not refused:
            return text
        before = text
        text = mask_text(secrets.mask(text))
        if len(text) >= self._shortest_token:
            text = _TOKEN.sub(self._token, text)
        text = self._pseudonyms.in_text(text)
        if refused:
            text = self._pseudonyms.addresses_in(LONE_SIGNATURE.sub(MASK, text))
            text = self._pseudonyms.accounts_as_words(text)
        elif text == before and len(text) < self._shortest_secret:
            self._harmless.add(text)  # it is too short for a secret of any other interaction
        return text

    def _token(self, found: re.Match[str]) -> str:
        token = found[0]
        return MASK if token in self._tokens or unquote(token) in self._tokens else token


def _may_name_secrets(text: str) -> bool:
    """Whether it matters in a document where names stand; in most, and in nearly all long ones, it does not."""
    return "ccountName" in text or "sip" in text or mask_text(text) != text


__all__ = ["scrub_interactions", "scrub_request"]
