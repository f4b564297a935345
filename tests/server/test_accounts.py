"""Accounts as an environment variable writes them."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azfiles_sim.accounts import (
    ACCOUNT_KINDS,
    DEFAULT_ACCOUNTS,
    EMULATOR_KEY,
    AccountsError,
    AccountSpec,
    connection_string,
    parse_accounts,
    refuse_duplicates,
)

KEY = base64.b64encode(b"a secret that nobody may see").decode()
OTHER_KEY = base64.b64encode(b"another secret").decode()

names = st.from_regex(r"[a-z0-9]{3,24}", fullmatch=True)
keys = st.lists(st.binary(min_size=1, max_size=64), min_size=1, max_size=2).map(tuple)
specs = st.builds(AccountSpec, names, st.sampled_from(ACCOUNT_KINDS), keys)
spaces = st.sampled_from(["", " ", "  ", "\t"])


@given(accounts=st.lists(specs, min_size=1, max_size=5, unique_by=lambda spec: spec.name), data=st.data())
def test_what_is_written_is_read_back_whatever_the_spaces(accounts, data):
    def space() -> str:
        return data.draw(spaces)

    entries = []
    for spec in accounts:
        at = f"{space()}@{space()}{spec.kind}" if spec.kind != "standard" or data.draw(st.booleans()) else ""
        texts = [base64.b64encode(key).decode() for key in spec.keys]
        written = "".join(f"{space()}:{space()}{text}" for text in texts)
        entries.append(f"{space()}{spec.name}{at}{written}{space()}")
    text = ";".join(entries) + data.draw(st.sampled_from(["", ";", "; "]))
    assert parse_accounts(text) == tuple(accounts)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no account is given"),
        (" ; ", "account 1: "),
        (f"one:{KEY};;two:{KEY}", "account 2: "),
        (KEY, "account 1: it has no key"),
        ("one", "account 1: it has no key"),
        ("one:", "account 1: a key is empty"),
        (f"one:{KEY}:", "account 1: a key is empty"),
        (f"one:{KEY}:{OTHER_KEY}:{KEY}", "account 1: an account has 1 to 2 keys"),
        (f"one:{KEY[:-3]}", "account 1: a key is not base64"),
        (f"one:{KEY[:-4]}*===", "account 1: a key is not base64"),
        ("one:schlüssel", "account 1: a key is not base64"),
        (f"one@gold:{KEY}", "account 1: the kind is not known; the kinds are standard, premium, provisioned"),
        (f"one@:{KEY}", "account 1: the kind is not known"),
        (f"One:{KEY}", "account 1: an account name has 3 to 24 lower-case letters and digits"),
        (f"a:{KEY}", "account 1: an account name"),
        (f"one-secondary:{KEY}", "account 1: an account name"),
        (f"one:{KEY};one:{OTHER_KEY}", "the account one is given twice"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_number_and_never_quoted(text, message):
    with pytest.raises(AccountsError) as refused:
        parse_accounts(text)
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)
    assert KEY[:8] not in str(refused.value)
    assert OTHER_KEY[:8] not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_repr_shows_no_key():
    spec = AccountSpec.from_text("one", KEY, OTHER_KEY, kind="premium")
    assert repr(spec) == "AccountSpec(name='one', kind='premium', soft_delete_days=None)"


def test_an_account_without_a_key_is_refused():
    with pytest.raises(AccountsError):
        AccountSpec("one")


def test_the_default_account_is_the_emulators():
    (account,) = DEFAULT_ACCOUNTS
    assert (account.name, account.kind, account.key_text()) == ("devstoreaccount1", "standard", EMULATOR_KEY)
    refuse_duplicates(DEFAULT_ACCOUNTS)


def test_a_connection_string_names_protocol_account_key_and_endpoint():
    text = connection_string(DEFAULT_ACCOUNTS[0], "https://127.0.0.1:1/devstoreaccount1")
    assert text == (
        f"DefaultEndpointsProtocol=https;AccountName=devstoreaccount1;AccountKey={EMULATOR_KEY};"
        "FileEndpoint=https://127.0.0.1:1/devstoreaccount1;"
    )
