"""Bytes written, cleared, listed and read by ranges; a file that is made smaller and larger; ranges outside of it."""

from __future__ import annotations

from refusals import refusal

import azfiles


def session(client: azfiles.ServiceClient) -> list[object]:
    """Do it, and return what the service told."""
    share = client.share("ranges")
    share.create()
    file = share.file("sparse")
    file.create(4096)
    file.put_range(0, b"a" * 512)
    file.put_range(1024, b"b" * 1024)
    told: list[object] = [file.list_ranges().ranges]
    file.clear_range(1024, 512)
    file.put_range(510, b"four")
    told += [file.list_ranges().ranges, bytes(file.get_range(508, 8).content)]
    told += [bytes(file.get_range(1500, 40).content), len(file.get_range(4000, 200).content)]
    file.resize(512)
    file.resize(2048)
    told += [file.list_ranges().ranges, bytes(file.get_range(508, 8).content)]
    told += [refusal(lambda: file.get_range(2048, 1)), refusal(lambda: file.put_range(2046, b"over"))]
    told += [refusal(lambda: file.clear_range(4096, 512)), refusal(lambda: share.file("none").get_range(0, 1))]
    share.delete()
    return told
