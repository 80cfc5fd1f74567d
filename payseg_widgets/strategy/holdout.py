"""Does reminding do anything? Leave some customers out at random, and the difference tells.

Reminders go to who pays late, so that reminded invoices are late ones whatever reminders do. A comparison means something only
where chance decided who was reminded. Customers are drawn, not invoices: those of a customer are paid by the same habits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from payseg_widgets.errors import EffectError
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.prediction.at_issue import features_at_issue
from payseg_widgets.strategy.given import by_text_id, number_from, share_of_one
from payseg_widgets.strategy.holdout_power import Scatter, Trial, fewest, scatter_of, smallest, usable

REMINDED, HELD_OUT = "reminded", "held out"
#: Customers of an arm without which nothing can be compared.
_FEWEST_IN_ARM = 2


@dataclass(frozen=True, eq=False, repr=False)
class HoldoutDesign:
    """Who is reminded and who is held out, and what such a trial can show.

    Attributes
    ----------
    assignments : pandas.DataFrame
        Index ``customer_id``: ``segment``, ``arm`` ("reminded" or "held out").
    outcome : str
        Column of the outcomes.
    effect : float
        Change of the outcome that is to be found.
    power, alpha : float
        Chance of finding it that was asked for; of claiming one where there is none.
    expected_power : float
        Chance of finding it with these customers.
    n_needed : int
        Customers needed for the power asked for, both arms together.
    smallest_effect : float
        What is found with that power with these customers.
    mean : float
        Of the outcome before, each customer counting once.
    icc : float
        Correlation of a customer's invoices within segments: how much of the variance is between customers.
    design_effect : float
        How many times more invoices it takes than if each were a customer.
    invoices_per_customer : float
        Harmonic mean expected in the trial.
    seed : int
    """

    assignments: pd.DataFrame
    outcome: str
    effect: float
    power: float
    alpha: float
    expected_power: float
    n_needed: int
    smallest_effect: float
    mean: float
    icc: float
    design_effect: float
    invoices_per_customer: float
    seed: int

    @property
    def held_out(self) -> pd.Index:
        """Ids of the customers that are not to be reminded."""
        return self.assignments.index[self.assignments["arm"] == HELD_OUT]

    @property
    def sentence(self) -> str:
        """Whether the trial can show what it is for."""
        n, n_out = len(self.assignments), len(self.held_out)
        start = (
            f"{n_out:,} of {n:,} customers are held out at random. A change of {self.outcome} by {abs(self.effect):.3g} would be "
            f"found with a chance of {self.expected_power:.0%}"
        )
        if n >= self.n_needed:
            return f"{start}; {self.n_needed:,} customers are needed for {self.power:.0%}."
        return (
            f"{start}: too few, as {self.n_needed:,} are needed for {self.power:.0%}. With these customers the change would "
            f"have to be {self.smallest_effect:.3g}."
        )

    def __repr__(self) -> str:
        n, n_out = len(self.assignments), len(self.held_out)
        return f"HoldoutDesign({n:,} customers, {n_out:,} held out, power={self.expected_power:.2f})"


def design_holdout(
    customers: pd.Series | pd.Index, history: pd.DataFrame, *, effect: float, outcome: str = "is_late",
    power: float = 0.8, alpha: float = 0.05, share_held_out: float = 0.5, invoices_factor: float = 1.0, seed: int = 0,
) -> HoldoutDesign:  # fmt: skip
    """Design a trial that leaves some customers unreminded, and draw them.

    As many customers as have no invoice in the history are expected to have none in the trial. A share is taken to change in the
    same proportion for every customer.

    Parameters
    ----------
    customers : pandas.Series or Index
        Whom chance may assign: index ``customer_id``, values the segment within which they are drawn.
    history : pandas.DataFrame
        Invoices of a past period: ``customer_id`` and the outcome, such as `late_outcomes` gives; rows without one are left out.
    effect : float
        Smallest change of the outcome worth finding, such as 0.05 of the share late.
    outcome : str
        Column of a number, or of true and false.
    power, alpha, share_held_out : float
    invoices_factor : float
        Invoices of a customer in the trial over those in ``history``.
    seed : int

    Returns
    -------
    HoldoutDesign

    Raises
    ------
    EffectError
        If something is out of range, the outcome is no finite number, nobody has a history, an arm would have fewer than two
        customers, or the history has too few to tell how they scatter.

    References
    ----------
    Donner and Klar (2000), Design and Analysis of Cluster Randomization Trials in Health Research: the design effect.
    """
    _check(effect, power, alpha, share_held_out, invoices_factor)
    segments = by_text_id(
        customers if isinstance(customers, pd.Series) else pd.Series("all", index=customers)
    )
    if not segments.index.is_unique or len(segments) < 4:
        raise EffectError(f"{len(segments)} customers are given, or one twice: give 4 or more, each once.")
    known = usable(history, outcome)
    if not known["customer_id"].isin(segments.index).any():
        raise EffectError(
            "none of these customers has an invoice in the history. Give ids as its customer_id has them, as the index."
        )
    scatter = scatter_of(known, segments, outcome, invoices_factor)
    _check_effect(effect, scatter)
    n, n_segments = len(segments), segments.nunique(dropna=False)
    trial = Trial(scatter, effect, alpha, share_held_out, n_segments)
    found_from = smallest(
        lambda size: replace(trial, effect=float(np.copysign(size, effect))).power(n), power
    )
    drawn = _assign(segments, share_held_out, seed)
    if drawn["arm"].value_counts().reindex([REMINDED, HELD_OUT]).fillna(0).min() < _FEWEST_IN_ARM:
        raise EffectError(
            f"share_held_out={share_held_out!r} of {n:,} customers leaves an arm with fewer than {_FEWEST_IN_ARM}. Give a share "
            "nearer to 0.5, or more customers."
        )
    return HoldoutDesign(
        drawn, outcome, effect, power, alpha, trial.power(n),
        fewest(trial.power, power, n_segments + 3), found_from, scatter.mean, scatter.icc,
        1 + (scatter.per_customer - 1) * scatter.icc, scatter.per_customer, seed,
    )  # fmt: skip


def late_outcomes(ledger: Ledger, first_day: str | pd.Timestamp | None = None) -> pd.DataFrame:
    """Return of the invoices issued from a day on whether they were late, where that is known whoever pays.

    Parameters
    ----------
    ledger : Ledger
    first_day : date, optional

    Returns
    -------
    pandas.DataFrame
        Index ``invoice_id``: ``customer_id``, ``is_late``.
    """
    at = features_at_issue(ledger)
    table = pd.DataFrame({"customer_id": at.customer_id, "is_late": at.is_late}, index=at.frame.index)
    is_asked = at.is_mature
    if first_day is not None:
        is_asked = is_asked & (at.issued >= (pd.Timestamp(first_day) - pd.Timestamp(0)).days)
    return table[is_asked]


def _check(effect: float, power: float, alpha: float, share: float, factor: float) -> None:
    for name, value in (("power", power), ("alpha", alpha), ("share_held_out", share)):
        if share_of_one(name, value, error=EffectError) == 1:
            raise EffectError(f"{name}={value!r}: give a number between 0 and 1.")
    if number_from("effect", effect, -np.inf, error=EffectError) == 0:
        raise EffectError(f"effect={effect!r}: give an effect other than 0.")
    if number_from("invoices_factor", factor, 0, error=EffectError) == 0:
        raise EffectError(f"invoices_factor={factor!r}: give a factor above 0.")


def _check_effect(effect: float, scatter: Scatter) -> None:
    """Refuse a change that would take a share below none or above all."""
    if scatter.is_share and not -scatter.mean <= effect <= 1 - scatter.mean:
        raise EffectError(
            f"effect={effect!r}: the share was {scatter.mean:.3g} before, so it can change by {-scatter.mean:.3g} to "
            f"{1 - scatter.mean:+.3g} at most."
        )


def _assign(segments: pd.Series, share: float, seed: int) -> pd.DataFrame:
    """Draw arms: customers in random order within segments, and every so many-th held out from a random start."""
    rng = np.random.default_rng(seed)
    group = segments.astype(object).where(segments.notna(), "none").astype(str)
    ordered = group.sort_index()
    ordered = ordered.iloc[np.lexsort((rng.random(len(ordered)), ordered.to_numpy()))]
    steps = np.floor((np.arange(len(ordered) + 1) + rng.random() / share) * share)
    arm = np.where(np.diff(steps) > 0, HELD_OUT, REMINDED)
    table = pd.DataFrame(
        {"segment": ordered.to_numpy(), "arm": arm}, index=ordered.index.astype(str).rename("customer_id")
    )
    return table.sort_index()
