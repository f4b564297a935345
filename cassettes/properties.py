"""Metadata, HTTP headers, SMB properties, quotas and access policies, set and read; and a condition that is not met."""

from __future__ import annotations

from datetime import UTC, datetime

import azfiles


def session(client: azfiles.ServiceClient) -> list[object]:
    """Do it, and return what the service told."""
    share = client.share("properties")
    share.create(metadata={"Kind": "first", "a_b": "1", "a1": "2"}, quota_gib=7)
    told: list[object] = [share.get_properties()]
    share.set_metadata({"Kind": "second"})
    share.set_quota(9)
    told += [share.get_metadata(), share.get_properties().quota_gib, share.get_statistics()]
    expiry = datetime(2026, 2, 1, tzinfo=UTC)
    policy = azfiles.AccessPolicy(expires_at=expiry, permissions="rl")
    share.set_access_policy([azfiles.SignedIdentifier("readers", policy)])
    told += [share.get_access_policy()]
    directory = share.directory("d")
    directory.create(metadata={"in": "directory"})
    told += [directory.get_properties()]
    file = directory.file("f")
    file.create(10, metadata={"one": "1"}, http=azfiles.HttpHeaders(content_type="text/plain"))
    told += [file.get_properties()]
    file.set_metadata({})
    file.set_http_headers(azfiles.HttpHeaders(content_language="de", cache_control="no-store"))
    told += [file.get_properties(), file.get_metadata()]
    try:
        share.file("d/none").set_metadata({"no": "file"})
    except azfiles.NotFound as refusal:
        told.append((refusal.status, refusal.code))
    share.delete()
    return told
