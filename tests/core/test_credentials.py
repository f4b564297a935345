"""Credentials check their shape when they are made and never show their secret."""

from __future__ import annotations

import pytest

from azfiles.credentials import EMULATOR_CREDENTIAL, EMULATOR_KEY, Anonymous, Sas, SharedKey, Token, TokenCredential
from azfiles.errors import InvalidArgument


class _Tokens:
    secret = "hush123"

    def get_token(self, *scopes: str, **kwargs: object) -> object:
        return self


@pytest.mark.parametrize("key", ["", "not base64!", "aaa", "a2V5\u00e9", "'a2V5'"])
def test_an_account_key_that_is_not_base64_is_refused_without_being_repeated(key: str):
    with pytest.raises(InvalidArgument, match="not base64") as caught:
        SharedKey("acct", key)
    assert not key or key not in str(caught.value)


@pytest.mark.parametrize("account", ["", "a/b", "a b", "-a", "a.b"])
def test_an_account_name_that_cannot_be_one_is_refused(account: str):
    with pytest.raises(InvalidArgument, match="account name"):
        SharedKey(account, "a2V5")


def test_the_emulators_key_is_ready_for_use():
    assert SharedKey("devstoreaccount1", EMULATOR_KEY) == EMULATOR_CREDENTIAL
    assert len(EMULATOR_CREDENTIAL.secret) == 64


@pytest.mark.parametrize("text", ["sv=1&sig=abc%3D", "?sv=1&sig=abc%3D", " &sv=1&sig=abc%3D& "])
def test_a_signature_is_taken_with_or_without_its_question_mark(text: str):
    assert Sas(text).token == "sv=1&sig=abc%3D"


@pytest.mark.parametrize(
    "text", ["", "?", "sv=1", "sv=1&sig=", "sv=1&sig=a b", "sv=1&sig=a\r\nX: y", "sig=a#b", "sig=%zz"]
)
def test_a_text_that_is_no_signature_is_refused_without_being_repeated(text: str):
    with pytest.raises(InvalidArgument, match="shared access signature") as caught:
        Sas(text)
    assert len(text) < 2 or text not in str(caught.value)


def test_a_token_credential_needs_get_token():
    assert isinstance(_Tokens(), TokenCredential)
    with pytest.raises(InvalidArgument, match="get_token"):
        Token(object())  # type: ignore[arg-type] - the wrong argument is the point


def test_no_repr_shows_a_secret():
    shown = repr([SharedKey("acct", "aHVzaDEyMw=="), Sas("sv=1&sig=hush123"), Token(_Tokens()), Anonymous()])
    assert "hush123" not in shown
    assert "aHVzaDEyMw" not in shown
    assert "_Tokens" not in shown
    assert "acct" in shown
