"""A client that speaks an older version of the service is understood by it, without being told what that version wants."""

from __future__ import annotations

import pytest

import azfiles
from azfiles_sim import Simulator
from azfiles_sim.wire.api_versions import KNOWN


@pytest.mark.parametrize("version", [version for version in KNOWN if version <= "2021-06-08"])
def test_files_and_directories_are_made_and_changed_in_every_older_version(version: str):
    simulator = Simulator(seed=1)
    share = azfiles.connect(simulator.handle, api_version=version).share("data")
    share.create()
    directory, file = share.directory("d"), share.file("d/f")
    directory.create()
    file.create(4)
    file.resize(8)
    file.set_http_headers(azfiles.HttpHeaders(content_type="text/plain"))
    if version > "2018-11-09":
        file.set_smb_properties(azfiles.SmbSettings(attributes="ReadOnly"))
        file.set_smb_properties(azfiles.SmbSettings(attributes="None"))
        directory.set_smb_properties(azfiles.SmbSettings(attributes="Hidden"))
    file.upload(b"all of it", atomic=version >= "2021-04-10")
    found = file.get_properties()
    assert (file.download(), found.size) == (b"all of it", 9)
