"""Shared access signatures of an account, a share and a file: what each lets its bearer do, and when it no longer does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from refusals import refusal

import azfiles
from azfiles_sim import ManualClock

Connect = Callable[..., azfiles.ServiceClient]


def session(client: azfiles.ServiceClient, connect: Connect, clock: ManualClock) -> list[object]:
    """Do it, and return what the service told."""
    share = client.share("signatures")
    share.create()
    file = share.file("f")
    file.create(4)
    file.put_range(0, b"data")

    reader = connect(file.make_sas(expires_at=timedelta(hours=1))).share("signatures").file("f")
    told: list[object] = [bytes(reader.get_range(0, 4).content), refusal(lambda: reader.put_range(0, b"x"))]
    told += [refusal(lambda: connect(file.make_sas()).share("signatures").file("other").get_range(0, 1))]

    everything = connect(share.make_sas(permissions="rcwdl")).share("signatures")
    everything.file("g").create(1)
    told += [[entry.name for entry in everything.root.list()], refusal(everything.create)]

    account = connect(client.make_sas(permissions="rl", resource_types="s"))
    told += [[item.name for item in account.list_shares()]]
    told += [refusal(lambda: account.share("signatures").file("f").get_range(0, 4))]

    clock.advance(2 * 3600)
    told += [refusal(lambda: reader.get_range(0, 4))]
    told += [refusal(connect(azfiles.Anonymous()).share("signatures").get_properties)]
    stranger = connect(azfiles.SharedKey(azfiles.EMULATOR_ACCOUNT, "bm90IHRoZSBrZXk="))
    told += [refusal(stranger.share("signatures").get_properties)]
    share.delete()
    return told
