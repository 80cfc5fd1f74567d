"""Find a package's parts: one part a file, registered by a decorator, looked up by name."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, TypeVar

from payseg_widgets.errors import UnknownNameError

Part = TypeVar("Part")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a sentence with the names closest to ``name``, or with all of them where none is close.

    >>> did_you_mean("late_ration", ["late_ratio", "outstanding"])
    "Did you mean 'late_ratio'?"
    """
    listed = list(known)
    close = difflib.get_close_matches(name, listed, n=3, cutoff=0.5)
    return f"Did you mean {' or '.join(map(repr, close))}?" if close else f"There are: {', '.join(listed)}."


class Registry(Mapping[str, Part], Generic[Part]):
    """The parts of one kind, imported from one package on first use and sorted by name.

    Parameters
    ----------
    kind : str
        What the parts are called in messages, such as ``"feature"``.
    package : str
        Dotted name of the package whose modules register the parts.
    """

    def __init__(self, kind: str, package: str) -> None:
        self.kind = kind
        self._package = package
        self._parts: dict[str, Part] = {}
        self._loaded = False

    def add(self, name: str, part: Part) -> None:
        """Register ``part``; a second part of the same name is a mistake in the package."""
        if name in self._parts:
            raise ValueError(f"two {self.kind}s are called {name!r}; rename one")
        self._parts[name] = part

    def _load(self) -> dict[str, Part]:
        if not self._loaded:
            package = importlib.import_module(self._package)
            for module in pkgutil.iter_modules(package.__path__):
                importlib.import_module(f"{self._package}.{module.name}")
            self._parts = dict(sorted(self._parts.items()))
            self._loaded = True
        return self._parts

    def __getitem__(self, name: str) -> Part:
        parts = self._load()
        if name in parts:
            return parts[name]
        raise UnknownNameError(f"no {self.kind} is called {name!r}. {did_you_mean(str(name), parts)}")

    def __contains__(self, name: object) -> bool:
        return name in self._load()

    def __iter__(self) -> Iterator[str]:
        return iter(self._load())

    def __len__(self) -> int:
        return len(self._load())

    def __repr__(self) -> str:
        return f"Registry({self.kind}, {len(self)} parts)"
