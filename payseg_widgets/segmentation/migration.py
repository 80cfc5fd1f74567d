"""Who moved from one segment to another between two days, and how many would have if nobody had changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from payseg_widgets.errors import SegmentationError
from payseg_widgets.features.ageing import DEFAULT_BUCKETS
from payseg_widgets.features.compute import choose_measures
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.features.two_periods import TwoPeriods
from payseg_widgets.ledger.days import day_of
from payseg_widgets.segmentation.confidence import Placed, place_part
from payseg_widgets.segmentation.risk import risk_scores

if TYPE_CHECKING:
    from payseg_widgets.features.measure import Measure
    from payseg_widgets.ledger.schema import Ledger
    from payseg_widgets.segmentation.placement import Placement
    from payseg_widgets.segmentation.result import Segmentation

#: Resamples from which the noise of the prepared columns is estimated.
_N_NOISE = 20


@dataclass(frozen=True, repr=False)
class Migration:
    """Who moved between two days.

    Attributes
    ----------
    before, after : pandas.Timestamp
        Ends of the two periods, each ``days`` long.
    days : int
    table : pandas.DataFrame
        A row for each pair of segments: ``was`` and ``now`` (numbers), ``was_called`` and ``now_called``, ``customers``,
        ``expected`` by chance alone, ``alerts``, ``invoiced`` in the later period and ``outstanding`` at its end, in
        units of the currency. Those who stayed have ``was`` equal to ``now``.
    customers : pandas.DataFrame
        Index ``customer_id``: ``was``, ``now``, ``moved``; ``chance``, how often the customer would have moved had its
        invoices changed places; ``p_value``, how often its behaviour would have seemed to change as much (distance in
        the prepared columns, in units of their noise); ``alert``;
        ``risk_change`` (of its risk score, above 0 is worse); ``invoiced``, ``outstanding``.
    n_moved : int
    expected_moves : float
    expected_low, expected_high : float
        The moves that chance alone would bring, with the range that holds 95 % of the resamples.
    sentence : str
    """

    before: pd.Timestamp
    after: pd.Timestamp
    days: int
    table: pd.DataFrame
    customers: pd.DataFrame
    n_moved: int
    expected_moves: float
    expected_low: float
    expected_high: float
    sentence: str

    def __repr__(self) -> str:
        return f"Migration(customers={len(self.customers)}, moved={self.n_moved}, expected={self.expected_moves:.1f})"


def migration(
    segmentation: Segmentation,
    ledger: Ledger,
    before: str | date | pd.Timestamp,
    after: str | date | pd.Timestamp | None = None,
    *,
    days: int | None = None,
    level: float = 0.05,
    n_resamples: int = 99,
    seed: int = 0,
) -> Migration:
    """Say who moved between two days, and how many would seem to have moved had nobody changed.

    Each customer is placed by its invoices of the period that ends on either day, as they were known on that day. A
    customer with few invoices moves by chance alone; how often is found by letting its invoices change places between the
    two periods, which makes no difference if it pays as before.

    Parameters
    ----------
    segmentation : Segmentation
        The segments stay as they are at both days.
    ledger : Ledger
        Of the whole time.
    before, after : date
        Ends of the periods; ``after`` is the ledger's ``as_of`` where not given.
    days : int, optional
        Length of each period; from ``before`` to ``after`` where not given.
    level : float
        An alert is a move whose behaviour would have changed as much in at most this share of the resamples.
    n_resamples : int
        How often invoices change places; the least p-value is 1 / (n_resamples + 1).
    seed : int

    Returns
    -------
    Migration
        Customers without enough invoices in both periods are left out; the sentence counts them.

    Raises
    ------
    SegmentationError
        If the days are not in order, or nobody has enough invoices in both periods.

    References
    ----------
    Pitman, E. J. G. (1937). Significance tests which may be applied to samples from any populations. Supplement to the
    Journal of the Royal Statistical Society 4, 119-130.
    """
    first, last = day_of(before), ledger.as_of if after is None else day_of(after)
    days = int((last - first).days) if days is None else days
    if not first < last or days < 1 or n_resamples < 1 / level - 1:
        raise SegmentationError(
            f"before={first:%Y-%m-%d}, after={last:%Y-%m-%d}, days={days}, level={level}, n_resamples={n_resamples} cannot "
            "be compared: give an earlier and a later day, a period of at least a day, and 1 / level - 1 resamples or more."
        )
    later = SettledInvoices.from_ledger(ledger.until(last))
    periods = TwoPeriods.of(SettledInvoices.from_ledger(ledger.until(first)), later, days)
    measures = _measures(segmentation)
    placer = _Placer(segmentation._assigner, measures, periods)
    was, now = (placer.place(is_later) for is_later in (~periods.is_later, periods.is_later))
    known = (was.labels >= 0) & (now.labels >= 0)
    if not known.any():
        raise SegmentationError(
            f"none of {len(known)} customers has enough invoices in both periods of {days} days. Give longer periods (days=) "
            "or days further apart."
        )
    chance = _by_chance(placer, np.random.default_rng(seed), n_resamples, was, now)
    risk = _risk_change(was, now, measures)
    customers = _customers(was, now, chance, risk, level, later, periods.invoices)[known]
    return _summed_up(segmentation, customers, chance, known, first, last, days)


@dataclass(frozen=True)
class _Placer:
    placement: Placement
    measures: tuple[Measure, ...]
    periods: TwoPeriods

    def swapped(self, rng: np.random.Generator) -> tuple[Placed, Placed]:
        """Place every customer in both periods after its invoices changed places at random."""
        is_later = self.periods.swapped(rng)
        return self.place(~is_later), self.place(is_later)

    def place(self, is_kept: np.ndarray) -> Placed:
        """Place every customer by some of its invoices."""
        return place_part(self.placement, self.periods.invoices.subset(is_kept), self.measures)


@dataclass
class _Chance:
    """What the resamples brought: how often each customer moved and seemed to change as much, and the moves of each."""

    moved: np.ndarray
    as_far: np.ndarray
    n: np.ndarray
    pairs: list[pd.Series]


def _by_chance(
    placer: _Placer, rng: np.random.Generator, n_resamples: int, was: Placed, now: Placed
) -> _Chance:
    noise = _Noise.of(placer, rng)
    seen = noise.size(was, now)
    comparable = (was.labels >= 0) & (now.labels >= 0)
    chance = _Chance(np.zeros(len(seen)), np.zeros(len(seen)), np.zeros(len(seen)), [])
    for _ in range(n_resamples):
        one, other = placer.swapped(rng)
        known = (one.labels >= 0) & (other.labels >= 0)
        chance.moved += known & (one.labels != other.labels)
        with np.errstate(invalid="ignore"):  # NaN where a resample does not place the customer
            chance.as_far += known & (noise.size(one, other) >= seen - 1e-9)
        chance.n += known
        chance.pairs.append(_pairs(one.labels, other.labels, known & comparable))
    return chance


@dataclass(frozen=True)
class _Noise:
    """How far apart the periods of customers who have not changed lie, from resamples of their invoices."""

    precision: np.ndarray

    @classmethod
    def of(cls, placer: _Placer, rng: np.random.Generator) -> _Noise:
        steps = np.concatenate([cls._step(*placer.swapped(rng)) for _ in range(_N_NOISE)])
        steps = steps[~np.isnan(steps).any(axis=1)]
        return cls(np.linalg.pinv(steps.T @ steps / max(len(steps), 1)))

    def size(self, was: Placed, now: Placed) -> np.ndarray:
        """Return how large each customer's step is: squared Mahalanobis length, NaN where it is not known."""
        step = self._step(was, now)
        return ((step @ self.precision) * step).sum(axis=1)

    @staticmethod
    def _step(was: Placed, now: Placed) -> np.ndarray:
        return now.rows - was.rows


def _pairs(was: np.ndarray, now: np.ndarray, known: np.ndarray) -> pd.Series:
    return pd.DataFrame({"was": was[known], "now": now[known]}).value_counts()


def _measures(segmentation: Segmentation) -> tuple[Measure, ...]:
    buckets = segmentation.provenance.get("buckets", DEFAULT_BUCKETS)
    return choose_measures(segmentation._assigner.preparation.names, buckets)


def _risk_change(was: Placed, now: Placed, measures: tuple[Measure, ...]) -> np.ndarray:
    """Return the change of the risk score, ranked among all customers of both periods."""
    frame = pd.concat([was.frame, now.frame], ignore_index=True).replace([np.inf, -np.inf], np.nan)
    table = FeatureTable(frame, measures, pd.Timestamp(0), "", "")
    scores = risk_scores(table, frame).to_numpy()
    return scores[len(was.frame) :] - scores[: len(was.frame)]


def _customers(
    was: Placed,
    now: Placed,
    chance: _Chance,
    risk: np.ndarray,
    level: float,
    later: SettledInvoices,
    invoices: SettledInvoices,
) -> pd.DataFrame:
    moved = was.labels != now.labels
    p_value = (1 + chance.as_far) / (1 + chance.n)
    at = pd.Index(later.customer_ids).get_indexer(pd.Index(invoices.customer_ids))
    return pd.DataFrame(
        {
            "was": was.labels, "now": now.labels, "moved": moved,
            "chance": np.divide(chance.moved, chance.n, out=np.zeros(len(moved)), where=chance.n > 0),
            "p_value": p_value, "alert": moved & (p_value <= level), "risk_change": risk,
            "invoiced": _invoiced(later, invoices)[at], "outstanding": later.money(later.balance)[at],
        },
        index=was.frame.index,
    )  # fmt: skip


def _invoiced(later: SettledInvoices, invoices: SettledInvoices) -> np.ndarray:
    first = int(invoices.issued.min(initial=later.as_of))
    return later.money(later.by_customer.sum(np.where(later.issued >= first, later.sales, 0)))


def _summed_up(
    segmentation: Segmentation,
    customers: pd.DataFrame,
    chance: _Chance,
    known: np.ndarray,
    first: pd.Timestamp,
    last: pd.Timestamp,
    days: int,
) -> Migration:
    moves = np.array([_moves(pairs) for pairs in chance.pairs])
    low, high = np.quantile(moves, [0.025, 0.975])
    table = _table(segmentation, customers, chance)
    n_moved, n_alerts, n_left = (
        int(customers["moved"].sum()),
        int(customers["alert"].sum()),
        int((~known).sum()),
    )
    left = f" {n_left:,} more had too few invoices in one of the periods." if n_left else ""
    beyond = "more than" if n_moved > high else "no more than"
    sentence = (
        f"{n_moved:,} of {len(customers):,} customers moved, {beyond} chance alone would bring "
        f"({low:.0f} to {high:.0f}); {n_alerts:,} changed beyond their own noise.{left}"
    )
    return Migration(
        before=first, after=last, days=days, table=table, customers=customers, n_moved=n_moved,
        expected_moves=float(moves.mean()), expected_low=float(low), expected_high=float(high), sentence=sentence,
    )  # fmt: skip


def _moves(pairs: pd.Series) -> int:
    return int(pairs[pairs.index.get_level_values("was") != pairs.index.get_level_values("now")].sum())


def _table(segmentation: Segmentation, customers: pd.DataFrame, chance: _Chance) -> pd.DataFrame:
    by_pair = customers.groupby(["was", "now"])
    sums: dict[str, Any] = {
        "customers": by_pair.size(),
        "expected": pd.concat(chance.pairs).groupby(level=["was", "now"]).sum() / len(chance.pairs),
        "alerts": by_pair["alert"].sum(),
        "invoiced": by_pair["invoiced"].sum(),
        "outstanding": by_pair["outstanding"].sum(),
    }
    table = pd.DataFrame(sums).fillna(0).reset_index()
    called = {card.segment: f"{card.letter} {card.name}" for card in segmentation.cards}
    for column in ("now", "was"):
        table.insert(2, f"{column}_called", table[column].map(called))
    return table.astype({"customers": "int64", "alerts": "int64"})
