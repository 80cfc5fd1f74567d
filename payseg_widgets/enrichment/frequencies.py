"""How common the words of company names are: a shared rare word says more than a shared common one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from payseg_widgets.enrichment.name_words import COMMON_WORDS


@dataclass(frozen=True, repr=False)
class Frequencies:
    """Number of names that hold a word.

    Attributes
    ----------
    n_names : int
    counts : mapping of str to int
        Words left out count as ``rare``.
    rare : float
    """

    n_names: int
    counts: Mapping[str, int]
    rare: float = 1.0
    _weights: dict[str, float] = field(default_factory=dict, compare=False)

    def weight(self, word: str) -> float:
        """Return the information of a word in nats, ``ln(n_names / count)``, at least 0.1."""
        known = self._weights.get(word)
        if known is None:
            known = max(math.log(max(self.n_names, 2) / self.counts.get(word, self.rare)), 0.1)
            if len(self._weights) < 100_000:
                self._weights[word] = known
        return known

    def __repr__(self) -> str:
        return f"Frequencies({self.n_names:,} names, {len(self.counts):,} words)"


def count_words(cores: Iterable[str], *, at_least: int = 1) -> Frequencies:
    """Count the words of normalised names.

    Examples
    --------
    >>> count_words(["ACORN PRINT", "BEECH PRINT"]).counts["PRINT"]
    2
    """
    counts: Counter[str] = Counter()
    n = 0
    for core in cores:
        counts.update(set(core.split()))
        n += 1
    kept = {word: count for word, count in counts.items() if count >= at_least}
    return Frequencies(n, kept, max(1.0, (1 + at_least) / 2 - 0.5))


def typical_frequencies() -> Frequencies:
    """Return the words of a whole national register, roughly: where only a few search hits are at hand.

    About a hundred words that very many names hold have written-down shares; any other word counts as held by 30 names of
    5 million.
    """
    return Frequencies(5_000_000, {word: share * 5_000 for word, share in COMMON_WORDS.items()}, 30.0)
