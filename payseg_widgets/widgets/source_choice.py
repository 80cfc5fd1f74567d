"""Where a panel's company data come from: a register's file, a register behind a key, the ledger alone, or Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from payseg_widgets.enrichment.client.key import key_found
from payseg_widgets.enrichment.source import Source
from payseg_widgets.enrichment.sources.companies_house import ApiRegister
from payseg_widgets.errors import EnrichmentError, PaysegError


class KeyedRegister(Protocol):
    """A register that asks for a key.

    Attributes
    ----------
    label : str
        For people.
    """

    label: str

    def key_found(self) -> str:
        """Say where a key was found, as ``"in the environment"``; empty where there is none."""
        ...

    def open(self, key: str | None) -> Source:
        """Return the register opened with a key, or with the one that was found.

        Raises
        ------
        PaysegError
            If there is none, or it cannot be one.
        """
        ...


class CompaniesHouseByKey:
    """Companies House over its API."""

    label = "Companies House"

    def key_found(self) -> str:
        """Say where a key was found; a keyring may ask its owner first."""
        return key_found()

    def open(self, key: str | None) -> Source:
        """Return the API with a key, or with the one that was found."""
        return ApiRegister(key)


def chosen_source(message: dict[str, Any], register: KeyedRegister, given: Any) -> Any:
    """Return the source that a page's message chooses; a key in it is taken out, used and forgotten.

    Raises
    ------
    EnrichmentError
        If it cannot be had; a typed key is never quoted.
    """
    choice = message.get("choice")
    if choice == "register":
        return _opened(register, message)
    message.pop("key", None)
    if choice == "ledger":
        return None
    if choice == "given":
        return given
    if choice == "file":
        return _file(str(message.get("path", "")))
    raise EnrichmentError(f"{str(choice)[:40]!r} is no source to choose.")


def described(source: Any, register: KeyedRegister, given: Any) -> dict[str, Any]:
    """Return what the page says of the source and of those there are."""
    return {
        "now": "The ledger alone" if source is None else _label(source),
        "choice": _choice(source, given),
        "path": str(source) if isinstance(source, str | Path) else "",
        "given": "" if given is None else _label(given),
        "register": register.label,
    }


def _choice(source: Any, given: Any) -> str:
    if source is None:
        return "ledger"
    if isinstance(source, str | Path):
        return "file"
    return "given" if source is given else "register"


def _label(source: Any) -> str:
    return Path(source).name if isinstance(source, str | Path) else str(source.label)


def _file(text: str) -> Path:
    path = Path(text.strip()).expanduser()
    if not text.strip() or not path.exists():
        raise EnrichmentError(
            f"There is no file {text.strip()[:200]!r}. Give the path of the register's CSV or ZIP, as the kernel sees it."
        )
    return path


def _opened(register: KeyedRegister, message: dict[str, Any]) -> Source:
    """Open the register; an error is told in words of its own without the key, and no frame of it holds the key."""
    key = str(message.pop("key", "")) or None
    try:
        return register.open(key)
    except Exception as error:  # noqa: BLE001  raised again below, without the frames that hold the key
        told = str(error) if isinstance(error, PaysegError) else f"{type(error).__name__}: {error}"
        told = told if key is None else told.replace(key.strip() or key, "[key]")
    del key
    raise EnrichmentError(told)
