"""Shrunken values and intervals of all measures of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.features.resample import jackknife
from payseg_widgets.features.shrinkage import Shrunken, moderate, shrink_means, shrink_shares

if TYPE_CHECKING:
    from payseg_widgets.features.invoices import SettledInvoices
    from payseg_widgets.features.measure import Measure


def estimate(
    invoices: SettledInvoices, measures: Sequence[Measure], values: Mapping[str, np.ndarray]
) -> dict[str, Shrunken]:
    """Shrink each measure by the model that suits it.

    Parameters
    ----------
    invoices : SettledInvoices
    measures : sequence of Measure
    values : mapping of str to numpy.ndarray, shape (n_customers,)
        The measures as computed.

    Returns
    -------
    dict of str to Shrunken
        Facts are returned as they are, without interval.
    """
    behaviour = [m for m in measures if not m.is_fact and not m.is_share]
    spread = jackknife(invoices, behaviour) if behaviour else {}
    done = {}
    for measure in measures:
        value, n = values[measure.name], measure.n_behind(invoices)
        if measure.is_fact:
            nothing = np.full(len(value), np.nan)
            done[measure.name] = Shrunken(value, nothing, nothing)
        elif measure.is_share:
            done[measure.name] = shrink_shares(value, n)
        else:
            own = spread[measure.name]
            done[measure.name] = _within_range(
                measure, shrink_means(value, moderate(own.variance, own.df, n))
            )
    return done


def _within_range(measure: Measure, shrunken: Shrunken) -> Shrunken:
    low = -np.inf if measure.can_be_negative else 0.0
    high = 1.0 if measure.unit == "ratio" else np.inf
    return Shrunken(*(np.clip(part, low, high) for part in (shrunken.value, shrunken.low, shrunken.high)))
