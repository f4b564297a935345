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
from typing import cast
from urllib.parse import unquote

from azfiles.cassette.addresses import (
    PSEUDONYM,
    parse_uri,
    rename_account,
    rename_account_in_host,
    rename_accounts_in_text,
)
from azfiles.cassette.bodies import BodyStore, StoredBody
from azfiles.cassette.compression import fit_length, without_compression
from azfiles.cassette.hashes import Hashes, overwrite
from azfiles.cassette.interactions import Body, Interaction, Lost, RecordedRequest, RecordedResponse
from azfiles.cassette.known_secrets import SHORTEST_SECRET, KnownSecrets
from azfiles.cassette.names import Part, parts_of_document, parts_of_uri
from azfiles.cassette.operations import carries_request_data, carries_response_data, is_of_files, operation_of
from azfiles.cassette.patterns import (
    CLIENT_ADDRESS_HEADERS,
    CLIENT_ADDRESS_IN_XML,
    CREDENTIAL_HEADERS,
    GUID,
    IPV4,
    LEASE_HEADERS,
    LONE_SIGNATURE,
    MARKS_IN_DATA,
    MASK,
    SECRET_HEADERS,
    URL_HEADERS,
    WHOLE_GUID,
    mask_data,
    mask_name,
    mask_text,
)
from azfiles.errors import InvalidArgument
from azfiles.messages import Buffer

_PIECE_BYTES = 256 * 1024
_TOKEN = re.compile(r"[\w+/%.~-]{8,}={0,2}")
_TOKEN_IN_NAME = re.compile(r"[\w+%.~-]{8,}={0,2}")
_ACCOUNT_PSEUDONYM = re.compile(rf"{PSEUDONYM}\d*")
_SIGNED_ADDRESS = re.compile(r"((?:[?&]|%3f|%26)sip(?:=|%3d))([\d.]+)(-[\d.]+)?", re.IGNORECASE)
_LOCAL_OR_PSEUDONYM = ("127.", "0.0.0.0", "192.0.2.", "198.51.100.", "203.0.113.")  # noqa: S104 - nothing is bound here


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


def check_secrets(secrets: Iterable[str]) -> tuple[str, ...]:
    """The texts that a user wants kept out. Raises ``InvalidArgument`` for one that is too short to be looked for."""
    asked = cast("object", secrets)
    found: tuple[object, ...] = (asked,)
    if isinstance(asked, Iterable) and not isinstance(asked, str):
        found = tuple(cast("Iterable[object]", asked))
    given = tuple(secret for secret in found if isinstance(secret, str))
    if len(given) < len(found):
        raise InvalidArgument("secrets: a list of texts is expected, and this is none")
    if any(len(secret) < SHORTEST_SECRET for secret in given):
        raise InvalidArgument(
            f"secrets: one has fewer than {SHORTEST_SECRET} characters; it would be found in ordinary words, and is not"
            " looked for"
        )
    return given


def scrub_request(request: RecordedRequest, *, leases: Mapping[str, str], secrets: Iterable[str]) -> RecordedRequest:
    """A live request as it would stand in a cassette in which live lease ids became those that ``leases`` says."""
    nothing = Interaction(request, RecordedResponse(0, ""))
    scrubber = _Scrubber(secrets, leases)
    return scrubber.hashes.renew_all(scrubber.scrub(nothing, scrubber.learn(nothing))).request


def scrub_data(buffers: Sequence[Buffer], request: RecordedRequest, *, secrets: Iterable[str]) -> Sequence[Buffer]:
    """A file's content without secrets, as long as before: the same buffers where none is in them, as is usual."""
    found = KnownSecrets((*secrets, *_secrets_in(request)))
    marks = (*MARKS_IN_DATA, *(core.encode("utf-8", "surrogateescape") for core in found.cores))
    if not _holds(buffers, marks):
        return buffers
    return (overwrite(b"".join(buffers), lambda data: mask_data(found.overwrite(data))),)


def map_lease_ids(text: str, leases: Mapping[str, str]) -> str:
    """Text with each GUID that is a key of ``leases``, in any spelling, replaced by its value; one that was written
    without dashes, as in a file's name, is so after it.
    """

    def mapped(found: re.Match[str]) -> str:
        value = leases.get(normalize_lease_id(found[0]), found[0])
        return value if "-" in found[0] else value.replace("-", "")

    return GUID.sub(mapped, text)


def normalize_lease_id(text: str) -> str:
    """One spelling for all spellings of a GUID; what is not a GUID stays as it is."""
    text = text.strip()
    if WHOLE_GUID.fullmatch(text) is None:
        return text
    digits = text.strip("{}()").replace("-", "").lower()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def lease_ids(interaction: Interaction) -> set[str]:
    """The lease ids in the headers of an interaction, in one spelling."""
    answered = () if isinstance(interaction.response, Lost) else interaction.response.headers
    pairs = (*interaction.request.headers, *answered)
    return {normalize_lease_id(value) for name, value in pairs if name.lower() in LEASE_HEADERS}


def account_of(headers: Iterable[tuple[str, str]]) -> str:
    """The account that an Authorization header with a Shared Key names, or ``""``."""
    for name, value in headers:
        if name.lower() == "authorization" and value.startswith("SharedKey"):
            return value.partition(" ")[2].partition(":")[0]
    return ""


class _Scrubber:
    """What a recording taught, and the replacing. Two passes: first ``learn`` from all, then ``scrub`` each."""

    def __init__(
        self, secrets: Iterable[str], leases: Mapping[str, str] | None = None, clean: BodyStore | None = None
    ) -> None:
        self._given = tuple(secrets)
        self._tokens: set[str] = set()
        self._shortest_token: float = math.inf
        self._shortest_secret = min(map(len, self._given), default=math.inf)
        self._accounts: dict[str, str] = {}
        self._addresses: dict[str, str] = {}
        self._harmless: set[str] = set()
        self._leases = dict(leases or {})
        self._clean = clean
        self.hashes = Hashes()

    def __repr__(self) -> str:
        return f"<Scrubber: {len(self._accounts)} accounts, {len(self._leases)} lease ids>"

    # --- first pass ---

    def learn(self, interaction: Interaction) -> set[str]:
        """Take in what is to be replaced; returns the secrets that the request carries itself."""
        request, response = interaction.request, interaction.response
        named = account_of(request.headers)
        self._learn_account(parse_uri(request.uri, account=named).account)
        self._learn_account(named)
        tokens = _secrets_in(request)
        self._tokens |= tokens
        self._shortest_token = min((self._shortest_token, *map(len, tokens)))
        self._shortest_secret = min(self._shortest_secret, self._shortest_token)
        answered = () if isinstance(response, Lost) else response.headers
        for name, value in (*request.headers, *answered):
            lowered = name.lower()
            if lowered in LEASE_HEADERS:
                self._learn_lease(value)
            elif lowered in URL_HEADERS:
                self._learn_account(parse_uri(value).account)
        return tokens

    def _learn_account(self, name: str) -> None:
        name = name.lower()
        if name and name not in self._accounts and not _ACCOUNT_PSEUDONYM.fullmatch(name):
            number = len(self._accounts) + 1
            self._accounts[name] = PSEUDONYM if number == 1 else f"{PSEUDONYM}{number}"

    def _learn_lease(self, value: str) -> None:
        lease_id = normalize_lease_id(value)
        if lease_id and lease_id not in self._leases:
            number = len(set(self._leases.values())) + 1
            is_guid = WHOLE_GUID.fullmatch(lease_id) is not None
            self._leases[lease_id] = f"00000000-0000-4000-8000-{number:012x}" if is_guid else f"not-a-guid-{number}"

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
            return self._leases.get(normalize_lease_id(value), value)
        if name == "host":
            value = rename_account_in_host(value, self._pseudonym)
        elif name in URL_HEADERS:
            return self._uri(value, secrets)
        elif name in CLIENT_ADDRESS_HEADERS:
            value = IPV4.sub(self._address, value)
        return self._text(value, secrets, refused=refused)

    def _uri(self, uri: str, secrets: KnownSecrets, *, account: str = "", of_files: bool = True) -> str:
        uri = rename_account(uri, self._pseudonym, account=account)
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
        text = CLIENT_ADDRESS_IN_XML.sub(self._address, text)
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
        return map_lease_ids(text, self._leases) if self._leases else text

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
        if self._leases:
            text = map_lease_ids(text, self._leases)
        text = rename_accounts_in_text(text, self._known_pseudonym, in_host=self._pseudonym)
        if "sip" in text:
            text = _SIGNED_ADDRESS.sub(self._signed_address, text)
        if refused:
            text = IPV4.sub(self._address, LONE_SIGNATURE.sub(MASK, text))
            for account, pseudonym in self._accounts.items():
                if account in text:
                    text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(account)}(?![A-Za-z0-9])", pseudonym, text)
        elif text == before and len(text) < self._shortest_secret:
            self._harmless.add(text)  # it is too short for a secret of any other interaction
        return text

    def _token(self, found: re.Match[str]) -> str:
        token = found[0]
        return MASK if token in self._tokens or unquote(token) in self._tokens else token

    def _pseudonym(self, account: str) -> str:
        self._learn_account(account)
        return self._accounts.get(account.lower(), account)

    def _known_pseudonym(self, account: str) -> str:
        return self._accounts.get(account.lower(), account)

    def _address(self, found: re.Match[str]) -> str:
        return self._pseudonym_of_address(found[0])

    def _signed_address(self, found: re.Match[str]) -> str:
        first, last = found[2], found[3]
        return (
            found[1] + self._pseudonym_of_address(first) + (f"-{self._pseudonym_of_address(last[1:])}" if last else "")
        )

    def _pseudonym_of_address(self, address: str) -> str:
        if address.startswith(_LOCAL_OR_PSEUDONYM):
            return address
        return self._addresses.setdefault(address, f"192.0.2.{len(self._addresses) % 254 + 1}")


def _may_name_secrets(text: str) -> bool:
    """Whether it matters in a document where names stand; in most, and in nearly all long ones, it does not."""
    return "ccountName" in text or "sip" in text or mask_text(text) != text


def _secrets_in(request: RecordedRequest) -> set[str]:
    """Signatures and tokens that a request carries: they may come back in an error's text."""
    found = {value for name, value in parse_uri(request.uri).query if name == "sig"}
    for name, value in request.headers:
        lowered = name.lower()
        if lowered in CREDENTIAL_HEADERS:
            scheme, _, rest = value.partition(" ")
            found.add(rest.rpartition(":")[2] if scheme.startswith("SharedKey") else rest or scheme)
        elif lowered in SECRET_HEADERS:
            found.add(value)
        elif lowered in URL_HEADERS:
            found |= {item for key, item in parse_uri(value).query if key == "sig"}
    return {secret for secret in found if len(secret) >= SHORTEST_SECRET and secret != MASK}


def _holds(buffers: Sequence[Buffer], marks: Sequence[bytes]) -> bool:
    """Whether any of the marks is in the bytes, also across buffers; looked at in pieces, so that nothing is copied
    whole.
    """
    overlap = max(map(len, marks)) - 1
    tail = b""
    for buffer in buffers:
        view = memoryview(buffer).cast("B")
        for start in range(0, len(view), _PIECE_BYTES):
            piece = tail + bytes(view[start : start + _PIECE_BYTES])
            if any(mark in piece for mark in marks):
                return True
            tail = piece[-overlap:]
    return False


__all__ = [
    "account_of",
    "check_secrets",
    "lease_ids",
    "map_lease_ids",
    "normalize_lease_id",
    "scrub_data",
    "scrub_interactions",
    "scrub_request",
]
