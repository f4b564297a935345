"""Who is not let in: status, code, text and the headers that a front end leaves out."""

from __future__ import annotations

import pytest

from azfiles_sim import Connection, Reply, Request
from tests.versions.examples import new_world
from tests.wire.asking import ACCOUNT, NEWEST, UPDATE, account_sas, code, detail, header, service_sas, xml
from tests.wire.test_bearer import developing, send

FORBIDDEN = "This request is not authorized to perform this operation"
SIGNATURE = (
    "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly "
    "including the signature."
)
CHALLENGE = "Server failed to authenticate the request. Please refer to the information in the www-authenticate header."
FILE = "/data/d/f"


def is_refused(reply: Reply, status: int, error: str, text: str) -> None:
    assert (reply.status, code(reply), reply.reason) == (status, error, text)
    assert header(reply, "x-ms-request-id")
    assert header(reply, "Content-Type") == "application/xml"


@pytest.mark.evidence(error="AuthenticationFailed", source="document:common-rest-api-error-codes")
def test_a_wrong_signature_is_403_and_says_what_was_signed() -> None:
    reply = new_world().ask("GET", FILE, key=b"another")
    is_refused(reply, 403, "AuthenticationFailed", SIGNATURE)
    assert detail(reply)


@pytest.mark.evidence(
    error="NoAuthenticationInformation", source="recorded:azure-sdk-assets, no credential, 2026-02-06"
)
def test_nobody_is_challenged() -> None:
    reply = new_world().send(Request("GET", f"/{ACCOUNT}{FILE}", [("x-ms-version", NEWEST)]))
    is_refused(reply, 401, "NoAuthenticationInformation", CHALLENGE)
    assert (header(reply, "WWW-Authenticate") or "").startswith("Bearer ")


@pytest.mark.evidence(error="InvalidAuthenticationInfo", source="recorded:azure-sdk-assets test_bad_audience")
def test_a_token_that_is_none_is_challenged() -> None:
    pairs = [("x-ms-version", NEWEST), ("Authorization", "Bearer nonsense"), ("x-ms-file-request-intent", "backup")]
    reply = new_world().send(Request("GET", f"/{ACCOUNT}{FILE}", pairs), Connection(tls=True))
    is_refused(reply, 401, "InvalidAuthenticationInfo", CHALLENGE)
    assert (header(reply, "WWW-Authenticate") or "").startswith("Bearer ")


@pytest.mark.evidence(error="AuthorizationFailure", source="recorded:azure-sdk-for-net CreateAsync_WithFileServiceSas")
def test_a_share_sas_reaches_no_operation_of_the_share_itself() -> None:
    reply = new_world().with_sas("GET", "/data?restype=share", service_sas("data", sr="s", sp="rwdl"))
    is_refused(reply, 403, "AuthorizationFailure", f"{FORBIDDEN}.")


@pytest.mark.evidence(error="AuthorizationPermissionMismatch", source="recorded:azure-sdk-assets, azure-sdk-for-net")
def test_a_sas_without_the_letter_may_not() -> None:
    reply = new_world().with_sas("DELETE", FILE, service_sas("data/d/f", sp="r"))
    is_refused(reply, 403, "AuthorizationPermissionMismatch", f"{FORBIDDEN} using this permission.")


@pytest.mark.evidence(error="AuthorizationProtocolMismatch", source="sdk:azure-storage-file-share _enums.py")
def test_a_sas_for_https_is_no_good_over_http() -> None:
    reply = new_world().with_sas(
        "GET", FILE, service_sas("data/d/f", spr="https"), connection=Connection("127.0.0.1", tls=False)
    )
    is_refused(reply, 403, "AuthorizationProtocolMismatch", f"{FORBIDDEN} using this protocol.")


@pytest.mark.evidence(error="AuthorizationSourceIPMismatch", source="sdk:azure-storage-file-share _enums.py")
def test_a_sas_for_an_address_is_no_good_from_another() -> None:
    reply = new_world().with_sas(
        "GET", FILE, service_sas("data/d/f", sip="203.0.113.1"), connection=Connection("198.51.100.1", tls=True)
    )
    is_refused(reply, 403, "AuthorizationSourceIPMismatch", f"{FORBIDDEN} using this source IP.")


@pytest.mark.evidence(error="AuthorizationServiceMismatch", source="sdk:azure-storage-file-share _enums.py")
def test_an_account_sas_for_another_service_is_no_good_here() -> None:
    reply = new_world().with_sas("GET", FILE, account_sas(ss="b"))
    is_refused(reply, 403, "AuthorizationServiceMismatch", f"{FORBIDDEN} using this service.")


@pytest.mark.evidence(error="AuthorizationResourceTypeMismatch", source="sdk:azure-storage-file-share _enums.py")
def test_an_account_sas_for_other_resources_is_no_good_here() -> None:
    reply = new_world().with_sas("GET", FILE, account_sas(srt="s"))
    is_refused(reply, 403, "AuthorizationResourceTypeMismatch", f"{FORBIDDEN} using this resource type.")


@pytest.mark.evidence(error="MissingContentLengthHeader", source="document:common-rest-api-error-codes")
def test_a_write_over_a_network_without_a_length_is_411() -> None:
    target = f"/{ACCOUNT}{FILE}?comp=range&{service_sas('data/d/f', sp='w')}"
    request = Request("PUT", target, [("x-ms-version", NEWEST), *UPDATE], (b"abcd",))
    reply = new_world().send(request, Connection("127.0.0.1"))
    is_refused(reply, 411, "MissingContentLengthHeader", "Content-Length HTTP header is not specified.")


@pytest.mark.evidence(operation="V4", source="sdk:azure-storage-file-share 12.24.0b1, get_user_delegation_key")
def test_a_user_gets_a_delegation_key_with_all_its_parts() -> None:
    body = b"<KeyInfo><Start>2026-05-04T00:00:00Z</Start><Expiry>2026-05-05T00:00:00Z</Expiry></KeyInfo>"
    reply = send(developing(), "POST", "/?restype=service&comp=userdelegationkey", body=body)
    assert (reply.status, header(reply, "x-ms-version"), header(reply, "ETag")) == (200, NEWEST, None)
    document = xml(reply)
    assert document.tag == "UserDelegationKey"
    assert [child.tag for child in document] == [
        "SignedOid", "SignedTid", "SignedStart", "SignedExpiry", "SignedService", "SignedVersion", "Value",
    ]  # fmt: skip
    assert document.findtext("SignedExpiry") == "2026-05-05T00:00:00Z"
