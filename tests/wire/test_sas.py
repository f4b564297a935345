"""Shared access signatures: the official SDK's generators as referee, then each refusal with its code."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from azure.storage.fileshare import (
    AccountSasPermissions,
    FileSasPermissions,
    ResourceTypes,
    ShareSasPermissions,
    generate_account_sas,
    generate_file_sas,
    generate_share_sas,
)

from azfiles_sim import AccountSpec, Connection, Simulator
from azfiles_sim.model import names
from azfiles_sim.wire import sas as signatures
from azfiles_sim.wire.forms import FORMS
from azfiles_sim.wire.header_names import HEADER_NAMES
from azfiles_sim.wire.operations import OPERATIONS
from azfiles_sim.wire.query import QUERIES

from .asking import (
    ACCOUNT,
    CREATE,
    KEY,
    OTHER_KEY,
    SECOND_KEY,
    UPDATE,
    Asker,
    account_sas,
    code,
    content,
    detail,
    header,
    service_sas,
)

TEXT_KEY = base64.b64encode(KEY).decode()
LEASE = (("x-ms-lease-action", "acquire"), ("x-ms-lease-duration", "-1"))


def test_the_official_sdks_file_sas_is_accepted() -> None:
    asker = Asker().with_share()
    sas = generate_file_sas(
        ACCOUNT, "data", ["d", "f"], account_key=TEXT_KEY, permission=FileSasPermissions(read=True),
        expiry=asker.now + timedelta(hours=1), start=asker.now, protocol="https,http", ip="127.0.0.1",
        content_type="text/plain", content_disposition="attachment; filename=a b", cache_control="no-cache",
        content_encoding="x-none", content_language="de",
    )  # fmt: skip
    reply = asker.with_sas("GET", "/data/d/f", sas)
    assert (reply.status, content(reply)[:4]) == (200, b"abcd")
    assert header(reply, "Content-Type") == "text/plain"
    assert header(reply, "Content-Disposition") == "attachment; filename=a b"
    assert header(reply, "Cache-Control") == "no-cache"
    assert header(reply, "Content-Encoding") == "x-none"
    assert header(reply, "Content-Language") == "de"


def test_the_official_sdks_share_sas_is_accepted() -> None:
    asker = Asker().with_share()
    sas = generate_share_sas(
        ACCOUNT, "data", account_key=TEXT_KEY, permission=ShareSasPermissions(read=True, list=True),
        expiry=asker.now + timedelta(hours=1),
    )  # fmt: skip
    assert asker.with_sas("GET", "/data/d?restype=directory&comp=list", sas).status == 200
    assert asker.with_sas("GET", "/data/d/f", sas).status == 200
    assert code(asker.with_sas("PUT", "/data/d/f?comp=metadata", sas)) == "AuthorizationPermissionMismatch"


def test_the_official_sdks_account_sas_is_accepted() -> None:
    asker = Asker().with_share()
    sas = generate_account_sas(
        ACCOUNT, account_key=TEXT_KEY, resource_types=ResourceTypes(service=True, container=True, object=True),
        permission=AccountSasPermissions(read=True, list=True), expiry=asker.now + timedelta(hours=1),
    )  # fmt: skip
    assert asker.with_sas("GET", "/?comp=list", sas).status == 200
    assert asker.with_sas("GET", "/data?restype=share", sas).status == 200
    assert code(asker.with_sas("DELETE", "/data?restype=share", sas)) == "AuthorizationPermissionMismatch"


def test_a_sas_made_with_the_second_key_or_an_old_signed_version_holds() -> None:
    asker = Asker().with_share()
    assert asker.with_sas("GET", "/data/d/f", service_sas("data/d/f", key=SECOND_KEY)).status == 200
    assert asker.with_sas("GET", "/data/d/f", service_sas("data/d/f", sv="2015-04-05")).status == 200
    assert asker.with_sas("GET", "/?comp=list", account_sas(sv="2018-11-09")).status == 200


@pytest.mark.parametrize(
    ("sas", "expected"),
    [
        (service_sas("data/d/f", key=OTHER_KEY), "Signature did not match. String to sign used was r\n"),
        (account_sas(key=OTHER_KEY), f"Signature did not match. String to sign used was {ACCOUNT}\n"),
        (service_sas("data/d/g"), "Signature did not match"),
        (
            service_sas("data/d/f", se="2026-05-04T03:02:01Z"),
            "has to be after signed start time [Mon, 04 May 2026 03:02:01 GMT]",
        ),
        (
            service_sas("data/d/f", st="2026-05-01", se="2026-05-02"),
            (
                "Signature not valid in the specified time frame: Start [Fri, 01 May 2026 00:00:00 GMT] - "
                "Expiry [Sat, 02 May 2026 00:00:00 GMT] - Current [Mon, 04 May 2026 03:02:01 GMT]"
            ),
        ),
        (service_sas("data/d/f", st="2026-05-04T04:00Z"), "not valid in the specified time frame"),
        (service_sas("data/d/f", st="2026-05-06"), "has to be after signed start time"),
        (service_sas("data/d/f", se="soon"), "se is no UTC time"),
        (service_sas("data/d/f", st="now"), "st is no UTC time"),
        (service_sas("data/d/f", se=""), "se is mandatory"),
        (service_sas("data/d/f", sp=""), "sp is mandatory"),
        (service_sas("data/d/f", sp="wr"), "in the order rcwdl"),
        (service_sas("data/d/f", sr="b"), "sr is invalid"),
        (service_sas("data/d/f", spr="http"), "spr is invalid"),
        (service_sas("data/d/f", sip="here"), "sip is invalid"),
        (service_sas("data/d/f", sv="2014-02-14"), "sv is invalid"),
        (service_sas("data/d/f", si="gone"), "stored access policy"),
        ("sig=x&sv=2020-10-02", "neither the parameters ss and srt nor the parameter sr"),
        ("sig=x&sr=f", "sv is mandatory"),
        ("sig=x&ss=f&sv=2020-10-02", "sp is mandatory"),
    ],
)
def test_a_sas_that_does_not_hold_is_403_authentication_failed_with_the_reason(sas: str, expected: str) -> None:
    reply = Asker().with_share().with_sas("GET", "/data/d/f", sas)
    assert (reply.status, code(reply), header(reply, "x-ms-version")) == (403, "AuthenticationFailed", None)
    assert expected in detail(reply)


@pytest.mark.parametrize(
    ("target", "sas", "expected"),
    [
        ("/data/d/f", service_sas("data/d/f", sp="w"), "AuthorizationPermissionMismatch"),
        ("/data/d/f", account_sas(sp="l"), "AuthorizationPermissionMismatch"),
        ("/data/d/f", account_sas(srt="sc"), "AuthorizationResourceTypeMismatch"),
        ("/data?restype=share", account_sas(srt="so"), "AuthorizationResourceTypeMismatch"),
        ("/?comp=list", account_sas(srt="co"), "AuthorizationResourceTypeMismatch"),
        ("/data/d/f", account_sas(ss="bqt"), "AuthorizationServiceMismatch"),
        ("/data/d/f", service_sas("data/d/f", spr="https"), "AuthorizationProtocolMismatch"),
        ("/data/d/f", service_sas("data/d/f", sip="10.0.0.1"), "AuthorizationSourceIPMismatch"),
        ("/data?restype=share", service_sas("data", sr="s", sp="rcwdl"), "AuthorizationFailure"),
        ("/data?restype=share&comp=acl", account_sas(), "AuthorizationFailure"),
        ("/data/d?restype=directory", service_sas("data/d", sp="rcwd"), "AuthorizationFailure"),
        ("/?comp=list", service_sas("", sr="s", sp="rl"), "AuthenticationFailed"),
    ],
)
def test_a_sas_that_is_not_good_for_the_operation_is_403(target: str, sas: str, expected: str) -> None:
    reply = Asker().with_share().with_sas("GET", target, sas)
    assert (reply.status, code(reply)) == (403, expected)


def test_addresses_and_protocols_are_those_of_the_connection() -> None:
    asker = Asker().with_share()
    ranged = service_sas("data/d/f", sip="10.0.0.1-10.0.0.9", spr="https")
    inside, outside = Connection("10.0.0.5", tls=True), Connection("10.0.0.10", tls=True)
    assert asker.with_sas("GET", "/data/d/f", ranged, connection=inside).status == 200
    assert asker.with_sas("GET", "/data/d/f", ranged, connection=Connection("::ffff:10.0.0.5", tls=True)).status == 200
    for elsewhere in (outside, Connection("fe80::1", tls=True), Connection("unix", tls=True)):
        assert code(asker.with_sas("GET", "/data/d/f", ranged, connection=elsewhere)) == "AuthorizationSourceIPMismatch"


def with_policies(asker: Asker, *policies: str) -> None:
    body = f"<SignedIdentifiers>{''.join(policies)}</SignedIdentifiers>".encode()
    assert asker.ask("PUT", "/data?restype=share&comp=acl", body=body).status == 200


def policy(name: str, inner: str) -> str:
    return f"<SignedIdentifier><Id>{name}</Id><AccessPolicy>{inner}</AccessPolicy></SignedIdentifier>"


def test_a_stored_policy_gives_what_the_signature_leaves_out_and_can_be_withdrawn() -> None:
    asker = Asker().with_share()
    with_policies(
        asker, policy("all", "<Start>2026-05-01</Start><Expiry>2026-06-01</Expiry><Permission>r</Permission>")
    )
    sas = service_sas("data/d/f", si="all", sp="", se="")
    assert asker.with_sas("GET", "/data/d/f", sas).status == 200
    with_policies(asker)
    assert "stored access policy" in detail(asker.with_sas("GET", "/data/d/f", sas))


def test_a_field_stands_in_the_policy_or_in_the_signature_not_in_both() -> None:
    asker = Asker().with_share()
    with_policies(
        asker,
        policy("expiry", "<Expiry>2026-06-01</Expiry>"),
        policy("letters", "<Permission>r</Permission>"),
        policy("start", "<Start>2026-05-01</Start>"),
    )
    for sas in (
        service_sas("data/d/f", si="expiry"),
        service_sas("data/d/f", si="letters"),
        service_sas("data/d/f", si="start", st="2026-05-02"),
    ):
        assert "not in both" in detail(asker.with_sas("GET", "/data/d/f", sas))


def test_no_share_sas_reaches_any_operation_on_the_share_or_the_account() -> None:
    for number, operation in OPERATIONS.items():
        if number[0] in "VH":
            assert not operation.access.service, operation.name
        else:
            assert operation.access.service, operation.name


def test_create_alone_makes_new_files_and_overwrites_none() -> None:
    asker = Asker().with_share()
    sas = service_sas("data", sr="s", sp="c")
    assert asker.with_sas("PUT", "/data/new", sas, *CREATE).status == 201
    assert code(asker.with_sas("PUT", "/data/new", sas, *CREATE)) == "AuthorizationPermissionMismatch"
    assert (
        code(asker.with_sas("PUT", "/data/new?comp=range", sas, *UPDATE, body=b"abcd"))
        == "AuthorizationPermissionMismatch"
    )
    assert asker.with_sas("PUT", "/data/e?restype=directory", sas).status == 201


def test_a_rename_by_sas_needs_one_on_the_source_too() -> None:
    asker = Asker().with_share()
    share = service_sas("data", sr="s", sp="rcwd")
    source = f"http://127.0.0.1:10004/{ACCOUNT}/data/d/f"
    target, name = "/data/g?comp=rename", "x-ms-file-rename-source"
    assert code(asker.with_sas("PUT", target, share, (name, source))) == "AuthorizationFailure"
    weak = service_sas("data/d/f", sp="r")
    assert code(asker.with_sas("PUT", target, share, (name, f"{source}?{weak}"))) == "AuthorizationPermissionMismatch"
    assert asker.with_sas("PUT", target, share, (name, f"{source}?{share}")).status == 200


def test_a_lease_by_sas_needs_write_or_delete() -> None:
    asker = Asker().with_share()
    assert code(asker.with_sas("PUT", "/data/d/f?comp=lease", service_sas("data/d/f", sp="r"), *LEASE)) == (
        "AuthorizationPermissionMismatch"
    )
    assert asker.with_sas("PUT", "/data/d/f?comp=lease", service_sas("data/d/f", sp="d"), *LEASE).status == 201


def test_a_signature_that_was_good_is_refused_once_it_has_expired_and_by_an_account_with_other_keys() -> None:
    """The answer that is kept says only that a key made the signature: it outlives neither the time nor the key."""
    asker, other = Asker(), Asker()
    sent = account_sas()
    assert other.with_sas("GET", "?comp=list", sent).status == 200
    assert asker.with_sas("GET", "?comp=list", sent).status == 200
    asker.advance(30 * 24 * 3600)
    assert code(asker.with_sas("GET", "?comp=list", sent)) == "AuthenticationFailed"
    other.simulator = Simulator([AccountSpec(ACCOUNT, "standard", (OTHER_KEY,))], clock=other.clock)
    assert code(other.with_sas("GET", "?comp=list", sent)) == "AuthenticationFailed"


def test_a_signature_that_was_good_for_one_file_is_refused_for_another_and_by_another_key() -> None:
    asker, other = Asker().with_share(), Asker()
    asker.ask("PUT", "/data/d/g", *CREATE)
    sent = service_sas("data/d/f", sp="r")
    assert [asker.with_sas("GET", f"/data/d/{name}", sent).status for name in "fgf"] == [200, 403, 200]
    other.simulator = Simulator([AccountSpec(ACCOUNT, "standard", (OTHER_KEY,))], clock=other.clock)
    assert code(other.with_sas("GET", "/data/d/f", sent)) == "AuthenticationFailed"
    assert asker.with_sas("GET", "/data/d/f", sent).status == 200


def test_of_what_clients_send_only_short_texts_are_kept() -> None:
    """Else thousands of texts would stay in memory, each as long as a request's head may be."""
    asker = Asker()

    def send(length: int) -> None:
        asker.ask("GET", "/share/" + "a" * length)
        asker.ask("GET", "?comp=list", ("x-ms-meta-" + "a" * length, "b"))
        asker.with_sas("GET", "?comp=list", account_sas().replace("sig=", "sig=" + "a" * length))

    caches = (signatures._is_signed_once, names._component_refusal)
    kept = (HEADER_NAMES, QUERIES, FORMS)

    def sizes() -> list[int]:
        return [*(cache.cache_info().currsize for cache in caches), *map(len, kept)]

    for cache in caches:
        cache.cache_clear()
    for dictionary in kept:
        dictionary.clear()
    send(1)
    before = sizes()
    send(2)
    short = sizes()
    assert all(now > then for now, then in zip(short, before, strict=True))
    send(5000)
    assert sizes() == short
