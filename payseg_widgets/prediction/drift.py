"""Whether forecasts still hold: the share of late invoices beside the share that was forecast, look after look.

Each forecast is a look. It answers for the invoices that first could be late after it and by the next one, 30 days at
most, so that each invoice counts once. At a look the last 1, 2, 4, ... looks are taken together, so that both a sudden and
a slow drift are seen; the forecasts drift where the forecast share lies outside the interval of the observed one.
Somebody who looks often enough finds something: the level is spent over the looks, ``level / (k * (k + 1))`` at the k-th,
shared evenly by the groups of looks taken together. All of these add up to ``level`` however long one goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from payseg_widgets.ledger.findings import counted
from payseg_widgets.prediction.customer_intervals import (
    FEWEST_CUSTOMERS,
    Estimate,
    share_interval,
    too_few_customers,
)

#: A forecast answers for so many days at most.
LOOK_DAYS = 30
#: Shocks that all customers share last so many days: see `payseg_widgets.prediction.dependence`.
_SHOCK_DAYS = 30
_SHOCKS, _WEIGHTS = np.polynomial.hermite_e.hermegauss(31)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True, eq=False, repr=False)
class Drift:
    """Successive forecasts beside what came.

    Attributes
    ----------
    table : pandas.DataFrame
        Index ``as_of`` of the forecasts, in order: ``n_invoices, n_customers, predicted`` (mean chance of being late that was
        told), ``observed`` (share late), ``conf_low, conf_high`` (of ``observed``, all looks together; missing where
        there are fewer than 10 customers), ``n_together`` (so many last forecasts together show a drift; 0 where none do),
        ``is_judged`` (whether there are 10 customers, taken alone or together with forecasts before), ``is_drifting``.
    level : float
        Chance of a false alarm, ever, while nothing changes.
    """

    table: pd.DataFrame
    level: float

    @property
    def is_drifting(self) -> bool:
        """Whether the last forecast that can be judged drifts."""
        judged = self.table.loc[self.table["is_judged"], "is_drifting"]
        return bool(len(judged)) and bool(judged.iloc[-1])

    @property
    def first_seen(self) -> pd.Timestamp | None:
        """Day of the first forecast that drifted, ``None`` where none did."""
        seen = self.table.index[self.table["is_drifting"].to_numpy(dtype=bool)]
        return pd.Timestamp(seen[0]) if len(seen) else None

    @property
    def sentence(self) -> str:
        """Whether forecasts still hold, in words."""
        if not len(self.table):
            return "No forecast is old enough to tell whether the forecasts drift."
        judged = self.table[self.table["is_judged"]]
        if judged.empty:
            few = too_few_customers(int(self.table["n_customers"].max()))
            return f"{few.capitalize()} whether the forecasts drift."
        n_few = len(self.table) - len(judged)
        left_out = f" {counted(n_few, 'forecast')} had too few customers to tell." if n_few else ""
        return self._judgement(judged, " that could be judged" if n_few else "") + left_out

    def _judgement(self, judged: pd.DataFrame, which: str) -> str:
        row: Any = judged.iloc[-1]
        of = f"{row['observed']:.0%} of the invoices due were late, {row['predicted']:.0%} were forecast"
        if self.is_drifting:
            together = int(row["n_together"])
            begins = f"The last forecast{which} drifts"
            if together > 1:
                ends = f", up to the last{which}" if which else ""
                begins = f"The last {together} forecasts together drift{ends}"
            return f"{begins}, first seen on {self.first_seen:%Y-%m-%d}: after the last {of}. Refit, and ask what has changed."
        seen = self.first_seen
        if seen is not None:
            return f"A drift was first seen on {seen:%Y-%m-%d}; the last forecast{which} shows none: {of}."
        return f"No drift in {counted(len(judged), 'forecast')}{which}: after the last, {of}, no more apart than chance allows."

    def __repr__(self) -> str:
        return f"Drift({counted(len(self.table), 'forecast')}, is_drifting={self.is_drifting})"


def find_drift(judged: pd.DataFrame, common: pd.Series, *, level: float = 0.05) -> Drift:
    """Compare successive forecasts with what came.

    Parameters
    ----------
    judged : pandas.DataFrame
        A row an invoice, each invoice once: ``as_of`` (of its forecast), ``customer_id, p_late, is_late, overdue_on`` (first
        day on which it can be late).
    common : pandas.Series
        Index ``as_of``: how far customers pay together, `Dependence.common` of that forecast. Shocks widen
        the intervals by what they bring: a bad month is no drift.
    level : float

    Returns
    -------
    Drift

    References
    ----------
    Lan and DeMets (1983), Biometrika 70, 659-663, for spending a level over looks; Korn and Graubard (1998), Survey
    Methodology 24, 193-201, for the interval; Vasicek (2002), Risk 15, 160-162, for shocks shared by all.
    """
    days = pd.DatetimeIndex(sorted(judged["as_of"].unique()), name="as_of")
    told = judged.sort_values("as_of", kind="stable")
    look = days.get_indexer(pd.Index(told["as_of"]))
    looks = _Looks(
        starts=np.searchsorted(look, np.arange(len(days) + 1)),
        customer=pd.factorize(told["customer_id"])[0],
        p=told["p_late"].to_numpy(dtype=float),
        is_late=told["is_late"].to_numpy(dtype=bool),
        by_shock=_by_shock(told, look, common.reindex(days).to_numpy(dtype=float)),
    )
    rows = [_row(looks, k, level) for k in range(1, len(days) + 1)]
    table = pd.DataFrame(rows, columns=_COLUMNS, index=days)
    return Drift(table.astype({"n_together": int, "is_judged": bool, "is_drifting": bool}), level)


class _Looks(NamedTuple):
    """Invoices in the order of their forecasts; look ``k`` is ``starts[k]:starts[k + 1]``."""

    starts: np.ndarray
    customer: np.ndarray
    p: np.ndarray
    is_late: np.ndarray
    by_shock: np.ndarray

    def together(self, first: int, last: int, level: float) -> tuple[Estimate, float]:
        """Return what was observed in looks ``first:last`` with its interval, and what was predicted."""
        rows = slice(self.starts[first], self.starts[last])
        number = self.by_shock[first:last].sum(axis=0)  # of each month, for each shock
        shared = float(((number - (number @ _WEIGHTS)[:, None]) ** 2 @ _WEIGHTS).sum())
        seen = share_interval(
            self.is_late[rows],
            self.customer[rows],
            expected=self.p[rows],
            shared_variance=shared,
            level=level,
        )
        if seen.n_customers < FEWEST_CUSTOMERS:
            seen = seen._replace(conf_low=np.nan, conf_high=np.nan)
        return seen, float(self.p[rows].mean())


_COLUMNS = [
    "n_invoices", "n_customers", "predicted", "observed", "conf_low", "conf_high", "n_together", "is_judged",
    "is_drifting",
]  # fmt: skip


def _row(looks: _Looks, k: int, level: float) -> tuple[Any, ...]:
    """Return what the k-th look, counted from 1, tells."""
    sizes = [2**power for power in range(k.bit_length())]
    own = 1 - level / (k * (k + 1) * len(sizes))
    found = [looks.together(k - size, k, own) for size in sizes]
    shown = [
        size
        for size, (seen, predicted) in zip(sizes, found, strict=True)
        if predicted < seen.conf_low or predicted > seen.conf_high
    ]
    seen, predicted = found[0]
    n_together = shown[0] if shown else 0
    is_judged = any(one.n_customers >= FEWEST_CUSTOMERS for one, _ in found)
    return seen.n, seen.n_customers, predicted, *seen[:3], n_together, is_judged, n_together > 0


def _by_shock(told: pd.DataFrame, look: np.ndarray, common: np.ndarray) -> np.ndarray:
    """Return the late invoices expected for each of some shocks: one normal factor, as the bands have.

    Returns
    -------
    numpy.ndarray, shape (n_looks, n_months, n_shocks)
        Two looks of a month share its shock.
    """
    on = told["overdue_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
    months, month = np.unique(on // _SHOCK_DAYS, return_inverse=True)
    rho = np.clip(common[look], 0.0, 0.95)[:, None]
    score = special.ndtri(np.clip(told["p_late"].to_numpy(dtype=float), 1e-9, 1 - 1e-9))[:, None]
    number = special.ndtr((score + np.sqrt(rho) * _SHOCKS) / np.sqrt(1 - rho))
    out = np.zeros((len(common), len(months), len(_SHOCKS)))
    np.add.at(out, (look, month), number)
    return out
