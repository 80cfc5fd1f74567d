"""What a measure of payment behaviour is, and the register of all of them (one a file in ``measures/``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets._registry import Registry

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices

#: Units a measure may declare; the contract tests know how each behaves when money or the calendar is rescaled.
UNITS = ("days", "ratio", "count", "money", "per_year", "days_per_year", "index")


@dataclass(frozen=True)
class Measure:
    """A measure of payment behaviour: one number per customer.

    Attributes
    ----------
    name : str
        Column name, unique.
    label : str
        What an analyst calls it.
    unit : str
        One of ``UNITS``; ``ratio`` lies in [0, 1].
    worse : {"higher", "lower", ""}
        Which direction means more risk; empty where neither does.
    is_fact : bool
        A fact about the ledger at ``as_of`` (a total, a balance, how invoices were issued, a share of money) rather
        than an estimate of how the customer pays: it has no interval and is not shrunk.
    compute : callable
        ``compute(invoices) -> numpy.ndarray, shape (n_customers,)``, NaN where not estimable.
    meaning : str
        First sentence of the docstring.
    """

    name: str
    label: str
    unit: str
    worse: str
    is_fact: bool
    compute: Callable[[SettledInvoices], np.ndarray]
    meaning: str
    family: str = ""
    """Shares of one family sum to 1 (the ageing buckets): a composition, to be treated as one."""
    count: Callable[[SettledInvoices], np.ndarray] | None = None
    """Number of observations behind each value; ``None`` for the number of invoices."""
    is_share: bool = False
    """A count out of ``count``: shrunk by the binomial model, not the normal one."""
    reason: str = "there is no invoice to compute it from"
    """Why a value is missing, where it is."""
    can_be_negative: bool = False
    """Otherwise neither the value nor its interval goes below 0."""
    can_be_split: bool = True
    """Whether it would change had the customer other invoices; otherwise halves of them tell no reliability."""
    other_reason: str = ""
    """Why a value is missing where ``has_other_reason(invoices)``, a boolean for each customer, holds."""
    has_other_reason: Callable[[SettledInvoices], np.ndarray] | None = None

    def n_behind(self, invoices: SettledInvoices) -> np.ndarray:
        """Return the number of observations behind each value, int64, shape (n_customers,)."""
        return invoices.n_invoices if self.count is None else self.count(invoices)

    def why_missing(self, invoices: SettledInvoices | None) -> str | np.ndarray:
        """Return why a value is missing, where it is: one text, or one for each customer.

        Without the invoices it cannot be told which of two reasons holds: the text names both.
        """
        if self.has_other_reason is None:
            return self.reason
        if invoices is None:
            return f"{self.reason}, or {self.other_reason}"
        return np.where(self.has_other_reason(invoices), self.other_reason, self.reason)


MEASURES: Registry[Measure] = Registry("feature", "payseg_widgets.features.measures")


def feature(
    name: str,
    *,
    label: str,
    unit: str,
    worse: str = "",
    is_fact: bool = False,
    family: str = "",
    count: Callable[[SettledInvoices], np.ndarray] | None = None,
    is_share: bool = False,
    reason: str = "there is no invoice to compute it from",
    can_be_negative: bool = False,
    can_be_split: bool = True,
    other_reason: str = "",
    has_other_reason: Callable[[SettledInvoices], np.ndarray] | None = None,
) -> Callable[[Callable[[SettledInvoices], np.ndarray]], Callable[[SettledInvoices], np.ndarray]]:
    """Register a measure; the parameters are the attributes of `Measure`.

    The first sentence of the function's docstring becomes the measure's ``meaning``.

    Raises
    ------
    ValueError
        If unit or direction is none of the known ones, the docstring is missing, or the name is taken.
    """

    def register(compute: Callable[[SettledInvoices], np.ndarray]) -> Callable[[SettledInvoices], np.ndarray]:
        measure = define(
            compute, name, label=label, unit=unit, worse=worse, is_fact=is_fact, family=family,
            count=count, is_share=is_share, reason=reason, can_be_negative=can_be_negative, can_be_split=can_be_split,
            other_reason=other_reason, has_other_reason=has_other_reason,
        )  # fmt: skip
        MEASURES.add(name, measure)
        return compute

    return register


def define(
    compute: Callable[[SettledInvoices], np.ndarray],
    name: str,
    *,
    label: str,
    unit: str,
    worse: str = "",
    is_fact: bool = False,
    family: str = "",
    count: Callable[[SettledInvoices], np.ndarray] | None = None,
    is_share: bool = False,
    reason: str = "there is no invoice to compute it from",
    can_be_negative: bool = False,
    can_be_split: bool = True,
    other_reason: str = "",
    has_other_reason: Callable[[SettledInvoices], np.ndarray] | None = None,
    meaning: str = "",
) -> Measure:
    """Make a measure without registering it: see `feature`."""
    if unit not in UNITS:
        raise ValueError(f"the unit of {name!r} is {unit!r}; choose one of {', '.join(UNITS)}")
    if worse not in ("higher", "lower", ""):
        raise ValueError(f"worse={worse!r} of {name!r} is none of 'higher', 'lower' and ''")
    meaning = meaning or " ".join((compute.__doc__ or "").split("\n\n")[0].split())
    if not meaning:
        raise ValueError(f"{name!r} has no docstring to say what it means")
    return Measure(
        name, label, unit, worse, is_fact, compute, meaning, family, count, is_share, reason, can_be_negative,
        can_be_split, other_reason, has_other_reason,
    )  # fmt: skip
