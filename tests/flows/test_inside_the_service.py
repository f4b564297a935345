"""Flows over operations that the service carries out among its own files: copies, ranges from URLs, links; and closing
handles, for which it may take several requests.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from azfiles.core import service
from azfiles.credentials import Sas, Token
from azfiles.errors import InvalidArgument, ReplyNotUnderstood, RequestNotSent
from azfiles.flows import handles, signing
from azfiles.flows.call import on_service
from azfiles.flows.copying import start_copy
from azfiles.flows.effects import Send
from azfiles.flows.effects import Token as TokenEffect
from azfiles.flows.links import create_hard_link
from azfiles.flows.writing import put_range_from_url
from azfiles.models import Handle, HandlesClosed, NfsSettings, SmbSettings, UserDelegationKey
from tests.flows.feeding import NOW, feed, response, target

TOKEN = Token(type("Tokens", (), {"get_token": print})())


class File:
    """As much of a client as flows need."""

    def __init__(self, place):
        self.target = place


def newest(place):
    return replace(place, session=replace(place.session, api_version="2026-10-06"))


def sent(flow, reply):
    """The one request of a flow."""
    seen = []
    feed(flow, lambda _: reply, seen)
    return next(effect.request for effect in seen if isinstance(effect, Send))


def test_closing_goes_on_until_the_service_gives_no_marker():
    replies = [
        response(200, x_ms_number_of_handles_closed="3", x_ms_marker="m"),
        response(200, x_ms_number_of_handles_closed="2", x_ms_number_of_handles_failed="1"),
    ]
    targets = []

    def answer(request):
        targets.append(request.target)
        return replies[len(targets) - 1]

    assert feed(handles.close_all_directory_handles(target("d"), recursive=True), answer) == HandlesClosed(5, 1)
    assert targets == ["/data/d?comp=forceclosehandles", "/data/d?comp=forceclosehandles&marker=m"]


def test_closing_that_leads_nowhere_ends():
    reply = response(200, x_ms_number_of_handles_closed="0", x_ms_marker="m")
    with pytest.raises(ReplyNotUnderstood, match="never end"):
        feed(handles.close_all_file_handles(target("f")), lambda _: reply)


def test_a_handle_is_closed_as_it_was_listed_or_by_its_id():
    listed = Handle("17", "f", "1", "2", "10.0.0.1:445", NOW)
    reply = response(200, x_ms_number_of_handles_closed="1")
    for close, place in ((handles.close_file_handle, "f"), (handles.close_directory_handle, "d")):
        for given in (listed, "17"):
            request = sent(close(target(place, snapshot="old"), given), reply)
            assert dict(request.headers)["x-ms-handle-id"] == "17"
            assert request.target.endswith(f"{place}?comp=forceclosehandles&sharesnapshot=old")


def test_a_hard_link_leads_to_a_file_of_the_same_share_by_client_or_path():
    reply = response(201, x_ms_link_count="2")
    for to in (File(target("d", "f")), "/d/f"):
        request = sent(create_hard_link(newest(target("link")), to), reply)
        assert request.target == "/data/link?restype=hardlink"
        assert dict(request.headers)["x-ms-file-target-file"] == "d/f"
    for elsewhere in (target("f", snapshot="old"), replace(target("f"), share="other")):
        with pytest.raises(InvalidArgument, match="stays in its share"):
            feed(create_hard_link(newest(target("link")), File(elsewhere)), lambda _: reply)
    with pytest.raises(InvalidArgument, match="can only be read"):
        feed(create_hard_link(target("link", snapshot="old"), "f"), lambda _: reply)


def test_a_range_is_read_from_another_file_of_the_account_or_another_account():
    reply = response(201, x_ms_content_crc64="EZA9hgZaRrQ=")
    same = sent(put_range_from_url(target("f"), 0, 4, File(target("g", snapshot="old")), 8), reply)
    assert dict(same.headers)["x-ms-copy-source"] == (
        "https://devstoreaccount1.file.core.windows.net/data/g?sharesnapshot=old"
    )
    other = target("g", credential=Sas("sv=1&sig=x"))
    other = replace(other, session=replace(other.session, endpoint=replace(other.session.endpoint, account="other")))
    far = sent(put_range_from_url(target("f"), 0, 4, File(other), 8), reply)
    assert dict(far.headers)["x-ms-copy-source"].endswith("/data/g?sv=1&sig=x")
    with pytest.raises(InvalidArgument, match="can only be read"):
        feed(put_range_from_url(target("f", snapshot="old"), 0, 4, "https://h/s/f", 8), lambda _: reply)


def test_a_copy_hands_every_option_on():
    reply = response(202, x_ms_copy_id="1", x_ms_copy_status="success")
    request = sent(
        start_copy(
            newest(target("f")),
            "https://h/s/f",
            smb=SmbSettings(attributes="source"),
            permission_copy_mode="source",
            ignore_readonly=True,
            set_archive=True,
            nfs=NfsSettings(mode=0o600),
            mode_copy_mode="override",
            owner_copy_mode="source",
        ),
        reply,
    )
    told = dict(request.headers)
    assert {name: told[name] for name in told if "copy-" in name and name != "x-ms-copy-source"} == {
        "x-ms-file-permission-copy-mode": "source",
        "x-ms-file-copy-ignore-readonly": "true",
        "x-ms-file-copy-set-archive": "true",
        "x-ms-file-mode-copy-mode": "override",
        "x-ms-file-owner-copy-mode": "source",
    }


KEY_BODY = (
    b"<UserDelegationKey><SignedOid>o</SignedOid><SignedTid>t</SignedTid><SignedStart>2026-01-02T03:04:05Z</SignedStart>"
    b"<SignedExpiry>2026-01-02T04:04:05Z</SignedExpiry><SignedService>f</SignedService>"
    b"<SignedVersion>2026-02-06</SignedVersion><Value>c2VjcmV0</Value></UserDelegationKey>"
)


def test_a_user_delegation_key_starts_now_and_lasts_an_hour_unless_told_otherwise():
    place = newest(target(credential=TOKEN))
    seen = []
    key = feed(signing.get_user_delegation_key(place), lambda _: response(200, KEY_BODY), seen)
    request = next(effect.request for effect in seen if isinstance(effect, Send))
    assert b"<Start>2026-01-02T03:04:05Z</Start><Expiry>2026-01-02T04:04:05Z</Expiry>" in b"".join(request.body)
    assert (key.object_id, key.starts_at) == ("o", NOW)
    end = NOW.replace(day=3)
    later = sent(
        signing.get_user_delegation_key(place, starts_at=NOW.replace(hour=5), expires_at=end),
        response(200, KEY_BODY),
    )
    assert b"<Start>2026-01-02T05:04:05Z</Start><Expiry>2026-01-03T03:04:05Z</Expiry>" in b"".join(later.body)
    with pytest.raises(RequestNotSent, match="2026-02-06"):
        feed(signing.get_user_delegation_key(target(credential=TOKEN)), lambda _: response(200, KEY_BODY))


def test_a_user_delegation_key_needs_a_bearer_token():
    with pytest.raises(InvalidArgument, match="SharedKey"):
        feed(signing.get_user_delegation_key(target()), lambda _: response(200, KEY_BODY))


def test_signatures_in_a_users_name_have_the_first_version_that_knows_them_at_least():
    key = UserDelegationKey("o", "t", NOW, NOW.replace(day=3), "f", "2026-02-06", "c2VjcmV0")
    place = target("f")
    share = feed(signing.make_user_delegation_share_sas(place, key, permissions="rl"), lambda _: None)
    file = feed(signing.make_user_delegation_file_sas(newest(place), key), lambda _: None)
    assert share.token.startswith("sv=2026-02-06&sr=s&sp=rl&se=2026-01-02T04%3A04%3A05Z")
    assert file.token.startswith("sv=2026-10-06&sr=f&sp=r&")


def test_a_preflight_request_asks_for_no_token():
    seen = []
    flow = on_service(service.preflight_service)(target(credential=TOKEN), "https://a.example", "GET")
    feed(flow, lambda _: response(200, Access_Control_Allow_Origin="*"), seen)
    assert not any(isinstance(effect, TokenEffect) for effect in seen)
