"""An NFS share of a premium account: mode, owner and group, a hard link, a symbolic link, names that differ in case."""

from __future__ import annotations

import azfiles
from azfiles_sim import AccountSpec
from azfiles_sim.accounts import EMULATOR_ACCOUNT, EMULATOR_KEY

ACCOUNTS = [AccountSpec.from_text(EMULATOR_ACCOUNT, EMULATOR_KEY, kind="premium")]


def session(client: azfiles.ServiceClient) -> list[object]:
    """Do it, and return what the service told."""
    share = client.share("nfs")
    share.create(quota_gib=100, enabled_protocols="NFS", root_squash="NoRootSquash")
    told: list[object] = [share.get_properties().enabled_protocols]
    file = share.file("f")
    told += [file.create(4, nfs=azfiles.NfsSettings(mode=0o600, owner=1000, group=1001)).nfs]
    file.put_range(0, b"data")
    file.set_nfs_properties(azfiles.NfsSettings(mode="0644"))
    link = share.file("link")
    link.create_hard_link(file)
    told += [file.get_properties().nfs, bytes(link.get_range(0, 4).content)]
    share.file("F").create(1)
    symbolic = share.file("to")
    symbolic.create_symbolic_link("../elsewhere/f")
    told += [symbolic.get_symbolic_link().text, [entry.name for entry in share.root.list()]]
    told += [file.delete(), link.get_properties().nfs]
    share.delete()
    return told
