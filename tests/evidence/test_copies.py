"""A copy that is pending: between accounts, at a speed."""

from __future__ import annotations

import pytest

from azfiles_sim import Reply
from azfiles_sim.model.quirks import Quirks
from tests.versions.examples import LEASE
from tests.wire.asking import ACCOUNT, NEWEST, OTHER, OTHER_KEY, Asker, account_sas, code, header, xml

FILE = "/mine/copy"
ABORT = ("x-ms-copy-action", "abort")


@pytest.fixture
def asker() -> Asker:
    asker = Asker(quirks=Quirks(pending_copy_bytes_per_s=1)).with_share()
    assert ask(asker, "PUT", "/mine?restype=share").status == 201
    return asker


def ask(asker: Asker, method: str, target: str, *headers: tuple[str, str]) -> Reply:
    return asker.ask(method, target, *headers, account=OTHER, key=OTHER_KEY)


def begin(asker: Asker) -> Reply:
    source = f"https://{ACCOUNT}.file.core.windows.net/data/d/f?{account_sas(sp='r')}"
    return ask(asker, "PUT", FILE, ("x-ms-copy-source", source))


@pytest.mark.evidence(operation="F14", source="document:abort-copy-file")
def test_a_pending_copy_is_aborted_without_a_body_or_an_etag(asker: Asker) -> None:
    copy_id = header(begin(asker), "x-ms-copy-id")
    reply = ask(asker, "PUT", f"{FILE}?comp=copy&copyid={copy_id}", ABORT)
    assert (reply.status, reply.reason, header(reply, "ETag")) == (204, "No Content", None)
    assert header(reply, "x-ms-version") == NEWEST
    assert header(ask(asker, "HEAD", FILE), "x-ms-copy-status") == "aborted"


@pytest.mark.evidence(error="CopyIdMismatch", source="document:common-rest-api-error-codes")
def test_another_copys_id_aborts_nothing(asker: Asker) -> None:
    begin(asker)
    is_refused(ask(asker, "PUT", f"{FILE}?comp=copy&copyid={LEASE}", ABORT), "CopyIdMismatch")


@pytest.mark.evidence(error="PendingCopyOperation", source="document:common-rest-api-error-codes")
def test_a_file_that_is_being_copied_onto_takes_no_other_copy(asker: Asker) -> None:
    begin(asker)
    is_refused(begin(asker), "PendingCopyOperation")


def is_refused(reply: Reply, error: str) -> None:
    assert (reply.status, code(reply), header(reply, "Content-Type")) == (409, error, "application/xml")
    assert xml(reply).findtext("Code") == error
