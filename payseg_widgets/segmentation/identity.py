"""Segments keep number, letter, name and colour when they are made again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from payseg_widgets.errors import SegmentationError
from payseg_widgets.segmentation.cards import letter
from payseg_widgets.segmentation.result import LINEAGE, Segmentation, SegmentCard

#: A segment carries on, or came from or went to another, where more than this share of its customers did.
MOST = 0.5


@dataclass(frozen=True, repr=False)
class Overlap:
    """How many customers seen again are in each pair of an old and a new segment.

    Attributes
    ----------
    counts : pandas.DataFrame of int
        Index: old segments; columns: new ones.
    n_old, n_new : pandas.Series of int
        Customers seen again in each old and new segment, those now or formerly in no segment too.
    """

    counts: pd.DataFrame
    n_old: pd.Series
    n_new: pd.Series

    @classmethod
    def of(cls, old: pd.Series, new: pd.Series) -> Overlap:
        """Count the customers of two label series, index ``customer_id``."""
        both = old.index.intersection(new.index)
        before, after = old.reindex(both), new.reindex(both)
        rows, columns = (sorted(set(s[s >= 0].tolist())) for s in (old, new))
        counts = pd.crosstab(before, after).reindex(index=rows, columns=columns, fill_value=0)
        n_old, n_new = (
            s.value_counts().reindex(axis, fill_value=0) for s, axis in ((before, rows), (after, columns))
        )
        return cls(counts, n_old, n_new)

    @property
    def kept(self) -> pd.DataFrame:
        """Share of each old segment's customers that are in each new one."""
        return self.counts.div(self.n_old.clip(lower=1), axis="index")

    @property
    def drawn(self) -> pd.DataFrame:
        """Share of each new segment's customers that were in each old one."""
        return self.counts.div(self.n_new.clip(lower=1), axis="columns")

    def matched(self) -> dict[int, int]:
        """Return which new segment carries on which old one: new to old.

        The most customers possible keep their label (Hungarian method; of equals, the pairs with the larger sum of
        Jaccard similarities). Only pairs count where most customers of one side are on the other: a pair that is merely
        left over is no match.

        References
        ----------
        H. W. Kuhn (1955). The Hungarian method for the assignment problem.
        """
        counts = self.counts.to_numpy()
        union = self.n_old.to_numpy()[:, None] + self.n_new.to_numpy()[None, :] - counts
        similarity = counts / np.maximum(union, 1)
        rows, columns = linear_sum_assignment(counts + similarity / (counts.size + 1), maximize=True)
        share = np.maximum(self.kept.to_numpy(), self.drawn.to_numpy())
        old, new = self.counts.index, self.counts.columns
        return {int(new[j]): int(old[i]) for i, j in zip(rows, columns, strict=True) if share[i, j] > MOST}


def carry_on(made: Segmentation, previous: Segmentation) -> Segmentation:
    """Give the segments the numbers, letters and names they had in an earlier segmentation.

    A segment without a predecessor gets the next number never used before; the number of one that is gone is not given
    again. So ``segment == "B ..."`` means the same customers' kind before and after, and colours stay.

    Parameters
    ----------
    made : Segmentation
        Of the same portfolio at another time, with other features or by another model.
    previous : Segmentation
        May itself carry on an earlier one.

    Returns
    -------
    Segmentation
        ``lineage`` tells what became of each segment: continued, born, split, merged, died or drifted. The cards are in
        the order of their numbers, which need not be that of risk any more.

    Raises
    ------
    SegmentationError
        If no customer is in both.
    """
    if not previous.labels_.index.isin(made.labels_.index).any():
        raise SegmentationError(
            f"none of the {len(previous)} customers of the previous segmentation is among these {len(made)}; "
            "segments carry on through customers seen again. Give a table with the same customer ids, or leave "
            "previous= out."
        )
    overlap = Overlap.of(previous.labels_, made.labels_)
    matched = overlap.matched()
    numbers = _numbers(overlap.counts.columns.to_numpy().tolist(), matched, _used(previous))
    cards = _carried_cards(made, previous, matched, numbers)
    lineage = _lineage(overlap, matched, numbers, cards, previous, str(made.provenance.get("as_of", "")))
    return replace(_renumbered(made, numbers), cards=cards, lineage=lineage)


def numbers_like(labels: pd.Series, known: pd.Series, free: int) -> dict[int, int]:
    """Return the number that each segment gets so that, as far as can be, it means the same as among the known ones.

    Parameters
    ----------
    labels, known : pandas.Series of int
        Segment of each customer, index ``customer_id``; -1 for none, which keeps its number.
    free : int
        Number for the first segment that carries on none of the known ones: see `Overlap.matched`.

    Examples
    --------
    >>> known = pd.Series([0, 0, 1, 1], index=list("abcd"))
    >>> numbers_like(pd.Series([1, 1, 0, 0, 2], index=list("abcde")), known, 2)
    {0: 1, 1: 0, 2: 2}
    """
    overlap = Overlap.of(known, labels)
    return _numbers(overlap.counts.columns.to_numpy().tolist(), overlap.matched(), free)


def _used(previous: Segmentation) -> int:
    """Return the number after the last ever given."""
    given = [card.segment for card in previous.cards] + previous.lineage["segment"].tolist()
    return max(given, default=-1) + 1


def _numbers(new: Iterable[int], matched: Mapping[int, int], free: int) -> dict[int, int]:
    numbers = {}
    for segment in new:
        numbers[segment] = matched.get(segment, free)
        free += segment not in matched
    return numbers


def _renumbered(made: Segmentation, numbers: Mapping[int, int]) -> Segmentation:
    lookup = np.full(max(numbers, default=-1) + 2, -1)  # the last entry is -1's own
    lookup[list(numbers)] = list(numbers.values())
    quality: dict[str, Any] = dict(made.quality)
    if "stability_by_segment" in quality:
        stable = quality["stability_by_segment"]
        quality["stability_by_segment"] = stable.set_axis(
            pd.Index(lookup[stable.index], name="segment")
        ).sort_index()
    labels = pd.Series(lookup[made.labels_.to_numpy()], index=made.labels_.index, name="segment")
    placement = replace(made._assigner, numbering=lookup[made._assigner.numbering])
    return replace(made, labels_=labels, quality=quality, _assigner=placement)


def _carried_cards(
    made: Segmentation, previous: Segmentation, matched: Mapping[int, int], numbers: Mapping[int, int]
) -> tuple[SegmentCard, ...]:
    known = {card.segment: card for card in previous.cards}
    taken = {known[old].name for old in matched.values()}
    cards = []
    for card in made.cards:
        number = numbers.get(card.segment, -1)
        name = card.name
        if card.segment in matched:
            name = known[number].name
        elif card.segment >= 0:
            name = next(
                n for n in (name, *(f"{name} {i}" for i in range(2, len(taken) + 3))) if n not in taken
            )
            taken.add(name)
        cards.append(replace(card, segment=number, letter=letter(number), name=name))
    return tuple(sorted(cards, key=lambda card: (card.segment < 0, card.segment)))


def _lineage(
    overlap: Overlap,
    matched: Mapping[int, int],
    numbers: Mapping[int, int],
    cards: tuple[SegmentCard, ...],
    previous: Segmentation,
    as_of: str,
) -> pd.DataFrame:
    called = {c.segment: f"{c.letter} {c.name}" for c in (*previous.cards, *cards) if c.segment >= 0}
    events = [
        *_of_new(overlap, matched, numbers, called),
        *_of_gone(overlap, matched, numbers, called),
        *_of_drift(matched, cards, previous, called),
    ]
    rows = [(as_of, event, s, called[s], other, n, share, said) for event, s, other, n, share, said in events]
    table = pd.DataFrame(rows, columns=list(LINEAGE)).astype(LINEAGE)
    return pd.concat([previous.lineage, table], ignore_index=True)


_Event = tuple[str, int, int, int, float, str]
"""Event, segment, the other segment (-1 for none), customers seen again, share of them, sentence."""


def _of_new(
    overlap: Overlap, matched: Mapping[int, int], numbers: Mapping[int, int], called: Mapping[int, str]
) -> list[_Event]:
    events: list[_Event] = []
    for new, number in numbers.items():
        n_new = int(overlap.n_new[new])
        if new in matched:
            n_old = int(overlap.n_old[number])
            kept = int(overlap.counts[new].loc[number]) / max(n_old, 1)
            said = f"{called[number]} carries on: {kept:.0%} of its {n_old:,} customers seen again are still in it."
            events.append(("continued", number, number, n_old, kept, said))
            continue
        parent, share = _largest(overlap.drawn[new])
        if share > MOST:
            said = f"{called[number]} split off {called[parent]}, where {share:.0%} of its {n_new:,} customers were."
            events.append(("split", number, parent, n_new, share, said))
        else:
            said = f"{called[number]} is new: most of its customers were in no one segment before."
            events.append(("born", number, -1, n_new, share, said))
    return events


def _of_gone(
    overlap: Overlap, matched: Mapping[int, int], numbers: Mapping[int, int], called: Mapping[int, str]
) -> list[_Event]:
    events: list[_Event] = []
    for old in overlap.counts.index.difference(list(matched.values())):
        n_old = int(overlap.n_old[old])
        heir, share = _largest(overlap.kept.loc[old])
        if share > MOST:
            into = numbers[heir]
            said = f"{called[old]} merged into {called[into]}, where {share:.0%} of its {n_old:,} customers are now."
            events.append(("merged", int(old), into, n_old, share, said))
        else:
            said = f"{called[old]} is gone: no segment holds most of its {n_old:,} customers seen again."
            events.append(("died", int(old), -1, n_old, share, said))
    return events


def _of_drift(
    matched: Mapping[int, int],
    cards: tuple[SegmentCard, ...],
    previous: Segmentation,
    called: Mapping[int, str],
) -> list[_Event]:
    """Say where a kept name speaks of a risk or value that is no longer true."""
    before = {card.segment: card for card in previous.cards}
    events: list[_Event] = []
    for card in cards:
        if card.segment not in matched.values():
            continue
        old = before[card.segment]
        changed = [
            f"{what} is now {now}, it was {was}"
            for what, was, now in (("risk", old.risk, card.risk), ("value", old.value, card.value))
            if was != now
        ]
        if changed:
            said = f"{called[card.segment]} keeps its name, but its {' and its '.join(changed)}."
            events.append(("drifted", card.segment, card.segment, card.n_customers, 1.0, said))
    return events


def _largest(shares: pd.Series) -> tuple[int, float]:
    if shares.empty:
        return -1, 0.0
    at = int(shares.to_numpy().argmax())
    return int(shares.index.to_numpy()[at]), float(shares.to_numpy()[at])
