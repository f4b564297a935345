"""Requests and replies that are lost, and a service that is busy: the client tries again, and finds out what was done."""

from __future__ import annotations

import azfiles
from azfiles_sim.faults import LoseReply, LoseRequest, Refuse, Rule, Script

FAULTS = Script(
    (
        Rule(LoseReply(), operations=("Create Share",), nth=(1,)),
        Rule(LoseRequest(), operations=("Create File",), nth=(1,)),
        Rule(LoseReply(), operations=("Put Range*",), nth=(2,)),
        Rule(Refuse("ServerBusy"), operations=("Get File",), nth=(1,)),
        Rule(LoseReply(), operations=("Lease File (acquire)",), nth=(1,)),
        Rule(LoseReply(), operations=("Delete File",), nth=(1,)),
    )
)


def session(client: azfiles.ServiceClient) -> list[object]:
    """Do it, and return what the service told."""
    share = client.share("mishaps")
    share.create()
    file = share.file("f")
    file.create(8)
    file.put_range(0, b"one")
    file.put_range(3, b"two")
    told: list[object] = [bytes(file.get_range(0, 8).content)]
    lease = file.acquire_lease()
    file.put_range(6, b"!!", lease_id=lease.id)
    file.release_lease(lease.id)
    file.delete()
    told += [[entry.name for entry in share.root.list()]]
    share.delete()
    return told
