"""The key to the register's API: where it is looked for, and that it is never shown."""

from __future__ import annotations

import base64
import os
from typing import NoReturn

from payseg_widgets.errors import EnrichmentError

ENVIRONMENT_VARIABLE = "COMPANIES_HOUSE_API_KEY"
KEYRING_SERVICE, KEYRING_USER = "payseg_widgets", "companies_house"


class Key:
    """A key that prints as ``Key(hidden)`` everywhere and cannot be pickled.

    Parameters
    ----------
    text : str
        The key as Companies House gave it; surrounding blanks are removed.

    Raises
    ------
    EnrichmentError
        If it is empty or holds blanks, colons or characters that no key has. The text is not quoted.

    Examples
    --------
    >>> f"{Key('0123-4567')}"
    'Key(hidden)'
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        text = text.strip()
        if not text or not all("!" <= character <= "~" and character != ":" for character in text):
            raise EnrichmentError(
                f"The Companies House key is empty or holds characters that no key has ({len(text)} characters, not shown). "
                "Copy it again from https://developer.company-information.service.gov.uk."
            )
        self._text = text

    def authorization(self) -> str:
        """Return the value of the HTTP header: Basic, the key as user name, no password."""
        return "Basic " + base64.b64encode(f"{self._text}:".encode()).decode()

    def redact(self, text: str) -> str:
        """Replace the key in a text, plain or encoded, by ``[key]``."""
        return text.replace(self._text, "[key]").replace(self.authorization().removeprefix("Basic "), "[key]")

    def __repr__(self) -> str:
        return "Key(hidden)"

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __copy__(self) -> Key:
        return self

    def __deepcopy__(self, memo: object) -> Key:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            "A key is not written to files or sent to processes. Call find_key() where it is needed."
        )


def find_key(given: str | Key | None = None) -> Key:
    """Find the key: the one given, else the environment's, else the system keyring's.

    Parameters
    ----------
    given : str or Key, optional

    Returns
    -------
    Key

    Raises
    ------
    EnrichmentError
        If there is none; says the ways to give one.
    """
    if isinstance(given, Key):
        return given
    text = given or os.environ.get(ENVIRONMENT_VARIABLE) or _from_keyring()
    if not text:
        raise EnrichmentError(
            f"No Companies House key was found. Set {ENVIRONMENT_VARIABLE}, or run `keyring set {KEYRING_SERVICE} "
            f"{KEYRING_USER}` (needs payseg-widgets[keyring]), or use the bulk file, which needs none."
        )
    return Key(text)


def key_found() -> str:
    """Say where `find_key` finds a key, as ``"in the environment"``; empty where there is none."""
    if os.environ.get(ENVIRONMENT_VARIABLE):
        return f"in the environment ({ENVIRONMENT_VARIABLE})"
    return "in the keyring" if _from_keyring() else ""


def _from_keyring() -> str | None:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None  # the extra is not installed: there is no key in it
    try:
        return keyring.get_password(KEYRING_SERVICE, KEYRING_USER)
    except KeyringError:
        return None  # no keyring on this machine, or locked: find_key() says what else can be done
