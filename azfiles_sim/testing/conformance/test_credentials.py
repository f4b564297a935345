"""Who may do what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

import azfiles
from azfiles_sim.testing.conformance.fixtures import needs
from azfiles_sim.testing.targets import Capability, Target

OTHER_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw=="


def test_a_wrong_key_is_refused_and_the_error_shows_no_secret(target: Target, share: azfiles.ShareClient) -> None:
    stranger = target.connect(azfiles.SharedKey(target.account, OTHER_KEY))
    with pytest.raises(azfiles.AuthenticationFailed) as refusal:
        stranger.share(share.name).get_properties()
    assert (refusal.value.status, refusal.value.code) == (403, "AuthenticationFailed")
    assert isinstance(refusal.value, PermissionError)
    assert OTHER_KEY not in str(refusal.value)
    shown = target.has_secret(str(refusal.value))
    assert not shown


def test_a_wrong_key_gets_the_same_answer_for_a_share_that_does_not_exist(target: Target) -> None:
    stranger = target.connect(azfiles.SharedKey(target.account, OTHER_KEY))
    with pytest.raises(azfiles.AuthenticationFailed):
        stranger.share(target.share_name("missing")).get_properties()


def test_nobody_is_let_in_without_a_credential(target: Target, share: azfiles.ShareClient) -> None:
    with pytest.raises(azfiles.AuthenticationFailed) as refusal:
        target.connect(azfiles.Anonymous()).share(share.name).get_properties()
    assert (refusal.value.status, refusal.value.code) == (401, "NoAuthenticationInformation")


def https_sas(target: Target, make: Callable[..., azfiles.Sas], **options: Any) -> azfiles.Sas:
    """A signature for this target: over plain http the default, https only, would be refused as it should be."""
    if not target.is_https:
        options["https_only"] = False
    return make(**options)


@needs(Capability.ACCOUNT_KEY)
def test_a_file_sas_reads_its_file_and_nothing_else(target: Target, share: azfiles.ShareClient) -> None:
    share.file("f").upload(b"data")
    share.file("g").upload(b"other")
    guest = target.connect(https_sas(target, share.file("f").make_sas)).share(share.name)
    assert bytes(guest.file("f").download()) == b"data"
    with pytest.raises(azfiles.AuthenticationFailed) as write:
        guest.file("f").put_range(0, b"x")
    assert (write.value.status, write.value.code) == (403, "AuthorizationPermissionMismatch")
    with pytest.raises(azfiles.AuthenticationFailed) as other:
        guest.file("g").get()
    assert other.value.status == 403


@needs(Capability.ACCOUNT_KEY, Capability.MOVE_TIME)
def test_a_sas_ends_after_an_hour_unless_told_otherwise(target: Target, share: azfiles.ShareClient) -> None:
    share.file("f").upload(b"data")
    guest = target.connect(https_sas(target, share.file("f").make_sas)).share(share.name).file("f")
    guest.get()
    target.advance(3601)
    with pytest.raises(azfiles.AuthenticationFailed) as refusal:
        guest.get()
    assert (refusal.value.status, refusal.value.code) == (403, "AuthenticationFailed")


@needs(Capability.ACCOUNT_KEY)
def test_a_share_sas_with_all_letters_never_reaches_the_share_itself(
    target: Target, share: azfiles.ShareClient
) -> None:
    guest = target.connect(https_sas(target, share.make_sas, permissions="rcwdl")).share(share.name)
    guest.file("f").upload(b"data")
    assert [entry.name for entry in guest.root.list()] == ["f"]
    guest.file("f").delete()
    with pytest.raises(azfiles.AuthenticationFailed) as refusal:
        guest.get_properties()
    assert (refusal.value.status, refusal.value.code) == (403, "AuthorizationFailure")


@needs(Capability.ACCOUNT_KEY)
def test_an_account_sas_is_held_to_its_resource_types(
    target: Target, client: azfiles.ServiceClient, share: azfiles.ShareClient
) -> None:
    guest = target.connect(https_sas(target, client.make_sas, permissions="rl", resource_types="s"))
    assert [item.name for item in guest.list_shares(prefix=target.share_prefix)] == [share.name]
    with pytest.raises(azfiles.AuthenticationFailed) as refusal:
        guest.share(share.name).get_properties()
    assert refusal.value.status == 403


@needs(Capability.ACCOUNT_KEY)
def test_a_stored_access_policy_grants_and_withdraws(target: Target, share: azfiles.ShareClient) -> None:
    share.file("f").upload(b"data")
    policy = azfiles.AccessPolicy(permissions="r", expires_at=target.now + timedelta(hours=2))
    share.set_access_policy([azfiles.SignedIdentifier("readers", policy)])
    guest = target.connect(https_sas(target, share.make_sas, policy="readers")).share(share.name).file("f")
    assert bytes(guest.download()) == b"data"
    share.set_access_policy([])
    with pytest.raises(azfiles.AuthenticationFailed):
        guest.get()


@needs(Capability.ACCOUNT_KEY)
def test_a_sas_for_https_is_refused_over_http(target: Target, share: azfiles.ShareClient) -> None:
    share.file("f").upload(b"data")
    guest = target.connect(share.file("f").make_sas()).share(share.name).file("f")
    if not target.is_https:
        with pytest.raises(azfiles.AuthenticationFailed) as refusal:
            guest.get()
        assert refusal.value.status == 403
    else:
        assert bytes(guest.download()) == b"data"


@needs(Capability.ACCOUNT_KEY)
def test_no_repr_shows_a_key_or_signature(target: Target, share: azfiles.ShareClient) -> None:
    sas = share.make_sas()
    signature = sas.token.rpartition("sig=")[2]
    guest = target.connect(sas)
    for thing in (sas, guest, guest.share(share.name), share, share.file("f"), target):
        shown = signature in repr(thing) or target.has_secret(repr(thing))
        assert not shown
