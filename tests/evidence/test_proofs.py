"""What the allow-list of ``tests/oracle`` says of the real service is so: the simulator is held to every row, and every
row to the recording that it was read from, where that is at hand.
"""

from __future__ import annotations

import pytest

from azfiles_sim import Reply
from azfiles_sim.testing.cassettes.sessions import load_session, parse_query
from tests.oracle.allow import ENTRIES
from tests.recordings.folder import FOLDER_VARIABLE, recordings_folder
from tests.wire.asking import NEWEST, START, Asker, code, header

from .proofs import OLD_PYTHON_SDK, PROOFS, Asked, Proof

RECORDED = [proof for proof in PROOFS if proof.repository == OLD_PYTHON_SDK]


def ask(asker: Asker, asked: Asked, version: str) -> Reply:
    asker.clock.set(asked.at)
    asker.elapsed = asked.at - START
    return asker.ask(asked.method, asked.target, *asked.headers, body=asked.body, version=version or NEWEST)


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.name)
def test_the_simulator_answers_as_the_service_did(proof: Proof) -> None:
    asker = Asker()
    for asked in proof.setup:
        assert ask(asker, asked, proof.version).status < 300
    reply = ask(asker, proof.asked, proof.version)
    assert reply.status == proof.status
    assert not proof.code or code(reply) == proof.code
    assert [(name, header(reply, name)) for name, _ in proof.shows] == list(proof.shows)


@pytest.mark.parametrize("proof", RECORDED, ids=lambda proof: proof.name)
def test_a_row_is_what_its_recording_says(proof: Proof) -> None:
    path = recordings_folder() / proof.file.rpartition("/")[2]
    if not path.exists():
        pytest.skip(f"{path.name} is not at hand; {FOLDER_VARIABLE} names the folder of the recordings")
    recorded = load_session(path).interactions[int(proof.interaction)]
    asked = proof.asked
    assert (recorded.method, recorded.query) == (asked.method, parse_query(asked.target))
    assert len(recorded.components) == asked.target.partition("?")[0].count("/")
    assert recorded.header("x-ms-version") == proof.version
    assert [(name, recorded.header(name)) for name, _ in asked.headers] == list(asked.headers)
    assert (recorded.answer.status, recorded.answer.code or "") == (proof.status, proof.code)
    assert [(name, recorded.answer.header(name)) for name, _ in proof.shows] == list(proof.shows)


def test_every_proof_proves_an_entry_and_every_entry_names_its_proofs() -> None:
    named = {name for entry in ENTRIES for name in entry.proof}
    assert named == {proof.name for proof in PROOFS}
    assert len({proof.name for proof in PROOFS}) == len(PROOFS)
