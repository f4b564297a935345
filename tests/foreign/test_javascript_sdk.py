"""@azure/storage-file-share under Node: ``tests/foreign/node/sdk.test.js``, each of its tests a claim of its own."""

from __future__ import annotations

import re

import pytest

from azfiles_sim.accounts import EMULATOR_ACCOUNT, EMULATOR_KEY
from azfiles_sim.server import ServedSimulator

from .programs import NODE_DIR, find_node, run_program


@pytest.fixture(params=["path style over http", "host style over https"])
def served(request) -> ServedSimulator:
    return request.getfixturevalue("plain" if request.param.startswith("path") else "secure")


@pytest.mark.evidence(operation="V1", source="client:javascript sdk")
@pytest.mark.evidence(operation="V2", source="client:javascript sdk")
@pytest.mark.evidence(operation="V3", source="client:javascript sdk")
@pytest.mark.evidence(operation="H1", source="client:javascript sdk")
@pytest.mark.evidence(operation="H2", source="client:javascript sdk")
@pytest.mark.evidence(operation="H3", source="client:javascript sdk")
@pytest.mark.evidence(operation="H4", source="client:javascript sdk")
@pytest.mark.evidence(operation="H5", source="client:javascript sdk")
@pytest.mark.evidence(operation="H7", source="client:javascript sdk")
@pytest.mark.evidence(operation="H8", source="client:javascript sdk")
@pytest.mark.evidence(operation="H10", source="client:javascript sdk")
@pytest.mark.evidence(operation="H12", source="client:javascript sdk")
@pytest.mark.evidence(operation="H13", source="client:javascript sdk")
@pytest.mark.evidence(operation="H14", source="client:javascript sdk")
@pytest.mark.evidence(operation="H16", source="client:javascript sdk")
@pytest.mark.evidence(operation="H18", source="client:javascript sdk")
@pytest.mark.evidence(operation="D1", source="client:javascript sdk")
@pytest.mark.evidence(operation="D2", source="client:javascript sdk")
@pytest.mark.evidence(operation="D5", source="client:javascript sdk")
@pytest.mark.evidence(operation="D7", source="client:javascript sdk")
@pytest.mark.evidence(operation="D10", source="client:javascript sdk")
@pytest.mark.evidence(operation="F1", source="client:javascript sdk")
@pytest.mark.evidence(operation="F2", source="client:javascript sdk")
@pytest.mark.evidence(operation="F3", source="client:javascript sdk")
@pytest.mark.evidence(operation="F5", source="client:javascript sdk")
@pytest.mark.evidence(operation="F6", source="client:javascript sdk")
@pytest.mark.evidence(operation="F8", source="client:javascript sdk")
@pytest.mark.evidence(operation="F9", source="client:javascript sdk")
@pytest.mark.evidence(operation="F10", source="client:javascript sdk")
@pytest.mark.evidence(operation="F11", source="client:javascript sdk")
@pytest.mark.evidence(operation="F13", source="client:javascript sdk")
@pytest.mark.evidence(operation="F17", source="client:javascript sdk")
@pytest.mark.evidence(operation="F19", source="client:javascript sdk")
@pytest.mark.evidence(operation="F21", source="client:javascript sdk")
@pytest.mark.evidence(error="ShareAlreadyExists", source="client:javascript sdk")
@pytest.mark.evidence(error="ShareHasSnapshots", source="client:javascript sdk")
@pytest.mark.evidence(error="ResourceAlreadyExists", source="client:javascript sdk")
@pytest.mark.evidence(error="ParentNotFound", source="client:javascript sdk")
@pytest.mark.evidence(error="DirectoryNotEmpty", source="client:javascript sdk")
@pytest.mark.evidence(error="InvalidRange", source="client:javascript sdk")
@pytest.mark.evidence(error="LeaseIdMissing", source="client:javascript sdk")
@pytest.mark.evidence(error="NoPendingCopyOperation", source="client:javascript sdk")
@pytest.mark.evidence(error="AuthorizationPermissionMismatch", source="client:javascript sdk")
@pytest.mark.evidence(error="AuthenticationFailed", source="client:javascript sdk")
@pytest.mark.evidence(error="ShareNotFound", source="client:javascript sdk")
def test_all_that_the_javascript_sdk_does_ends_as_it_would_on_azure(served):
    environment = {
        "AZFILES_ACCOUNT": EMULATOR_ACCOUNT,
        "AZFILES_KEY": EMULATOR_KEY,
        "AZFILES_ENDPOINT": served.endpoint,
    }
    if served.ca_file is not None:
        environment["NODE_EXTRA_CA_CERTS"] = str(served.ca_file)
    ended = run_program(
        [find_node(), "--test", "--test-reporter=tap", "sdk.test.js"],
        timeout_s=120,
        environment=environment,
        folder=NODE_DIR,
    )
    assert ended.status == 0, str(ended)
    assert int(re.findall(r"^# pass (\d+)", ended.out, re.MULTILINE)[0]) >= 10
