"""Who may do what, on every arm."""

from __future__ import annotations

from datetime import timedelta

import pytest

import azfiles
from tests.conformance.arms import Arm

OTHER_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw=="


def test_a_wrong_key_is_refused_and_the_error_shows_no_secret(arm: Arm, share: azfiles.ShareClient) -> None:
    stranger = arm.connect(azfiles.SharedKey(arm.account, OTHER_KEY))
    with pytest.raises(azfiles.AuthenticationFailed) as refusal:
        stranger.share("data").get_properties()
    assert (refusal.value.status, refusal.value.code) == (403, "AuthenticationFailed")
    assert isinstance(refusal.value, PermissionError)
    assert OTHER_KEY not in str(refusal.value)
    assert arm.key not in str(refusal.value)


def test_a_wrong_key_gets_the_same_answer_for_a_share_that_does_not_exist(arm: Arm) -> None:
    stranger = arm.connect(azfiles.SharedKey(arm.account, OTHER_KEY))
    with pytest.raises(azfiles.AuthenticationFailed):
        stranger.share("missing").get_properties()


def test_nobody_is_let_in_without_a_credential(arm: Arm, share: azfiles.ShareClient) -> None:
    with pytest.raises(azfiles.AuthenticationFailed) as refusal:
        arm.connect(azfiles.Anonymous()).share("data").get_properties()
    assert (refusal.value.status, refusal.value.code) == (401, "NoAuthenticationInformation")


def https_sas(arm: Arm, resource: object, **options: object) -> azfiles.Sas:
    """A signature for this arm: over plain http the default, https only, would be refused as it should be."""
    if arm.name.startswith("http,"):
        options["https_only"] = False
    return resource.make_sas(**options)  # type: ignore[attr-defined, no-any-return]  # any client that makes one


def test_a_file_sas_reads_its_file_and_nothing_else(arm: Arm, share: azfiles.ShareClient) -> None:
    share.file("f").upload(b"data")
    share.file("g").upload(b"other")
    guest = arm.connect(https_sas(arm, share.file("f"))).share("data")
    assert bytes(guest.file("f").download()) == b"data"
    with pytest.raises(azfiles.AuthenticationFailed) as write:
        guest.file("f").put_range(0, b"x")
    assert (write.value.status, write.value.code) == (403, "AuthorizationPermissionMismatch")
    with pytest.raises(azfiles.AuthenticationFailed) as other:
        guest.file("g").get()
    assert other.value.status == 403


def test_a_sas_ends_after_an_hour_unless_told_otherwise(arm: Arm, share: azfiles.ShareClient) -> None:
    share.file("f").upload(b"data")
    guest = arm.connect(https_sas(arm, share.file("f"))).share("data").file("f")
    guest.get()
    arm.clock.advance(3601)
    with pytest.raises(azfiles.AuthenticationFailed) as refusal:
        guest.get()
    assert (refusal.value.status, refusal.value.code) == (403, "AuthenticationFailed")


def test_a_share_sas_with_all_letters_never_reaches_the_share_itself(arm: Arm, share: azfiles.ShareClient) -> None:
    guest = arm.connect(https_sas(arm, share, permissions="rcwdl")).share("data")
    guest.file("f").upload(b"data")
    assert [entry.name for entry in guest.root.list()] == ["f"]
    guest.file("f").delete()
    with pytest.raises(azfiles.AuthenticationFailed) as refusal:
        guest.get_properties()
    assert (refusal.value.status, refusal.value.code) == (403, "AuthorizationFailure")


def test_an_account_sas_is_held_to_its_resource_types(arm: Arm, client: azfiles.ServiceClient) -> None:
    client.share("data").create()
    guest = arm.connect(https_sas(arm, client, permissions="rl", resource_types="s"))
    assert [item.name for item in guest.list_shares()] == ["data"]
    with pytest.raises(azfiles.AuthenticationFailed) as refusal:
        guest.share("data").get_properties()
    assert refusal.value.status == 403


def test_a_stored_access_policy_grants_and_withdraws(arm: Arm, share: azfiles.ShareClient) -> None:
    share.file("f").upload(b"data")
    policy = azfiles.AccessPolicy(permissions="r", expires_at=arm.now + timedelta(hours=2))
    share.set_access_policy([azfiles.SignedIdentifier("readers", policy)])
    guest = arm.connect(https_sas(arm, share, policy="readers")).share("data").file("f")
    assert bytes(guest.download()) == b"data"
    share.set_access_policy([])
    with pytest.raises(azfiles.AuthenticationFailed):
        guest.get()


def test_a_sas_for_https_is_refused_over_http(arm: Arm, share: azfiles.ShareClient) -> None:
    share.file("f").upload(b"data")
    guest = arm.connect(share.file("f").make_sas()).share("data").file("f")
    if arm.name.startswith("http,"):
        with pytest.raises(azfiles.AuthenticationFailed) as refusal:
            guest.get()
        assert refusal.value.status == 403
    else:
        assert bytes(guest.download()) == b"data"


def test_no_repr_shows_a_key_or_signature(arm: Arm, share: azfiles.ShareClient) -> None:
    sas = share.make_sas()
    signature = sas.token.rpartition("sig=")[2]
    guest = arm.connect(sas)
    for thing in (sas, guest, guest.share("data"), share, share.file("f"), azfiles.SharedKey(arm.account, arm.key)):
        assert signature not in repr(thing)
        assert arm.key not in repr(thing)
