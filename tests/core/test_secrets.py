"""Secrets planted in every place that takes one never come out in a repr or an error."""

from __future__ import annotations

import base64
import traceback
from dataclasses import replace

import pytest

from azfiles.core import copying, files, leases, ranges
from azfiles.core.connection import read_connection_string
from azfiles.core.from_url import put_range_from_url
from azfiles.core.requests import parse
from azfiles.core.sas import make_account_sas, make_file_sas
from azfiles.credentials import Credential, Sas, SharedKey, Token
from azfiles.errors import AzureFilesError
from azfiles.messages import Headers, Response

from .builders import NOW, context, request_of

LEASE = "5ec2e700-0000-4000-8000-00005ec2e700"
SECRET = "hush123hush123"
KEY = SharedKey("acct", base64.b64encode(SECRET.encode()).decode())


class Tokens:
    text = SECRET

    def get_token(self, *scopes: str, **kwargs: object) -> object:
        return self

    def __repr__(self) -> str:
        return f"Tokens({self.text})"


CREDENTIALS: list[Credential] = [KEY, Sas(f"sv=1&sig={SECRET}"), Token(Tokens())]
OPERATIONS = [
    copying.start_copy("share", ("f",), f"https://h/s/f?sv=1&sig={SECRET}", lease_id=LEASE),
    files.rename_file("share", ("f",), ("g",), source_lease_id=LEASE, destination_lease_id=LEASE),
    ranges.put_range("share", ("f",), 0, SECRET.encode(), lease_id=LEASE),
    leases.change_share_lease("share", LEASE, LEASE),
    put_range_from_url("share", ("f",), 0, 1, f"https://h/s/f?sig={SECRET}", 0, source_token=SECRET, lease_id=LEASE),
]
REPLIES = [
    Response(200, "OK", Headers()),
    Response(201, "Created", Headers((("ETag", '"0x1"'), ("Last-Modified", "never")))),
    Response(202, "Accepted", Headers()),
    Response(403, f"No: sig={SECRET}", Headers((("x-ms-error-code", "AuthenticationFailed"),))),
    Response(
        403,
        "No",
        Headers(),
        (
            "<Error><Code>AuthenticationFailed</Code><Message>No</Message><AuthenticationErrorDetail>"
            f"PUT\nx-ms-copy-source:https://h/s/f?sv=1&amp;sig={SECRET}\nx-ms-lease-id:{LEASE}\n/acct/share\nsig:x"
            "</AuthenticationErrorDetail></Error>"
        ).encode(),
    ),
]


def _planted() -> list[str]:
    return [SECRET, LEASE, KEY.key]


@pytest.mark.parametrize("credential", CREDENTIALS, ids=lambda credential: type(credential).__name__)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: str(reply.status))
def test_no_repr_and_no_error_shows_a_planted_secret(credential, operation, reply):
    request = request_of(operation, credential=credential, token=SECRET)
    shown = [repr(operation), repr(request), repr(context(credential=credential, token=SECRET)), repr(credential)]
    try:
        shown.append(repr(parse(operation, request, reply)))
    except AzureFilesError as error:
        shown += [repr(error), "".join(traceback.format_exception(error)), repr(vars(error))]
    for secret in _planted():
        assert all(secret not in text for text in shown)


def test_the_same_secrets_are_in_what_is_sent_so_the_test_above_means_something():
    request = request_of(OPERATIONS[0], credential=CREDENTIALS[2], token=SECRET)
    assert any(SECRET in value for _, value in request.headers)
    assert SECRET in request_of(OPERATIONS[1], credential=CREDENTIALS[1]).target


def test_what_holds_a_credential_does_not_show_it():
    text = f"AccountName=acct;AccountKey={KEY.key}"
    found = read_connection_string(text)
    assert found[1] == KEY
    assert KEY.key not in repr(found)
    assert KEY.key not in repr(replace(context(credential=KEY), token=None))


def test_a_signature_that_was_made_is_shown_by_nothing_but_its_token():
    for sas in (make_account_sas(KEY, now=NOW), make_file_sas(KEY, "share", ("f",), now=NOW)):
        signature = sas.token.partition("sig=")[2]
        assert len(signature) > 40
        assert signature not in f"{sas!r} {sas}"
