"""Bearer tokens in development mode, user delegation keys, and the signatures made with them."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from azure.storage.fileshare import (
    FileSasPermissions,
    ShareSasPermissions,
    UserDelegationKey,
    generate_file_sas,
    generate_share_sas,
)

from azfiles_sim import Connection, Reply, Request, Simulator

from .asking import ACCOUNT, NEWEST, START, Asker, code, content, detail, encode, header, sign, xml

TENANT = "11111111-1111-1111-1111-111111111111"
USER = "22222222-2222-2222-2222-222222222222"
OTHER_USER = "33333333-3333-3333-3333-333333333333"
INTENT = ("x-ms-file-request-intent", "backup")
KEY_TARGET = "/?restype=service&comp=userdelegationkey"


def claims(**changed: Any) -> dict[str, Any]:
    now = int(START.timestamp())
    given = {
        "aud": "https://storage.azure.com/",
        "iss": f"https://sts.windows.net/{TENANT}/",
        "tid": TENANT,
        "oid": USER,
        "nbf": now - 60,
        "exp": now + 3600,
        **changed,
    }
    return {name: value for name, value in given.items() if value is not None}


def token(content: Any = None, **changed: Any) -> str:
    parts = ({"alg": "none", "typ": "JWT"}, claims(**changed) if content is None else content)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


def send(
    asker: Asker,
    method: str,
    target: str,
    *headers: tuple[str, str],
    bearer: str | None = None,
    version: str | None = NEWEST,
    tls: bool = True,
    body: bytes = b"",
) -> Reply:
    pairs = [INTENT, ("Authorization", f"Bearer {token() if bearer is None else bearer}"), *headers]
    if version is not None:
        pairs.append(("x-ms-version", version))
    if body:
        pairs.append(("Content-Length", str(len(body))))
    request = Request(method, f"/{ACCOUNT}{target}", pairs, (body,) if body else ())
    return asker.send(request, Connection(tls=tls))


def developing(**options: Any) -> Asker:
    return Asker(bearer="development", **options).with_share()


# --- tokens ----------------------------------------------------------------------------------------------------


def test_a_token_is_refused_with_a_challenge_unless_the_simulator_was_told_to_take_it() -> None:
    reply = send(Asker().with_share(), "GET", "/data/d/f")
    assert (reply.status, code(reply)) == (401, "InvalidAuthenticationInfo")
    assert header(reply, "WWW-Authenticate") == (
        "Bearer authorization_uri=https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/oauth2/authorize "
        "resource_id=https://storage.azure.com"
    )
    assert header(reply, "Server") == "Microsoft-HTTPAPI/2.0"
    assert header(reply, "x-ms-version") is None
    assert token()[20:] not in content(reply).decode()


def test_there_are_two_modes() -> None:
    with pytest.raises(ValueError, match="refused, development"):
        Simulator(bearer="trusting")


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"iss": f"https://login.microsoftonline.com/{TENANT}/v2.0"},
        {"aud": "https://storage.azure.com"},
        {"aud": f"https://{ACCOUNT}.file.core.windows.net"},
        {"nbf": None},
    ],
)
def test_a_token_whose_claims_hold_reads_files_shares_and_the_service(changed: dict[str, Any]) -> None:
    asker = developing()
    for target in ("/data/d/f", "/data?restype=share", "/?comp=list"):
        assert send(asker, "GET", target, bearer=token(**changed)).status == 200


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (
            {"iss": "https://sts.windows.net/99999999-9999-9999-9999-999999999999/"},
            "Issuer validation failed. Issuer did not match.",
        ),
        ({"iss": "https://accounts.example/"}, "Issuer validation failed. Issuer did not match."),
        ({"tid": None}, "Issuer validation failed. Issuer did not match."),
        ({"aud": "https://badaudience.file.core.windows.net"}, "Audience validation failed. Audience did not match."),
        ({"aud": "https://management.azure.com/"}, "Audience validation failed. Audience did not match."),
        ({"aud": ["https://storage.azure.com/"]}, "Audience validation failed. Audience did not match."),
        ({"exp": int(START.timestamp()) - 3600}, "Lifetime validation failed. The token is expired."),
        ({"exp": None}, "Lifetime validation failed. The token has no expiration time."),
        ({"exp": True}, "Lifetime validation failed. The token has no expiration time."),
        ({"nbf": int(START.timestamp()) + 3600}, "Lifetime validation failed. The token is not yet valid."),
        ({"oid": None}, "The token names no user or application."),
    ],
)
def test_a_token_with_a_claim_that_does_not_hold_is_401_and_says_which(changed: dict[str, Any], reason: str) -> None:
    reply = send(developing(), "GET", "/data/d/f", bearer=token(**changed))
    assert (reply.status, code(reply), detail(reply)) == (401, "InvalidAuthenticationInfo", reason)
    assert reply.reason.endswith("Please refer to the information in the www-authenticate header.")
    assert header(reply, "WWW-Authenticate") is not None
    assert header(reply, "x-ms-version") is None


@pytest.mark.parametrize("bearer", ["", "abc", "a.b.c", "a.ÿ.c", "a.W10.c", token(content=["x"])])
def test_what_is_no_token_is_401(bearer: str) -> None:
    reply = send(developing(), "GET", "/data/d/f", bearer=bearer)
    assert (reply.status, code(reply)) == (401, "InvalidAuthenticationInfo")


def test_a_token_ages_with_the_clock() -> None:
    asker = developing()
    asker.advance(3600 + 299)
    assert send(asker, "GET", "/data/d/f").status == 200
    asker.advance(1)
    assert detail(send(asker, "GET", "/data/d/f")) == "Lifetime validation failed. The token is expired."


def test_with_a_tenant_only_its_tokens_are_taken_and_callers_are_sent_there() -> None:
    asker = developing(tenant=TENANT)
    assert send(asker, "GET", "/data/d/f").status == 200
    other = "44444444-4444-4444-4444-444444444444"
    reply = send(asker, "GET", "/data/d/f", bearer=token(tid=other, iss=f"https://sts.windows.net/{other}/"))
    assert detail(reply) == "Issuer validation failed. Issuer did not match."
    assert f"https://login.microsoftonline.com/{TENANT}/oauth2" in (header(reply, "WWW-Authenticate") or "")


def test_the_tenant_is_a_guid_in_any_spelling() -> None:
    other = "ABCDEFAB-0000-0000-0000-00000000000A"
    asker, bearer = developing(tenant=other), token(tid=other.lower(), iss=f"https://sts.windows.net/{other.lower()}/")
    assert send(asker, "GET", "/data/d/f", bearer=bearer).status == 200


def test_a_token_needs_https_a_version_and_the_intent() -> None:
    asker = developing()
    assert code(send(asker, "GET", "/data/d/f", tls=False)) == "AuthenticationFailed"
    assert code(send(asker, "GET", "/data/d/f", version="2021-12-02")) == "AuthenticationFailed"
    assert send(asker, "GET", "/data/d/f", version="2022-11-02").status == 200
    reply = send(asker, "GET", "/data?restype=share", version="2024-08-04")
    assert (reply.status, code(reply)) == (403, "AuthorizationFailure")
    assert reply.reason == (
        "This API does not support bearer tokens. For OAuth, use the Storage Resource Provider APIs instead. "
        "Learn more: https://aka.ms/azurefiles/restapi."
    )
    pairs = [("x-ms-version", NEWEST), ("Authorization", f"Bearer {token()}")]
    reply = asker.send(Request("GET", f"/{ACCOUNT}/data/d/f", pairs), Connection(tls=True))
    assert (reply.status, code(reply)) == (400, "MissingRequiredHeader")
    assert xml(reply).findtext("HeaderName") == "x-ms-file-request-intent"


# --- user delegation keys --------------------------------------------------------------------------------------

WEEK = "<KeyInfo><Start>2026-05-04T03:00:00Z</Start><Expiry>2026-05-05T03:00:00Z</Expiry>{more}</KeyInfo>"


def key_of(asker: Asker, more: str = "", **options: Any) -> UserDelegationKey:
    reply = send(asker, "POST", KEY_TARGET, body=WEEK.format(more=more).encode(), **options)
    assert (reply.status, header(reply, "Content-Type")) == (200, "application/xml")
    root = xml(reply)
    key = UserDelegationKey()
    key.signed_oid, key.signed_tid = root.findtext("SignedOid"), root.findtext("SignedTid")
    key.signed_start, key.signed_expiry = root.findtext("SignedStart"), root.findtext("SignedExpiry")
    key.signed_service, key.signed_version = root.findtext("SignedService"), root.findtext("SignedVersion")
    key.signed_delegated_user_tid, key.value = root.findtext("SignedDelegatedUserTid"), root.findtext("Value")
    return key


def test_a_key_is_given_without_an_intent_which_its_request_has_no_header_for() -> None:
    body = WEEK.format(more="").encode()
    pairs = [
        ("x-ms-version", NEWEST),
        ("Authorization", f"Bearer {token()}"),
        ("Content-Length", str(len(body))),
    ]
    reply = developing().send(Request("POST", f"/{ACCOUNT}{KEY_TARGET}", pairs, (body,)), Connection(tls=True))
    assert (reply.status, xml(reply).findtext("SignedOid")) == (200, USER)


def test_a_key_says_whose_it_is_and_how_long() -> None:
    reply = send(developing(), "POST", KEY_TARGET, body=WEEK.format(more="").encode())
    found = [(child.tag, child.text) for child in xml(reply)]
    assert found[:-1] == [
        ("SignedOid", USER),
        ("SignedTid", TENANT),
        ("SignedStart", "2026-05-04T03:00:00Z"),
        ("SignedExpiry", "2026-05-05T03:00:00Z"),
        ("SignedService", "f"),
        ("SignedVersion", NEWEST),
    ]
    assert found[-1][0] == "Value"
    assert len(base64.b64decode(found[-1][1] or "")) == 32


def test_a_key_comes_from_the_seed_and_from_what_it_says() -> None:
    first = key_of(developing()).value
    assert key_of(developing()).value == first
    assert key_of(developing(seed=1)).value != first
    assert key_of(developing(), bearer=token(oid=OTHER_USER)).value != first
    assert key_of(developing(), f"<DelegatedUserTid>{TENANT}</DelegatedUserTid>").signed_delegated_user_tid == TENANT


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "InvalidXmlDocument"),
        (b"<Key />", "InvalidXmlDocument"),
        (b"<KeyInfo />", "MissingRequiredXmlNode"),
        (b"<KeyInfo><Expiry>soon</Expiry></KeyInfo>", "InvalidXmlNodeValue"),
        (b"<KeyInfo><Expiry>2026-05-04T03:02:01Z</Expiry></KeyInfo>", "InvalidXmlNodeValue"),
        (b"<KeyInfo><Expiry>2026-05-11T03:02:02Z</Expiry></KeyInfo>", "InvalidXmlNodeValue"),
        (b"<KeyInfo><Start>2026-05-06</Start><Expiry>2026-05-05</Expiry></KeyInfo>", "InvalidXmlNodeValue"),
        (
            b"<KeyInfo><Expiry>2026-05-05</Expiry><DelegatedUserTid>me</DelegatedUserTid></KeyInfo>",
            "InvalidXmlNodeValue",
        ),
        (b"<KeyInfo><Expiry>2026-05-05</Expiry><SignedOid>me</SignedOid></KeyInfo>", "UnsupportedXmlNode"),
    ],
)
def test_a_key_is_asked_for_rightly_or_not_given(body: bytes, expected: str) -> None:
    reply = send(developing(), "POST", KEY_TARGET, body=body)
    assert (reply.status, code(reply)) == (400, expected)


def test_a_key_without_a_start_holds_from_now_and_for_a_week_at_most() -> None:
    body = b"<KeyInfo><Expiry>2026-05-11T03:02:01Z</Expiry></KeyInfo>"
    assert xml(send(developing(), "POST", KEY_TARGET, body=body)).findtext("SignedStart") == "2026-05-04T03:02:01Z"


def test_keys_are_for_callers_with_a_token_and_begin_with_their_version() -> None:
    asker = developing()
    body = WEEK.format(more="").encode()
    reply = asker.ask("POST", KEY_TARGET, body=body)
    assert (reply.status, code(reply)) == (403, "AuthenticationFailed")
    assert detail(reply) == "Only authentication scheme Bearer is supported"
    assert code(send(asker, "POST", KEY_TARGET, body=body, version="2025-11-05")) == "InvalidQueryParameterValue"
    assert send(asker, "POST", KEY_TARGET, body=body, version="2026-02-06").status == 200
    more = WEEK.format(more=f"<DelegatedUserTid>{TENANT}</DelegatedUserTid>").encode()
    assert code(send(asker, "POST", KEY_TARGET, body=more, version="2026-02-06")) == "UnsupportedXmlNode"
    assert send(asker, "POST", KEY_TARGET, body=more, version="2026-04-06").status == 200


# --- user delegation SAS ---------------------------------------------------------------------------------------


def share_sas(asker: Asker, key: UserDelegationKey, permission: str = "rl", hours: float = 1, **more: Any) -> str:
    return generate_share_sas(
        ACCOUNT, "data", permission=ShareSasPermissions.from_string(permission), user_delegation_key=key,
        expiry=asker.now + timedelta(hours=hours), **more,
    )  # fmt: skip


def delegated(key: UserDelegationKey, **changed: str) -> str:
    """A share SAS, written out by the twenty lines."""
    names = (
        "sp", "st", "se", "resource", "skoid", "sktid", "skt", "ske", "sks", "skv", "skdutid", "sduoid", "sip", "spr",
        "sv", "rscc", "rscd", "rsce", "rscl", "rsct",
    )  # fmt: skip
    values = {
        "sp": "rl", "se": "2026-05-05T00:00:00Z", "skoid": key.signed_oid, "sktid": key.signed_tid,
        "skt": key.signed_start, "ske": key.signed_expiry, "sks": key.signed_service, "skv": key.signed_version,
        "skdutid": key.signed_delegated_user_tid or "", "sv": NEWEST, "sr": "s", **changed,
    }  # fmt: skip
    text = "\n".join({**values, "resource": f"/file/{ACCOUNT}/data"}.get(name, "") or "" for name in names)
    signature = sign(text, base64.b64decode(key.value or ""))
    return encode({name: value for name, value in values.items() if value} | {"sig": signature})


def test_the_official_sdks_user_delegation_sas_is_accepted_for_a_share_and_a_file() -> None:
    asker = developing()
    key = key_of(asker)
    sas = share_sas(asker, key)
    assert asker.with_sas("GET", "/data/d?restype=directory&comp=list", sas).status == 200
    assert code(asker.with_sas("DELETE", "/data/d/f", sas)) == "AuthorizationPermissionMismatch"
    assert code(asker.with_sas("GET", "/data?restype=share", sas)) == "AuthorizationFailure"
    sas = generate_file_sas(
        ACCOUNT, "data", ["d", "f"], permission=FileSasPermissions(read=True), user_delegation_key=key,
        expiry=asker.now + timedelta(hours=1), content_type="text/plain",
    )  # fmt: skip
    reply = asker.with_sas("GET", "/data/d/f", sas)
    assert (reply.status, header(reply, "Content-Type")) == (200, "text/plain")
    assert code(asker.with_sas("GET", "/data/d?restype=directory", sas)) == "AuthenticationFailed"


def test_a_signature_by_another_key_or_with_a_changed_field_does_not_hold() -> None:
    asker = developing()
    key = key_of(asker)
    sas = delegated(key)
    assert asker.with_sas("GET", "/data/d/f", sas).status == 200
    for changed in (
        sas.replace(USER, OTHER_USER),
        sas.replace("2026-05-05T03", "2026-05-06T03"),
        sas.replace("sp=rl", "sp=rwl"),
    ):
        reply = asker.with_sas("GET", "/data/d/f", changed)
        assert (reply.status, code(reply)) == (403, "AuthenticationFailed")
        assert detail(reply).startswith("Signature did not match. String to sign used was ")


def test_a_key_that_no_longer_holds_makes_no_signature_hold() -> None:
    asker = developing()
    key = key_of(asker)
    sas = share_sas(asker, key, hours=100)
    asker.advance((datetime.fromisoformat(key.signed_expiry or "") - asker.now).total_seconds() - 1)
    assert asker.with_sas("GET", "/data/d/f", sas).status == 200
    asker.advance(1)
    assert "user delegation key" in detail(asker.with_sas("GET", "/data/d/f", sas))


@pytest.mark.parametrize(
    "changed",
    [
        {"sv": "2025-11-05"},
        {"si": "policy"},
        {"sks": "b"},
        {"sp": "lr"},
        {"sr": "d"},
        {"skoid": ""},
        {"skdutid": TENANT},
        {"se": "2026-05-04T03:00:00Z"},
    ],
)
def test_a_delegated_signature_with_a_wrong_field_is_403(changed: dict[str, str]) -> None:
    asker = developing()
    key = key_of(asker, f"<DelegatedUserTid>{TENANT}</DelegatedUserTid>" if "skdutid" in changed else "")
    reply = asker.with_sas("GET", "/data/d/f", delegated(key, **changed))
    assert (reply.status, code(reply)) == (403, "AuthenticationFailed")


def test_a_signature_for_one_user_needs_that_users_token_too() -> None:
    asker = developing()
    sas = share_sas(asker, key_of(asker), user_delegation_oid=OTHER_USER)
    assert f"sduoid={OTHER_USER}" in sas
    assert "token of the user" in detail(asker.with_sas("GET", "/data/d/f", sas))
    assert "token of the user" in detail(send(asker, "GET", f"/data/d/f?{sas}"))
    theirs = token(oid=OTHER_USER)
    assert send(asker, "GET", f"/data/d/f?{sas}", bearer=theirs).status == 200
    assert code(send(asker, "DELETE", f"/data/d/f?{sas}", bearer=theirs)) == "AuthorizationPermissionMismatch"


def test_a_user_of_another_tenant_is_named_with_it() -> None:
    asker = developing()
    other = "44444444-4444-4444-4444-444444444444"
    key = key_of(asker, f"<DelegatedUserTid>{other}</DelegatedUserTid>")
    sas = share_sas(asker, key, user_delegation_oid=OTHER_USER)
    assert "token of the user" in detail(send(asker, "GET", f"/data/d/f?{sas}", bearer=token(oid=OTHER_USER)))
    theirs = token(oid=OTHER_USER, tid=other, iss=f"https://sts.windows.net/{other}/")
    assert send(asker, "GET", f"/data/d/f?{sas}", bearer=theirs).status == 200


def test_no_secret_of_delegation_shows_in_a_repr() -> None:
    asker = developing()
    secret = asker.simulator._service.tokens.secret
    assert secret
    assert repr(secret) not in repr(asker.simulator._service.tokens)
