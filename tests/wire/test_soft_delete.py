"""Restore Share and ``include=deleted`` on the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from azfiles_sim import AccountSpec, ManualClock, Simulator
from azfiles_sim.accounts import AccountsError

from .asking import ACCOUNT, KEY, START, Asker, code, content, header, xml


class Keeper(Asker):
    """An account that keeps deleted shares for seven days."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock(START)
        self.simulator = Simulator([AccountSpec(ACCOUNT, keys=(KEY,), soft_delete_days=7)], clock=self.clock)

    def with_share(self, share: str = "data") -> Keeper:
        super().with_share(share)
        return self

    def version_of(self, share: str = "data") -> str:
        for entry in xml(self.ask("GET", "/?comp=list&include=deleted")).iter("Share"):
            if entry.findtext("Name") == share and entry.findtext("Deleted") == "true":
                return entry.findtext("Version") or ""
        return ""


def undelete(asker: Asker, version: str, share: str = "data", name: str = "data", at: str = "2026-10-06"):
    headers = (("x-ms-deleted-share-name", name), ("x-ms-deleted-share-version", version))
    return asker.ask("PUT", f"/{share}?restype=share&comp=undelete", *headers, version=at)


def test_a_deleted_share_is_listed_as_recorded() -> None:
    asker = Keeper().with_share()
    asker.ask("DELETE", "/data?restype=share")
    asker.advance(3600)
    asker.with_share()
    listed = content(asker.ask("GET", "/?comp=list&include=metadata,Deleted")).decode("utf-8-sig")
    first, second = listed.split("</Share>")[:2]
    version = asker.version_of()
    assert len(version) == 16
    deleted = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(version, 16) // 10)
    assert START <= deleted < START + timedelta(seconds=1)
    assert f"<Name>data</Name><Deleted>true</Deleted><Version>{version}</Version><Properties>" in first
    assert "<LeaseStatus>unlocked</LeaseStatus><LeaseState>broken</LeaseState>" in first
    assert first.endswith(
        "<DeletedTime>Mon, 04 May 2026 03:02:01 GMT</DeletedTime><RemainingRetentionDays>7</RemainingRetentionDays>"
        "</Properties><Metadata />"
    )
    assert "Deleted" not in second
    assert "<LeaseState>available</LeaseState>" in second
    assert "Deleted" not in content(asker.ask("GET", "/?comp=list")).decode()


def test_the_days_that_remain_go_down_to_none() -> None:
    asker = Keeper().with_share()
    asker.ask("DELETE", "/data?restype=share")
    seen = []
    for _ in range(8):
        seen.append(xml(asker.ask("GET", "/?comp=list&include=deleted")).findtext(".//RemainingRetentionDays"))
        asker.advance(86_400)
    assert seen == ["7", "6", "5", "4", "3", "2", "1", None]


def test_undelete_answers_201_with_a_new_etag_and_the_share_is_back() -> None:
    asker = Keeper().with_share()
    before = header(asker.ask("GET", "/data?restype=share"), "ETag")
    asker.ask("DELETE", "/data?restype=share")
    assert code(asker.ask("GET", "/data?restype=share")) == "ShareNotFound"
    reply = undelete(asker, asker.version_of())
    assert (reply.status, header(reply, "Content-Length")) == (201, "0")
    assert header(reply, "Last-Modified")
    assert header(reply, "ETag") not in {None, before}
    again = asker.ask("GET", "/data?restype=share")
    assert (header(again, "ETag"), header(again, "x-ms-lease-state")) == (header(reply, "ETag"), "available")
    assert content(asker.ask("GET", "/data/d/f"))[:4] == b"abcd"


def test_what_cannot_be_restored_is_refused() -> None:
    asker = Keeper().with_share()
    asker.ask("DELETE", "/data?restype=share")
    version = asker.version_of()
    reply = undelete(asker, "01DB47CF3EFC1AFF")
    assert (reply.status, code(reply)) == (404, "ShareNotFound")
    for reply, name in (
        (undelete(asker, "nothing"), "x-ms-deleted-share-version"),
        (undelete(asker, version, share="other"), "x-ms-deleted-share-name"),
    ):
        assert (reply.status, code(reply)) == (400, "InvalidHeaderValue")
        assert xml(reply).findtext("HeaderName") == name
    reply = asker.ask("PUT", "/data?restype=share&comp=undelete", ("x-ms-deleted-share-name", "data"))
    assert (reply.status, code(reply)) == (400, "MissingRequiredHeader")
    asker.with_share()
    reply = undelete(asker, version)
    assert (reply.status, code(reply)) == (409, "ShareAlreadyExists")


def test_soft_delete_begins_with_its_version() -> None:
    asker = Keeper()
    assert code(undelete(asker, "01DB47CF3EFC1AFF", at="2019-10-10")) == "InvalidQueryParameterValue"
    assert code(undelete(asker, "01DB47CF3EFC1AFF", at="2019-12-12")) == "ShareNotFound"
    for version, status in (("2019-10-10", 400), ("2019-12-12", 200)):
        assert asker.ask("GET", "/?comp=list&include=deleted", version=version).status == status


@pytest.mark.parametrize("days", [0, 366])
def test_retention_is_a_day_to_a_year(days: int) -> None:
    with pytest.raises(AccountsError, match="1 to 365"):
        AccountSpec(ACCOUNT, keys=(KEY,), soft_delete_days=days)


def test_the_accounts_of_a_simulator_tell_their_retention() -> None:
    assert Keeper().simulator.accounts[0].soft_delete_days == 7
