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
        A fact about the ledger (a total, a count) rather than an estimate of behaviour: it has no interval.
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


MEASURES: Registry[Measure] = Registry("feature", "payseg_widgets.features.measures")
