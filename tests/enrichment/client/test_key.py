"""The key is found, and never shown."""

import copy
import pickle

import pytest

from payseg_widgets import errors
from payseg_widgets.enrichment.client import key as keys
from payseg_widgets.enrichment.client.key import Key, find_key, key_found

SECRET = "9f0a-SECRET-77e1"


def test_the_environment_comes_before_the_keyring_and_what_is_given_before_both(monkeypatch):
    monkeypatch.setenv(keys.ENVIRONMENT_VARIABLE, "from-environment")
    monkeypatch.setattr(keys, "_from_keyring", lambda: "from-keyring")
    assert find_key("given").authorization() == Key("given").authorization()
    assert find_key().authorization() == Key("from-environment").authorization()
    monkeypatch.delenv(keys.ENVIRONMENT_VARIABLE)
    assert find_key().authorization() == Key("from-keyring").authorization()


def test_where_a_key_was_found_is_said_without_it(monkeypatch):
    monkeypatch.setenv(keys.ENVIRONMENT_VARIABLE, SECRET)
    monkeypatch.setattr(keys, "_from_keyring", lambda: SECRET)
    said = [key_found()]
    monkeypatch.delenv(keys.ENVIRONMENT_VARIABLE)
    said.append(key_found())
    monkeypatch.setattr(keys, "_from_keyring", lambda: None)
    said.append(key_found())
    assert said == ["in the environment (COMPANIES_HOUSE_API_KEY)", "in the keyring", ""]


def test_the_system_keyring_is_asked(monkeypatch):
    keyring = pytest.importorskip("keyring")
    monkeypatch.delenv(keys.ENVIRONMENT_VARIABLE, raising=False)
    stored = {(keys.KEYRING_SERVICE, keys.KEYRING_USER): SECRET}
    monkeypatch.setattr(keyring, "get_password", lambda service, user: stored.get((service, user)))
    assert find_key().authorization() == Key(SECRET).authorization()


def test_a_machine_without_a_keyring_is_told_the_ways_to_give_a_key(monkeypatch):
    keyring = pytest.importorskip("keyring")
    monkeypatch.delenv(keys.ENVIRONMENT_VARIABLE, raising=False)

    def no_backend(service, user):
        raise keyring.errors.NoKeyringError("no recommended backend")

    monkeypatch.setattr(keyring, "get_password", no_backend)
    with pytest.raises(errors.EnrichmentError, match=r"COMPANIES_HOUSE_API_KEY.*keyring set payseg_widgets"):
        find_key()


def test_the_header_is_basic_with_the_key_as_user_and_no_password():
    assert Key("Aladdin").authorization() == "Basic QWxhZGRpbjo="  # base64 of "Aladdin:"


@pytest.mark.parametrize(
    "show", [repr, str, "{}".format, "{:>40}".format, lambda key: str([key, {"key": key}])]
)
def test_no_way_of_printing_shows_it(show):
    assert SECRET not in show(Key(SECRET))


def test_it_is_neither_pickled_nor_copied_into_another_object():
    key = Key(SECRET)
    with pytest.raises(TypeError, match="not written to files"):
        pickle.dumps({"key": key})
    assert copy.deepcopy([key])[0] is key
    assert not hasattr(key, "__dict__")


def test_texts_are_redacted_of_it_plain_and_encoded():
    key = Key(SECRET)
    text = key.redact(f"GET /x?key={SECRET} with {key.authorization()}")
    assert text == "GET /x?key=[key] with Basic [key]"


@pytest.mark.parametrize("wrong", ["", "  ", f"{SECRET}\r\nX-Other: 1", f"{SECRET}:password", "kéy"])
def test_what_cannot_be_a_key_is_refused_without_quoting_it(wrong):
    with pytest.raises(errors.EnrichmentError, match="Copy it again") as caught:
        Key(wrong)
    assert SECRET not in str(caught.value)
