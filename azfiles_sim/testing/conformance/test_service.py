"""Operations of the account: properties, preflight requests, deleted shares, user delegation keys."""

from __future__ import annotations

from datetime import timedelta

import pytest

import azfiles
from azfiles_sim.testing.conformance.bearer_tokens import TENANT, USER, Tokens
from azfiles_sim.testing.conformance.fixtures import needs
from azfiles_sim.testing.targets import NEWEST_VERSION, Capability, Target

RULE = azfiles.CorsRule(("https://a.example",), ("GET", "PUT"), ("x-ms-*",), ("ETag",), 60)


@needs(Capability.ACCOUNT_SETTINGS)
def test_only_the_given_service_properties_change(
    client: azfiles.ServiceClient, settings: azfiles.ServiceProperties
) -> None:
    week = azfiles.Metrics(enabled=True, include_apis=True, retention=azfiles.RetentionPolicy(enabled=True, days=7))
    client.set_properties(hour_metrics=week)
    client.set_properties(cors=[RULE])
    after = client.get_properties()
    assert (after.hour_metrics, after.cors) == (week, (RULE,))
    assert after.minute_metrics == settings.minute_metrics
    client.set_properties(cors=[])
    assert client.get_properties().cors == ()


@needs(Capability.ACCOUNT_SETTINGS)
@pytest.mark.usefixtures("settings")
def test_a_preflight_request_is_answered_by_the_cors_rules(
    client: azfiles.ServiceClient, share: azfiles.ShareClient
) -> None:
    client.set_properties(cors=[RULE])
    allowed = share.file("f").preflight("https://a.example", "PUT", headers="x-ms-date")
    assert allowed.origin == "https://a.example"
    assert "PUT" in allowed.methods
    assert allowed.max_age_s == 60
    with pytest.raises(azfiles.AuthenticationFailed) as refusal:
        share.file("f").preflight("https://b.example", "PUT")
    assert (refusal.value.status, refusal.value.code) == (403, "CorsPreflightFailure")


@needs(Capability.SOFT_DELETE_ACCOUNT, Capability.MOVE_TIME)
def test_a_deleted_share_is_listed_and_brought_back_whole(target: Target) -> None:
    service = target.connect(account=target.account_of(Capability.SOFT_DELETE_ACCOUNT))
    share = service.share(target.share_name("kept"))
    share.create(metadata={"a": "1"})
    share.file("f").upload(b"data")
    share.delete()
    target.advance(60)
    deleted = [item for item in service.list_shares(prefix=share.name, include="deleted") if item.deleted]
    assert [item.name for item in deleted] == [share.name]
    assert deleted[0].version is not None
    assert [item.name for item in service.list_shares(prefix=share.name)] == []
    share.undelete(deleted[0].version)
    assert bytes(share.file("f").download()) == b"data"
    assert dict(share.get_properties().metadata) == {"a": "1"}


@needs(Capability.SOFT_DELETE_ACCOUNT, Capability.MOVE_TIME)
def test_a_share_is_not_brought_back_over_another(target: Target) -> None:
    service = target.connect(account=target.account_of(Capability.SOFT_DELETE_ACCOUNT))
    share = service.share(target.share_name("kept"))
    share.create()
    share.delete()
    target.advance(60)
    version = next(item.version for item in service.list_shares(prefix=share.name, include="deleted") if item.deleted)
    share.create()
    with pytest.raises(azfiles.AlreadyExists) as refusal:
        share.undelete(str(version))
    assert refusal.value.code == "ShareAlreadyExists"


@needs(Capability.BEARER_TOKENS, Capability.NEWEST_VERSION)
def test_a_user_delegation_signature_reads_what_it_names_and_no_more(
    target: Target, share: azfiles.ShareClient
) -> None:
    share.file("f").upload(b"data")
    user = target.connect(azfiles.Token(Tokens(target.now)), api_version=NEWEST_VERSION)
    if not target.is_https:
        with pytest.raises(azfiles.RequestNotSent, match="https"):
            user.get_user_delegation_key()
        return
    key = user.get_user_delegation_key(expires_at=timedelta(hours=2))
    assert (key.object_id, key.tenant_id, key.service) == (USER, TENANT, "f")
    guest = target.connect(share.file("f").make_user_delegation_sas(key)).share(share.name)
    assert bytes(guest.file("f").get().content) == b"data"
    for attempt in (guest.file("f").delete, guest.file("g").get):
        with pytest.raises(azfiles.AuthenticationFailed) as refusal:
            attempt()
        assert refusal.value.status == 403
    lister = target.connect(share.make_user_delegation_sas(key, permissions="rl")).share(share.name)
    assert [entry.name for entry in lister.root.list()] == ["f"]


@needs(Capability.BEARER_TOKENS)
def test_a_user_with_a_bearer_token_reads_and_writes(target: Target, share: azfiles.ShareClient) -> None:
    if not target.is_https:
        with pytest.raises(azfiles.RequestNotSent, match="https"):
            target.connect(azfiles.Token(Tokens(target.now))).share(share.name).get_properties()
        return
    mine = target.connect(azfiles.Token(Tokens(target.now))).share(share.name)
    mine.file("f").upload(b"data")
    assert bytes(mine.file("f").download()) == b"data"
