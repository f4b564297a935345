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
